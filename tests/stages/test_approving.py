from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from onmodel.errors import PlanError
from onmodel.stages.approving import approve, note, waiting
from onmodel.stages.crew import Crew
from onmodel.stages.deciding import circle_take, order_retake
from onmodel.stages.script import Call, read_plan, read_script
from onmodel.stages.shooting import model_sheet
from onmodel.stages.together import CastResult, wrap_up_cast
from onmodel.units import sha256_of_file


def gated(stage: Any, *gates: str) -> None:
    """Have the production ask a person at these gates."""
    stage.change("production.yaml", "retakes: 1\n", f"retakes: 1\napprove: [{', '.join(gates)}]\n")


def states(result: Any) -> dict[str, str]:
    """Where every shot stands."""
    return {shot.shot: shot.state for shot in result.shots}


def test_a_keyframe_is_approved_before_its_clip_is_bought(stage: Any) -> None:
    """The run ends in order with the keyframe made and no clip bought; approved, the next one goes on."""
    gated(stage, "keyframes")
    first = stage.produce()
    assert first.awaiting == {"keyframes": 1}
    assert (first.needs_person, first.cut) == ({}, None)
    assert not [label for label in stage.accepted() if "image-to-video" in label]
    # s020 starts from the last frame of s010, s030 restyles it: both wait with it.
    assert set(states(first).values()) == {"awaiting approval"}
    done = approve(stage.call, (), "ada")
    assert [one.id for one in done.things] == ["s010.keyframe"]
    assert done.things[0].holds == ("s010.shoot", "s020.shoot", "s030.restyle")
    second = stage.produce()
    assert (second.awaiting, second.needs_person) == ({}, {})
    assert second.cut


def test_shots_do_not_wait_for_each_others_approval(stage: Any) -> None:
    """With two keyframes the clip of the approved one is bought, the other waits."""
    gated(stage, "keyframes")
    stage.change("episodes/s01e01.yaml", "    first_frame: previous\n", "    setting: a hall\n")
    assert stage.produce().awaiting == {"keyframes": 2}
    approve(stage.call, ["s020"], "ada")
    second = stage.produce()
    assert second.awaiting == {"keyframes": 1}
    assert states(second) == {
        "s010": "awaiting approval",
        "s020": "circled",
        "s030": "awaiting approval",
    }
    assert "s020 · take 1 · image-to-video" in stage.accepted()
    assert "s010 · take 1 · image-to-video" not in stage.accepted()


def test_a_sheet_is_approved_view_by_view_before_any_picture_of_it(stage: Any) -> None:
    """Keyframes wait for all views of the character as it is seen; a style pass has a sheet too."""
    gated(stage, "sheet")
    stage.change("characters/pip.yaml", "views: [front]", "views: [front, profile, back, full-body]")
    first = stage.produce()
    drawn = [label for label in stage.accepted() if "model sheet" in label]
    assert first.awaiting == {"sheet": len(drawn)}
    assert drawn == stage.accepted()
    views = [f"pip.default.{view}" for view in ("front", "profile", "back", "full-body")]
    approve(stage.call, views[:3], "ada")
    assert set(states(stage.produce()).values()) == {"awaiting approval"}
    approve(stage.call, views[3:], "ada")
    third = stage.produce()
    # What is left is in the look of the style pass: only that waits for it.
    assert states(third) == {"s010": "circled", "s020": "circled", "s030": "awaiting approval"}
    assert third.awaiting == {"sheet": len(drawn) - 4}
    approve(stage.call, ["pip"], "ada")
    assert stage.produce().cut


def test_the_cut_is_made_of_approved_takes_only(stage: Any) -> None:
    """A style pass waits for the take that it is made from; the cut waits for all; circling is approving."""
    gated(stage, "takes")
    first = stage.produce()
    # s020 begins with a frame of s010: what is made from an unapproved take is not bought.
    assert first.awaiting == {"takes": 1}
    assert states(first) == dict.fromkeys(("s010", "s020", "s030"), "awaiting approval")
    assert [shot.take for shot in first.shots] == [1, None, None]
    approve(stage.call, ["s010"], "ada")
    second = stage.produce()
    assert (second.awaiting, second.cut) == ({"takes": 2}, None)
    circle_take(stage.call, "s020", 1, stage=None, by="ada")
    approve(stage.call, ["s030"], "bo")
    third = stage.produce()
    assert (third.awaiting, states(third)) == ({}, dict.fromkeys(("s010", "s020", "s030"), "circled"))
    manifest = json.loads(Path(third.cut).with_name("s01e01.manifest.json").read_text(encoding="utf-8"))
    said = [(one["kind"], one["subject"], one["take"], one["by"]) for one in manifest["decisions"]]
    assert said == [("approve", "s010", 1, "ada"), ("circle", "s020", 1, "ada"), ("approve", "s030", 1, "bo")]


