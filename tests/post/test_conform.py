from __future__ import annotations

import dataclasses
import shutil
import subprocess
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from onmodel.errors import PostError
from onmodel.post.compositing import Span
from onmodel.post.conform import PieceJob, body_of, pieces_of, render, window_of
from onmodel.post.cutlist import Cut, CutList, Join, Piece, Transition
from onmodel.post.formats import Conform, Format
from onmodel.units import Size

MakeClip = Callable[..., Path]

ODD_INPUTS = {
    "plain": ("testsrc2=s=160x90:r=24:d=1", ()),
    "ntsc": ("testsrc2=s=160x90:r=30000/1001:d=1.1", ()),
    "vfr": ("testsrc2=s=160x90:r=60:d=1.1,select='lt(n,20)+not(mod(n,7))'", ("-fps_mode", "vfr")),
    "slow": ("testsrc2=s=160x90:r=10:d=1.2", ()),
    "sar 4:3": ("testsrc2=s=120x90:r=24:d=1,setsar=4/3", ()),
    "10 bit": ("testsrc2=s=160x90:r=24:d=1,format=yuv420p10le", ()),
    "4:4:4": ("testsrc2=s=160x90:r=24:d=1,format=yuv444p", ()),
    "full range": ("testsrc2=s=160x90:r=24:d=1,format=yuvj420p", ("-strict", "unofficial")),
    "odd size": ("testsrc2=s=161x91:r=24:d=1,format=yuv444p", ()),
    "portrait": ("testsrc2=s=90x160:r=24:d=1", ()),
    "b-frames": ("testsrc2=s=160x90:r=24:d=1", ("-preset", "fast", "-bf", "3")),
    "mono": ("testsrc2=s=160x90:r=24:d=1", ("-ac", "1")),
    "5.1": ("testsrc2=s=160x90:r=24:d=1", ("-ac", "6")),
    "late": ("testsrc2=s=160x90:r=24:d=1", ("-output_ts_offset", "1.5")),
    "bt.601": ("testsrc2=s=160x90:r=24:d=1", ("-colorspace", "smpte170m")),
    "silent": ("testsrc2=s=160x90:r=24:d=1", ("-an",)),
}


def levels(path: Path) -> list[float]:
    """Mean luma of each decoded frame."""
    with av.open(str(path)) as container:
        return [float(frame.to_ndarray(format="gray").mean()) for frame in container.decode(video=0)]


def pts(path: Path) -> list[Fraction]:
    with av.open(str(path)) as container:
        return [Fraction(frame.pts or 0) * (frame.time_base or 0) for frame in container.decode(video=0)]


def job(clip: Path, frames: int, form: Format, first_frame: int = 0) -> PieceJob:
    return PieceJob((Span("s010", "a" * 64, clip, first_frame, frames),), form, "encoder")


@pytest.mark.parametrize("name", ODD_INPUTS)
def test_odd_inputs_come_out_exact(name: str, make_clip: MakeClip, ffmpeg: Path, tmp_path: Path) -> None:
    """Whatever a clip's rate, shape, depth or sound, its piece has the frames asked for, evenly spaced."""
    picture, options = ODD_INPUTS[name]
    clip = make_clip(picture=picture, options=options)
    for fps in (Fraction(24), Fraction(30000, 1001)):
        form = Format(Size(160, 90), fps, preset="ultrafast")
        times = pts(render(job(clip, 20, form, first_frame=3), tmp_path / "cache", ffmpeg))
        assert times == [n / fps for n in range(20)]


def test_a_turned_clip_stands_up_between_bars(
    make_clip: MakeClip, ffmpeg: Path, tmp_path: Path, form: Format
) -> None:
    """A phone's clip is turned as its mark says, and fills the height only."""
    clip, turned = make_clip(picture="color=white:s=160x90:r=24:d=0.5"), tmp_path / "turned.mp4"
    subprocess.run(
        [ffmpeg, "-v", "error", "-display_rotation", "90", "-i", clip, "-c", "copy", turned], check=True
    )
    with av.open(str(render(job(turned, 5, form), tmp_path / "cache", ffmpeg))) as container:
        grey = next(container.decode(video=0)).to_ndarray(format="gray")
    assert (grey.shape, grey[45, 80] > 200, grey[45, 10] < 30) == ((90, 160), True, True)


