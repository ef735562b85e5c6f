from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from onmodel import Film, Wish, film, film_async
from onmodel.cli.edge import run
from onmodel.errors import KeyMissing, NotMedia, OnModelError, OverBudget, PlanError, SetupError, StoryError
from onmodel.oneshot import dollars, write_film
from onmodel.post.probe import probe
from onmodel.settings import Folders
from onmodel.stages import opening
from onmodel.stages.cores import Cores
from onmodel.stages.crew import Report
from onmodel.stages.rehearsing import Rehearsal
from onmodel.stages.script import Call, Script, read_plan, read_script
from onmodel.studio.wire import Wire
from onmodel.testing import small_clip, small_picture
from onmodel.units import sha256_of_file

ROBOT = "A friendly small robot, round blue head, one glowing yellow eye"


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a clip and a picture."""
    folder = tmp_path_factory.mktemp("given")
    small_clip(folder / "sway.mp4", 3)
    small_picture(folder / "face.png")
    (folder / "notes.mp4").write_text("no clip at all", encoding="utf-8")
    return folder


@pytest.fixture(scope="module", autouse=True)
def no_key() -> Iterator[None]:
    """Nobody has a key."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("FAL_KEY", raising=False)
        yield


@pytest.fixture(scope="module")
def danced(given: Path) -> Film:
    """The pipeline, rehearsed once."""
    return film(ROBOT, out=given / "out/dance.mp4", motion=given / "sway.mp4", rehearse=True)


def wish(folder: Path, **said: object) -> Wish:
    """A wish that can be fulfilled, with what a test wants otherwise."""
    return replace(Wish(ROBOT, folder / "nod.mp4", action="it slowly nods"), **said)  # type: ignore[arg-type]


def test_the_pipeline_makes_a_picture_and_a_clip_that_moves_as_the_reference(danced: Film) -> None:
    """Two requests: the character's picture, then motion control; the file is the clip as delivered."""
    assert danced.submitted == 2
    assert danced.spent_usd == 0
    assert danced.would_cost_usd > 0
    assert probe(danced.picture).kind == "image"
    found = probe(danced.path)
    assert found.kind == "video"
    assert abs(found.seconds - 3) < 1
    assert sha256_of_file(danced.path) == danced.sha256


def test_the_same_words_again_cost_nothing(danced: Film, given: Path) -> None:
    """What was paid for is found again, even where the file was lost."""
    danced.path.unlink()
    again = film(ROBOT, out=danced.path, motion=given / "sway.mp4", rehearse=True)
    assert (again.submitted, again.reused) == (0, 2)
    assert again.would_cost_usd == 0
    assert again.sha256 == danced.sha256
    assert danced.path.is_file()


def test_what_was_made_is_a_production_like_any_other(
    danced: Film, capsys: pytest.CaptureFixture[str]
) -> None:
    """`check`, `plan` and `takes` read it; all that was made is current."""
    folder = str(danced.folder)
    assert run(["check", folder]) == 0
    assert run(["takes", "film", "--rehearse", "-p", folder]) == 0
    assert "●" in capsys.readouterr().out
    assert run(["plan", "film", "--rehearse", "-p", folder]) == 0
    assert "Nothing to buy" in capsys.readouterr().out


