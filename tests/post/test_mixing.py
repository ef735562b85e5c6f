from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from onmodel.post.cutlist import Cut, CutList, Kind, Piece, Transition
from onmodel.post.mixing import BLOCK, Mix, gain_of, rise
from onmodel.post.score import Heard, Score, score_of_clips
from onmodel.units import samples_at

FPS = Fraction(24)
ONE = Fraction(1)
WritePcm = Callable[[str, NDArray[np.int16]], Path]


def tone(level: int, samples: int) -> NDArray[np.int16]:
    return np.full((samples, 2), level, np.int16)


@pytest.fixture
def write_pcm(tmp_path: Path) -> WritePcm:
    def write(name: str, sound: NDArray[np.int16]) -> Path:
        path = tmp_path / f"{name}.s16"
        path.write_bytes(sound.astype("<i2").tobytes())
        return path

    return write


def whole(score: Score, pcm: dict[str, Path]) -> NDArray[np.float64]:
    mix = Mix(score, {(one.sha256, one.speed): pcm[one.sha256] for one in score.heard})
    return mix.render(0, score.samples)


def of_clips(pcm: dict[str, Path], *pieces: Piece) -> NDArray[np.float64]:
    return whole(score_of_clips(CutList(pieces), FPS), pcm)


def piece(sha: str, frames: int, join: Cut | Transition = Cut(), **more: object) -> Piece:  # noqa: B008 - frozen
    return Piece(f"shot-{sha}", sha, Path(sha), frames, join, **more)  # type: ignore[arg-type]


def test_hard_cuts_fall_on_their_sample(write_pcm: WritePcm) -> None:
    """Each shot sounds from its first frame's sample to the next one's; short sound ends in silence."""
    pcm = {"a": write_pcm("a", tone(1000, 90_000)), "b": write_pcm("b", tone(-500, 10_000))}
    sound = of_clips(pcm, piece("a", 24), piece("b", 12))
    assert len(sound) == 72_000
    assert (sound[:48_000] == 1000).all()
    assert (sound[48_000:58_000] == -500).all()
    assert (sound[58_000:] == 0).all()


def test_what_a_piece_passes_over_is_not_heard(write_pcm: WritePcm) -> None:
    """A clip whose first frame is left out is heard from its second, to the sample."""
    ramp = np.repeat(np.arange(6000, dtype=np.int16), 2).reshape(-1, 2)
    heard = of_clips({"a": write_pcm("a", ramp)}, piece("a", 2, begin_frames=1))
    assert np.array_equal(heard, ramp[2000:6000])


