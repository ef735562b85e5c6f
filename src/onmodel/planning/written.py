"""What is written in an episode, looked over: letters that the font lacks, texts that do not fit, hurry."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import partial
from itertools import pairwise
from typing import Final, NamedTuple

from onmodel.errors import Finding, Place, PostError
from onmodel.planning.board import Board
from onmodel.planning.captioning import Spoken, cues_of, spoken_in
from onmodel.planning.programme import TITLE, cards_of, shot_spans
from onmodel.post.burning import caption_layout, letters_a_line
from onmodel.post.captions import QUICKEST_CPS, SHORTEST_S, broken, cells, shown_time
from onmodel.post.cards import card_layout, lower_third_layout
from onmodel.post.cues import Cue
from onmodel.post.cutlist import CutList
from onmodel.post.drawing import Colours, Look, contrast
from onmodel.post.lettering import Typeface, letter_fault, open_typeface
from onmodel.story.deliverables import ratio_of
from onmodel.units import Size, frames_in

READABLE: Final = 3.0
"""Contrast that large letters want. Source: W3C, WCAG 2.2, 1.4.3, 2023."""


def written_findings(board: Board, programme: CutList) -> Iterator[Finding]:
    """Look over all that is written in an episode.

    Args:
        board: the episode.
        programme: its cut, cards included; the clips need not be there.
    """
    cues, faults = cues_of(board.story, board.episode)
    yield from faults
    if not faults:
        yield from _late_cues(board, programme, cues)
        spoken = spoken_in(board.story, board.episode, programme, cues)
        yield from _outside(board, programme)
        yield from _hurried(board, programme, spoken)
        yield from _lettered(board, spoken)


def _lettered(board: Board, spoken: Sequence[Spoken]) -> Iterator[Finding]:
    """What is wrong with what is written into the picture; without such, no font is opened."""
    burnt = spoken if board.story.episodes[board.episode].captions.burn else ()
    thirds = [name for name, shot in board.shots.items() if shot.lower_third]
    cards = cards_of(board.story, board.episode)
    if not (burnt or thirds or cards):
        return
    own = board.story.production.font
    try:
        typeface = open_typeface(board.story.root / own if own else None)
    except PostError as error:
        message = error.message.replace(str(board.story.root / (own or "")), f"'{own}'")
        yield Finding(_of_production(board, "font"), message, error.hint)
        return
    yield from _pale(board)
    looks = _looks(board, typeface)
    for texts in _texts(board, burnt):
        for text in texts:
            if found := list(_unfit(text, looks)):
                yield from found
                break  # what stands below it leans on it


def _looks(board: Board, typeface: Typeface) -> dict[str, Look]:
    """How it is all written: in the episode's own shape, and in that of each deliverable, by what is said."""
    palette = board.story.production.palette
    colours = Colours(palette.background, palette.text, palette.accent)
    ratios = dict.fromkeys(map(ratio_of, board.story.deliverables(board.episode)))
    shapes = {"": board.format.size, **{f" in {ratio}": _sized(ratio) for ratio in ratios}}
    return {said: Look(size, colours, typeface) for said, size in shapes.items()}


def _sized(ratio: str) -> Size:
    """A picture of a ratio: whether a text fits depends on nothing else."""
    wide, _, high = ratio.partition(":")
    return Size(120 * int(wide), 120 * int(high))


class _Text(NamedTuple):
    """A text that is written into the picture."""

    words: str
    place: Place
    lay_out: Callable[[Look], object]


def _texts(board: Board, burnt: Sequence[Spoken]) -> Iterator[list[_Text]]:
    """All that is written into the picture: large lines with the small ones below."""
    for one in burnt:
        yield [_Text(one.text, one.place, partial(_lay_caption, one.text))]
    for name, card in cards_of(board.story, board.episode).items():
        at = partial(board.story.place, board.episode, "cards", "title" if name == TITLE else "end")
        yield list(_two_texts(card.text, card.sub, at, card_layout))
    for name, shot in board.shots.items():
        if third := shot.lower_third:
            at = partial(_at, board, name, "lower_third")
            yield list(_two_texts(third.text, third.sub, at, lower_third_layout))


def _two_texts(
    text: str, sub: str | None, at: Callable[[str], Place], layout: Callable[[str, str | None, Look], object]
) -> Iterator[_Text]:
    yield _Text(text, at("text"), partial(layout, text, None))
    if sub:
        yield _Text(sub, at("sub"), partial(layout, text, sub))


def _lay_caption(text: str, look: Look) -> None:
    for block in broken(text, letters_a_line(look.shape)):
        caption_layout(block, look)


