"""The score: every sound of the programme, where it is heard and how loud, counted in samples at 48 kHz.

Like the cut list it is arithmetic: nothing touches a file. It says all that the mix depends on, so a manifest
that has it can be mixed again to the same samples.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Final, Literal

from onmodel.post.cutlist import CutList, Piece
from onmodel.post.sound import early_samples
from onmodel.units import SAMPLE_RATE, samples_at

Span = tuple[int, int]
"""Samples [begin, end) of the programme."""

Whole = Literal["twoloop", "fast"]
"""How the bits of encoded sound are chosen: ffmpeg's own way, or one in about two thirds of its time."""

Coder = Whole | Literal["sections"]
"""How sound is made: in one piece, or in sections, the fast way, of which only those are made that are not
there yet. The first two are for cuts from before there were sections."""

DECLICK: Final = SAMPLE_RATE // 100
"""Samples (10 ms) in which a sound goes away that ends for no cut, so that its end is not a click."""
LONGEST_SIDE_FADE: Final = SAMPLE_RATE // 2
"""Samples (0.5 s) in which a sound that is heard before or after its picture comes and goes, at most."""


@dataclass(frozen=True)
class Heard:
    """One sound: which part of which file, from which sample of the programme on."""

    name: str
    """For people: the shot's id, `s010 speech`, `music`."""
    sha256: str
    """Of the file, 64 hex digits."""
    path: Path
    begin: int
    """The sample of the programme at which it begins; at least 0."""
    samples: int
    """How long it is heard, at most; where its file ends before, it ends with the file."""
    skip: int = 0
    """Samples of the file, at its speed here, that are passed over."""
    speed: Fraction = Fraction(1)
    late: int = 0
    """Samples by which it is put later, with silence before it: what slowing it down makes too early."""
    fade_in: int = 0
    """Samples in which it comes, at equal power."""
    fade_out: int = 0
    """Samples in which it goes, at equal power; they end where it ends."""
    level_db: float = 0
    loop: bool = False
    """Begun anew, after what is passed over, where the file ends before."""
    ducked_db: float = 0
    """How much quieter it is while somebody speaks."""
    speech: tuple[Span, ...] = ()
    """Where somebody may speak in it; where it is loud enough there, other sounds are ducked."""

    @property
    def end(self) -> int:
        """The sample of the programme after its last."""
        return self.begin + self.samples


@dataclass(frozen=True)
class Score:
    """Every sound of a programme, and how loud the whole is brought."""

    samples: int
    """Of the programme."""
    heard: tuple[Heard, ...]
    target_lufs: float | None = None
    """Integrated loudness that the programme is brought to; None leaves it as it is."""
    coder: Coder = "sections"
    """How it is encoded. Cuts that say nothing of it are from before there was a choice: `twoloop`."""


def score_of_clips(cutlist: CutList, fps: Fraction) -> Score:
    """The clips' own sound under their pictures, and nothing else, as loud as it is."""
    return Score(cutlist.samples(fps), tuple(one for _, one in heard_clips(cutlist, fps)))


def heard_clips(cutlist: CutList, fps: Fraction) -> Iterator[tuple[Piece, Heard]]:
    """Each clip's own sound as its piece of the cut has it: held frames and pictures are silent."""
    shots = zip(cutlist.pieces, cutlist.sample_spans(fps), cutlist.starts, strict=True)
    for index, (piece, span, start) in enumerate(shots):
        if piece.still:
            continue
        before = cutlist.pieces[index - 1] if index else None
        yield piece, _heard(piece, span, start, before, fps)


def _heard(piece: Piece, span: Span, start: int, before: Piece | None, fps: Fraction) -> Heard:
    begin, end = span
    lead = before.join.audio_lead_frames if before else 0
    heard = Heard(
        name=piece.shot,
        sha256=piece.sha256,
        path=piece.path,
        begin=begin,
        samples=end - begin,
        skip=samples_at(piece.begin_frames - lead, fps),
        speed=piece.speed,
        late=early_samples(piece.speed),
    )
    if piece.hold_frames:
        still_from = samples_at(start + piece.frames - piece.hold_frames, fps)
        heard = replace(heard, samples=still_from - begin, fade_out=min(DECLICK, still_from - begin))
    if before is not None and before.join.overlap_frames:
        window = samples_at(start + before.join.overlap_frames, fps) - begin
        heard = _coming(heard, window, dips=_dips(before))
    elif lead:
        heard = replace(heard, fade_in=min(LONGEST_SIDE_FADE, samples_at(start, fps) - begin))
    if piece.join.overlap_frames:
        window = end - samples_at(start + piece.frames - piece.join.overlap_frames, fps)
        heard = _leaving(heard, end, window, dips=_dips(piece))
    elif piece.join.audio_lag_frames:
        after = end - samples_at(start + piece.frames, fps)
        heard = replace(heard, fade_out=min(LONGEST_SIDE_FADE, after))
    return heard


def _dips(piece: Piece) -> bool:
    return getattr(piece.join, "kind", "").startswith("dip")


def _coming(heard: Heard, window: int, *, dips: bool) -> Heard:
    """Fade in over a transition's window: through a dip, over its second half alone."""
    silent = window // 2 if dips else 0
    later = replace(
        heard, begin=heard.begin + silent, skip=heard.skip + silent, samples=max(0, heard.samples - silent)
    )
    return replace(later, fade_in=min(window - silent, later.samples))


def _leaving(heard: Heard, end: int, window: int, *, dips: bool) -> Heard:
    """Fade out over a transition's window: through a dip, over its first half alone.

    What is held goes silent before that, and has its own end.
    """
    last = end - (window - window // 2 if dips else 0)
    samples = min(heard.samples, last - heard.begin)
    in_window = heard.begin + samples - (end - window)
    return replace(heard, samples=samples, fade_out=min(max(heard.fade_out, in_window), samples))
