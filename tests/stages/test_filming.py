from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

from PIL import Image

from onmodel.errors import OnModelError
from onmodel.stages.filming import film

I2V = "image-to-video"


def test_a_broken_clip_is_retaken_with_its_reason(stage: Any) -> None:
    """A black clip is not circled: the next take says why it is made, is judged, and goes into the cut."""
    stage.artist.black = {f"s020 · take 1 · {I2V}"}
    result = stage.produce()
    assert "black" in stage.told("s020", "broken")[0]
    assert stage.told("s020", "retake")[0].startswith("asks for the same once more, since take 1 is broken: ")
    assert [(shot.take, shot.state) for shot in result.shots if shot.shot == "s020"] == [(2, "circled")]
    assert (result.submitted, result.needs_person) == (7, {})
    assert stage.produce().submitted == 0


def test_when_every_take_is_broken_a_person_is_asked(stage: Any) -> None:
    """As many retakes as the production allows, then the shot is flagged, and stays so for nothing."""
    stage.artist.black = {f"s020 · take {n} · {I2V}" for n in range(1, 9)}
    for submitted in (7, 0):
        result = stage.produce()
        assert (result.submitted, result.cut) == (submitted, None)
        assert list(result.needs_person) == ["s020"]
        assert "s01e01 · s020: 2 takes are broken" in result.needs_person["s020"]
        assert "onmodel takes s01e01" in result.needs_person["s020"]
    stage.change("production.yaml", "retakes: 1", "retakes: 2")
    stage.artist.black.clear()
    assert stage.produce().submitted == 1


def test_a_black_picture_never_becomes_a_first_frame(stage: Any) -> None:
    """The still is judged before the clip is bought."""
    stage.artist.black = {"s010 · take 1 · keyframe"}
    stage.produce()
    bought = stage.accepted()
    assert "s010 · take 2 · keyframe" in bought
    assert bought.count(f"s010 · take 1 · {I2V}") == 1
    assert f"s010 · take 2 · {I2V}" not in bought


def test_what_died_at_fal_is_bought_anew(stage: Any) -> None:
    """Fal's own trouble is not billed: take 2 asks for the same, and says so."""
    stage.trouble = [{"on": "result", "fault": "5xx", "endpoint": "fal-ai/flux-pro/kontext", "times": 2}]
    result = stage.produce()
    assert stage.told("s010", "retake") == ["the same again, since take 1 failed at fal"]
    assert (result.needs_person, len(stage.accepted())) == ({}, 8)


def test_one_moderated_shot_does_not_stop_the_others(stage: Any) -> None:
    """It is flagged with the reason and the next step; what needs it waits; the others are finished."""
    stage.change("episodes/s01e01.yaml", "first_frame: previous", "setting: a street")
    stage.trouble = [
        {"on": "result", "fault": "moderate-image", "endpoint": "fal-ai/kling-video/o1/video-to-video/edit"}
    ]
    result = stage.produce()
    assert list(result.needs_person) == ["s030"]
    assert "policy" in result.needs_person["s030"]
    assert "change what the story says" in result.needs_person["s030"]
    assert {shot.shot: shot.state for shot in result.shots} == {
        "s010": "circled",
        "s020": "circled",
        "s030": "flagged",
    }
    assert result.cut is None
    assert stage.produce().submitted == 0
    stage.trouble = []
    stage.change("episodes/s01e01.yaml", "look: pencil", "look: watercolour")
    again = stage.produce()
    assert (again.submitted, again.needs_person, again.cut is not None) == (2, {}, True)


def test_a_shot_that_waits_for_a_flagged_one_says_for_which(stage: Any) -> None:
    """The style pass and the shot that starts from the flagged one are flagged too, each with the cause."""
    kontext = "fal-ai/flux-pro/kontext"
    stage.trouble = [{"on": "result", "fault": "moderate-prompt", "endpoint": kontext, "times": 2}]
    problems = stage.produce().needs_person
    assert {"s010", "s020", "s030"} <= problems.keys()
    assert "waits for s010 image-to-video" in problems["s030"]
    assert len(stage.accepted()) == 3


