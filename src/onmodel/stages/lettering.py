"""Lettering: cards, lower thirds and burnt-in captions drawn once, and found again by what they say."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

from onmodel.planning.captioning import Inscription, Wording, cues_of, wording_of
from onmodel.planning.programme import Still, cards_of, programme_of
from onmodel.post.burning import draw_caption
from onmodel.post.captions import Caption
from onmodel.post.cards import draw_card, draw_lower_third, lower_third_layout
from onmodel.post.cutlist import Overlay
from onmodel.post.drawing import DRAWN, Colours, Look, shape_of
from onmodel.post.lettering import open_typeface
from onmodel.stages.crew import Crew
from onmodel.story import Story
from onmodel.story.episode import Card
from onmodel.story.shot import LowerThird
from onmodel.story.trims import Trim
from onmodel.units import Size, digest_of, sha256_of_file

FOLDER: Final = "lettering"
"""In the cache."""


@dataclass(frozen=True)
class Lettering:
    """All that is written in an episode, drawn."""

    captions: tuple[Caption, ...] = ()
    cards: Mapping[str, Still] = field(default_factory=dict)
    """By their names among the pieces."""
    overlays: Mapping[str, tuple[Overlay, ...]] = field(default_factory=dict)
    """What lies over the pieces of the cut, by their names."""


async def letter(crew: Crew) -> Lettering:
    """Draw all that is written in an episode, once in a run, or find it in the cache; no clip need be there.

    Raises:
        PostError: the font cannot be read any more, or the cache not written.
    """
    if crew.lettering is None:
        folder = crew.folders.cache / FOLDER
        size = crew.cut_format.size
        work = asyncio.to_thread(letter_episode, crew.story, crew.scope, crew.plan.trims, size, folder)
        crew.lettering = asyncio.create_task(work, name=f"{crew.scope}.lettering")
    return await crew.lettering


def letter_episode(
    story: Story, episode: str, trims: Mapping[str, Trim], size: Size, folder: Path
) -> Lettering:
    """Draw all that is written in an episode into a folder, or find it there.

    Args:
        story: the story.
        episode: its id.
        trims: which part of its clip each shot shows.
        size: of the picture that it is written into: the cut's, or a deliverable's of another shape.
        folder: for the pictures.

    Raises:
        PostError: a text does not fit, or the font cannot be read: `check` tells it at its line.
    """
    cues, _ = cues_of(story, episode)
    programme = programme_of(story, episode, trims)
    wording = wording_of(story, episode, programme, cues, shape_of(size))
    cards = cards_of(story, episode)
    if not (wording.over or cards):
        return Lettering(wording.captions)
    pen = _Pen(_look(story, size), folder)
    drawn = {name: pen.card(card) for name, card in cards.items()}
    return Lettering(wording.captions, drawn, _overlays(wording, pen))


def _overlays(wording: Wording, pen: _Pen) -> dict[str, tuple[Overlay, ...]]:
    return {
        name: tuple(_overlay(pen.inscription(one), one) for one in inscriptions)
        for name, inscriptions in wording.over.items()
    }


def _overlay(still: Still, one: Inscription) -> Overlay:
    return Overlay(still.sha256, still.path, one.first_frame, one.frames, one.fade_frames)


def _look(story: Story, size: Size) -> Look:
    own, palette = story.production.font, story.production.palette
    typeface = open_typeface(story.root / own if own else None)
    colours = Colours(palette.background, palette.text, palette.accent)
    return Look(size, colours, typeface)


class _Pen:
    """Draws each picture once."""

    def __init__(self, look: Look, folder: Path) -> None:
        self._look = look
        self._folder = folder
        self._fonts = [sha256_of_file(face.path) for face in (look.typeface.regular, look.typeface.bold)]

    def card(self, card: Card) -> Still:
        look = self._look
        if card.background:
            colours = Colours(card.background, look.colours.text, look.colours.accent)
            look = Look(look.size, colours, look.typeface)
        return self._drawn(
            ["card", card.text, card.sub, look.colours.background],
            partial(draw_card, card.text, card.sub, look),
        )

    def inscription(self, one: Inscription) -> Still:
        look = self._look
        if isinstance(one.what, LowerThird):
            third = one.what
            draw = partial(draw_lower_third, third.text, third.sub, look)
            return self._drawn(["lower third", third.text, third.sub], draw)
        above = lower_third_layout(one.above.text, one.above.sub, look).top if one.above else None
        return self._drawn(["caption", *one.what, above], partial(draw_caption, one.what, look, above=above))

    def _drawn(self, what: list[Any], draw: Callable[[Path], Path]) -> Still:
        import PIL  # noqa: PLC0415 (keeps `check` and `plan` quick)

        look = self._look
        colours = [look.colours.background, look.colours.text, look.colours.accent]
        key = {
            "drawn": [DRAWN, PIL.__version__],
            "what": what,
            "size": str(look.size),
            "colours": colours,
            "fonts": self._fonts,
        }
        path = self._folder / f"{digest_of(key)}.png"
        if not path.exists():
            draw(path)
        return Still(sha256_of_file(path), path)
