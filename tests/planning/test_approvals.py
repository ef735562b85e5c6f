from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onmodel.planning.notes import note_in_words, place_of
from onmodel.vault import Box, Decision

KEYFRAME = "s010.keyframe"
CLIP = "s010.shoot"


@pytest.fixture
def gated(desk: Any) -> Any:
    """A production that has keyframes and takes approved, with its sheets drawn."""
    desk.change("production", "retakes: 2", "retakes: 2\napprove: [takes, keyframes]")
    for name in desk.plan().lines:
        if name.endswith(".sheet"):
            desk.shoot(name)
    return desk


def approve(desk: Any, name: str) -> None:
    """Have Ada approve the circled take of a line."""
    take = desk.plan().lines[name].take
    desk.decide("approve", name, take.n, media=take.media.sha256)


def held(desk: Any) -> dict[str, tuple[str, ...]]:
    """What waits for whose approval."""
    return {name: line.held_by for name, line in desk.plan().lines.items() if line.held_by}


def test_gates_are_passed_one_after_the_other(gated: Any) -> None:
    """A clip waits for its keyframe, a style pass for its clip too; prices are told apart at each step."""
    assert held(gated)[CLIP] == (KEYFRAME,)
    assert held(gated)["s030.restyle"] == (KEYFRAME, CLIP)
    assert gated.plan().awaiting == {}
    gated.shoot(KEYFRAME)
    assert gated.plan().awaiting == {"keyframes": 1}
    approve(gated, KEYFRAME)
    plan = gated.plan()
    assert plan.awaiting == {}
    assert plan.lines[CLIP].held_by == ()
    assert plan.held_usd == plan.base_usd - plan.now_usd > 0
    gated.shoot(CLIP)
    assert gated.plan().awaiting == {"takes": 1}
    assert held(gated)["s030.restyle"] == (CLIP,)


def test_the_gates_stand_in_the_order_of_the_work(gated: Any) -> None:
    """However they are written."""
    assert gated.plan().gates == ("keyframes", "takes")


def test_circling_opens_the_gate_of_takes_only(gated: Any) -> None:
    """Who circles a clip says what goes into the cut; behind a keyframe there is money, it wants the word."""
    gated.shoot(KEYFRAME)
    gated.decide("circle", KEYFRAME, 1)
    assert gated.plan().awaiting == {"keyframes": 1}
    approve(gated, KEYFRAME)
    gated.shoot(CLIP)
    gated.decide("circle", CLIP, 1)
    assert gated.plan().awaiting == {}


def test_what_holds_nothing_up_is_not_asked_about(gated: Any) -> None:
    """A keyframe whose clip is there waits for nobody; once the clip is ordered anew, it does."""
    gated.change("production", "approve: [takes, keyframes]", "approve: []")
    gated.shoot_all()
    gated.change("production", "approve: []", "approve: [keyframes]")
    assert gated.plan().awaiting == {}
    gated.decide("retake", CLIP, 1)
    plan = gated.plan()
    assert plan.awaiting == {"keyframes": 1}
    assert plan.lines[CLIP].held_by == (KEYFRAME,)


def test_a_renamed_shot_keeps_its_approval(gated: Any) -> None:
    """The take is adopted with what was said of it."""
    gated.shoot(KEYFRAME)
    approve(gated, KEYFRAME)
    gated.change("episode", "s010", "s015")
    plan = gated.plan()
    assert plan.lines["s015.keyframe"].approval.word.by == "ada"
    assert plan.lines["s015.shoot"].held_by == ()


def test_an_approval_of_another_file_does_not_count(gated: Any) -> None:
    """What is approved is the picture: the number alone lets nothing through, and circles nothing."""
    gated.shoot(KEYFRAME)
    gated.decide("approve", KEYFRAME, 1, media="f" * 64)
    assert gated.plan().awaiting == {"keyframes": 1}


def test_an_order_takes_an_approval_back(gated: Any) -> None:
    """Where the ordered take breaks and the approved one stands again, it is asked about again."""
    gated.change("production", "retakes: 2", "retakes: 0")
    gated.shoot(KEYFRAME)
    approve(gated, KEYFRAME)
    gated.decide("retake", KEYFRAME, 1)
    assert gated.plan().awaiting == {}
    gated.shoot(KEYFRAME, 2, broken="black")
    line = gated.plan().lines[KEYFRAME]
    assert (line.take.n, line.awaits) == (1, "keyframes")
    assert line.approval.why.endswith("another one was ordered since")


def test_what_stands_for_a_rejected_style_pass_may_be_approved(desk: Any) -> None:
    """The take without the pass is asked about; approved, it is no concern any more."""
    desk.shoot_all()
    desk.change("production", "retakes: 2", "retakes: 0\napprove: [takes]")
    desk.change("episode", "look: pencil", "look: charcoal")
    approve(desk, CLIP)
    for view in ("front", "profile"):
        desk.shoot(next(name for name in desk.plan().lines if "in-charcoal" in name and view in name))
    desk.shoot("s030.restyle", looks="off-model", score=0.1)
    before = desk.plan().lines["s030.restyle"]
    assert (before.state, before.awaits, before.take.media) == (
        "flagged",
        "takes",
        desk.plan().lines[CLIP].take.media,
    )
    approve(desk, "s030.restyle")
    after = desk.plan().lines["s030.restyle"]
    assert (after.state, after.awaits, after.take.media) == ("current", None, before.take.media)


def test_a_note_decides_nothing(gated: Any) -> None:
    """Neither an order nor an approval is undone by somebody's note."""
    gated.shoot(KEYFRAME)
    approve(gated, KEYFRAME)
    gated.decide("note", KEYFRAME, 1, note="lovely")
    assert gated.plan().awaiting == {}
    gated.decide("retake", KEYFRAME, 1)
    gated.decide("note", KEYFRAME, 1, note="but darker")
    assert gated.plan().lines[KEYFRAME].why == "ada ordered a retake"


# -- notes in words ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("box", "words"),
    [
        ((0, 0, 0.2, 0.2), "at the upper left"),
        ((0.8, 0.8, 0.2, 0.2), "at the lower right"),
        ((0.4, 0.4, 0.2, 0.2), "in the middle"),
        ((0, 0, 0.3, 1), "at the left"),
        ((0, 0.9, 1, 0.1), "at the bottom"),
        ((0.1, 0, 0.8, 0.2), "at the top"),
        ((0, 0, 1, 1), ""),
    ],
)
def test_a_box_in_words(box: Any, words: str) -> None:
    """A prompt has no coordinates: the third of the picture is said."""
    assert place_of(Box(*box)) == words


@given(
    x=st.floats(0, 0.99), y=st.floats(0, 0.99), w=st.floats(0.01, 1), h=st.floats(0.01, 1), at=st.floats(0, 5)
)
def test_every_note_has_its_words_last(x: float, y: float, w: float, h: float, at: float) -> None:
    """Wherever it is, the note ends with what the person wrote, and no number stands before it."""
    said: dict[str, Any] = {"box": Box(x, y, min(w, 1 - x), min(h, 1 - y)), "at_s": at}
    one = Decision(
        kind="note",
        subject="s010",
        stage="shoot",
        basis="a" * 64,
        n=1,
        note="only one antenna",
        by="ada",
        at=datetime.now(UTC),
        **said,
    )
    words = note_in_words(one, Fraction(5))
    assert words.endswith("only one antenna")
    assert not any(letter.isdigit() for letter in words)
