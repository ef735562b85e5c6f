"""One thing that a Prefect server is to have: known by its name, read, compared, written."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from prefect.client.orchestration import PrefectClient

OFF: Final = "off"
"""Among what is read of a piece: that somebody switched it off, and how it is switched on again. That is no
difference, for it is its owner's word."""


@dataclass(frozen=True)
class Piece:
    """A pool, a limit, a deployment or an automation."""

    name: str
    """What it is called to people: `work pool onmodel`."""
    wanted: Mapping[str, Any]
    """Its settings, as JSON values."""
    read: Callable[[PrefectClient], Awaitable[Mapping[str, Any] | None]]
    """The same settings as the server has them; None where there is no such thing."""
    write: Callable[[PrefectClient], Awaitable[None]]
    """Make it, or bring it in line."""
