"""`onmodel doctor`: this machine and this production, line by line, each with what to do."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final, Literal

from onmodel.cli.showing import columns, in_columns, print_json, say, wrapped
from onmodel.errors import OnModelError
from onmodel.post.ffmpeg import find_ffmpeg
from onmodel.post.ffmpeg import version as ffmpeg_version
from onmodel.settings import Folders, Settings, read_settings
from onmodel.stages.script import look_into_archive
from onmodel.story import Story, read_story

LOW_DISK_BYTES: Final = 5_000_000_000
"""An episode of a hundred shots in 1080p with its clips and pieces needs about this."""

MOST_SKEW_S: Final = 60.0
"""A clock that is further off makes a living sending look dead to another machine, or the other way round."""

PACKAGES: Final = ("prefect", "fal_client", "av", "opencv-python-headless")


@dataclass(frozen=True)
class Line:
    """One thing that was looked at."""

    what: str
    state: Literal["ok", "missing", "wrong"]
    found: str
    to_do: str = ""


def show_health(root: Path, *, as_json: bool) -> int:
    """Look at everything and print it; return 1 where something stands in the way of a rehearsal."""
    lines = list(_look(root, read_settings()))
    if as_json:
        print_json({"schema": "onmodel.doctor/1", "lines": [asdict(line) for line in lines]})
    else:
        _print(lines)
    return 1 if any(line.state == "wrong" for line in lines) else 0


def _print(lines: Sequence[Line]) -> None:
    drawn = in_columns([(MARKS[line.state], line.what, line.found) for line in lines])
    for text, line in zip(drawn, lines, strict=True):
        say(text)
        for more in wrapped(line.to_do, columns(), indent=6) if line.to_do else ():
            say(more)
    say(f"onmodel {version('onmodel')}")


MARKS: Final = {"ok": "ok", "missing": "-", "wrong": "!!"}


def _look(root: Path, settings: Settings) -> Iterator[Line]:
    yield _python()
    yield from (_known(name, lambda name=name: version(name)) for name in PACKAGES)  # type: ignore[misc]
    yield _known("ffmpeg", lambda: ffmpeg_version(find_ffmpeg(settings.ffmpeg)))
    yield _fonts()
    yield _key(settings)
    yield from _fal(settings)
    yield _disk(root)
    yield _server(root, settings)
    try:
        story = read_story(root, episodes=())
    except OnModelError as error:
        yield Line("production", "wrong", error.message.splitlines()[0], error.hint or "onmodel check")
        return
    yield Line("production", "ok", f"{story.production.name}: {len(story.bibles)} bibles")
    yield _known("archive", lambda: _archive(story, root))


def _known(what: str, look: Callable[[], str]) -> Line:
    try:
        return Line(what, "ok", look())
    except OnModelError as error:
        return Line(what, "wrong", error.message, error.hint)
    except ImportError as error:
        return Line(what, "wrong", str(error), "pip install onmodel")


def _python() -> Line:
    found = platform.python_version()
    if sys.version_info >= (3, 11):  # noqa: UP036 (a wheel can be forced onto an older one)
        return Line("Python", "ok", found)
    return Line("Python", "wrong", found, "Install Python 3.11 or newer.")


def _key(settings: Settings) -> Line:
    if settings.fal_key:
        return Line("FAL_KEY", "ok", "set (not shown)")
    return Line("FAL_KEY", "missing", "not set", "export FAL_KEY=... to produce; rehearsals need none.")


def _fonts() -> Line:
    """Slates are drawn with the font that comes with Pillow: the machine needs none."""
    from PIL import ImageFont, features  # noqa: PLC0415 (only here)

    if not features.check("freetype2"):
        return Line("fonts", "wrong", "this Pillow cannot draw text", "pip install --force-reinstall Pillow")
    font = ImageFont.load_default(size=12)
    named = font.getname() if isinstance(font, ImageFont.FreeTypeFont) else ()
    return Line("fonts", "ok", " ".join(word for word in named if word) or "Pillow's own")


def _fal(settings: Settings) -> Iterator[Line]:
    """Who has no key is not going to fal, and is not taken there."""
    if not settings.fal_key:
        now = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, not compared without a key"
        yield Line("clock", "ok", now, "Is it wrong? Set it: deadlines and signatures depend on it.")
        return
    from onmodel.studio.reach import look_at_fal  # noqa: PLC0415 (only here)

    found = look_at_fal()
    if not found.answers:
        yield Line("fal", "missing", f"no answer ({found.detail})", "Is there a way out of here?")
        return
    yield Line("fal", "ok", "answers")
    if found.skew_s is not None:
        off = abs(found.skew_s) > MOST_SKEW_S
        to_do = "Set this machine's clock: deadlines and signatures depend on it." if off else ""
        yield Line("clock", "wrong" if off else "ok", f"{found.skew_s:+.0f} s against fal's", to_do)


def _disk(root: Path) -> Line:
    free = shutil.disk_usage(root).free
    found = f"{free / 1e9:.0f} GB free"
    if not os.access(root, os.W_OK):
        return Line("disk", "wrong", "this folder cannot be written", "chmod u+w .")
    if free < LOW_DISK_BYTES:
        return Line("disk", "missing", found, f"Long episodes need up to {LOW_DISK_BYTES / 1e9:.0f} GB.")
    return Line("disk", "ok", found)


def _server(root: Path, settings: Settings) -> Line:
    from onmodel.cli.quiet import quiet_prefect  # noqa: PLC0415 (only here)

    quiet_prefect()
    from onmodel.flowkit.server import answering_url  # noqa: PLC0415 (Prefect takes seconds to import)

    url = answering_url(root.absolute(), settings.prefect_api_url)
    if url:
        return Line("Prefect server", "ok", url)
    return Line("Prefect server", "missing", "none answers", "onmodel server start, or work without one.")


def _archive(story: Story, root: Path) -> str:
    with look_into_archive(story.production, Folders(root.absolute(), rehearsal=False)) as vault:
        if vault is None:
            return f"{story.production.archive} (made on the first purchase)"
        return f"{vault.store.address}: {len(vault.journal.jobs())} jobs"
