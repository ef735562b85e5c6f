from __future__ import annotations

import asyncio
import hashlib
import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from onmodel.post.ffmpeg import find_ffmpeg
from onmodel.post.score import Coder
from onmodel.stages import joining
from onmodel.stages.cores import Cores
from onmodel.stages.joining import Bench
from onmodel.stages.recipe import read_recipe
from onmodel.stages.restoring import find_cuts, restore
from onmodel.stages.sounds import Scored, ScoreRecord, SoundResult
from onmodel.stages.verifying import verify
from onmodel.vault import MediaRef
from onmodel.vault.archive import open_to_read


def make_sound(into: Path, source: str) -> None:
    into.parent.mkdir(parents=True, exist_ok=True)
    command = [find_ffmpeg(None), "-v", "error", "-y", "-f", "lavfi", "-i", source, into]
    subprocess.run(command, check=True)


@pytest.fixture
def scored(stage: Any) -> Any:
    """The small production with music, speech, slow motion and a shot that is heard before it is seen."""
    make_sound(stage.root / "assets/theme.mp3", "aevalsrc='0.1*sin(2*PI*220*t)':s=44100:d=1")
    make_sound(
        stage.root / "assets/told.wav", "aevalsrc='0.3*sin(2*PI*500*t)*gt(mod(t,0.2),0.05)':s=8000:d=0.4"
    )
    stage.change("episodes/s01e01.yaml", "title: Pilot\n", "title: Pilot\nmusic: assets/theme.mp3\n")
    more = "    speech: assets/told.wav\n    speed: 0.5\n    first_frame: previous\n"
    stage.change("episodes/s01e01.yaml", "    first_frame: previous\n", more)
    return stage


def manifest_of(stage: Any) -> dict[str, Any]:
    path = stage.folders.deliverables / "s01e01.manifest.json"
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def test_a_cut_with_music_comes_back_from_its_archive(scored: Any, tmp_path: Path) -> None:
    """Music and speech are archived: with the production's own files gone it is made again, byte for byte.

    The result and the manifest tell how loud it is.
    """
    result = scored.produce()
    assert result.sound is not None
    assert abs((result.sound.integrated_lufs or 0) + 14) <= 0.3
    assert (result.sound.true_peak_dbtp or 0) <= -1
    sound = manifest_of(scored)["sound"]
    assert [one["name"] for one in sound["heard"]] == ["s010", "s020", "s030", "s020 speech", "music"]
    assert sound["heard"][1]["speed"] == "1/2"
    assert (
        str(result.sound) == f"{sound['integrated_lufs']:g} LUFS, true peak {sound['true_peak_dbtp']:g} dBTP"
    )
    shutil.rmtree(scored.root / "assets")
    shutil.rmtree(scored.folders.cache)
    archive = open_to_read(".onmodel/rehearsal/archive", root=scored.root)
    whole = verify(archive, None, read_back=False, report=lambda _: None)
    assert (whole.flaws, whole.spare) == ((), ())
    (cut,) = find_cuts(archive, "s01e01", str)
    (Path(archive.store.address) / cut.media.name).unlink()
    (tmp_path / "work").mkdir()
    with Cores() as cores:
        bench = Bench(cores, tmp_path / "work", find_ffmpeg(None))
        again = asyncio.run(restore(archive, "s01e01", cut, tmp_path / "out", bench, str))
    assert again.made_again
    assert hashlib.sha256(again.path.read_bytes()).hexdigest() == result.cut_sha256
    media = [one["media"] for one in sound["heard"] if one["name"] == "music"]
    (Path(archive.store.address) / MediaRef.from_argument(media[0]).name).unlink()
    flaws = verify(archive, None, read_back=False, report=lambda _: None).flaws
    assert any("· music" in flaw.what for flaw in flaws)


@pytest.mark.parametrize("coder", ["twoloop", "fast"])
def test_older_cuts_are_made_again_in_one_piece(scored: Any, tmp_path: Path, coder: Coder) -> None:
    """What was encoded before there were sections is encoded so again: as long, as loud, other bytes."""
    result = scored.produce()
    recipe = read_recipe(manifest_of(scored), "it")
    archive = open_to_read(".onmodel/rehearsal/archive", root=scored.root)
    paths = {sha256: archive.media.path(ref) for sha256, ref in recipe.media.items()}
    score, made = replace(recipe.score(paths), coder=coder), list[str]()

    async def again(bench: Bench) -> None:
        async with joining.joined(bench, recipe.cutlist(paths), recipe.format, recipe.labels, score) as cut:
            assert cut.facts.samples == manifest_of(scored)["cut"]["samples"]
            assert abs((cut.loudness.integrated_lufs or 0) + 14) <= 0.3
            made.append(hashlib.sha256(cut.path.read_bytes()).hexdigest())

    with Cores() as cores:
        for folder in ("one", "two"):
            (tmp_path / folder).mkdir()
            asyncio.run(again(Bench(cores, tmp_path / folder, find_ffmpeg(None))))
    assert made[0] == made[1] != result.cut_sha256


