from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import get_args

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from onmodel.post.compositing import Span
from onmodel.post.conform import PieceJob, body_of, pieces_of, render, window_of
from onmodel.post.cutlist import CutList, Kind, Overlay, Piece, Transition
from onmodel.post.formats import Format
from onmodel.units import Size

MakeClip = Callable[..., Path]
A, B, C = "a" * 64, "b" * 64, "c" * 64


def frames(path: Path) -> list[NDArray[np.uint8]]:
    """Luma of each decoded frame."""
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="yuv420p")[:90] for frame in container.decode(video=0)]


def numbers(path: Path) -> list[int]:
    """Which frame of the counting clip each frame shows."""
    return [round((float(frame.mean()) - 16) / 8) for frame in frames(path)]


def body(piece: Piece, form: Format, folder: Path, ffmpeg: Path) -> Path:
    job = body_of(piece, 0, form, "e")
    assert job is not None
    return render(job, folder, ffmpeg)


@pytest.fixture
def sharp(form: Format) -> Format:
    """A format in which a level stays what it is."""
    return dataclasses.replace(form, crf=4)


@pytest.fixture
def grey(make_clip: MakeClip) -> Piece:
    """One second of luma 80."""
    clip = make_clip(
        "grey.mp4", "color=black:s=160x90:r=24:d=1,geq=lum=80:cb=128:cr=128", None, ("-crf", "4")
    )
    return Piece("s010", A, clip, 24)


@pytest.fixture
def light(make_clip: MakeClip) -> Piece:
    """One second of luma 180."""
    clip = make_clip("l.mp4", "color=black:s=160x90:r=24:d=1,geq=lum=180:cb=128:cr=128", None, ("-crf", "4"))
    return Piece("s020", B, clip, 24)


