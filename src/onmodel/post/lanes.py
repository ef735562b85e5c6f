"""Lanes: the cut laid out as an editing program has it, what is seen and heard on tracks beside each other.

There every frame belongs to one shot: a transition lies over a cut in its middle, and the shots
reach under it. All times are frames of the cut's own rate; nothing touches a file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any, Literal

from onmodel.post.cutlist import CutList, Kind, Overlay, Piece
from onmodel.post.score import Heard, Score
from onmodel.units import SAMPLE_RATE, round_half_up


@dataclass(frozen=True)
class Over:
    """A transition, over the cut at one end of a strip."""

    before: int
    """Frames of it before the cut."""
    after: int
    kind: Kind


@dataclass(frozen=True)
class Strip:
    """A part of one medium on a lane."""

    name: str
    """The piece's, or the sound's."""
    sha256: str
    """Of the medium."""
    begin: int
    """The frame of the programme at which it begins."""
    frames: int
    source: int = 0
    """The frame of the medium at which it begins, both counted at the cut's rate."""
    speed: Fraction = Fraction(1)
    """How fast the medium runs."""
    is_held: bool = False
    """Its first frame stands for all of it."""
    coming: Over | None = None
    leaving: Over | None = None
    told: Mapping[str, Any] = field(default_factory=dict)
    """What else is known of it, as JSON values."""

    @property
    def end(self) -> int:
        """The frame of the programme after its last."""
        return self.begin + self.frames


@dataclass(frozen=True)
class Lane:
    """Strips one after the other, with nothing between some of them."""

    name: str
    kind: Literal["picture", "sound"]
    strips: tuple[Strip, ...]


@dataclass(frozen=True)
class _Part:
    """The frames [first, last) of a piece that are its own, and the transitions at its ends."""

    piece: Piece
    start: int
    """The frame of the programme at which its frame 0 is."""
    first: int
    last: int
    coming: Over | None
    leaving: Over | None
    lead: int
    """Frames for which it is heard before that."""

    @property
    def moving(self) -> int:
        """The frame from which on it is held; its last one where it is not."""
        return self.piece.frames - self.piece.hold_frames

    def strip(self, begin: int, end: int) -> Strip:
        """Frames [begin, end) of the piece."""
        piece = self.piece
        frame = (piece.begin_frames + begin) * piece.speed
        return Strip(piece.shot, piece.sha256, self.start + begin, end - begin, int(frame), piece.speed)


def pictures_of(cutlist: CutList) -> Lane:
    """What is seen: the shots and cards, and after a shot its last frame where that is held."""
    return Lane("picture", "picture", tuple(strip for part in _parts(cutlist) for strip in _seen(part)))


def overlays_of(cutlist: CutList) -> tuple[Lane, ...]:
    """What lies over the picture: burnt-in captions, lower thirds; those that meet are on several lanes."""
    found: dict[tuple[str, int, int], Strip] = {}
    for piece, start in zip(cutlist.pieces, cutlist.starts, strict=True):
        for over in piece.overlays:
            begin = start + over.first_frame
            strip = _over(piece, over, start)
            # In a transition a caption lies over both shots, and is one all the same.
            key = over.sha256, begin, over.frames
            found[key] = _joined(found[key], strip) if key in found else strip
    return _laid("over", "picture", sorted(found.values(), key=lambda one: one.begin))


def sounds_of(
    cutlist: CutList, score: Score, fps: Fraction, lengths: Mapping[str, Fraction]
) -> tuple[Lane, ...]:
    """What is heard: the shots' own sound, then speech, then music.

    Where two shots are heard at once, at a J or an L cut, they are on two lanes.

    Args:
        cutlist: the cut.
        score: every sound of it.
        fps: of the cut.
        lengths: seconds of sound in each medium, by sha256; one that has none is left out.
    """
    native = {one.name: one for one in score.heard if one.name in {p.shot for p in cutlist.pieces}}
    shots = (
        replace(strip, told=_told(native[part.piece.shot]))
        for part in _parts(cutlist)
        if part.piece.shot in native and lengths.get(part.piece.sha256)
        for strip in _heard(part)
    )
    others = [one for one in score.heard if one.name not in native and lengths.get(one.sha256)]
    files = [strip for one in others for strip in _passes(one, fps, lengths[one.sha256])]
    speech = [strip for strip in files if strip.name != "music"]
    music = [strip for strip in files if strip.name == "music"]
    return (
        *_laid("sound", "sound", shots),
        *_laid("speech", "sound", speech),
        *_laid("music", "sound", music),
    )


# -- pictures ------------------------------------------------------------------------------------------


