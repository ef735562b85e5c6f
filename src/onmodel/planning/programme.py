"""An episode as it runs, before any clip is there: its shots and cards as pieces of the cut, in place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final, NamedTuple

from onmodel.planning.chains import links_of, shot_of
from onmodel.planning.cutting import Clip, pieces_of_shot
from onmodel.post.cutlist import CutList, Piece
from onmodel.story import Story
from onmodel.story.episode import Card
from onmodel.story.trims import Trim
from onmodel.units import frames_in

TITLE: Final = "title card"
END: Final = "end card"
"""What the cards are called among the pieces of a cut: no shot can have a name with a space."""


class Still(NamedTuple):
    """A drawn picture on this machine."""

    sha256: str
    path: Path


def cards_of(story: Story, episode: str) -> dict[str, Card]:
    """The cards of an episode, by their names among the pieces."""
    cards = story.episodes[episode].cards
    named = {TITLE: cards.title, END: cards.end}
    return {name: card for name, card in named.items() if card is not None}


def with_cards(
    pieces: Iterable[Piece], story: Story, episode: str, stills: Mapping[str, Still]
) -> tuple[Piece, ...]:
    """The pieces of a cut with the episode's cards before and after them.

    Args:
        pieces: the shots.
        story: the story.
        episode: its id.
        stills: the cards as they were drawn, by name; what is not drawn yet has a place all the same.
    """
    fps, nowhere = story.format(episode).fps, Still("", Path())
    around: dict[str, Piece] = {}
    for name, card in cards_of(story, episode).items():
        still, frames = stills.get(name, nowhere), max(1, frames_in(card.seconds, fps))
        around[name] = Piece(name, still.sha256, still.path, frames, still=True)
    before, after = ([around[name]] if name in around else [] for name in (TITLE, END))
    return (*before, *pieces, *after)


def programme_of(story: Story, episode: str, trims: Mapping[str, Trim]) -> CutList:
    """The cut of an episode, cards included, before any clip is there.

    Args:
        story: the story.
        episode: its id.
        trims: which part of its clip each shot shows.

    Raises:
        PostError: a join does not fit its shots; the shot is named.
    """
    fps, unmade = story.format(episode).fps, Clip("", Path())
    pieces = (
        piece
        for name, shot in story.shots(episode).items()
        for piece in pieces_of_shot(
            name, shot, [unmade] * len(links_of(name, shot, trims[name], fps)), trims[name], fps
        )
    )
    return CutList(with_cards(pieces, story, episode, {}))


def is_card(piece: Piece) -> bool:
    """Whether a piece is a card, and no shot."""
    return piece.shot in (TITLE, END)


def shot_spans(programme: CutList) -> dict[str, tuple[int, int]]:
    """For each shot, the frames of the programme [begin, end) in which it is seen."""
    spans: dict[str, tuple[int, int]] = {}
    for piece, start in zip(programme.pieces, programme.starts, strict=True):
        name = shot_of(piece.shot)
        begin, _ = spans.get(name, (start, 0))
        spans[name] = begin, start + piece.frames
    return spans
