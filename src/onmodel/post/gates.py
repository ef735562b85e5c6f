"""The technical gates: what a clip or still must be before anybody looks at it, measured in one decode.

Frames are judged small and grey (320 px wide, 0 black to 255 white): enough to see a black or frozen picture.
A gate that does not open is a report with reasons, not an exception: the caller decides on a retake.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Literal

from onmodel.errors import NotMedia
from onmodel.post.ffmpeg import run
from onmodel.post.looks import Looks, frames_expected, look_at, look_numbers, looks_output, read_looks
from onmodel.post.measures import BLACK_LEVEL, count_black, count_frozen, find_cuts, flicker, peak_db
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
STILL_S = Fraction(1)
"""Shortest standstill that counts, in seconds; a run ends at an encoder's key frame, too."""
MOST_FLICKER = 2.5
"""Grey levels of flicker from which a clip flickers. Source: measured 2026-11: clean clips 0.0 to 0.3, a 2%
flicker 3.8; painted old film, which is to flicker, 2.0 to 4.7."""
SILENT_DB = -60.0
"""Peak, in dB of full scale, below which sound is silence; a quiet room is at -50 to -35."""
RATES = (Fraction(8), Fraction(120))
"""Frames a second that a clip may have: 8 is a drawing for three frames of film, below it nothing moves."""
SMALLEST = Fraction(1, 4)
"""A picture's shorter side against the format's, at least: below it there is too little to enlarge."""
_SOUND_HZ = 8000
"""Enough to hear whether there is anything."""
FLAT_LEVELS = 8
"""A still whose grey levels span fewer than this is one flat colour."""

Reading = int | float | str | bool

Fault = Literal[
    "not-media", "broken", "shape", "small", "rate", "cut-off", "short", "black", "frozen", "flicker", "cut",
    "no-sound", "silent", "flat",
]  # fmt: skip
"""What a gate finds, for who chooses a remedy: a name that stays, whatever the words to people are."""


@dataclass(frozen=True)
class Expected:
    """What was asked for."""

    size: Size
    """Of the format asked for: its ratio counts, and that the picture is not far smaller."""
    seconds: Fraction | None = None
    """Least length of a clip; a longer one is cut to it. None where any length will do."""
    sound: bool = False
    """Whether sound was asked for; sound that was not is no fault."""
    one_take: bool = True
    """Whether no cut may be in it; what goes by another clip may have that one's."""
    steady: bool = True
    """Whether its light may not flicker."""


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
    faults: tuple[Fault, ...] = ()
    """One for each reason."""


@dataclass(frozen=True)
class _Seen:
    """What one decode has brought."""

    grey: Grey
    sound: NDArray[np.int16] | None
    """Every channel's samples; None where there is no sound track."""
    looks: Looks | None


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
        return _closed(("not-media", error.message))
    if facts.kind != "video" or facts.fps is None:
        return _closed(("not-media", f"{clip}: it is a picture or has no rate, a clip was asked for"))
    try:
        seen = _decode(clip, facts, ffmpeg, looks)
    except NotMedia as error:
        return _closed(("broken", error.message), _readings_of(facts))
    cuts = find_cuts(seen.grey)
    readings = _readings_of(facts) | {
        "frames": len(seen.grey),
        "black_frames": count_black(seen.grey),
        "frozen_frames": count_frozen(seen.grey, max(2, int(STILL_S * facts.fps))),
        "flicker_levels": round(flicker(seen.grey), 3),
        "cuts": ", ".join(f"{float(frame / facts.fps):.2f} s" for frame in cuts),
    }
    if seen.sound is not None:
        readings["sound_peak_db"] = peak_db(seen.sound)
    found = [
        *_shape_faults(facts.size, expected),
        *_rate_faults(facts.fps),
        *_length_faults(facts, facts.fps, len(seen.grey), expected),
        *_picture_faults(len(seen.grey), readings, expected),
        *_sound_faults(seen.sound, readings, expected),
    ]
    return _report(found, readings, seen.looks)


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
        return _closed(("not-media", error.message))
    low, high = int(grey.min()), int(grey.max())
    found = list(_shape_faults(facts.size, expected))
    if high <= BLACK_LEVEL:
        found.append(("black", f"the picture is black (brightest level {high} of 255)"))
    elif high - low < FLAT_LEVELS:
        found.append(("flat", f"the picture is one flat colour (levels {low} to {high})"))
    readings: dict[str, Reading] = {
        "size": str(facts.size),
        "codec": facts.codec,
        "darkest": low,
        "brightest": high,
    }
    return _report(found, readings, look_at(picture))


Found = tuple[Fault, str]
"""A fault, and what was found against what is allowed."""


def _closed(found: Found, readings: dict[str, Reading] | None = None) -> GateReport:
    return _report([found], readings or {}, None)


def _report(found: Sequence[Found], readings: dict[str, Reading], looks: Looks | None) -> GateReport:
    faults = tuple(fault for fault, _ in found)
    if faults:
        readings["faults"] = ", ".join(faults)  # by which remedies are chosen, also in a year
    return GateReport(not found, tuple(reason for _, reason in found), readings, looks, faults)


