from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest

from onmodel.errors import PostError, SetupError
from onmodel.post.captions import Caption
from onmodel.post.cutlist import Cut, CutList, Piece, Transition
from onmodel.post.handoff import Handoff, Medium, Remark, Version
from onmodel.post.lanes import pictures_of, sounds_of
from onmodel.post.score import score_of_clips
from onmodel.post.timeline import adapter_of, timeline_of, write_timeline

RATES = [Fraction(24), Fraction(25), Fraction(30000, 1001), Fraction(24000, 1001), Fraction(60)]
NAME = 'Pip\'s "long" night — Ωμέγα'


def cutlist() -> CutList:
    nowhere = Path("x")
    return CutList(
        (
            Piece("card", "png", nowhere, 31, Transition(7, "dip-to-black"), still=True),
            Piece("s010", "one", nowhere, 101, Transition(12), begin_frames=5, speed=Fraction(1, 2)),
            Piece("s020", "two", nowhere, 77, Transition(9, "slide-up"), hold_frames=20),
            Piece("s030", "three", nowhere, 50, Cut(audio_lag_frames=6)),
            Piece("s040", "four", nowhere, 60),
        )
    )


def handoff(fps: Fraction = Fraction(24)) -> Handoff:
    cut = cutlist()
    score, lengths = score_of_clips(cut, fps), {one.sha256: Fraction(30) for one in cut.pieces}
    media = {one.sha256: Medium(f"x.media/{one.shot}.mp4", f"{one.shot}.mp4", 300, fps) for one in cut.pieces}
    return Handoff(
        NAME,
        fps,
        (pictures_of(cut), *sounds_of(cut, score, fps, lengths)),
        media,
        versions={"s010": (Version("take 1", Medium("x.media/other.mp4", "other.mp4", 240, fps)),)},
        remarks={
            "s010": (
                Remark(
                    "s010 take 2: on-model, $0.35", 'a "robot"; blinks', "GREEN", told={"price_usd": "0.35"}
                ),
                Remark("note by ada", "too slow", "CYAN"),
                Remark("note by ada", "one antenna", "CYAN", Fraction(1)),
                Remark("note by ada", "never seen", "CYAN", Fraction(9)),
            )
        },
        captions=(Caption(("Good", "day"), 40, 70),),
        told={"fps": str(fps)},
    )


def opened(tmp_path: Path, given: Handoff) -> Any:
    file = tmp_path / "it's a\nfile.otio"
    assert write_timeline(timeline_of(given), "otio_json", file)
    return otio.adapters.read_from_file(str(file), adapter_name="otio_json")


def clip(timeline: Any, name: str) -> Any:
    return next(one for one in timeline.find_clips() if one.name == name)


@pytest.mark.parametrize("fps", RATES, ids=str)
def test_opened_again_every_time_is_the_frame_of_the_cut_list(tmp_path: Path, fps: Fraction) -> None:
    """Lengths, places and transitions are whole frames at the exact rate, as the cut list has them."""
    cut, timeline = cutlist(), opened(tmp_path, handoff(fps))
    track = timeline.video_tracks()[0]
    assert (timeline.duration().value, timeline.duration().rate) == (cut.frames, float(fps))
    assert (timeline.global_start_time.value, timeline.name) == (0, NAME)
    spans = []
    for index, one in enumerate(track):
        if isinstance(one, otio.schema.Transition):
            edge = track.trimmed_range_of_child(track[index + 1]).start_time.value
            spans.append((edge - one.in_offset.value, edge + one.out_offset.value))
    overlaps = [
        (start, start + piece.join.overlap_frames)
        for piece, start in zip(cut.pieces, cut.starts[1:], strict=False)
        if piece.join.overlap_frames
    ]
    assert spans == overlaps
    times = [one.trimmed_range_in_parent().start_time.value for one in timeline.find_clips()]
    assert times == [int(one) for one in times]


def test_transitions_are_named_and_what_no_program_knows_is_custom(tmp_path: Path) -> None:
    """A crossfade is a dissolve; the others say in words and in the metadata what they are."""
    track = opened(tmp_path, handoff()).video_tracks()[0]
    found = [one for one in track if isinstance(one, otio.schema.Transition)]
    kinds = [(one.name, one.transition_type, one.metadata["onmodel"]["transition"]) for one in found]
    assert kinds == [
        ("dip to black", "Custom_Transition", "dip-to-black"),
        ("crossfade", "SMPTE_Dissolve", "crossfade"),
        ("slide", "Custom_Transition", "slide-up"),
    ]


