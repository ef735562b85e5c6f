from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from onmodel.qc import Calibration, Limits, Scorer, Seen, Sighting, calibrate
from onmodel.studio.rehearsal.looks import CharacterLook
from onmodel.studio.rehearsal.painter import paint_scene, paint_sheet
from onmodel.units import Size

Frame = NDArray[np.uint8]

MINA = CharacterLook(
    "mina",
    "Mina",
    "human",
    "a young singer",
    ("long straight black hair", "brown eyes"),
    {"skin": "#d9a27e", "hair": "#1d1b26"},
    {"default": "a grey sweater and jeans"},
)
BO = CharacterLook(
    "bo",
    "Bo",
    "human",
    "an old bald fisherman",
    ("white beard", "blue eyes"),
    {"skin": "#f0c8a0"},
    {"default": "a yellow raincoat"},
)
PIP = CharacterLook(
    "pip",
    "Pip",
    "stylised",
    "a friendly small robot",
    ("round blue head", "one glowing yellow eye", "small antenna on top"),
    {"head": "#3b78d8", "eye": "#ffd23f", "body": "#c9ced6"},
    {"default": "bare chrome"},
)
DOT = CharacterLook(
    "dot", "Dot", "stylised", "a round creature", ("orange fur", "big ears"), {"fur": "#e0762a"}
)
VIEWS = ("front", "three-quarter", "happy", "full-body")
PLAYERS = {one.id: one for one in (MINA, BO, PIP, DOT)}


class Painted:
    """Pictures of the players: people and others, no person that lives."""

    def __init__(self) -> None:
        self._sheets: dict[str, dict[str, Frame]] = {}
        self._measured: dict[tuple[str, str, str], Calibration] = {}

    def sheet(self, who: str) -> dict[str, Frame]:
        """Four views."""
        if who not in self._sheets:
            look = PLAYERS[who]
            self._sheets[who] = {
                view: paint_sheet(look, view, look.wardrobe.get("default", ""), Size(400, 400), 1)
                for view in VIEWS
            }
        return dict(self._sheets[who])

    def measured(self, scorer: Scorer, who: str) -> Calibration:
        """What the scorer measured on that sheet; once for all tests."""
        key = (scorer.name, scorer.version, who)
        if key not in self._measured:
            self._measured[key] = calibrate(scorer, self.sheet(who))
        return self._measured[key]

    def scene(self, who: str, place: str = "a garden", shot: str = "medium shot") -> Frame:
        """A shot in a set that no sheet shows."""
        look = PLAYERS[who]
        return paint_scene(f"{look.name} stands in {place}, {shot}", [look], Size(640, 360), 3)


@pytest.fixture(scope="session")
def painted() -> Painted:
    return Painted()


class ByColour:
    """A scorer whose frames are told apart by their mean colour."""

    name = "by-colour"
    version = "1"
    limits = Limits(floor=0.3, ceiling=0.6)

    def look(self, picture: Frame) -> Seen:
        """The mean colour of all of it."""
        if not picture.any():
            return Seen(why_not="it is black")
        return Seen((Sighting(np.asarray(picture.mean((0, 1)) / 255, np.float32)),))

    def likeness(self, sighting: Sighting, references: Sequence[Sighting]) -> float | None:
        """How near the colours are."""
        return float(np.mean([1 - np.abs(sighting.vector - one.vector).mean() for one in references]))


@pytest.fixture
def by_colour() -> ByColour:
    return ByColour()
