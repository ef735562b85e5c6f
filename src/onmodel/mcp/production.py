"""The tools about one production: check, plan, takes, diagnose. They read; none opens what could buy."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from onmodel.cli.checking import check_production
from onmodel.cli.listing import read_takes
from onmodel.craft.remedies import problems
from onmodel.errors import SetupError
from onmodel.mcp.answers import (
    MOST_ROWS,
    Checked,
    Diagnosed,
    FoundFault,
    FoundRemedy,
    FoundTake,
    Listed,
    PlanLine,
    Planned,
)
from onmodel.planning import Line
from onmodel.planning.chains import shot_of
from onmodel.stages.deciding import Offer, diagnose
from onmodel.stages.script import Call, read_plan, read_script
from onmodel.story.fields import NAME


@dataclass(frozen=True)
class Office:
    """One production, as agents see it: paths are told as seen from its folder, and none leads out of it."""

    root: Path

    def check(self, file: str) -> Checked:
        """Everything that is wrong with the production, or with one of its files.

        Raises:
            SetupError: there is no production, or no such file in it.
        """
        wanted = self.inside(file) if file else None
        found = check_production(self.root)
        if wanted is not None:
            found = [one for one in found if one.place.file in (wanted, "production.yaml")]
        errors = sum(one.severity == "error" for one in found)
        faults = [
            FoundFault(
                file=one.place.file,
                line=one.place.line or None,
                severity=one.severity,
                message=one.message,
                hint=one.hint or None,
            )
            for one in sorted(found, key=lambda one: one.severity != "error")
        ]
        return Checked(
            ok=not errors,
            errors=errors,
            warnings=len(found) - errors,
            findings=faults[:MOST_ROWS],
            more=max(0, len(faults) - MOST_ROWS),
        )

    def plan(self, episode: str, shot: str, *, rehearse: bool) -> Planned:
        """What producing an episode would make and cost; of one shot, with the prompts.

        Raises:
            OnModelError: the story is not acceptable, or the archive cannot be read.
        """
        call = self.call(episode, rehearse=rehearse)
        plan = read_plan(call, read_script(call))
        lines = list(plan.lines.values())
        wanted = [line for line in lines if _is_of(line, shot)] if shot else []
        if shot and not wanted:
            raise SetupError(
                f"{episode} has no shot '{shot}'; its shots are: {', '.join(plan.used_s)}.",
                hint="Name one of them, or none for the whole plan.",
            )
        if not shot:
            wanted = [line for line in lines if line.state != "current"]
        return Planned(
            episode=episode,
            title=plan.title,
            usd=str(plan.base_usd),
            worst_usd=str(plan.worst_usd),
            prices_of=plan.prices_of.isoformat(),
            left_usd={name: str(left) for name, left in plan.left_usd.items()},
            states=dict(Counter(line.state for line in lines)),
            lines=[_line(line, whole=bool(shot)) for line in wanted[:MOST_ROWS]],
            more=max(0, len(wanted) - MOST_ROWS),
        )

    def takes(self, episode: str, *, rehearse: bool) -> Listed:
        """The takes of an episode, or of the cast.

        Raises:
            OnModelError: the story or the archive cannot be read.
        """
        self.call(episode, rehearse=rehearse)
        rows = read_takes(self.root, episode, rehearse=rehearse)
        return Listed(
            episode=episode,
            takes=[self._take(row) for row in rows[-MOST_ROWS:]],
            more=max(0, len(rows) - MOST_ROWS),
        )

    def _take(self, row: dict[str, Any]) -> FoundTake:
        file = row["file"]
        return FoundTake(
            label=row["label"],
            circled=row["circled"],
            verdict=row["verdict"],
            reasons=row["reasons"],
            usd=row["price_usd"],
            endpoint=row["endpoint"],
            change=row["change"],
            file=None if file is None else self.seen(file),
        )

    def diagnose(self, episode: str, shot: str, problem: str, *, rehearse: bool) -> Diagnosed:
        """What may be wrong with a shot's take, and what could be asked for differently.

        Raises:
            OnModelError: there is no such shot or problem.
        """
        call = self.call(episode, rehearse=rehearse)
        about, found, offers = diagnose(call, shot, problem=problem or None, stage=None)
        known = {one.id: one.title for one in problems().values()} if found is None else {}
        return Diagnosed(
            about=about, problem=found, problems=known, remedies=[_remedy(offer) for offer in offers]
        )

    # -- what an agent may name ------------------------------------------------------------------------------

    def call(self, episode: str, *, rehearse: bool) -> Call:
        """What is to be worked on, by an id that an agent gave.

        Raises:
            SetupError: it is no id: it could be a path, or an option of a command.
        """
        check_id("episode", episode)
        return Call(self.root, episode, rehearse=rehearse)

    def inside(self, file: str) -> str:
        """A file of the production, as seen from its folder.

        Raises:
            SetupError: it is outside, or not there.
        """
        hint = "Name a file like episodes/s01e01.yaml."
        root = self.root.resolve()
        try:
            whole = (self.root / file).resolve()
            inside, there = whole.is_relative_to(root), whole.is_file()
        except (
            OSError,
            RuntimeError,
            ValueError,
        ) as error:  # too long a name; a circle of links; a null byte
            raise SetupError(f"{file[:80]!r} is no name of a file: {error}", hint=hint) from None
        if not inside:
            raise SetupError(f"{file} is outside the production's folder.", hint=hint)
        if not there:
            raise SetupError(f"{file}: there is no such file.", hint=hint)
        return whole.relative_to(root).as_posix()

    def seen(self, path: str) -> str:
        """A path as seen from the production's folder; an address in a bucket stays."""
        whole = Path(path)
        root = self.root.absolute()
        return whole.relative_to(root).as_posix() if whole.is_relative_to(root) else path


def check_id(what: str, name: str) -> None:
    """Refuse what is no id.

    Raises:
        SetupError: it is none.
    """
    if not re.fullmatch(NAME, name):
        raise SetupError(
            f"{name[:80]!r} is no id ({what}): it starts with a letter and has only a-z, 0-9 and '-'.",
            hint="The ids are in episodes/; `check` and `plan` name them.",
        )


def _is_of(line: Line, shot: str) -> bool:
    """Whether it is of that shot; a long one has several clips."""
    return line.commission.stage != "sheet" and shot_of(line.commission.subject) == shot


def _line(line: Line, *, whole: bool) -> PlanLine:
    commission = line.commission
    bought = commission.choice.seconds_bought
    told = PlanLine(
        id=commission.id,
        state=line.state,
        why=line.why,
        endpoint=commission.choice.endpoint.name,
        endpoint_why=commission.choice.why,
        seconds=None if bought is None else float(bought),
        usd=str(line.base_usd),
        worst_usd=str(line.worst_usd),
    )
    if not whole:
        return told
    parts = commission.parts
    return told.model_copy(
        update={"prompt": parts.prompt, "negative": parts.negative or None, "notes": list(commission.notes)}
    )


def _remedy(offer: Offer) -> FoundRemedy:
    return FoundRemedy(
        id=offer.remedy.id,
        cause=offer.remedy.cause,
        does=offer.remedy.words,
        by_hand=offer.remedy.by_hand,
        tried=offer.is_tried,
        obstacle=offer.obstacle or None,
        usd=None if offer.usd is None else str(offer.usd),
    )
