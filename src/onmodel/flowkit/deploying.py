"""`onmodel deploy`: what `deploy/` asks for, held against what a Prefect server has, and put there.

Everything is known by its name, so deploying again changes only what differs.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, Final, TypeVar

import httpx
from prefect.client.orchestration import PrefectClient, get_client
from prefect.settings import PREFECT_API_URL, temporary_settings

from onmodel.errors import SetupError
from onmodel.flowkit.automations import automation_pieces
from onmodel.flowkit.deploy_file import read_deploy_file
from onmodel.flowkit.deployed import deployment_piece, limit_piece, pool_piece
from onmodel.flowkit.going_on import roots_of
from onmodel.flowkit.loading import load_flow
from onmodel.flowkit.pieces import OFF, Piece
from onmodel.settings import Settings
from onmodel.story import read_story
from onmodel.story.validation import did_you_mean

T = TypeVar("T")

ABSENT: Final = "is not there"


@dataclass(frozen=True)
class Difference:
    """Something that the server has otherwise than `deploy/` asks for."""

    piece: str
    """`deployment episode/episode`."""
    what: str
    """Which of its settings; `is not there` for all of it."""
    there: str
    wanted: str


@dataclass(frozen=True)
class Deployed:
    """What a deployment found, and did."""

    api: str
    pieces: tuple[str, ...]
    """Everything that `deploy/` asks for, in order."""
    differences: tuple[Difference, ...]
    """What was otherwise before."""
    left_out: Mapping[str, str]
    """What was not put there, and why."""
    off: Mapping[str, str]
    """What somebody switched off on the server, and how it is switched on again."""
    left_over: tuple[str, ...]
    """Deployments of this production that `deploy/` does not ask for; their schedules go on."""


def deploy(root: Path, url: str, settings: Settings, *, only_look: bool) -> Deployed:
    """Bring a server in line with a production's `deploy/`, or only say where it is not.

    Args:
        root: the production's folder.
        url: the server's API.
        settings: the environment; names Prefect's own limit, where one is wanted.
        only_look: change nothing.

    Raises:
        SetupError: the files cannot be read, a flow does not load, or the server refuses something.
        StoryError: the production cannot be read.
    """
    file = read_deploy_file(root)
    automations, left_out = automation_pieces(root)
    pieces = [
        *map(pool_piece, file.pools.values()),
        *_limits(root, settings),
        *(deployment_piece(root, file, one, load_flow(root, one.flow)) for one in file.deployments),
        *automations,
    ]

    names = tuple(piece.name for piece in pieces)
    folder = root.resolve()

    async def bring() -> Deployed:
        async with get_client() as client:
            there = [await piece.read(client) for piece in pieces]  # all of it, before anything is written
            found = [_differences(piece, one) for piece, one in zip(pieces, there, strict=True)]
            for piece, differs in zip(pieces, found, strict=True):
                if differs and not only_look:
                    await piece.write(client)
            left_over = await _left_over(client, folder, names)
        off = {name: one[OFF] for name, one in zip(names, there, strict=True) if one and one.get(OFF)}
        return Deployed(url, names, tuple(chain.from_iterable(found)), left_out, off, left_over)

    with temporary_settings({PREFECT_API_URL: url}):
        return _in_words(url, bring)


def pool_type(url: str, name: str) -> str:
    """What the workers of a pool do: `process` or `docker`.

    Args:
        url: the server's API.
        name: the pool's.

    Raises:
        SetupError: the server has no such pool, or stopped answering.
    """

    async def ask() -> str:
        async with get_client() as client:
            there = {pool.name: pool.type for pool in await client.read_work_pools()}
        if name not in there:
            raise SetupError(
                f"the server has no work pool '{name}'; its pools are: {', '.join(there) or 'none yet'}",
                hint=did_you_mean(name, there) or "Pools are made with the rest: onmodel deploy",
            )
        return there[name]

    with temporary_settings({PREFECT_API_URL: url}):
        return _in_words(url, ask)


def _limits(root: Path, settings: Settings) -> list[Piece]:
    if settings.prefect_limit is None:
        return []
    return [limit_piece(settings.prefect_limit, read_story(root, episodes=()).production.in_flight)]


def _in_words(url: str, work: Callable[[], Awaitable[T]]) -> T:
    async def run() -> T:
        return await work()

    try:
        return asyncio.run(run())
    except httpx.HTTPStatusError as error:
        said = " ".join(error.response.text.split())[:400]
        raise SetupError(
            f"the Prefect server at {url} refuses {error.request.method} {error.request.url.path}: "
            f"{error.response.status_code} {said}",
            hint="What stands before it in deploy/ is changed already. Mend it, then: onmodel deploy",
        ) from error
    except httpx.HTTPError as error:
        raise SetupError(
            f"the Prefect server at {url} stopped answering: {type(error).__name__}: {error}",
            hint="onmodel server status",
        ) from error


def _differences(piece: Piece, there: Mapping[str, Any] | None) -> list[Difference]:
    """Which settings of a piece are otherwise, or that it is not there."""
    if there is None:
        return [Difference(piece.name, ABSENT, "", "")]
    return [
        Difference(piece.name, key, *map(_text, _apart(there.get(key), wanted)))
        for key, wanted in piece.wanted.items()
        if there.get(key) != wanted
    ]


def _apart(there: Any, wanted: Any) -> tuple[Any, Any]:
    """Of two settings with keys what differs; other settings whole."""
    if not (isinstance(there, dict) and isinstance(wanted, dict)):
        return there, wanted
    both = {key for key, value in wanted.items() if key in there and there[key] == value}
    without = [{key: value for key, value in one.items() if key not in both} for one in (there, wanted)]
    return without[0], without[1]


async def _left_over(client: PrefectClient, root: Path, names: Collection[str]) -> tuple[str, ...]:
    """Deployments of a production that are none of its pieces: they had another name in `deploy/` once."""
    flows = {flow.id: flow.name for flow in await client.read_flows()}
    ours = [one for one in await client.read_deployments() if root in roots_of(one)]
    there = (f"{flows.get(one.flow_id, '')}/{one.name}" for one in ours)
    return tuple(sorted(one for one in there if f"deployment {one}" not in names))


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
