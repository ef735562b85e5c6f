"""The soundtrack, rendered once and whole: each clip's sound at the exact sample where its picture begins.

Sound is 48 kHz stereo, signed 16 bit little endian: an array of shape (samples, 2). A clip's own compressed
sound is never copied: its packets do not end where its frames do; forty shots would drift by over a second.
"""

from __future__ import annotations

import wave
from collections.abc import Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from onmodel.post.cutlist import CutList
from onmodel.post.ffmpeg import run, written_whole
from onmodel.post.probe import probe
from onmodel.units import SAMPLE_RATE, samples_at

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Pcm = NDArray[np.int16]

CHANNELS = 2
_BYTES_A_SAMPLE = 2 * CHANNELS


def render_pcm(clip: Path, sha256: str, folder: Path, ffmpeg: Path) -> Path:
    """Decode a clip's sound into `folder`, or find it there; an empty file where the clip has none.

    Raises:
        NotMedia: the clip cannot be opened.
        PostError: its sound does not decode.
    """
    into = folder / f"{sha256}.s16"
    if into.exists():
        return into
    with written_whole(into) as part:
        if probe(clip).has_audio:
            run(ffmpeg, _graph(clip, part), about=f"{clip}: sound", any_cpu=True)
        else:
            part.touch()
    return into


def render_soundtrack(cutlist: CutList, fps: Fraction, pcm: Mapping[str, Path], into: Path) -> Path:
    """Mix the whole programme into one WAV file, as long as the picture to the sample.

    Args:
        cutlist: the cut.
        fps: its rate.
        pcm: for each clip's sha256, what `render_pcm` made of it.
        into: the WAV file to write.

    Raises:
        PostError: it cannot be written.
    """
    with written_whole(into) as part, wave.open(str(part), "wb") as track:
        track.setnchannels(CHANNELS)
        track.setsampwidth(_BYTES_A_SAMPLE // CHANNELS)
        track.setframerate(SAMPLE_RATE)
        track.setnframes(cutlist.samples(fps))
        for block in mixed(cutlist, fps, pcm):
            track.writeframesraw(block.astype("<i2").tobytes())
    return into


def mixed(cutlist: CutList, fps: Fraction, pcm: Mapping[str, Path]) -> Iterator[Pcm]:
    """The programme's sound in consecutive blocks of (samples, 2) int16; crossfades are of equal power."""
    import numpy as np  # noqa: PLC0415 - keeps `check` and `plan` quick

    spans = cutlist.sample_spans(fps)
    fading: Pcm = np.zeros((0, CHANNELS), np.int16)
    for index, (piece, (begin, end)) in enumerate(zip(cutlist.pieces, spans, strict=True)):
        sound = _read(pcm[piece.sha256], samples_at(piece.begin_frames, fps), end - begin)
        head = len(fading)
        if head:
            yield crossfaded(fading, sound[:head])
        next_begin = spans[index + 1][0] if index + 1 < len(spans) else end
        yield sound[head : next_begin - begin]
        fading = sound[next_begin - begin :]


def crossfaded(leaving: Pcm, coming: Pcm) -> Pcm:
    """One sound going out under another coming in, at equal power; both (samples, 2) int16, of one length."""
    import numpy as np  # noqa: PLC0415 - keeps `check` and `plan` quick

    angle = (np.arange(len(leaving)) + 0.5) / len(leaving) * (np.pi / 2)
    sum_ = leaving * np.cos(angle)[:, None] + coming * np.sin(angle)[:, None]
    mixed_: Pcm = np.clip(np.rint(sum_), -32768, 32767).astype(np.int16)
    return mixed_


def _read(pcm: Path, skip: int, samples: int) -> Pcm:
    """A clip's samples after those that are passed over, filled up with silence."""
    import numpy as np  # noqa: PLC0415 - keeps `check` and `plan` quick

    with pcm.open("rb") as file:
        file.seek(skip * _BYTES_A_SAMPLE)
        found = np.frombuffer(file.read(samples * _BYTES_A_SAMPLE), "<i2").reshape(-1, CHANNELS)
    silence = np.zeros((samples - len(found), CHANNELS), np.int16)
    return np.concatenate([found.astype(np.int16), silence])


def _graph(clip: Path, into: Path) -> Any:
    import ffmpeg as graph  # noqa: PLC0415 - keeps `check` and `plan` quick

    # first_pts=0 fills up where a track begins late, and cuts the encoder's run-in: sample 0 is frame 0.
    return (
        graph.input(str(clip.absolute()))
        .audio.filter("aresample", SAMPLE_RATE, **{"async": 1, "first_pts": 0})
        .output(str(into.absolute()), f="s16le", acodec="pcm_s16le", ac=CHANNELS, ar=SAMPLE_RATE)
    )
