"""What a grey of a clip is in the cut, whichever way the clip says it."""

from __future__ import annotations

import dataclasses
import subprocess
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest

from onmodel.post.compositing import Span
from onmodel.post.conform import PieceJob, render
from onmodel.post.formats import Format

MakeClip = Callable[..., Path]

GREYS = {
    "limited": ("format=yuv420p", ()),
    "full range": ("scale=out_range=pc,format=yuvj420p", ("-strict", "unofficial", "-color_range", "pc")),
    "10 bit": ("format=yuv420p10le", ()),
    "4:4:4": ("format=yuv444p", ()),
    "4:2:2 10 bit": ("format=yuv422p10le", ()),
}


@pytest.mark.parametrize("name", GREYS)
def test_a_grey_stays_the_same_grey(
    name: str, make_clip: MakeClip, ffmpeg: Path, tmp_path: Path, form: Format
) -> None:
    """Full range, ten bits, other chroma: black, middle grey and white come out on the levels of video."""
    layout, options = GREYS[name]
    bars = "color=black:s=160x90:r=24:d=0.3,format=gray,geq=lum='if(lt(X,54),0,if(lt(X,107),128,255))'"
    clip = make_clip(picture=f"{bars},{layout}", sound=None, options=(*options, "-crf", "4"))
    form = dataclasses.replace(form, crf=4)
    found = _luma(render(PieceJob((Span("s010", "a" * 64, clip, 0, 5),), form, "e"), tmp_path / "c", ffmpeg))
    assert np.allclose(found, (16, 126, 235), atol=2)


def test_a_colour_of_a_small_clip_stays_that_colour(
    make_clip: MakeClip, ffmpeg: Path, tmp_path: Path, form: Format
) -> None:
    """A clip in the colours of standard television is turned into those of high definition."""
    red = "color=0xC04020:s=160x90:r=24:d=0.3,scale=out_color_matrix=smpte170m:out_range=tv,format=yuv420p"
    clip = make_clip(picture=red, sound=None, options=("-crf", "4", "-colorspace", "smpte170m"))
    piece = render(PieceJob((Span("s010", "a" * 64, clip, 0, 5),), form, "e"), tmp_path / "c", ffmpeg)
    shown = subprocess.run(
        [ffmpeg, "-v", "error", "-i", piece, "-frames:v", "1", "-f", "rawvideo", "-pix_fmt", "rgb24", "-"],
        check=True,
        capture_output=True,
    ).stdout
    middle = np.frombuffer(shown, np.uint8).reshape(90, 160, 3)[45, 80]
    assert np.allclose(middle.astype(int), (0xC0, 0x40, 0x20), atol=5)


def _luma(path: Path) -> tuple[float, ...]:
    """Luma in the middle of the left, the middle and the right third of the first frame."""
    with av.open(str(path)) as container:
        frame = next(container.decode(video=0)).to_ndarray(format="yuv420p")
    return tuple(float(frame[40:50, x - 4 : x + 4].mean()) for x in (27, 80, 133))


@pytest.mark.parametrize(("size", "matrix"), [("160x90", "smpte170m"), ("1280x720", "bt709")])
def test_a_clip_that_says_nothing_has_the_colours_of_its_size(
    size: str, matrix: str, make_clip: MakeClip, ffmpeg: Path, tmp_path: Path, form: Format
) -> None:
    """Untold colours are high definition's in a large picture and standard television's in a small one."""
    red = f"color=0xC04020:s={size}:r=24:d=0.1,scale=out_color_matrix={matrix}:out_range=tv,format=yuv420p"
    told, untold = (
        make_clip(f"{name}.mp4", f"{red}{forget}", None, ("-crf", "4"))
        for name, forget in (("told", ""), ("untold", ",setparams=colorspace=unknown"))
    )
    with av.open(str(untold)) as container:
        assert container.streams.video[0].codec_context.colorspace == 2
    one, other = (
        render(PieceJob((Span("s010", n * 64, clip, 0, 2),), form, "e"), tmp_path / "c", ffmpeg)
        for n, clip in (("a", told), ("b", untold))
    )
    assert np.allclose(_luma(one), _luma(other), atol=1)
