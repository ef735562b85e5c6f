from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from onmodel.post.chapters import Chapter, Labels
from onmodel.post.conform import pieces_of, render
from onmodel.post.cut import assemble
from onmodel.post.cutlist import Aim, CutList, Overlay, Piece, Transition
from onmodel.post.formats import Format
from onmodel.post.stills import frame_span, render_still, save_jpeg, sharpest
from onmodel.units import Size, sha256_of_file

MakeClip = Callable[..., Path]
THIRDS = "color=red:s=160x90:r=24:d=1,drawbox=54:0:53:90:lime:fill,drawbox=107:0:53:90:blue:fill"
"""Red, green and blue from the left."""
TALL = Format(Size(30, 90), Fraction(24), preset="ultrafast")


def piece(clip: Path, *aims: Aim, frames: int = 24, **more: object) -> Piece:
    return replace(Piece("s010", sha256_of_file(clip), clip, frames, aims=aims), **more)


def colours(path: Path) -> list[str]:
    """Which of red, green and blue is strongest in the middle of each frame."""
    with av.open(str(path)) as container:
        pictures = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    return ["rgb"[int(picture[40:50, 12:18].mean(axis=(0, 1)).argmax())] for picture in pictures]


def rendered(cutlist: CutList, form: Format, folder: Path, ffmpeg: Path) -> list[Path]:
    return [render(job, folder, ffmpeg) for job in pieces_of(cutlist, form, "e")]


def encoded(cutlist: CutList, form: Format, into: Path, ffmpeg: Path) -> Path:
    """A tone of the length of a cut, as AAC."""
    source = f"sine=f=440:r=48000:d=3,atrim=end_sample={cutlist.samples(form.fps)},aformat=cl=stereo"
    options = ["-c:a", "aac", "-movie_timescale", "48000", str(into)]
    subprocess.run([ffmpeg, "-v", "error", "-f", "lavfi", "-i", source, *options], check=True)
    return into


def test_a_frame_of_another_shape_shows_what_it_is_aimed_at(
    make_clip: MakeClip, ffmpeg: Path, tmp_path: Path
) -> None:
    """One place stands; the picture is full, without bars."""
    clip = make_clip(picture=THIRDS)
    for x, colour in ((0.1, "r"), (0.5, "g"), (0.9, "b")):
        (made,) = rendered(CutList((piece(clip, Aim(0, x, 0.5)),)), TALL, tmp_path, ffmpeg)
        assert colours(made) == [colour] * 24
        with av.open(str(made)) as container:
            first = next(container.decode(video=0)).to_ndarray(format="gray")
        assert first.shape == (90, 30)
        assert first.std() < 4


def test_a_frame_that_moves_goes_from_place_to_place_in_its_own_time(
    make_clip: MakeClip, ffmpeg: Path, tmp_path: Path
) -> None:
    """It is where it should be at each frame, in a transition's window too."""
    clip = make_clip(picture=THIRDS)
    moving = piece(clip, Aim(0, 0.16, 0.5), Aim(12, 0.5, 0.5), Aim(23, 0.84, 0.5))
    (made,) = rendered(CutList((moving,)), TALL, tmp_path, ffmpeg)
    found = colours(made)
    assert (found[0], found[12], found[23]) == ("r", "g", "b")
    assert found == sorted(found, key="rgb".index)
    left = replace(moving, join=Transition(4))
    body, window, _ = rendered(CutList((left, piece(clip, Aim(0, 0.9, 0.5)))), TALL, tmp_path, ffmpeg)
    assert colours(body) == found[:20]
    assert colours(window) == ["b"] * 4


