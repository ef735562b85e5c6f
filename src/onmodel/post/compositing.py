"""Pictures laid together by ffmpeg: a clip's frames in the cut's format, what lies over them, transitions.

Graphs are built from numbers and file names alone; no word of a story is ever read as a filter.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from onmodel.post.cutlist import Aim, Kind, Overlay
from onmodel.post.formats import Format

SCALING: Final = "bicubic+accurate_rnd+bitexact"
"""Without `bitexact` two kinds of processor give two pictures."""
_SLACK_S: Final = 1
"""A clip may be this much shorter than its slot: its last frame is held. The gates allow less than that."""
_TICK: Final = Fraction(1, 705_600_000)
"""Seconds of a clock in which a frame of every usual rate, NTSC's too, is a whole number, at any speed.
Source: the flick, Facebook, 2018-01."""
_EARLY: Final = int(Fraction(1, 1000) / _TICK)
"""Ticks by which a clip is put earlier where its speed is changed: its own times are rounded, at worst to a
thousandth of a second, and a frame that is a little late would be seen a whole frame late."""
_PLAIN: Final[dict[Kind, str]] = {"dip-to-black": "black", "dip-to-white": "white"}
"""The colours that a dip goes through. In ffmpeg's own fadeblack both shots shine through at once."""

_MIRRORED: Final[dict[Kind, tuple[str, str]]] = {
    "wipe-right": ("wipeleft", "hflip"),
    "wipe-down": ("wipeup", "vflip"),
    "slide-up": ("slidedown", "vflip"),
}
"""Made the other way round and turned back: ffmpeg's own begin with a line of the right shot already seen."""


@dataclass(frozen=True)
class Span:
    """A run of frames of one clip, counted at the cut's rate and its speed there from the clip's first."""

    shot: str
    sha256: str
    path: Path
    first_frame: int
    frames: int
    speed: Fraction = Fraction(1)
    """How fast the clip runs."""
    stands_from: int | None = None
    """The frame from which the picture stands: it repeats the one before; None where all move."""
    still: bool = False
    """The clip is a picture."""
    overlays: tuple[Overlay, ...] = ()
    """What lies over it, counted from the first frame of the span, which may be after an overlay's first."""
    aims: tuple[Aim, ...] = ()
    """What of the clip fills the picture, counted likewise; without any it is seen whole."""

    @property
    def identity(self) -> list[Any]:
        """All that its frames depend on, as plain values; no further ones where none are needed."""
        said = {
            "speed": str(self.speed) if self.speed != 1 else None,
            "stands_from": self.stands_from,
            "still": self.still or None,
            "overlays": [one.identity for one in self.overlays],
            "aims": [[aim.frame, aim.x, aim.y] for aim in self.aims],
        }
        further = {name: value for name, value in said.items() if value}
        return [self.sha256, self.first_frame, self.frames, *([further] if further else [])]


def picture_of(
    spans: Sequence[Span],
    transition: Kind,
    form: Format,
    matrices: Mapping[Path, str],
    overlays: Sequence[Overlay] = (),
) -> Any:
    """The frames of one span, or of two in a transition, in the cut's format, as a graph of ffmpeg's.

    Args:
        spans: of one length.
        transition: from the first into the second.
        form: the cut's format.
        matrices: of each clip, from `matrix_of`.
        overlays: what lies over a transition and stands while the pictures change.
    """
    import ffmpeg as graph  # noqa: PLC0415 - keeps `check` and `plan` quick

    if len(spans) == 1:
        return _Table(graph, form, matrices, "yuv420p").shown(spans[0])
    # xfade knows no 4:2:0. Left to itself ffmpeg converts both ways, and not alike on every processor.
    table = _Table(graph, form, matrices, "yuv444p")
    mixed = table.mixed(spans[0], spans[1], transition)
    whole = table.under(mixed, overlays, spans[0].frames).filter("trim", end_frame=spans[0].frames)
    flat = whole.filter("scale", flags=SCALING)
    return flat.filter("format", "yuv420p")


