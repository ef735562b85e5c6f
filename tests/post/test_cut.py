from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from onmodel.errors import NotMedia, PostError
from onmodel.post.chapters import Labels
from onmodel.post.conform import pieces_of, render
from onmodel.post.cut import CutFacts, assemble, measure_cut
from onmodel.post.cutlist import Cut, CutList, Piece, Transition
from onmodel.post.encoded import encode_sound
from onmodel.post.formats import Conform, Format
from onmodel.post.mastering import render_soundtrack
from onmodel.post.score import score_of_clips
from onmodel.post.sections import render_sections
from onmodel.post.sound import render_pcm
from onmodel.units import Size, samples_at

MakeClip = Callable[..., Path]


def cut(
    clips: list[tuple[Path, int, int]], fps: Fraction, folder: Path, ffmpeg: Path, into: Path
) -> CutFacts:
    """The whole way from clips (path, frames, crossfade) to the finished file."""
    form = Format(Size(160, 90), fps, preset="ultrafast")
    cutlist = CutList(
        tuple(
            Piece(f"s{n}", clip.name, clip, frames, Transition(join) if join else Cut())
            for n, (clip, frames, join) in enumerate(clips)
        )
    )
    pieces = [render(job, folder, ffmpeg) for job in pieces_of(cutlist, form, "e")]
    names = {clip: clip.name.strip("-\n") for clip, _, _ in clips}
    pcm = {(c.name, Fraction(1)): render_pcm(c, name, folder, ffmpeg) for c, name in names.items()}
    soundtrack = folder / "sound.wav"
    render_soundtrack(score_of_clips(cutlist, fps), pcm, soundtrack, ffmpeg)
    sound = folder / "sound.m4a"
    encode_sound(soundtrack, sound, ffmpeg, samples=cutlist.samples(fps), coder="fast")
    return assemble(cutlist, pieces, sound, into, fps=fps, labels=Labels("Full circle: it's"), ffmpeg=ffmpeg)


@pytest.mark.parametrize("fps", [Fraction(24), Fraction(30000, 1001), Fraction(24000, 1001)])
def test_cuts_and_crossfades_are_exact(
    fps: Fraction, make_clip: MakeClip, counting_clip: Path, ffmpeg: Path, tmp_path: Path
) -> None:
    """The file has the frames and samples of its cut list, at one even step, with sound and without."""
    other = make_clip("o.mp4", "testsrc2=s=160x90:r=30:d=1.2", "sine=f=300:r=44100:d=1.2")
    into = tmp_path / "cut.mp4"
    facts = cut(
        [(other, 23, 5), (counting_clip, 20, 7), (other, 24, 0), (other, 11, 0)], fps, tmp_path, ffmpeg, into
    )
    assert facts == CutFacts(66, samples_at(66, fps), fps) == measure_cut(into)
    with av.open(str(into)) as container:
        assert [(f.pts or 0) * (f.time_base or 0) for f in container.decode(video=0)] == [
            n / fps for n in range(66)
        ]
        stream = container.streams.video[0]
        assert (stream.duration or 0) * (stream.time_base or 0) == 66 / fps


def test_the_picture_follows_the_sound(make_clip: MakeClip, ffmpeg: Path, tmp_path: Path) -> None:
    """A flash and a click at the same instant of a late shot are still at the same instant in the cut."""
    flash = make_clip(
        "flash.mp4",
        "color=black:s=160x90:r=24:d=1,geq=lum='if(eq(N,12),235,16)':cb=128:cr=128",
        "aevalsrc='between(t,0.5,0.52)':s=48000:d=1",
    )
    into = tmp_path / "cut.mp4"
    cut([(flash, 24, 0)] * 5, Fraction(24), tmp_path, ffmpeg, into)
    with av.open(str(into)) as container:
        bright = [
            n for n, f in enumerate(container.decode(video=0)) if f.to_ndarray(format="gray").mean() > 100
        ]
    with av.open(str(into)) as container:
        loud = np.concatenate([f.to_ndarray()[0] for f in container.decode(audio=0)])
    assert bright == [12, 36, 60, 84, 108]
    for frame in bright:
        near = loud[frame * 2000 - 1000 : frame * 2000 + 3000]
        assert abs(int(np.argmax(np.abs(near) > 0.3)) - 1000) < 60


def test_the_same_cut_is_the_same_bytes(make_clip: MakeClip, ffmpeg: Path, tmp_path: Path) -> None:
    """Made twice from nothing, then on a processor without fast instructions, it is byte-identical."""
    plain = tmp_path / "ffmpeg"
    plain.write_text(f'#!/bin/sh\nexec "{ffmpeg}" -cpuflags 0 "$@"\n')
    plain.chmod(0o755)
    noise = "anoisesrc=d=1:seed=3:r=44100,aformat=channel_layouts=stereo"
    clips = [(make_clip(sound=noise), 20, 4), (make_clip("b.mp4", "testsrc=s=160x90:r=24:d=1"), 20, 0)]
    for name, program in (("one", ffmpeg), ("two", plain)):
        cut(clips, Fraction(24), tmp_path / name, program, tmp_path / name / "cut.mp4")
    assert (tmp_path / "one/cut.mp4").read_bytes() == (tmp_path / "two/cut.mp4").read_bytes()


