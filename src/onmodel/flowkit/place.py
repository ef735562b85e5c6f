"""The step by which a worker goes to the production that a deployment films, before it loads the flow."""

from __future__ import annotations

import os
import socket
from pathlib import Path

from onmodel.errors import SetupError


def go_to_production(directory: str) -> dict[str, str]:
    """Work in a production's folder; named in a deployment's pull steps, and called by Prefect.

    Args:
        directory: the folder, on the worker's machine; `{{ $NAME }}` was filled in from its environment.

    Raises:
        SetupError: there is no production.
    """
    root = Path(directory).expanduser()
    if not directory or not (root / "production.yaml").is_file():
        where = f"'{directory}' on {socket.gethostname()}"
        what = "the folder is gone" if not root.is_dir() else "it has no production.yaml"
        raise SetupError(
            f"the deployment films {where}, and that is no production: {what}",
            hint="Put the production there, or deploy it from where it is now: onmodel deploy",
        )
    os.chdir(root)
    return {"directory": str(Path.cwd())}
