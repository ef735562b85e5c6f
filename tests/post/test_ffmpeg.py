from __future__ import annotations

import concurrent.futures
import os
import pickle
import time
from pathlib import Path

import pytest

from onmodel.errors import NotMedia, PostError, SetupError
from onmodel.post.ffmpeg import find_ffmpeg, run, version, written_whole


def test_the_wheels_ffmpeg_is_found(ffmpeg: Path) -> None:
    """Without a setting the ffmpeg of the installed wheel is used, by its absolute path."""
    assert ffmpeg.is_absolute()
    assert "imageio_ffmpeg" in str(ffmpeg)


def test_an_override_wins(ffmpeg: Path, tmp_path: Path) -> None:
    """A setting that names another program is followed."""
    other = tmp_path / "other ffmpeg"
    other.symlink_to(ffmpeg)
    assert find_ffmpeg(str(other)) == other


def test_an_override_that_is_no_program_is_a_setup_error(tmp_path: Path) -> None:
    """A setting that names no program says so, with the way out."""
    with pytest.raises(SetupError, match="not a program") as caught:
        find_ffmpeg(str(tmp_path / "none"))
    assert "setting" in caught.value.hint


def test_a_program_that_is_no_ffmpeg_is_refused() -> None:
    """A program that answers otherwise than ffmpeg is not taken for one."""
    with pytest.raises(SetupError, match="does not answer like an ffmpeg"):
        version(Path("/bin/echo"))


def test_a_file_that_cannot_be_started_is_a_setup_error(tmp_path: Path) -> None:
    """What the system cannot start is reported, not raised as an OSError."""
    with pytest.raises(SetupError, match="cannot be started"):
        run(tmp_path / "none", ["-version"])


def test_a_failure_carries_the_end_of_what_ffmpeg_said(ffmpeg: Path, tmp_path: Path) -> None:
    """A failure names what was worked on and quotes ffmpeg; the caller chooses the error for bad input."""
    with pytest.raises(NotMedia, match=r"s010: ffmpeg failed[\s\S]*No such file") as caught:
        run(ffmpeg, ["-i", str(tmp_path / "no.mp4"), "-f", "null", "-"], about="s010", fails_as=NotMedia)
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)  # noqa: S301 - a pool sends errors so


def test_ffmpeg_that_takes_too_long_is_stopped(ffmpeg: Path) -> None:
    """After its time ffmpeg is killed and the caller is told at once; it is never the clip's fault."""
    endless = ["-re", "-f", "lavfi", "-i", "testsrc2", "-f", "null", "-"]
    begin = time.monotonic()
    with pytest.raises(PostError, match=r"stopped after 0\.3 s") as caught:
        run(ffmpeg, endless, timeout_s=0.3, fails_as=NotMedia)
    assert time.monotonic() - begin < 5
    assert not isinstance(caught.value, NotMedia)


def test_ffmpeg_that_stands_still_is_ended(ffmpeg: Path, tmp_path: Path) -> None:
    """Who makes nothing for a while is ended long before its time, and the message says how far it was."""
    os.mkfifo(tmp_path / "never.mp4")
    silent = os.open(tmp_path / "never.mp4", os.O_RDWR)
    begin = time.monotonic()
    with pytest.raises(
        PostError, match=r"s010: ffmpeg made nothing more for 0\.6 s and .*; 0\.00 s were made"
    ):
        run(ffmpeg, ["-i", str(tmp_path / "never.mp4"), "-f", "null", "-"], about="s010", stall_s=0.6)
    os.close(silent)
    assert time.monotonic() - begin < 5


@pytest.mark.parametrize("limits", [{"stall_s": 0.6}, {"timeout_s": 0.6}])
def test_the_last_words_of_an_ffmpeg_that_was_stopped_are_told(
    tmp_path: Path, limits: dict[str, float]
) -> None:
    """Whether it stood still or took too long: what it said last is in the error, as of one that failed."""
    standing = tmp_path / "standing"
    standing.write_text("#!/bin/sh\nseq -f 'remark %g' 9 >&2\nexec sleep 60\n")
    standing.chmod(0o755)
    with pytest.raises(PostError, match=r"s010: ffmpeg .*[^3]\n  remark 4[\s\S]*\n  remark 9\n"):
        run(standing, [], about="s010", **limits)


