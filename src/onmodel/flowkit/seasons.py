"""A season's episodes one after the other; one that cannot be produced does not stop the others."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from pydantic import BaseModel, ConfigDict

from onmodel.errors import OnModelError
from onmodel.stages.together import EpisodeResult


class SeasonResult(BaseModel):
    """What a run over a season came to."""

    model_config = ConfigDict(frozen=True)

    season: str
    episodes: list[EpisodeResult]
    """The episodes that were produced, in order, finished or not."""
    failed: dict[str, str]
    """Why the others were not, by episode."""
    not_begun: list[str] = []
    """Episodes that the run did not come to, because it was asked to end."""

    @property
    def needs_person(self) -> dict[str, str]:
        """What a person has to look at, by episode, or by episode and shot."""
        flagged = {
            f"{one.episode} · {name}": why for one in self.episodes for name, why in one.needs_person.items()
        }
        return self.failed | flagged


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