# -- transitions -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", get_args(Kind))
@pytest.mark.parametrize("length", [1, 2, 9, 10])
def test_a_transition_begins_and_ends_at_its_neighbours(
    kind: Kind, length: int, grey: Piece, light: Piece, sharp: Format, ffmpeg: Path, tmp_path: Path
) -> None:
    """The first frame is the left shot as it is, the last is next to the right one; no frame too few."""
    window = window_of(dataclasses.replace(grey, join=Transition(length, kind)), light, sharp, "e")
    assert window is not None
    found = [float(frame.mean()) for frame in frames(render(window, tmp_path / "c", ffmpeg))]
    assert len(found) == length
    if length > 2:
        assert abs(found[0] - 80) < 2
        step = {"dip-to-black": 180 - 16, "dip-to-white": 235 - 180}.get(kind, 100) / (length // 2)
        assert abs(found[-1] - 180) <= step + 3


@pytest.mark.parametrize(("kind", "level"), [("dip-to-black", 16), ("dip-to-white", 235)])
@pytest.mark.parametrize("length", [1, 2, 3, 8, 9])
def test_a_dip_reaches_its_colour(
    kind: Kind,
    level: int,
    length: int,
    grey: Piece,
    light: Piece,
    sharp: Format,
    ffmpeg: Path,
    tmp_path: Path,
) -> None:
    """In the middle there is nothing else, and the way there and back is even."""
    window = window_of(dataclasses.replace(grey, join=Transition(length, kind)), light, sharp, "e")
    assert window is not None
    found = [float(frame.mean()) for frame in frames(render(window, tmp_path / "c", ffmpeg))]
    half = length // 2
    assert np.allclose(found[half : length - half + (length % 2 == 0)], level, atol=1)
    assert np.allclose(found[: half + 1], np.linspace(80, level, half + 1) if half else level, atol=2)
    back = found[length - half :]
    assert np.allclose(back, np.linspace(level, 180, half + 1)[: len(back)], atol=2)


@pytest.mark.parametrize(
    ("kind", "inside"),
    [
        ("left", (slice(None), slice(100, None))),
        ("right", (slice(None), slice(None, 60))),
        ("up", (slice(60, None), slice(None))),
        ("down", (slice(None, 30), slice(None))),
    ],
)
def test_wipes_and_slides_go_where_they_say(
    kind: str,
    inside: tuple[slice, slice],
    grey: Piece,
    light: Piece,
    sharp: Format,
    ffmpeg: Path,
    tmp_path: Path,
) -> None:
    """Half way, the right shot is on the side that the edge has left behind, and nowhere else."""
    for sort in ("wipe", "slide"):
        join = Transition(8, f"{sort}-{kind}")  # type: ignore[arg-type]
        window = window_of(dataclasses.replace(grey, join=join), light, sharp, "e")
        assert window is not None
        middle = frames(render(window, tmp_path / "c", ffmpeg))[4].astype(float)
        assert abs(middle[inside].mean() - 180) < 3
        assert abs(middle.mean() - 130) < 3


def test_only_what_a_transition_touches_is_new(form: Format) -> None:
    """Another kind of transition is one other piece; the shots beside it are the same ones."""
    pieces = [Piece(f"s{n}", str(n) * 64, Path("x"), 48, Transition(6)) for n in range(3)]
    pieces.append(Piece("s3", "3" * 64, Path("x"), 48))
    before = [job.key for job in pieces_of(CutList(tuple(pieces)), form, "e")]
    pieces[1] = dataclasses.replace(pieces[1], join=Transition(6, "dip-to-black"))
    after = [job.key for job in pieces_of(CutList(tuple(pieces)), form, "e")]
    assert [one != other for one, other in zip(before, after, strict=True)] == [False, False, False, True] + [
        False
    ] * 3


# -- trims -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("speed", "begin", "shown"),
    [
        (Fraction(1), 3, [3, 4, 5, 6, 7, 8]),
        (Fraction(2), 3, [6, 8, 10, 12, 14, 16]),
        (Fraction(1, 2), 3, [1, 2, 2, 3, 3, 4]),
        (Fraction(1, 4), 0, [0, 0, 0, 0, 1, 1]),
        (Fraction(4), 0, [0, 4, 8, 12, 16, 20]),
        (Fraction(3, 2), 0, [0, 1, 3, 4, 6, 7]),
    ],
)
def test_a_clip_runs_as_fast_as_it_is_told(
    speed: Fraction,
    begin: int,
    shown: list[int],
    counting_clip: Path,
    sharp: Format,
    ffmpeg: Path,
    tmp_path: Path,
) -> None:
    """Frame n shows second (begin + n) * speed / fps of the clip; no frame is missing at either end."""
    piece = Piece("s010", A, counting_clip, 6, begin_frames=begin, speed=speed)
    found = numbers(body(piece, sharp, tmp_path / "c", ffmpeg))
    assert len(found) == 6
    assert all(
        abs(one - other) <= (1 if speed.denominator > 1 else 0)
        for one, other in zip(found, shown, strict=True)
    )


def test_a_held_shot_stands(counting_clip: Path, sharp: Format, ffmpeg: Path, tmp_path: Path) -> None:
    """The frame before the hold is repeated, in the body and in a window after it."""
    piece = Piece("s010", A, counting_clip, 12, Transition(4), 2, hold_frames=7)
    assert numbers(body(piece, sharp, tmp_path / "c", ffmpeg)) == [2, 3, 4, 5, 6, 6, 6, 6]
    other = dataclasses.replace(piece, shot="s020", join=Transition(1))
    window = window_of(other, dataclasses.replace(piece, begin_frames=20, hold_frames=0), sharp, "e")
    assert window is not None
    assert numbers(render(window, tmp_path / "c", ffmpeg)) == [6]


