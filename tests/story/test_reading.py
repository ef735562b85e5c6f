from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from onmodel.errors import Finding, Place, SetupError, StoryError
from onmodel.story import read_story

Files = Mapping[str, str | bytes]
Findings = Callable[[Files], list[str]]
ShotFindings = Callable[[str], list[str]]
Write = Callable[[Files], Path]

EPISODE = "episodes/s01e01.yaml"
PIP = "bible: 1\nname: Pip\nkind: human\nlooks: x\nalways: y\nwardrobe: {rain: x}\n"


def test_the_demo_is_sound(demo: Path) -> None:
    """The production in this repository reads without a finding, in the order in which it is written."""
    story = read_story(demo)
    assert story.production.name == "full-circle"
    assert set(story.bibles) == {"pip", "mina"}
    assert list(story.episodes["s01e01"].shots) == ["s010", "s020", "s030", "s040", "s050", "s060"]
    assert story.seasons["season-1"].ids == ["s01e01", "s01e02"]
    assert story.shots("s01e01")["s010"].mood == "warm lamp light"
    assert story.shots("s01e01")["s040"].cast == {"pip": "rain"}


def test_a_place_is_that_of_the_shot_or_of_its_default(demo: Path) -> None:
    """What a shot took from the defaults is shown there; what it says itself is shown at the shot."""
    story = read_story(demo)
    assert story.place("s01e01", "shots", "s010", "mood") == Place(EPISODE, 6, 9)
    assert story.place("s01e01", "shots", "s020", "mood") == Place(EPISODE, 17, 11)
    assert story.place("s01e01", "shots", "s010", "avoid") == Place(EPISODE, 9, 5)
    assert story.bible_place("pip", "wardrobe", "rain") == Place("characters/pip.yaml", 15, 9)


def test_no_production_is_a_matter_of_setup(tmp_path: Path) -> None:
    """A folder without production.yaml, or with a folder of that name, says how to make one."""
    with pytest.raises(SetupError, match="onmodel init"):
        read_story(tmp_path)
    (tmp_path / "production.yaml").mkdir()
    with pytest.raises(SetupError):
        read_story(tmp_path)


def test_everything_wrong_comes_at_once(findings: Findings) -> None:
    """Findings of every file and every kind, between files too, are one list in the order of the files."""
    found = findings(
        {
            "production.yaml": "production: 1\nname: Tiny\ntitel: x\n",
            "characters/pip.yaml": "bible: 1\nname: Pip\nkind: robot\nlooks: x\nalways: y\n",
            "characters/bad.yaml": "a:\n\tb: 1\n",
            EPISODE: "episode: 1\nshots:\n  s010: {cast: {pip: rian, pipp: rain}, start: x}\n  s010: {}\n",
            "episodes/s01e02.yaml": "",
            "episodes/season-1.yaml": "season: 1\ntitle: x\nepisodes: [s01e1]\n",
        }
    )
    assert [one.split(": ", 1)[0] for one in found] == [
        "characters/bad.yaml:2:1",
        "characters/pip.yaml:3:7",
        "episodes/s01e01.yaml:1:1",  # no title
        "episodes/s01e01.yaml:3:9",  # no action
        "episodes/s01e01.yaml:3:9",  # no setting
        "episodes/s01e01.yaml:3:22",  # no such wardrobe
        "episodes/s01e01.yaml:3:34",  # no such character
        "episodes/s01e01.yaml:4:3",  # twice
        "episodes/s01e02.yaml:1:1",
        "episodes/season-1.yaml:3:12",
        "production.yaml:1:1",
        "production.yaml:2:7",
        "production.yaml:3:1",
    ]


def test_an_unknown_character_is_told_with_the_nearest(shot_findings: ShotFindings) -> None:
    """Which bibles there are, and which one was meant."""
    (found,) = shot_findings("s010: {cast: pipp, start: x, action: y}")
    assert found == "5:16: unknown character 'pipp'; the bibles are: pip. Did you mean 'pip'?"


def test_an_unknown_wardrobe_is_told_with_the_nearest(shot_findings: ShotFindings) -> None:
    """What that character can wear; `default` needs no entry."""
    (found,) = shot_findings("s010: {cast: {pip: rian}, start: x, action: y}")
    assert found == "5:22: 'pip' has no wardrobe 'rian'; allowed: default, rain. Did you mean 'rain'?"
    assert shot_findings("s010: {cast: {pip: default}, start: x, action: y}") == []


