"""What a run is at: told to whoever watches, and noted down so that another terminal can show the same.

An event says what happens to one shot. The teller adds what is known of that shot and of the whole run, and
passes it on. It keeps a note of the latest events beside the locks of living processes, renewed each second.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from onmodel.planning import CAST, standing_of
from onmodel.stages.crew import Crew, Event, Report, SoFar

NOTED_EVERY_S: Final = 1.0
"""Seconds between two notes."""
VERDICTS: Final = frozenset({"on-model", "off-model", "drifting", "partial", "unscorable", "broken"})
"""States that say how a take was judged."""
SETTLED: Final = frozenset({"circled", "current", "done"})
"""States in which nothing goes on, and nobody is needed."""


class Teller:
    """Hears every event of a run.

    Args:
        report: whoever watches.
        note: the file that says what the run is at, as long as it goes on.
    """

    def __init__(self, report: Report, note: Path) -> None:
        self._crew: Crew | None = None
        self._report = report
        self._note = note
        self._rows: dict[str, str] = {}
        """Each subject's row of the note, as JSON: there may be a thousand, and it is renewed each second."""
        self._began: dict[str, tuple[tuple[str, str, int | None], datetime]] = {}
        """What each subject is at, as stage, state and take, and since when."""
        self._verdicts: dict[str, str] = {}
        self._so_far: SoFar | None = None
        self._looked = 0.0

    def __call__(self, event: Event) -> None:
        """Hear of one event."""
        crew = self._crew
        if crew is None:  # of what is told before the crew is together nothing more is known
            self._report(event)
            return
        now = time.monotonic()
        if self._so_far is None or now - self._looked >= NOTED_EVERY_S:
            self._looked = now
            self._so_far = so_far(crew)
            self._write()
        known = self._known(crew, event)
        self._rows[event.subject] = json.dumps(_noted(known, self._since(event)))
        self._report(known)

    @contextmanager
    def noting(self, crew: Crew) -> Iterator[None]:
        """Keep the note of a crew's work until the block ends."""
        self._crew = crew
        try:
            yield
        finally:
            self._note.unlink(missing_ok=True)

    def _since(self, event: Event) -> datetime:
        """Since when a subject is at what it is at: a step that tells of its progress began earlier."""
        now = (event.stage, event.state, event.take)
        began = self._began.get(event.subject)
        if began is None or began[0] != now:
            began = self._began[event.subject] = (now, datetime.now(UTC))
        return began[1]

    def _known(self, crew: Crew, event: Event) -> Event:
        if event.state in VERDICTS:
            self._verdicts[event.subject] = event.state
        elif event.state == "current":
            take = crew.circled.get(f"{event.subject}.{event.stage}")
            if take is not None and take.verdict is not None and take.verdict.identity:
                self._verdicts[event.subject] = standing_of(take.verdict)
        return replace(
            event,
            verdict=self._verdicts.get(event.subject, ""),
            usd=crew.records.cost_usd(CAST if event.stage == "sheet" else crew.scope, event.subject),
            seconds=crew.plan.used_s.get(event.subject),
            so_far=self._so_far,
        )

    def _write(self) -> None:
        note = f'{{"pid": {os.getpid()}, "rows": [{", ".join(self._rows.values())}]}}'
        part = self._note.with_suffix(f".{os.getpid()}")
        # Who cannot write a note here will be told so by something that matters more.
        with suppress(OSError):
            part.write_text(note, encoding="utf-8")
            part.replace(self._note)


def so_far(crew: Crew) -> SoFar:
    """How much of an episode is circled, and what the run spent."""
    tally = crew.tally
    tally.look()
    spent, left = crew.desk.spent_usd, min(crew.plan.left_usd.values(), default=None)
    return SoFar(
        done=tally.done,
        of=tally.of,
        seconds=tally.seconds,
        of_seconds=tally.of_seconds,
        spent_usd=spent,
        left_usd=None if left is None else max(Decimal(0), left - spent),
    )


def note_path(run_folder: Path, scope: str, *, rehearse: bool) -> Path:
    """Where the note of a run lies."""
    return run_folder / f"status-{scope}{'.rehearsal' if rehearse else ''}.json"


def read_note(path: Path) -> dict[str, Event]:
    """What a run is at, by subject; empty where nobody is at work, or whoever wrote the note is gone."""
    try:
        noted = json.loads(path.read_text(encoding="utf-8"))
        os.kill(noted["pid"], 0)
        return {row["subject"]: _read(row) for row in noted["rows"]}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _noted(event: Event, at: datetime) -> dict[str, Any]:
    return {
        "subject": event.subject,
        "stage": event.stage,
        "state": event.state,
        "detail": event.detail,
        "take": event.take,
        "verdict": event.verdict,
        "usd": None if event.usd is None else str(event.usd),
        "since": at.isoformat(),
    }


def _read(row: dict[str, Any]) -> Event:
    return Event(
        row["subject"],
        row["stage"],
        row["state"],
        row["detail"],
        row["take"],
        verdict=row["verdict"],
        usd=None if row["usd"] is None else Decimal(row["usd"]),
        since=datetime.fromisoformat(row["since"]),
    )
