"""Hair: its colour and cut, behind the head and over it, as the bible's words say."""

from __future__ import annotations

from math import radians, sin

import numpy as np

from onmodel.studio.rehearsal.canvas import Colour, curve, darker, lighter, ribbon, smooth
from onmodel.studio.rehearsal.looks import CharacterLook, colour_of, hashed_colour, says
from onmodel.studio.rehearsal.pen import Pen
from onmodel.studio.rehearsal.pose import Skeleton, on_head

_HAIR: tuple[Colour, ...] = ((52, 42, 44), (96, 62, 42), (148, 92, 52), (212, 172, 98), (60, 52, 70))


_BEHIND, _BEFORE = -0.35, 0.8
"""Cosines of a lock's place on the head: below it hangs behind, above it would cover the face."""


def pick(tones: tuple[Colour, ...], text: str) -> Colour:
    """One of some tones, for ever the same for a text."""
    return tones[int(hashed_colour(text)[0]) % len(tones)]


def hair_colour(look: CharacterLook) -> Colour:
    """The colour of the hair: from the bible, grey with age, else from the name."""
    aged = says(
        look.words, "old", "elderly", "grey-haired", "aged", "grey beard", "gray beard", "white beard"
    )
    grey = (198, 198, 202) if aged else None
    return colour_of(look, "hair", "braid", "curl", fallback=grey or pick(_HAIR, f"{look.id}/hair"))


def _is_long(words: str) -> bool:
    return says(words, "flowing") or (says(words, "long") and says(words, "hair"))


def _locks(pen: Pen, skeleton: Skeleton, look: CharacterLook) -> None:
    """Long hair falls over the shoulders too, so that its ends are seen from the front."""
    colour = hair_colour(look)
    ends = colour_of(look, "end", "tip", fallback=colour)
    x, y = skeleton.head
    rx, ry = skeleton.build.head_rx, skeleton.build.head_ry
    for across in (-80.0, 80.0):
        root, _, _ = on_head(skeleton, across, 0)
        if not _BEHIND < np.cos(radians(across) + skeleton.yaw) < _BEFORE:
            continue
        out = 0.16 * rx * (1 if root > x else -1)
        lock = curve(
            [(root, y + ry * 0.3), (root + out * 2, y - ry * 0.8), (root - out * 0.4, y - ry * 2.15)], 11
        )
        widths = [rx * (0.3 + 0.16 * sin(3 * step / 10) - 0.012 * step) for step in range(11)]
        pen.limb(lock, widths, colour, 0.2)
        if ends != colour:
            pen.shape(ribbon(lock[7:], widths[7:]), ends, shade=0.2, edged=False)


def draw_hair_behind(pen: Pen, skeleton: Skeleton, look: CharacterLook) -> None:
    """Draw the hair that hangs behind the head and shoulders."""
    if says(look.words, "bald"):
        return
    colour, words = hair_colour(look), look.words
    x, y = skeleton.head
    rx, ry = skeleton.build.head_rx, skeleton.build.head_ry
    back = -0.3 * rx * sin(skeleton.yaw)
    if _is_long(words):
        fall = [
            (-1.12, 0.5),
            (-0.7, 1.1),
            (0.7, 1.1),
            (1.12, 0.5),
            (1.28, -1.6),
            (0.9, -2.3),
            (-0.9, -2.3),
            (-1.28, -1.6),
        ]
        outline = smooth([(x + back + rx * a, y + ry * b) for a, b in fall], 3)
        pen.shape([outline], darker(colour, 0.14))
        ends = colour_of(look, "end", "tip", fallback=colour)
        if ends != colour:
            pen.shape([outline[outline[:, 1] < y - ry * 1.35]], ends, shade=0.2, edged=False)
    if says(words, "bob", "shoulder-length", "medium hair"):
        fall = [
            (-1.15, 0.5),
            (-0.7, 1.1),
            (0.7, 1.1),
            (1.15, 0.5),
            (1.25, -0.7),
            (0.8, -1.1),
            (-0.8, -1.1),
            (-1.25, -0.7),
        ]
        pen.shape([smooth([(x + back + rx * a, y + ry * b) for a, b in fall], 3)], darker(colour, 0.14))
    _gathered(pen, skeleton, look, back)


