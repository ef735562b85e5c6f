from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from onmodel.cli.board import head, lines, rows_of
from onmodel.stages.crew import Event, SoFar

LONG = "s030", "shoot", "queued", "position 3 in fal's queue, behind everything that others sent before us", 2


def event(*words: object, **known: object) -> Event:
    """An event with what the teller adds."""
    return Event(*words, seconds=Fraction(5), usd=Decimal("0.35"), **known)  # type: ignore[arg-type]


def drawn(events: list[Event], width: int = 80, height: int | None = None) -> list[str]:
    """The board's lines as plain text."""
    return ["".join(span.text for span in line) for line in lines(rows_of(events), width, height)]


def test_a_shot_says_everything_that_is_asked_of_it() -> None:
    """State, take, position in the queue, seconds, verdict and price stand in one line."""
    (line,) = drawn([event(*LONG, verdict="off-model")], 200)
    for word in ("s030", "take 2", "queued", "position 3", "5 s", "off-model", "$0.35"):
        assert word in line


@pytest.mark.parametrize("width", [30, 40, 60, 80, 120, 200])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    """Remarks are cut, then columns go from the right; name, work and state stay."""
    found = drawn([event(*LONG, verdict="off-model"), event("s040", "conform", "done")], width)
    assert max(map(len, found)) <= width
    assert found[0].startswith("s030  shoot take 2  queued")


def test_a_long_name_takes_no_column_away() -> None:
    """A model sheet's name is cut before a price goes, and a remark is left out before it says nothing."""
    sheet = event("pip.default.in-hand-drawn-e231.front", "sheet", "judging")
    for width, ends in ((80, "off-model  $0.35  position 3 in f…"), (70, "off-model  $0.35")):
        found = drawn([sheet, event(*LONG, verdict="off-model")], width)
        assert found[0].startswith("pip.default.i…  sheet")
        assert found[1].endswith(ends)


def test_a_hundred_shots_fit_a_small_terminal() -> None:
    """What moves and what needs a person is shown; what is done is counted, and nothing is forgotten."""
    events = [event(f"s{n:03}", "conform", "done") for n in range(90)]
    events += [event(f"s{n}", "shoot", "running", "", 1) for n in range(900, 906)]
    events += [event(f"s{n}", "shoot", "flagged", "no take is on-model") for n in range(950, 954)]
    found = drawn(events, 80, 21)
    assert len(found) == 21
    assert sum("running" in line for line in found) == 6
    assert sum("flagged" in line for line in found[:-1]) == 4
    assert found[-1] == "and 80 more: 80 done"


def test_the_fold_names_first_what_needs_a_person() -> None:
    """Where not even those have room, their number is the first thing that is read."""
    events = [event(f"s{n:03}", "shoot", "flagged") for n in range(10)]
    events += [event(f"s9{n}", "conform", "done") for n in range(5)]
    assert drawn(events, 80, 4)[-1] == "and 12 more: 7 flagged, 5 done"


def test_the_head_says_how_far_and_how_much() -> None:
    """Shots, seconds, money spent and what the tightest cap leaves."""
    so_far = SoFar(3, 6, Fraction(15), Fraction(30), Decimal("1.20"), Decimal("3.80"))
    assert head(so_far, 12.3) == "12 s · 3 of 6 shots · 15 of 30 s · $1.20, the cap leaves $3.80"
    assert head(None, 12.3) == "12 s"
