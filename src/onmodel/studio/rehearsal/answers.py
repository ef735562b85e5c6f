"""A folder of a person's own pictures and clips that the rehearsal answers with, as they are.

Files are named as jobs are: `s010.mp4`, `s010.2.mp4` for the second take, `s010.keyframe.png`,
`pip.default.front.png`. So real clips go through the whole loop for $0.
"""

from __future__ import annotations

import asyncio
import mimetypes
import shutil
from collections.abc import Callable, Collection, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Final

from onmodel.errors import SetupError
from onmodel.studio.rehearsal.orders import Artist, ArtOrder, Made
from onmodel.studio.rehearsal.trouble import About

PICTURES: Final = (".png", ".jpg", ".jpeg", ".webp")
CLIPS: Final = (".mp4", ".mov", ".webm", ".mkv")

Tell = Callable[[str, str, str], None]
"""Told of an order that is painted after all: the subject, its stage, and why."""


def check_folder(folder: Path, names: Collection[str]) -> None:
    """Make sure that there is something in a folder to answer with.

    Args:
        folder: as it was typed.
        names: of every picture and clip that could be made: `s010.keyframe`, `pip.default.front.sheet`.

    Raises:
        SetupError: it is no folder, or no file in it is named as anything that is made.
    """
    if not folder.is_dir():
        raise SetupError(f"--answers: {folder} is not a folder", hint="Name a folder of pictures and clips.")
    wanted = {*names, *(name.rpartition(".")[0] for name in names)}
    found = sorted(path for path in folder.iterdir() if path.suffix.lower() in (*PICTURES, *CLIPS))
    if not any(_without_take(path.stem) in wanted for path in found):
        shots = (name.removesuffix(".shoot") for name in sorted(names) if name.endswith(".shoot"))
        example = next(shots, "s010")
        there = ", ".join(path.name for path in found[:6]) or "no picture and no clip"
        raise SetupError(
            f"--answers: no file in {folder} is named as anything that is made here; found: {there}",
            hint=f"Name files like {example}.mp4, {example}.2.mp4 for the second take, "
            f"{example}.keyframe.png, pip.default.front.png.",
        )


class AnsweringArtist:
    """Answers with a person's files where there are any, and has the rest painted."""

    def __init__(self, folder: Path, painter: Artist, tell: Tell) -> None:
        self._folder = folder
        self._painter = painter
        self._tell = tell

    async def make(self, order: ArtOrder) -> list[Made]:
        """Answer with the order's file, else paint; raises as the painter does.

        Raises:
            SetupError: the order's file is no picture, or no clip.
        """
        names = About(label=order.label).names
        suffixes = PICTURES if order.kind in {"text-to-image", "image-edit"} else CLIPS
        file = await asyncio.to_thread(self._find, names, suffixes)
        if file is not None:
            return [await asyncio.to_thread(_taken, file, order)]
        if names:
            subject, stage = names[3], names[2].rpartition(".")[2]
            self._tell(subject, stage, f"there is no {subject}{suffixes[0]} in {self._folder}")
        return await self._painter.make(order)

    def _find(self, names: Sequence[str], suffixes: Sequence[str]) -> Path | None:
        there = (self._folder / f"{name}{suffix}" for name in names for suffix in suffixes)
        return next((path for path in there if path.is_file()), None)


def _taken(file: Path, order: ArtOrder) -> Made:
    from onmodel.studio.rehearsal.probe import read_facts  # noqa: PLC0415 (PyAV, for answers only)

    wants = "image" if file.suffix.lower() in PICTURES else "video"
    facts = read_facts(file, wants=wants)
    if facts is None:
        raise SetupError(f"--answers: {file} is no {wants}", hint="Replace it, or take it out of the folder.")
    into = order.folder / f"answer{file.suffix.lower()}"
    shutil.copyfile(file, into)
    seconds = Fraction(str(facts["s"])) if "s" in facts else None
    kind = mimetypes.guess_type(into.name)[0] or "application/octet-stream"
    return Made(into, kind, int(facts["width_px"]), int(facts["height_px"]), seconds)


def _without_take(stem: str) -> str:
    head, _, last = stem.rpartition(".")
    return head if head and last.isdigit() else stem