def test_speed_and_hold_are_effects(tmp_path: Path) -> None:
    """Slow motion is a time warp, a held end a freeze frame of the last one that moves."""
    timeline = opened(tmp_path, handoff())
    assert [one.time_scalar for one in clip(timeline, "s010.mp4").effects] == [0.5]
    held = [one for one in timeline.find_clips() if one.name == "s020.mp4"][1]
    assert isinstance(held.effects[0], otio.schema.FreezeFrame)
    assert held.source_range.start_time.value == 77 - 20 - 1


def test_the_take_in_the_cut_is_active_and_the_others_are_beside_it(tmp_path: Path) -> None:
    """Media are named relative to the file, as long as they are."""
    found = clip(opened(tmp_path, handoff()), "s010.mp4")
    assert found.active_media_reference_key == "DEFAULT_MEDIA"
    assert found.media_reference.target_url == "x.media/s010.mp4"
    other = found.media_references()["take 1"]
    assert (other.target_url, other.available_range.duration.value) == ("x.media/other.mp4", 240)


def test_markers_say_what_is_known_each_on_a_frame_of_its_own(tmp_path: Path) -> None:
    """Take and notes are on the picture at their moment; what is not seen in the cut is left out."""
    timeline = opened(tmp_path, handoff())
    found = clip(timeline, "s010.mp4")
    begin = found.source_range.start_time.value
    told = [(one.name, one.comment, one.marked_range.start_time.value - begin) for one in found.markers]
    assert told == [
        ("s010 take 2: on-model, $0.35", 'a "robot"; blinks', 0),
        ("note by ada", "too slow", 1),
        ("note by ada", "one antenna", 40),
    ]
    assert found.markers[0].metadata["onmodel"]["price_usd"] == "0.35"
    caption = timeline.tracks.markers[0]
    assert (caption.comment, caption.marked_range.start_time.value) == ("Good day", 40)
    assert caption.marked_range.duration.value == 30


def test_an_l_cut_is_an_offset_of_the_sound(tmp_path: Path) -> None:
    """The left shot is heard on, on another track than the right one."""
    timeline = opened(tmp_path, handoff())
    seen = clip(timeline, "s040.mp4").trimmed_range_in_parent().start_time.value
    heard = {one.name: one.trimmed_range_in_parent() for track in timeline.audio_tracks() for one in track
             if isinstance(one, otio.schema.Clip)}  # fmt: skip
    assert heard["s030.mp4"].end_time_exclusive().value == seen + 6
    assert heard["s040.mp4"].start_time.value == seen


def test_the_same_cut_gives_the_same_bytes(tmp_path: Path) -> None:
    """Whoever exports twice has the same file."""
    for name in ("a.otio", "b.otio"):
        write_timeline(timeline_of(handoff()), "otio_json", tmp_path / name)
    assert (tmp_path / "a.otio").read_bytes() == (tmp_path / "b.otio").read_bytes()
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a.otio", "b.otio"]


def test_rates_without_a_timecode_are_told_in_those_of_the_cut() -> None:
    """A file of sound has 48,000 a second, which other formats refuse."""
    odd = replace(handoff(), media={**handoff().media, "one": Medium("x", "x", 96_000, Fraction(48_000))})
    found = clip(timeline_of(odd), "x").media_reference.available_range.duration
    assert (found.value, found.rate) == (48, 24)


def test_a_format_that_nobody_installed_is_refused_with_those_that_are() -> None:
    """The message lists them, and says where others come from."""
    assert adapter_of("otio") == ("otio_json", ".otio")
    with pytest.raises(SetupError, match=r"found --to aaf; .*: otio, otiod, otioz\.") as caught:
        adapter_of("aaf")
    assert "otio-aaf-adapter" in caught.value.hint


class OneTrack:
    """Refuses what EDL refuses."""

    def __init__(self) -> None:
        self.tracks: list[int] = []

    def __call__(self, timeline: Any, path: str, adapter_name: str) -> None:
        """Write nothing but a word."""
        self.tracks.append(len(timeline.tracks))
        if len(timeline.tracks) > 1:
            raise otio.exceptions.NotSupportedError("one track only")
        Path(path).write_text("edl", encoding="utf-8")


def test_a_format_with_one_track_gets_the_shots_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The caller is told; one that cannot write even that is an error that says so."""
    fake = OneTrack()
    monkeypatch.setattr(otio.adapters, "write_to_file", fake)
    assert not write_timeline(timeline_of(handoff()), "cmx_3600", tmp_path / "x.edl")
    assert fake.tracks[-1] == 1
    alone = timeline_of(replace(handoff(), lanes=[handoff().lanes[0]]))
    monkeypatch.setattr(
        otio.adapters, "write_to_file", lambda *_, **__: (_ for _ in ()).throw(ValueError("no such rate"))
    )
    with pytest.raises(PostError, match="no such rate"):
        write_timeline(alone, "cmx_3600", tmp_path / "y.edl")
    assert [one.name for one in tmp_path.iterdir()] == ["x.edl"]
