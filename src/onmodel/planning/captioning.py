"""What is written in an episode: its captions, and what lies over which piece of the cut.

All of it follows from the story and from the cut's arithmetic; nothing is drawn here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import pairwise
from typing import Final

from onmodel.errors import Finding, Place
from onmodel.planning.chains import shot_of
from onmodel.planning.programme import shot_spans
from onmodel.post.burning import letters_a_line
from onmodel.post.captions import Caption, timed
from onmodel.post.cues import Cue, read_cues
from onmodel.post.cutlist import CutList
from onmodel.post.drawing import Shape
from onmodel.story import Shot, Story
from onmodel.story.shot import LowerThird
from onmodel.units import frames_in

LARGEST_BYTES: Final = 10_000_000
"""A caption file over this is none."""

_FADE_S: Final = Fraction(1, 4)
"""In which a lower third comes, and goes."""


@dataclass(frozen=True)
class Inscription:
    """Something that is written over a piece of the cut."""

    what: tuple[str, ...] | LowerThird
    """The lines of a caption, or a lower third."""
    first_frame: int
    """Of the piece; before 0 where it is seen before the piece already."""
    frames: int
    fade_frames: int = 0
    above: LowerThird | None = None
    """The lower third that a caption makes room for."""


@dataclass(frozen=True)
class Wording:
    """All that is written in an episode, but for its cards."""

    captions: tuple[Caption, ...] = ()
    """In order, one at a time."""
    over: Mapping[str, tuple[Inscription, ...]] = field(default_factory=dict)
    """By piece, the lowest first."""


@dataclass(frozen=True)
class Spoken:
    """Words with their time, and where they are written."""

    text: str
    place: Place
    begin: int
    """The first frame of the programme."""
    end: int
    """The frame on which they are gone, unless others come before."""


# -- captions ------------------------------------------------------------------------------------------


def spoken_in(story: Story, episode: str, programme: CutList, cues: Sequence[Cue]) -> list[Spoken]:
    """What is said in an episode, in its order: of its caption file, or of its shots.

    Args:
        story: the story.
        episode: its id.
        programme: the cut, cards included; the clips need not be there.
        cues: of the caption file, where it has one.
    """
    fps = story.format(episode).fps
    file = story.episodes[episode].captions.file
    if file is not None:
        return [
            Spoken(cue.text, Place(file, cue.line), frames_in(cue.begin_s, fps), frames_in(cue.end_s, fps))
            for cue in cues
        ]
    spans = shot_spans(programme)
    return [
        one
        for name, shot in story.shots(episode).items()
        for one in _spoken_in_shot(story, episode, name, shot, spans[name])
    ]


def _spoken_in_shot(
    story: Story, episode: str, name: str, shot: Shot, span: tuple[int, int]
) -> Iterator[Spoken]:
    fps = story.format(episode).fps
    begin, end = span
    starts = [begin + frames_in(said.at, fps) for said in shot.say]
    for index, (said, start) in enumerate(zip(shot.say, starts, strict=True)):
        gone = start + frames_in(said.seconds, fps) if said.seconds else (*starts, end)[index + 1]
        text = f"{said.who}: {said.text}" if said.who else said.text
        yield Spoken(text, story.place(episode, "shots", name, "say", index, "text"), start, gone)


def captions_of(spoken: Sequence[Spoken], most: int, frames: int) -> tuple[Caption, ...]:
    """What is said as captions: one at a time, inside the programme.

    Args:
        spoken: in order.
        most: letters in a line.
        frames: of the programme.
    """
    wanted = [caption for one in spoken for caption in timed(one.text, one.begin, one.end, most)]
    captions: list[Caption] = []
    gone = 0
    for index, caption in enumerate(wanted):
        following = wanted[index + 1].begin if index + 1 < len(wanted) else frames
        begin = max(caption.begin, gone)
        end = min(caption.end, max(following, begin + 1), frames)
        if begin < end:
            captions.append(replace(caption, begin=begin, end=end))
            gone = end
    return tuple(captions)


# -- what lies over the picture ------------------------------------------------------------------------


def wording_of(story: Story, episode: str, programme: CutList, cues: Sequence[Cue], shape: Shape) -> Wording:
    """All that is written in an episode, by the cut's real starts, transitions included.

    Args:
        story: the story.
        episode: its id.
        programme: the cut, cards included; the clips need not be there.
        cues: of the caption file, where it has one.
        shape: of the picture that it is written into: lines are shorter in one that stands.
    """
    form = story.format(episode)
    most = letters_a_line(shape)
    captions = captions_of(spoken_in(story, episode, programme, cues), most, programme.frames)
    thirds = _lower_thirds(story, episode, programme)
    over: dict[str, list[Inscription]] = {}
    fade = frames_in(_FADE_S, form.fps)
    for name, third, begin, end in thirds:
        for piece, start in zip(programme.pieces, programme.starts, strict=True):
            if shot_of(piece.shot) == name and start < end and begin < start + piece.frames:
                written = Inscription(third, begin - start, end - begin, min(fade, (end - begin) // 3))
                over.setdefault(piece.shot, []).append(written)
    for caption in captions if story.episodes[episode].captions.burn else ():
        above = next(
            (one for _, one, begin, end in thirds if begin < caption.end and caption.begin < end), None
        )
        # In a transition it belongs to both shots: it is laid over them once, and stands still.
        for piece, start in zip(programme.pieces, programme.starts, strict=True):
            if start < caption.end and caption.begin < start + piece.frames:
                frames = caption.end - caption.begin
                written = Inscription(caption.lines, caption.begin - start, frames, above=above)
                over.setdefault(piece.shot, []).append(written)
    return Wording(captions, {name: tuple(ones) for name, ones in over.items()})


def _lower_thirds(story: Story, episode: str, programme: CutList) -> list[tuple[str, LowerThird, int, int]]:
    """Each with its shot, and the frames of the programme [begin, end)."""
    fps, spans = story.format(episode).fps, shot_spans(programme)
    found = []
    for name, shot in story.shots(episode).items():
        if shot.lower_third is not None:
            begin = spans[name][0] + frames_in(shot.lower_third.at, fps)
            end = min(begin + frames_in(shot.lower_third.seconds, fps), spans[name][1])
            if begin < end:
                found.append((name, shot.lower_third, begin, end))
    # Both stand in one place: in a transition the first gives way to the next.
    ends = [min(one[3], other[2]) for one, other in pairwise(found)] + [one[3] for one in found[-1:]]
    cut = ((name, third, begin, end) for (name, third, begin, _), end in zip(found, ends, strict=True))
    return [one for one in cut if one[2] < one[3]]


def cues_of(story: Story, episode: str) -> tuple[list[Cue], list[Finding]]:
    """What an episode's caption file says, and what is wrong with it; nothing where it has none."""
    file = story.episodes[episode].captions.file
    if file is None:
        return [], []
    place = story.place(episode, "captions", "file")
    try:
        if (size := (story.root / file).stat().st_size) > LARGEST_BYTES:
            message = f"'{file}' has {size:,} bytes; a caption file has at most {LARGEST_BYTES:,}"
            return [], [Finding(place, message, "Name an SRT or VTT file.")]
        return read_cues((story.root / file).read_bytes(), file)
    except OSError as error:
        return [], [Finding(place, f"'{file}' cannot be read: {error.strerror or error}")]
