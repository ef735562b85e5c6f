"""Where the camera of a move looks at every moment, for the set and for the figure before it.

Every path begins on the still itself: that is the frame that was given, and a link of a long shot goes on
from the last frame of the link before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial, reduce
from math import pi, sin
from typing import Final, NamedTuple


@dataclass(frozen=True)
class Near:
    """How the figure is seen where it moves otherwise than the set behind it."""

    zoom: float = 1.0
    """Against the set where the figure stands on its floor; against the still where it is held."""
    held: bool = False
    """Whether the camera follows it: it keeps its place in the frame."""
    squeeze: float = 1.0
    """Its width against its height: what turns away is narrower."""
    blur: float = 0.0
    """In shorter sides."""


@dataclass(frozen=True)
class View:
    """How a moment sees the still."""

    zoom: float = 1.0
    """Below 1 the view is wider than the still, which is continued softly."""
    x: float = 0.0
    """How far the view lies to the right of the still's middle, in widths."""
    y: float = 0.0
    """How far below, in heights."""
    turn: float = 0.0
    """Degrees clockwise."""
    shear: float = 0.0
    """Sideways shift at the top against the bottom, in widths."""
    clear: float = 0.0
    """How far the set has come into focus, 0 as it is painted to 1 sharp."""
    blur: float = 0.0
    """Blur of the set, in shorter sides."""
    near: Near | None = None
    """The figure; None where it moves with the set."""


class Moment(NamedTuple):
    """A moment of a shot."""

    share: float
    """How much of the shot has passed, 0 to 1."""
    at_s: float
    """Seconds since its beginning."""
    foot: tuple[float, float] = (0.5, 0.9)
    """Where the figure stands, in widths and heights of the still."""


Path = Callable[[Moment], View]
"""From a moment to what the camera sees."""


def eased(share: float) -> float:
    """A start and a stop without a jolt."""
    share = min(1.0, max(0.0, share))
    return share * share * (3 - 2 * share)


def _to(end: View) -> Path:
    """From the still to a view, with an eased start and stop."""
    return partial(_on_the_way, end)


def _on_the_way(end: View, moment: Moment) -> View:
    k = eased(moment.share)
    near = end.near and replace(
        end.near,
        zoom=1 + (end.near.zoom - 1) * k,
        squeeze=1 + (end.near.squeeze - 1) * k,
        blur=end.near.blur * k,
    )
    return View(
        1 + (end.zoom - 1) * k, end.x * k, end.y * k, shear=end.shear * k, clear=end.clear * k, near=near
    )


def _room(zoom: float) -> float:
    """How far a view may lie from the middle and still see nothing but the still."""
    return 0.5 - 0.5 / zoom


def _away(end_zoom: float, near: Near | None, moment: Moment) -> View:
    """Wider and wider, with the lower border where it is: who is cut off by it stays so."""
    k = eased(moment.share)
    zoom = 1 + (end_zoom - 1) * k
    return View(zoom, y=_room(zoom), near=near and replace(near, zoom=1 + (near.zoom - 1) * k))


def _handheld(moment: Moment) -> View:
    """Slow sways and a quicker tremble under them, in seconds: hands know no shot's length."""
    k, t = eased(moment.at_s / 1.2), 2 * pi * moment.at_s
    x = 0.0055 * sin(0.45 * t) + 0.0024 * sin(1.15 * t + 1)
    y = 0.006 * sin(0.6 * t + 2) + 0.0022 * sin(1.45 * t)
    return View(1 + 0.06 * k, x * k, y * k, 0.4 * sin(0.35 * t + 0.5) * k)


def _steadicam(moment: Moment) -> View:
    k = eased(moment.share)
    float_ = 0.006 * sin(2 * pi * 0.3 * moment.at_s) * eased(moment.at_s)
    return View(1 + 0.14 * k, 0.035 * k, float_, near=Near(1 + 0.06 * k))


def _drone(moment: Moment) -> View:
    """A flight forwards that banks into its bends."""
    k = eased(moment.share)
    zoom = 1 + 0.45 * k
    bend = sin(2 * pi * 0.28 * moment.at_s) * _room(zoom)
    return View(zoom, 0.42 * bend, -0.3 * _room(zoom), 22 * bend, near=Near(1 + 0.08 * k))


def _dolly_zoom(moment: Moment) -> View:
    """The set grows about the figure's feet, the figure does not."""
    zoom = 1 + 0.42 * eased(moment.share)
    across, down = moment.foot
    return View(
        zoom, (across - 0.5) * (1 - 1 / zoom), (down - 0.5) * (1 - 1 / zoom), near=Near(1.0, held=True)
    )


def _dolly_zoom_flat(moment: Moment) -> View:
    zoom = 1 + 0.2 * eased(moment.share)
    return View(zoom, near=Near(held=True))


