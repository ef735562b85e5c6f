"""What is handed to an editor with a cut: its lanes, their files, and what is known of every take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from onmodel.post.captions import Caption
from onmodel.post.lanes import Lane


@dataclass(frozen=True)
class Medium:
    """A file that a timeline links to."""

    url: str
    name: str
    """The file's own: Resolve looks for a clip under its name."""
    frames: int
    """All that it has, at its own rate."""
    rate: Fraction
    """Frames a second; of sound, samples."""


@dataclass(frozen=True)
class Version:
    """A take that the cut might have instead."""

    key: str
    """`take 2`."""
    medium: Medium
    told: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Remark:
    """Something that is said about a take."""

    name: str
    words: str
    colour: str
    """GREEN, YELLOW, RED and so on, as OpenTimelineIO has them."""
    at_s: Fraction | None = None
    """Second of the clip; None for all of it."""
    told: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Handoff:
    """All that a timeline is made of."""

    title: str
    fps: Fraction
    lanes: Sequence[Lane]
    """The lowest picture first, then the sounds."""
    media: Mapping[str, Medium]
    """By sha256."""
    versions: Mapping[str, Sequence[Version]] = field(default_factory=dict)
    """By the name of the piece, without the one that is in the cut."""
    remarks: Mapping[str, Sequence[Remark]] = field(default_factory=dict)
    """By the name of the piece."""
    facts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """What is told of the take in the cut, by the name of the piece."""
    captions: Sequence[Caption] = ()
    told: Mapping[str, Any] = field(default_factory=dict)
    """Of the whole."""
