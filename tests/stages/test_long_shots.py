from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from onmodel.post.ffmpeg import find_ffmpeg
from onmodel.post.frame import count_frames, extract_frame
from onmodel.stages.recipe import read_recipe

LONG = """\
episode: 1
title: Pilot
defaults: {cast: pip}
shots:
  s010:
    setting: a workshop
    start: Pip stands at the bench
    action: it blinks
    seconds: 12
    join: {crossfade: 0.25}
  s020:
    start: Pip stands at the bench
    action: it walks away
    first_frame: previous
    seconds: 1
"""

CHAIN = ["s010", "s010.2", "s010.3"]


@pytest.fixture
def long(stage: Any) -> Any:
    """A production with one long shot and one that goes on from it."""
    (stage.root / "episodes/s01e01.yaml").write_text(LONG, encoding="utf-8")
    return stage


def test_a_long_shot_is_filmed_in_links_and_cut_without_its_joints(long: Any) -> None:
    """Three clips, two pictures that hold them to the sheet, and a cut of exactly twelve and one seconds."""
    result = long.produce()
    assert result.frames == 12 * 24 + 24 - 6
    assert [shot.state for shot in result.shots] == ["circled", "circled"]
    assert [one for one in long.accepted() if one.startswith("s010")] == [
        "s010 · take 1 · image-to-video",
        "s010 · take 1 · keyframe",
        "s010.2 · take 1 · image-to-video",
        "s010.2 · take 1 · keyframe",
        "s010.3 · take 1 · image-to-video",
        "s010.3 · take 1 · keyframe",
    ]
    by_subject = {job.slot.subject: job for job in long.jobs() if job.slot.stage == "shoot"}
    for link in CHAIN[1:]:
        assert {"image_url", "tail_image_url"} <= by_subject[link].intent.arguments.keys()
    assert long.produce().submitted == 0


def test_each_link_is_conformed_while_the_next_is_filmed(long: Any) -> None:
    """The work on this machine does not wait for the whole shot, and none of it is done twice."""
    long.produce()
    events = [one for one in long.events if one.stage in ("shoot", "conform") and one.share is None]
    told = [(one.subject, one.state) for one in events]
    assert told.index(("s010", "conforming")) < told.index(("s010.3", "planned"))
    assert [one for one, state in told if state == "conforming" and one in CHAIN] == CHAIN


def test_the_manifest_says_which_clip_is_which(long: Any) -> None:
    """A long shot has a row for each clip, and the cut can be read back from those."""
    result = long.produce()

    async def manifest(crew: Any) -> Any:
        return crew.cut.manifest

    found = long.run(manifest)
    rows = [(one["shot"], one.get("link"), one.get("begin_frames"), one["frames"]) for one in found["shots"]]
    assert rows == [
        ("s010", None, None, 120),
        ("s010", 2, 1, 120),
        ("s010", 3, 1, 48),
        ("s020", None, None, 24),
    ]
    recipe = read_recipe(found, "the manifest")
    assert [one.begin_frames for one in recipe.ingredients] == [0, 1, 1, 0]
    assert result.cut_sha256 == found["cut"]["sha256"]


def test_a_retake_of_a_link_films_what_comes_after_it_anew(long: Any) -> None:
    """A broken link is taken again; the links before it stay as they are."""
    long.artist.black.add("s010.2 · take 1 · image-to-video")
    long.produce()
    labels = long.accepted()
    assert "s010.2 · take 2 · image-to-video" in labels
    assert "s010.3 · take 1 · image-to-video" in labels
    assert "s010 · take 2 · image-to-video" not in labels


def test_a_link_that_will_not_do_flags_its_shot(long: Any) -> None:
    """The shot needs a person, and no cut is made without it."""
    long.artist.black |= {f"s010.2 · take {n} · image-to-video" for n in (1, 2)}
    result = long.produce()
    assert result.cut is None
    assert result.shots[0].state == "flagged"
    assert "s010.2" in (result.shots[0].problem or "")


def test_the_frame_at_a_second_is_the_last_one_at_most(films: dict[str, bytes], tmp_path: Path) -> None:
    """A joint is taken where the cut leaves a clip; a clip that is shorter gives its last frame."""
    clip, ffmpeg = tmp_path / "clip.mp4", find_ffmpeg(None)
    clip.write_bytes(films["good"])
    count = count_frames(clip)

    def frame(at: Any, name: str) -> bytes:
        return extract_frame(clip, at, tmp_path / name, ffmpeg).read_bytes()

    assert frame(Fraction(2), "at.png") == frame(16, "number.png")
    assert frame(Fraction(99), "late.png") == frame(count - 1, "last.png")
