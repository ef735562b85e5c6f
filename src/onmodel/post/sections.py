"""Sections: the programme's sound made in parts of 6.4 s, each named by what is heard in it.

Where one shot changes, only the sections that it is heard in are mixed, measured and encoded again; the
others are found. The gain goes in steps of a tenth of a decibel, so that it seldom moves with one shot.

A packet of AAC is heard together with the one before it, and their windows must fit each other. The encoder
chooses windows by what it heard in the last few packets and by the next. So each section is encoded by itself
with some packets before and after it that are not kept: then its windows are those that it would have in one
piece (measured 2026-11: always from four packets before and two after; with two they are not).
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

from onmodel.errors import PostError
from onmodel.post.encoded import measure_encoded
from onmodel.post.ffmpeg import version, written_whole
from onmodel.post.limiter import FULL_SCALE, limited
from onmodel.post.mastering import CEILING_DBTP, Loudness, as_16_bit, bring
from onmodel.post.meter import SETTLED, TENTH, integrated, measure_tenths
from onmodel.post.mixing import Mix, Source, gain_of
from onmodel.post.packets import PACKET, Stretch, encode_stretches, split_packets, write_packets
from onmodel.post.score import Heard, Score
from onmodel.units import SAMPLE_RATE, digest_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Pcm = NDArray[np.int16]

LENGTH: Final = 300 * PACKET
"""Samples of a section (6.4 s): whole packets, and whole tenths of a second."""
_LEAD: Final = SETTLED * TENTH
"""Samples before a section that are made with it: the meter and the limiter have a memory."""
_RUN_IN: Final = 8 * PACKET
_RUN_OUT: Final = 4 * PACKET
"""Samples before and after a section that are encoded with it, and not kept."""
_STRIDE: Final = _LEAD + LENGTH + TENTH
"""Samples that are made of each section."""
_REACH: Final = 2 * SAMPLE_RATE
"""Samples around a section in which nothing is heard that its own could depend on but what names it."""
_RECIPE: Final = 1
"""Raised when the same name would stand for other sound."""
_STEP_DIGITS: Final = 1
"""Of the gain, after the point."""


def render_sections(
    score: Score,
    pcm: Mapping[Source, Path],
    into: Path,
    shelf: Path,
    ffmpeg: Path,
    *,
    ceiling_dbtp: float = CEILING_DBTP,
) -> tuple[Loudness, float]:
    """Make a programme's sound at its score's loudness, as AAC and as long as the picture to the sample.

    The same score, files and ffmpeg give the same bytes, whatever lies on the shelf.

    Args:
        score: what is heard.
        pcm: what `render_pcm` made of each file, at each speed.
        into: the file to write, an `.m4a`.
        shelf: where finished sections are put and found; it must be there.
        ffmpeg: the program.
        ceiling_dbtp: the highest true peak before it is encoded, where a loudness is asked for.

    Returns:
        How loud it is before it is encoded, and the true peak in dBTP of what it decodes to.

    Raises:
        PostError: it cannot be written, measured or encoded.
    """
    with TemporaryDirectory(dir=into.parent, prefix=".sections-") as folder:
        desk = _Desk(score, Mix(score, pcm), shelf, ffmpeg, Path(folder) / "parts.s16")
        levels = [_Level(None, ceiling_dbtp)]

        def make(gain_db: float | None) -> tuple[float | None, float]:
            levels.append(_Level(gain_db, ceiling_dbtp))
            tenths, lowest = desk.measured(levels[-1])
            return integrated(tenths), lowest

        loudness = bring(score.target_lufs, make, _STEP_DIGITS)
        level = levels[-1]
        packets = desk.encoded(level)
        write_packets(packets, into, score.samples, ffmpeg, Path(folder) / "sound.aac")
        return loudness, desk.peak(level, packets)


@dataclass(frozen=True)
class _Level:
    gain_db: float | None
    """None for as it is mixed; then there is no ceiling."""
    ceiling_dbtp: float

    @property
    def told(self) -> list[float]:
        return [] if self.gain_db is None else [float(self.gain_db), float(self.ceiling_dbtp)]


@dataclass
class _Desk:
    """Where one programme is made."""

    score: Score
    mix: Mix
    shelf: Path
    ffmpeg: Path
    parts: Path
    """What was made last of bare sound: sections one after the other, `_STRIDE` samples each."""
    _lying: tuple[_Level | None, list[int]] = (None, [])
    """At which level, and which sections."""

    @cached_property
    def numbers(self) -> range:
        """Of all sections."""
        return range(max(1, math.ceil(self.score.samples / LENGTH)))

    def measured(self, level: _Level) -> tuple[list[float], float]:
        """The loudness of each tenth of a second at a level, and the lowest gain of its limiter."""
        places = self._places(level, "lufs")
        kept = {place: self._kept(number, place) for number, place in places.items()}
        missing = {place: number for number, place in places.items() if not kept[place]}
        if missing:
            lowest = self._make(list(missing.values()), level)
            told, stride = measure_tenths(self.parts, self.ffmpeg), _STRIDE // TENTH
            for at, (place, number) in enumerate(missing.items()):
                first = at * stride + SETTLED
                kept[place] = [lowest[at], *told[first : first + self._tenths(number)]]
                self._keep(place, json.dumps(kept[place]).encode())
        found = [kept[place] for place in places.values()]
        return [lufs for one in found for lufs in one[1:]], min(one[0] for one in found)

    def encoded(self, level: _Level) -> list[list[bytes]]:
        """The packets of each section."""
        places = self._places(level, "aac")
        found = {place: self._packets(number, _read(place)) for number, place in places.items()}
        missing = {place: number for number, place in places.items() if not found[place]}
        if self._lying[0] != level or not set(missing.values()) <= set(self._lying[1]):
            self._make(list(missing.values()), level)
        stretches = [self._around(number) for number in missing.values()]
        streams = encode_stretches(self.parts, stretches, self.ffmpeg)
        for (place, number), packets in zip(missing.items(), streams, strict=True):
            found[place] = self._own(number, packets)
            self._keep(place, b"".join(found[place]))
        return [found[place] for place in places.values()]

    def peak(self, level: _Level, packets: Sequence[Sequence[bytes]]) -> float:
        """The true peak in dBTP of what all packets decode to."""
        return max(self._peak(number, level, packets) for number in self.numbers)

    def _peak(self, number: int, level: _Level, packets: Sequence[Sequence[bytes]]) -> float:
        near = [one for one in (number - 1, number, number + 1) if one in self.numbers]
        name = digest_of({"near": [self._name(one, level) for one in near]})
        place = self.shelf / f"{name}.{number - near[0]}.peak"
        try:
            return float(_read(place))
        except ValueError:  # not there
            before = packets[number - 1][-3:] if number else ()
            after = packets[number + 1][:2] if number + 1 in self.numbers else ()
            heard = BytesIO(b"".join((*before, *packets[number], *after)))
            # What the first packet gives without the one before it is heard by nobody.
            peak = measure_encoded(heard, skip=PACKET if number else 0)[1]
            self._keep(place, repr(peak).encode())
            return peak

    def _make(self, numbers: Sequence[int], level: _Level) -> list[float]:
        """Make the bare sound of some sections; the lowest gain of the limiter in each."""
        lowest = []
        with self.parts.open("wb") as file:
            for number in numbers:
                lows = [1.0]
                for block, low in self._blocks(number, level):
                    file.write(block.tobytes())
                    lows.append(low)
                lowest.append(min(lows))
        self._lying = level, list(numbers)
        return lowest

    def _blocks(self, number: int, level: _Level) -> Iterator[tuple[Pcm, float]]:
        origin = number * LENGTH - _LEAD

        def render(begin: int, end: int) -> NDArray[np.float64]:
            sound = self.mix.render(origin + begin, origin + end)
            sound[max(0, self.score.samples - origin - begin) :] = 0
            return sound

        if level.gain_db is None:
            yield as_16_bit(render(0, _STRIDE)), 1.0
            return
        ceiling = gain_of(level.ceiling_dbtp) * FULL_SCALE
        for block, low in limited(render, _STRIDE, gain_of(level.gain_db), ceiling):
            yield as_16_bit(block), low

    def _around(self, number: int) -> Stretch:
        """Where a section that was made last lies, with what is encoded before and after it."""
        begin, run_in = number * LENGTH, self._run_in(number)
        own = min(self.score.samples - begin, LENGTH + _RUN_OUT)
        return Stretch(self._lying[1].index(number) * _STRIDE + _LEAD - run_in, run_in + own)

    def _run_in(self, number: int) -> int:
        return min(_RUN_IN, number * LENGTH)

    def _own(self, number: int, packets: list[bytes]) -> list[bytes]:
        """Of what was encoded around a section, its own."""
        found = packets[self._run_in(number) // PACKET :][: self._count(number)]
        if len(found) < self._count(number):
            raise PostError(
                f"sound: {len(found)} of {self._count(number)} packets were encoded",
                hint="Try: onmodel doctor",
            )
        return found

    def _count(self, number: int) -> int:
        """Packets of a section; the last has one more, since the first one of all comes before the sound."""
        if number + 1 in self.numbers:
            return LENGTH // PACKET
        return math.ceil((self.score.samples - number * LENGTH) / PACKET) + 1

    def _tenths(self, number: int) -> int:
        """Tenths of a second of a section that are measured: the whole ones, and never none at all."""
        whole = min(LENGTH, self.score.samples - number * LENGTH) // TENTH
        return whole if number else max(SAMPLE_RATE // TENTH, whole)

    def _kept(self, number: int, place: Path) -> list[float]:
        """What a file has of how loud a section is; nothing where it is not whole."""
        try:
            found: list[float] = json.loads(_read(place))
        except ValueError:  # not there, or broken off
            return []
        return found if len(found) == 1 + self._tenths(number) else []

    def _packets(self, number: int, stream: bytes) -> list[bytes]:
        """What a file has of a section; nothing where it is not whole."""
        found = split_packets(stream)
        return found if len(found) == self._count(number) and sum(map(len, found)) == len(stream) else []

    def _keep(self, place: Path, content: bytes) -> None:
        with written_whole(place, synced=False) as part:
            part.write_bytes(content)

    def _places(self, level: _Level, suffix: str) -> dict[int, Path]:
        """Where each section lies; those that sound the same, like silent ones, lie in one place."""
        return {number: self.shelf / f"{self._name(number, level)}.{suffix}" for number in self.numbers}

    def _name(self, number: int, level: _Level) -> str:
        """Of all that a section depends on; times count from its own beginning."""
        begin = number * LENGTH
        near = (begin - _REACH, begin + LENGTH + _REACH)
        heard = [one for one in self.score.heard if one.begin < near[1] and one.end > near[0]]
        spoken = [(a - begin, b - begin) for a, b in self.mix.spoken if a < near[1] and b > near[0]]
        return digest_of(
            {
                "recipe": _RECIPE,
                "ffmpeg": version(self.ffmpeg),
                "level": level.told,
                "first": not number,
                "ends": min(self.score.samples - begin, LENGTH + _REACH),
                "heard": [_told(one, begin) for one in heard],
                "spoken": spoken if any(one.ducked_db for one in heard) else [],
            }
        )


_TELLS: Final = [field.name for field in fields(Heard) if field.name not in ("name", "path", "speech")]


def _told(heard: Heard, begin: int) -> dict[str, Any]:
    told = {name: getattr(heard, name) for name in _TELLS}
    levels = {"level_db": float(heard.level_db), "ducked_db": float(heard.ducked_db)}
    return {**told, **levels, "begin": heard.begin - begin, "speed": str(heard.speed)}


def _read(place: Path) -> bytes:
    """A file of the shelf, which is now the last to be swept from it; nothing where it cannot be read."""
    try:
        found = place.read_bytes()
        place.touch()
    except OSError:
        return b""
    return found
