from __future__ import annotations

import io
from collections.abc import Iterable

import pytest
from rich.console import Console

from onmodel.cli.progress import Board, watch
from onmodel.stages.crew import Event

EVENTS = (
    Event("pip.default.front", "sheet", "circled", take=1),
    Event("pip.default.profile", "sheet", "running", "drawing", 1),
    Event("s010", "shoot", "running", "drawing s01e01 · s010 · take 2 · image-to-video " * 3, 2),
    Event("s020", "conform", "done"),
)


def board(events: Iterable[Event], width: int = 80, height: int = 24) -> list[str]:
    """The board's lines on a terminal of this size."""
    console = Console(file=io.StringIO(), width=width, height=height, force_terminal=True, color_system=None)
    drawn = Board(console)
    for event in events:
        drawn.tell(event)
    with console.capture() as shown:
        console.print(drawn.render())
    return [line.rstrip() for line in shown.get().splitlines()]


@pytest.mark.parametrize("width", [80, 120, 200])
def test_the_board_fits_and_only_remarks_give_way(width: int) -> None:
    """Names, stages, takes and states are whole on every terminal; a long remark is cut, not folded."""
    lines = board(EVENTS, width)
    assert len(lines) == 4
    assert max(map(len, lines)) <= width
    assert "pip.default  sheet         2 views" in lines[1]
    assert "1 circled, 1 running" in lines[1]
    assert lines[2].startswith("s010         shoot take 2  running  0 s  drawing")
    assert lines[3].startswith("s020         conform       done")


def test_how_far_work_is_stands_beside_it() -> None:
    """A share is shown as per cents, and how long the work has lasted goes on counting."""
    drawn = Board(Console(file=io.StringIO(), width=80, force_terminal=True, color_system=None))
    drawn.tell(Event("s020", "conform", "conforming"))
    begun = drawn._latest["s020"].since
    drawn.tell(Event("s020", "conform", "conforming", "60%", share=0.6))
    assert drawn._latest["s020"].since == begun
    assert "60%" in board([Event("s020", "conform", "conforming", "60%", share=0.6)])[1]


def test_shares_are_no_lines_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """A log gets one line for a cut, not one for each per cent of it."""
    with watch() as watcher:
        watcher.tell(Event("s01e01", "assemble", "cutting"))
        for share in (0.2, 0.4):
            watcher.tell(Event("s01e01", "assemble", "cutting", f"{share:.0%}", share=share))
    assert capsys.readouterr().err.count("cutting") == 1


def test_a_sheet_that_is_done_says_so_in_a_word() -> None:
    """Views that are all in the same state are counted once."""
    views = [Event(f"pip.rain.{view}", "sheet", "circled") for view in ("front", "profile")]
    assert "2 circled" in board(views)[1]


def test_what_moves_is_seen_where_not_all_can_be() -> None:
    """With more shots than lines, those that are done make room for those at work."""
    done = [Event(f"s{n:03}", "conform", "done") for n in range(100)]
    lines = board([Event("s200", "shoot", "running"), *done], height=10)
    assert len(lines) < 10
    assert any(line.startswith("s200") for line in lines)


def test_words_of_others_are_no_markup() -> None:
    """Square brackets in a remark are shown as they are."""
    assert "[bold]x" in board([Event("s010", "shoot", "queued", "[bold]x")])[1]


def test_plain_lines_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a terminal each event that matters is one line on stderr, and passing states are not told."""
    with watch() as watcher:
        for event in EVENTS:
            watcher.tell(event)
    out, err = capsys.readouterr()
    assert out == ""
    assert [line.split(" s  ")[1] for line in err.splitlines()] == [
        "pip.default.front sheet take 1 circled",
        "s020 conform done",
    ]
