"""The command line: `onmodel`. Every command loads what it needs when it runs: `check` answers at once."""

from __future__ import annotations

from onmodel.cli.edge import main

__all__ = ["main"]
