"""A season's episodes: those that are due, here one after the other, or as runs of a deployment side by side.

An episode that cannot be produced does not stop the others.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

import httpx
from prefect.client.orchestration import get_client
from prefect.context import FlowRunContext
from prefect.exceptions import PrefectException
from pydantic import BaseModel, ConfigDict

from onmodel.errors import OnModelError
from onmodel.flowkit.elsewhere import AWAITING, RunElsewhere, film_elsewhere, lost
from onmodel.flowkit.going_on import deployment_of
from onmodel.flowkit.living import living
from onmodel.flowkit.patience import once_there
from onmodel.flowkit.watching import STOP
from onmodel.planning import awaiting_in_words
from onmodel.settings import Folders
from onmodel.stages.ending import Ending
from onmodel.stages.season import SeasonStanding, read_season
from onmodel.stages.together import EpisodeResult
from onmodel.studio.stop import Stop
from onmodel.vault.session import Session

WORKERS: Final = "with the workers, who go on with it"
"""How an episode stands that a run does not wait for any more."""


class SeasonResult(BaseModel):
    """What a run over a season came to."""

    model_config = ConfigDict(frozen=True)

    season: str
    episodes: list[EpisodeResult] = []
    """The episodes that this run produced itself, in order, finished or not."""
    elsewhere: list[RunElsewhere] = []
    """The episodes that workers produced, in order."""
    left: dict[str, str] = {}
    """How the other episodes stand, which this run had nothing to do for: finished, not due, ..."""
    held: dict[str, str] = {}
    """Those of them that wait for a person's approval: of how much, by episode."""
    failed: dict[str, str] = {}
    """Why an episode could not be produced, by episode."""
    not_begun: list[str] = []
    """Episodes that the run did not come to, because it was asked to end."""
    stopped: Ending = Ending()
    """That it was asked to end while workers were at it."""

    @property
    def needs_person(self) -> dict[str, str]:
        """What a person has to look at, by episode, or by episode and shot."""
        flagged = {
            f"{one.episode} · {name}": why for one in self.episodes for name, why in one.needs_person.items()
        }
        unwell = {one.episode: f"{one.state}: {one.message}" for one in self.elsewhere if not one.is_well}
        return self.failed | unwell | flagged

    @property
    def ending(self) -> Ending:
        """How it was asked to end in the middle; empty where it was not."""
        return next((one.ending for one in self.episodes if one.ending.interrupted), self.stopped)

    @property
    def waiting(self) -> dict[str, str]:
        """What waits for a person's approval, in words, by episode; whoever produced it."""
        here = {one.episode: awaiting_in_words(one.awaiting) for one in self.episodes}
        elsewhere = {one.episode: one.message for one in self.elsewhere if one.state == AWAITING}
        return {episode: words for episode, words in (self.held | here).items() if words} | elsewhere


async def produce_due(
    season: str,
    here: Callable[..., Awaitable[EpisodeResult]],
    parameters: Mapping[str, Any],
) -> SeasonResult:
    """Produce a season's episodes that are due and not finished.

    Where the episode flow of this production is deployed on the server that watches, each is a run of that
    deployment, all at once: as many are produced side by side as there are workers. A worker that holds this
    run must be free for another beside it. Otherwise they are produced here, one after the other.

    Args:
        season: its id.
        here: produces one episode in this process.
        parameters: of the episode flow, `production` and `rehearse` among them, without `episode`.

    Raises:
        OnModelError: the season cannot be read.
    """
    root = await asyncio.to_thread(Path(parameters["production"]).resolve)
    async with living(root):
        return await _produce_due(root, season, here, parameters)


