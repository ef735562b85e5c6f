"""The cut as an OpenTimelineIO timeline. The one module that knows OpenTimelineIO.

Times are whole frames of the cut's rate, from 0; the rate is a float there, the nearest to 24000/1001.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from math import floor
from pathlib import Path
from typing import Any, Final

import opentimelineio as otio

from onmodel.errors import PostError, SetupError
from onmodel.post.cutlist import Transition, called
from onmodel.post.handoff import Handoff, Medium, Remark
from onmodel.post.lanes import Lane, Over, Strip
from onmodel.story.validation import did_you_mean

NATIVE: Final = "otio_json"
"""The adapter of OpenTimelineIO's own files, in which media may be named relative to the file."""
KEY: Final = "onmodel"
"""Under which our own facts stand in the metadata."""
_KINDS: Final = {"picture": otio.schema.TrackKind.Video, "sound": otio.schema.TrackKind.Audio}


def timeline_of(handoff: Handoff) -> Any:
    """The timeline."""
    builder = _Builder(handoff)
    timeline = otio.schema.Timeline(
        handoff.title, global_start_time=builder.time(0), metadata={KEY: dict(handoff.told)}
    )
    timeline.tracks.extend([builder.track(lane) for lane in handoff.lanes])
    timeline.tracks.markers.extend(builder.captions())
    return timeline


class _Builder:
    """Turns frames into what OpenTimelineIO has for them."""

    def __init__(self, handoff: Handoff) -> None:
        self._all = handoff
        self._rate = float(handoff.fps)

    def time(self, frames: int) -> Any:
        return otio.opentime.RationalTime(frames, self._rate)

    def range(self, begin: int, frames: int) -> Any:
        return otio.opentime.TimeRange(self.time(begin), self.time(frames))

    def track(self, lane: Lane) -> Any:
        track = otio.schema.Track(lane.name, kind=_KINDS[lane.kind])
        at, going = 0, None
        marked: set[str] = set()
        for strip in lane.strips:
            if strip.begin > at:
                track.extend(self._over(going, lane))
                going = None
                track.append(otio.schema.Gap(source_range=self.range(0, strip.begin - at)))
            track.extend(self._over(going or strip.coming, lane))
            track.append(self._clip(strip, lane, with_remarks=strip.name not in marked))
            marked.add(strip.name)
            at, going = strip.end, strip.leaving
        if going is not None:  # goes over into nothing: a sound before a silent shot
            track.extend(self._over(going, lane))
            track.append(otio.schema.Gap(source_range=self.range(0, going.after)))
        return track

    def _over(self, over: Over | None, lane: Lane) -> list[Any]:
        return [] if over is None else [self._transition(over, lane)]

    def _transition(self, over: Over, lane: Lane) -> Any:
        # Under a wipe or a slide, sound goes over as in a crossfade.
        dissolves = over.kind == "crossfade" or (lane.kind == "sound" and not over.kind.startswith("dip"))
        kinds = otio.schema.TransitionTypes
        return otio.schema.Transition(
            name=called(Transition(over.before + over.after, over.kind)),
            transition_type=kinds.SMPTE_Dissolve if dissolves else kinds.Custom,
            in_offset=self.time(over.before),
            out_offset=self.time(over.after),
            metadata={KEY: {"transition": over.kind}},
        )

    def _clip(self, strip: Strip, lane: Lane, *, with_remarks: bool) -> Any:
        medium = self._all.media[strip.sha256]
        clip = otio.schema.Clip(
            medium.name,
            self._reference(medium),
            self.range(strip.source, strip.frames),
            metadata={KEY: {"shot": strip.name, **self._all.facts.get(strip.name, {}), **strip.told}},
            effects=list(_effects(strip)),
        )
        if lane.kind == "picture":
            others = self._all.versions.get(strip.name, ())
            references = {one.key: self._reference(one.medium, one.told) for one in others}
            references[otio.schema.Clip.DEFAULT_MEDIA_KEY] = clip.media_reference
            clip.set_media_references(references, otio.schema.Clip.DEFAULT_MEDIA_KEY)
            if with_remarks:
                clip.markers.extend(self._markers(strip))
        return clip

    def _reference(self, medium: Medium, told: Mapping[str, Any] | None = None) -> Any:
        rate = float(medium.rate)
        whole = self.range(0, floor(medium.frames * self._all.fps / medium.rate))
        if otio.opentime.RationalTime.is_smpte_timecode_rate(rate):  # other rates are refused by adapters
            start, length = (otio.opentime.RationalTime(frames, rate) for frames in (0, medium.frames))
            whole = otio.opentime.TimeRange(start, length)
        metadata = {KEY: dict(told)} if told else {}
        reference = otio.schema.ExternalReference(medium.url, whole, metadata)
        reference.name = medium.name
        return reference

    def _markers(self, strip: Strip) -> Iterator[Any]:
        """One at a frame, since Resolve has no more; what is about all of the clip begins it."""
        taken: set[int] = set()
        for remark in self._all.remarks.get(strip.name, ()):
            frame = self._frame_of(remark, strip)
            while frame in taken:
                frame += 1
            if not 0 <= frame < strip.frames:
                continue
            taken.add(frame)
            yield otio.schema.Marker(
                name=remark.name,
                marked_range=self.range(strip.source + frame, 1),
                color=remark.colour,
                metadata={KEY: dict(remark.told)},
                comment=remark.words,
            )

    def _frame_of(self, remark: Remark, strip: Strip) -> int:
        if remark.at_s is None:
            return 0
        return floor((remark.at_s * self._all.fps - strip.source) / strip.speed)

    def captions(self) -> Iterator[Any]:
        for caption in self._all.captions:
            yield otio.schema.Marker(
                name="caption",
                marked_range=self.range(caption.begin, caption.end - caption.begin),
                color=otio.schema.MarkerColor.WHITE,
                metadata={KEY: {"kind": "caption", "lines": list(caption.lines)}},
                comment=caption.text,
            )