def test_what_does_not_show_changes_no_key(form: Format) -> None:
    """A hold or an overlay beyond the frames of a piece leaves it as it was."""
    over = Overlay(C, Path("o.png"), 30, 4)
    plain = Piece("s010", A, Path("x"), 48, Transition(20))
    held = dataclasses.replace(plain, hold_frames=12, overlays=(over,))
    right = Piece("s020", B, Path("y"), 48)
    before, after = (pieces_of(CutList((one, right)), form, "e") for one in (plain, held))
    assert [one.key == other.key for one, other in zip(before, after, strict=True)] == [True, False, True]
    assert before[0].spans[0].identity == [A, 0, 28]


# -- cards and overlays --------------------------------------------------------------------------------


@pytest.fixture
def card(tmp_path: Path) -> Path:
    """A picture whose left half is black and whose right half is white."""
    path = tmp_path / "-card %03d, it's [a]:b;.png"
    picture = Image.new("RGB", (160, 90))
    picture.paste((255, 255, 255), (80, 0, 160, 90))
    picture.save(path)
    return path


@pytest.fixture
def label(tmp_path: Path) -> Path:
    """A transparent picture with a white box, and half of white beside it."""
    path = tmp_path / "label %d.png"
    picture = Image.new("RGBA", (160, 90), (0, 0, 0, 0))
    picture.paste((255, 255, 255, 255), (20, 60, 60, 80))
    picture.paste((255, 255, 255, 128), (100, 60, 140, 80))
    picture.save(path)
    return path


def test_a_card_is_its_picture(card: Path, light: Piece, sharp: Format, ffmpeg: Path, tmp_path: Path) -> None:
    """A still gives the frames asked for, on the levels of video, and can go over into a shot."""
    still = Piece("title", A, card, 30, Transition(6), still=True)
    found = frames(body(still, sharp, tmp_path / "c", ffmpeg))
    assert len(found) == 24
    assert all(np.allclose((one[:, :70].mean(), one[:, 90:].mean()), (16, 235), atol=1) for one in found)
    window = window_of(still, light, sharp, "e")
    assert window is not None
    assert len(frames(render(window, tmp_path / "c", ffmpeg))) == 6


def test_an_overlay_is_seen_for_its_frames(
    label: Path, grey: Piece, sharp: Format, ffmpeg: Path, tmp_path: Path
) -> None:
    """From its first frame to its last, opaque and half transparent; the picture beside it is untouched."""
    piece = dataclasses.replace(grey, overlays=(Overlay(C, label, 5, 10),))
    found = frames(body(piece, sharp, tmp_path / "c", ffmpeg))
    box = [float(one[65:75, 25:55].mean()) for one in found]
    half = [float(one[65:75, 105:135].mean()) for one in found]
    assert [level > 200 for level in box] == [5 <= n < 15 for n in range(24)]
    assert all(abs(level - (158 if 5 <= n < 15 else 80)) < 3 for n, level in enumerate(half))
    assert all(abs(float(one[:50].mean()) - 80) < 2 for one in found)


def test_an_overlay_fades(label: Path, grey: Piece, sharp: Format, ffmpeg: Path, tmp_path: Path) -> None:
    """It comes and goes evenly in its fade, and never jumps."""
    piece = dataclasses.replace(grey, overlays=(Overlay(C, label, 2, 20, 5),))
    box = [float(one[65:75, 25:55].mean()) for one in frames(body(piece, sharp, tmp_path / "c", ffmpeg))]
    assert np.allclose(box[:2], 80, atol=1)
    assert np.allclose(box[8:16], 235, atol=2)
    assert np.allclose(box[22:], 80, atol=1)
    assert np.all(np.diff(box[1:9]) > -1)
    assert np.all(np.diff(box[15:]) < 1)
    assert max(abs(np.diff(box))) < 45


