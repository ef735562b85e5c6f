from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from onmodel.flowkit.server import Server
from onmodel.studio.reach import Reach

OnModel = Callable[..., Any]


def test_init_says_what_comes_next(onmodel: OnModel, tmp_path: Path) -> None:
    """After `init` the next two commands are on the screen, and the new folder is in order."""
    folder = tmp_path / "my series"
    found = onmodel("init", str(folder))
    assert found.code == 0
    assert f"cd '{folder}'" in found.out
    assert "onmodel produce s01e01 --rehearse" in found.out
    assert onmodel("check", str(folder)).out == "Everything is in order.\n"


def test_check_of_a_file_is_silent_about_others(onmodel: OnModel, production: Path) -> None:
    """Given a file, only its own faults count, and those of production.yaml."""
    bible = production / "characters" / "mina.yaml"
    bible.write_text(bible.read_text().replace("kind: human", "kind: humane"))
    assert onmodel("check", "episodes/s01e01.yaml").code == 0
    assert onmodel("check", "characters/mina.yaml").code == 1
    assert onmodel("check", "characters").code == 1


def test_check_json_has_every_finding_with_its_place(onmodel: OnModel, production: Path) -> None:
    """--json: findings as data on stdout, exit code 1, nothing on stderr."""
    episode = production / "episodes" / "s01e01.yaml"
    episode.write_text(episode.read_text().replace("seconds: 5", "seconds: 0"))
    found = onmodel("check", "--json")
    assert (found.code, found.err) == (1, "")
    document = json.loads(found.out)
    assert (document["schema"], document["ok"]) == ("onmodel.check/1", False)
    (finding,) = document["findings"]
    assert (finding["file"], finding["line"], finding["severity"]) == ("episodes/s01e01.yaml", 5, "error")


@pytest.mark.parametrize(
    "typed",
    [
        ("check",),
        ("plan", "s01e01"),
        ("plan", "cast"),
        ("takes", "s01e01"),
        ("takes", "cast", "--rehearse"),
        ("jobs",),
        ("doctor",),
    ],
)
def test_json_is_one_document_and_nothing_else(typed: tuple[str, ...], onmodel: OnModel) -> None:
    """--json: stdout is one JSON object, stderr is empty."""
    found = onmodel(*typed, "--json")
    assert found.err == ""
    assert isinstance(json.loads(found.out), dict)


@pytest.mark.parametrize("typed", [("plan", "s01e01"), ("takes", "s01e01"), ("jobs",), ("check",)])
def test_looking_makes_nothing(typed: tuple[str, ...], onmodel: OnModel, production: Path) -> None:
    """Commands that only look make no archive."""
    assert onmodel(*typed).code == 0
    assert not (production / "archive").exists()


def test_an_empty_archive_says_how_to_fill_it(onmodel: OnModel) -> None:
    """No takes yet: the command that makes some, in the same mode."""
    assert onmodel("takes", "s01e01").out.endswith("onmodel produce s01e01\n")
    assert onmodel("takes", "cast", "--rehearse").out.endswith("onmodel cast --rehearse\n")


def test_doctor_never_shows_the_key(onmodel: OnModel, monkeypatch: pytest.MonkeyPatch) -> None:
    """The key is there or not; what it is, is nobody's business."""
    assert "FAL_KEY" in onmodel("doctor").out
    monkeypatch.setenv("FAL_KEY", "id:5eC4e7deadbeef")
    monkeypatch.setattr("onmodel.studio.reach.look_at_fal", lambda: Reach(answers=True, skew_s=0.4))
    found = onmodel("doctor")
    assert found.code == 0
    assert "5eC4e7" not in found.out + found.err


@pytest.mark.parametrize(
    ("reach", "said"),
    [
        (Reach(answers=False, detail="ConnectError"), "no answer (ConnectError)"),
        (Reach(answers=True, skew_s=86_400.0), "+86400 s against fal's"),
    ],
)
def test_doctor_looks_at_fal_where_there_is_a_key(
    onmodel: OnModel, monkeypatch: pytest.MonkeyPatch, reach: Reach, said: str
) -> None:
    """A fal that does not answer stands in the way of nothing else; a clock a day off is wrong."""
    monkeypatch.setenv("FAL_KEY", "id:5eC4e7deadbeef")
    monkeypatch.setattr("onmodel.studio.reach.look_at_fal", lambda: reach)
    found = onmodel("doctor")
    assert said in found.out
    assert found.code == (1 if reach.answers else 0)


def test_doctor_outside_a_production_says_what_to_do(
    onmodel: OnModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where there is no production, that line is wrong, with the command that makes one."""
    empty = tmp_path / "empty"
    empty.mkdir()
    monkeypatch.chdir(empty)
    found = onmodel("doctor")
    assert found.code == 1
    assert "!!  production" in found.out
    assert "onmodel init DIR" in found.out


def test_a_crossfade_is_told_in_seconds(onmodel: OnModel, production: Path) -> None:
    """A crossfade that does not fit is told as the user wrote it: in seconds, never in frames."""
    episode = production / "episodes" / "s01e01.yaml"
    text = episode.read_text()
    episode.write_text(text.replace("crossfade: 0.5", "crossfade: 9", 1))
    said = onmodel("check").err
    assert "the crossfade out of this shot is 9 s, the shot has 5 s. Make the crossfade at most 5 s" in said
    assert "frames" not in said
    episode.write_text(text.replace("crossfade: 0.5", "crossfade: 3"))
    assert "(3 s and 3 s) overlap, the shot has 5 s." in onmodel("check").err


@pytest.mark.parametrize("command", [("check",), ("plan", "s01e01")])
def test_a_bad_picture_is_called_as_the_story_calls_it(
    onmodel: OnModel, production: Path, command: tuple[str, ...]
) -> None:
    """The message has the path that the user wrote, not the one on this machine."""
    (production / "bad.png").write_bytes(b"no picture")
    episode = production / "episodes" / "s01e01.yaml"
    episode.write_text(episode.read_text().replace("  s010:\n", "  s010:\n    last_frame: bad.png\n", 1))
    found = onmodel(*command)
    assert found.code == 1
    assert "bad.png" in found.err
    assert str(production) not in found.err


def test_the_servers_address_is_ready_for_a_shell(onmodel: OnModel, monkeypatch: pytest.MonkeyPatch) -> None:
    """`status`: the page and the line that turns `prefect` to it; `--api`: one address, or nothing."""
    assert onmodel("server", "status", "--api").out == ""
    monkeypatch.setattr(Server, "url", lambda _: "http://127.0.0.1:4242/api")
    status = onmodel("server", "status")
    assert status == (0, "http://127.0.0.1:4242\nexport PREFECT_API_URL=http://127.0.0.1:4242/api\n", "")
    assert onmodel("server", "start") == status
    assert onmodel("server", "status", "--api") == (0, "http://127.0.0.1:4242/api\n", "")


def test_no_server_is_said_with_the_command_that_starts_one(onmodel: OnModel) -> None:
    """`server status`: exit code 1 and the next step; `stop` with none running is no error."""
    found = onmodel("server", "status")
    assert found.code == 1
    assert "onmodel server start" in found.out
    assert onmodel("server", "stop") == (0, "No server was running.\n", "")
