from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from onmodel.cli.continuity import show_continuity
from onmodel.dailies.continuity import Cell, Continuity, Pair, Row, Trend, Warned
from onmodel.vault import Likeness


def test_the_page_is_written_where_it_is_said(onmodel: Any, production: Path) -> None:
    """Beside the episode, the rehearsal's apart from it, or where --out says; its path is on stdout."""
    for typed, place in (
        (["s01e01"], "deliverables/s01e01.dailies.html"),
        (["s01e01", "--rehearse"], "deliverables/rehearsal/s01e01.dailies.html"),
        (["cast"], "deliverables/cast.dailies.html"),
        (["s01e01", "--out", "there/page.html"], "there/page.html"),
    ):
        found = onmodel("dailies", *typed)
        assert found.code == 0
        assert str(production / place) in found.out
        assert (production / place).read_text(encoding="utf-8").startswith("<!doctype html>")


@pytest.mark.parametrize("command", ["dailies", "continuity"])
def test_an_episode_that_is_not_there_is_explained(onmodel: Any, command: str) -> None:
    """The names that there are, and no page."""
    found = onmodel(command, "s01e09")
    assert found.code == 1
    assert "s01e01" in found.err


def test_a_page_that_cannot_be_written_is_explained(onmodel: Any, production: Path) -> None:
    """A folder that is a file is told, in words."""
    (production / "taken").write_text("", encoding="utf-8")
    found = onmodel("dailies", "s01e01", "--out", "taken/page.html")
    assert found.code == 1
    assert "page.html: cannot be written" in found.err


def test_a_season_that_is_not_there_is_explained(onmodel: Any) -> None:
    """The seasons that there are, and the nearest."""
    found = onmodel("continuity", "season-2")
    assert found.code == 1
    assert "season-1" in found.err


@pytest.mark.parametrize("scope", ["s01e01", "season-1"])
def test_nothing_made_yet_names_the_next_command(onmodel: Any, scope: str) -> None:
    """Continuity of nothing is no table; as JSON it is the shots without anybody."""
    assert "onmodel produce s01e01" in onmodel("continuity", scope).out
    document = json.loads(onmodel("continuity", scope, "--json").out)
    assert document["schema"] == "onmodel.continuity/1"
    assert document["characters"] == []
    assert {shot["episode"] for shot in document["shots"]} >= {"s01e01"}


def measured(episode: str, subject: str, who: str) -> Cell:
    likeness = Likeness(standing="unscorable", reason="", score=0.25, threshold=0.5, scorer="test 1")
    return Cell(episode, subject, who, f"{who}.default", likeness)


@pytest.mark.parametrize("characters", [1, 3, 9])
def test_the_matrix_fits_the_terminal(
    characters: int, onmodel: Any, production: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    """At 80 columns and 100 shots; more characters than fit come in a table below, each once."""
    names = [f"character{n}" for n in range(characters)]
    rows = tuple(
        Row("s01e01", f"s{n:03}0", {who: measured("s01e01", f"s{n:03}0", who) for who in names})
        for n in range(1, 101)
    )
    trends = tuple(Trend("s01e01", who, 100, 0, 0.25, -0.25) for who in names)
    pairs = (Pair("character0", "character0.default", ("s01e01", "s0010"), ("s01e01", "s0020"), 0.5),)
    note = "its clothes are another colour than on the sheet"
    warnings = (Warned("s01e01", "s0010", "character0", note, 0.7),)
    found = Continuity(tuple(names), rows, trends, pairs, warnings)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr("onmodel.cli.continuity.continuity_of", lambda _: found)
    show_continuity(production, "s01e01", rehearse=False, as_json=False)
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 80
    heads = [line.split()[1:] for line in lines if line.startswith("shot ")]
    assert [name for head in heads for name in head] == names
    assert sum(line.startswith("s0010 ") for line in lines) == len(heads)
    assert f"  s0010  character0  0.70  {note}" in lines
    assert sum(line.count("unscorable -0.25") for line in lines) == 100 * characters