def test_asked_for_twice_it_is_filmed_once(stage: Any) -> None:
    """Two who need the same sheet at the same moment wait for one and the same take."""

    async def scene(crew: Any) -> Any:
        sheet = crew.commission("pip.default.front", "sheet")
        return await asyncio.gather(film(crew, sheet), film(crew, sheet))

    first, second = stage.run(scene)
    assert first is second
    assert len(stage.accepted()) == 1


def test_a_longer_shot_is_bought_as_a_longer_take(stage: Any) -> None:
    """What is too short is not lost: take 2 is longer, and going back to the old length costs nothing."""
    stage.change(
        "episodes/s01e01.yaml", "    action: it walks away\n", "    action: it walks away\n    seconds: 4\n"
    )
    stage.produce()
    stage.change("episodes/s01e01.yaml", "seconds: 4", "seconds: 5")
    assert stage.produce().submitted == 0


def test_a_supplied_file_that_changes_under_the_plan_is_not_used(stage: Any) -> None:
    """The slot's digest names the bytes that the plan saw: others are refused before anything is sent."""
    Image.new("RGB", (1280, 720), "red").save(stage.root / "still.png")
    stage.change("episodes/s01e01.yaml", "first_frame: previous", "first_frame: still.png")

    async def scene(crew: Any) -> Any:
        Image.new("RGB", (1280, 720), "blue").save(stage.root / "still.png")
        try:
            await film(crew, crew.commission("s020", "shoot"))
        except OnModelError as error:
            return error.message

    assert "still.png was changed after the plan was made" in stage.run(scene)
    assert [take for take in stage.accepted() if take.startswith("s020")] == []


def test_what_a_cap_stopped_is_bought_as_the_plan_says_now(stage: Any) -> None:
    """A request that was frozen before a cap stopped it is withdrawn when the plan has changed."""
    stage.produce(max_usd="0.20")
    before = stage.accepted()
    stage.change("production.yaml", "retakes:", "quality: draft\nretakes:")
    result = stage.produce()
    assert result.needs_person == {}
    bought = [label for label in stage.accepted() if label not in before]
    assert len(bought) == len(set(bought))
    jobs = stage.jobs()
    assert all("v2.1/pro" not in job.intent.endpoint for job in jobs if job.delivery is not None)
    withdrawn = [job for job in jobs if job.state == "withdrawn"]
    assert withdrawn
    assert not any(job.may_have_cost for job in withdrawn)


def test_a_style_pass_is_priced_by_the_clip_that_it_gets(stage: Any) -> None:
    """A shot that was filmed at 10 s and cut to 1 s is restyled at the price of 10 s."""
    stage.change("episodes/s01e01.yaml", "seconds: 1", "seconds: 8, clips: one")
    stage.produce(shots=["s010"])
    stage.change("episodes/s01e01.yaml", "seconds: 8, clips: one", "seconds: 1")
    stage.produce(shots=["s010", "s030"])
    (styled,) = (job for job in stage.jobs() if job.slot.stage == "restyle")
    assert styled.intent.seconds == 10
    assert styled.intent.price_usd == Decimal("1.68")


def test_going_back_to_fewer_seconds_finds_the_whole_take(stage: Any) -> None:
    """The verdict is about what was bought: a take that is too short for one text is whole for another."""
    stage.produce(shots=["s010"])
    stage.change("episodes/s01e01.yaml", "seconds: 1", "seconds: 8, clips: one")
    stage.produce(shots=["s010"])
    stage.change("episodes/s01e01.yaml", "seconds: 8, clips: one", "seconds: 1")
    assert stage.produce(shots=["s010"]).submitted == 0
    assert all(job.verdict.ok for job in stage.jobs() if job.verdict is not None)


def test_a_long_episode_does_not_begin_all_its_takes(stage: Any) -> None:
    """A take is begun once there is a place for it; the others wait outside of any step."""
    begun: list[int] = []

    async def scene(crew: Any) -> None:
        under_way = 0

        async def step(name: str, kind: str, work: Any) -> Any:
            nonlocal under_way
            under_way += 1
            begun.append(under_way)
            try:
                return await work()
            finally:
                under_way -= 1

        crew.step = step
        crew.desk.places = asyncio.Semaphore(1)
        lines = [line.commission for line in crew.plan.lines.values()]
        await asyncio.gather(*(film(crew, commission) for commission in lines))

    stage.run(scene)
    assert len(begun) == len(stage.accepted()) > 3
    assert max(begun) == 1
