"""The technical gates: what a clip or still must be before anybody looks at it, measured in one decode.

Frames are judged small and grey (320 px wide, 0 black to 255 white): enough to see a black or frozen picture.
A gate that does not open is a report with reasons, not an exception: the caller decides on a retake.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from onmodel.errors import NotMedia
from onmodel.post.ffmpeg import run
from onmodel.post.looks import Looks, frames_expected, look_at, look_numbers, looks_output, read_looks
from onmodel.post.probe import Facts, probe, probe_image
from onmodel.units import Size

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Grey = NDArray[np.uint8]

WIDTH_PX = 320
"""Width at which pictures are judged."""
ASPECT_TOLERANCE = Fraction(2, 100)
"""A clip's shape may be this far from what was asked for: endpoints round to multiples of 8 or 16 px."""
FRAMES_SHORT = 2
"""A clip may be this many frames shorter than asked; the conform holds its last frame."""
BLACK_LEVEL = 25
"""Grey level up to which a pixel is black. Source: blackdetect's default, 0.10 of the range, 2026-11."""
BLACK_SHARE = 0.98
"""Share of black pixels that makes a frame black. Source: blackdetect's default, 2026-11."""
STILL_LEVEL = 0.04
"""Mean difference to a run's first frame, in grey levels, up to which the picture stands still.

Source: measured 2026-11 at 1280x720 on a plainly drawn scene: encodes of one still stay under 0.015, a dolly
of 0.5% a second passes 0.045 within a second. freezedetect's usual 0.001 of the range (0.255) calls one of 2%
a second frozen. Not seen: a still under grain that survives its encoder (0.5 and more).
"""
STILL_S = Fraction(1)
"""Shortest standstill that counts, in seconds; a run ends at an encoder's key frame, too."""
FLAT_LEVELS = 8
"""A still whose grey levels span fewer than this is one flat colour."""

Reading = int | float | str | bool


@dataclass(frozen=True)
class Expected:
    """What was asked for."""

    size: Size
    """Of the format asked for: only its ratio counts."""
    seconds: Fraction | None = None
    """Least length of a clip; None where any length will do."""


@dataclass(frozen=True)
class GateReport:
    """Whether the gates are open, why not, and what was measured."""

    ok: bool
    reasons: tuple[str, ...]
    """Each says what was found against what is allowed; empty when ok."""
    readings: dict[str, Reading]
    """Plain values for the take's record."""
    looks: Looks | None = None
    """Frames for whoever judges who is seen; None where none decode, or none were asked for."""


def measure_clip(clip: Path, expected: Expected, ffmpeg: Path, *, looks: int = 0) -> GateReport:
    """Decode a clip once, to its end, and measure what no take may fail at.

    Args:
        clip: the file.
        expected: what was asked for.
        ffmpeg: the program.
        looks: how many frames to keep from the same decode, for whoever judges what they show.

    Raises:
        PostError: the clip is not there, or the machine cannot do the work (no space, no time).
        SetupError: ffmpeg cannot be started.
    """
    try:
        facts = probe(clip)
    except NotMedia as error:
        return _closed(error.message)
    if facts.kind != "video" or facts.fps is None:
        return _closed(f"{clip}: it is a picture or has no rate, a clip was asked for")
    try:
        grey, seen = _decode(clip, facts, ffmpeg, looks)
    except NotMedia as error:
        return _closed(error.message, _readings_of(facts))
    readings = _readings_of(facts) | {
        "frames": len(grey),
        "black_frames": count_black(grey),
        "frozen_frames": count_frozen(grey, max(2, int(STILL_S * facts.fps))),
        "flicker_levels": round(flicker(grey), 3),
    }
    reasons = [
        *_shape_reasons(facts.size, expected),
        *_length_reasons(facts, facts.fps, len(grey), expected),
        *_picture_reasons(len(grey), readings),
    ]
    return GateReport(not reasons, tuple(reasons), readings, seen)


def measure_still(picture: Path, expected: Expected) -> GateReport:
    """Decode a still wholly and measure its shape, and whether anything is on it.

    A picture that content policy stopped comes back black, with no error: it must not become a first frame.

    Raises:
        PostError: the file is not there or cannot be read.
    """
    try:
        facts = probe_image(picture)
        grey = _grey_still(picture)
    except NotMedia as error:
        return _closed(error.message)
    low, high = int(grey.min()), int(grey.max())
    reasons = _shape_reasons(facts.size, expected)
    if high <= BLACK_LEVEL:
        reasons.append(f"the picture is black (brightest level {high} of 255)")
    elif high - low < FLAT_LEVELS:
        reasons.append(f"the picture is one flat colour (levels {low} to {high})")
    readings: dict[str, Reading] = {
        "size": str(facts.size),
        "codec": facts.codec,
        "darkest": low,
        "brightest": high,
    }
    return GateReport(not reasons, tuple(reasons), readings, look_at(picture))


def count_black(grey: Grey) -> int:
    """Frames that are black all over. `grey` is (N, H, W) uint8."""
    return sum(1 for frame in grey if (frame <= BLACK_LEVEL).mean() >= BLACK_SHARE)


