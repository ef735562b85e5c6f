"""How well identity is measured, on any folder of identity folders (same folder, same identity).

    python benchmarks/identity.py DIR [--kind human|stylised] [--every 2] [--same-style NAME,NAME] [--clothes]

DIR holds a folder for each identity; or folders named human, ai_human, objects, stylised that do. With a
single identity its strangers come from the other folders of its kind. Pictures are read, never copied or
kept.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from random import Random
from typing import Any, Literal, get_args

import cv2
import numpy as np
from numpy.typing import NDArray

if not __package__:  # started as a file, not as a module
    sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.identity_clips import KINDS, SECONDS, TIMES, Painter, make_clip
from benchmarks.identity_clips import Kind as ClipKind
from benchmarks.rates import Rate, Separation
from onmodel.errors import ReferenceUnusable
from onmodel.qc import (
    Calibration,
    CloserLook,
    Scorer,
    Seen,
    Sighting,
    calibrate,
    judge,
    judge_picture,
    scorer_for,
)
from onmodel.vault import Standing

Frame = NDArray[np.uint8]
Kind = Literal["human", "stylised"]
Pictures = Mapping[str, Sequence[Frame]]

KIND_OF: dict[str, Kind] = {
    "human": "human",
    "ai_human": "human",
    "objects": "stylised",
    "stylised": "stylised",
}
REFERENCES = (1, 3, 5)
CLIP_REFERENCES = 4
"""Views that a production's characters are judged by (`onmodel.planning.likeness`)."""
STRANGERS = 12
"""Strangers that each calibration is held against."""
CLOTHES_SEEN, CLOTHES_WARNED = "clothes seen", "clothes warned of"
SUFFIXES = {".jpg", ".jpeg", ".png", ".webp"}


class Remembering:
    """A scorer that looks at no picture twice, and counts what looking took."""

    def __init__(self, scorer: Scorer) -> None:
        self._scorer = scorer
        self._seen: dict[bytes, Seen] = {}
        self.name, self.version, self.limits = scorer.name, scorer.version, scorer.limits
        self.looks = 0
        self.cpu_s = 0.0

    def look(self, picture: Frame) -> Seen:
        """As the scorer does."""
        return self._remember(b"first", picture, self._scorer.look)

    def look_closer(self, picture: Frame, seen: Seen) -> Seen:
        """As the scorer does, where it can."""
        scorer = self._scorer
        if not isinstance(scorer, CloserLook):
            return seen
        return self._remember(b"closer", picture, lambda again: scorer.look_closer(again, seen))

    def _remember(self, which: bytes, picture: Frame, look: Callable[[Frame], Seen]) -> Seen:
        key = blake2b(which + picture.tobytes() + bytes(str(picture.shape), "ascii")).digest()
        if key not in self._seen:
            began = time.process_time()
            self._seen[key] = look(picture)
            if which == b"first":
                self.cpu_s += time.process_time() - began
                self.looks += 1
        return self._seen[key]

    def likeness(self, sighting: Sighting, references: Sequence[Sighting]) -> float | None:
        """As the scorer does."""
        return self._scorer.likeness(sighting, references)


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


def pair_score(scorer: Scorer, one: Seen, other: Seen) -> float | None:
    """How alike two pictures are in their best pair of sightings, or whole where there is none; both ways."""
    for boxed in (True, False):
        pairs = [
            both_ways(scorer, mine, theirs)
            for mine in one.sightings
            for theirs in other.sightings
            if (mine.box is not None and theirs.box is not None) == boxed
        ]
        if known := [score for score in pairs if score is not None]:
            return max(known)
    return None


def both_ways(scorer: Scorer, one: Sighting, other: Sighting) -> float | None:
    """Whichever of the two is the reference."""
    there, back = scorer.likeness(one, [other]), scorer.likeness(other, [one])
    return None if there is None or back is None else (there + back) / 2


def separate(group: Group, scorer: Scorer, among: Sequence[str] | None = None) -> tuple[Separation, int]:
    """Scores of all pairs of pictures; the second number counts pairs that could not be scored."""
    looks = [(who, scorer.look(picture)) for who, picture in everyone(group) if among is None or who in among]
    if len(group.pictures) == 1:
        looks += [
            (who, scorer.look(one))
            for who, them in group.strangers.items()
            for one in them
            if who not in group.pictures
        ]
    same, others, unknown = [], [], 0
    for at, (who, seen) in enumerate(looks):
        for whose, theirs in looks[at + 1 :]:
            if len(group.pictures) == 1 and who not in group.pictures:
                continue
            score = pair_score(scorer, seen, theirs)
            if score is None:
                unknown += 1
            else:
                (same if who == whose else others).append(score)
    return Separation(same, others), unknown


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


def verdicts_on_pictures(group: Group, scorer: Scorer, references: int) -> tuple[Rate, Rate, Rate]:
    """Own pictures refused, strangers accepted, own pictures that could not be scored."""
    refused, accepted, unseen = [], [], []
    for who, number, picture, calibration in held_out(group, scorer, references, min(references, 3)):
        own = judge_picture(picture, {who: calibration}, {who: scorer})[who].standing
        unseen.append(own == "unscorable")
        refused += [own != "on-model"] if own != "unscorable" else []
        pool = [one for name, them in group.strangers.items() if name != who for one in them]
        for stranger in draw(who, number).sample(pool, min(STRANGERS, len(pool))):
            found = judge_picture(stranger, {who: calibration}, {who: scorer})[who].standing
            accepted += [found == "on-model"] if found != "unscorable" else []
    return rate(refused), rate(accepted), rate(unseen)


