"""What is measured of a group of identities: pairs, verdicts on pictures, verdicts on clips."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.identity_clips import KINDS, TIMES, Painter, make_clip
from benchmarks.identity_clips import Kind as ClipKind
from benchmarks.identity_groups import Frame, Group, Remembering, draw, everyone, held_out
from benchmarks.identity_video import draw_filming, film
from benchmarks.rates import Rate, Separation
from onmodel.qc import LEAST_FRAMES, Scorer, Seen, Sighting, judge, judge_picture

CLIP_REFERENCES = 4
"""Views that a production's characters are judged by (`onmodel.planning.likeness`)."""
STRANGERS = 12
"""Strangers that each calibration is held against."""


@dataclass
class Clips:
    """The clips of one kind."""

    standings: Counter[str]
    clothes_seen: int = 0
    clothes_warned: int = 0

    @property
    def flagged(self) -> Rate:
        """Whatever is not on-model, of the clips that could be scored."""
        scored = self.standings.total() - self.standings["unscorable"]
        return Rate(scored - self.standings["on-model"], scored)

    @property
    def warned(self) -> Rate:
        """Of the clips that show clothes."""
        return Rate(self.clothes_warned, self.clothes_seen)


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


def separate(group: Group, scorer: Scorer) -> Separation:
    """Scores of all pairs of pictures that can be scored. A single identity is held against its strangers."""
    looks = [(who, scorer.look(picture)) for who, picture in everyone(group)]
    if len(group.pictures) == 1:
        looks += [
            (who, scorer.look(one))
            for who, them in group.strangers.items()
            for one in them
            if who not in group.pictures
        ]
    same: list[float] = []
    others: list[float] = []
    for at, (who, seen) in enumerate(looks):
        for whose, theirs in looks[at + 1 :]:
            if len(group.pictures) == 1 and who not in group.pictures:
                continue
            score = pair_score(scorer, seen, theirs)
            if score is not None:
                (same if who == whose else others).append(score)
    return Separation(same, others)


def filmed(group: Group) -> Group:
    """Each picture as one frame of a video: how far, how blurred and how badly coded is drawn for each."""

    def frames(who: str, pictures: Sequence[Frame]) -> list[Frame]:
        found = []
        for number, picture in enumerate(pictures):
            chance = draw(who, number)
            found.append(chance.choice(film([picture] * LEAST_FRAMES, draw_filming(chance))))
        return found

    strangers = {who: frames(who, them) for who, them in group.strangers.items()}
    pictures = {who: strangers.get(who) or frames(who, them) for who, them in group.pictures.items()}
    return Group(group.name, group.kind, pictures, strangers)


def verdicts_on_pictures(group: Group, scorer: Scorer, references: int) -> tuple[Rate, Rate]:
    """Own pictures refused, and strangers accepted, of those that could be scored."""
    refused, accepted = [], []
    for who, number, picture, calibration in held_out(group, scorer, references, min(references, 3)):
        own = judge_picture(picture, {who: calibration}, {who: scorer})[who].standing
        refused += [own != "on-model"] if own != "unscorable" else []
        pool = [one for name, them in group.strangers.items() if name != who for one in them]
        for stranger in draw(who, number).sample(pool, min(STRANGERS, len(pool))):
            found = judge_picture(stranger, {who: calibration}, {who: scorer})[who].standing
            accepted += [found == "on-model"] if found != "unscorable" else []
    return rate(refused), rate(accepted)


def rate(found: Sequence[bool]) -> Rate:
    """How many are so."""
    return Rate(sum(found), len(found))


def judged_clips(
    group: Group, scorer: Remembering, every: int, kinds: Sequence[ClipKind] = KINDS
) -> tuple[dict[str, Clips], list[float]]:
    """The verdicts on clips of every n-th picture by kind of clip, and the CPU seconds of each judgement."""
    painter = Painter(faces=group.kind == "human")
    table = {kind.name: Clips(Counter()) for kind in kinds}
    took_s = []
    for who, number, picture, calibration in held_out(group, scorer, CLIP_REFERENCES, 1, every):
        stranger = stranger_to(group, who, number)
        for kind in kinds:
            frames = make_clip(kind, painter, picture, stranger)
            began = time.process_time()
            likeness = judge(frames, TIMES, {who: calibration}, {who: scorer.scorer})[who]
            took_s.append(time.process_time() - began)
            clips = table[kind.name]
            clips.standings[likeness.standing] += 1
            clips.clothes_seen += likeness.colour is not None
            clips.clothes_warned += bool(likeness.colour_note)
    return table, took_s


def stranger_to(group: Group, who: str, number: int) -> Frame:
    """Whoever a clip's defect is made of: any other identity, then any of its pictures."""
    chance = draw(who, number)
    return chance.choice(group.strangers[chance.choice([name for name in group.strangers if name != who])])


def as_one(*clips: Clips) -> Clips:
    """Several kinds as one."""
    return Clips(
        sum((one.standings for one in clips), Counter()),
        sum(one.clothes_seen for one in clips),
        sum(one.clothes_warned for one in clips),
    )
