"""The animator: moves a still by the shot's camera words, with the slate burnt in at the top."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import cos, radians, sin
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from onmodel.studio.rehearsal.canvas import Picture
from onmodel.studio.rehearsal.clip import FPS, Bytes, Planes, room_tone, to_planes, write_clip
from onmodel.studio.rehearsal.departures import blended, said_of, share_of
from onmodel.studio.rehearsal.moves import View, move_named, read_move
from onmodel.studio.rehearsal.slate import draw_slate
from onmodel.units import Size, frames_in

Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class Shot:
    """What one moved still shows."""

    prompt: str
    """Its camera words choose the move."""
    label: str
    """First line of the slate."""
    seconds: Fraction
    seed: int
    sound: bool = False
    """Whether a soft room tone lies under it."""
    departs: str = ""
    """How it leaves its character on purpose, as `ArtOrder.departs` has it."""
    note: str = ""
    """What the file carries for whoever films it again."""


def animate_still(
    still: Picture, shot: Shot, into: Path, fps: Fraction = FPS, *, other: Picture | None = None
) -> int:
    """Film a still as the shot's camera words say, and write the clip.

    Args:
        still: (H, W, 3) uint8 RGB with even sides; the clip has its size.
        shot: what is filmed.
        into: the clip's file.
        fps: frames a second.
        other: what the clip departs to, of the same size.

    Returns:
        How many frames were written.
    """
    height, width = still.shape[:2]
    frames = frames_in(shot.seconds, fps)
    name = read_move(shot.prompt)
    slate = draw_slate(Size(width, height), (shot.label, said_of(name, shot.departs), shot.prompt))
    film = film_still(to_planes(still), frames, move_named(name))
    if other is not None:
        instead = film_still(to_planes(other), frames, move_named(name))
        film = blended(film, instead, frames, share_of(shot.departs, shot.seed))
    sound = room_tone(frames, fps, shot.seed) if shot.sound else None
    burnt = (slate.burn(planes) for planes in film)
    return write_clip(into, Size(width, height), fps, burnt, sound, shot.note)


def film_still(planes: Planes, frames: int, move: Callable[[float], View]) -> Iterator[Planes]:
    """Every frame of a move over a still; the first frame of a push in is the still itself."""
    height, width = planes.y.shape
    short = min(width, height)
    last: tuple[View, Planes] | None = None
    for index in range(frames):
        view = move(index / max(frames - 1, 1))
        if last and last[0] == view:
            yield Planes(last[1].y.copy(), last[1].u.copy(), last[1].v.copy())
            continue
        moved = _see(planes, view)
        if view.edge_zoom or view.blur or view.blur_middle:
            moved = _bend(moved, planes, view, short)
        last = (view, moved)
        yield Planes(moved.y.copy(), moved.u.copy(), moved.v.copy())


def _see(planes: Planes, view: View) -> Planes:
    return Planes(_warp(planes.y, view), _warp(planes.u, view), _warp(planes.v, view))


def _warp(plane: Bytes, view: View) -> Bytes:
    height, width = plane.shape
    source = _matrix(width, height, view)
    moved = cv2.warpAffine(
        plane,
        source,
        (width, height),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REFLECT_101,
    )
    return np.asarray(moved, np.uint8)


def _matrix(width: int, height: int, view: View) -> Matrix:
    """From a pixel of the frame to the pixel of the still that it shows."""
    middle_x, middle_y = (width - 1) / 2, (height - 1) / 2
    angle = radians(view.turn)
    across, down = cos(angle) / view.zoom, sin(angle) / view.zoom
    lean = view.shear * width / height
    from_x = middle_x + view.x * width
    from_y = middle_y + view.y * height
    return np.array(
        [
            [across, down + lean, from_x - across * middle_x - (down + lean) * middle_y],
            [-down, across, from_y + down * middle_x - across * middle_y],
        ]
    )


def _bend(moved: Planes, still: Planes, view: View, short: int) -> Planes:
    """What needs depth, sketched on a flat still: the middle and the surroundings are treated apart."""
    around = moved
    if view.edge_zoom:
        around = _see(still, View(max(1.0, view.zoom + view.edge_zoom), view.x, view.y))
    return Planes(
        _join(moved.y, around.y, view, short),
        _join(moved.u, around.u, view, short / 2),
        _join(moved.v, around.v, view, short / 2),
    )


def _join(middle: Bytes, around: Bytes, view: View, short: float) -> Bytes:
    height, width = middle.shape
    inner = _blurred(middle, view.blur_middle * short)
    outer = _blurred(around, view.blur * short)
    share = _middle_share(width, height)
    mixed = outer + (inner.astype(np.float32) - outer) * share
    return (mixed + np.float32(0.5)).astype(np.uint8)


def _blurred(plane: Bytes, sigma: float) -> Bytes:
    """Blur at a third of the size, where a wide blur costs little."""
    if sigma < 0.3:  # noqa: PLR2004 - less than this is not seen
        return plane
    height, width = plane.shape
    if sigma < 2:  # noqa: PLR2004 - a narrow blur is quick at full size
        return np.asarray(cv2.GaussianBlur(plane, (0, 0), sigma), np.uint8)
    small = cv2.resize(plane, (width // 3, height // 3), interpolation=cv2.INTER_AREA)
    soft = cv2.GaussianBlur(small, (0, 0), sigma / 3)
    return np.asarray(cv2.resize(soft, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)


def _middle_share(width: int, height: int) -> NDArray[np.float32]:
    """1 where the figure usually stands, 0 towards the borders."""
    x = (np.arange(width, dtype=np.float32) / max(width - 1, 1) - 0.48) / 0.3
    y = (np.arange(height, dtype=np.float32) / max(height - 1, 1) - 0.58) / 0.5
    far = np.sqrt(x[None, :] ** 2 + y[:, None] ** 2)
    return np.clip((1.35 - far) / 0.7, 0, 1).astype(np.float32)
