"""What is going on in a run, shown in the Prefect UI meanwhile: each row's state, and one progress page.

Events come by the hundred; what is shown is what is latest, once a second, and only if it is new.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from contextvars import ContextVar
from typing import Final
from uuid import UUID

import httpx
from prefect.artifacts import acreate_progress_artifact, aupdate_progress_artifact

from onmodel.errors import OverBudget
from onmodel.flowkit.markdown import cell, key_of, table
from onmodel.flowkit.pictures import Drawn, draw_contact_sheet
from onmodel.flowkit.rows import Row
from onmodel.flowkit.signals import signal_budget, signal_take
from onmodel.stages.crew import Crew, Event
from onmodel.stages.telling import SETTLED, so_far
from onmodel.units import usd

LOOK_S: Final = 1.0
"""Seconds between two looks at what is new."""
LAST_WORD_S: Final = 5.0
"""Seconds that the last update may take: a server that is gone holds up nobody."""
MOST_ROWS: Final = 40
"""Rows of the table; what is done comes last, and is counted."""

_BOARD: ContextVar[Board | None] = ContextVar("board", default=None)


class Board:
    """The state of one set, kept for the UI.

    Args:
        crew: who is at work.
    """

    def __init__(self, crew: Crew) -> None:
        self.crew = crew
        self._began = time.monotonic()
        self._latest: dict[str, Event] = {}
        self._rows: dict[tuple[str, str], Row] = {}
        self._is_over_budget = False
        self._artifact: UUID | None = None
        self._shown: object = None
        self._sheet: asyncio.Task[Drawn | None] | None = None

    def hear(self, event: Event) -> None:
        """Take in an event, and pass it on to its row and to Prefect's automations."""
        self._latest[event.subject] = event
        row = self._rows.get((event.subject, event.stage))
        if row is not None:
            row.hear(event)
        signal_take(self.crew, event)
        if event.stage == "assemble" and self._sheet is None:
            # By then every shot has its take, and the cut is joined and mixed on a single core.
            self._sheet = asyncio.create_task(draw_contact_sheet(self.crew), name="contact sheet")
        ended = self.crew.desk.ended
        if event.state == "left" and isinstance(ended, OverBudget) and not self._is_over_budget:
            self._is_over_budget = True
            signal_budget(self.crew, str(ended))

    async def contact_sheet(self) -> Drawn | None:
        """The picture of all shots; it is drawn while the episode is cut."""
        return await (self._sheet or draw_contact_sheet(self.crew))

    def begin(self, subject: str, stage: str, row: Row) -> None:
        """A row begins; it is told what is going on until it ends."""
        self._rows[subject, stage] = row

    def end(self, subject: str, stage: str) -> None:
        """It has ended."""
        self._rows.pop((subject, stage), None)

    @asynccontextmanager
    async def shown(self) -> AsyncIterator[None]:
        """Keep the UI up to date; to be used inside a flow run."""
        percent, text = self._progress()
        self._artifact = await acreate_progress_artifact(percent, key_of(self.crew.scope, "progress"), text)
        keeping = asyncio.create_task(self._keep(), name="progress")
        try:
            with self._known():
                yield
        finally:
            if self._sheet is not None:
                self._sheet.cancel()  # no flow has asked for it, or it is done
            keeping.cancel()
            with suppress(asyncio.CancelledError):
                await keeping
        with suppress(TimeoutError, httpx.HTTPError):
            async with asyncio.timeout(LAST_WORD_S):
                await self._show()

    @contextmanager
    def _known(self) -> Iterator[None]:
        token = _BOARD.set(self)
        try:
            yield
        finally:
            _BOARD.reset(token)

    async def _keep(self) -> None:
        """Show what is new until cancelled; what a server was too slow to take is shown a moment later."""
        while True:
            await asyncio.sleep(LOOK_S)
            for row in list(self._rows.values()):
                row.show()
            with suppress(httpx.HTTPError):
                await self._show()

    async def _show(self) -> None:
        now = self._progress()
        if self._artifact is None or now == self._shown:
            return
        percent, text = now
        passed = f"After {time.monotonic() - self._began:.0f} s: {text}"
        await aupdate_progress_artifact(self._artifact, percent, passed)
        self._shown = now

    def _progress(self) -> tuple[float, str]:
        """How much of the plan is circled, 0 to 100, and in words."""
        crew = self.crew
        done = sum(name in crew.circled for name in crew.plan.lines)
        percent = 100 * done / max(1, len(crew.plan.lines))
        return round(percent, 1), "\n".join([" · ".join(self._so_far()), "", *self._table()])

    def _so_far(self) -> list[str]:
        """Shots, seconds of the cut and money; of model sheets, how many views."""
        crew, plan, known = self.crew, self.crew.plan, so_far(self.crew)
        if crew.format is None:
            said = [f"{len(crew.circled.keys() & plan.lines.keys())} of {len(plan.lines)} views"]
        else:
            seconds = f"{float(known.seconds):.1f} of {float(known.of_seconds):.1f} s of the cut"
            said = [f"{known.done} of {known.of} shots", seconds]
        free = crew.folders.rehearsal
        spent = usd(known.spent_usd)
        said.append(f"requests of {spent} rehearsed for $0" if free else f"{spent} spent")
        said.append(f"planned {usd(plan.base_usd)} to {usd(plan.worst_usd)}")
        cap = min(plan.left_usd, key=lambda name: plan.left_usd[name], default=None)
        if cap is not None and known.left_usd is not None:
            said.append(f"the cap {cell(cap)} leaves {usd(known.left_usd)}")
        return said

    def _table(self) -> list[str]:
        """Every shot and view of which something was heard; what is done comes last."""
        heard = sorted(
            self._latest.values(), key=lambda one: (one.state in SETTLED, one.stage == "sheet", one.subject)
        )
        rows = [
            (
                cell(one.subject),
                one.stage,
                str(one.take or ""),
                one.state,
                one.verdict,
                "" if one.usd is None else usd(one.usd),
                cell(one.detail),
            )
            for one in heard[:MOST_ROWS]
        ]
        more = [f"and {len(heard) - MOST_ROWS} more"] if len(heard) > MOST_ROWS else []
        return [*table(("shot or sheet", "work", "take", "state", "identity", "price", "what"), rows), *more]


def current_board() -> Board | None:
    """The board of the set that is open here, where Prefect shows it."""
    return _BOARD.get()