def _unfit(text: _Text, looks: Mapping[str, Look]) -> Iterator[Finding]:
    """Letters that cannot be written, or too many of them."""
    if fault := letter_fault(text.words, looks[""].typeface):
        yield Finding(text.place, *fault)
        return
    for said, look in looks.items():
        try:
            text.lay_out(look)
        except PostError as error:
            yield Finding(text.place, f"the text does not fit{said}: {error.message}", error.hint)
            return


def _pale(board: Board) -> Iterator[Finding]:
    """Colours that are too near to each other."""
    palette = board.story.production.palette
    if contrast(palette.background, palette.text) < READABLE:
        yield _pale_finding(_of_production(board, "palette"), palette.background, palette.text)
    for name, card in cards_of(board.story, board.episode).items():
        if card.background and contrast(card.background, palette.text) < READABLE:
            key = "title" if name == TITLE else "end"
            place = board.story.place(board.episode, "cards", key, "background")
            yield _pale_finding(place, card.background, palette.text)


def _pale_finding(place: Place, ground: str, text: str) -> Finding:
    message = f"{text} on {ground} can hardly be read: their contrast is {contrast(ground, text):.1f} to 1"
    return Finding(place, message, f"From {READABLE:g} to 1 on, large letters can be read.", "warning")


def _of_production(board: Board, key: str) -> Place:
    return board.story.trees["production.yaml"].place((key,))


# -- time ----------------------------------------------------------------------------------------------


def _late_cues(board: Board, programme: CutList, cues: Sequence[Cue]) -> Iterator[Finding]:
    file, fps = board.story.episodes[board.episode].captions.file or "", board.format.fps
    end_s = programme.frames / fps
    hint = f"The episode ends at {shown_time(end_s)}."
    for cue in cues:
        if frames_in(cue.begin_s, fps) >= programme.frames:
            message = f"it begins at {shown_time(cue.begin_s)}, after the episode's end"
            yield Finding(Place(file, cue.line), message, hint)
        elif frames_in(cue.end_s, fps) > programme.frames:
            message = f"it stands until {shown_time(cue.end_s)}: it is taken away at the episode's end"
            yield Finding(Place(file, cue.line), message, hint, "warning")


def _outside(board: Board, programme: CutList) -> Iterator[Finding]:
    """Words and lower thirds that begin after their shot, and words before those above them are gone."""
    fps = board.format.fps
    spans = shot_spans(programme)
    for name, shot in board.shots.items():
        length = spans[name][1] - spans[name][0]
        begins: list[tuple[tuple[str | int, ...], Fraction]] = [
            (("say", index, "at"), said.at) for index, said in enumerate(shot.say)
        ]
        if shot.lower_third:
            begins.append((("lower_third", "at"), shot.lower_third.at))
        for path, at_s in begins:
            if frames_in(at_s, fps) >= length:
                message = f"it begins at {_s(at_s)}, and the shot is {_s(length / fps)} long."
                yield Finding(_at(board, name, *path), message, "It begins inside its shot.")
        for index, (one, following) in enumerate(pairwise(shot.say), 1):
            gone_s = one.at + (one.seconds or 0)
            if frames_in(following.at, fps) <= frames_in(one.at, fps) or following.at < gone_s:
                above = f"begin at {_s(one.at)}" + (f" and stand until {_s(gone_s)}" if one.seconds else "")
                message = f"these words begin at {_s(following.at)}, and those above them {above}."
                hint = "Words follow each other, one at a time: say 'at' of each."
                yield Finding(_at(board, name, "say", index, "at"), message, hint)


def _hurried(board: Board, programme: CutList, spoken: Sequence[Spoken]) -> Iterator[Finding]:
    """Captions that are gone before they are read."""
    fps = board.format.fps
    begins = (*(one.begin for one in spoken[1:]), programme.frames)
    for one, following in zip(spoken, begins, strict=False):
        frames = min(one.end, max(following, one.begin + 1), programme.frames) - one.begin
        if frames < 1:
            continue  # an error, told elsewhere
        seconds, letters = frames / fps, cells(one.text)
        if letters > QUICKEST_CPS * seconds:
            quick = f"{letters} letters in {float(seconds):.1f} s are {float(letters / seconds):.0f} a second"
            message = f"{quick}, and {QUICKEST_CPS} can be read"
            hint = f"Leave it {letters / QUICKEST_CPS:.1f} s, or say less."
            yield Finding(one.place, message, hint, "warning")
        elif seconds < SHORTEST_S:
            message = f"a caption of {float(seconds):.2f} s only flashes"
            hint = f"Leave it {float(SHORTEST_S):.2f} s or more."
            yield Finding(one.place, message, hint, "warning")


def _at(board: Board, name: str, *path: str | int) -> Place:
    return board.story.place(board.episode, "shots", name, *path)


def _s(seconds: Fraction) -> str:
    return f"{float(seconds):g} s"
