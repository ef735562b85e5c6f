from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from onmodel.errors import PlanError
from onmodel.stages.deciding import circle_take, diagnose, order_retake

I2V = "image-to-video"
CLIP_1 = f"s010 · take 1 · {I2V}"


def shot(result: Any, name: str) -> Any:
    """What became of one shot."""
    return next(one for one in result.shots if one.shot == name)


def test_a_stranger_is_retaken_with_one_change_until_it_is_the_character(stage: Any) -> None:
    """The take is told as off-model, the next says what is different and is circled; it costs one more."""
    stage.artist.strangers = {CLIP_1}
    result = stage.produce()
    assert stage.told("s010", "off-model") == ["pip: it scores 0.10, at least 0.50 is needed"]
    said = stage.told("s010", "retake")[0]
    assert said.endswith("since take 1 is off-model (pip: it scores 0.10, at least 0.50 is needed)")
    assert (shot(result, "s010").take, shot(result, "s010").standing) == (2, "on-model")
    assert (result.submitted, result.needs_person, result.cut is not None) == (7, {}, True)
    assert result.on_model == "3 of 3 shots are on-model"
    assert stage.produce().submitted == 0


def test_each_retake_changes_another_thing_and_keeps_its_basis(stage: Any) -> None:
    """Remedies are tried in their order, none twice; the story's digest is the same for all takes."""
    stage.change("production.yaml", "retakes: 1", "retakes: 3")
    stage.artist.strangers = {f"s010 · take {n} · {I2V}" for n in (1, 2, 3)}
    stage.produce()

    async def intents(crew: Any) -> Any:
        jobs = crew.vault.journal.jobs("s01e01")
        return [one.intent for one in jobs if (one.slot.subject, one.slot.stage) == ("s010", "shoot")]

    found = stage.run(intents)
    remedies = [one.remedy for one in found]
    assert remedies[0] is None
    assert len(set(remedies)) == len(remedies) == 4
    assert len({one.slot.basis for one in found}) == 1
    assert len({one.arguments["prompt"] for one in found}) > 1


def test_when_none_is_on_model_the_shot_is_flagged_and_cut_all_the_same(stage: Any) -> None:
    """A person is asked, the best take is in the cut, and the next run buys nothing."""
    stage.artist.strangers = {f"s020 · take {n} · {I2V}" for n in range(1, 9)}
    result = stage.produce()
    assert (shot(result, "s020").state, shot(result, "s020").standing) == ("flagged", "off-model")
    assert list(result.needs_person) == ["s020"]
    assert result.cut is not None
    assert "s020 is off-model" in result.on_model
    again = stage.produce()
    assert (again.submitted, list(again.needs_person), again.cut_sha256) == (0, ["s020"], result.cut_sha256)


def test_a_strict_production_makes_no_cut_until_a_person_has_chosen(stage: Any) -> None:
    """`strict: true`: no cut with a shot that is not on-model; the take that Ada circles is good enough."""
    stage.change("production.yaml", "retakes: 1", "retakes: 0\nstrict: true")
    stage.artist.strangers = {f"s020 · take 1 · {I2V}"}
    result = stage.produce()
    assert result.cut is None
    assert "strict" in result.needs_person["s01e01"]
    circle_take(stage.call, "s020", 1, stage=None, by="ada")
    again = stage.produce()
    assert (again.submitted, again.needs_person, again.cut is not None) == (0, {}, True)


def test_an_off_model_keyframe_is_drawn_anew_before_a_clip_is_bought(stage: Any) -> None:
    """Fail cheap first: the picture for cents is judged before the clip for half a dollar."""
    stage.artist.strangers = {"s010 · take 1 · keyframe"}
    result = stage.produce()
    bought = stage.accepted()
    assert "s010 · take 2 · keyframe" in bought
    assert bought.count(CLIP_1) == 1
    assert result.needs_person == {}


