from __future__ import annotations

import asyncio
import os
import time
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from onmodel.errors import FetchFailed
from onmodel.post.score import Heard
from onmodel.post.sound import pcm_place
from onmodel.stages.cores import Cores
from onmodel.stages.joining import Bench, render_sound
from onmodel.stages.sweeping import DAY_S, sweep
from onmodel.studio import homecoming


def put(path: Path, size: int, age_s: float) -> Path:
    """A file of this size, changed so long ago."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(bytes(size))
    os.utime(path, (time.time() - age_s,) * 2)
    return path


def test_the_oldest_pieces_go_when_the_cache_is_too_large(tmp_path: Path) -> None:
    """The newest pieces that fit stay, whichever folder they are in."""
    old = put(tmp_path / "conform/a.mp4", 60, 5 * DAY_S)
    middle = put(tmp_path / "sound/b.s16", 60, 3 * DAY_S)
    new = put(tmp_path / "conform/c.mp4", 60, 2 * DAY_S)
    assert sweep(tmp_path, 120) == 1
    assert [path.exists() for path in (old, middle, new)] == [False, True, True]


def test_what_changed_today_stays(tmp_path: Path) -> None:
    """A piece that another process may be using is left, even over the limit."""
    fresh = put(tmp_path / "conform/a.mp4", 60, 60)
    assert sweep(tmp_path, 0) == 0
    assert fresh.exists()


def test_what_a_killed_run_left_goes_after_a_day(tmp_path: Path) -> None:
    """Half-written files and folders are swept once they are old; finished and fresh ones are not."""
    half = put(tmp_path / "conform/.0123.part", 5, 2 * DAY_S)
    fresh = put(tmp_path / "conform/.4567.part", 5, 60)
    facts = put(tmp_path / "inputs.json", 5, 9 * DAY_S)
    assert sweep(tmp_path, 1000) == 1
    assert [path.exists() for path in (half, fresh, facts)] == [False, True, True]


def test_a_download_that_a_killed_run_left_goes_after_a_day(
    stage: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a run was fetching when it was killed lies where the sweep looks for it."""
    under_way: list[Path] = []

    async def breaks_off(*given: Any) -> Any:
        under_way.extend(one for one in given if isinstance(one, Path))
        raise FetchFailed("broken off")

    monkeypatch.setattr(homecoming, "bring_home", breaks_off)
    stage.produce(["s010"])
    assert under_way
    for folder in under_way:  # whoever is killed tidies nothing up
        put(folder / "0", 11, 2 * DAY_S)
        os.utime(folder, (time.time() - 2 * DAY_S,) * 2)
    sweep(stage.folders.cache, 10**9)
    assert [folder for folder in under_way if folder.exists()] == []


def test_no_cache_is_no_error(tmp_path: Path) -> None:
    """A cache that was deleted, or never made, has nothing to sweep."""
    assert sweep(tmp_path / "none", 0) == 0


def test_a_piece_that_is_used_is_young_again(tmp_path: Path) -> None:
    """What was used longest ago goes first, not what was made first."""
    first = put(pcm_place("0" * 64, tmp_path / "sound", Fraction(1)), 60, 9 * DAY_S)
    second = put(tmp_path / "sound/b.s16", 60, 5 * DAY_S)
    bench = Bench(Cores(1), tmp_path, tmp_path / "ffmpeg")
    asyncio.run(render_sound(bench, Heard("s010", "0" * 64, first, 0, 48_000)))
    assert sweep(tmp_path, 60) == 1
    assert [path.exists() for path in (first, second)] == [True, False]