def test_a_still_is_the_frame_of_the_cut_without_what_lies_over_it(
    counting_clip: Path, form: Format, ffmpeg: Path, tmp_path: Path
) -> None:
    """The frame is exact, trims count, and an overlay is not on it."""
    cover = tmp_path / "cover.png"
    Image.new("RGBA", (160, 90), "red").save(cover)
    over = Overlay(sha256_of_file(cover), cover, 0, 24)
    shown = piece(counting_clip, frames=10, begin_frames=4, overlays=(over,))
    png = render_still(frame_span(shown, 3), form, tmp_path / "still.png", ffmpeg)
    picture: NDArray[np.uint8] = np.asarray(Image.open(png))
    wanted = (8 * 7) * 255 / 219
    assert picture.shape == (90, 160, 3)
    assert abs(picture.mean() - wanted) < 3
    one, other = (save_jpeg(png, tmp_path / name).read_bytes() for name in ("a.jpg", "b.jpg"))
    assert one == other


def test_the_sharpest_picture_has_the_most_detail(tmp_path: Path) -> None:
    """Of a sharp and a soft picture of the same, the sharp one is chosen, wherever it stands."""
    noise = np.random.default_rng(1).integers(0, 255, (90, 160, 3), np.uint8)
    sharp, soft = tmp_path / "sharp.png", tmp_path / "soft.png"
    Image.fromarray(noise).save(sharp)
    Image.fromarray(noise).resize((40, 22)).resize((160, 90)).save(soft)
    assert sharpest([soft, sharp, soft]) == sharp


def test_a_file_says_what_it_is_and_where_its_chapters_begin(
    make_clip: MakeClip, form: Format, ffmpeg: Path, tmp_path: Path
) -> None:
    """Tags and chapters come out as they went in, whatever their letters; the same input, the same bytes."""
    clip = make_clip(sound=None)
    cutlist = CutList((piece(clip),))
    sound = encoded(cutlist, form, tmp_path / "sound.m4a", ffmpeg)
    title = "A; b=c # \\ 'd' %{x} : é\u65e5"
    labels = Labels(
        "T: [x]", "Se=ries", "s01e01", ("fal-ai/a",), False, (Chapter(0, title), Chapter(10, "-b"))
    )
    pieces = rendered(cutlist, form, tmp_path, ffmpeg)
    made = []
    for name in ("one.mp4", "two.mp4"):
        assemble(cutlist, pieces, sound, tmp_path / name, fps=form.fps, labels=labels, ffmpeg=ffmpeg)
        made.append((tmp_path / name).read_bytes())
    assert made[0] == made[1]
    with av.open(str(tmp_path / "one.mp4")) as container:
        tags = container.metadata
        found = [(one["start"] * one["time_base"], one["metadata"]["title"]) for one in container.chapters()]
    assert (tags["title"], tags["show"], tags["episode_id"]) == ("T: [x]", "Se=ries", "s01e01")
    assert tags["comment"] == "AI-generated video. Made with fal-ai/a."
    assert found == [(0, title), (Fraction(10, 24), "-b")]


def test_a_deliverable_has_the_very_sound_of_its_cut(
    make_clip: MakeClip, form: Format, ffmpeg: Path, tmp_path: Path
) -> None:
    """The sound is copied, not encoded again: it decodes to the same samples."""
    clip = make_clip(sound=None)
    cutlist, square = CutList((piece(clip, frames=23),)), replace(form, size=Size(90, 90))
    sound = encoded(cutlist, form, tmp_path / "sound.m4a", ffmpeg)
    cut, made = tmp_path / "cut.mp4", tmp_path / "made.mp4"
    pieces = rendered(cutlist, form, tmp_path, ffmpeg)
    facts = assemble(cutlist, pieces, sound, cut, fps=form.fps, labels=Labels("t"), ffmpeg=ffmpeg)
    aimed = CutList((replace(cutlist.pieces[0], aims=(Aim(0, 0.5, 0.5),)),))
    pieces = rendered(aimed, square, tmp_path, ffmpeg)
    assert assemble(aimed, pieces, cut, made, fps=form.fps, labels=Labels("t"), ffmpeg=ffmpeg) == facts
    heard = [
        subprocess.run(
            [ffmpeg, "-v", "error", "-i", file, "-f", "s16le", "-"], capture_output=True, check=True
        )
        for file in (cut, made)
    ]
    assert heard[0].stdout == heard[1].stdout != b""