def test_the_file_says_its_title_and_how_it_was_made(
    make_clip: MakeClip, ffmpeg: Path, tmp_path: Path
) -> None:
    """Title and disclosure are in the file, it plays while it loads, and its clock ticks in samples."""
    into = tmp_path / "cut.mp4"
    cut([(make_clip(), 10, 0)], Fraction(24), tmp_path, ffmpeg, into)
    with av.open(str(into)) as container:
        assert container.metadata["title"] == "Full circle: it's"
        assert container.metadata["comment"] == "AI-generated video."
    content = into.read_bytes()
    header = content.index(b"mvhd")
    assert header < content.index(b"mdat")
    assert int.from_bytes(content[header + 16 : header + 20], "big") == 48_000


@pytest.mark.parametrize("name", ["-dash", 'a:b "c" it\'s\nnew,;[d]=e\\ 50%d ü 猫'])
def test_any_folder_works(name: str, make_clip: MakeClip, ffmpeg: Path, tmp_path: Path) -> None:
    """Pieces and cut may lie in folders of any name; nothing is left beside the cut."""
    folder = tmp_path / name
    into = tmp_path / "out" / f"{name}.mp4"
    facts = cut([(make_clip(), 10, 3), (make_clip("-b\n.mp4"), 10, 0)], Fraction(24), folder, ffmpeg, into)
    assert facts.frames == 17
    assert [path.name for path in into.parent.iterdir()] == [into.name]


@pytest.mark.parametrize("conform", [2, 3])
def test_the_file_says_its_colours(
    conform: Conform, make_clip: MakeClip, ffmpeg: Path, tmp_path: Path
) -> None:
    """A player that reads no more than the file's head knows its colours, in whichever way it was joined."""
    clip, into = make_clip(), tmp_path / "cut.mp4"
    form = Format(Size(160, 90), Fraction(24), preset="ultrafast", conform=conform)
    cutlist = CutList((Piece("s1", "a", clip, 20, Transition(4)), Piece("s2", "b", clip, 12)))
    pieces = [render(job, tmp_path / "cache", ffmpeg) for job in pieces_of(cutlist, form, "e")]
    facts = assemble(
        cutlist,
        pieces,
        clip_sound(cutlist, ffmpeg, tmp_path),
        into,
        fps=form.fps,
        labels=Labels("t"),
        ffmpeg=ffmpeg,
        conform=conform,
    )
    assert facts.frames == 28
    head = into.read_bytes()
    assert head[head.index(b"colrnclx") + 8 :][:7] == bytes([0, 1, 0, 1, 0, 1, 0])


def clip_sound(cutlist: CutList, ffmpeg: Path, folder: Path) -> Path:
    score = score_of_clips(cutlist, Fraction(24))
    pcm = {(one.sha256, one.speed): render_pcm(one.path, one.sha256, folder, ffmpeg) for one in score.heard}
    render_sections(score, pcm, folder / "sound.m4a", folder, ffmpeg)
    return folder / "sound.m4a"


def test_a_join_that_is_not_exact_is_not_delivered(make_clip: MakeClip, ffmpeg: Path, tmp_path: Path) -> None:
    """A piece that is missing is found by counting, a broken one is told of; there is no file."""
    form = Format(Size(160, 90), Fraction(24), preset="ultrafast")
    clip = make_clip()
    cutlist = CutList((Piece("s1", "a", clip, 20), Piece("s2", "a", clip, 12)))
    pieces = [render(job, tmp_path / "cache", ffmpeg) for job in pieces_of(cutlist, form, "e")]
    pcm = {("a", Fraction(1)): render_pcm(clip, "a", tmp_path / "cache", ffmpeg)}
    soundtrack = tmp_path / "cache/sound.wav"
    render_soundtrack(score_of_clips(cutlist, form.fps), pcm, soundtrack, ffmpeg)
    sound = tmp_path / "cache/sound.m4a"
    encode_sound(soundtrack, sound, ffmpeg, samples=cutlist.samples(form.fps), coder="fast")
    into = tmp_path / "out" / "cut.mp4"
    with pytest.raises(PostError, match=r"20 frames and 64000 samples[\s\S]*says 32 and 64000"):
        assemble(cutlist, pieces[:1], sound, into, fps=form.fps, labels=Labels("t"), ffmpeg=ffmpeg)
    assert not list(into.parent.iterdir())
    pieces[1].write_bytes(pieces[1].read_bytes()[:2000])
    with pytest.raises(PostError, match="join") as told:
        assemble(cutlist, pieces, sound, into, fps=form.fps, labels=Labels("t"), ffmpeg=ffmpeg)
    assert "Delete the cache" in (told.value.hint or "")
    assert not list(into.parent.iterdir())


def test_what_is_no_cut_is_not_counted(counting_clip: Path, tmp_path: Path) -> None:
    """A file without sound, or no media at all, is refused."""
    with pytest.raises(NotMedia, match="picture and sound"):
        measure_cut(counting_clip)
    (tmp_path / "a.mp4").write_bytes(b"<html>" * 50)
    with pytest.raises(NotMedia, match="cannot be read"):
        measure_cut(tmp_path / "a.mp4")
