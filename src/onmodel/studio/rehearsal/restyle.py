"""The style pass, rehearsed: a clip redrawn frame by frame in the look that the prompt names.

Paper, grain and brush are fixed by the seed, so that a still place in the picture stays still.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from onmodel.errors import NotMedia
from onmodel.studio.rehearsal.canvas import Picture
from onmodel.studio.rehearsal.clip import (
    Bytes,
    Planes,
    read_planes,
    read_rate,
    read_sound,
    to_picture,
    to_planes,
    write_clip,
)
from onmodel.studio.rehearsal.looks import says
from onmodel.studio.rehearsal.slate import draw_slate
from onmodel.units import Size

Field = NDArray[np.float32]


@dataclass(frozen=True)
class Paper:
    """What a style is laid on, made once for a clip."""

    grain: Field
    """(H, W) float32 about 0, about 1 strong."""
    rough: Field
    """The same, soft and wide: the tooth of paper."""
    corner: Field
    """(H, W) float32, 1 in the middle, darker to the corners."""


Depart = Callable[[Iterator[Planes], Size], Iterator[Planes]]
"""From a clip's frames and their size to the same frames as they leave their character."""

Style = Callable[[Planes, Paper, int], Planes]
"""From a frame, its paper and its number to the frame redrawn."""


def _ink_lines(luma: Bytes, reach_px: float) -> Bytes:
    """Lines where the picture turns darker than what is around it, as a pencil finds them: 255 is no line."""
    around = cv2.blur(cv2.blur(luma, _square(reach_px)), _square(reach_px))
    return np.asarray(cv2.divide(luma, around, scale=255), np.uint8)


def _toned(plane: Bytes, curve: Callable[[Field], NDArray[np.floating]]) -> Field:
    """A plane with every tone changed by a curve, looked up and not computed for each pixel."""
    table = curve(np.arange(256, dtype=np.float32))
    return np.asarray(np.asarray(table, np.float32)[plane], np.float32)


def _square(reach_px: float) -> tuple[int, int]:
    side = max(3, round(reach_px) | 1)
    return side, side


