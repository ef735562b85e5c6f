"""What planning asks the world for: endpoints, prices and the facts of supplied files."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from onmodel.endpoints import Catalogue, PriceTable
from onmodel.planning.inputs import ReadFacts, RememberedFacts, read_sound
from onmodel.settings import Folders
from onmodel.story import Story, read_story


class Market(NamedTuple):
    """The ports of planning."""

    catalogue: Catalogue
    prices: PriceTable
    facts: ReadFacts
    """Of pictures and clips."""
    sounds: ReadFacts = read_sound
    """Of files of sound; a clip's is that of its sound."""


@contextmanager
def open_market(story: Story) -> Iterator[Market]:
    """Endpoints, prices and the facts of supplied files; what is learnt of files is kept for the next time.

    Raises:
        PlanError: a price of the production cannot be understood.
        StoryError: an endpoint of the production cannot be understood.
    """
    cache = Folders(story.root, rehearsal=False).cache
    facts = RememberedFacts(cache / "inputs.json")
    sounds = RememberedFacts(cache / "sounds.json", read_sound)
    catalogue, prices = _offers(story)
    try:
        yield Market(catalogue, prices, facts, sounds)
    finally:
        facts.save()
        sounds.save()


def read_offers(root: Path) -> tuple[Catalogue, PriceTable]:
    """Endpoints and prices: the shipped ones, with a production's own over them where `root` is one.

    Raises:
        StoryError: the production's files are not understood.
    """
    if not (root / "production.yaml").is_file():
        return Catalogue.load(), PriceTable.load()
    return _offers(read_story(root, episodes=()))


def _offers(story: Story) -> tuple[Catalogue, PriceTable]:
    catalogue = Catalogue.load(story.root / "endpoints")
    own = {name: row.model_dump(exclude_none=True) for name, row in story.production.prices.items()}
    return catalogue, PriceTable.load({**catalogue.own_prices, **own})