def test_a_style_pass_that_changes_who_is_seen_is_rejected(stage: Any) -> None:
    """After its retakes the take without the style pass is in the cut, and a person is told."""
    stage.artist.strangers = {f"s030 · take {n} · style pass" for n in range(1, 9)}
    result = stage.produce()
    assert "the style pass is rejected and the take without it stays" in result.needs_person["s030"]

    async def look(crew: Any) -> Any:
        return crew.circled["s030.restyle"].media == crew.circled["s010.shoot"].media

    assert stage.run(look) is True
    assert result.cut is not None


def test_a_broken_take_is_not_looked_at_for_who_is_in_it(stage: Any) -> None:
    """Black is broken, not off-model: the verdict holds no identity."""
    stage.artist.black = {CLIP_1}
    stage.produce()

    async def verdicts(crew: Any) -> Any:
        jobs = crew.vault.journal.jobs("s01e01")
        return [one.verdict for one in jobs if (one.slot.subject, one.slot.stage) == ("s010", "shoot")]

    first, second = stage.run(verdicts)
    assert (first.ok, first.identity) == (False, {})
    assert (second.ok, set(second.identity)) == (True, {"pip"})


def test_an_ordered_retake_is_bought_with_the_persons_note(stage: Any) -> None:
    """One more take with the remedy and the note in its prompt, and it is circled instead."""
    stage.produce()
    ordered = order_retake(
        stage.call, "s010", problem="face-changing", stage=None, by="ada", note="the eye is too small"
    )
    assert ordered.remedy is not None
    result = stage.produce(["s010"])
    assert shot(result, "s010").take == 2

    async def intent(crew: Any) -> Any:
        return crew.circled["s010.shoot"].job.intent

    found = stage.run(intent)
    assert found.remedy == ordered.remedy.id
    assert "the eye is too small" in found.arguments["prompt"]


def test_a_remedy_that_draws_the_first_picture_anew_is_ordered_of_the_keyframe(stage: Any) -> None:
    """`start-morphing`: once the words were tried, the next order is of the keyframe; the clip follows."""
    stage.produce()
    order_retake(stage.call, "s010", problem="start-morphing", stage=None, by="ada")
    stage.produce(["s010"])
    ordered = order_retake(stage.call, "s010", problem="start-morphing", stage=None, by="ada")
    assert "keyframe" in ordered.label
    before = len(stage.accepted())
    stage.produce(["s010"])
    assert stage.accepted()[before:] != []


def test_remedies_are_told_with_price_and_obstacle(stage: Any) -> None:
    """Each says whether it can be made here, whether it was tried, and what a take with it costs."""
    stage.produce()
    about, problem, offers = diagnose(stage.call, "s010", problem="face-changing", stage=None)
    assert (about, problem) == ("s01e01 · s010 · image-to-video", "face-changing")
    assert all((one.usd is None) == bool(one.obstacle or one.remedy.by_hand) for one in offers)
    assert max(one.usd for one in offers if one.usd) > min(one.usd for one in offers if one.usd)
    assert diagnose(stage.call, "s010", problem=None, stage=None)[1:] == (None, [])


@pytest.mark.parametrize(
    ("subject", "n", "message"),
    [
        ("s01", 1, "s01e01 has no 's01'; there are: pip.default.front"),
        ("s010", 7, "has no take 7; its takes are: 1"),
    ],
)
def test_a_choice_of_what_is_not_there_is_refused(stage: Any, subject: str, n: int, message: str) -> None:
    """The message lists what there is, and nothing is written down."""
    stage.produce()
    with pytest.raises(PlanError) as caught:
        circle_take(stage.call, subject, n, stage=None, by="ada")
    assert message in str(caught.value)
    assert not list(Path(stage.root).glob(".onmodel/rehearsal/archive/decisions/**/*.json"))


def test_nothing_taken_cannot_be_taken_again(stage: Any) -> None:
    """A retake of a shot that was never filmed says what to do first."""
    with pytest.raises(PlanError, match="nothing was taken of it yet"):
        order_retake(stage.call, "s010", problem=None, stage=None, by="ada")
