"""The progress page: shots, seconds and money as they stand, what needs a look first."""

from __future__ import annotations

import asyncio
import gc
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from onmodel.errors import OverBudget, PostError
from onmodel.flowkit import board as board_module
from onmodel.flowkit.board import MOST_ROWS, Board, current_board
from onmodel.flowkit.pictures import Drawn
from onmodel.flowkit.rows import Row
from onmodel.planning import Plan
from onmodel.settings import Folders
from onmodel.stages.crew import Event
from onmodel.stages.tally import Tally


def crew(shots: int = 2, *, circled: int = 1) -> Any:
    """A crew with shots of one clip each, of which the first ones are circled."""
    names = [f"s{n:03d}" for n in range(shots)]
    plan = Plan(
        "s01e01",
        "Small",
        {
            f"{name}.shoot": SimpleNamespace(base_usd=Decimal("0.35"), worst_usd=Decimal("1.05"))
            for name in names
        },  # type: ignore[misc]
        date(2026, 11, 22),
        2,
        trims={name: SimpleNamespace(used_s=Fraction(5)) for name in names},  # type: ignore[misc]
        left_usd={"production": Decimal(10)},
    )
    return SimpleNamespace(
        scope="s01e01",
        plan=plan,
        circled={f"{name}.shoot": None for name in names[:circled]},
        format=object(),
        folders=Folders(Path(), rehearsal=False),
        desk=SimpleNamespace(spent_usd=Decimal("0.35"), ended=None),
        story=SimpleNamespace(production=SimpleNamespace(name="small")),
        tally=Tally(dict.fromkeys(names, Fraction(5)), lambda shot: names.index(shot) < circled),
    )


def test_progress_says_shots_seconds_and_money_against_the_cap() -> None:
    """One line for what a producer asks first; the share is of everything that is to be made."""
    percent, text = Board(crew())._progress()
    assert percent == 50
    assert text.splitlines()[0] == (
        "1 of 2 shots · 5.0 of 10.0 s of the cut · $0.35 spent · planned $0.70 to $2.10 · "
        "the cap production leaves $9.65"
    )


def test_what_is_under_way_comes_first_and_the_rest_is_counted() -> None:
    """Of 300 shots the table shows those that something happens to; what was said stays in its cell."""
    board = Board(crew(300))
    for number in range(60):
        board.hear(Event(f"s{number:03d}", "shoot", "circled", "", 1))
    board.hear(Event("s200", "shoot", "queued", "position 3 | of 9", 2))
    text = board._progress()[1]
    rows = [line for line in text.splitlines() if line.startswith("| s")]
    assert rows[1] == "| s200 | shoot | 2 | queued |  |  | position 3 \\| of 9 |"
    assert len(rows) == MOST_ROWS + 1
    assert text.endswith(f"and {61 - MOST_ROWS} more")


def test_a_row_hears_of_itself_alone() -> None:
    """What happens to a shot goes to the row of that shot and stage, while it lasts."""
    board, heard = Board(crew()), []
    row = Row()
    row.hear = heard.append  # type: ignore[method-assign]
    board.begin("s010", "shoot", row)
    mine = Event("s010", "shoot", "queued")
    for event in (mine, Event("s020", "shoot", "queued"), Event("s010", "keyframe", "queued")):
        board.hear(event)
    board.end("s010", "shoot")
    board.hear(mine)
    assert heard == [mine]


def test_a_reached_budget_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many shots the cap cuts short, automations hear of it once."""
    told: list[str] = []
    monkeypatch.setattr(board_module, "signal_budget", lambda _, why: told.append(why))
    short = crew()
    board = Board(short)
    board.hear(Event("s000", "shoot", "left", "asked to end"))
    short.desk.ended = OverBudget("the cap")
    for shot in ("s000", "s001"):
        board.hear(Event(shot, "shoot", "left", "the cap"))
    assert told == ["the cap"]


def test_progress_is_sent_only_when_it_is_new(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that waits for an hour sends nothing; its last word is sent. The board is known inside only."""
    sent: list[tuple[float, str]] = []

    async def create(*_: Any) -> str:
        return "the artifact"

    async def update(_: Any, percent: float, text: str) -> None:
        sent.append((percent, text.partition(": ")[2].splitlines()[0][:12]))

    monkeypatch.setattr(board_module, "acreate_progress_artifact", create)
    monkeypatch.setattr(board_module, "aupdate_progress_artifact", update)
    monkeypatch.setattr(board_module, "LOOK_S", 0.01)
    filmed = crew()
    board = Board(filmed)

    async def waits() -> None:
        async with board.shown():
            assert current_board() is board
            await asyncio.sleep(0.1)
            filmed.circled["s001.shoot"] = None
        assert current_board() is None

    asyncio.run(waits())
    assert [percent for percent, _ in sent] == [50, 100]


def test_the_contact_sheet_is_drawn_while_the_episode_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """It begins with the cut, is drawn once, and is there when it is asked for, without a cut too."""
    drawn: list[str] = []

    async def draw(of: Any) -> Drawn:
        await asyncio.sleep(0)
        drawn.append(of.scope)
        return Drawn(b"jpeg", "key", "about")

    async def cut() -> None:
        board = Board(crew())
        board.hear(Event("s01e01", "assemble", "cutting"))
        board.hear(Event("s01e01", "assemble", "done"))
        await asyncio.sleep(0.01)
        assert drawn == ["s01e01"]
        assert await board.contact_sheet() == Drawn(b"jpeg", "key", "about")
        assert drawn == ["s01e01"]
        assert await Board(crew()).contact_sheet() == Drawn(b"jpeg", "key", "about")
        assert len(drawn) == 2

    monkeypatch.setattr(board_module, "draw_contact_sheet", draw)
    monkeypatch.setattr(board_module, "signal_take", lambda *_: None)
    asyncio.run(cut())


@pytest.mark.parametrize("state", ["unfinished", "failed"])
def test_a_contact_sheet_that_nobody_asks_for_ends_with_the_set(
    monkeypatch: pytest.MonkeyPatch, state: str
) -> None:
    """A flow need not hand over: its drawing ends with the set, and no failure is left."""
    left: list[str] = []

    async def draw(_: Any) -> Drawn | None:
        if state == "failed":
            raise PostError("a worker process died")
        try:
            await asyncio.sleep(60)
        finally:
            left.append("ended")
        return None

    async def told(*_: Any) -> str:
        return "the artifact"

    async def cut() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, found: left.append(found["message"]))
        board = Board(crew())
        async with board.shown():
            board.hear(Event("s01e01", "assemble", "cutting"))
            await asyncio.sleep(0.01)
        assert left == ([] if state == "failed" else ["ended"])
        del board
        gc.collect()
        assert left == ([] if state == "failed" else ["ended"])

    monkeypatch.setattr(board_module, "draw_contact_sheet", draw)
    monkeypatch.setattr(board_module, "signal_take", lambda *_: None)
    monkeypatch.setattr(board_module, "acreate_progress_artifact", told)
    monkeypatch.setattr(board_module, "aupdate_progress_artifact", told)
    asyncio.run(cut())
