"""Whether painted characters are far enough apart for the scorers: `python -m benchmarks.painter [KIND]`.

Each character is calibrated on its own painted sheet, as a bible's is; then it is looked for in painted
scenes of itself and of the others, and in clips that stay with it or leave it on purpose.
"""

from __future__ import annotations

import math
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import av
import numpy as np
from numpy.typing import NDArray

from onmodel.qc import Calibration, Scorer, calibrate, judge, scorer_for
from onmodel.qc.assignment import assign
from onmodel.studio.rehearsal.animator import Besides, Shot, animate_still
from onmodel.studio.rehearsal.layers import split_layers
from onmodel.studio.rehearsal.looks import CharacterLook
from onmodel.studio.rehearsal.painter import paint_plate, paint_scene, paint_sheet
from onmodel.units import Size

Picture = NDArray[np.uint8]

SIZE: Final = Size(640, 360)
SHEET: Final = Size(512, 512)
VIEWS: Final = ("front", "three-quarter", "profile", "full-body")
SCENES: Final = (
    "{} in a workshop, medium shot",
    "{} in a garden, full body",
    "{} walking on a street in rain at night, full body",
    "{} in autumn woods, close-up",
    "{} sitting on a kerb, medium shot",
    "{} on a beach at dawn, medium shot, happy",
)
MOVES: Final = ("dolly in", "pan right", "static")
DEPARTURES: Final = ("", "drift", "swap", "lose", "off")
FRAMES: Final = 9

STYLISED: Final = (
    ("pip", "a friendly small robot", ("round blue head", "one glowing yellow eye", "small antenna on top"),
     {"head": "#3b78d8", "eye": "#ffd23f", "body": "#c9ced6"}),
    ("bolt", "a boxy robot", ("square head", "two green eyes"),
     {"head": "#d8572a", "eye": "#3fa34d", "body": "#4a4f57"}),
    ("rua", "a small fox cub", ("white belly", "bushy tail"), {"fur": "#d8572a"}),
    ("momo", "a plump rabbit", ("long ears",), {"fur": "#b9a3e3"}),
    ("grom", "a big round bear", ("dark nose",), {"fur": "#6b4a2f"}),
)  # fmt: skip
HUMAN: Final = (
    ("mina", "a young singer with a calm smile", ("long black hair with violet ends", "brown eyes"),
     {"hair": "#1d1b26", "skin": "#d9a27e"}),
    ("olaf", "an old captain, bald", ("grey beard", "glasses"), {"skin": "#f0c8a8"}),
    ("tess", "a girl", ("curly red bob", "green eyes"), {"hair": "#b0402a", "skin": "#f6d4b8"}),
)  # fmt: skip


def main() -> None:
    """Measure a kind of character, or both, and print."""
    for kind, rows in (("stylised", STYLISED), ("human", HUMAN)):
        if kind not in (sys.argv[1:] or ("stylised", "human")):
            continue
        looks = [
            CharacterLook(name, name.title(), kind, said, always, palette)  # type: ignore[arg-type]
            for name, said, always, palette in rows
        ]
        scorer = scorer_for(kind)  # type: ignore[arg-type]
        sheets = {look.id: calibrate(scorer, sheet_of(look)) for look in looks}
        print(f"\n{kind}: {len(looks)} painted characters, {len(SCENES)} scenes each, {scorer.name} scorer")
        for name, sheet in sheets.items():
            print(f"  {name:5} threshold {sheet.threshold:.2f}  {sheet.concern or 'sheet fits'}")
        show_scenes(looks, sheets, scorer)
        show_clips(looks, sheets, scorer)


def sheet_of(look: CharacterLook) -> dict[str, Picture]:
    """Every view of a character's model sheet."""
    return {view: paint_sheet(look, view, "", SHEET, 1) for view in VIEWS}


def show_scenes(looks: Sequence[CharacterLook], sheets: Mapping[str, Calibration], scorer: Scorer) -> None:
    """Scores of the same character against those of others, and what the thresholds make of them."""
    own: list[float] = []
    others: list[float] = []
    rejected = accepted = 0
    for look in looks:
        for index, scene in enumerate(SCENES):
            seen = scorer.look(paint_scene(scene.format(look.name), looks, SIZE, index))
            for who, sheet in sheets.items():
                match = assign(seen, {who: sheet.references}, scorer)[who]
                score = -1.0 if match is None else match.score
                (own if who == look.id else others).append(score)
                rejected += who == look.id and score < sheet.threshold
                accepted += who != look.id and score >= sheet.threshold
    wins = sum(1.0 if one > other else 0.5 if one == other else 0.0 for one in own for other in others)
    print(f"  AUC same/other {wins / (len(own) * len(others)):.3f}   (N {len(own)} and {len(others)})")
    print(f"  false reject {rate(rejected, len(own))}   false accept {rate(accepted, len(others))}")


def show_clips(looks: Sequence[CharacterLook], sheets: Mapping[str, Calibration], scorer: Scorer) -> None:
    """Verdicts over clips that stay, drift, swap, lose their character, or show another one."""
    with TemporaryDirectory() as folder:
        for departs in DEPARTURES:
            found: Counter[str] = Counter()
            for look in looks:
                for index, move in enumerate(MOVES):
                    frames, at_s = film(Path(folder), look, looks, index, f"{move}", departs)
                    standing = judge(frames, at_s, {look.id: sheets[look.id]}, {look.id: scorer})[look.id]
                    found[standing.standing] += 1
            caught = found.total() - found["on-model"]
            said = ", ".join(f"{count} {name}" for name, count in found.most_common())
            print(f"  {departs or 'stays':5} not on-model {rate(caught, found.total())}   {said}")


def film(
    folder: Path, look: CharacterLook, looks: Sequence[CharacterLook], index: int, move: str, departs: str
) -> tuple[list[Picture], list[float]]:
    """A painted clip's frames, evenly spread, and when they are shown."""
    prompt = SCENES[index].format(look.name)
    plate = paint_plate(prompt, looks, SIZE, index)
    still = split_layers(paint_scene(prompt, looks, SIZE, index), plate)
    other = split_layers(paint_scene(prompt, looks, SIZE, index, departs), plate) if departs else None
    into = folder / "clip.mp4"
    shot = Shot(move, "benchmark", Fraction(2), index, departs=departs)
    animate_still(still, shot, into, besides=Besides(other))
    with av.open(str(into)) as container:
        frames = [
            np.asarray(frame.to_ndarray(format="rgb24"), np.uint8) for frame in container.decode(video=0)
        ]
    picked = [round(step * (len(frames) - 1) / (FRAMES - 1)) for step in range(FRAMES)]
    return [frames[one] for one in picked], [one / 24 for one in picked]


def rate(hits: int, of: int) -> str:
    """A share with its 95% interval after Wilson."""
    z, share = 1.96, hits / of
    middle = (share + z * z / (2 * of)) / (1 + z * z / of)
    half = z * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of)) / (1 + z * z / of)
    return f"{share:.0%} [{max(0.0, middle - half):.0%}, {min(1.0, middle + half):.0%}] of {of}"


if __name__ == "__main__":
    main()