def _gathered(pen: Pen, skeleton: Skeleton, look: CharacterLook, back: float) -> None:
    """Hair that is tied, curled or plaited; `back` is how far it lies behind the head, in units."""
    colour, words = hair_colour(look), look.words
    x, y = skeleton.head
    rx, ry = skeleton.build.head_rx, skeleton.build.head_ry
    if says(words, "bun", "topknot"):
        pen.ball(x + back * 1.5, y + ry * 1.22, rx * 0.42, ry * 0.36, colour)
    if says(words, "ponytail"):
        pen.limb(
            [
                (x + back * 2, y + ry * 0.7),
                (x + rx * 0.95 + back * 4, y + ry * 0.2),
                (x + rx * 1.1 + back * 4, y - ry),
            ],
            [rx * 0.4, rx * 0.6, rx * 0.25],
            colour,
        )
    if says(words, "curly", "curls", "afro", "wavy"):
        for index in range(13):
            angle = radians(-30 + index * 20)
            puff_x, puff_y = x + back + rx * 1.06 * np.cos(angle), y + ry * 0.14 + ry * 1.02 * np.sin(angle)
            pen.ball(float(puff_x), float(puff_y), rx * 0.36, rx * 0.36, darker(colour, 0.1))
    if says(words, "braid", "plait", "twin-tail", "pigtail", "twintail"):
        for side in (-1, 1):
            for step in range(6):
                size = rx * (0.27 - 0.022 * step)
                pen.ball(
                    x + back + side * rx * (1.12 + 0.03 * step),
                    y - ry * (0.3 + 0.34 * step),
                    size,
                    size * 1.15,
                    colour,
                )


def draw_fringe(pen: Pen, skeleton: Skeleton, colour: Colour) -> None:
    """Draw the few strands that a hood leaves in sight."""
    x, y = skeleton.head[0] + skeleton.build.head_rx * 0.1 * sin(skeleton.yaw), skeleton.head[1]
    rx, ry = skeleton.build.head_rx, skeleton.build.head_ry
    outline = [(-0.82, 0.62), (0.82, 0.62), (0.8, 0.3), (0.3, 0.42), (-0.1, 0.26), (-0.5, 0.44), (-0.8, 0.28)]
    pen.shape([smooth([(x + rx * a, y + ry * b) for a, b in outline], 2)], colour, shade=0.2)


def draw_hair(pen: Pen, skeleton: Skeleton, look: CharacterLook) -> None:
    """Draw the hair over the forehead and temples."""
    words = look.words
    if says(words, "bald"):
        return
    colour = hair_colour(look)
    turn = sin(skeleton.yaw)
    x, y = skeleton.head
    rx, ry = skeleton.build.head_rx, skeleton.build.head_ry
    face = 0.55 * turn
    cap = [
        (-1.1, -0.1 - 0.3 * max(turn, 0)),
        (-1.14, 0.6),
        (-0.75, 1.16),
        (0.0, 1.27),
        (0.75, 1.16),
        (1.14, 0.6),
        (1.1, -0.1 + 0.3 * min(turn, 0)),
    ]
    hairline = [
        (0.95 + 0.02 * face, 0.12),
        (0.78 + 0.3 * face, 0.5),
        (0.34 + face, 0.58),
        (-0.2 + face, 0.72),
        (-0.6 + face, 0.5),
        (-0.95 + max(face, 0) * 1.1, 0.1),
    ]
    if says(words, "spiky", "spikes"):
        cap = [
            (-1.1, 0.0),
            (-1.4, 0.7),
            (-0.95, 0.85),
            (-0.9, 1.5),
            (-0.4, 1.15),
            (0.0, 1.7),
            (0.35, 1.18),
            (0.95, 1.5),
            (0.95, 0.85),
            (1.4, 0.6),
            (1.1, 0.0),
        ]
    outline = np.array([(x + rx * a, y + ry * b) for a, b in [*cap, *hairline]])
    pen.shape(
        [outline if says(words, "spiky") else smooth([(float(a), float(b)) for a, b in outline], 2)],
        colour,
        shade=0.3,
    )
    shine = [(x - rx * 0.5, y + ry * 0.94), (x - rx * 0.1, y + ry * 1.05), (x + rx * 0.25, y + ry * 1.0)]
    pen.mark(shine, rx * 0.08, lighter(colour, 0.3), 0.6)
    if _is_long(words):
        _locks(pen, skeleton, look)
    streak = colour_of(look, "highlight", "streak", fallback=colour)
    if streak != colour:
        pen.mark(
            [(x + rx * 0.55, y + ry * 1.02), (x + rx * 0.85, y + ry * 0.55), (x + rx * 0.96, y - ry * 0.1)],
            rx * 0.16,
            streak,
        )