def test_a_broken_bible_is_not_called_unknown(findings: Findings) -> None:
    """A character whose bible has a fault is one fault, not one for each shot."""
    (found,) = findings({"characters/pip.yaml": PIP.replace("human", "robot")})
    assert found.startswith("characters/pip.yaml:3:7")
    (found,) = findings({"characters/pip.yaml": "a: 'b\n"})
    assert found.startswith("characters/pip.yaml:1:4")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (b"", "production.yaml:1:1: the file is empty."),
        (b"- a\n- b\n", "production.yaml:1:1: keys and values are wanted here"),
        (b"just words\n", "production.yaml:1:1: keys and values are wanted here"),
        (
            b"production: 1\ntitle: caf\xe9\n",
            "production.yaml:2:11: the byte 0xe9 is not UTF-8. Save the file",
        ),
        ("production: 1".encode("utf-16"), "production.yaml:1:1: the byte 0xff is not UTF-8."),
        (b"a: " + b"x" * 10_000_000, "production.yaml: the file is over 10,000,000 bytes."),
        (b"a: [" * 2_000_000, "production.yaml:1:81: nested deeper than 40 levels."),
    ],
    ids=["empty", "list", "words", "latin-1", "utf-16", "10 MB", "8 MB of brackets"],
)
def test_a_file_of_another_kind_is_one_finding(findings: Findings, text: bytes, wanted: str) -> None:
    """Empty, a list, another encoding, far too large: one message with the place."""
    (found,) = findings({"production.yaml": text})
    assert found.startswith(wanted)


def test_a_byte_order_mark_is_read_over(findings: Findings) -> None:
    """Windows editors write one; columns count without it."""
    assert findings({"production.yaml": b"\xef\xbb\xbfproduction: 1\nname: tiny\ntitle: x\n"}) == []
    (found,) = findings({"production.yaml": b"\xef\xbb\xbfproduction: 2\r\nname: tiny\r\ntitle: x\r\n"})
    assert found.startswith("production.yaml:1:13: found 2")


def test_a_folder_in_a_file_s_place(write: Write) -> None:
    """A folder that is named like a story file is said to be none."""
    root = write({})
    (root / "characters/mina.yaml").mkdir()
    with pytest.raises(StoryError, match=r"characters/mina\.yaml: a file is wanted here\."):
        read_story(root)


def test_a_dangling_link_is_a_finding(write: Write) -> None:
    """A link to nowhere says why it cannot be read."""
    root = write({})
    (root / "characters/mina.yaml").symlink_to(root / "gone")
    with pytest.raises(StoryError, match=r"characters/mina\.yaml: cannot be read: No such file"):
        read_story(root)


def test_names_that_are_not_read_are_said(findings: Findings) -> None:
    """Another ending or an impossible id is a finding; an editor's own files are passed over."""
    found = findings(
        {"characters/mina.yml": "", "characters/.#pip.yaml": "x", "characters/Big Bot.yaml": "bible: 1"}
    )
    assert "characters/mina.yml: only files that end in .yaml are read. Rename it to mina.yaml." in found
    assert any(one.startswith("characters/Big Bot.yaml: 'Big Bot' is no id") for one in found)
    assert not any("#" in one for one in found)


def test_a_missing_file_is_told_with_the_nearest(shot_findings: ShotFindings, write: Write) -> None:
    """A reference that is not there, with the file in assets/ that was probably meant."""
    write({"assets/motion/sway.mp4": b""})
    (found,) = shot_findings("s010: {start: x, motion: {reference: assets/motion/swya.mp4}}")
    assert found == "5:40: there is no file 'assets/motion/swya.mp4'. Did you mean 'assets/motion/sway.mp4'?"


@pytest.mark.parametrize(
    "reference", ["../secret.png", "/etc/passwd", "assets/../../x.png", "assets/out/x.png"]
)
def test_a_reference_stays_in_the_folder(shot_findings: ShotFindings, write: Write, reference: str) -> None:
    """Neither dots, nor a path from the top, nor a link leads out of the production."""
    root = write({"assets/x.png": b""})
    (root / "assets/out").symlink_to(root.parent)
    (found,) = shot_findings(f"s010: {{start: x, action: y, last_frame: {reference}}}")
    assert found == f"5:43: '{reference}' is outside the production's folder. Copy it into assets/."


@pytest.mark.parametrize("reference", ["a/" + "x" * 300, "assets/loop/x.png", "assets"])
def test_a_reference_that_no_disk_can_have(shot_findings: ShotFindings, write: Write, reference: str) -> None:
    """A name that is too long, a circle of links or a folder is a finding, not a crash."""
    root = write({"assets/x.png": b""})
    (root / "assets/loop").symlink_to(root / "assets/loop")
    (found,) = shot_findings(f"s010: {{start: x, action: y, last_frame: {reference}}}")
    assert found.startswith("5:43: ")


def test_a_folder_and_an_unseen_letter_are_named(shot_findings: ShotFindings, write: Write) -> None:
    """What is wrong with the name of a file is said: that it is a folder's, or has a new line in it."""
    write({"assets/x.png": b""})
    (found,) = shot_findings("s010: {start: x, action: y, last_frame: assets}")
    assert found == "5:43: 'assets' is a folder. Name a file in it."
    (found,) = shot_findings('s010: {start: x, motion: {reference: "assets/x\\n.mp4"}}')
    assert "'\\n' cannot be in the name of a file here" in found


