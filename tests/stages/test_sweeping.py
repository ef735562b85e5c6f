import os
import time
from pathlib import Path

from onmodel.stages.sweeping import DAY_S, sweep


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
    inside = put(tmp_path / "fetch-x/0", 5, 2 * DAY_S)
    os.utime(inside.parent, (time.time() - 2 * DAY_S,) * 2)
    fresh = put(tmp_path / "conform/.4567.part", 5, 60)
    facts = put(tmp_path / "inputs.json", 5, 9 * DAY_S)
    assert sweep(tmp_path, 1000) == 2
    assert [path.exists() for path in (half, inside, fresh, facts)] == [False, False, True, True]


def test_no_cache_is_no_error(tmp_path: Path) -> None:
    """A cache that was deleted, or never made, has nothing to sweep."""
    assert sweep(tmp_path / "none", 0) == 0
