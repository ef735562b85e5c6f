"""Clips in and out: planes of Y, U and V, H.264 written the same way every time.

A picture becomes bt709 planes once; after that a frame is three small arrays, as the encoder wants it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from pathlib import Path
from typing import Self

import av
import cv2
import numpy as np
from av.audio.stream import AudioStream
from av.container import InputContainer
from numpy.typing import NDArray

from onmodel.errors import NotMedia
from onmodel.studio.rehearsal.canvas import Picture
from onmodel.units import SAMPLE_RATE, Size

FPS = Fraction(24)
"""Frames a second of what the rehearsal films."""
_TO_YUV = np.array(
    [[0.182586, 0.614231, 0.062007], [-0.100644, -0.338572, 0.439216], [0.439216, -0.398942, -0.040274]],
    np.float32,
)
"""RGB 0-255 to limited-range YUV. Source: ITU-R BT.709-6 (06/2015), scaled to 219 and 224 steps."""
_OFFSET = np.array([16, 128, 128], np.float32)
_AUDIO_CHUNK = 1024
Bytes = NDArray[np.uint8]


@dataclass(frozen=True)
class Planes:
    """One picture as its luma and the two chroma planes at half size, uint8, bt709 limited range."""

    y: Bytes
    u: Bytes
    v: Bytes


def to_planes(picture: Picture) -> Planes:
    """Turn a picture into planes. Its sides must be even."""
    yuv = cv2.transform(picture.astype(np.float32), _TO_YUV) + _OFFSET
    half = cv2.resize(yuv[:, :, 1:], None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    bytes_ = np.clip(half + 0.5, 0, 255).astype(np.uint8)
    luma = np.clip(yuv[:, :, 0] + 0.5, 0, 255).astype(np.uint8)
    return Planes(luma, np.ascontiguousarray(bytes_[:, :, 0]), np.ascontiguousarray(bytes_[:, :, 1]))


def to_picture(planes: Planes) -> Picture:
    """Turn planes back into a picture."""
    size = planes.y.shape[::-1]
    wide = [cv2.resize(plane, size, interpolation=cv2.INTER_LINEAR) for plane in (planes.u, planes.v)]
    yuv = np.dstack([planes.y, *wide]).astype(np.float32) - _OFFSET
    rgb = cv2.transform(yuv, np.linalg.inv(_TO_YUV).astype(np.float32))
    return np.asarray(np.clip(rgb + 0.5, 0, 255), np.uint8)


class ClipWriter:
    """Writes one clip: H.264, yuv420p, bt709, one encoder thread, so that its bytes repeat."""

    def __init__(self, into: Path, size: Size, fps: Fraction, *, sound: bool = False, note: str = "") -> None:
        self._container = av.open(str(into), "w", format="mp4", options={"movflags": "+faststart"})
        if note:
            self._container.metadata["comment"] = note
        video = self._container.add_stream("libx264", rate=fps)
        video.width, video.height, video.pix_fmt = size.width, size.height, "yuv420p"
        video.codec_context.thread_count = 1
        video.options = {
            "preset": "ultrafast", "tune": "stillimage", "crf": "18", "threads": "1",
            "x264-params": "colorprim=bt709:transfer=bt709:colormatrix=bt709:range=tv:keyint=48",
        }  # fmt: skip
        self._video, self._size, self._tick = video, size, 1 / fps
        self._audio: AudioStream | None = None
        if sound:
            self._audio = self._container.add_stream("aac", rate=SAMPLE_RATE, layout="stereo")
            self._audio.bit_rate = 96_000
        self._frames = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._container.close()

    def frame(self, planes: Planes) -> None:
        """Append one frame."""
        flat = np.concatenate([planes.y.reshape(-1), planes.u.reshape(-1), planes.v.reshape(-1)])
        image = flat.reshape(self._size.height * 3 // 2, self._size.width)
        frame = av.VideoFrame.from_ndarray(image, format="yuv420p")
        frame.pts = self._frames
        frame.time_base = self._tick
        self._frames += 1
        self._container.mux(self._video.encode(frame))

    def finish(self, sound: NDArray[np.float32] | None = None) -> None:
        """End the picture and write the sound under it.

        Args:
            sound: (samples, 2) float32 -1..1 at 48 kHz; only for a clip opened with sound.
        """
        self._container.mux(self._video.encode(None))
        if self._audio is None or sound is None:
            return
        for start in range(0, len(sound), _AUDIO_CHUNK):
            piece = np.ascontiguousarray(sound[start : start + _AUDIO_CHUNK].T)
            frame = av.AudioFrame.from_ndarray(piece, format="fltp", layout="stereo")
            frame.sample_rate, frame.pts = SAMPLE_RATE, start
            frame.time_base = Fraction(1, SAMPLE_RATE)
            self._container.mux(self._audio.encode(frame))
        self._container.mux(self._audio.encode(None))


def write_clip(
    into: Path,
    size: Size,
    fps: Fraction,
    frames: Iterable[Planes],
    sound: NDArray[np.float32] | None = None,
    note: str = "",
) -> int:
    """Write a clip, with a note for whoever reads the file, and say how many frames it has."""
    count = 0
    with ClipWriter(into, size, fps, sound=sound is not None, note=note) as writer:
        for planes in frames:
            writer.frame(planes)
            count += 1
        writer.finish(sound)
    return count


@contextmanager
def _opened(path: Path) -> Iterator[InputContainer]:
    """Open a clip; whatever the decoder cannot read is not media."""
    try:
        with av.open(str(path)) as container:
            if not container.streams.video:
                raise NotMedia(f"{path.name}: no picture in it", hint="Give a clip that plays.")
            yield container
    except av.FFmpegError as error:
        reason = error.strerror
        raise NotMedia(f"{path.name}: not a clip ({reason})", hint="Give a clip that plays.") from error


def read_rate(path: Path) -> Fraction:
    """Frames a second of a clip; 24 where the file does not say.

    Raises:
        NotMedia: the file is no clip.
    """
    with _opened(path) as container:
        return container.streams.video[0].average_rate or FPS


def read_note(path: Path) -> str:
    """The note that was written into a clip; empty where there is none.

    Raises:
        NotMedia: the file is no clip.
    """
    with _opened(path) as container:
        return str(container.metadata.get("comment", ""))


def read_frame_count(path: Path) -> int:
    """How many frames a clip says it has.

    Raises:
        NotMedia: the file is no clip.
    """
    with _opened(path) as container:
        return container.streams.video[0].frames


def read_planes(path: Path) -> Iterator[Planes]:
    """Decode a clip, frame by frame; odd sides lose a pixel.

    Raises:
        NotMedia: the file is no clip.
    """
    with _opened(path) as container:
        stream = container.streams.video[0]
        stream.codec_context.thread_count = 1
        for frame in container.decode(stream):
            width, height = frame.width // 2 * 2, frame.height // 2 * 2
            flat = frame.reformat(width=width, height=height, format="yuv420p").to_ndarray()
            split, quarter = height * width, height * width // 4
            raw = np.asarray(flat.reshape(-1), np.uint8)
            yield Planes(
                raw[:split].reshape(height, width),
                raw[split : split + quarter].reshape(height // 2, width // 2),
                raw[split + quarter :].reshape(height // 2, width // 2),
            )


def read_sound(path: Path) -> NDArray[np.float32] | None:
    """Decode a clip's sound, (samples, 2) float32 at 48 kHz; None where it has none.

    Raises:
        NotMedia: the file is no clip.
    """
    with _opened(path) as container:
        if not container.streams.audio:
            return None
        resampler = av.AudioResampler(format="fltp", layout="stereo", rate=SAMPLE_RATE)
        pieces = [
            piece.to_ndarray()
            for frame in container.decode(container.streams.audio[0])
            for piece in resampler.resample(frame)
        ]
        pieces += [piece.to_ndarray() for piece in resampler.resample(None)]
    return np.concatenate(pieces, axis=1).T.astype(np.float32) if pieces else None


def room_tone(frames: int, fps: Fraction, seed: int) -> NDArray[np.float32]:
    """A soft hum under a clip, as long as its frames, fading in and out."""
    count = ceil(frames * SAMPLE_RATE / fps)
    time = np.arange(count, dtype=np.float64) / SAMPLE_RATE
    base = 96 + seed % 5 * 12
    hum = 0.02 * np.sin(2 * np.pi * base * time) + 0.008 * np.sin(2 * np.pi * base * 1.5 * time)
    hum *= np.clip(np.minimum(time, time[-1] - time) * 4, 0, 1) if count else 1
    return np.stack([hum, hum], axis=1).astype(np.float32)