def test_other_music_is_another_cut_for_nothing(scored: Any) -> None:
    """A changed file, level or loudness makes the cut anew, buys nothing, and the same again is found."""
    first = scored.produce()
    assert scored.produce().cut_sha256 == first.cut_sha256
    make_sound(scored.root / "assets/theme.mp3", "aevalsrc='0.1*sin(2*PI*330*t)':s=44100:d=1")
    second = scored.produce()
    scored.change("production.yaml", "retakes: 1", "retakes: 1\nloudness: broadcast")
    third = scored.produce()
    assert len({first.cut_sha256, second.cut_sha256, third.cut_sha256}) == 3
    assert (second.submitted, third.submitted) == (0, 0)
    assert abs((third.sound.integrated_lufs or 0) + 23) <= 0.3


def test_a_score_is_read_as_it_was_written(scored: Any) -> None:
    """What a manifest says of its sounds is the score itself, every field of it."""
    scored.produce()
    manifest = manifest_of(scored)
    recipe = read_recipe(manifest, "it")
    nowhere = {sha256: Path(ref.name) for sha256, ref in recipe.media.items()}
    score = recipe.score(nowhere)
    assert score.samples == manifest["cut"]["samples"]
    told = Scored(score, recipe.media).as_record()
    assert told == {key: manifest["sound"][key] for key in told}
    again = ScoreRecord.model_validate(json.loads(json.dumps(told))).score(score.samples, nowhere)
    assert again == score


@pytest.mark.parametrize(
    ("found", "words"),
    [
        ({"integrated_lufs": None, "state": "silent", "true_peak_dbtp": None}, "silent"),
        (
            {"integrated_lufs": -64.2, "state": "silent"},
            "nearly silent (-64.2 LUFS, true peak -3 dBTP): left as it is",
        ),
        (
            {"integrated_lufs": -16.0, "state": "limited"},
            "-16 LUFS, true peak -3 dBTP; its peaks allow no -14 LUFS",
        ),
        ({"integrated_lufs": -14.02, "state": "reached"}, "-14.02 LUFS, true peak -3 dBTP"),
        (
            {"integrated_lufs": -9.5, "true_peak_dbtp": -0.0, "state": "as it is"},
            "-9.5 LUFS, true peak 0 dBTP",
        ),
    ],
)
def test_how_loud_is_said_in_words(found: dict[str, Any], words: str) -> None:
    """What came of the target is told with it."""
    manifest = {"sound": {"target_lufs": -14.0, "true_peak_dbtp": -3.0, **found, "heard": []}}
    assert str(SoundResult.of(manifest)) == words
    assert SoundResult.of({}) is None


@pytest.mark.parametrize(
    ("peaks", "ceilings"),
    [([-1.0], [-1.5]), ([-0.4, -1.2], [-1.5, -2.2]), ([-0.2] * 9, [-1.5, -2.4, -3.3, -4.2])],
)
def test_an_encoding_that_moves_a_peak_too_far_is_made_again(
    stage: Any, monkeypatch: pytest.MonkeyPatch, peaks: list[float], ceilings: list[float]
) -> None:
    """The finished file is measured: over -1 dBTP it is made again under a lower ceiling, not for ever."""
    make_sound(stage.root / "assets/theme.wav", "sine=d=1")
    stage.change("episodes/s01e01.yaml", "title: Pilot\n", "title: Pilot\nmusic: assets/theme.wav\n")
    found, used = iter(peaks), list[float]()
    render = joining.render_sections

    def watched(*args: Any, ceiling_dbtp: float) -> Any:
        used.append(ceiling_dbtp)
        return render(*args, ceiling_dbtp=ceiling_dbtp)[0], next(found)

    monkeypatch.setattr(joining, "render_sections", watched)
    assert stage.produce().sound is not None
    assert used == ceilings
