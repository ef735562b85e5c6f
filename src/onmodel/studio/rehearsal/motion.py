"""Motion control, rehearsed: what moves in a reference clip is measured and moves a still character.

A flat still has no limbs to raise; its figure sways, bobs and leans as the reference does, and the reference
itself is shown in a corner, so that whoever looks can compare.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
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
    to_planes,
    write_clip,
)
from onmodel.studio.rehearsal.departures import blended, said_of, share_of
from onmodel.studio.rehearsal.slate import draw_slate
from onmodel.units import SAMPLE_RATE, Size

_SMALL_PX = 96
"""Width at which motion is measured: enough for a body, too little for grain."""
_MOST_SWAY, _MOST_BOB = 0.07, 0.022
"""Largest shifts of the still's figure, in shorter sides."""
_GAIN = 3.0
"""A mean over a body is less than what its head does: measured on a drawn dancer, about a third of it."""
_MAX_FPS = 30
_INSET = 0.24
"""Height of the reference in the corner, in heights of the frame."""
Curve = NDArray[np.float64]


@dataclass(frozen=True)
class Motion:
    """How the figure of a clip moves, one value a frame, in the shorter sides of its picture."""

    sway: Curve
    """Sideways, positive to the right, of the upper body."""
    bob: Curve
    """Downwards."""
    lean: Curve
    """How much further the top goes sideways than the bottom."""


@dataclass(frozen=True)
class Transfer:
    """One motion transfer."""

    label: str
    prompt: str
    keep_sound: bool
    """Whether the reference's sound lies under the result."""
    departs: str = ""
    """How it leaves its character on purpose, as `ArtOrder.departs` has it."""
    seed: int = 0


def measure_motion(frames: list[Bytes]) -> Motion:
    """Measure how the figure in a clip moves, by dense optical flow that is added up and freed of its drift.

    Args:
        frames: small luma pictures, (H, W) uint8.
    """
    flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
    steps = [(0.0, 0.0, 0.0)]
    for before, after in pairwise(frames):
        field = np.asarray(flow.calc(before, after, np.zeros((*before.shape, 2), np.float32)), np.float32)
        steps.append(_step(field))
    path = np.cumsum(np.array(steps), axis=0)
    time = np.linspace(0, 1, len(path))[:, None]
    path = path - path[0] - (path[-1] - path[0]) * time
    if len(path) > 4:  # noqa: PLR2004 - shorter ones have nothing to smooth
        path = np.asarray(cv2.GaussianBlur(path, (1, 5), 0, borderType=cv2.BORDER_REPLICATE), np.float64)
    short = min(frames[0].shape)
    sway, bob, lean = (path / short).T
    return Motion(sway, bob, lean)


def _step(field: NDArray[np.float32]) -> tuple[float, float, float]:
    """One frame's motion: means weighted by how much each pixel moves; a still set counts for nothing."""
    weight = np.hypot(field[:, :, 0], field[:, :, 1])
    half = field.shape[0] // 2

    def mean(part: slice, axis: int) -> float:
        total = float(weight[part].sum())
        return float((field[part, :, axis] * weight[part]).sum() / total) if total > 1 else 0.0

    top, bottom = mean(slice(0, half), 0), mean(slice(half, None), 0)
    return top, mean(slice(0, None), 1), top - bottom


def animate_motion(
    still: Picture, reference: Path, transfer: Transfer, into: Path, *, other: Picture | None = None
) -> int:
    """Move a still character as a reference clip moves; length, rate and sound follow the reference.

    Args:
        still: (H, W, 3) uint8 RGB with even sides; the clip has its size.
        reference: the motion reference.
        transfer: the slate's words, and whether the sound is kept.
        into: the clip's file.
        other: what the clip departs to, of the same size.

    Returns:
        How many frames were written.

    Raises:
        NotMedia: the reference holds no picture.
    """
    size = Size(still.shape[1], still.shape[0])
    rate, stride = _rate_for(read_rate(reference))
    small, insets = _read_reference(reference, size, stride)
    if not small:
        raise NotMedia(
            f"{reference.name}: a motion reference with no picture in it",
            hint="Give a clip of 2 to 30 seconds.",
        )
    motion = measure_motion(small)
    named = said_of("motion reference", transfer.departs)
    slate = draw_slate(size, (transfer.label, named, transfer.prompt))
    film = _moved(to_planes(still), motion, insets)
    if other is not None:
        share = share_of(transfer.departs, transfer.seed)
        film = blended(film, _moved(to_planes(other), motion, insets), len(small), share)
    film = (slate.burn(planes) for planes in film)
    sound = read_sound(reference) if transfer.keep_sound else None
    if sound is not None:
        sound = _fitted(sound, len(small), rate)
    return write_clip(into, size, rate, film, sound)


