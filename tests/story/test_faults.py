from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from onmodel.story import Shot
from onmodel.story.faults import circles

ShotFindings = Callable[[str], list[str]]
FIRST_FRAMES = "keyframe, sheet, previous, none, a shot's id or a file"
SOUND = "s010: {start: Pip stands, action: it waves}\n"


def test_a_sound_shot_has_no_fault(shot_findings: ShotFindings) -> None:
    """What stands in the docs as the shortest shot is enough."""
    assert shot_findings(SOUND) == []


@pytest.mark.parametrize(
    ("shots", "wanted"),
    [
        ("s010: {action: x}", "5:9: 'start' is missing: say what the first frame shows."),
        ("s010: {start: x}", "5:9: 'action' is missing: say what changes after the first frame."),
        (
            "s010: {start: x, action: y, setting: }",
            "5:9: 'setting' is missing: say where it happens, here or in 'defaults'.",
        ),
        (
            "s010: {start: x, action: y, mode: edit}",
            "5:37: mode 'edit' changes another shot's clip: say which with 'restyle'.",
        ),
        (
            "s010: {start: x, action: y, keep_sound: true}",
            (
                "5:43: 'keep_sound': this shot has no input whose sound could stay. "
                "'audio: true' has sound made for it."
            ),
        ),
        (
            "s010: {start: x, action: y, cast: [], mode: reference}",
            "5:47: mode 'reference' needs pictures to go by: 'cast' or 'references'.",
        ),
        (
            "s010: {start: x, effect: hug, cast: []}",
            "5:28: 'effect' works on a first frame, and this shot has none.",
        ),
        (
            "s010: {start: x, action: y, mask: {moving: []}}",
            "5:37: 'mask' says neither 'still' nor 'moving'.",
        ),
        (
            "s010: {start: x, action: y, audio: false, voices: [ada]}",
            "5:38: 'voices' are heard only with sound: remove 'audio: false'.",
        ),
        (
            "s010: {start: x, action: y, references: [pipp]}",
            "5:43: unknown character 'pipp'; the bibles are: pip. Did you mean 'pip'?",
        ),
        (
            "s010: {start: x, action: y, references: {a lamp: assets/lamp.png}}",
            "5:52: there is no file 'assets/lamp.png'.",
        ),
        (
            SOUND + "s020: {restyle: {shot: s010}}",
            "6:19: 'restyle' changes nothing. Add 'look', 'setting', 'mood' or 'cast'.",
        ),
        (
            SOUND + "s020: {restyle: {shot: s010, cast: {mina: default}}}",
            "6:45: 'mina' is not in 's010': only who is in it can wear something else.",
        ),
        (
            SOUND + "s020: {restyle: {shot: s010, cast: {pip: cape}}}",
            "6:44: 'pip' has no wardrobe 'cape'; allowed: default, rain.",
        ),
        (
            "s010: {start: x, action: y, motion: {reference: m.mp4}}",
            "5:28: 'action' and 'motion' are both given: the reference moves, so remove 'action'.",
        ),
        (
            "s010: {start: x, cast: [], motion: {reference: m.mp4}}",
            "5:38: 'motion' needs somebody who moves: say who with 'cast'.",
        ),
        (
            "s010: {start: x, first_frame: none, motion: {reference: m.mp4}}",
            "5:33: 'motion' needs a first frame: 'none' is not possible here.",
        ),
        (
            "s010: {start: x, seconds: 4, motion: {reference: m.mp4}}",
            "5:29: 'seconds' is given by the motion reference: remove it.",
        ),
        (
            "s010: {start: x, action: y, cast: [], first_frame: sheet}",
            "5:54: first_frame 'sheet' needs somebody in 'cast'.",
        ),
        (
            "s010: {start: x, action: y, first_frame: previous}",
            "5:44: the first shot has no previous one.",
        ),
        (
            "s010: {start: x, action: y, first_frame: keyfame}",
            f"5:44: found 'keyfame' for 'first_frame'; allowed: {FIRST_FRAMES}. Did you mean 'keyframe'?",
        ),
        (
            f"{SOUND}s020: {{restyle: {{shot: s011, look: ink}}}}",
            "6:26: there is no shot 's011'; the shots are: s010, s020. Did you mean 's010'?",
        ),
        (
            f"{SOUND}s020: {{restyle: {{shot: s010, look: ink}}, action: x}}",
            "6:52: 'action' says how to film, but this shot restyles another: remove 'action' or 'restyle'.",
        ),
        (
            "s010: {start: x, action: y, first_frame: s010}",
            "5:9: the shots are made from each other: 's010' from 's010'.",
        ),
    ],
)
def test_each_contradiction_is_told_at_its_place(
    shot_findings: ShotFindings, shots: str, wanted: str
) -> None:
    """Line and column of the value that is at fault, or of the shot where something is missing."""
    assert wanted in shot_findings(shots)


def test_the_shots_listed_are_few(shot_findings: ShotFindings) -> None:
    """A message lists a dozen shots of a long episode, and the nearest one of all."""
    shots = "".join(f"s{n}: {{start: x, action: y}}\n" for n in range(100, 400))
    (found,) = shot_findings(shots + "s999: {restyle: {shot: s398x, look: ink}}")
    assert "s111, ..." in found
    assert "s112" not in found
    assert found.endswith("Did you mean 's398'?")


def test_a_circle_is_told_once_with_its_whole_way(shot_findings: ShotFindings) -> None:
    """Shots that are made from each other are one finding, at the first of them; a tail is no part of it."""
    found = shot_findings(
        "s005: {start: x, action: y, first_frame: s020}\n"
        "s010: {start: x, action: y, first_frame: s020}\n"
        "s020: {start: x, action: y, first_frame: s030}\n"
        "s030: {restyle: {shot: s010, look: ink}}\n"
    )
    assert len(found) == 1
    assert found[0].startswith("6:9: the shots are made from each other: ")
    assert all(
        step in found[0] for step in ("'s010' from 's020'", "'s020' from 's030'", "'s030' from 's010'")
    )


def test_a_long_chain_is_followed_quickly() -> None:
    """Two thousand shots that each go on from the one before are no circle, and take no noticeable time."""
    shots = {f"s{n}": Shot(first_frame="previous") for n in range(2000)}
    start = time.monotonic()
    assert list(circles(shots)) == []
    assert time.monotonic() - start < 5


def test_a_shot_that_is_wrong_in_itself_brings_no_second_complaint(shot_findings: ShotFindings) -> None:
    """What leans on a shot that could not be read is not called wrong too."""
    found = shot_findings("s010: 5\ns020: {restyle: {shot: s010, look: ink}}\n")
    assert found == ["5:9: found 5 for 's010'; a block of keys and values is wanted."]