@pytest.mark.parametrize("kind", get_args(Kind))
def test_what_is_written_stands_still_in_a_transition(
    kind: Kind, label: Path, grey: Piece, light: Piece, sharp: Format, ffmpeg: Path, tmp_path: Path
) -> None:
    """A caption over both shots is in one place, and as bright, in every frame of every transition."""
    left = dataclasses.replace(grey, join=Transition(8, kind), overlays=(Overlay(C, label, 4, 40),))
    right = dataclasses.replace(light, overlays=(Overlay(C, label, -12, 40),))
    window = window_of(left, right, sharp, "e")
    assert window is not None
    found = frames(render(window, tmp_path / "c", ffmpeg))
    assert all(np.allclose(one[62:78, 22:58], 235, atol=4) for one in found)
    assert all(float(one[5:25, 70:90].mean()) < 230 or kind == "dip-to-white" for one in found)


def test_an_overlay_ends_at_its_own_frame_in_a_window(
    label: Path, grey: Piece, light: Piece, sharp: Format, ffmpeg: Path, tmp_path: Path
) -> None:
    """What belongs to the left shot goes when it says so, and what belongs to the right one comes so."""
    left = dataclasses.replace(grey, join=Transition(8), overlays=(Overlay(C, label, 4, 16),))
    found = [*frames(body(left, sharp, tmp_path / "c", ffmpeg))]
    window = window_of(left, dataclasses.replace(light, overlays=(Overlay(C, label, 6, 9),)), sharp, "e")
    assert window is not None
    found += frames(render(window, tmp_path / "c", ffmpeg))
    box = [float(one[65:75, 25:55].mean()) for one in found]
    assert [level > 190 for level in box] == [4 <= n < 20 or n >= 22 for n in range(24)]
    half = [float(one[65:75, 105:135].mean()) for one in found[16:]]
    assert abs(half[3] - ((80 * 5 + 180 * 3) / 8 + 235) / 2) < 4


def test_a_transition_of_an_earlier_way_is_made_again_as_it_was(
    label: Path, grey: Piece, light: Piece, sharp: Format, ffmpeg: Path, tmp_path: Path
) -> None:
    """In a cut from the second way of conforming, what is written goes over with its picture."""
    left = dataclasses.replace(grey, join=Transition(8), overlays=(Overlay(C, label, 4, 16),))
    window = window_of(left, light, dataclasses.replace(sharp, conform=2), "e")
    assert window is not None
    box = [float(one[65:75, 25:55].mean()) for one in frames(render(window, tmp_path / "c", ffmpeg))]
    assert abs(box[3] - (235 * 5 + 180 * 3) / 8) < 4


def test_pictures_are_the_same_on_any_processor(
    label: Path, make_clip: MakeClip, ffmpeg: Path, tmp_path: Path
) -> None:
    """Overlays, dips, slides and changes of speed give the same bytes without fast instructions."""
    plain = tmp_path / "ffmpeg"
    plain.write_text(f'#!/bin/sh\nexec "{ffmpeg}" -cpuflags 0 "$@"\n')
    plain.chmod(0o755)
    clip, form = make_clip(), Format(Size(160, 90), Fraction(25), preset="fast")
    over = (Overlay(C, label, -2, 9, 3),)
    spans = tuple(Span("s010", A, clip, n, 8, Fraction(1, 2), overlays=over) for n in (0, 5))
    jobs = [PieceJob(spans[:1], form, "e")]
    jobs += [PieceJob(spans, form, "e", kind) for kind in ("dip-to-white", "slide-up")]  # type: ignore[arg-type]
    for work in jobs:
        here = render(work, tmp_path / "here", ffmpeg).read_bytes()
        assert render(work, tmp_path / "there", plain).read_bytes() == here


def test_names_of_pictures_are_only_names(
    card: Path, label: Path, form: Format, ffmpeg: Path, tmp_path: Path
) -> None:
    """A leading dash, patterns, quotes, filter syntax and new lines in the name of a card or an overlay."""
    odd = tmp_path / "-x\n%d'\"[in];overlay=1,\\ü.png"
    shutil.copy(label, odd)
    still = Piece("title", A, card, 4, still=True, overlays=(Overlay(C, odd, 0, 4),))
    assert len(frames(body(still, form, tmp_path / "c", ffmpeg))) == 4
