from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.process

REHEARSE = ("produce", "s01e01", "--rehearse", "--prefect", "off", "--json")
KEY = b"S3CRET"


def test_an_undisturbed_run_prints_one_document(premiere: Any) -> None:
    """`--json`: one document on stdout and nothing else there; nothing was spent."""
    result = premiere.first.result
    assert premiere.first.code == 0, premiere.first.err
    assert (result["submitted"], result["spent_usd"], result["needs_person"]) == (5, "0", {})
    assert Path(result["cut"]).is_file()


def test_a_second_produce_at_the_same_time_is_refused(premiere: Any) -> None:
    """Exit 1 and one message: who has it, and what to do; the first one is not disturbed."""
    assert premiere.second.code == 1
    assert json.loads(premiere.second.out)["schema"] == "onmodel.error/1"
    assert f"the rehearsal of s01e01 is being produced by process {premiere.pid}" in premiere.second.err
    assert f"kill {premiere.pid}" in premiere.second.err
    assert "Traceback" not in premiere.second.err
    assert len(premiere.cinema.accepted()) == 5


def test_the_key_is_written_nowhere(premiere: Any) -> None:
    """A key in the environment of a rehearsal: in no file, and in nothing that was printed."""
    runs = (premiere.first, premiere.second)
    assert KEY not in premiere.cinema.everything()
    assert KEY not in "".join(run.out + run.err for run in runs).encode()


def test_without_a_key_nothing_is_bought(new_cinema: Callable[[], Any]) -> None:
    """Exit 1, the variable and the free way are named, and no archive is made."""
    cinema = new_cinema()
    cinema.key = ""
    end = cinema.run("produce", "s01e01", "--prefect", "off")
    assert end.code == 1
    assert "FAL_KEY is not set" in end.err
    assert "--rehearse" in end.err
    assert not (cinema.root / "archive").exists()


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[None]:
    """A file system of its own for a folder; only root may make one."""
    folder.mkdir(parents=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    try:
        made = subprocess.run(mount, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("a full disk is not tested here: there is no mount command")
    if made.returncode:
        pytest.skip(f"a full disk is not tested here: it takes a small tmpfs ({made.stderr.strip()})")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)  # noqa: S607 - umount is the system's


@pytest.mark.parametrize("full", ["rehearsal/archive"])
def test_a_full_disk_loses_nothing(premiere: Any, new_cinema: Callable[[], Any], full: str) -> None:
    """No space for the archive, or for work under way: it says so, and goes on after space is made."""
    cinema = new_cinema()
    folder = cinema.root / ".onmodel" / full
    with small_disk(folder, "400k"):
        first = cinema.run(*REHEARSE)
        assert first.code in (1, 4), first.err
        assert "space" in first.err
        assert "unexpected" not in first.err
        assert "Traceback" not in first.err
        grow = ["mount", "-o", "remount,size=200m", str(folder)]
        subprocess.run(grow, check=True)
        second = cinema.run(*REHEARSE)
        assert second.code == 0, second.err
        assert sorted(cinema.accepted()) == sorted(premiere.cinema.accepted())
        assert second.result["cut_sha256"] == premiere.first.result["cut_sha256"]