def test_an_unapproved_cut_is_delivered_to_be_looked_at(stage: Any) -> None:
    """It is made, archived and named as one for review; approved, the same bytes get the episode's name."""
    gated(stage, "cut")
    first = stage.produce()
    assert first.awaiting == {"cut": 1}
    assert Path(first.cut).name == "s01e01.review.mp4"
    folder = Path(first.cut).parent
    done = approve(stage.call, (), "ada", note="lovely")
    assert [(one.id, one.media.sha256) for one in done.things] == [("s01e01.cut", first.cut_sha256)]
    assert done.plan.cut is not None
    assert done.plan.cut.word is not None
    second = stage.produce()
    assert (second.awaiting, second.submitted) == ({}, 0)
    assert sorted(path.name for path in folder.iterdir()) == ["s01e01.manifest.json", "s01e01.mp4"]
    assert sha256_of_file(Path(second.cut)) == first.cut_sha256
    manifest = json.loads((folder / "s01e01.manifest.json").read_text(encoding="utf-8"))
    assert [(one["of"], one["by"], one["note"]) for one in manifest["decisions"]] == [
        ("cut", "ada", "lovely")
    ]


def test_another_cut_is_asked_about_anew(stage: Any) -> None:
    """The approved cut stays where it was delivered until the new one is approved too."""
    gated(stage, "cut")
    stage.produce()
    approve(stage.call, (), "ada")
    stage.produce()
    stage.change("episodes/s01e01.yaml", "title: Pilot", "title: The pilot")
    again = stage.produce()
    assert again.awaiting == {"cut": 1}
    found = waiting(stage.call)
    assert "the cut that ada approved on" in found.things[0].why
    folder = Path(again.cut).parent
    assert {"s01e01.mp4", "s01e01.review.mp4"} <= {path.name for path in folder.iterdir()}
    # Nobody's word about the one cut is told of the other.
    manifest = json.loads((folder / "s01e01.review.manifest.json").read_text(encoding="utf-8"))
    assert "decisions" not in manifest


def test_the_cast_may_be_approved_before_any_episode(stage: Any) -> None:
    """`onmodel cast` waits for its views too; approved there, no episode asks about them again."""
    gated(stage, "sheet")

    async def scene(crew: Crew) -> CastResult:
        await model_sheet(crew, "pip")
        return wrap_up_cast(crew)

    cast = Call(stage.root, "cast", rehearse=True)
    assert stage.run(scene, scope="cast").awaiting == {"sheet": 1}
    assert [one.id for one in approve(cast, ["pip"], "ada").things] == ["pip.default.front.sheet"]
    assert stage.run(scene, scope="cast").awaiting == {}
    assert states(stage.produce(["s010"]))["s010"] == "circled"


def test_every_gate_in_turn_to_the_finished_cut(stage: Any) -> None:
    """With all four gates nothing is bought before its approval, and in the end nothing was bought twice."""
    gated(stage, "sheet", "keyframes", "takes", "cut")
    seen = []
    result = stage.produce()
    while result.awaiting:
        seen.append(result.awaiting)
        assert not result.needs_person
        approve(stage.call, (), "ada")
        result = stage.produce()
        assert len(seen) < 10
    assert seen[:3] == [{"sheet": 2}, {"keyframes": 1}, {"takes": 1}]
    assert seen[-1] == {"cut": 1}
    assert Path(result.cut).name == "s01e01.mp4"
    assert len(stage.accepted()) == len(set(stage.accepted())) == 6


def test_an_episode_may_ask_otherwise_than_the_production(stage: Any) -> None:
    """`approve: []` in the episode has nobody asked."""
    gated(stage, "keyframes", "takes")
    stage.change("episodes/s01e01.yaml", "title: Pilot\n", "title: Pilot\napprove: []\n")
    assert stage.produce().cut