def test_what_an_edit_list_hides_is_not_seen(
    counting_clip: Path, ffmpeg: Path, tmp_path: Path, form: Format
) -> None:
    """A clip that was cut by copying carries frames before its beginning, and says so."""
    edited = tmp_path / "edited.mp4"
    argv = [ffmpeg, "-v", "error", "-ss", "0.5", "-i", counting_clip, "-c", "copy", edited]
    subprocess.run(argv, check=True)
    found = levels(render(job(edited, 6, form, first_frame=2), tmp_path / "c", ffmpeg))
    assert np.allclose(found, [8 * n * 255 / 219 for n in range(14, 20)], atol=3)


def test_the_range_is_the_clips_own_frames(
    counting_clip: Path, ffmpeg: Path, tmp_path: Path, form: Format
) -> None:
    """A piece [A, B) has frame A first and B-1 last."""
    found = levels(render(job(counting_clip, 6, form, first_frame=9), tmp_path, ffmpeg))
    assert np.allclose(np.diff(found), 8 * 255 / 219, atol=2.5)
    assert abs(found[0] - 72 * 255 / 219) < 3


def test_a_window_fades_from_one_clip_to_the_other(
    make_clip: MakeClip, ffmpeg: Path, tmp_path: Path, form: Format
) -> None:
    """A crossfade begins at the left clip, ends next to the right one, and rises evenly between."""
    black = make_clip("black.mp4", "color=black:s=160x90:r=24:d=1")
    white = make_clip("white.mp4", "color=white:s=160x90:r=24:d=1")
    left = Piece("s010", "b" * 64, black, 24, join=Transition(8))
    right = Piece("s020", "c" * 64, white, 24)
    window = window_of(left, right, form, "encoder")
    assert window is not None
    found = levels(render(window, tmp_path, ffmpeg))
    assert len(found) == 8
    assert found[0] < 3
    assert np.allclose(np.diff(found), 255 / 8, atol=4)


def test_a_clip_up_to_a_second_short_is_held(
    counting_clip: Path, ffmpeg: Path, tmp_path: Path, form: Format
) -> None:
    """The last frame stands in for frames that the clip does not have."""
    found = levels(render(job(counting_clip, 26, form), tmp_path, ffmpeg))
    assert len(found) == 26
    assert max(found[23:]) - min(found[23:]) < 1.5


def test_a_clip_too_short_names_the_shot(
    counting_clip: Path, ffmpeg: Path, tmp_path: Path, form: Format
) -> None:
    """A clip that cannot fill its slot is an error with both counts, and no piece is left behind."""
    with pytest.raises(PostError, match="s010: the clip gave 48 of the 60 frames"):
        render(job(counting_clip, 60, form), tmp_path / "cache", ffmpeg)
    assert not list((tmp_path / "cache").iterdir())


def test_a_broken_clip_names_the_shot(
    make_clip: MakeClip, ffmpeg: Path, tmp_path: Path, form: Format
) -> None:
    """A clip whose picture is damaged is an error, never a piece with a grey patch."""
    clip = make_clip(options=("-movflags", "+faststart"))
    clip.write_bytes(clip.read_bytes()[:-12_000])
    with pytest.raises(PostError, match=r"s010: conform of clip\.mp4: ffmpeg failed"):
        render(job(clip, 24, form), tmp_path / "cache", ffmpeg)


def test_a_piece_is_encoded_once_and_is_the_same_anywhere(
    make_clip: MakeClip, ffmpeg: Path, tmp_path: Path, form: Format
) -> None:
    """A second rendering is the file that is there; a rendering elsewhere has the same bytes."""
    work = job(make_clip(), 20, form)
    one = render(work, tmp_path / "one", ffmpeg)
    before = one.stat().st_mtime_ns
    assert render(work, tmp_path / "one", ffmpeg).stat().st_mtime_ns == before
    assert render(work, tmp_path / "two", ffmpeg).read_bytes() == one.read_bytes()


def test_all_pieces_share_one_decoder_setup(
    make_clip: MakeClip, ffmpeg: Path, tmp_path: Path, form: Format
) -> None:
    """Long, short, moving and still pieces carry the same parameter sets: a copied join needs it."""
    moving, still = make_clip("m.mp4"), make_clip("s.mp4", "color=gray:s=96x96:r=30:d=1")
    setups = set()
    for clip, frames in ((moving, 24), (moving, 1), (still, 24), (still, 2)):
        with av.open(str(render(job(clip, frames, form), tmp_path / clip.stem, ffmpeg))) as container:
            setups.add(container.streams.video[0].codec_context.extradata)
    assert len(setups) == 1


