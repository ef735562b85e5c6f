"""How a production tests itself: what its people would write, run here on the starter."""

from __future__ import annotations

from pathlib import Path

import pytest

from onmodel.errors import StoryError
from onmodel.scaffold import write_starter
from onmodel.testing import EpisodeResult, copy_production, refuse_sockets, rehearse, small_clip
from onmodel.units import Size

EPISODE = """\
episode: 1
title: One shot
format: {ratio: "16:9", resolution: 180p, fps: 24}
shots:
  s010:
    setting: a quiet beach at dawn
    start: mist over the water
    action: the mist lifts
    camera: {size: wide, move: pan left}
    seconds: 3
"""


@pytest.fixture(scope="module")
def production(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ours")
    write_starter(folder)
    (folder / "episodes" / "s01e03.yaml").write_text(EPISODE)
    (folder / "episodes" / "season-1.yaml").write_text("season: 1\ntitle: One\nepisodes: [s01e03]\n")
    return folder


@pytest.fixture(scope="module")
def rehearsed(production: Path, tmp_path_factory: pytest.TempPathFactory) -> EpisodeResult:
    folder = copy_production(production, tmp_path_factory.mktemp("copies") / "one")
    with refuse_sockets():
        return rehearse(folder, "s01e03")


def test_the_episode_can_be_produced_whole(rehearsed: EpisodeResult) -> None:
    """Every shot finds its take, and the cut has the length that the shot list says."""
    assert rehearsed.cut is not None
    assert Path(rehearsed.cut).is_file()
    assert rehearsed.frames == 3 * 24
    assert rehearsed.needs_person == {}


def test_the_episode_stays_inside_its_budget(rehearsed: EpisodeResult) -> None:
    """A rehearsal spends nothing, and says what the same would cost."""
    assert rehearsed.spent_usd == 0
    assert 0 < rehearsed.would_cost_usd < 1


def test_what_was_rehearsed_is_not_made_again(rehearsed: EpisodeResult) -> None:
    """A second rehearsal of the same folder sends nothing and cuts the same file."""
    assert rehearsed.cut is not None
    again = rehearse(Path(rehearsed.cut).parents[2], "s01e03")
    assert (again.submitted, again.reused) == (0, rehearsed.submitted)
    assert again.cut_sha256 == rehearsed.cut_sha256


def test_trouble_can_be_rehearsed(production: Path, tmp_path: Path) -> None:
    """A test may ask for trouble by its words: moderation stops the shot, and says which words."""
    folder = copy_production(production, tmp_path / "trouble")
    result = rehearse(folder, "s01e03", trouble=["moderate-prompt@s010", "429"])
    assert "flagged" in result.needs_person["s010"]
    assert result.cut is None


def test_a_folder_of_clips_can_answer(rehearsed: EpisodeResult, production: Path, tmp_path: Path) -> None:
    """Clips of one's own go through the gates and the cut as bought ones do."""
    clips = tmp_path / "clips"
    small_clip(clips / "s010.mp4", seconds=5, size=Size(640, 360))
    folder = copy_production(production, tmp_path / "answers")
    result = rehearse(folder, "s01e03", answers=clips)
    assert result.frames == rehearsed.frames
    assert result.cut_sha256 != rehearsed.cut_sha256
    assert not result.needs_person


def test_a_story_that_cannot_be_produced_fails_with_its_place(production: Path, tmp_path: Path) -> None:
    """What is wrong with a story file is raised, not drawn."""
    folder = copy_production(production, tmp_path / "broken")
    (folder / "episodes" / "s01e03.yaml").write_text(EPISODE.replace("seconds: 3", "seconds: 0"))
    with pytest.raises(StoryError, match=r"episodes/s01e03\.yaml:10"):
        rehearse(folder, "s01e03")
