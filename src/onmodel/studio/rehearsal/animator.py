"""The animator: moves a still by the shot's camera words, with the slate burnt in at the top."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from onmodel.studio.rehearsal.canvas import Picture
from onmodel.studio.rehearsal.clip import FPS, Planes, room_tone, write_clip
from onmodel.studio.rehearsal.departures import blended, said_of, share_of
from onmodel.studio.rehearsal.diagram import with_diagrams
from onmodel.studio.rehearsal.layers import Layers, flat_layers
from onmodel.studio.rehearsal.lens import film
from onmodel.studio.rehearsal.moves import moves_named, path_named, read_move, said_of_move
from onmodel.studio.rehearsal.paths import eased, there_and_back
from onmodel.studio.rehearsal.slate import draw_slate
from onmodel.units import Size, frames_in


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


@dataclass(frozen=True)
class Besides:
    """What else a clip shows than the still that it begins with."""

    other: Layers | None = None
    """What it departs to."""
    last: Layers | None = None
    """The picture that it ends on."""


_ALONE = Besides()


def animate_still(
    still: Picture | Layers, shot: Shot, into: Path, fps: Fraction = FPS, besides: Besides = _ALONE
) -> int:
    """Film a still as the shot's camera words say, and write the clip; its first frame is the still.

    Args:
        still: (H, W, 3) uint8 RGB with even sides, or its layers; the clip has its size.
        shot: what is filmed.
        into: the clip's file.
        fps: frames a second.
        besides: what else it shows, of the same size.

    Returns:
        How many frames were written.
    """
    layers = still if isinstance(still, Layers) else flat_layers(still)
    height, width = layers.still.y.shape
    frames = frames_in(shot.seconds, fps)
    name, returns = read_move(shot.prompt), besides.last is not None
    said = said_of(said_of_move(name) + " to the last frame" * returns, shot.departs)
    slate = draw_slate(Size(width, height), (shot.label, said, shot.prompt))
    shown = film_layers(layers, frames, name, fps, returns=returns)
    if besides.other is not None:
        instead = film_layers(besides.other, frames, name, fps, returns=returns)
        shown = blended(shown, instead, frames, share_of(shot.departs, shot.seed))
    if besides.last is not None:
        end = film_layers(besides.last, frames, name, fps, returns=True)
        shown = blended(shown, end, frames, _to_the_end)
    shown = with_diagrams(shown, [move.diagram for move in moves_named(name)], frames, returns=returns)
    sound = room_tone(frames, fps, shot.seed) if shot.sound else None
    burnt = (slate.burn(planes) for planes in shown)
    return write_clip(into, Size(width, height), fps, burnt, sound, shot.note)


def film_layers(
    layers: Layers, frames: int, name: str, fps: Fraction = FPS, *, returns: bool = False
) -> Iterator[Planes]:
    """Every frame of a move over a still; the first one is the still itself.

    Args:
        layers: the still.
        frames: how many.
        name: of the move, as `read_move` gives it.
        fps: frames a second.
        returns: whether the camera ends where it began, and the last frame is the still again.
    """
    path = path_named(name, deep=layers.deep)
    return film(layers, there_and_back(path) if returns else path, frames, fps)


def _to_the_end(passed: float) -> float:
    """How much of the last picture is seen: nothing at first, all of it before the end."""
    return eased((passed - 0.15) / 0.7)
