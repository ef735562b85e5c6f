"""For agents: the craft, and what a production needs, as tools of an MCP server. It cannot buy.

Nothing here imports what could: a rehearsal runs as a process of its own that has no key. import-linter
holds it.
"""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["serve"]


def serve(root: Path) -> None:
    """Serve one production over stdin and stdout until the client leaves.

    Args:
        root: the production's folder; without one, the tools about prompts still answer.
    """
    os.environ.pop("FAL_KEY", None)  # whatever a production's own code does when it is read: it has no key
    from onmodel.mcp.server import make_server  # noqa: PLC0415 (the mcp package takes a second to import)

    make_server(root).run()