async def _produce_due(
    root: Path, season: str, here: Callable[..., Awaitable[EpisodeResult]], parameters: Mapping[str, Any]
) -> SeasonResult:
    standing = await once_there(
        lambda: asyncio.to_thread(read_season, root, season, rehearse=bool(parameters["rehearse"]))
    )
    wanted = [one.episode for one in standing.episodes if one.is_wanted]
    left, faulty = _not_wanted(standing)
    held = _held(standing)
    deployment = await _deployment(root)
    if deployment is None:
        works = {name: _bound(here, {**parameters, "episode": name}) for name in wanted}
        result = await one_by_one(season, works)
        return result.model_copy(update={"left": left, "held": held, "failed": faulty | result.failed})
    with Session(Folders(root, rehearsal=False).run) as session:
        return await _by_workers(
            SeasonResult(season=season, left=left, held=held, failed=faulty),
            {
                name: partial(film_elsewhere, deployment, {**parameters, "episode": name}, session)
                for name in wanted
            },
        )


async def _by_workers(
    result: SeasonResult, works: Mapping[str, Callable[[Stop], Awaitable[RunElsewhere | None]]]
) -> SeasonResult:
    """Wait for what workers film; whoever is asked to end leaves them to it."""
    stop = STOP.get() or Stop()
    with stop.obeyed():
        found = await asyncio.gather(*(_told(name, work(stop)) for name, work in works.items()))
    alone = dict.fromkeys((name for name, one in zip(works, found, strict=True) if one is None), WORKERS)
    ending = Ending(
        reason=str(stop.reason), interrupted=True, terminated=stop.is_leaving and not stop.cancels
    )
    ended = [one for one in found if one is not None]
    changed = {"elsewhere": ended, "left": result.left | alone, "stopped": ending if alone else Ending()}
    return result.model_copy(update=changed)


async def _told(episode: str, work: Awaitable[RunElsewhere | None]) -> RunElsewhere | None:
    """What became of an episode; that nothing could be asked of it stops no other."""
    try:
        return await work
    except (httpx.HTTPError, PrefectException) as error:
        return lost(episode, "Unknown", f"the Prefect server could not be asked: {error}")


async def one_by_one(
    season: str, works: Mapping[str, Callable[[], Awaitable[EpisodeResult]]]
) -> SeasonResult:
    """Produce episodes in order; what fails for a reason that we know is noted, and the next one begins.

    A run that is asked to end begins no other episode.

    Args:
        season: its id, for the result.
        works: what produces each episode, by its id.
    """
    episodes: list[EpisodeResult] = []
    failed: dict[str, str] = {}
    for name, work in works.items():
        try:
            episodes.append(await work())
        except OnModelError as error:
            failed[name] = str(error)
        if episodes and episodes[-1].ending.interrupted:
            break
    begun = failed.keys() | {one.episode for one in episodes}
    not_begun = [name for name in works if name not in begun]
    return SeasonResult(season=season, episodes=episodes, failed=failed, not_begun=not_begun)


def _not_wanted(standing: SeasonStanding) -> tuple[dict[str, str], dict[str, str]]:
    """How the episodes stand that nothing is done for, and why some of them cannot be acted on."""
    left: dict[str, str] = {}
    faulty: dict[str, str] = {}
    for one in standing.episodes:
        if one.state == "faulty":
            faulty[one.episode] = one.problem
        elif one.state == "not due":
            left[one.episode] = f"not due before {one.dated.due}"
        elif not one.is_wanted:
            left[one.episode] = one.state
    return left, faulty


def _held(standing: SeasonStanding) -> dict[str, str]:
    """What waits of the episodes that can only be gone on with once somebody approves."""
    return {
        one.episode: awaiting_in_words(one.plan.awaiting)
        for one in standing.episodes
        if one.plan is not None and one.state == "awaiting approval"
    }


def _bound(work: Callable[..., Awaitable[EpisodeResult]], parameters: Mapping[str, Any]) -> Callable[[], Any]:
    return lambda: work(**parameters)


async def _deployment(root: Path) -> Any:
    """The deployment of this production's episode flow; None outside a flow run, or where there is none."""
    if FlowRunContext.get() is None:
        return None
    async with get_client() as client:
        return await deployment_of(client, root, "episode")
