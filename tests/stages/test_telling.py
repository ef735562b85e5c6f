from __future__ import annotations

import json
import os
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from onmodel.stages.crew import Crew, Event
from onmodel.stages.tally import Tally
from onmodel.stages.telling import Teller, note_path, read_note


class Shots(SimpleNamespace):
    """As much of a crew as a teller looks at."""


@pytest.fixture
def crew() -> Crew:
    """Two shots of five seconds, one circled; 1.20 dollars spent, of 5 that the cap left."""
    found = Shots(
        scope="s01e01",
        format=object(),
        circled={},
        plan=Shots(used_s={"s010": Fraction(5), "s020": Fraction(5)}, left_usd={"production": Decimal(5)}),
        desk=Shots(spent_usd=Decimal("1.20")),
        records=Shots(cost_usd=lambda *_: Decimal("0.35")),
        tally=Tally({"s010": Fraction(5), "s020": Fraction(5)}, lambda shot: shot == "s010"),
    )
    return cast("Crew", found)


def test_what_is_told_is_known_of_the_shot_and_of_the_run(tmp_path: Path, crew: Crew) -> None:
    """An event comes out with the shot's price, length and newest verdict, and the whole run's figures."""
    heard: list[Event] = []
    teller = Teller(heard.append, tmp_path / "note.json")
    teller(Event("s010", "shoot", "painted"))
    with teller.noting(crew):
        teller(Event("s010", "shoot", "off-model", take=1))
        teller(Event("s010", "shoot", "retake", take=2))
    before, _, retake = heard
    assert before == Event("s010", "shoot", "painted")
    assert (retake.verdict, retake.usd, retake.seconds) == ("off-model", Decimal("0.35"), 5)
    so_far = retake.so_far
    assert so_far is not None
    assert (so_far.done, so_far.of, so_far.seconds, so_far.of_seconds) == (1, 2, 5, 10)
    assert (so_far.spent_usd, so_far.left_usd) == (Decimal("1.20"), Decimal("3.80"))


def test_another_process_reads_what_a_run_is_at(
    tmp_path: Path, crew: Crew, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The note says the latest of each shot while the run lives, and is gone with it."""
    note = note_path(tmp_path, "s01e01", rehearse=True)
    monkeypatch.setattr("onmodel.stages.telling.NOTED_EVERY_S", 0)
    teller = Teller(lambda _: None, note)
    with teller.noting(crew):
        teller(Event("s010", "shoot", "queued", "position 3 in fal's queue", 1))
        teller(Event("s020", "keyframe", "running"))
        found = read_note(note)
    assert found["s010"].detail == "position 3 in fal's queue"
    assert found["s010"].since is not None
    assert read_note(note) == {}


def test_a_step_that_tells_of_its_progress_began_when_it_began(
    tmp_path: Path, crew: Crew, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Since when is when the shot came to what it is at; more of the same does not begin it anew."""
    note = tmp_path / "note.json"
    monkeypatch.setattr("onmodel.stages.telling.NOTED_EVERY_S", 0)
    teller, seen = Teller(lambda _: None, note), []
    with teller.noting(crew):
        for state, share in (("conforming", "10%"), ("conforming", "90%"), ("done", ""), ("done", "")):
            teller(Event("s010", "conform", state, share))
            teller(Event("s020", "shoot", "queued"))  # notes are written before the next is heard
            seen.append(read_note(note)["s010"].since)
    first, again, then, _ = seen
    assert first == again
    assert then != first


@pytest.mark.parametrize("left", [None, "", "{}", "[]", '{"pid": 1, "rows": [{}]}'])
def test_a_note_that_says_nothing_is_none(tmp_path: Path, left: str | None) -> None:
    """A note that is missing, torn or of another version is as good as none."""
    note = tmp_path / "status-s01e01.json"
    if left is not None:
        note.write_text(left)
    assert read_note(note) == {}


def test_a_note_of_the_dead_is_not_believed(tmp_path: Path) -> None:
    """A process that was killed leaves its note; nobody is at work then."""
    gone = os.fork()
    if gone == 0:
        os._exit(0)
    os.waitpid(gone, 0)
    row: dict[str, Any] = {"subject": "s010", "stage": "shoot", "state": "running", "detail": "", "take": 1}
    row |= {"verdict": "", "usd": None, "since": "2026-11-22T21:00:00+00:00"}
    note = tmp_path / "status-s01e01.json"
    note.write_text(json.dumps({"pid": gone, "rows": [row]}))
    assert read_note(note) == {}
    note.write_text(json.dumps({"pid": os.getpid(), "rows": [row]}))
    assert set(read_note(note)) == {"s010"}
