"""How a season stands: which episodes are due, which are finished, and what the others lack."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Literal

from onmodel.errors import OnModelError, PlanError
from onmodel.planning import Plan
from onmodel.planning.due import Dated, dated
from onmodel.settings import Folders
from onmodel.stages.cut_gate import find_cut
from onmodel.stages.script import Call, look_into_archive, plan_in, read_script
from onmodel.story import Season, Story, read_story
from onmodel.story.validation import did_you_mean

State = Literal[
    "finished", "to produce", "to cut", "awaiting approval", "needs a person", "not due", "faulty"
]
"""finished: cut from takes that are current · to produce: something is bought for it · to cut: every take is
there · not due: its day has not come · faulty: its story cannot be acted on."""


@dataclass(frozen=True)
class EpisodeStanding:
    """How an episode of a season stands."""

    dated: Dated
    state: State
    problem: str = ""
    """Why it cannot be acted on."""
    plan: Plan | None = None
    """None where its story cannot be read."""
    has_cut: bool = False
    """Whether it was cut from the takes that are circled."""

    @property
    def episode(self) -> str:
        """Its id."""
        return self.dated.episode

    @property
    def is_wanted(self) -> bool:
        """Whether a run over the season should produce it; what only a person can change is left alone."""
        stuck = self.state == "needs a person" and not self.has_cut
        return self.dated.is_due and (stuck or self.state in ("to produce", "to cut"))


@dataclass(frozen=True)
class SeasonStanding:
    """How a season stands."""

    name: str
    season: Season
    episodes: tuple[EpisodeStanding, ...]

    @property
    def base_usd(self) -> Decimal:
        """What the due episodes cost if everything succeeds at once."""
        return sum((one.plan.base_usd for one in self.episodes if one.plan and one.is_wanted), Decimal(0))

    @property
    def worst_usd(self) -> Decimal:
        """The most that they could cost, all retakes included."""
        return sum((one.plan.worst_usd for one in self.episodes if one.plan and one.is_wanted), Decimal(0))


def read_season(
    root: Path, name: str, *, rehearse: bool = False, now: datetime | None = None
) -> SeasonStanding:
    """Look how a season stands; an episode that cannot be read is told, and the others are looked at.

    Args:
        root: the production's folder.
        name: the season's id, like season-1.
        rehearse: by the rehearsals' archive.
        now: tells the day; this moment where nothing is said.

    Raises:
        StoryError: the season's file, or what holds for all episodes, is not acceptable.
        PlanError: there is no such season.
        VaultError: the archive cannot be read.
    """
    story = read_story(root, episodes=[name])
    if name not in story.seasons:
        seasons = list(story.seasons)
        raise PlanError(
            f"'{name}' is no season; the seasons are: {', '.join(seasons) or 'none yet'}.",
            hint=did_you_mean(name, seasons) or f"An episode: onmodel plan {name}",
        )
    season = story.seasons[name]
    days = dated(season, now or datetime.now(UTC))
    return SeasonStanding(name, season, tuple(_episodes(story, days, rehearse=rehearse)))


def _episodes(story: Story, days: Iterator[Dated], *, rehearse: bool) -> Iterator[EpisodeStanding]:
    with look_into_archive(story.production, Folders(story.root, rehearse)) as vault:
        for day in days:
            call = Call(story.root, day.episode, rehearse=rehearse)
            try:
                script = read_script(call)
                plan = plan_in(vault, call, script)
                has_cut = vault is not None and find_cut(plan, script.story, vault) is not None
            except OnModelError as error:
                state: State = "faulty" if day.is_due else "not due"
                yield EpisodeStanding(day, state, str(error))
                continue
            yield EpisodeStanding(day, _state(plan, day, has_cut=has_cut), plan=plan, has_cut=has_cut)


def _state(plan: Plan, day: Dated, *, has_cut: bool) -> State:
    states = {line.state for line in plan.lines.values()}
    if states <= {"current"} and has_cut and not plan.awaiting:
        return "finished"
    if not day.is_due:
        return "not due"
    if "flagged" in states:
        return "needs a person"
    # What waits for a word alone is left; what is paid comes home, and what can be gone on with is produced.
    if plan.awaiting and not plan.now_usd and "open" not in states:
        return "awaiting approval"
    return "to cut" if states <= {"current"} else "to produce"