def _parts(cutlist: CutList) -> Iterator[_Part]:
    overs = [_over_cut(piece) for piece in cutlist.pieces[:-1]]
    around = zip([None, *overs], [*overs, None], strict=True)
    shots = zip(cutlist.pieces, cutlist.starts, cutlist.leads, around, strict=True)
    for piece, start, lead, (coming, leaving) in shots:
        first = coming.before if coming else 0
        last = piece.frames - (leaving.after if leaving else 0)
        yield _Part(piece, start, first, last, coming, leaving, lead)


def _over_cut(left: Piece) -> Over | None:
    """Where the cut lies under a transition: in its middle, or before a held end that is shorter than it."""
    kind = getattr(left.join, "kind", None)
    if kind is None:
        return None
    whole = left.join.overlap_frames
    before = whole // 2
    if left.hold_frames < whole:
        before = min(before, whole - left.hold_frames)
    return Over(before, whole - before, kind)


def _seen(part: _Part) -> list[Strip]:
    moving = part.strip(part.first, min(part.last, part.moving))
    held_from = max(part.first, part.moving)
    held = replace(part.strip(part.moving - 1, part.moving), begin=part.start + held_from, is_held=True)
    strips = [moving, replace(held, frames=part.last - held_from)]
    seen = [strip for strip in strips if strip.frames > 0]
    if seen:
        seen[0] = replace(seen[0], coming=part.coming)
        seen[-1] = replace(seen[-1], leaving=part.leaving)
    return seen


def _over(piece: Piece, over: Overlay, start: int) -> Strip:
    begin = start + max(over.first_frame, 0)
    end = start + min(over.first_frame + over.frames, piece.frames)
    told = {"fade_frames": over.fade_frames} if over.fade_frames else {}
    return Strip(f"{piece.shot} overlay", over.sha256, begin, end - begin, told=told)


def _joined(one: Strip, other: Strip) -> Strip:
    begin, end = min(one.begin, other.begin), max(one.end, other.end)
    return replace(one, begin=begin, frames=end - begin)


# -- sounds --------------------------------------------------------------------------------------------


def _heard(part: _Part) -> Iterator[Strip]:
    """A shot's own sound: earlier and longer than its picture at J and L cuts, and none while it is held."""
    piece = part.piece
    begin = part.first if part.coming else -part.lead
    end = min(part.last + piece.join.audio_lag_frames, part.moving + piece.join.audio_lag_frames)
    if end > begin:
        leaving = part.leaving if end == part.last else None
        yield replace(part.strip(begin, end), coming=part.coming, leaving=leaving)


def _passes(heard: Heard, fps: Fraction, seconds: Fraction) -> Iterator[Strip]:
    """A file of sound: once, or begun anew until it is to end."""
    length = round_half_up(seconds * SAMPLE_RATE / heard.speed) - heard.skip
    begin = heard.begin
    end = heard.begin + (heard.samples if heard.loop else min(heard.samples, length))
    while length > 0 and begin < end:
        last = min(begin + length, end)
        first_frame, frame_after = _frame(begin, fps), _frame(last, fps)
        source = int(heard.skip * heard.speed * fps / SAMPLE_RATE)
        fade_in, fade_out = heard.fade_in * (begin == heard.begin), heard.fade_out * (last == end)
        told = _told(replace(heard, fade_in=fade_in, fade_out=fade_out))
        told |= {"begin_samples": begin, "samples": last - begin}
        frames = frame_after - first_frame
        yield Strip(heard.name, heard.sha256, first_frame, frames, source, heard.speed, told=told)
        begin = last


def _frame(sample: int, fps: Fraction) -> int:
    return round_half_up(sample * fps / SAMPLE_RATE)


def _told(heard: Heard) -> dict[str, Any]:
    said = {
        "level_db": float(heard.level_db),
        "ducked_db": float(heard.ducked_db),
        "fade_in_samples": heard.fade_in,
        "fade_out_samples": heard.fade_out,
    }
    return {name: value for name, value in said.items() if value}


def _laid(name: str, kind: Literal["picture", "sound"], strips: Iterable[Strip]) -> tuple[Lane, ...]:
    """Put strips on as few lanes as it takes; two that a transition joins stay on one."""
    lanes: list[list[Strip]] = []
    newest: list[Strip] = []
    for strip in strips:
        if strip.frames < 1:
            continue
        joins = bool(newest and strip.coming and newest[-1].leaving and newest[-1].end == strip.begin)
        lane = newest if joins else _free(lanes, strip)
        lane.append(strip)
        newest = lane
    names = [name, *(f"{name} {number}" for number in range(2, len(lanes) + 1))]
    return tuple(Lane(called, kind, tuple(lane)) for called, lane in zip(names, lanes, strict=False))


def _free(lanes: list[list[Strip]], strip: Strip) -> list[Strip]:
    lane = next((lane for lane in lanes if _is_free(lane, strip.begin)), None)
    if lane is None:
        lane = []
        lanes.append(lane)
    return lane


def _is_free(lane: Sequence[Strip], begin: int) -> bool:
    return lane[-1].end <= begin
