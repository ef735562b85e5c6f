"""The production's own flows, loaded from its `flows/` folder: what stands there is what runs."""

from __future__ import annotations

import importlib.util
import sys
import traceback
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from prefect import Flow
from prefect.context import FlowRunContext

from onmodel.errors import SetupError
from onmodel.stages.together import EpisodeResult

SLIPS: Final = (ImportError, SyntaxError, NameError, AttributeError, TypeError, ValueError)
"""What a flow file raises when somebody made a slip in it."""


def load_flow(root: Path, name: str) -> Flow[..., Any]:
    """The flow `name` of `flows/name.py`.

    Raises:
        SetupError: the file or the flow in it is missing, or the file does not load.
    """
    path = root / "flows" / f"{name}.py"
    if not path.is_file():
        raise SetupError(
            f"there is no flows/{name}.py in {root}",
            hint="Is this a production's folder? onmodel init DIR makes one, with its flows.",
        )
    found = getattr(_load(path, f"onmodel_flows_{name}"), name, None)
    if not isinstance(found, Flow):
        raise SetupError(
            f"flows/{name}.py has no flow called '{name}'",
            hint=f"Decorate an async function called {name} with @flow.",
        )
    return found


def _load(path: Path, module_name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(module_name, path)
    if spec is None or spec.loader is None:
        raise SetupError(f"flows/{path.name} cannot be loaded")
    module = importlib.util.module_from_spec(spec)
    # Known by name before it runs: pydantic and Prefect look annotations up there.
    sys.modules[module_name] = module
    try:
        spec.loader.exec_module(module)
    except SLIPS as error:
        del sys.modules[module_name]
        raise SetupError(
            f"flows/{path.name}{_line(error, path)} does not load: {error}", hint="Mend that line."
        ) from error
    return module


def _line(error: Exception, path: Path) -> str:
    """Where in a flow file an error came up: `:12`."""
    if isinstance(error, SyntaxError):
        return f":{error.lineno}" if error.filename == str(path) else ""
    inside = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
    return f":{inside[-1].lineno}" if inside else ""


def episode_flow(production: str) -> Callable[..., Awaitable[EpisodeResult]]:
    """The production's flow for one episode, for flows that run it as a part.

    Raises:
        SetupError: as `load_flow` does.
    """
    produce = load_flow(Path(production).resolve(), "episode")
    # Outside a flow run the function itself: the flow would start a server of Prefect's own.
    return produce if FlowRunContext.get() else produce.fn
