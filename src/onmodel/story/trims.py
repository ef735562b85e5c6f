"""Trims: which part of its clip a shot shows, how fast, and how long its last frame stands."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from onmodel.story.fields import LONGEST_S
from onmodel.story.shot import Shot


class Trim(NamedTuple):
    """The part of a clip that a shot shows."""

    begin_s: Fraction
    """Second of the clip at which the shot begins."""
    end_s: Fraction
    """Second of the clip at which the shot leaves it."""
    speed: Fraction = Fraction(1)
    """How fast the clip runs."""
    hold_s: Fraction = Fraction(0)
    """Seconds of the cut in which the last frame stands."""
    lag_s: Fraction = Fraction(0)
    """Seconds of the cut for which its sound goes on under the next shot."""

    @property
    def used_s(self) -> Fraction:
        """Seconds in the cut, before transitions overlap."""
        return (self.end_s - self.begin_s) / self.speed + self.hold_s

    @property
    def needs_s(self) -> Fraction:
        """Seconds that the clip must have."""
        return self.end_s + self.lag_s * self.speed

    @property
    def shows_nothing(self) -> bool:
        """Whether no frame of the clip is left that moves."""
        return self.end_s <= self.begin_s


def trim_of(shot: Shot, whole: Trim) -> Trim:
    """What a shot says about its clip.

    `seconds` or `out` say where it ends; where it says neither, it ends where the whole does: `in` makes such
    a shot shorter, slow motion and `hold` longer, and none of them changes what must be bought.

    Args:
        shot: its defaults filled in.
        whole: what is shown where the shot says nothing: the usual length, the reference's, or what is shown
            of the shot that it restyles.
    """
    begin = whole.begin_s if shot.in_ is None else shot.in_
    speed = whole.speed if shot.speed is None else shot.speed
    hold = whole.hold_s if shot.hold is None else shot.hold
    end = whole.end_s
    if shot.out is not None:
        end = shot.out
    elif shot.seconds is not None:
        end = begin + (shot.seconds - hold) * speed
    lag = shot.join.audio_lag if shot.join and shot.join.audio_lag else Fraction(0)
    return Trim(begin, end, speed, hold, lag)


def trim_fault(shot: Shot, trim: Trim, whole_s: Fraction | None) -> tuple[str, str, str] | None:
    """What is wrong with a shot's trim: its key, the message and a hint; None where it can be cut.

    Args:
        shot: its defaults filled in.
        trim: of it.
        whole_s: seconds of the clip, where an input gives them.
    """
    if shot.out is not None and shot.seconds is not None and trim.used_s != shot.seconds:
        message = f"'out' and 'seconds' do not agree: with this 'out' the shot is {_s(trim.used_s)} long."
        return "out", message, "Say one of the two."
    if trim.shows_nothing and shot.hold is not None and shot.seconds is not None:
        message = f"the hold of {_s(trim.hold_s)} leaves nothing of the shot's {_s(shot.seconds)} to move."
        return "hold", message, f"Hold less than {_s(shot.seconds)}, or make the shot longer."
    said = {"in": shot.in_, "out": shot.out, "speed": shot.speed, "hold": shot.hold}
    if trim.shows_nothing:
        message = (
            f"the shot begins at {_s(trim.begin_s)} of its clip and leaves it at {_s(trim.end_s)}: "
            "nothing is left."
        )
        key = next((key for key, value in said.items() if value is not None), "seconds")
        return key, message, "Begin earlier, or say with 'out' or 'seconds' where it ends."
    most = Fraction(LONGEST_S) if whole_s is None else whole_s
    if trim.needs_s > most:
        has = f"its reference has {_s(most)}" if whole_s else f"a shot is filmed from {_s(most)} at most"
        key = next((key for key in ("out", "in", "speed") if said[key] is not None), "seconds")
        message = f"the shot needs {_s(trim.needs_s)} of its clip, and {has}."
        latest = f"{float(most - trim.lag_s * trim.speed):.6g}"
        return "join" if trim.end_s <= most else key, message, f"Say with `out: {latest}` where it ends."
    return None


def _s(seconds: Fraction) -> str:
    return f"{float(seconds):g} s"
