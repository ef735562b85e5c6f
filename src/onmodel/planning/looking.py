"""A supplied picture or clip looked at, on a few of its frames: light, sharpness, people, shake.

Measured once for each file and remembered. Not measured, because nothing here can: hidden limbs, rapid
gestures of hands, whether a movement is a human one, and the subject's share before a busy background.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from statistics import median, median_high
from typing import TYPE_CHECKING, Any, Final

from onmodel.planning.sight import Sight

if TYPE_CHECKING:
    from onmodel.qc.picture import Frame

WINDOWS: Final = 3
"""Places of a clip that are looked at, evenly spread."""
WINDOW_FRAMES: Final = 6
"""Frames that follow each other at each place: shake is seen between neighbours only."""
LOOKED_AT_PX: Final = 640
SMALL_PX: Final = 320
FACE_SURE: Final = 0.75
"""YuNet's score from which a find counts. Source: the identity findings, 2026-11."""
PERSON_SURE: Final = 0.5
"""Weight of OpenCV's own detector of standing people from which a find counts; it sees no seated one.
Source: measured 2026-11: furniture and trees stay under it."""
PLAIN_LEVELS: Final = 12.0
"""Lab distance within which three quarters of the border lie where the background is plain."""
TILES: Final = 6
"""Tiles a side."""
SHARP_TILES: Final = 3
"""The third sharpest of the tiles says how sharp a picture is: backgrounds may be soft."""


def look_at_picture(path: Path) -> Sight | None:
    """See what a picture shows; None where it does not decode."""
    import numpy as np  # noqa: PLC0415 - keeps `check` and `plan` quick
    from PIL import Image  # noqa: PLC0415 - same

    from onmodel.qc.picture import shrink  # noqa: PLC0415 - the scorers load with it

    try:
        with Image.open(path) as opened:
            opened.draft("RGB", (2 * LOOKED_AT_PX, 2 * LOOKED_AT_PX))
            picture = np.asarray(opened.convert("RGB"))
    except (OSError, SyntaxError, ValueError):
        return None
    return _sight([shrink(picture)])


def look_at_clip(path: Path, seconds: Fraction, fps: Fraction) -> Sight | None:
    """See what a clip shows, at a few places; None where nothing decodes."""
    windows = [window for window in _windows(path, seconds) if window]
    if not windows:
        return None
    seen = _sight([window[0] for window in windows])
    moves = [_moves(window) for window in windows]
    jerks = [_length(b, a) for way in moves for a, b in pairwise(way)]
    steps = [_length(step, (0.0, 0.0)) for way in moves for step in way]
    return Sight(
        **{
            **vars(seen),
            "subject": None,
            "shake": round(median(jerks), 4) if jerks else None,
            "travel": round(median(steps) * float(fps), 3) if steps else None,
        }
    )


def _windows(path: Path, seconds: Fraction) -> Iterator[list[Frame]]:
    import av  # noqa: PLC0415 - keeps `check` and `plan` quick
    import numpy as np  # noqa: PLC0415 - same

    from onmodel.qc.picture import shrink  # noqa: PLC0415 - the scorers load with it

    try:
        with av.open(str(path.absolute())) as container:
            stream = container.streams.video[0]
            stream.thread_type = "AUTO"
            for number in range(WINDOWS):
                at_s = float(seconds) * (number + 0.5) / WINDOWS
                container.seek(int(at_s * 1_000_000))
                window: list[Frame] = []
                for frame in container.decode(stream):
                    if window or frame.time is None or frame.time >= at_s - 0.5:
                        window.append(shrink(np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)))
                    if len(window) == WINDOW_FRAMES:
                        break
                yield window
    except (av.FFmpegError, IndexError):
        return


def _sight(frames: Sequence[Frame]) -> Sight:
    import cv2  # noqa: PLC0415 - keeps `check` and `plan` quick

    from onmodel.qc.weights import locate  # noqa: PLC0415 - the scorers load with it

    finder = cv2.FaceDetectorYN.create(str(locate("faces")), "", (320, 320), FACE_SURE)
    grey = [cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) for frame in frames]
    faces = [_faces(frame, finder) for frame in frames]
    people = [_people(frame) for frame in frames]
    return Sight(
        brightness=round(median(float(one.mean()) / 255 for one in grey), 3),
        sharpness=round(median(_sharpness(one) for one in grey), 1),
        subject=_subject(frames[0]),
        faces=median_high(map(len, faces)),
        face_height=_tallest(faces),
        people=median_high(map(len, people)),
        person_height=_tallest(people),
    )