def test_a_piece_is_the_same_on_any_processor(make_clip: MakeClip, ffmpeg: Path, tmp_path: Path) -> None:
    """A processor without fast instructions gives the same bytes, so that archives of two machines agree."""
    plain = tmp_path / "ffmpeg"
    plain.write_text(f'#!/bin/sh\nexec "{ffmpeg}" -cpuflags 0 "$@"\n')
    plain.chmod(0o755)
    work = job(make_clip(), 12, Format(Size(128, 72), Fraction(25), preset="fast"))
    here = render(work, tmp_path / "here", ffmpeg)
    assert render(work, tmp_path / "there", plain).read_bytes() == here.read_bytes()


@pytest.mark.parametrize(("conform", "told"), [(2, (3, 24)), (3, (2, 4))])
def test_older_pieces_are_encoded_as_they_were(
    conform: Conform, told: tuple[int, int], make_clip: MakeClip, form: Format, ffmpeg: Path, tmp_path: Path
) -> None:
    """A cut from before the third way has the settings that it was encoded with."""
    older = dataclasses.replace(form, preset="fast", conform=conform)
    made = render(job(make_clip(), 8, older), tmp_path, ffmpeg).read_bytes()
    refs, ahead = told
    assert f" ref={refs} ".encode() in made
    assert f" rc_lookahead={ahead} ".encode() in made


def test_the_key_is_the_content_and_nothing_else(form: Format) -> None:
    """Another range, clip, format or encoder is another piece; another path or shot id is the same one."""
    span = Span("s010", "a" * 64, Path("a.mp4"), 0, 24)
    base = PieceJob((span,), form, "encoder 1")
    replace = dataclasses.replace
    others = [
        replace(base, spans=(replace(span, sha256="b" * 64),)),
        replace(base, spans=(replace(span, first_frame=1),)),
        replace(base, spans=(replace(span, frames=23),)),
        replace(base, spans=(span, span)),
        replace(base, format=replace(form, crf=21)),
        replace(base, format=replace(form, preset="medium")),
        replace(base, format=replace(form, fps=Fraction(25))),
        replace(base, format=replace(form, size=Size(90, 160))),
        replace(base, encoder="encoder 2"),
    ]
    assert len({base.key, *(other.key for other in others)}) == len(others) + 1
    assert replace(base, spans=(replace(span, path=Path("b.mp4"), shot="s999"),)).key == base.key


def test_one_changed_shot_changes_only_its_pieces(form: Format) -> None:
    """After a retake of one shot, its body and its windows are new; every other piece is found again."""
    joins: list[Join] = [Transition(6), Transition(6), Cut(), Cut()]
    shots = [Piece(f"s{n}", str(n) * 64, Path("x"), 48, join=join) for n, join in enumerate(joins)]
    before = {work.key for work in pieces_of(CutList(tuple(shots)), form, "e")}
    shots[1] = dataclasses.replace(shots[1], sha256="f" * 64)
    after = {work.key for work in pieces_of(CutList(tuple(shots)), form, "e")}
    assert (len(before), len(after - before)) == (6, 3)


def test_a_body_is_known_before_the_other_clips_are(form: Format) -> None:
    """What a shot can render alone is the very piece that the cut asks for later."""
    left = Piece("s010", "a" * 64, Path("x"), 48, join=Transition(6))
    right = Piece("s020", "b" * 64, Path("y"), 48)
    jobs = pieces_of(CutList((left, right)), form, "e")
    assert body_of(left, 0, form, "e") == jobs[0]
    assert body_of(right, 6, form, "e") == jobs[2]


@pytest.mark.parametrize("name", ["-i.mp4", 'a:b "c" it\'s\nnew,;[d]=e\\ 50%d ü 猫.mp4'])
def test_any_name_of_a_file_works(
    name: str, counting_clip: Path, ffmpeg: Path, tmp_path: Path, form: Format
) -> None:
    """Names are never read as options, patterns, protocols or filter syntax."""
    clip = tmp_path / "in" / name
    clip.parent.mkdir()
    shutil.copy(counting_clip, clip)
    assert len(levels(render(job(clip, 5, form), tmp_path / name, ffmpeg))) == 5
