"""Constants chosen on some subjects and measured on the one left out: what unseen characters may expect.

The cohort, too: a drawn character's clips are scored with what the *other* identities usually look like, and
its pairs with the cohort of the other half of the identities. Which views of a sheet are odd, and which face
is followed, is taken as with the shipped constants.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from statistics import fmean
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.identity_clips import KINDS, TIMES, Painter, make_clip
from benchmarks.identity_figures import CLIP_REFERENCES, separate, stranger_to
from benchmarks.identity_groups import Frame, Group, Kind, Remembering, among, held_out
from benchmarks.rates import Rate, Rows, Separation
from onmodel.qc import Calibration, CloserLook, Limits, Scorer, Seen, scorer_for
from onmodel.qc.appearance import Appearance, measure_cohort
from onmodel.qc.calibration import threshold_of
from onmodel.qc.following import follow
from onmodel.qc.stylised import StylisedScorer
from onmodel.qc.verdict import stand

Cohorts = Mapping[str, NDArray[np.float32]]
"""Each identity's pictures in the network's own numbers, (n, 1280)."""
Scores = tuple[float | None, ...]
"""Of a clip's frames in their order."""

GRIDS: Final[dict[Kind, dict[str, tuple[float, ...]]]] = {
    "human": {
        "drop": (0.15, 0.12, 0.1, 0.08, 0.06, 0.05, 0.04),
        "share": (0.55, 0.6, 0.65, 0.7, 0.75),
        "floor": (0.33, 0.363, 0.4),
        "handicap": (0.0,),
    },
    "stylised": {
        "drop": (0.15, 0.12, 0.1, 0.08, 0.06, 0.05, 0.04),
        "share": (0.5, 0.57, 0.64, 0.7),
        "floor": (0.22, 0.26, 0.3),
        "handicap": (0.09, 0.06, 0.03),
    },
}
"""Settings that are tried, from those that raise the fewest alarms to those that raise the most."""
ALLOWED: Final[dict[Kind, float]] = {"human": 0.035, "stylised": 0.03}
"""Share of false alarms, each subject counting once, within which the one that finds the most is chosen."""
SOUGHT: Final = {
    "false alarms, all controls": tuple(kind.name for kind in KINDS if kind.is_control),
    "swap halfway found": ("swap halfway",),
    "blend to 40 and 50% found": ("blend to 40%", "blend to 50%"),
    "blend to 50%, filmed, found": ("blend to 50%, filmed",),
    "cut to a stranger found": ("cut to a stranger",),
    "wrong throughout found": ("wrong throughout",),
}
FALSE: Final = next(iter(SOUGHT))


@dataclass(frozen=True)
class Trial:
    """One clip, scored but not judged."""

    group: str
    subject: str
    kind: str
    level: float | None
    views: int
    first: Scores
    closer: Scores

    def is_flagged(self, limits: Limits) -> bool | None:
        """Whether it is judged to be anything but on-model; None if it cannot be scored."""
        threshold = threshold_of(self.level, self.views, limits)
        standing = stand(self.first, TIMES, threshold, limits)[0]
        if standing not in ("on-model", "unscorable"):
            scores = [
                one if one is None or again is None else max(one, again - limits.handicap)
                for one, again in zip(self.first, self.closer, strict=True)
            ]
            standing = stand(scores, TIMES, threshold, limits)[0]
        return None if standing == "unscorable" else standing != "on-model"


def cross_table(groups: Sequence[Group], every: int) -> dict[str, Rows]:
    """A column for each group: its rates with left-out constants, and with the shipped ones."""
    cohorts = (
        {
            who: np.stack([Appearance().measure_raw(one)[0] for one in them])
            for group in groups
            for who, them in group.pictures.items()
        }
        if any(group.kind == "stylised" for group in groups)
        else {}
    )
    table: dict[str, Rows] = {group.name: _pairs(group, cohorts) for group in groups}
    for kind in dict.fromkeys(group.kind for group in groups):
        mine = [group for group in groups if group.kind == kind]
        trials = [trial for group in mine for trial in score_clips(group, cohorts, every)]
        flags = {limits: [one.is_flagged(limits) for one in trials] for limits in settings(kind)}
        chosen = {
            who: choose(trials, flags, who, ALLOWED[kind])
            for who in dict.fromkeys(one.subject for one in trials)
        }
        left_out = [flags[chosen[one.subject]][at] for at, one in enumerate(trials)]
        shipped = [one.is_flagged(scorer_for(kind).limits) for one in trials]
        for group in mine:
            rows = table[group.name]
            for row, kinds in SOUGHT.items():
                rows[f"{row}, constants of others"] = _rate(trials, left_out, group.name, kinds)
                rows[f"{row}, as shipped"] = _rate(trials, shipped, group.name, kinds)
            often = Counter(_named(limits) for limits in chosen.values()).most_common()
            rows["constants chosen, by subjects left out"] = "; ".join(f"{what}: {n}" for what, n in often)
    return table