def test_a_crossfade_sounds_at_equal_power(write_pcm: WritePcm) -> None:
    """Two unrelated sounds keep their power through a crossfade, and its ends are the sounds themselves."""
    rng = np.random.default_rng(7)
    pcm = {name: write_pcm(name, rng.normal(0, 3000, (96_000, 2)).astype(np.int16)) for name in "ab"}
    sound = of_clips(pcm, piece("a", 48, Transition(24)), piece("b", 48))
    power = (sound**2).mean(axis=1).reshape(-1, 4800).mean(axis=1)
    assert np.allclose(power / 3000**2, 1, atol=0.1)
    steady = {"a": write_pcm("c", tone(9000, 96_000)), "b": write_pcm("d", tone(0, 96_000))}
    window = of_clips(steady, piece("a", 48, Transition(24)), piece("b", 48))[48_000:96_000]
    assert abs(window[0, 0] - 9000) < 10
    assert abs(window[-1, 0]) < 10
    assert abs(window[len(window) // 2, 0] - 9000 * 0.7071) < 10


@pytest.mark.parametrize("kind", ["dip-to-black", "dip-to-white"])
def test_a_dip_is_silent_in_its_middle(kind: Kind, write_pcm: WritePcm) -> None:
    """Through a dip the one sound is gone before the other comes; at its ends each is as it is."""
    pcm = {"a": write_pcm("a", tone(8000, 96_000)), "b": write_pcm("b", tone(-8000, 96_000))}
    sound = of_clips(pcm, piece("a", 48, Transition(24, kind)), piece("b", 48))[:, 0]
    assert (sound[:48_000] == 8000).all()
    assert (sound[48_000:72_000] >= 0).all()
    assert (sound[72_000:] <= 0).all()
    assert abs(sound[71_999]) < 10
    assert abs(sound[72_000]) < 10
    assert (sound[96_000:] == -8000).all()


def test_a_j_cut_is_heard_before_it_is_seen(write_pcm: WritePcm) -> None:
    """The next shot's sound before its in-point lies over the end of this one's, which goes on."""
    ramp = np.repeat(np.arange(0, 24_000, dtype=np.int16), 2).reshape(-1, 2)
    pcm = {"a": write_pcm("a", tone(1000, 48_000)), "b": write_pcm("b", ramp)}
    sound = of_clips(pcm, piece("a", 12, Cut(audio_lead_frames=2)), piece("b", 6, begin_frames=4))[:, 0]
    assert (sound[:20_000] == 1000).all()
    assert (sound[20_001:24_000] > 1000).all()
    assert sound[24_000] == ramp[8000, 0]  # from the picture on it is the clip's own, at full level


def test_an_l_cut_is_heard_under_the_next(write_pcm: WritePcm) -> None:
    """This shot's sound after its out-point goes away under the next one."""
    pcm = {"a": write_pcm("a", tone(1000, 48_000)), "b": write_pcm("b", tone(300, 48_000))}
    sound = of_clips(pcm, piece("a", 12, Cut(audio_lag_frames=6)), piece("b", 12))[:, 0]
    assert (sound[:24_000] == 1000).all()
    assert 1290 < sound[24_000] <= 1300
    assert (np.diff(sound[24_000:36_000]) <= 0).all()
    assert (sound[36_000:] == 300).all()


def test_what_is_held_or_a_picture_is_silent(write_pcm: WritePcm) -> None:
    """Held frames have no sound, and end it without a click; a card has none at all."""
    pcm = {"a": write_pcm("a", tone(8000, 96_000)), "card": write_pcm("card", tone(1, 9))}
    sound = of_clips(pcm, piece("a", 24, hold_frames=12), piece("card", 12, still=True))[:, 0]
    assert len(sound) == 72_000
    assert (sound[: 24_000 - 480] == 8000).all()
    assert np.abs(np.diff(sound[:24_000])).max() < 60
    assert not sound[24_000:].any()


def test_a_held_shot_goes_out_before_its_transition(write_pcm: WritePcm) -> None:
    """A hold that covers the transition leaves only the next shot's sound in it."""
    pcm = {"a": write_pcm("a", tone(8000, 96_000)), "b": write_pcm("b", tone(0, 96_000))}
    for hold in (6, 12, 16):
        sound = of_clips(pcm, piece("a", 24, Transition(12), hold_frames=hold), piece("b", 24))[:, 0]
        assert not sound[(24 - hold) * 2000 :].any()
        assert sound[: (12 if hold < 12 else 24 - hold) * 2000 - 481].all()


@given(
    st.lists(
        st.tuples(st.integers(1, 30), st.integers(0, 15), st.sampled_from(["crossfade", "wipe-left", "cut"])),
        min_size=1,
        max_size=8,
    ),
    st.sampled_from([Fraction(24), Fraction(25), Fraction(30000, 1001), Fraction(24000, 1001), Fraction(60)]),
)
def test_the_mix_is_as_long_as_the_picture(
    tmp_path_factory: pytest.TempPathFactory, shots: list[tuple[int, int, str]], fps: Fraction
) -> None:
    """Whatever is cut and faded, the samples are those of the frames, and steady sound stays steady."""
    path = tmp_path_factory.getbasetemp() / "steady.s16"
    if not path.exists():
        path.write_bytes(tone(100, 70_000).astype("<i2").tobytes())
    pieces, head = [], 0
    for index, (frames, join, kind) in enumerate(shots):
        room = 0 if index + 1 == len(shots) else min(join, frames - head, shots[index + 1][0])
        fade = room if kind != "cut" else 0
        pieces.append(Piece(f"s{index}", "a", path, frames, Transition(fade) if fade else Cut()))
        head = fade
    cutlist = CutList(tuple(pieces))
    score = score_of_clips(cutlist, fps)
    assert score.samples == samples_at(cutlist.frames, fps)
    sound = whole(score, {"a": path})
    assert ((sound > 99) & (sound < 142)).all()


@given(edges=st.lists(st.integers(0, 5000), min_size=1, max_size=8), loop=st.booleans())
def test_any_part_is_the_part_of_the_whole(
    tmp_path_factory: pytest.TempPathFactory, edges: list[int], *, loop: bool
) -> None:
    """Mixed in whatever blocks, the programme is the same to the last bit."""
    path = tmp_path_factory.getbasetemp() / "noise.s16"
    if not path.exists():
        path.write_bytes(np.random.default_rng(3).integers(-9000, 9000, (700, 2)).astype("<i2").tobytes())
    bed = Heard("music", "a", path, 500, 4000, 100, fade_in=300, fade_out=900, level_db=-3, loop=loop)
    score = Score(5000, (bed, replace(bed, begin=2500, samples=10_000, loop=not loop)))
    mix = Mix(score, {("a", ONE): path})
    parts = [mix.render(first, last) for first, last in pairwise(sorted([0, *edges, 5000]))]
    assert np.array_equal(np.concatenate(parts), mix.render(0, 5000))


def test_a_short_bed_begins_anew_or_ends(write_pcm: WritePcm) -> None:
    """Looped music goes round from after what is passed over; otherwise it fades out at its own end."""
    ramp = np.repeat(np.arange(100, dtype=np.int16), 2).reshape(-1, 2)
    bed = Heard("music", "a", write_pcm("a", ramp), 10, 250, 20, loop=True)
    sound = whole(Score(300, (bed,)), {"a": bed.path})[:, 0]
    assert np.array_equal(sound[10:260], (20 + np.arange(250) % 80))
    assert not sound[260:].any()
    once = whole(Score(300, (replace(bed, loop=False, fade_out=40),)), {"a": bed.path})[:, 0]
    assert np.array_equal(once[10:50], np.arange(20, 60))
    assert (np.diff(once[70:90]) < 0).all()
    assert not once[90:].any()


def test_a_level_is_in_decibels(write_pcm: WritePcm) -> None:
    """6 dB more is twice, 20 dB less a tenth."""
    path = write_pcm("a", tone(1000, 10))
    for level, factor in ((6.0206, 2), (-20, 0.1), (0, 1)):
        sound = whole(Score(10, (Heard("x", "a", path, 0, 10, level_db=level),)), {"a": path})
        assert np.allclose(sound, 1000 * factor, atol=0.02)
        assert abs(gain_of(level) - factor) < 1e-5


def test_sounds_add_up(write_pcm: WritePcm) -> None:
    """Two sounds at once are their sum, and nothing is clipped before the end."""
    path = write_pcm("a", tone(30_000, 10))
    two = (Heard("x", "a", path, 0, 10), Heard("y", "a", path, 5, 10))
    sound = whole(Score(20, two), {"a": path})[:, 0]
    assert sound.tolist() == [30_000] * 5 + [60_000] * 5 + [30_000] * 5 + [0] * 5


def test_a_rise_is_a_sine() -> None:
    """The curve is the first quarter of a sine, whichever part of it is asked for."""
    curve = rise(48_000, 0, 48_000)
    assert np.allclose(curve, np.sin((np.arange(48_000) + 0.5) / 48_000 * np.pi / 2), atol=1e-14)
    assert np.array_equal(curve[700:900], rise(48_000, 700, 900))


def test_a_long_programme_needs_no_more_memory() -> None:
    """A block is 4 MB, however long the programme is."""
    assert BLOCK * 2 * 8 <= 5_000_000