def test_the_references_of_a_sheet_are_looked_up(findings: Findings) -> None:
    """A picture that a bible names must be there."""
    bible = PIP + "sheet: {references: [a.png]}\n"
    assert findings({"characters/pip.yaml": bible}) == ["characters/pip.yaml:7:22: there is no file 'a.png'."]


def test_a_fault_in_the_defaults_is_told_once(findings: Findings) -> None:
    """What every shot takes over is one finding, at the defaults."""
    text = "episode: 1\ntitle: x\ndefaults: {cast: pipp, setting: s, last_frame: no.png}\nshots:\n"
    found = findings({EPISODE: text + "  a: {start: x, action: y}\n  b: {start: x, action: y}\n"})
    assert [one.split(": ")[0] for one in found] == [f"{EPISODE}:3:18", f"{EPISODE}:3:48"]


def test_an_unknown_episode_in_a_season(findings: Findings) -> None:
    """A season that lists an episode without a file says where."""
    found = findings({"episodes/season-1.yaml": "season: 1\ntitle: x\nepisodes: [s01e01, s01e03]\n"})
    assert found == ["episodes/season-1.yaml:3:20: there is no episodes/s01e03.yaml. Did you mean 's01e01'?"]


def test_only_the_wanted_episodes_are_read(write: Write) -> None:
    """A fault in another episode does not stop this one; a wanted one that is not there is a finding."""
    root = write({"episodes/s01e02.yaml": "broken: ["})
    assert list(read_story(root, episodes=["s01e01"]).episodes) == ["s01e01"]
    told = r"e1\.yaml: there is no such episode; there are: s01e01, s01e02\. Did you mean 's01e01'"
    with pytest.raises(StoryError, match=told):
        read_story(root, episodes=["s01e1"])


def test_a_season_is_read_with_its_episodes_for_its_budget(write: Write) -> None:
    """It may list what is not written yet; one that cannot be read may hold a cap, so it stops the run."""
    season = "season: 1\ntitle: One\nepisodes: [s01e01, s01e09]\nbudget_usd: 7.50\n"
    story = read_story(write({"episodes/season-1.yaml": season}), episodes=["s01e01"])
    assert str(story.seasons["season-1"].budget_usd) == "7.50"
    with pytest.raises(StoryError, match=r"there is no episodes/s01e09\.yaml"):
        read_story(story.root, episodes=["season-1"])
    with pytest.raises(StoryError, match=r"season-1\.yaml"):
        read_story(write({"episodes/season-1.yaml": "broken: ["}), episodes=["s01e01"])


SLIPS = st.sampled_from(
    [*"[]{}:,-?&*!|>'\"%@` \n\t#", "0", "1e9", "a", "ä", "\x00", "\u2028", "<<: ", "null"]
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.data())
def test_no_slip_of_the_fingers_is_too_much(
    demo: Path, demo_files: dict[str, str], at: st.DataObject
) -> None:
    """The demo with characters deleted, inserted or replaced anywhere reads, or says where it is wrong."""
    name = at.draw(st.sampled_from(sorted(demo_files)))
    sound = text = demo_files[name]
    for _ in range(at.draw(st.integers(1, 3))):
        start = at.draw(st.integers(0, len(text)))
        gone = at.draw(st.sampled_from([0, 1, 5, 60]))
        text = text[:start] + "".join(at.draw(st.lists(SLIPS, max_size=3))) + text[start + gone :]
    (demo / name).write_text(text, "utf-8")
    findings = findings_of(demo)
    (demo / name).write_text(sound, "utf-8")
    assert all((demo / one.place.file).is_file() for one in findings)
    here = [one.place for one in findings if one.place.file == name]
    assert all(1 <= place.line <= text.count("\n") + 1 and place.column >= 1 for place in here)


def findings_of(root: Path) -> list[Finding]:
    try:
        read_story(root)
    except StoryError as error:
        return error.findings or [Finding(Place("nothing.yaml"), "an error without a finding")]
    return []


def test_reading_a_story_imports_little() -> None:
    """Neither prefect nor numpy nor the word matcher is loaded to read a sound story."""
    heavy = {"prefect", "numpy", "rapidfuzz", "httpx"}
    code = f"import onmodel.story, sys; print(*{heavy}.intersection(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_an_episodes_format_changes_only_what_it_names(tmp_path: Path) -> None:
    """`format: {ratio: 9:16}` in an episode keeps the production's rate and resolution."""
    (tmp_path / "episodes").mkdir()
    (tmp_path / "production.yaml").write_text(
        "production: 1\nname: p\ntitle: P\nformat: {resolution: 360p, fps: 25}\n", encoding="utf-8"
    )
    (tmp_path / "episodes/s01e01.yaml").write_text(
        "episode: 1\ntitle: E\nformat: {ratio: '9:16'}\n"
        "shots: {s010: {setting: a hill, start: fog, action: it lifts}}\n",
        encoding="utf-8",
    )
    found = read_story(tmp_path).format("s01e01")
    assert (found.ratio, found.resolution, found.fps) == ("9:16", "360p", 25)