def score_clips(group: Group, cohorts: Cohorts, every: int) -> Iterator[Trial]:
    """All clips of a group's subjects, each scored without itself in the cohort."""
    painter = Painter(faces=group.kind == "human")
    for who in group.pictures:
        scorer = _scorer_without(group.kind, cohorts, [who])
        alone = replace(group, pictures={who: group.pictures[who]})
        for _, number, picture, calibration in held_out(
            alone, Remembering(scorer), CLIP_REFERENCES, 1, every
        ):
            stranger = stranger_to(group, who, number)
            for kind in KINDS:
                if not any(kind.name in kinds for kinds in SOUGHT.values()):
                    continue
                frames = make_clip(kind, painter, picture, stranger)
                first, closer = _scores(scorer, calibration, frames)
                views = len(calibration.references)
                yield Trial(group.name, who, kind.name, calibration.level, views, first, closer)


def settings(kind: Kind) -> list[Limits]:
    """All that are tried."""
    grid = GRIDS[kind]
    shipped = scorer_for(kind).limits
    return [replace(shipped, **dict(zip(grid, values, strict=True))) for values in product(*grid.values())]


def choose(
    trials: Sequence[Trial], flags: Mapping[Limits, Sequence[bool | None]], without: str, allowed: float
) -> Limits:
    """The setting that finds the most on all subjects but one, while it raises few false alarms."""
    rows = {kind: row for row, kinds in SOUGHT.items() for kind in kinds}

    def measured(limits: Limits) -> tuple[float, float]:
        found: dict[tuple[str, str], list[bool]] = {}
        for one, flag in zip(trials, flags[limits], strict=True):
            if one.kind in rows and flag is not None and one.subject != without:
                found.setdefault((rows[one.kind], one.subject), []).append(flag)
        means: dict[str, list[float]] = {}
        for (row, _), its in found.items():
            means.setdefault(row, []).append(fmean(its))
        false = fmean(means.pop(FALSE))
        return false, sum(map(fmean, means.values()))

    scores = {limits: measured(limits) for limits in flags}
    least = max(allowed, min(false for false, _ in scores.values()))
    within = {limits: (found, -false) for limits, (false, found) in scores.items() if false <= least}
    return max(within, key=within.__getitem__)


def _scores(scorer: Scorer, calibration: Calibration, frames: Sequence[Frame]) -> tuple[Scores, Scores]:
    """A clip's scores at the first look, and at a closer one where any setting would take it."""
    looks = [scorer.look(frame) for frame in frames]
    first = _followed(looks, scorer, calibration)
    grid = GRIDS["stylised"]
    strictest = replace(
        scorer.limits, share=max(grid["share"]), floor=max(grid["floor"]), drop=min(grid["drop"])
    )
    most = threshold_of(calibration.level, len(calibration.references), strictest)
    if not isinstance(scorer, CloserLook) or stand(first, TIMES, most, strictest)[0] == "on-model":
        return first, (None,) * len(frames)
    closer = [scorer.look_closer(frame, seen) for frame, seen in zip(frames, looks, strict=True)]
    return first, _followed(closer, scorer, calibration)


def _followed(looks: Sequence[Seen], scorer: Scorer, calibration: Calibration) -> Scores:
    matches = follow(looks, calibration.references, scorer, calibration.threshold)
    return tuple(None if match is None else match.score for match in matches)


def _pairs(group: Group, cohorts: Cohorts) -> Rows:
    """Pairs inside one half of the identities, with the cohort of the other half; people have none."""
    if group.kind == "human" or len(group.pictures) < 4:
        return {"pairs of pictures, AUC, cohort of others": ""}
    names = list(group.pictures)
    halves = [
        separate(among(group, half), Remembering(_scorer_without(group.kind, cohorts, half)))
        for half in (names[::2], names[1::2])
    ]
    same, others = (
        [score for half in halves for score in getattr(half, which)] for which in ("same", "others")
    )
    return {"pairs of pictures, AUC, cohort of others": str(Separation(same, others))}


def _scorer_without(kind: Kind, cohorts: Cohorts, names: Sequence[str]) -> Scorer:
    if kind == "human":
        return scorer_for(kind)
    return StylisedScorer(
        Appearance(measure_cohort([them for who, them in cohorts.items() if who not in names]))
    )


def _rate(trials: Sequence[Trial], flags: Sequence[bool | None], group: str, kinds: Sequence[str]) -> Rate:
    mine = [flag for one, flag in zip(trials, flags, strict=True) if one.group == group and one.kind in kinds]
    return Rate(sum(flag is True for flag in mine), sum(flag is not None for flag in mine))


def _named(limits: Limits) -> str:
    return f"share {limits.share}, floor {limits.floor}, drop {limits.drop}, handicap {limits.handicap}"
