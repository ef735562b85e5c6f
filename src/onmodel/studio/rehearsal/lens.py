"""The lens: what a camera sees of a still's layers, moment by moment, at fractions of a pixel."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, cos, floor, radians, sin
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from onmodel.studio.rehearsal.clip import Bytes, Planes
from onmodel.studio.rehearsal.layers import Layers, Weights
from onmodel.studio.rehearsal.paths import Moment, Near, Path, View

Matrix = NDArray[np.float64]
"""(2, 3): from a pixel of the frame to the pixel of the still that it shows."""
_NOT_SEEN: Final = 0.004
"""Share of a side by which a view may look past the still without the still being continued."""
_SOFTENS: Final = 0.05
"""Over how much of the shorter side a continued still goes soft: what is there, nobody has drawn."""


@dataclass(frozen=True)
class _Sheet:
    """One plane of every layer, with as much of a margin as the views need."""

    plate: Bytes
    sharp: Bytes
    still: Bytes
    figure: Weights
    margin: tuple[int, int]
    """Across and down, in pixels of this plane."""
    box: tuple[int, int, int, int]
    """What of it the figure fills: left, top, width, height, in pixels of this plane."""


def film(layers: Layers, path: Path, frames: int, fps: Fraction) -> Iterator[Planes]:
    """Every frame that a camera sees on its path; what looks past the still sees it continued, softly."""
    height, width = layers.still.y.shape
    views = [
        path(Moment(index / max(frames - 1, 1), float(index / fps), layers.foot)) for index in range(frames)
    ]
    sheets = _sheets(layers, _margin(views, width, height))
    last: tuple[View, Planes] | None = None
    for view in views:
        if last is None or last[0] != view:
            y, u, v = (_seen(sheet, view, layers.foot, min(width, height) / step) for sheet, step in sheets)
            last = (view, Planes(y, u, v))
        yield Planes(last[1].y.copy(), last[1].u.copy(), last[1].v.copy())


def _margin(views: Sequence[View], width: int, height: int) -> tuple[int, int]:
    """By how much views look past the still, in pixels of luma, in steps of two."""
    corners = np.array([(0, 0, 1), (width - 1, 0, 1), (0, height - 1, 1), (width - 1, height - 1, 1)]).T
    across = down = 0.0
    for view in views:
        x, y = view_matrix(width, height, view) @ corners
        across = max(across, -float(x.min()), float(x.max()) - width + 1)
        down = max(down, -float(y.min()), float(y.max()) - height + 1)
    if across <= _NOT_SEEN * width and down <= _NOT_SEEN * height:
        return 0, 0
    return 2 * ceil(across / 2 + 1), 2 * ceil(down / 2 + 1)


def _sheets(layers: Layers, margin: tuple[int, int]) -> list[tuple[_Sheet, int]]:
    found = []
    for name, step in (("y", 1), ("u", 2), ("v", 2)):
        room = (margin[0] // step, margin[1] // step)
        still = _continued(getattr(layers.still, name), room)
        plate = still if layers.plate is layers.still else _continued(getattr(layers.plate, name), room)
        sharp = plate if layers.sharp is layers.plate else _continued(getattr(layers.sharp, name), room)
        figure = layers.figure if step == 1 else layers.figure_half
        sides = (room[1], room[1], room[0], room[0])
        figure = np.asarray(cv2.copyMakeBorder(figure, *sides, cv2.BORDER_CONSTANT), np.float32)
        left, top, wide, high = cv2.boundingRect((figure > 0).astype(np.uint8))
        found.append((_Sheet(plate, sharp, still, figure, room, (left, top, wide, high)), step))
    return found


def _continued(plane: Bytes, room: tuple[int, int]) -> Bytes:
    """A plane with a margin of its own mirror image, the softer the further out."""
    across, down = room
    if not across and not down:
        return plane
    wide = cv2.copyMakeBorder(plane, down, down, across, across, cv2.BORDER_REFLECT_101)
    height, width = plane.shape
    reach = max(2.0, min(height, width) * _SOFTENS)
    x = np.abs(np.arange(width + 2 * across) - across - (width - 1) / 2) - (width - 1) / 2
    y = np.abs(np.arange(height + 2 * down) - down - (height - 1) / 2) - (height - 1) / 2
    outside = np.maximum(x[None, :], y[:, None]).astype(np.float32)
    share = np.clip(outside / np.float32(reach), 0, 1)
    soft = cv2.blur(cv2.blur(wide, _square(reach)), _square(reach))
    return np.asarray(cv2.blendLinear(soft, wide, share, 1 - share), np.uint8)


def _square(reach: float) -> tuple[int, int]:
    return (max(3, round(reach) | 1),) * 2


def _seen(sheet: _Sheet, view: View, foot: tuple[float, float], short: float) -> Bytes:
    """One plane of what a view shows."""
    height, width = (
        side - 2 * room for side, room in zip(sheet.plate.shape, sheet.margin[::-1], strict=True)
    )
    far_matrix = view_matrix(width, height, view)
    plate = sheet.plate
    if view.clear and sheet.sharp is not sheet.plate:
        plate = np.asarray(cv2.addWeighted(sheet.sharp, view.clear, plate, 1 - view.clear, 0), np.uint8)
    if view.near is None:
        plate = sheet.still
    far = _blurred(_warped(plate, far_matrix, (width, height), sheet.margin), view.blur * short)
    if view.near is None:
        return far
    near_matrix = figure_matrix(far_matrix, view.near, (foot[0] * width, foot[1] * height))
    whole = (slice(0, height), slice(0, width))
    rows, columns = whole if view.near.blur else _where_seen(sheet, near_matrix, width, height)
    size = (columns.stop - columns.start, rows.stop - rows.start)
    if min(size) <= 0:
        return far
    near_matrix = np.column_stack([near_matrix[:, :2], near_matrix @ (columns.start, rows.start, 1)])
    near = _blurred(_warped(sheet.still, near_matrix, size, sheet.margin), view.near.blur * short)
    figure = _warped_weights(sheet.figure, near_matrix, size, sheet.margin)
    if view.near.blur:
        figure = np.asarray(
            cv2.GaussianBlur(figure, (0, 0), max(0.3, view.near.blur * short / 2)), np.float32
        )
    far[rows, columns] = cv2.blendLinear(near, far[rows, columns], figure, 1 - figure)
    return far


def _where_seen(sheet: _Sheet, matrix: Matrix, width: int, height: int) -> tuple[slice, slice]:
    """Rows and columns of the frame in which the figure is seen: the rest need not be looked at twice."""
    left, top, wide, high = sheet.box
    left, top = left - sheet.margin[0], top - sheet.margin[1]
    corners = np.array([(left, top), (left + wide, top), (left, top + high), (left + wide, top + high)]).T
    x, y = np.linalg.solve(matrix[:, :2], corners - matrix[:, 2:])
    ends = ((floor(y.min()) - 2, ceil(y.max()) + 2, height), (floor(x.min()) - 2, ceil(x.max()) + 2, width))
    rows, columns = (slice(max(0, first), min(last, side)) for first, last, side in ends)
    return rows, columns


def view_matrix(width: int, height: int, view: View) -> Matrix:
    """Where each pixel of the frame looks in the still."""
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


def figure_matrix(far: Matrix, near: Near, foot: tuple[float, float]) -> Matrix:
    """Where each pixel of the frame looks for the figure: it turns about its foot, which stays on its floor.

    Args:
        far: the set's.
        near: the figure's part of what is seen.
        foot: where it stands in the still, in pixels.
    """
    spot = np.array(foot)
    stands = spot if near.held else np.linalg.solve(far[:, :2], spot - far[:, 2])
    linear = (np.eye(2) if near.held else far[:, :2]) / near.zoom / np.array([[near.squeeze], [1.0]])
    return np.column_stack([linear, spot - linear @ stands])


def _warped(plane: Bytes, matrix: Matrix, size: tuple[int, int], margin: tuple[int, int]) -> Bytes:
    moved = cv2.warpAffine(
        plane,
        matrix + np.array([[0, 0, margin[0]], [0, 0, margin[1]]]),
        size,
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REFLECT_101,
    )
    return np.asarray(moved, np.uint8)


def _warped_weights(
    plane: Weights, matrix: Matrix, size: tuple[int, int], margin: tuple[int, int]
) -> Weights:
    moved = cv2.warpAffine(
        plane,
        matrix + np.array([[0, 0, margin[0]], [0, 0, margin[1]]]),
        size,
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(moved, np.float32)


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