# -- an approval that went stale -----------------------------------------------------------------------------


def test_changed_words_make_an_approval_stale(stage: Any) -> None:
    """The gate asks again and says who approved what, and what was changed since."""
    gated(stage, "keyframes")
    stage.produce()
    approve(stage.call, (), "ada")
    stage.change("episodes/s01e01.yaml", "setting: a workshop", "setting: a kitchen")
    assert stage.produce().awaiting == {"keyframes": 1}
    (thing,) = waiting(stage.call).things
    assert thing.why.startswith("take 1 was approved by ada on ")
    assert thing.why.endswith("; changed since: setting")
    stage.change("episodes/s01e01.yaml", "setting: a kitchen", "setting: a workshop")
    assert waiting(stage.call).things == ()


def test_another_circled_take_makes_an_approval_stale(stage: Any) -> None:
    """What is approved is one take: the next one waits for a word of its own."""
    gated(stage, "keyframes")
    stage.produce()
    (seen,) = waiting(stage.call).things
    approve(stage.call, (), "ada")
    order_retake(stage.call, "s010", problem=None, stage="keyframe", by="bo")
    assert stage.produce().awaiting == {"keyframes": 1}
    (thing,) = waiting(stage.call).things
    assert (thing.n, "take 2 is circled now" in thing.why) == (2, True)
    with pytest.raises(PlanError, match="take 2 · keyframe is what waits for approval by now"):
        approve(stage.call, ["s010"], "ada", seen={seen.id: seen.media.sha256})
    assert waiting(stage.call).things == (thing,)


def test_what_was_ordered_anew_cannot_be_approved(stage: Any) -> None:
    """An approval of a shot of which somebody ordered another take meanwhile is refused, with why."""
    gated(stage, "keyframes")
    stage.produce()
    (seen,) = waiting(stage.call).things
    order_retake(stage.call, "s010", problem=None, stage="keyframe", by="bo")
    for names in ([seen.id], ["s010"]):
        with pytest.raises(PlanError, match="bo ordered a retake"):
            approve(stage.call, names, "ada", seen={seen.id: seen.media.sha256})


def test_what_does_not_wait_is_refused_with_why(stage: Any) -> None:
    """Nothing is written, and the message says what stands in the way."""
    gated(stage, "keyframes")
    stage.produce()
    for names, gate, message in (
        (["s099"], None, "has no 's099'; there are: "),
        (["s020"], None, "its image-to-video is not made before s010.keyframe is approved"),
        (["cut"], None, "the cut is no gate here"),
        (["pip"], None, "nothing waits for its model sheet"),
        (["s010", "s020"], None, "s020 does not wait for approval"),
        (["s020"], "keyframes", "has nothing that passes the gate 'keyframes'"),
        ([], "kyframes", "found the gate 'kyframes'; allowed: sheet, keyframes, takes, cut"),
    ):
        with pytest.raises(PlanError) as caught:
            approve(stage.call, names, "ada", gate)
        assert message in str(caught.value)
    for by, message in (("", "nobody is named"), ("a\x1b[2J", "has a control character")):
        with pytest.raises(PlanError, match=message):
            approve(stage.call, (), by)
    assert not list(Path(stage.root).glob(".onmodel/rehearsal/archive/decisions/**/*.json"))


def test_approving_twice_says_who_did_it_before(stage: Any) -> None:
    """Whoever was second is told, and writes nothing: a run that was killed in between is just repeated."""
    gated(stage, "keyframes")
    stage.produce()
    approve(stage.call, ["s010"], "ada")
    again = approve(stage.call, ["s010"], "bo")
    assert again.things == ()
    assert again.already[0].startswith("s010.keyframe by ada, ")
    with pytest.raises(PlanError, match="its image-to-video is missing"):
        approve(stage.call, ["s010"], "bo", "takes")


def test_an_approved_take_stays_whatever_was_measured(stage: Any) -> None:
    """A take that is off-model is flagged; approved by a person it is no concern any more."""
    gated(stage, "takes")
    stage.change("production.yaml", "retakes: 1", "retakes: 0")
    stage.artist.strangers.add("s010 · take 1 · image-to-video")
    first = stage.produce(["s010"])
    assert "s010" in first.needs_person
    (thing,) = waiting(stage.call).things
    assert "off-model" in thing.concern
    approve(stage.call, ["s010"], "ada")
    stage.change("production.yaml", "retakes: 0", "retakes: 2")
    second = stage.produce(["s010"])
    assert (second.needs_person, second.submitted) == ({}, 0)