def _tallest(found: Sequence[Sequence[float]]) -> float | None:
    """The usual height of the tallest, where it is seen in at least half of the frames."""
    heights = [max(one) for one in found if one]
    return round(median(heights), 3) if 2 * len(heights) >= len(found) and heights else None


def _faces(frame: Frame, finder: Any) -> list[float]:
    import cv2  # noqa: PLC0415 - keeps `check` and `plan` quick

    height, width = frame.shape[:2]
    finder.setInputSize((width, height))
    _, found = finder.detect(cv2.cvtColor(frame, cv2.COLOR_RGB2BGR))
    return [] if found is None else [min(1.0, float(one[3]) / height) for one in found]


def _people(frame: Frame) -> list[float]:
    import cv2  # noqa: PLC0415 - keeps `check` and `plan` quick
    import numpy as np  # noqa: PLC0415 - same

    from onmodel.qc.picture import shrink  # noqa: PLC0415 - the scorers load with it

    small = shrink(frame, SMALL_PX)
    detector = cv2.HOGDescriptor()
    if small.shape[0] < detector.winSize[1] or small.shape[1] < detector.winSize[0]:
        return []
    detector.setSVMDetector(np.asarray(cv2.HOGDescriptor.getDefaultPeopleDetector()))
    boxes, weights = detector.detectMultiScale(small, winStride=(8, 8), padding=(8, 8), scale=1.08)
    found = [
        (float(weight), tuple(map(int, box)))
        for box, weight in zip(boxes, weights, strict=True)
        if float(weight) >= PERSON_SURE
    ]
    kept: list[tuple[int, ...]] = []
    for _, box in sorted(found, reverse=True):
        if not any(_overlap(box, other) > 0.3 for other in kept):  # noqa: PLR2004 (the same person, twice)
            kept.append(box)
    return [min(1.0, box[3] / small.shape[0]) for box in kept]


def _overlap(one: tuple[int, ...], other: tuple[int, ...]) -> float:
    """Shared area over the smaller of two boxes."""
    wide = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    tall = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    return max(0, wide) * max(0, tall) / min(one[2] * one[3], other[2] * other[3])


def _sharpness(grey: Any) -> float:
    import cv2  # noqa: PLC0415 - keeps `check` and `plan` quick
    import numpy as np  # noqa: PLC0415 - same

    edges = cv2.Laplacian(grey, cv2.CV_32F)
    rows = [row for row in np.array_split(edges, TILES) if row.size]
    tiles = [tile for row in rows for tile in np.array_split(row, TILES, axis=1) if tile.size]
    return sorted(float(tile.var()) for tile in tiles)[-min(SHARP_TILES, len(tiles))]


def _subject(frame: Frame) -> float | None:
    """Share of what differs from a plain border; None where the border is not plain."""
    import cv2  # noqa: PLC0415 - keeps `check` and `plan` quick
    import numpy as np  # noqa: PLC0415 - same

    from onmodel.qc.picture import shrink  # noqa: PLC0415 - the scorers load with it

    lab = cv2.cvtColor(shrink(frame, SMALL_PX), cv2.COLOR_RGB2LAB).astype(np.float32)
    ring = max(2, min(lab.shape[:2]) // 25)
    border = np.concatenate(
        [one.reshape(-1, 3) for one in (lab[:ring], lab[-ring:], lab[:, :ring], lab[:, -ring:])]
    )
    ground = np.median(border, axis=0)
    if (np.linalg.norm(border - ground, axis=1) <= PLAIN_LEVELS).mean() < 0.75:  # noqa: PLR2004 (three quarters)
        return None
    differs = (np.linalg.norm(lab - ground, axis=2) > PLAIN_LEVELS).astype(np.uint8)
    clean = cv2.morphologyEx(differs, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    return round(float(clean.mean()), 3)


Move = tuple[float, float]


def _moves(window: Sequence[Frame]) -> list[Move]:
    """How the whole picture moves from each frame to the next, as shares of its width."""
    import cv2  # noqa: PLC0415 - keeps `check` and `plan` quick
    import numpy as np  # noqa: PLC0415 - same

    from onmodel.qc.picture import shrink  # noqa: PLC0415 - the scorers load with it

    small = [cv2.cvtColor(shrink(frame, SMALL_PX), cv2.COLOR_RGB2GRAY).astype(np.float32) for frame in window]
    hann = cv2.createHanningWindow(small[0].shape[::-1], cv2.CV_32F)
    width = small[0].shape[1]
    moves = []
    for before, after in pairwise(small):
        (across, down), _ = cv2.phaseCorrelate(before, after, hann)
        moves.append((across / width, down / width))
    return moves


def _length(one: Move, other: Move) -> float:
    return float(((one[0] - other[0]) ** 2 + (one[1] - other[1]) ** 2) ** 0.5)