_SOFT: Final = 0.0025
"""Blur of a figure that is out of focus, in shorter sides: soft, and still somebody. From 0.004 on a scorer
sees another character. Source: measured 2026-11 on five painted ones in two sets each."""


def _focus_flat(moment: Moment) -> View:
    """The surroundings go soft, then the middle does in their place."""
    first, then = eased(moment.share / 0.4), eased((moment.share - 0.45) / 0.45)
    return View(blur=0.009 * (first - then), near=Near(blur=_SOFT * then))


def _static(moment: Moment) -> View:
    """The camera stands, the figure breathes; the set creeps, for our own gate takes a still for a fault."""
    breath = sin(2 * pi * 0.24 * moment.at_s) ** 2
    return View(1 + 0.004 * moment.at_s, near=Near(1 + 0.008 * breath))


_ORBIT = View(1.22, -0.072, shear=-0.03, near=Near(1.04, held=True, squeeze=0.9))
_TRUCK = View(1.2, 0.08, near=Near(held=True))

DEEP: Final[Mapping[str, Path]] = {
    "dolly zoom": _dolly_zoom,
    "rack focus": _to(View(1.03, clear=1.0, near=Near(blur=_SOFT))),
    "FPV drone": _drone,
    "orbit left": _to(replace(_ORBIT, x=-_ORBIT.x, shear=-_ORBIT.shear)),
    "orbit": _to(_ORBIT),
    "pan left": _to(View(1.2, x=-0.082)),
    "pan right": _to(View(1.2, x=0.082)),
    "tilt down": _to(View(1.2, y=0.082)),
    "tilt up": _to(View(1.2, y=-0.082)),
    "truck left": _to(replace(_TRUCK, x=-_TRUCK.x)),
    "truck right": _to(_TRUCK),
    "crane down": _to(View(1.18, y=0.066, near=Near(1.03))),
    "crane up": _to(View(1.2, y=-0.08, near=Near(0.95))),
    "dolly out": partial(_away, 0.84, Near(0.94)),
    "dolly in": _to(View(1.15, y=-0.03, near=Near(1.08))),
    "zoom out": partial(_away, 0.8, None),
    "zoom in": _to(View(1.3, y=-0.05)),
    "handheld": _handheld,
    "steadicam": _steadicam,
    "static": _static,
    "slow push in": _to(View(1.08, y=-0.018, near=Near(1.02))),
}
"""By the name of the move: over a still of which figure and set are known apart."""

FLAT: Final[Mapping[str, Path]] = {
    "dolly zoom": _dolly_zoom_flat,
    "rack focus": _focus_flat,
    "orbit left": _to(View(1.2, x=0.05, shear=0.06)),
    "orbit": _to(View(1.2, x=-0.05, shear=-0.06)),
    "truck left": _to(View(1.2, x=-0.08, shear=-0.012)),
    "truck right": _to(View(1.2, x=0.08, shear=0.012)),
}
"""The same over a still of which only the picture is known; in other moves the figure goes with the set."""


def path_of(names: Sequence[str], *, deep: bool) -> Path:
    """What the camera sees that makes these moves at the same time.

    Args:
        names: of the moves.
        deep: whether figure and set of the still are known apart.
    """
    paths = [DEEP[name] if deep else FLAT.get(name) or _without_figure(DEEP[name]) for name in names]
    return paths[0] if len(paths) == 1 else partial(_both, paths)


def there_and_back(path: Path) -> Path:
    """The same for a shot whose last frame is given: the camera ends where both pictures were seen from."""

    def at(moment: Moment) -> View:
        gone = sin(pi * moment.share) ** 2 / 2
        whole_s = moment.at_s / moment.share if moment.share else 0.0
        return path(moment._replace(share=gone, at_s=gone * whole_s))

    return at


def _without_figure(path: Path) -> Path:
    return lambda moment: replace(path(moment), near=None)


def _both(paths: Sequence[Path], moment: Moment) -> View:
    return reduce(_within, (path(moment) for path in paths))


def _within(outer: View, inner: View) -> View:
    """One view seen through another: where neither looks past the still, both together do not."""
    near = outer.near or inner.near
    if outer.near and inner.near:
        one, two = outer.near, inner.near
        near = Near(
            one.zoom * two.zoom, one.held and two.held, one.squeeze * two.squeeze, max(one.blur, two.blur)
        )
    return View(
        outer.zoom * inner.zoom,
        outer.x + inner.x / outer.zoom,
        outer.y + inner.y / outer.zoom,
        outer.turn + inner.turn,
        outer.shear + inner.shear,
        max(outer.clear, inner.clear),
        max(outer.blur, inner.blur),
        near,
    )
