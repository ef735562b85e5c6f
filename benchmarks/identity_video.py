"""Stills as a video shows them: far away, moved, blurred by the move, scaled down and coded as H.264."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

import av
import cv2
import numpy as np
from numpy.typing import NDArray

Frame = NDArray[np.uint8]

LINES = (360, 480, 720)
CRF = (28, 35)
"""x264's constant rate factor, least and greatest: what people upload to what looks bad."""
RATE = 24
REPEATS = 3
"""Video frames that each still is shown for: a coder borrows from the frames before."""


@dataclass(frozen=True)
class Filming:
    """How a still is filmed."""

    lines: int = 360
    """Height of the video in px."""
    crf: int = 32
    zoom: tuple[float, float] = (1.0, 1.25)
    """At the first and the last frame; 1 is all of it."""
    drift: float = 0.6
    """How far the camera goes sideways, -1 to 1, as a share of what the zoom leaves out."""
    blur: float = 0.006
    """Length of the motion blur as a share of the width."""
    share: float = 1.0
    """How much of the frame's height the still takes; the rest is its own colours, out of focus."""


def draw_filming(chance: Random) -> Filming:
    """Some way of filming: every line count, quality, distance and move is as likely."""
    zoom = (1.0, chance.uniform(1.05, 1.35))
    return Filming(
        chance.choice(LINES),
        chance.randint(*CRF),
        zoom if chance.random() < 0.5 else (zoom[1], zoom[0]),
        chance.uniform(-1, 1),
        chance.uniform(0, 0.012),
        chance.uniform(0.5, 1.0),
    )


def film(stills: Sequence[Frame], how: Filming) -> list[Frame]:
    """The stills as frames of one video, (H, W, 3) uint8 RGB, as many as there were stills."""
    shots = [far_away(still, how.share) for still in stills for _ in range(REPEATS)]
    frames = []
    for shot in move(shots, *how.zoom, how.drift):
        width = round(shot.shape[1] * how.lines / shot.shape[0])
        small = cv2.resize(shot, (width, how.lines), interpolation=cv2.INTER_AREA)
        frames.append(smeared(np.asarray(small, np.uint8), how.blur * width))
    return coded(frames, how.crf)[REPEATS // 2 :: REPEATS]


def move(frames: Sequence[Frame], begin: float, end: float, drift: float = 0.0) -> list[Frame]:
    """A camera move over the frames.

    Zoom from `begin` to `end` (1 is all of it), sideways by `drift` (-1 to 1).
    """
    moved = []
    for at, frame in zip(np.linspace(0, 1, len(frames)), frames, strict=True):
        zoom = begin + (end - begin) * at
        high, wide = frame.shape[:2]
        width, height = wide / zoom, high / zoom
        left = (wide - width) * (0.5 + 0.5 * drift * (at - 0.5))
        top = (high - height) * 0.4
        window = frame[round(top) : round(top + height), round(left) : round(left + width)]
        moved.append(np.asarray(cv2.resize(window, (wide, high), interpolation=cv2.INTER_LINEAR), np.uint8))
    return moved


def far_away(picture: Frame, share: float) -> Frame:
    """The picture smaller in its frame, before its own colours out of focus."""
    if share >= 1:
        return picture
    high, wide = picture.shape[:2]
    ground = cv2.resize(picture, (16, 9), interpolation=cv2.INTER_AREA)
    ground = cv2.resize(ground, (wide, high), interpolation=cv2.INTER_CUBIC)
    size = (round(wide * share), round(high * share))
    left, top = (wide - size[0]) // 2, (high - size[1]) // 2
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    ground[top : top + size[1], left : left + size[0]] = small
    return np.asarray(ground, np.uint8)


def smeared(frame: Frame, length_px: float) -> Frame:
    """Blurred sideways, as a moving camera does."""
    length = round(length_px)
    if length < 2:
        return frame
    return np.asarray(cv2.blur(frame, (length, 1)), np.uint8)


def coded(frames: Sequence[Frame], crf: int) -> list[Frame]:
    """Through x264 and back; an odd last row or column is lost."""
    high, wide = (side // 2 * 2 for side in frames[0].shape[:2])
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as video:
        stream = video.add_stream("libx264", rate=RATE)
        stream.width, stream.height, stream.pix_fmt = wide, high, "yuv420p"
        stream.options = {"crf": str(crf), "preset": "veryfast", "threads": "1"}
        for frame in frames:
            picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(frame[:high, :wide]), format="rgb24")
            video.mux(stream.encode(picture))
        video.mux(stream.encode())
    file.seek(0)
    with av.open(file, "r") as made:
        return [np.asarray(one.to_ndarray(format="rgb24"), np.uint8) for one in made.decode(video=0)]
