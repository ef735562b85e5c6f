from __future__ import annotations

from collections.abc import Collection
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onmodel.craft.remedies import (
    Change,
    Remedy,
    Verdict,
    next_remedy,
    problem_of,
    problems,
    remedies_for,
    remedy,
    with_obstacles,
)
from onmodel.errors import PlanError

TREES = {
    "motion": ["motion-jerky", "motion-too-slow", "motion-too-fast", "motion-robotic"],
    "morphing": ["face-changing", "outfit-changing", "proportions-shifting", "colours-shifting"],
    "picture": ["start-morphing", "background-moving", "subject-distorted"],
    "motion-control": ["motion-not-transferring", "identity-lost", "style-not-applied"],
    "edit": ["edit-not-applied", "wrong-things-changing", "quality-lost"],
    "onmodel": [
        "picture-off-model",
        "clip-broken",
        "clip-frozen",
        "clip-flickers",
        "clip-has-cuts",
        "clip-silent",
    ],
}
EVERY = [one for problem in problems().values() for one in problem.remedies]


def free(change: Change) -> str:
    """Nothing stands in the way."""
    return ""


def ids(found: Collection[Remedy]) -> list[str]:
    return [one.id for one in found]


def test_the_guides_five_trees_are_there() -> None:
    """Every branch is a problem, in the guide's order, and a sixth tree holds what our own looks find."""
    found: dict[str, list[str]] = {}
    for problem in problems().values():
        found.setdefault(problem.tree, []).append(problem.id)
    assert found == TREES


@pytest.mark.parametrize(
    ("problem", "leaves"),
    [("motion-jerky", 4), ("face-changing", 4), ("start-morphing", 2), ("motion-not-transferring", 4)],
)
def test_every_leaf_of_a_branch_is_a_remedy(problem: str, leaves: int) -> None:
    """The guide's leaves, and behind them the dice."""
    found = remedies_for(problem)
    assert len(found) == leaves + 1
    assert found[-1].change == Change(again=True)


@pytest.mark.parametrize("one", EVERY, ids=lambda one: f"{one.problem}:{one.id}")
def test_a_remedy_can_be_told_and_found_again(one: Remedy) -> None:
    """It says its cause and what it does, and is found by the id that a take keeps."""
    assert one.cause
    assert one.words
    if one.id != "again":
        assert one.id.startswith(f"{one.problem}.")
        assert remedy(one.id) == one
        assert ids(EVERY).count(one.id) == 1


@pytest.mark.parametrize("one", [one for one in EVERY if not one.by_hand], ids=lambda one: one.id)
def test_a_remedy_is_one_change(one: Remedy) -> None:
    """Words go with room and denials for them; else a single setting changes: its effect can be seen."""
    words = {"anchors", "motion", "avoid", "drop", "one_movement", "style", "characters"}
    changed = {name for name, value in vars(one.change).items() if value != getattr(Change(), name)}
    assert changed <= words or len(changed) == 1


def test_a_forgotten_remedy_is_none() -> None:
    """An id that a newer version no longer knows ends nothing."""
    assert remedy("face-changing.incense") is None


def test_remedies_come_in_order() -> None:
    """Each take gets the first that was not tried; the last is the same once more; then there is none."""
    tried: list[str] = []
    while found := next_remedy("face-changing", tried, free):
        tried.append(found.id)
    assert tried == ids(remedies_for("face-changing"))
    assert tried[0] == "face-changing.features"


def test_what_cannot_be_done_is_passed_over() -> None:
    """A remedy with an obstacle waits; one for a person is never chosen."""
    found = next_remedy("face-changing", ["face-changing.features"], lambda change: change.quality or "")
    assert found is not None
    assert found.id == "face-changing.larger-picture"
    chosen = next_remedy("motion-not-transferring", ["motion-not-transferring.other-orientation"], free)
    assert chosen is not None
    assert chosen.change.again


def test_a_broken_clip_throws_the_dice_as_often_as_it_may() -> None:
    """Where chance is the only remedy it is not used up: the production's `retakes` end it."""
    found = next_remedy("clip-broken", ["again", "again"], free)
    assert found is not None
    assert found.change.again


