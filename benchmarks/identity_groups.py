"""Folders of identity folders, and which pictures of an identity are held out from its references."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path
from random import Random
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from onmodel.errors import ReferenceUnusable
from onmodel.qc import Calibration, Scorer, Seen, Sighting, calibrate

Frame = NDArray[np.uint8]
Kind = Literal["human", "stylised"]
Pictures = Mapping[str, Sequence[Frame]]

KIND_OF: dict[str, Kind] = {
    "human": "human",
    "ai_human": "human",
    "objects": "stylised",
    "stylised": "stylised",
}
SUFFIXES = {".jpg", ".jpeg", ".png", ".webp"}


@dataclass(frozen=True)
class Group:
    """Identities of one kind."""

    name: str
    kind: Kind
    pictures: Pictures
    strangers: Pictures
    """Whose pictures defects are made of; the same identities, or others where there is only one."""


def read_groups(folder: Path, kind: Kind | None) -> list[Group]:
    """The identities of a folder, by kind."""
    named = [(name, folder / name) for name in KIND_OF if (folder / name).is_dir()]
    if not named:
        pictures = read_identities(folder)
        return [Group(folder.name, kind or KIND_OF.get(folder.name, "stylised"), pictures, pictures)]
    found = {name: read_identities(path) for name, path in named}
    groups = []
    for name, pictures in found.items():
        like = {
            who: them
            for other, group in found.items()
            if KIND_OF[other] == KIND_OF[name]
            for who, them in group.items()
        }
        groups.append(Group(name, KIND_OF[name], pictures, pictures if len(pictures) > 1 else like))
    return groups


def read_identities(folder: Path) -> Pictures:
    """All pictures of each identity, (H, W, 3) uint8 RGB."""
    identities = {}
    for one in sorted(path for path in folder.iterdir() if path.is_dir()):
        read = [cv2.imread(str(path)) for path in sorted(one.iterdir()) if path.suffix.lower() in SUFFIXES]
        identities[one.name] = [
            np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), np.uint8)
            for picture in read
            if picture is not None
        ]
    return {name: pictures for name, pictures in identities.items() if pictures}


def everyone(group: Group) -> Iterator[tuple[str, Frame]]:
    """Each picture with whose it is."""
    return ((who, picture) for who, pictures in group.pictures.items() for picture in pictures)


def held_out(
    group: Group, scorer: Scorer, references: int, least: int, every: int = 1
) -> Iterator[tuple[str, int, Frame, Calibration]]:
    """Each picture with a calibration from other pictures of the same identity, of which at least `least`."""
    for who, pictures in group.pictures.items():
        for number, picture in enumerate(pictures):
            rest = [one for one in range(len(pictures)) if one != number]
            draw(who, number).shuffle(rest)
            if number % every or len(rest) < least:
                continue
            views = {str(one): pictures[one] for one in rest[:references]}
            try:
                yield who, number, picture, calibrate(scorer, views)
            except ReferenceUnusable:
                continue


def draw(who: str, number: int) -> Random:
    """The same choices in every run."""
    return Random(f"{who}{number}")  # noqa: S311 - it draws pictures, not secrets


def among(group: Group, names: Sequence[str]) -> Group:
    """These identities alone, with no other strangers than each other."""
    pictures = {name: group.pictures[name] for name in names if name in group.pictures}
    return replace(group, pictures=pictures, strangers=pictures)


class Remembering:
    """A scorer that looks at no still twice. Not for clips: their frames would fill the memory."""

    def __init__(self, scorer: Scorer) -> None:
        self.scorer = scorer
        self._seen: dict[bytes, Seen] = {}
        self.name, self.version, self.limits = scorer.name, scorer.version, scorer.limits

    def look(self, picture: Frame) -> Seen:
        """As the scorer does."""
        key = blake2b(picture.tobytes() + bytes(str(picture.shape), "ascii")).digest()
        if key not in self._seen:
            self._seen[key] = self.scorer.look(picture)
        return self._seen[key]

    def likeness(self, sighting: Sighting, references: Sequence[Sighting]) -> float | None:
        """As the scorer does."""
        return self.scorer.likeness(sighting, references)
