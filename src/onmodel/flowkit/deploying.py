"""`onmodel deploy`: what `deploy/` asks for, held against what a Prefect server has, and put there.

Everything is known by its name, so deploying again changes only what differs.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
from prefect.client.orchestration import PrefectClient, get_client
from prefect.settings import PREFECT_API_URL, temporary_settings

from onmodel.errors import SetupError
from onmodel.flowkit.deploy_file import read_deploy_file
from onmodel.flowkit.deployed import automation_pieces, deployment_piece, limit_piece, pool_piece
from onmodel.flowkit.loading import load_flow
from onmodel.flowkit.pieces import Piece
from onmodel.settings import Settings
from onmodel.story import read_story

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

    async def bring() -> list[Difference]:
        async with get_client() as client:
            return [one for piece in pieces for one in await _bring(client, piece, only_look=only_look)]

    with temporary_settings({PREFECT_API_URL: url}):
        differences = _in_words(url, bring)
    return Deployed(url, tuple(piece.name for piece in pieces), tuple(differences), left_out)


def _limits(root: Path, settings: Settings) -> list[Piece]:
    if settings.prefect_limit is None:
        return []
    return [limit_piece(settings.prefect_limit, read_story(root, episodes=()).production.in_flight)]


def _in_words(url: str, work: Callable[[], Awaitable[list[Difference]]]) -> list[Difference]:
    async def run() -> list[Difference]:
        return await work()

    try:
        return asyncio.run(run())
    except httpx.HTTPStatusError as error:
        said = " ".join(error.response.text.split())[:400]
        raise SetupError(
            f"the Prefect server at {url} refuses {error.request.method} {error.request.url.path}: "
            f"{error.response.status_code} {said}",
            hint="Nothing else was changed. Mend deploy/, then: onmodel deploy",
        ) from error
    except httpx.HTTPError as error:
        raise SetupError(
            f"the Prefect server at {url} stopped answering: {type(error).__name__}: {error}",
            hint="onmodel server status",
        ) from error


async def _bring(client: PrefectClient, piece: Piece, *, only_look: bool) -> list[Difference]:
    """Put one piece there, if it differs; what was otherwise before."""
    there = await piece.read(client)
    if there is None:
        found = [Difference(piece.name, ABSENT, "", "")]
    else:
        found = [
            Difference(piece.name, key, _text(there.get(key)), _text(wanted))
            for key, wanted in piece.wanted.items()
            if there.get(key) != wanted
        ]
    if found and not only_look:
        await piece.write(client)
    return found


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