@pytest.fixture
def fal(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key at hand, and a fal of our own at the other end of the live wire."""

    def open_wire(
        call: Call, script: Script, settings: object, cores: Cores, rehearsal: Rehearsal, report: Report
    ) -> Wire:
        return opening.open_rehearsal(script, Folders(call.root, rehearsal=True), cores, rehearsal, report)

    monkeypatch.setattr(opening, "_open_wire", open_wire)
    monkeypatch.setenv("FAL_KEY", "no:key-at-all-0123456789")


@pytest.mark.usefixtures("fal")
def test_a_film_is_bought_once_and_within_the_cap(tmp_path: Path) -> None:
    """Live it is journaled and counted; the same again costs nothing, other words count with the first.

    A rehearsal into the same file is refused: it would replace what was paid for.
    """
    asked = wish(tmp_path, ratio="1:1", seconds=Fraction(5))
    bought = asyncio.run(film_async(asked, max_usd="0.60"))
    assert not bought.rehearsal
    assert bought.submitted == 2
    assert Decimal("0.3") < bought.spent_usd < Decimal("0.6")
    assert bought.picture.is_relative_to(bought.folder / "archive")
    again = asyncio.run(film_async(asked, max_usd="0.60"))
    assert (again.submitted, again.reused, again.spent_usd) == (0, 2, 0)
    with pytest.raises(OverBudget):
        asyncio.run(film_async(replace(asked, action="it slowly waves"), max_usd="0.60"))
    with pytest.raises(PlanError, match="was bought"):
        asyncio.run(film_async(asked, rehearse=True))
    assert sha256_of_file(asked.out) == bought.sha256


def test_a_rehearsal_is_never_taken_for_bought(danced: Film) -> None:
    """Its archive is the rehearsals' own: a live film of the same words would be bought anew."""
    assert not (danced.folder / "archive").exists()
    call = replace(
        write_film(Wish(ROBOT, danced.path, motion=danced.folder / "assets/motion.mp4")), rehearse=False
    )
    assert read_plan(call, read_script(call)).base_usd == danced.would_cost_usd


def test_a_setting_is_a_picture_more(tmp_path: Path) -> None:
    """Without one the sheet opens the clip; with one, or where its shape does not fit, a keyframe does."""
    for said, count in (
        ({}, 2),
        ({"setting": "a kitchen"}, 3),
        ({"ratio": "16:9"}, 3),
        ({"ratio": "1:1"}, 2),
    ):
        call = write_film(wish(tmp_path, **said))
        assert len(read_plan(call, read_script(call)).lines) == count, said


def test_a_film_is_one_clip_however_long(tmp_path: Path) -> None:
    """What is asked for in one shot is bought as one: the shortest that is sold, or it is told."""
    call = write_film(wish(tmp_path, seconds=Fraction(8)))
    [clip] = [
        one.commission for one in read_plan(call, read_script(call)).lines.values() if one.commission.is_clip
    ]
    assert clip.choice.seconds_bought == 10
    with pytest.raises(StoryError, match="10 s"):
        read_script(write_film(wish(tmp_path, seconds=Fraction(12))))


def test_the_cap_is_held_before_anything_is_sent(tmp_path: Path) -> None:
    """A price over the cap sends nothing, not even the picture that would fit."""
    with pytest.raises(OverBudget, match="left under the cap"):
        film(ROBOT, out=tmp_path / "a.mp4", action="it nods", rehearse=True, max_usd="0.10")
    assert not (tmp_path / "a.onmodel/.onmodel/rehearsal/fal").exists()
    assert not (tmp_path / "a.mp4").exists()


def test_without_a_key_nothing_is_begun(tmp_path: Path) -> None:
    """The message says how to rehearse; inside a running event loop too."""
    with pytest.raises(KeyMissing) as told:
        asyncio.run(film_async(wish(tmp_path)))
    assert "--rehearse" in told.value.hint


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"character": "  \n"}, "character is empty"),
        ({"character": ",;."}, "character is empty"),
        ({"action": ""}, "nothing says what moves"),
        ({"motion": Path("sway.mp4")}, "both given"),
        ({"action": "", "motion": Path("none.mp4")}, "no such file"),
        ({"action": "", "motion": Path("face.png")}, "a picture"),
        ({"action": "", "motion": Path()}, "no such file"),
        ({"action": "", "motion": Path("sway.mp4"), "seconds": 4}, "leave them out"),
        ({"orientation": "video"}, "for a motion reference"),
        ({"out": Path("nod.avi")}, "an .mp4"),
        ({"out": Path("sway.mp4")}, "no film of ours"),
        ({"ratio": "4:5"}, "allowed: 16:9"),
        ({"kind": "robot"}, "allowed: human"),
        ({"quality": "best"}, "allowed: draft"),
        ({"retakes": 9}, "0 to 5"),
    ],
)
def test_what_cannot_be_filmed_is_told_and_nothing_is_written(
    said: dict[str, object], told: str, given: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each mistake by itself, before a folder is made."""
    monkeypatch.chdir(given)
    with pytest.raises(PlanError, match=told):
        write_film(wish(Path(), **said))
    assert not Path("nod.onmodel").exists()


def test_a_file_that_is_no_media_is_told_as_such(given: Path, tmp_path: Path) -> None:
    """Whatever its name ends in."""
    with pytest.raises(NotMedia):
        write_film(wish(tmp_path, action="", motion=given / "notes.mp4"))


def test_a_production_that_people_write_is_not_written_over(tmp_path: Path) -> None:
    """A folder of that name which is not ours is left as it is."""
    theirs = tmp_path / "nod.onmodel/production.yaml"
    theirs.parent.mkdir()
    theirs.write_text("production: 1\n", encoding="utf-8")
    with pytest.raises(SetupError, match="written over"):
        write_film(wish(tmp_path))
    assert theirs.read_text(encoding="utf-8") == "production: 1\n"


@pytest.mark.parametrize(
    "character",
    [
        "一个小机器人，蓝色的圆头",
        "a robot 🤖, blue: yes, #1 eye",
        "a robot\x00\x1b[31m, red",
        "a robot, " * 2000,
    ],
    ids=["chinese", "emoji and marks", "control characters", "long"],
)
def test_any_words_make_a_story_that_can_be_read(character: str, tmp_path: Path) -> None:
    """What is typed becomes YAML that says the same, on one line."""
    call = write_film(wish(tmp_path, character=character))
    bible = read_script(call).story.bibles["character"]
    assert bible.looks.isprintable()
    assert bible.always


@pytest.mark.parametrize("value", ["nan", "inf", "-1", "much"])
def test_a_cap_is_dollars(value: str) -> None:
    """Anything else is refused before it could mean no cap at all."""
    with pytest.raises(OnModelError, match="max_usd"):
        dollars(value)
    assert dollars("0.10") == Decimal("0.10")


def test_the_command_says_the_price_first(danced: Film, capsys: pytest.CaptureFixture[str]) -> None:
    """Line by line, then what it comes to; then it refuses for want of a key."""
    typed = ["film", "--character", ROBOT, "--out", str(danced.path)]
    code = run([*typed, "--motion", str(danced.folder / "assets/motion.mp4")])
    told = capsys.readouterr().err
    assert code == 1
    assert f"Price: ${danced.would_cost_usd}" in told
    assert told.index("motion-control") < told.index("Price:") < told.index("FAL_KEY")


def test_the_command_ends_as_the_function_does(danced: Film, capsys: pytest.CaptureFixture[str]) -> None:
    """With --json, one document on stdout."""
    typed = ["film", "--character", ROBOT, "--out", str(danced.path), "--rehearse", "--json"]
    assert run([*typed, "--motion", str(danced.folder / "assets/motion.mp4")]) == 0
    said = capsys.readouterr().out
    assert '"schema": "onmodel.film/1"' in said
    assert danced.sha256 in said