def _readings_of(facts: Facts) -> dict[str, Reading]:
    return {
        "size": str(facts.size),
        "fps": str(facts.fps),
        "seconds": str(facts.seconds),
        "codec": facts.codec,
        "has_audio": facts.has_audio,
        "audio_seconds": str(facts.audio_seconds),
    }


def _shape_faults(size: Size, expected: Expected) -> Iterator[Found]:
    wanted = expected.size
    if abs(Fraction(size.width, size.height) / Fraction(wanted.width, wanted.height) - 1) > ASPECT_TOLERANCE:
        yield "shape", f"the picture is {size}, another shape than {wanted}"
    elif min(size.width, size.height) < SMALLEST * min(wanted.width, wanted.height):
        yield "small", f"the picture is {size}, too small for {wanted}: less than a quarter of it"


def _rate_faults(fps: Fraction) -> Iterator[Found]:
    least, most = RATES
    if not least <= fps <= most:
        yield "rate", f"the clip has {float(fps):g} frames a second, {least} to {most} are allowed"


def _length_faults(facts: Facts, fps: Fraction, frames: int, expected: Expected) -> Iterator[Found]:
    if facts.frames is not None and frames < facts.frames - FRAMES_SHORT:
        yield "cut-off", f"the clip is cut off: {frames} of its {facts.frames} frames decode"
    if expected.seconds is not None and frames + FRAMES_SHORT < expected.seconds * fps:
        found, asked = float(frames / fps), float(expected.seconds)
        yield "short", f"the clip is too short: {found:.2f} s, {asked:g} s were asked"


def _picture_faults(frames: int, readings: dict[str, Reading], expected: Expected) -> Iterator[Found]:
    black, frozen = int(readings["black_frames"]), int(readings["frozen_frames"])
    if 2 * black > frames:
        yield "black", f"the picture is black in {black} of {frames} frames"
    if 2 * frozen > frames:
        yield "frozen", f"the picture is frozen in {frozen} of {frames} frames"
    levels = float(readings["flicker_levels"])
    if expected.steady and levels > MOST_FLICKER:
        yield (
            "flicker",
            f"the light flickers by {levels:.1f} levels a frame, {MOST_FLICKER:g} at most are allowed",
        )
    if expected.one_take and readings["cuts"]:
        yield "cut", f"there is a cut in it, at {readings['cuts']}; one take was asked for"


def _sound_faults(
    sound: NDArray[np.int16] | None, readings: dict[str, Reading], expected: Expected
) -> Iterator[Found]:
    if not expected.sound:
        return
    if sound is None or not len(sound):
        yield "no-sound", "the clip has no sound, and sound was asked for"
    elif float(readings["sound_peak_db"]) < SILENT_DB:
        peak = readings["sound_peak_db"]
        yield "silent", f"the sound is silence (peak {peak} dB, a quiet room has -50), sound was asked for"


def _decode(clip: Path, facts: Facts, ffmpeg: Path, looks: int) -> _Seen:
    """Every frame of the clip, small and grey, a few in colour, and the sound, in one pass."""
    import numpy as np  # noqa: PLC0415 - keeps `check` and `plan` quick

    height = max(2, round(Fraction(WIDTH_PX * facts.size.height, facts.size.width)))
    numbers = look_numbers(frames_expected(facts), looks) if looks else ()
    with TemporaryDirectory() as folder:
        raw, pcm = Path(folder) / "looks.rgb", Path(folder) / "sound.pcm"
        work = _graph(clip, facts, height, numbers, raw, pcm)
        done = run(ffmpeg, work, about=f"{clip}: it does not decode", fails_as=NotMedia)
        looked = read_looks(raw, facts, numbers) if numbers else None
        sound = np.fromfile(pcm, np.int16) if facts.has_audio else None
    grey = np.frombuffer(done.stdout, np.uint8)
    if not len(grey):
        raise NotMedia(f"{clip}: no frame decodes", hint="Take it again.")
    return _Seen(grey.reshape(-1, height, WIDTH_PX), sound, looked)


def _graph(clip: Path, facts: Facts, height: int, numbers: tuple[int, ...], raw: Path, pcm: Path) -> Any:
    import ffmpeg as graph  # noqa: PLC0415 - keeps `check` and `plan` quick

    source = graph.input(str(clip.absolute()), threads=1)
    picture = source.video.filter_multi_output("split") if numbers else {0: source.video}
    grey = picture[0].filter("scale", WIDTH_PX, height, flags="area", out_range="pc").filter("format", "gray")
    outputs = [grey.output("pipe:1", f="rawvideo", fps_mode="passthrough")]
    if numbers:
        outputs.append(looks_output(picture[1], facts, numbers, raw))
    if facts.has_audio:
        outputs.append(source.audio.output(str(pcm), f="s16le", ar=_SOUND_HZ))
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
