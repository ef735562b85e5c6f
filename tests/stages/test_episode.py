from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from onmodel.errors import OnModelError, PlanError, PostError, VaultError
from onmodel.post.probe import probe
from onmodel.stages import together

TAKES = [
    "pip.default.front · take 1 · model sheet",
    "pip.default.in-pencil-679f.front · take 1 · model sheet",
    "s010 · take 1 · image-to-video",
    "s010 · take 1 · keyframe",
    "s020 · take 1 · image-to-video",
    "s030 · take 1 · style pass",
]


def test_an_episode_is_made_once_and_found_again(stage: Any) -> None:
    """Everything is bought once, sources first; a second run sends nothing and renders nothing."""
    first = stage.produce()
    assert stage.accepted() == TAKES
    assert (first.submitted, first.reused, first.needs_person) == (6, 0, {})
    assert [(shot.shot, shot.state, shot.take) for shot in first.shots] == [
        ("s010", "circled", 1),
        ("s020", "circled", 1),
        ("s030", "circled", 1),
    ]
    assert (first.spent_usd, first.would_cost_usd > 0, first.rehearsal) == (0, True, True)
    rendered = stage.rendered()
    second = stage.produce()
    assert (second.submitted, second.reused, second.would_cost_usd) == (0, 6, 0)
    assert second.cut_sha256 == first.cut_sha256
    assert (stage.accepted(), stage.rendered()) == (TAKES, rendered)


def test_the_cut_is_exact_and_explained(stage: Any) -> None:
    """3 shots of 24 frames, a crossfade of 6: 66 frames; the manifest names every take, request and price."""
    result = stage.produce()
    path = Path(result.cut)
    assert hashlib.sha256(path.read_bytes()).hexdigest() == result.cut_sha256
    facts = probe(path)
    assert (result.frames, facts.size.height, str(facts.fps)) == (66, 90, "24")
    manifest = json.loads(path.with_name("s01e01.manifest.json").read_text())
    assert [(shot["shot"], shot["starts_at_frame"]) for shot in manifest["shots"]] == [
        ("s010", 0),
        ("s020", 18),
        ("s030", 42),
    ]
    assert manifest["cut"]["frames"] == 66
    assert sorted(take["label"].partition(" · ")[2] for take in manifest["takes"]) == TAKES
    assert all(take["request_id"] and take["request"] and take["sha256"] for take in manifest["takes"])
    assert manifest["price_usd"] == str(result.would_cost_usd)


def test_the_last_frame_of_the_shot_before_is_extracted_once(stage: Any) -> None:
    """`first_frame: previous`: the picture is made from the circled clip, and kept under its content."""
    stage.produce()

    async def look(crew: Any) -> Any:
        shoot = crew.circled["s020.shoot"].job
        return crew.vault.frames.read(crew.circled["s010.shoot"].media, "last"), shoot.intent.arguments

    picture, arguments = stage.run(look)
    assert arguments["image_url"]["$media"] == picture.sha256
    frames = list((stage.root / ".onmodel/rehearsal/archive/frames").iterdir())
    assert len(frames) == 1
    before = frames[0].stat().st_mtime_ns
    stage.change("episodes/s01e01.yaml", "it walks away", "it runs away")
    stage.produce()
    assert [
        path.stat().st_mtime_ns for path in (stage.root / ".onmodel/rehearsal/archive/frames").iterdir()
    ] == [before]


def test_a_style_pass_is_made_from_the_circled_take(stage: Any) -> None:
    """It waits for its source and is given exactly that clip; another take of it makes the pass anew."""
    stage.produce()
    stage.change("episodes/s01e01.yaml", "it blinks", "it nods")
    result = stage.produce()
    # The same subject from another basis: a new take 1 of the clip, and of all that is made from it.
    assert (result.submitted, result.reused) == (3, 3)

    async def look(crew: Any) -> Any:
        source, styled = crew.circled["s010.shoot"], crew.circled["s030.restyle"]
        return source.media.sha256, styled.job.intent.arguments["video_url"]["$media"]

    source, used = stage.run(look)
    assert source == used


def test_only_the_wanted_shots_are_made_and_what_they_need(stage: Any) -> None:
    """`--shots s030`: the style pass brings its source along; no cut yet, and s020 is said to be left out."""
    result = stage.produce(["s030"])
    assert stage.accepted() == [take for take in TAKES if not take.startswith("s020")]
    assert (result.cut, result.needs_person) == (None, {})
    assert {shot.shot: shot.state for shot in result.shots} == {
        "s010": "circled",
        "s020": "left out",
        "s030": "circled",
    }
    assert stage.produce(["s020"]).cut is not None
    assert stage.accepted() == TAKES


def test_an_unknown_shot_names_the_nearest(stage: Any) -> None:
    """A typing error in `--shots` buys nothing."""
    with pytest.raises(PlanError, match=r"no shot 's01'; its shots are: s010, s020, s030") as caught:
        stage.produce(["s01"])
    assert "s010" in caught.value.hint
    assert stage.accepted() == []


def test_the_cache_and_the_deliverable_may_be_deleted(stage: Any) -> None:
    """The cut comes back from the archive for nothing, byte for byte; so it does without the archived cut."""
    first = stage.produce()
    Path(first.cut).unlink()
    assert stage.produce().cut_sha256 == first.cut_sha256
    Path(first.cut).unlink()
    media = stage.root / ".onmodel/rehearsal/archive/media"
    (next(media.rglob(f"{first.cut_sha256}.mp4"))).unlink()
    for path in sorted(stage.folders.cache.rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    again = stage.produce()
    assert (again.cut_sha256, again.submitted) == (first.cut_sha256, 0)


def test_a_renamed_shot_costs_nothing(stage: Any) -> None:
    """Its takes are adopted, the cut is the same picture, and nothing is sent."""
    stage.produce()
    stage.change("episodes/s01e01.yaml", "s020:", "s025:")
    result = stage.produce()
    assert (result.submitted, result.reused) == (0, 6)
    assert result.cut is not None


@pytest.mark.parametrize("error", [PostError("no codec", hint="do this"), VaultError("the bucket is gone")])
def test_a_cut_that_cannot_be_made_loses_no_result(
    stage: Any, monkeypatch: pytest.MonkeyPatch, error: OnModelError
) -> None:
    """What was bought and spent is told, the reason needs a person, and the next run makes the cut."""

    async def fails(*_: Any) -> Any:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(together, "assemble", fails)
        result = stage.produce()
    assert (result.cut, result.cut_sha256, result.frames) == (None, None, None)
    assert (result.submitted, result.would_cost_usd > 0) == (6, True)
    assert {shot.state for shot in result.shots} == {"circled"}
    assert result.needs_person == {"s01e01": str(error)}
    assert stage.told("s01e01", "flagged") == [error.message]
    assert stage.produce().cut is not None


def test_the_cut_has_no_picture_left_to_encode(stage: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bodies and transitions are there as soon as their shots are: the cut finds every piece made."""

    async def fails(*_: Any) -> Any:
        raise PostError("not now")

    with monkeypatch.context() as patch:
        patch.setattr(together, "assemble", fails)
        stage.produce()
    made = {path.name for path in (stage.folders.cache / "conform").iterdir()}
    assert len(made) == 4  # three shots, one crossfade
    assert stage.produce().cut is not None
    assert {path.name for path in (stage.folders.cache / "conform").iterdir()} == made