# -- the plan ------------------------------------------------------------------------------------------------


def test_the_plan_says_what_waits_and_what_is_bought_after(stage: Any) -> None:
    """Lines behind a gate name what they wait for, and their price is told apart."""
    gated(stage, "keyframes")

    def plan() -> Any:
        return read_plan(stage.call, read_script(stage.call))

    before = plan()
    assert before.lines["s010.shoot"].held_by == ("s010.keyframe",)
    assert before.awaiting == {}
    stage.produce()
    after = plan()
    assert after.lines["s010.keyframe"].awaits == "keyframes"
    assert after.awaiting == {"keyframes": 1}
    held = [line for line in after.lines.values() if line.held_by]
    assert {line.commission.id for line in held} == {"s010.shoot", "s020.shoot", "s030.restyle"}
    assert after.held_usd == sum(line.base_usd for line in held) == after.base_usd - sheets_usd(after)


def sheets_usd(plan: Any) -> Any:
    """What sheets cost that are still to be drawn: they wait for nobody."""
    return sum(line.base_usd for line in plan.lines.values() if line.commission.stage == "sheet")


# -- notes ---------------------------------------------------------------------------------------------------


def test_a_note_is_given_to_the_next_retake(stage: Any) -> None:
    """An ordered take is asked for with the note, place and time in words; the one after that is not."""
    stage.produce(["s010"])
    note(stage.call, "s010", 1, at_s=4.5, box=(0.0, 0.1, 0.3, 0.3), text="only one antenna", by="ada")
    order_retake(stage.call, "s010", problem=None, stage=None, by="bo", note="and slower")
    stage.produce(["s010"])
    jobs = {job.slot.n: job for job in stage.jobs() if job.slot.stage == "shoot"}
    words = "And slower; at the upper left, towards the end: only one antenna"
    assert jobs[2].intent.arguments["prompt"].rstrip(".").endswith(words)
    assert "only one antenna" in (jobs[2].intent.change or "")
    order_retake(stage.call, "s010", problem=None, stage=None, by="bo")
    stage.produce(["s010"])
    jobs = {job.slot.n: job for job in stage.jobs() if job.slot.stage == "shoot"}
    assert "only one" not in jobs[3].intent.arguments["prompt"]


def test_a_note_alone_buys_nothing(stage: Any) -> None:
    """A circled take with a note stays circled."""
    stage.produce(["s010"])
    note(stage.call, "s010", 1, text="lovely", by="ada")
    assert stage.produce(["s010"]).submitted == 0


def test_a_note_about_nothing_is_refused(stage: Any) -> None:
    """What is no part of a take that is there is refused, with what is allowed; nothing is written."""
    stage.produce(["s010"])
    for said, message in (
        ({"n": 2}, "has no take 2; its takes are: 1"),
        ({"at_s": 9}, "the note is at 9 s, and take 1 is 5 s long"),
        ({"at_s": -1}, "the note is at -1 s"),
        ({"at_s": float("nan")}, "the note is at nan s"),
        ({"box": (0.5, 0.5, 0.6, 0.2)}, "found the box 0.5,0.5,0.6,0.2; allowed: "),
        ({"box": (0.5, 0.5, 0, 0.2)}, "allowed: "),
        ({"box": (float("nan"), 0, 1, 1)}, "allowed: "),
        ({"text": "  "}, "the note has no words"),
        ({"text": "a\x1b[2Jb"}, "has a control character"),
        ({"by": "a\nb"}, "has a control character"),
        ({"stage": "keyframe", "at_s": 1}, "take 1 is a picture"),
    ):
        asked: dict[str, Any] = {"n": 1, "text": "mend it", "by": "ada", **said}
        with pytest.raises(PlanError) as caught:
            note(stage.call, "s010", asked.pop("n"), **asked)
        assert message in str(caught.value)
    assert not list(Path(stage.root).glob(".onmodel/rehearsal/archive/decisions/**/*.json"))
