"""The step by which a worker goes to the production that a deployment films, before it loads the flow."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from uuid import UUID

from prefect.client.orchestration import get_client
from prefect.runtime import flow_run
from prefect.states import Failed

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
        error = SetupError(
            f"the deployment films {where}, and that is no production: {what}",
            hint="Put the production there, or deploy it from where it is now: onmodel deploy",
        )
        _fail_run(error)
        raise error
    os.chdir(root)
    return {"directory": str(Path.cwd())}


def _fail_run(error: SetupError) -> None:
    """Say it in the run's state: Prefect would say there only that a process ended with code 1."""
    if flow_run.id is None:
        return
    with get_client(sync_client=True) as client:
        client.set_flow_run_state(UUID(flow_run.id), Failed(message=str(error)), force=True)
