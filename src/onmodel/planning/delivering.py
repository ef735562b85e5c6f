"""What is delivered of a cut: which of the sizes, what each shot shows in another shape, chapters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Final

from onmodel.planning.chains import shot_of
from onmodel.planning.programme import cards_of
from onmodel.post.chapters import Chapter
from onmodel.post.cutlist import Aim, CutList, Piece
from onmodel.post.reframe import HEADROOM, Box, Seen, Timing, following, frame_share, standing
from onmodel.story import Shot, Story
from onmodel.story.deliverables import ratio_of
from onmodel.units import Size
from onmodel.vault import Likeness

_ALIKE: Final = 0.01
"""Shapes that differ by less are taken for the same one."""
_LONGEST_TITLE: Final = 60
"""Letters of a chapter's title; players show few more."""
_BODY: Final = 0.06
"""Share of a picture that somebody without a face takes up around their middle, at least."""


def is_same_shape(one: Size, other: Size) -> bool:
    """Whether a picture of one size is only scaled for the other."""
    return abs(one.width * other.height / (one.height * other.width) - 1) < _ALIKE


def aims_of(
    shot: Shot, piece: Piece, clip: Size, shape: Size, fps: Fraction, identity: Mapping[str, Likeness]
) -> tuple[Aim, ...]:
    """What of a clip is seen in another shape: what the shot says, else who was recognised, else the middle.

    Args:
        shot: its defaults filled in.
        piece: of the cut.
        clip: its size.
        shape: the deliverable's size.
        fps: of the cut.
        identity: who was recognised in the clip, and where.
    """
    share = frame_share(clip, shape)
    if shot.focus:
        return standing(shot.focus[0], shot.focus[1], share)
    step_s = piece.speed / fps
    timing = Timing(piece.begin_frames * step_s, piece.frames - piece.hold_frames, step_s, fps)
    return following(seen_in(identity, list(shot.cast or {})), share, timing)


def seen_in(identity: Mapping[str, Likeness], cast: Sequence[str]) -> list[Seen]:
    """Where the characters of a clip are, time by time; who comes first in the cast is first."""
    order = sorted(identity, key=lambda who: cast.index(who) if who in cast else len(cast))
    found: dict[float, list[Box]] = {}
    faces: set[float] = set()
    for who in order:
        one = identity[who]
        places = one.places or (((0.0, *one.box),) if one.box else ())
        for at_s, *box in places:
            found.setdefault(at_s, []).append((box[0], box[1], box[2], box[3]))
            faces.add(at_s)
        for at_s, x, y in one.middles:
            found.setdefault(at_s, []).append((x - _BODY, y - _BODY, x + _BODY, y + _BODY))
    return [Seen(at_s, tuple(found[at_s]), HEADROOM if at_s in faces else 0) for at_s in sorted(found)]


def chapters_of(story: Story, episode: str, cutlist: CutList) -> tuple[Chapter, ...]:
    """A chapter for each place that the episode goes to, and for each card; none where there is only one.

    A shot that names no place goes on where the one before it is.
    """
    shots, cards = story.shots(episode), cards_of(story, episode)
    found: list[Chapter] = []
    for piece, start in zip(cutlist.pieces, cutlist.starts, strict=True):
        if piece.shot in cards:
            title: str | None = cards[piece.shot].text
        else:
            title = _setting(shots, shot_of(piece.shot))
        if not found or (title and title.casefold() != found[-1].title.casefold()):
            found.append(Chapter(start, title or story.episodes[episode].title))
    # A transition that covers a whole shot leaves it no frame of its own.
    apart = [one for one, other in pairwise(found) if one.frame < other.frame] + found[-1:]
    return tuple(Chapter(one.frame, _short(one.title)) for one in apart) if len(apart) > 1 else ()


def _setting(shots: Mapping[str, Shot], name: str) -> str | None:
    shot = shots[name]
    if shot.restyle is None:
        return shot.setting
    return shot.restyle.setting or _setting(shots, shot.restyle.shot)


def _short(title: str) -> str:
    return title if len(title) <= _LONGEST_TITLE else title[: _LONGEST_TITLE - 1].rstrip() + "…"


def chosen(wanted: Mapping[str, Size], only: Sequence[str]) -> dict[str, Size]:
    """Those that were asked for, by ratio or as they are written; all without a word.

    Raises:
        KeyError: one of the words means none of them.
    """
    found: dict[str, Size] = {}
    for word in only:
        meant = {name: size for name, size in wanted.items() if word in (name, ratio_of(name), str(size))}
        if not meant:
            raise KeyError(word)
        found |= meant
    return found if only else dict(wanted)
