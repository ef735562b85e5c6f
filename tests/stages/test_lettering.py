from __future__ import annotations

import asyncio
import json
import shutil
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from onmodel.post.ffmpeg import find_ffmpeg
from onmodel.stages.cores import Cores
from onmodel.stages.joining import Bench
from onmodel.stages.lettering import letter_episode
from onmodel.stages.restoring import find_cuts, restore
from onmodel.stages.sidecars import deliver_captions
from onmodel.stages.verifying import verify
from onmodel.story import read_story
from onmodel.story.trims import Trim
from onmodel.units import Size
from onmodel.vault.archive import open_to_read

WRITTEN = """\
title: Pilot
cards: {title: {text: Pilot, sub: "100%: 'one'", seconds: 0.5}, end: {text: End, seconds: 0.5}}
captions: {burn: true}
"""
SAID = "    lower_third: Pip\n    say: [{text: Hello, at: 0.5, seconds: 1}]\n    join: {crossfade: 0.25}\n"
TRIMS = {name: Trim(Fraction(0), Fraction(1)) for name in ("s010", "s020", "s030")}


@pytest.fixture
def lettered(stage: Any) -> Any:
    """The small production with cards, a lower third and a burnt caption that runs into the next shot."""
    stage.change("episodes/s01e01.yaml", "title: Pilot\n", WRITTEN)
    stage.change("episodes/s01e01.yaml", "    join: {crossfade: 0.25}\n", SAID)
    return stage


def pictures(path: Path) -> np.ndarray[Any, Any]:
    """All frames of a file, (n, H, W, 3) uint8 RGB."""
    with av.open(str(path)) as container:
        return np.stack([frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)])


def test_a_lettered_episode_is_cut_and_comes_back_from_its_archive(lettered: Any, tmp_path: Path) -> None:
    """Cards before and after, a caption through the transition, files beside it; and all that once more.

    With the production, its cache and the finished file gone, the archive alone gives the same bytes.
    """
    result = lettered.produce()
    assert result.frames == 12 + 24 + 24 - 6 + 24 + 12
    path = Path(result.cut)
    film = pictures(path)
    plain = film[:, 5, 5].astype(int)
    assert (np.abs(plain[:12] - [0x10, 0x14, 0x18]).max(), np.abs(plain[-12:] - [0x10, 0x14, 0x18]).max()) < (
        8,
        8,
    )
    assert path.with_suffix(".srt").read_text("utf-8") == "1\n00:00:01,000 --> 00:00:02,000\nHello\n\n"
    assert path.with_suffix(".vtt").read_text("utf-8").startswith("WEBVTT\n\n00:00:01.000 --> 00:00:02.000\n")
    rehearsed = lettered.folders
    archive = open_to_read(".onmodel/rehearsal/archive", root=lettered.root)
    assert not verify(archive, None, read_back=False, report=lambda _: None).flaws
    (cut,) = find_cuts(archive, "s01e01", str)
    for gone in ("episodes", "characters", ".onmodel/cache"):
        shutil.rmtree(lettered.root / gone)
    (Path(archive.store.address) / cut.media.name).unlink()
    with Cores() as cores:
        bench = Bench(cores, tmp_path / "work", find_ffmpeg(None))
        bench.cache.mkdir()
        found = asyncio.run(restore(archive, "s01e01", cut, tmp_path / "out", bench, str))
    assert found.made_again
    for ending in (".mp4", ".srt", ".vtt"):
        there = rehearsed.deliverables / f"s01e01{ending}"
        assert found.path.with_suffix(ending).read_bytes() == there.read_bytes()


def test_other_words_make_another_cut_and_other_files(lettered: Any) -> None:
    """A caption that is changed encodes its own shots again, buys nothing, and takes its files with it."""
    first = lettered.produce()
    before = lettered.rendered()
    lettered.change("episodes/s01e01.yaml", "text: Hello", "text: Goodbye")
    second = lettered.produce()
    assert second.submitted == 0
    assert second.cut_sha256 != first.cut_sha256
    new = [name for name in lettered.rendered() if name not in before]
    # The picture of the words, the first two shots and the window between them: not the third, no card.
    assert sorted(name.rpartition(".")[2] for name in new if name.endswith(("png", "mp4"))) == ["mp4"] * 3 + [
        "png"
    ]
    beside = Path(second.cut).with_suffix(".srt")
    assert "Goodbye" in beside.read_text("utf-8")
    lettered.change("episodes/s01e01.yaml", "    say: [{text: Goodbye, at: 0.5, seconds: 1}]\n", "")
    lettered.produce()
    assert not beside.exists()


def test_what_is_written_is_drawn_once(lettered: Any, tmp_path: Path) -> None:
    """Pictures are found again by what they say, and drawn anew for a deliverable of another shape."""
    story, drawn = read_story(lettered.root, episodes=("s01e01",)), tmp_path / "drawn"
    first = letter_episode(story, "s01e01", TRIMS, Size(160, 90), drawn)
    files = {path: path.stat().st_mtime_ns for path in drawn.iterdir()}
    assert len(files) == 4
    assert letter_episode(story, "s01e01", TRIMS, Size(160, 90), drawn) == first
    assert {path: path.stat().st_mtime_ns for path in drawn.iterdir()} == files
    tall = letter_episode(story, "s01e01", TRIMS, Size(90, 160), drawn)
    assert {still.path for still in tall.cards.values()}.isdisjoint(files)
    assert tall.captions == first.captions


def test_an_episode_without_words_draws_nothing(stage: Any, tmp_path: Path) -> None:
    """No font is read and no folder made."""
    story = read_story(stage.root, episodes=("s01e01",))
    found = letter_episode(story, "s01e01", TRIMS, Size(160, 90), tmp_path / "none")
    assert (found.captions, found.cards, found.overlays) == ((), {}, {})
    assert not (tmp_path / "none").exists()


def test_only_files_that_an_episode_made_are_taken_away(tmp_path: Path) -> None:
    """A caption file that somebody else put beside an episode stays."""
    own = tmp_path / "s01e01.srt"
    own.write_text("mine", encoding="utf-8")
    bare = {"cut": {"fps": "24"}}
    for earlier in ("", "not JSON", json.dumps(bare), "[]"):
        deliver_captions(bare, tmp_path, "s01e01", earlier)
        assert own.read_text(encoding="utf-8") == "mine"
    captions = [{"lines": ["A"], "begin_frame": 0, "end_frame": 24}]
    deliver_captions({**bare, "captions": captions}, tmp_path, "s01e01", "")
    assert own.read_text(encoding="utf-8") == "1\n00:00:00,000 --> 00:00:01,000\nA\n\n"
    deliver_captions(bare, tmp_path, "s01e01", json.dumps({**bare, "captions": captions}))
    assert list(tmp_path.iterdir()) == []
