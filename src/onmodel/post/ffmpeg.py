"""The one way to ffmpeg: run without a shell, bounded in time, its files written whole or not at all.

Paths go in as absolute ones, so that no name is ever read as an option (`-x.mp4`) or a protocol (`a:b.mp4`).
A foreign failure leaves here as `PostError` (the work failed) or `SetupError` (there is no ffmpeg).
"""

from __future__ import annotations

import errno
import os
import secrets
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from onmodel.errors import PostError, SetupError
from onmodel.post.listening import TELLS_EVERY_S, Limits, Tell, last_words, listen

TIMEOUT_S = 900
"""Longest that one ffmpeg may work, in seconds; a clip takes a few, the join of an episode under a minute."""
STALL_S = 60
"""Longest that it may work without making anything, in seconds."""
_DISK_FULL = b"No space left on device"
_FREE_SPACE = "Free some space there and run the same command again: finished pieces are kept."


@dataclass(frozen=True)
class Finished:
    """What an ffmpeg that succeeded had to say."""

    stdout: bytes
    stderr: str


def find_ffmpeg(override: str | None = None) -> Path:
    """Find the ffmpeg that this production works with: the pinned wheel's, unless a setting names another.

    Raises:
        SetupError: there is none, or the one named is not a program.
    """
    if override:
        named = Path(override).expanduser()
        if named.is_file() and os.access(named, os.X_OK):
            return named.absolute()
        raise SetupError(
            f"ffmpeg: {override!r} is not a program that can be run",
            hint="Name an ffmpeg 5.1 or newer, or remove the setting to use the one installed with onmodel.",
        )
    import imageio_ffmpeg  # noqa: PLC0415 - only what works on pictures pays for it

    try:
        return Path(imageio_ffmpeg.get_ffmpeg_exe()).absolute()
    except RuntimeError as error:
        raise SetupError(
            f"ffmpeg: {error}",
            hint="Install it again with: pip install --force-reinstall 'imageio-ffmpeg>=0.8.1'",
        ) from error


@lru_cache(maxsize=8)
def version(ffmpeg: Path) -> str:
    """The version that this ffmpeg says of itself, such as `n9.0.2`: part of every rendered piece's key.

    Raises:
        SetupError: it cannot be run, or what it says is no ffmpeg's answer.
    """
    words = run(ffmpeg, ["-version"], timeout_s=30).stdout.decode(errors="replace").split(maxsplit=3)
    if words[:2] != ["ffmpeg", "version"]:
        raise SetupError(
            f"ffmpeg: {ffmpeg} does not answer like an ffmpeg",
            hint="Name an ffmpeg 5.1 or newer, or remove the setting.",
        )
    return words[2]


def run(
    ffmpeg: Path,
    work: Sequence[str] | Any,
    *,
    about: str = "ffmpeg",
    timeout_s: float = TIMEOUT_S,
    fails_as: type[PostError] = PostError,
    any_cpu: bool = False,
    tell: Tell | None = None,
    stall_s: float = STALL_S,
) -> Finished:
    """Run ffmpeg to its end, in a process group of its own that dies with this call.

    Args:
        ffmpeg: the program.
        work: arguments, or an ffmpeg-python output node that is compiled to them.
        about: what is being worked on, in the user's words: the first words of an error.
        timeout_s: seconds after which it is stopped.
        fails_as: raised where ffmpeg itself gave up; no space, time or memory stays a plain PostError.
        any_cpu: use no fast instructions, so that sound is the same to the bit on every processor. Picture
            needs no such care: its scaling is asked to be exact, and x264 is.
        tell: told of the seconds of output that are made, at most four times a second, in this thread.
        stall_s: seconds without any new output after which it is stopped.

    Raises:
        PostError: it failed, took too long, stood still or found no space; the end of what it said is in the
            message.
        SetupError: the program cannot be started.
    """
    plain = ["-cpuflags", "0"] if any_cpu else []
    listens, tells = os.pipe()
    reports = ["-progress", f"pipe:{tells}", "-stats_period", str(TELLS_EVERY_S)]
    quiet = ["-nostdin", "-hide_banner", "-loglevel", "warning", "-xerror"]
    argv = [str(ffmpeg), *quiet, *reports, *plain, *_arguments(work)]
    try:
        process = subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            pass_fds=[tells],
        )
    except OSError as error:
        os.close(listens)
        raise SetupError(
            f"ffmpeg: {ffmpeg} cannot be started ({error.strerror})", hint="Try: onmodel doctor"
        ) from error
    finally:
        os.close(tells)
    try:
        stdout, stderr = listen(process, listens, Limits(timeout_s, stall_s), tell, about)
    finally:
        _end(process)
    if process.returncode:
        raise _failure(about, process.returncode, stderr, fails_as)
    return Finished(stdout, stderr.decode(errors="replace"))


@contextmanager
def written_whole(into: Path, *, synced: bool = True) -> Iterator[Path]:
    """Give a free name beside `into`; what is written there becomes `into` whole and synced, or not at all.

    Two processes that make the same file do not meet: each has its own name, and the last rename wins with
    the same bytes.

    Args:
        into: the file.
        synced: whether it has to outlive a power cut; not where whoever reads it sees what is broken.

    Raises:
        PostError: no space is left, or the folder cannot be written.
    """
    part = into.parent / f".{secrets.token_hex(8)}.part"
    try:
        into.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield part
            if synced:
                _sync(part)
            part.replace(into)
        finally:
            part.unlink(missing_ok=True)
        if synced:
            _sync(into.parent)
    except OSError as error:
        full = error.errno in {errno.ENOSPC, errno.EDQUOT}
        reason = "no space is left to write it" if full else f"cannot be written ({error.strerror})"
        raise PostError(
            f"{into}: {reason}",
            hint=_FREE_SPACE if full else "Check the folder and its permissions.",
        ) from error


def _arguments(work: Sequence[str] | Any) -> list[str]:
    if isinstance(work, (list, tuple)):
        return [str(word) for word in work]
    import ffmpeg as graph  # noqa: PLC0415 - only what works on pictures pays for it

    return ["-y", *graph.get_args(work)]


def _failure(about: str, code: int, said: bytes, fails_as: type[PostError]) -> PostError:
    if _DISK_FULL in said:
        return PostError(f"{about}: no space is left on the disk", hint=_FREE_SPACE)
    if code < 0:
        return PostError(
            f"{about}: ffmpeg was killed by signal {-code}",
            hint="The machine may be out of memory; run the same command again with less going on beside it.",
        )
    return fails_as(f"{about}: ffmpeg failed ({code}){last_words(said) or last_words(b'it gave no reason')}")


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    for stream in (process.stdout, process.stderr):
        if stream is not None:
            stream.close()


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
