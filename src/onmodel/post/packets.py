"""Packets of AAC: 1,024 samples each, bare with a header (ADTS), or in a file that knows their times."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, NamedTuple

from onmodel.post.ffmpeg import run, written_whole
from onmodel.post.sound import SAMPLE_BYTES
from onmodel.units import SAMPLE_RATE

PACKET: Final = 1024
"""Samples of a packet; the first packet of all comes that much before the sound."""
_HEADER_BYTES: Final = 7
_TICKS: Final = 28_224_000
"""Of a second, as bare AAC counts them. Source: ffmpeg's demuxer of it, 2026-11."""
_AT_ONCE: Final = 16
"""Stretches that one ffmpeg encodes: its start takes as long as one of them (30 ms, measured 2026-11)."""


class Stretch(NamedTuple):
    """A part of bare sound, in samples."""

    begin: int
    samples: int


def encode_stretches(bare: Path, stretches: Sequence[Stretch], ffmpeg: Path) -> Iterator[list[bytes]]:
    """The packets of some stretches of bare sound, each encoded by itself, in their order.

    Args:
        bare: stereo, 16 bit, at 48 kHz.
        stretches: of it.
        ffmpeg: the program.

    Raises:
        PostError: it cannot be encoded.
    """
    import ffmpeg as graph  # noqa: PLC0415 - keeps `check` and `plan` quick

    with TemporaryDirectory(dir=bare.parent) as folder:
        into = [Path(folder).absolute() / f"{number}.aac" for number in range(len(stretches))]
        for first in range(0, len(stretches), _AT_ONCE):
            some = slice(first, first + _AT_ONCE)
            outputs = [_encoded(bare, *each) for each in zip(stretches[some], into[some], strict=True)]
            run(ffmpeg, graph.merge_outputs(*outputs), about="sound: encoding", any_cpu=True)
            yield from (split_packets(path.read_bytes()) for path in into[some])


def _encoded(bare: Path, stretch: Stretch, into: Path) -> Any:
    import ffmpeg as graph  # noqa: PLC0415 - keeps `check` and `plan` quick

    skipped = stretch.begin * SAMPLE_BYTES
    form = {"f": "s16le", "ar": SAMPLE_RATE, "ch_layout": "stereo", "skip_initial_bytes": skipped}
    sound = graph.input(str(bare.absolute()), **form).audio.filter("atrim", end_sample=stretch.samples)
    return sound.output(
        str(into), **{"f": "adts", "c:a": "aac", "b:a": "192k", "aac_coder": "fast", "threads": 1}
    )


def split_packets(stream: bytes) -> list[bytes]:
    """Bare AAC as packets, each with its header, up to where it breaks off.

    Source: ISO/IEC 13818-7, ADTS: twelve set bits, and thirteen of length from the thirty-first on, 2026-11.
    """
    found, at = list[bytes](), 0
    while stream[at : at + 1] == b"\xff" and at + _HEADER_BYTES <= len(stream):
        length = (stream[at + 3] & 3) << 11 | stream[at + 4] << 3 | stream[at + 5] >> 5
        if not length or at + length > len(stream):
            break
        found.append(stream[at : at + length])
        at += length
    return found


def write_packets(
    packets: Sequence[Sequence[bytes]], into: Path, samples: int, ffmpeg: Path, bare: Path
) -> None:
    """Put all packets into one file, whose first packet is run-in, and whose last ends with the sound.

    It goes into a cut at once, and has not to outlive a power cut.

    Args:
        packets: section by section.
        into: the file to write, an `.m4a`.
        samples: that it presents.
        ffmpeg: the program.
        bare: a free name for the packets alone.

    Raises:
        PostError: it cannot be written.
    """
    import ffmpeg as graph  # noqa: PLC0415 - keeps `check` and `plan` quick

    bare.write_bytes(b"".join(packet for section in packets for packet in section))
    last = sum(map(len, packets)) - 1
    sample: int = _TICKS // SAMPLE_RATE
    at = f"{sample * PACKET}*(N-1)"
    rest = sample * (samples - (last - 1) * PACKET)
    timed = f"setts=pts={at}:dts={at}:duration=if(eq(N\\,{last})\\,{rest}\\,{sample * PACKET})"
    options = {
        "f": "mp4",
        "c:a": "copy",
        "bsf:a": f"aac_adtstoasc,{timed}",
        "movie_timescale": SAMPLE_RATE,
        "map_metadata": -1,
    }
    with written_whole(into, synced=False) as part:
        sound = graph.input(str(bare.absolute()), f="aac").audio
        run(ffmpeg, sound.output(str(part.absolute()), **options), about=f"{into}: sound")