def test_a_slow_ffmpeg_that_moves_is_left_alone(ffmpeg: Path) -> None:
    """Work that takes longer than a standstill may last goes on as long as it makes something."""
    slow = ["-re", "-f", "lavfi", "-i", "testsrc2=s=64x36:r=24:d=1.6", "-f", "null", "-"]
    assert run(ffmpeg, slow, stall_s=0.7).stdout == b""


def test_ffmpeg_says_how_far_it_is(ffmpeg: Path) -> None:
    """Seconds of output, a few times a second, growing to all of it; what it writes is apart."""
    told: list[float] = []
    work = ["-re", "-f", "lavfi", "-i", "testsrc2=s=64x36:r=24:d=1.5", "-f", "rawvideo", "-"]
    done = run(ffmpeg, work, tell=told.append)
    assert len(done.stdout) == 36 * 64 * 36 * 3 // 2
    assert told == sorted(told)
    assert 3 <= len(told) <= 10
    assert told[-1] == pytest.approx(1.5, abs=0.1)


def test_a_listener_that_fails_ends_the_work(ffmpeg: Path) -> None:
    """An error of whoever is told comes out, and no ffmpeg is left behind."""
    endless = ["-re", "-f", "lavfi", "-i", "testsrc2=s=64x36", "-f", "null", "-"]

    def fail(_: float) -> None:
        raise KeyError("told")

    with pytest.raises(KeyError):
        run(ffmpeg, endless, tell=fail)


def test_no_pipe_is_left_open(ffmpeg: Path, tmp_path: Path) -> None:
    """However it ends, as many files are open as before."""
    before = len(list(Path("/dev/fd").iterdir()))
    run(ffmpeg, ["-version"])
    with pytest.raises(PostError):
        run(ffmpeg, ["-i", str(tmp_path / "none.mp4"), "-f", "null", "-"])
    with pytest.raises(SetupError):
        run(tmp_path / "none", ["-version"])
    with pytest.raises(PostError):
        run(ffmpeg, ["-re", "-f", "lavfi", "-i", "testsrc2", "-f", "null", "-"], timeout_s=0.2)
    assert len(list(Path("/dev/fd").iterdir())) == before


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs the device that is always full")
def test_a_full_disk_is_said_plainly(ffmpeg: Path) -> None:
    """No space is reported as such, with what to do, and is never the clip's fault."""
    work = ["-y", "-f", "lavfi", "-i", "testsrc2=d=1", "-f", "rawvideo", "/dev/full"]
    with pytest.raises(PostError, match="no space is left") as caught:
        run(ffmpeg, work, fails_as=NotMedia)
    assert "Free some space" in caught.value.hint
    assert not isinstance(caught.value, NotMedia)


def test_a_file_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    """A writer that fails half-way leaves the old file as it was, and nothing beside it."""
    into = tmp_path / "deep" / "a.bin"
    with written_whole(into) as part:
        part.write_bytes(b"first")
    assert into.read_bytes() == b"first"
    with pytest.raises(ZeroDivisionError):
        _write_half(into)
    assert [path.name for path in into.parent.iterdir()] == ["a.bin"]
    assert into.read_bytes() == b"first"


def test_a_folder_that_cannot_be_written_is_a_post_error(tmp_path: Path) -> None:
    """A path through a file is reported with the path."""
    (tmp_path / "file").write_text("x")
    with (
        pytest.raises(PostError, match=r"a\.mp4: cannot be written"),
        written_whole(tmp_path / "file" / "a.mp4"),
    ):
        pass


def _write_half(into: Path) -> None:
    with written_whole(into) as part:
        part.write_bytes(b"sec")
        raise ZeroDivisionError


def _write_slowly(into: Path) -> None:
    with written_whole(into) as part:
        for _ in range(20):
            with part.open("ab") as file:
                file.write(b"x" * 100)
            time.sleep(0.002)


def test_the_same_file_made_twice_at_once_is_whole(tmp_path: Path) -> None:
    """Two makers of one file do not write into each other's."""
    into = tmp_path / "a.bin"
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        list(pool.map(_write_slowly, [into] * 4))
    assert into.read_bytes() == b"x" * 2000
    assert [path.name for path in tmp_path.iterdir()] == ["a.bin"]