@dataclass(frozen=True)
class _Table:
    """Where one piece is laid together."""

    graph: Any
    """The module ffmpeg-python."""
    form: Format
    matrices: Mapping[Path, str]
    pixels: str
    """What the pictures are worked on in."""
    laid: Counter[Path] = field(default_factory=Counter)
    """How often each file lies on it."""

    def shown(self, span: Span) -> Any:
        """A span's frames in the cut's format, with what lies over them."""
        return self.under(self._normalised(span), span.overlays, span.frames)

    def under(self, picture: Any, overlays: Sequence[Overlay], frames: int) -> Any:
        """A picture of so many frames with what lies over it."""
        for overlay in overlays:
            above, layout = self._above(overlay, frames), self.pixels.removesuffix("p")
            picture = self.graph.overlay(picture, above, eof_action="pass", format=layout)
            picture = picture.filter("format", self.pixels)
        return picture

    def mixed(self, left: Span, right: Span, transition: Kind) -> Any:
        """Two spans of one length, the one going over into the other."""
        pictures, frames = (self.shown(left), self.shown(right)), left.frames
        if transition in _PLAIN:
            return self._dipped(*pictures, frames, _PLAIN[transition])
        if transition in _MIRRORED:
            name, mirror = _MIRRORED[transition]
            turned = [picture.filter(mirror) for picture in pictures]
            return self._xfaded(turned[0], turned[1], name, frames).filter(mirror)
        name = "fade" if transition == "crossfade" else transition.replace("-", "")
        return self._xfaded(*pictures, name, frames)

    def _xfaded(self, left: Any, right: Any, name: str, frames: int, after: int = 0) -> Any:
        """One picture going over into another in `frames`, after some of the left one alone."""
        duration, offset = (_us(length / self.form.fps) for length in (frames, after))
        return self.graph.filter([left, right], "xfade", transition=name, duration=duration, offset=offset)

    def _dipped(self, left: Any, right: Any, frames: int, colour: str) -> Any:
        """Down to a colour and up again, each as long; the frame in the middle, or both, are all colour."""
        half = frames // 2
        plain = self._plain(colour, frames - half)
        if not half:
            return plain
        before, after = (plain.split()[number] for number in (0, 1))
        out = self._xfaded(_cut(left, 0, half), before, "fade", half)
        back = self._xfaded(after, _cut(right, frames - half, frames), "fade", half, frames - 2 * half)
        both = self.graph.concat(_cut(out, 0, half), _cut(back, 0, frames - half))
        return both.filter("settb", str(1 / self.form.fps))

    def _plain(self, colour: str, frames: int) -> Any:
        # The format is asked of the source itself: what converts by itself does not do it alike everywhere.
        source = f"color=c={colour}:s={self.form.size}:r={self._rate},format={self.pixels}"
        return _cut(self.graph.input(source, f="lavfi").video.filter("setsar", 1), 0, frames)

    def _normalised(self, span: Span) -> Any:
        """A span's frames in the cut's size, rate, colour: square pixels, the picture full or with bars."""
        # The frames are chosen first, so that only those are scaled: a window needs few of its left clip's.
        chosen = _cut(self._in_time(span), span.first_frame, span.first_frame + span.frames)
        flags, colours = SCALING, dict[str, str]()
        if self.form.conform > 1 and not span.still:
            flags, colours = f"{SCALING}+full_chroma_int", {"in_color_matrix": self.matrices[span.path]}
        squared = chosen.filter("scale", w="trunc(iw*sar/2)*2", h="ih", flags=flags)
        levels = {
            "in_range": "auto",
            "out_range": "tv",
            "out_color_matrix": "bt709",
            "flags": flags,
            **colours,
        }
        fitted = self._filling(squared, span.aims, levels) if span.aims else self._whole(squared, levels)
        return fitted.filter("setsar", 1).filter("format", self.pixels)

    def _whole(self, squared: Any, levels: Mapping[str, str]) -> Any:
        wide, high = self.form.size.width, self.form.size.height
        kept = {"force_original_aspect_ratio": "decrease", "force_divisible_by": 2}
        return squared.filter("scale", w=wide, h=high, **kept, **levels).filter("pad", wide, high, -1, -1)

    def _filling(self, squared: Any, aims: Sequence[Aim], levels: Mapping[str, str]) -> Any:
        """The part of a picture that is aimed at, filling the cut's."""
        wide, high = self.form.size.width, self.form.size.height
        place = {
            "x": f"clip(iw*({_way([(aim.frame, aim.x) for aim in aims])})-ow/2,0,iw-ow)",
            "y": f"clip(ih*({_way([(aim.frame, aim.y) for aim in aims])})-oh/2,0,ih-oh)",
        }
        if len(aims) == 1:
            part = {"w": f"min(iw,ih*{wide}/{high})", "h": f"min(ih,iw*{high}/{wide})"}
            return squared.filter("crop", **part, **place).filter("scale", w=wide, h=high, **levels)
        # What moves is cut out of the large picture, with as much chroma as luma: steps of two pixels of the
        # small one would be seen as jerks.
        kept = {"force_original_aspect_ratio": "increase", "force_divisible_by": 2}
        large = squared.filter("scale", w=wide, h=high, **kept, **levels).filter("format", "yuv444p")
        return large.filter("crop", w=wide, h=high, **place).filter("scale", flags=levels["flags"])

    def _in_time(self, span: Span) -> Any:
        """A clip at the cut's rate and its speed there, from its first frame to the last that is wanted."""
        end = span.first_frame + span.frames
        if span.still:
            picture = self._png(span.path).filter("fps", self._rate, start_time=0)
            return picture.filter("tpad", stop_mode="clone", stop=end)
        clip = self._apart(self.graph.input(str(span.path.absolute()), threads=1).video, span.path)
        moving = self._in_rate(clip, span.speed)
        if span.stands_from is None:
            return moving
        moving = moving.filter("trim", end_frame=span.stands_from)
        return moving.filter("tpad", stop_mode="clone", stop=end - span.stands_from)

    def _in_rate(self, clip: Any, speed: Fraction) -> Any:
        if speed == 1:
            timed = clip.filter("fps", self._rate, start_time=0)
            return timed.filter("tpad", stop_mode="clone", stop_duration=_SLACK_S)
        # In a clip's own ticks, often of a whole frame, two frames would come to lie on one.
        ticks = clip.filter("settb", str(_TICK))
        sped = ticks.filter("setpts", f"(PTS-{_EARLY})*{speed.denominator}/{speed.numerator}")
        timed = sped.filter("fps", self._rate, start_time=0, round="up")
        return timed.filter("tpad", stop_mode="clone", stop_duration=str(float(_SLACK_S / speed)))

    def _above(self, overlay: Overlay, length: int) -> Any:
        """A transparent picture for the frames of a span over which it lies, at its place in time."""
        begin, end = max(0, overlay.first_frame), min(length, overlay.first_frame + overlay.frames)
        skipped = begin - overlay.first_frame
        size = {"w": self.form.size.width, "h": self.form.size.height}
        picture = (
            self._png(overlay.path)
            .filter("scale", **size, out_range="tv", out_color_matrix="bt709", flags=SCALING)
            .filter("format", self.pixels.replace("yuv", "yuva"))
            .filter("fps", self._rate, start_time=0)
            .filter("tpad", stop_mode="clone", stop=overlay.frames)
        )
        fade = min(overlay.fade_frames, overlay.frames // 2)
        if fade:
            last = overlay.frames - fade
            picture = picture.filter("fade", "in", 0, fade, alpha=1)
            picture = picture.filter("fade", "out", last, fade, alpha=1)
        return _cut(picture, skipped, skipped + end - begin).filter("setpts", f"PTS+{begin}")

    def _png(self, path: Path) -> Any:
        # Not as a sequence of pictures, whose names have patterns in them.
        return self._apart(self.graph.input(str(path.absolute()), f="png_pipe").video, path)

    def _apart(self, picture: Any, path: Path) -> Any:
        """A file that lies there already, once more: ffmpeg-python takes equal beginnings for one stream."""
        number = self.laid[path]
        self.laid[path] += 1
        return picture.filter("setpts", f"PTS+0*{number}") if number else picture

    @property
    def _rate(self) -> str:
        return f"{self.form.fps.numerator}/{self.form.fps.denominator}"


def _way(places: Sequence[tuple[int, float]]) -> str:
    """A place as an expression of the frame's number: straight between those that are known."""
    said = [f"{places[0][1]:.4f}"]
    for (begin, one), (end, other) in pairwise(places):
        if one != other:
            said.append(f"{other - one:+.4f}*clip((n-({begin}))/{end - begin},0,1)")
    return "".join(said)


def _us(seconds: Fraction) -> str:
    return f"{round(1_000_000 * seconds)}us" if seconds else "0"


def _cut(picture: Any, begin: int, end: int) -> Any:
    return picture.filter("trim", start_frame=begin, end_frame=end).filter("setpts", "PTS-STARTPTS")