def _effects(strip: Strip) -> Iterator[Any]:
    if strip.is_held:
        yield otio.schema.FreezeFrame()
    elif strip.speed != 1:
        yield otio.schema.LinearTimeWarp(time_scalar=float(strip.speed))


# -- writing -------------------------------------------------------------------------------------------


def adapter_of(wanted: str) -> tuple[str, str]:
    """The installed adapter that writes a format, and the suffix of its files, with the dot.

    Args:
        wanted: the adapter's name, or a suffix that it writes: `otio`, `fcp_xml`, `edl`.

    Raises:
        SetupError: none is installed; those that are get listed.
    """
    adapters = [one for one in otio.plugins.ActiveManifest().adapters if one.has_feature("write")]
    for one in adapters:
        if wanted == one.name or wanted in one.suffixes:
            return one.name, f".{wanted if wanted in one.suffixes else one.suffixes[0]}"
    known = sorted({"otio" if one.name == NATIVE else one.name for one in adapters})
    raise SetupError(
        f"found --to {wanted}; the OpenTimelineIO adapters that are installed write: {', '.join(known)}.",
        hint=did_you_mean(wanted, known)
        or "Others come as packages: otio-cmx3600-adapter (EDL), otio-fcp-adapter (XML), otio-aaf-adapter.",
    )


def write_timeline(timeline: Any, adapter: str, into: Path) -> bool:
    """Write a timeline whole, or not at all; the same timeline gives the same bytes as `otio`.

    Returns:
        Whether everything is in it; a format that refuses several tracks, like EDL, gets the shots alone.

    Raises:
        PostError: the format has no place for it, or the folder cannot be written.
    """
    try:
        into.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".export-", dir=into.parent) as folder:
            part = Path(folder) / into.name
            is_whole = _write(timeline, adapter, part)
            shutil.move(part, into)
    except OSError as error:
        raise PostError(
            f"{into}: cannot be written ({error.strerror or error})",
            hint="Check the folder and its permissions.",
        ) from error
    except (
        otio.exceptions.OTIOError,
        RuntimeError,
        ValueError,
        TypeError,
        KeyError,
        AttributeError,
    ) as error:
        raise PostError(
            f"{into}: {adapter} cannot write this timeline: {error}",
            hint="--to otio has a place for everything.",
        ) from error
    return is_whole


def _write(timeline: Any, adapter: str, part: Path) -> bool:
    try:
        otio.adapters.write_to_file(timeline, str(part), adapter_name=adapter)
    except otio.exceptions.NotSupportedError:
        if len(timeline.tracks) == 1:
            raise
        shots = timeline.deepcopy()
        del shots.tracks[1:]
        otio.adapters.write_to_file(shots, str(part), adapter_name=adapter)
        return False
    return True
