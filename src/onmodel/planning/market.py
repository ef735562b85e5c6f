"""What planning asks the world for: endpoints, prices and the facts of supplied files."""

from __future__ import annotations

from dataclasses import dataclass

from onmodel.endpoints import Catalogue, PriceTable
from onmodel.planning.inputs import ReadFacts, read_sound


@dataclass(frozen=True)
class Market:
    """The ports of planning."""

    catalogue: Catalogue
    prices: PriceTable
    facts: ReadFacts
    """Of pictures and clips."""
    sounds: ReadFacts = read_sound
    """Of files of sound; a clip's is that of its sound."""