def _washed(plane: Bytes, shrink: int) -> Bytes:
    """Colour without detail: flat areas stay, texture goes."""
    height, width = plane.shape
    small = cv2.resize(
        plane, (max(2, width // shrink), max(2, height // shrink)), interpolation=cv2.INTER_AREA
    )
    small = cv2.medianBlur(cv2.medianBlur(small, 5), 5)
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)


def _bytes(field: Field) -> Bytes:
    return np.asarray(np.clip(field + np.float32(0.5), 16, 240).astype(np.uint8), np.uint8)


def _hue(plane: Bytes, strength: float, shift: float = 0.0) -> Bytes:
    return _bytes((plane.astype(np.float32) - 128) * np.float32(strength) + np.float32(128 + shift))


def _pencil(planes: Planes, paper: Paper, _: int) -> Planes:
    """Pencil lines over a watercolour wash on rough paper."""
    drawn = _ink_lines(planes.y, min(planes.y.shape) / 60)
    lines = _toned(
        drawn, lambda tone: np.float32(0.16) + 0.84 * np.clip((tone / 255 - 0.55) / 0.45, 0, 1) ** 1.6
    )
    wash = _washed(planes.y, 3).astype(np.float32)
    bright = 232 - (232 - wash) * (0.62 + 0.07 * paper.rough)
    luma = bright * lines + 6 * paper.rough + 3 * paper.grain
    return Planes(_bytes(luma), _hue(_washed(planes.u, 2), 0.78, -3), _hue(_washed(planes.v, 2), 0.8, 2))


def _cel(planes: Planes, _paper: Paper, _: int) -> Planes:
    """Flat tones, bold outlines, strong colour."""
    flat = _toned(_washed(planes.y, 3), _stepped)
    drawn = _ink_lines(planes.y, min(planes.y.shape) / 90)
    lines = _toned(drawn, lambda tone: 0.106 + 0.954 * np.clip((tone / 255 - 0.62) / 0.22, 0, 1))
    return Planes(
        _bytes(flat * lines),
        _hue(_washed(planes.u, 2), 1.35),
        _hue(_washed(planes.v, 2), 1.35),
    )


def _stepped(tone: Field) -> Field:
    """Seven flat tones with a short slope between them."""
    level = tone / np.float32(36)
    flat = np.floor(level) + np.clip((level % 1 - np.float32(0.4)) * 5, 0, 1)
    return np.asarray(flat * 36 + 10, np.float32)


def _film(planes: Planes, paper: Paper, index: int) -> Planes:
    """Old film: grain that dances, faded warm colour, dark corners."""
    hop = index // 2
    rolled = np.roll(paper.rough, (hop * 37 % 101, hop * 53 % 97), axis=(0, 1))
    flicker = 1 + 0.018 * np.float32(np.sin(index * 1.7))
    luma = (planes.y.astype(np.float32) * 0.86 + 22) * paper.corner * flicker + 5 * rolled
    return Planes(_bytes(luma), _hue(planes.u, 0.7, -8), _hue(planes.v, 0.75, 6))


def _neon(planes: Planes, paper: Paper, _: int) -> Planes:
    """Night city: deep shadows, cyan below, magenta above, a glow about what is bright."""
    deep = _toned(planes.y, lambda tone: np.maximum(tone - 16, 0) ** 1.35 * (0.86 * 219 / 219**1.35) + 16)
    small = cv2.resize(
        np.maximum(planes.y, 150) - 150, None, fx=0.125, fy=0.125, interpolation=cv2.INTER_AREA
    )
    glow = cv2.resize(
        cv2.GaussianBlur(small, (0, 0), 5), planes.y.shape[::-1], interpolation=cv2.INTER_LINEAR
    )
    bright = cv2.resize(planes.y, planes.u.shape[::-1], interpolation=cv2.INTER_AREA).astype(np.float32)
    u = np.asarray(planes.u + np.float32(22) - bright * np.float32(4 / 255), np.float32)
    v = np.asarray(planes.v - np.float32(16) + bright * np.float32(48 / 255), np.float32)
    return Planes(_bytes(np.asarray((deep + 0.9 * glow) * paper.corner, np.float32)), _bytes(u), _bytes(v))


def _clay(planes: Planes, paper: Paper, _: int) -> Planes:
    """Clay: rounded forms under a lamp, with finger marks."""
    wash = _washed(planes.y, 4)
    soft = cv2.GaussianBlur(wash, (0, 0), min(wash.shape) / 240).astype(np.float32)
    relief = cv2.Sobel(soft, cv2.CV_32F, 1, 0, ksize=3) + cv2.Sobel(soft, cv2.CV_32F, 0, 1, ksize=3)
    luma = soft + np.clip(relief * 0.55, -46, 46) + 5 * paper.rough
    return Planes(_bytes(luma), _hue(_washed(planes.u, 2), 1.1, -4), _hue(_washed(planes.v, 2), 1.1, 4))


def _noir(planes: Planes, paper: Paper, _: int) -> Planes:
    """Black and white with strong contrast."""
    luma = (planes.y.astype(np.float32) - 126) * 1.32 + 120
    grey = np.full_like(planes.u, 128)
    return Planes(_bytes(luma * paper.corner + 4 * paper.grain), grey, grey.copy())


def _painted(planes: Planes, paper: Paper, _: int) -> Planes:
    """Paint on canvas: flat strokes, fuller colour."""
    luma = _washed(planes.y, 3).astype(np.float32) + 7 * paper.rough
    return Planes(_bytes(luma), _hue(_washed(planes.u, 2), 1.2), _hue(_washed(planes.v, 2), 1.2))


STYLES: Mapping[str, tuple[tuple[str, ...], Style]] = {
    "pencil and watercolour": (
        (
            "pencil",
            "watercolour",
            "watercolor",
            "hand-drawn",
            "hand drawn",
            "sketch",
            "drawn",
            "storybook",
            "crayon",
        ),
        _pencil,
    ),
    "clay": (("clay", "claymation", "plasticine", "stop-motion", "stop motion"), _clay),
    "cel": (("anime", "cel", "cel-shaded", "cartoon", "comic", "2d animation", "manga"), _cel),
    "neon": (("cyberpunk", "neon", "blade runner", "synthwave"), _neon),
    "film": (("film", "super 8", "super-8", "8mm", "16mm", "vintage", "retro", "grain", "vhs"), _film),
    "noir": (("noir", "black and white", "monochrome", "black-and-white"), _noir),
}
"""Looks by name: the words that ask for each."""


def read_style(text: str) -> str:
    """The name of the look that a prompt asks for; painted where none is known."""
    low = text.lower()
    return next((name for name, (words, _) in STYLES.items() if says(low, *words)), "painted")


def restyle_clip(
    source: Path,
    prompt: str,
    label: str,
    into: Path,
    *,
    seed: int,
    keep_sound: bool,
    depart: Depart | None = None,
) -> tuple[int, Size]:
    """Redraw a clip in the look its prompt names; frames, rate and size are the source's.

    Args:
        source: the clip.
        prompt: names the look.
        label: first line of the slate.
        into: the new clip's file.
        seed: paper and grain come from it.
        keep_sound: whether the source's sound lies under the result.
        depart: gives the source's frames back with another character in them.

    Returns:
        How many frames were written, and their size.

    Raises:
        NotMedia: the source holds no picture.
    """
    frames = read_planes(source)
    first = next(frames, None)
    if first is None:
        raise NotMedia(f"{source.name}: a clip with no picture in it", hint="Give a clip that plays.")
    size = Size(first.y.shape[1], first.y.shape[0])
    name = read_style(prompt)
    style = STYLES[name][1] if name in STYLES else _painted
    sound = read_sound(source) if keep_sound else None
    slate = draw_slate(size, (label, f"style pass: {name}", prompt))
    paper = _paper(size, seed)

    def redrawn() -> Iterator[Planes]:
        held = first
        film = _chain(first, frames)
        for index, planes in enumerate(depart(film, size) if depart else film):
            if not (name == "clay" and index % 2):
                held = style(planes, paper, index)
            yield slate.burn(Planes(held.y.copy(), held.u.copy(), held.v.copy()))

    return write_clip(into, size, read_rate(source), redrawn(), sound), size


def restyle_still(picture: Picture, prompt: str, seed: int) -> Picture:
    """Redraw a picture in the look its prompt names, as a style pass redraws a clip; others stay as they are.

    Args:
        picture: (H, W, 3) uint8 RGB; its sides are even.
        prompt: names the look.
        seed: paper and grain come from it.
    """
    name = read_style(prompt)
    if name not in STYLES:
        return picture
    height, width = picture.shape[:2]
    return to_picture(STYLES[name][1](to_planes(picture), _paper(Size(width, height), seed), 0))


def _chain(first: Planes, rest: Iterator[Planes]) -> Iterator[Planes]:
    yield first
    yield from rest


def _paper(size: Size, seed: int) -> Paper:
    dice = np.random.default_rng(seed)
    grain = dice.normal(0, 1, (size.height, size.width)).astype(np.float32)
    wide = np.asarray(cv2.GaussianBlur(grain, (0, 0), 1.6), np.float32)
    cloud = np.asarray(cv2.GaussianBlur(grain, (0, 0), min(size.width, size.height) / 24), np.float32)
    rough = wide / max(float(wide.std()), 1e-6) * 0.7 + cloud / max(float(cloud.std()), 1e-6) * 0.5
    y = np.linspace(-1, 1, size.height, dtype=np.float32)[:, None] ** 2
    x = np.linspace(-1, 1, size.width, dtype=np.float32)[None, :] ** 2
    return Paper(grain, rough.astype(np.float32), (1 - 0.3 * ((x + y) * 0.5) ** 1.5).astype(np.float32))
