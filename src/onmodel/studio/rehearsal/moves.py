"""Camera moves: what each asks of a flat still, as a transform for every moment of the shot."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import pi, sin

from onmodel.studio.rehearsal.looks import says


@dataclass(frozen=True)
class View:
    """How a moment sees the still."""

    zoom: float = 1.0
    x: float = 0.0
    """How far the view lies to the right of the still's middle, in widths."""
    y: float = 0.0
    """How far below, in heights."""
    turn: float = 0.0
    """Degrees clockwise."""
    shear: float = 0.0
    """Sideways shift at the top against the bottom, in widths."""
    edge_zoom: float = 0.0
    """Extra zoom at the border against the middle: a dolly zoom's stretch."""
    blur: float = 0.0
    """Blur of what is around the middle, in shorter sides."""
    blur_middle: float = 0.0
    """Blur of the middle, in shorter sides."""


Move = Callable[[float], View]
"""From the share of the shot that has passed (0-1) to a view."""


def eased(share: float) -> float:
    """A start and a stop without a jolt."""
    return share * share * (3 - 2 * share)


def _across(start: View, end: View) -> Move:
    def at(share: float) -> View:
        k = eased(share)
        return View(
            start.zoom + (end.zoom - start.zoom) * k,
            start.x + (end.x - start.x) * k,
            start.y + (end.y - start.y) * k,
            start.turn + (end.turn - start.turn) * k,
            start.shear + (end.shear - start.shear) * k,
            start.edge_zoom + (end.edge_zoom - start.edge_zoom) * k,
            start.blur + (end.blur - start.blur) * k,
            start.blur_middle + (end.blur_middle - start.blur_middle) * k,
        )

    return at


def _handheld(share: float) -> View:
    x = 0.006 * sin(2 * pi * 2.3 * share) + 0.003 * sin(2 * pi * 5.1 * share + 1)
    y = 0.007 * sin(2 * pi * 3.1 * share + 2) + 0.003 * sin(2 * pi * 6.7 * share)
    return View(1.07, x, y, 0.45 * sin(2 * pi * 1.7 * share + 0.5))


def _gimbal(share: float) -> View:
    k = eased(share)
    return View(1.08 + 0.06 * k, -0.02 + 0.04 * k, 0.006 * sin(2 * pi * share))


def _drone(share: float) -> View:
    k = eased(share)
    return View(1.12 + 0.42 * k, 0.035 * sin(2 * pi * share), 0.03 - 0.05 * k, 3.2 * sin(2 * pi * share))


MOVES: Mapping[str, tuple[tuple[str, ...], Move]] = {
    "dolly zoom": (("dolly zoom", "vertigo", "zolly"), _across(View(1.04), View(1.22, edge_zoom=-0.16))),
    "rack focus": (
        ("rack focus", "focus pull", "pull focus", "shifts focus"),
        _across(View(1.03, blur_middle=0.011), View(1.05, blur=0.009)),
    ),
    "FPV drone": (("fpv", "drone"), _drone),
    "orbit": (
        ("orbit", "orbits", "orbiting", "arc", "arcs", "circles around"),
        _across(View(1.14, x=-0.035, shear=-0.05), View(1.14, x=0.035, shear=0.05)),
    ),
    "pan left": (
        ("pan left", "pans left", "panning left", "whip pan left"),
        _across(View(1.16, x=0.06), View(1.16, x=-0.06)),
    ),
    "pan right": (
        ("pan right", "pans right", "pan", "pans", "panning", "whip pan"),
        _across(View(1.16, x=-0.06), View(1.16, x=0.06)),
    ),
    "tilt down": (
        ("camera tilt down", "tilt down", "tilts down"),
        _across(View(1.16, y=-0.06), View(1.16, y=0.06)),
    ),
    "tilt up": (
        ("camera tilt up", "tilt up", "tilts up", "camera tilt"),
        _across(View(1.16, y=0.06), View(1.16, y=-0.06)),
    ),
    "truck left": (
        ("truck left", "trucks left", "tracking left", "slide left"),
        _across(View(1.2, x=0.075, shear=0.012), View(1.2, x=-0.075, shear=-0.012)),
    ),
    "truck right": (
        (
            "truck right",
            "trucks right",
            "truck",
            "tracking shot",
            "tracking right",
            "tracking",
            "slide right",
            "follows",
        ),
        _across(View(1.2, x=-0.075, shear=-0.012), View(1.2, x=0.075, shear=0.012)),
    ),
    "crane down": (
        ("crane down", "cranes down", "pedestal down", "jib down"),
        _across(View(1.24, y=-0.09), View(1.14, y=0.05)),
    ),
    "crane up": (
        ("crane up", "cranes up", "crane", "pedestal up", "jib up", "rises"),
        _across(View(1.14, y=0.05), View(1.24, y=-0.09)),
    ),
    "dolly out": (
        (
            "dolly out",
            "dollies out",
            "dolly back",
            "dollies back",
            "pull back",
            "pulls back",
            "pull out",
            "pulls out",
        ),
        _across(View(1.24), View(1.0)),
    ),
    "dolly in": (
        (
            "dolly in",
            "dollies in",
            "dolly forward",
            "dollies forward",
            "push in",
            "pushes in",
            "dolly",
            "dollies",
            "push-in",
        ),
        _across(View(1.0), View(1.22, y=-0.045)),
    ),
    "zoom out": (("zoom out", "zooms out"), _across(View(1.3), View(1.0))),
    "zoom in": (("zoom in", "zooms in", "zoom", "crash zoom"), _across(View(1.0), View(1.32, y=-0.05))),
    "handheld": (("handheld", "hand-held", "shaky"), _handheld),
    "steadicam": (("steadicam", "gimbal", "stabilised", "stabilized"), _gimbal),
    "static": (
        ("static", "locked-off", "locked off", "fixed camera", "tripod", "still camera"),
        # A clip of the same frame throughout would be broken by our own gate: the picture breathes instead.
        _across(View(1.0), View(1.02)),
    ),
}
"""Moves by the name on the slate: the words that ask for each, most particular first, and the move."""

SLOW_PUSH = "slow push in"
_SLOW_PUSH = _across(View(), View(1.08, y=-0.018))


def read_move(text: str) -> str:
    """The name of the camera move that a prompt asks for; a slow push in where it asks for none."""
    low = text.lower()
    return next((name for name, (words, _) in MOVES.items() if says(low, *words)), SLOW_PUSH)


def move_named(name: str) -> Move:
    """A move by its name on the slate."""
    return MOVES[name][1] if name in MOVES else _SLOW_PUSH