def _rate_for(rate: Fraction) -> tuple[Fraction, int]:
    """The result's frame rate, and which of the reference's frames are used: at most 30 a second."""
    stride = max(1, -(-rate.numerator // (_MAX_FPS * rate.denominator)))
    return rate / stride, stride


def _read_reference(reference: Path, size: Size, stride: int) -> tuple[list[Bytes], list[Planes]]:
    small: list[Bytes] = []
    insets: list[Planes] = []
    for index, planes in enumerate(read_planes(reference)):
        if index % stride:
            continue
        height, width = planes.y.shape
        tall = round(_SMALL_PX * height / width)
        small.append(
            np.asarray(cv2.resize(planes.y, (_SMALL_PX, tall), interpolation=cv2.INTER_AREA), np.uint8)
        )
        inset_h = round(min(size.height * _INSET, size.width * _INSET * 1.4)) // 4 * 4
        inset_w = round(inset_h * width / height) // 4 * 4
        insets.append(
            Planes(
                _shrunk(planes.y, inset_w, inset_h),
                _shrunk(planes.u, inset_w // 2, inset_h // 2),
                _shrunk(planes.v, inset_w // 2, inset_h // 2),
            )
        )
    return small, insets


def _shrunk(plane: Bytes, width: int, height: int) -> Bytes:
    return np.asarray(
        cv2.resize(plane, (max(2, width), max(2, height)), interpolation=cv2.INTER_AREA), np.uint8
    )


def _moved(still: Planes, motion: Motion, insets: list[Planes]) -> Iterator[Planes]:
    """The still, bent about its feet frame by frame, with the reference in the lower corner."""
    full = _grid(still.y)
    half = _grid(still.u)
    across = _within(motion.sway + 0.5 * motion.lean, _MOST_SWAY)
    down = _within(motion.bob, _MOST_BOB)
    for index, inset in enumerate(insets):
        shift = (float(across[index]), float(down[index]))
        planes = Planes(_bent(still.y, full, shift), _bent(still.u, half, shift), _bent(still.v, half, shift))
        yield _with_inset(planes, inset)


def _within(curve: Curve, most: float) -> Curve:
    """A measured curve, about its own middle, as large as a still can follow; stillness stays still."""
    curve = curve - (curve.max() + curve.min()) / 2
    return curve * min(_GAIN, most / max(float(np.abs(curve).max()), 1e-6))


@dataclass(frozen=True)
class _Grid:
    x: NDArray[np.float32]
    y: NDArray[np.float32]
    weight: NDArray[np.float32]
    """1 at a figure's head, 0 at its feet and away from it."""
    short: float


def _grid(plane: Bytes) -> _Grid:
    height, width = plane.shape
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    short = float(min(height, width))
    aside = np.clip(1 - ((x - 0.47 * width) / (0.4 * short)) ** 2, 0, 1) ** 1.5
    above = np.clip((0.95 * height - y) / (0.62 * height), 0, 1.25) ** 1.15
    fade = np.clip(y / (0.12 * height), 0, 1)
    return _Grid(x, y, (aside * above * fade).astype(np.float32), short)


def _bent(plane: Bytes, grid: _Grid, shift: tuple[float, float]) -> Bytes:
    across, down = shift[0] * grid.short, shift[1] * grid.short
    return np.asarray(
        cv2.remap(
            plane, grid.x - grid.weight * np.float32(across), grid.y - grid.weight * np.float32(down),
            cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101,
        ),
        np.uint8,
    )  # fmt: skip


def _with_inset(planes: Planes, inset: Planes) -> Planes:
    margin = min(planes.y.shape) // 40 // 2 * 2
    for plane, small, step, frame in (
        (planes.y, inset.y, 1, 235),
        (planes.u, inset.u, 2, 128),
        (planes.v, inset.v, 2, 128),
    ):
        bottom, right = plane.shape[0] - margin // step, plane.shape[1] - margin // step
        top, left = bottom - small.shape[0], right - small.shape[1]
        border = 4 // step
        plane[top - border : bottom + border, left - border : right + border] = frame
        plane[top:bottom, left:right] = small
    return planes


def _fitted(sound: NDArray[np.float32], frames: int, rate: Fraction) -> NDArray[np.float32]:
    """Sound cut or padded to the length of the picture."""
    count = int(frames * SAMPLE_RATE / rate)
    return np.pad(sound[:count], ((0, max(0, count - len(sound))), (0, 0)))