def draw(who: str, number: int) -> Random:
    """The same choices in every run."""
    return Random(f"{who}{number}")  # noqa: S311 - it draws pictures, not secrets


def rate(found: Sequence[bool]) -> Rate:
    """How many are so."""
    return Rate(sum(found), len(found))


def drift(
    group: Group, scorer: Scorer, every: int, kinds: Sequence[ClipKind] = KINDS
) -> dict[str, Counter[str]]:
    """For each kind of clip how often each verdict was given, and how often clothes were warned of."""
    painter = Painter(faces=group.kind == "human")
    table: dict[str, Counter[str]] = {kind.name: Counter() for kind in kinds}
    for who, number, picture, calibration in held_out(group, scorer, CLIP_REFERENCES, 1, every):
        chance = draw(who, number)
        stranger = chance.choice(
            group.strangers[chance.choice([name for name in group.strangers if name != who])]
        )
        for kind in kinds:
            frames = make_clip(kind, painter, picture, stranger)
            likeness = judge(frames, TIMES, {who: calibration}, {who: scorer})[who]
            table[kind.name][likeness.standing] += 1
            table[kind.name][CLOTHES_SEEN] += likeness.colour is not None
            table[kind.name][CLOTHES_WARNED] += bool(likeness.colour_note)
    return table


def report(group: Group, every: int, same_style: Sequence[str]) -> None:
    """Print all figures of a group."""
    scorer = Remembering(scorer_for(group.kind))
    count = sum(map(len, group.pictures.values()))
    print(f"\n## {group.name}: {len(group.pictures)} identities, {count} pictures\n")
    print(f"scorer {scorer.name} {scorer.version}")
    found, unknown = separate(group, scorer)
    print(f"pairs: AUC {found}; {unknown} pairs could not be scored")
    for share in (0.01, 0.05):
        print(f"       found at {share:.0%} false: {found.found_at(share)}")
    if same_style and group.name == "stylised":
        print(f"same style, another character: AUC {separate(group, scorer, same_style)[0]}")
    for references in REFERENCES:
        refused, accepted, unseen = verdicts_on_pictures(group, scorer, references)
        print(f"references {references}: false reject {refused}")
        print(f"              false accept {accepted}")
        print(f"              unscorable   {unseen}")
    print(f"CPU: {scorer.cpu_s / scorer.looks * 1000:.0f} ms a frame over {scorer.looks} pictures")
    print_drift(drift(group, scorer, every))


def report_clothes(group: Group, every: int) -> None:
    """Print the controls and the clips whose colours turn, and nothing else."""
    kinds = [kind for kind in KINDS if kind.is_control or kind.name.startswith("hue")]
    print(f"\n## {group.name}\n")
    print_drift(drift(group, Remembering(scorer_for(group.kind)), every, kinds))


def print_drift(table: Mapping[str, Counter[str]]) -> None:
    """The drift test, a line a kind of clip."""
    print(f"\nclips of {SECONDS:.0f} s, {CLIP_REFERENCES} references where there are so many:\n")
    print("| clip | flagged | off-model | drifting | partial | unscorable | clothes warned of |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    controls = [kind.name for kind in KINDS if kind.is_control]
    rows: list[tuple[str, Counter[str]]] = [
        *table.items(),
        ("all controls", sum((table[name] for name in controls), Counter())),
    ]
    if "blend to 40%" in table:
        rows.append(("blend to 40 and 50%", table["blend to 40%"] + table["blend to 50%"]))
    for name, standings in rows:
        scored = sum(standings[one] for one in get_args(Standing)) - standings["unscorable"]
        flagged = Rate(scored - standings["on-model"], scored)
        counts = " | ".join(str(standings[one]) for one in ("off-model", "drifting", "partial", "unscorable"))
        warned = Rate(standings[CLOTHES_WARNED], standings[CLOTHES_SEEN])
        print(f"| {name}{' (control)' if name in controls else ''} | {flagged} | {counts} | {warned} |")


def main(arguments: Sequence[str] | None = None) -> None:
    """Read, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--kind", choices=("human", "stylised"), default=None)
    parser.add_argument("--clothes", action="store_true", help="the warning about clothes alone")
    parser.add_argument("--every", type=int, default=1, help="clips of every n-th picture only")
    parser.add_argument(
        "--same-style", default="", help="identities that are drawn in one style, with commas between"
    )
    chosen: Any = parser.parse_args(arguments)
    if not chosen.folder.is_dir():
        parser.error(f"{chosen.folder} is no folder: name one that holds a folder for each identity")
    began = time.process_time()
    groups = [group for group in read_groups(chosen.folder, chosen.kind) if group.pictures]
    if not groups:
        parser.error(f"{chosen.folder}: no folder in it holds pictures ({', '.join(sorted(SUFFIXES))})")
    for group in groups:
        if len({*group.pictures, *group.strangers}) == 1:
            parser.error(f"{group.name} holds one identity: its strangers need a folder beside it")
    if chosen.clothes:
        for group in groups:
            report_clothes(group, chosen.every)
        return
    for group in groups:
        report(group, chosen.every, [name for name in chosen.same_style.split(",") if name])
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    print(f"\n{time.process_time() - began:.0f} CPU s in all; {peak_mb:.0f} MB at most, pictures included")


if __name__ == "__main__":
    main()