@given(st.sampled_from(sorted(problems())), st.sets(st.sampled_from(ids(EVERY))))
def test_nothing_is_tried_twice(problem: str, tried: set[str]) -> None:
    """Whatever was tried, the next is new, belongs to the problem, and changes something."""
    found = next_remedy(problem, tried, free)
    if found is not None and len(remedies_for(problem)) > 1:
        assert found.id not in tried
        assert found in remedies_for(problem)
        assert found.change


def test_obstacles_are_told_beside_their_remedies() -> None:
    """All of a problem's remedies, each with what is in its way; none for those that a person does."""
    found = dict(with_obstacles("motion-not-transferring", lambda _: "no such field"))
    assert list(found.values()) == ["no such field", "", "", "", "no such field"]


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("face-chaning", "face-changing"),
        ("colors-shifting", "colours-shifting"),
        ("costume", "outfit-changing"),
        ("Jerky", "motion-jerky"),
    ],
)
def test_an_unknown_problem_names_the_nearest(text: str, near: str) -> None:
    """The message lists every problem, the hint the one that was meant."""
    with pytest.raises(PlanError) as caught:
        remedies_for(text)
    assert "face-changing, outfit-changing" in caught.value.message
    assert caught.value.hint.startswith(f"Did you mean {near}?")


def test_nonsense_is_like_no_problem() -> None:
    """No guess is made where nothing is like it."""
    with pytest.raises(PlanError) as caught:
        remedies_for("zzzz")
    assert "Did you mean" not in caught.value.hint


@pytest.mark.parametrize(
    ("verdict", "stage", "mode", "kind", "problem"),
    [
        ("drifting", "shoot", "image-to-video", "human", "face-changing"),
        ("drifting", "shoot", "image-to-video", "stylised", "proportions-shifting"),
        ("off-model", "shoot", "motion-control", "human", "identity-lost"),
        ("off-model", "shoot", "image-to-video", "stylised", "identity-lost"),
        ("off-model", "restyle", "style pass", "stylised", "wrong-things-changing"),
        ("off-model", "keyframe", "keyframe", "human", "picture-off-model"),
        ("unscorable", "shoot", "motion-control", "human", "subject-distorted"),
        ("broken", "shoot", "motion-control", "human", "clip-broken"),
    ],
)
def test_a_verdict_points_at_a_problem(
    verdict: Verdict, stage: str, mode: str, kind: str, problem: str
) -> None:
    """Where nobody says what is wrong, the verdict, the stage, the mode and the character do."""
    assert problem_of(verdict, stage=stage, mode=mode, kind=kind) == problem


@pytest.mark.parametrize(
    ("fault", "problem"),
    [
        ("frozen", "clip-frozen"),
        ("flicker", "clip-flickers"),
        ("cut", "clip-has-cuts"),
        ("silent", "clip-silent"),
        ("no-sound", "clip-silent"),
        ("black", "clip-broken"),
        ("", "clip-broken"),
    ],
)
def test_what_the_gates_found_points_at_a_problem(fault: str, problem: str) -> None:
    """Each fault that words can mend has remedies of its own; the rest is thrown again."""
    assert problem_of("broken", stage="shoot", fault=fault) == problem


@pytest.mark.parametrize("verdict", get_args(Verdict))
@pytest.mark.parametrize("stage", ["sheet", "keyframe", "shoot", "restyle"])
@pytest.mark.parametrize("kind", ["human", "stylised", ""])
def test_every_verdict_has_remedies(verdict: Verdict, stage: str, kind: str) -> None:
    """There is no verdict, at any stage, after which nobody knows what to try."""
    problem = problem_of(verdict, stage=stage, kind=kind)
    assert next_remedy(problem, (), free) is not None


def test_a_verdict_that_nobody_knows_is_a_fault_of_ours() -> None:
    """It does not quietly become some other problem."""
    with pytest.raises(ValueError, match="vanished"):
        problem_of("vanished", stage="shoot")  # type: ignore[arg-type]


@given(st.floats(0, 1))
def test_the_adherence_moves_only_as_far_as_it_must(now: float) -> None:
    """What is within the bounds stays, what is outside comes to the bound."""
    assert Change(adherence_at_most=0.35).adherence(now) == min(now, 0.35)
    assert Change(adherence_at_least=0.7).adherence(now) == max(now, 0.7)
    assert Change().adherence(now) == now