def count_frozen(grey: Grey, shortest_frames: int) -> int:
    """Frames in standstills of at least `shortest_frames`. `grey` is (N, H, W) uint8.

    Each frame is held against the first of its run, not against the one before: a slow camera adds up, and is
    no standstill, however little it moves from frame to frame.
    """
    import numpy as np  # noqa: PLC0415 - keeps `check` and `plan` quick

    bounds = [0]
    for number in range(1, len(grey)):
        difference = np.abs(grey[number].astype(np.int16) - grey[bounds[-1]]).mean()
        if difference > STILL_LEVEL:
            bounds.append(number)
    bounds.append(len(grey))
    runs = [end - begin for begin, end in pairwise(bounds)]
    return sum(run_frames for run_frames in runs if run_frames >= shortest_frames)


def flicker(grey: Grey) -> float:
    """Median jump of brightness against its neighbours, in grey levels: 0.1-0.3 steady, over 2 flickers.

    `grey` is (N, H, W) uint8. Source: measured 2026-11 (clean clips 0.08-0.25, a 2% flicker 3.8).
    """
    import numpy as np  # noqa: PLC0415 - keeps `check` and `plan` quick

    means = grey.mean(axis=(1, 2))
    return float(np.median(np.abs(np.diff(means, 2)))) if len(means) > 2 else 0.0  # noqa: PLR2004 - a second difference


def _closed(reason: str, readings: dict[str, Reading] | None = None) -> GateReport:
    return GateReport(ok=False, reasons=(reason,), readings=readings or {})


def _readings_of(facts: Facts) -> dict[str, Reading]:
    return {
        "size": str(facts.size),
        "fps": str(facts.fps),
        "seconds": str(facts.seconds),
        "codec": facts.codec,
        "has_audio": facts.has_audio,
        "audio_seconds": str(facts.audio_seconds),
    }


def _shape_reasons(size: Size, expected: Expected) -> list[str]:
    wanted = Fraction(expected.size.width, expected.size.height)
    if abs(Fraction(size.width, size.height) / wanted - 1) > ASPECT_TOLERANCE:
        return [f"the picture is {size}, another shape than {expected.size}"]
    return []


def _length_reasons(facts: Facts, fps: Fraction, frames: int, expected: Expected) -> list[str]:
    reasons = []
    if facts.frames is not None and frames < facts.frames - FRAMES_SHORT:
        reasons.append(f"the clip is cut off: {frames} of its {facts.frames} frames decode")
    if expected.seconds is not None and frames + FRAMES_SHORT < expected.seconds * fps:
        reasons.append(
            f"the clip is too short: {float(frames / fps):.2f} s, {float(expected.seconds):g} s were asked"
        )
    return reasons


def _picture_reasons(frames: int, readings: dict[str, Reading]) -> list[str]:
    reasons = []
    for name, word in (("black_frames", "black"), ("frozen_frames", "frozen")):
        found = int(readings[name])
        if 2 * found > frames:
            reasons.append(f"the picture is {word} in {found} of {frames} frames")
    return reasons


def _decode(clip: Path, facts: Facts, ffmpeg: Path, looks: int) -> tuple[Grey, Looks | None]:
    """Every frame of the clip, (N, H, W) uint8 full range, and a few in colour.

    The sound is decoded along, for its errors.
    """
    import numpy as np  # noqa: PLC0415 - keeps `check` and `plan` quick

    height = max(2, round(Fraction(WIDTH_PX * facts.size.height, facts.size.width)))
    numbers = look_numbers(frames_expected(facts), looks) if looks else ()
    with TemporaryDirectory() as folder:
        raw = Path(folder) / "looks.rgb"
        work = _graph(clip, facts, height, numbers, raw)
        done = run(ffmpeg, work, about=f"{clip}: it does not decode", fails_as=NotMedia)
        seen = read_looks(raw, facts, numbers) if numbers else None
    grey = np.frombuffer(done.stdout, np.uint8)
    if not len(grey):
        raise NotMedia(f"{clip}: no frame decodes", hint="Take it again.")
    return grey.reshape(-1, height, WIDTH_PX), seen


def _graph(clip: Path, facts: Facts, height: int, numbers: tuple[int, ...], raw: Path) -> Any:
    import ffmpeg as graph  # noqa: PLC0415 - keeps `check` and `plan` quick

    source = graph.input(str(clip.absolute()), threads=1)
    picture = source.video.filter_multi_output("split") if numbers else {0: source.video}
    grey = picture[0].filter("scale", WIDTH_PX, height, flags="area", out_range="pc").filter("format", "gray")
    outputs = [grey.output("pipe:1", f="rawvideo", fps_mode="passthrough")]
    if numbers:
        outputs.append(looks_output(picture[1], facts, numbers, raw))
    if facts.has_audio:
        outputs.append(source.audio.output("-", f="null"))
    return graph.merge_outputs(*outputs)


def _grey_still(picture: Path) -> Grey:
    """The picture decoded wholly and made small, (H, W) uint8."""
    import numpy as np  # noqa: PLC0415 - keeps `check` and `plan` quick
    from PIL import Image  # noqa: PLC0415 - keeps `check` and `plan` quick

    try:
        with Image.open(picture) as opened:
            small = opened.convert("L")
            small.thumbnail((WIDTH_PX, WIDTH_PX), Image.Resampling.BOX)
    except (OSError, SyntaxError) as error:
        raise NotMedia(
            f"{picture}: the picture does not decode to its end", hint="Fetch it again."
        ) from error
    return np.asarray(small)
