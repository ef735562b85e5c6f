"""The commands about staying on-model: how a character is measured, and which take a person prefers."""

from __future__ import annotations

import typer

identity_app = typer.Typer(rich_markup_mode=None)
