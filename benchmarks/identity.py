"""How well identity is measured, on any folder of identity folders (same folder, same identity).

    python benchmarks/identity.py DIR [--kind human|stylised] [--every 2] [--same-style NAME,NAME]
    python benchmarks/identity.py DIR --cross     constants chosen on other subjects than they are measured on

DIR holds a folder for each identity; or folders named human, ai_human, objects, stylised that do. With a
single identity its strangers come from the other folders of its kind. Pictures are read, never copied or
kept. What is printed are the tables of docs/identity.md.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from collections.abc import Mapping, Sequence
from functools import reduce
from operator import add
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

if not __package__:  # started as a file, not as a module
    sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.identity_clips import KINDS, SECONDS
from benchmarks.identity_cross import cross_table
from benchmarks.identity_figures import Clips, as_one, filmed, judged_clips, separate, verdicts_on_pictures
from benchmarks.identity_groups import SUFFIXES, Group, Remembering, among, read_groups
from benchmarks.rates import Cell, Rate, Rows
from onmodel.qc import scorer_for

REFERENCES = (1, 3, 5)
CONTROLS = [kind.name for kind in KINDS if kind.is_control]


def figures(group: Group, every: int, same_style: Sequence[str]) -> tuple[Rows, Rows]:
    """All rows of a group's column: identity, and the warning about clothes."""
    scorer = Remembering(scorer_for(group.kind))
    found = separate(group, scorer)
    rows: Rows = {
        "identities": f"{len(group.pictures)}, {sum(map(len, group.pictures.values()))} pictures",
        "pairs of pictures, AUC": found,
        "same found at 1% false": found.found_at(0.01),
        "same found at 5% false": found.found_at(0.05),
        "pairs of video frames, AUC": separate(filmed(group), Remembering(scorer.scorer)),
    }
    style = [name for name in same_style if name in group.pictures]
    rows["one style, another character: AUC"] = (
        separate(among(group, style), scorer) if len(style) > 1 else ""
    )
    for references in REFERENCES:
        refused, accepted = verdicts_on_pictures(group, scorer, references)
        rows[f"own picture refused, {references} reference{'s' if references > 1 else ''}"] = refused
        rows[f"stranger accepted, {references}"] = accepted
    table, took_s = judged_clips(group, scorer, every)
    return rows | clip_rows(table, took_s), clothes_rows(table)


def clip_rows(table: Mapping[str, Clips], took_s: Sequence[float]) -> Rows:
    """How many clips were flagged, and what a judgement takes."""
    rows: Rows = {"clips: **false alarms**, all controls": as_one(*map(table.__getitem__, CONTROLS)).flagged}
    rows |= {f"- {name} (control)": table[name].flagged for name in CONTROLS}
    rows["**blend to 40 and 50%** found"] = as_one(table["blend to 40%"], table["blend to 50%"]).flagged
    rows |= {f"{name} found": clips.flagged for name, clips in table.items() if name not in CONTROLS}
    rows["clips that were unscorable"] = str(as_one(*table.values()).standings["unscorable"])
    took = f"{median(took_s):.2f} s; {max(took_s):.2f} at most" if took_s else ""
    rows[f"CPU for a clip of {SECONDS:.0f} s, median"] = took
    return rows


def clothes_rows(table: Mapping[str, Clips]) -> Rows:
    """Of how many clips it was said that the clothes are of another colour."""
    rows: Rows = {f"{name}: warned of": table[name].warned for name in table if name.startswith("hue")}
    rows["all controls: warned of falsely"] = as_one(*map(table.__getitem__, CONTROLS)).warned
    return rows | {f"- {name} (control)": table[name].warned for name in CONTROLS}


def show(groups: Sequence[Group], columns: Mapping[str, Rows]) -> None:
    """Print a table with a column for each group, and one for all groups of people together."""
    people = [columns[group.name] for group in groups if group.kind == "human"]
    if len(people) > 1:
        columns = {
            **columns,
            "people together": {row: _sum([one[row] for one in people]) for row in people[0]},
        }
    print(f"\n|  | {' | '.join(columns)} |\n| --- |{' --- |' * len(columns)}")
    for row in next(iter(columns.values())):
        if any(column[row] for column in columns.values()):
            print(f"| {row} | {' | '.join(str(column[row]) for column in columns.values())} |")


def _sum(cells: Sequence[Cell]) -> Cell:
    """Rates are added up; of anything else there is no sum."""
    rates = [cell for cell in cells if isinstance(cell, Rate)]
    return reduce(add, rates) if len(rates) == len(cells) else ""


def main(arguments: Sequence[str] | None = None) -> None:
    """Read, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--kind", choices=("human", "stylised"), default=None)
    parser.add_argument(
        "--cross", action="store_true", help="constants from other subjects, and nothing else"
    )
    parser.add_argument("--every", type=int, default=1, help="clips of every n-th picture only")
    parser.add_argument(
        "--same-style", default="", help="identities that are drawn in one style, with commas between"
    )
    chosen: Any = parser.parse_args(arguments)
    if not chosen.folder.is_dir():
        parser.error(f"{chosen.folder} is no folder: name one that holds a folder for each identity")
    began = time.process_time()
    print(f"both scorers loaded: {_loaded_mb():.0f} MB")
    groups = [group for group in read_groups(chosen.folder, chosen.kind) if group.pictures]
    if not groups:
        parser.error(f"{chosen.folder}: no folder in it holds pictures ({', '.join(sorted(SUFFIXES))})")
    for group in groups:
        if len({*group.pictures, *group.strangers}) == 1:
            parser.error(f"{group.name} holds one identity: its strangers need a folder beside it")
    if chosen.cross:
        show(groups, cross_table(groups, chosen.every))
    else:
        style = [name for name in chosen.same_style.split(",") if name]
        columns = {group.name: figures(group, chosen.every, style) for group in groups}
        show(groups, {name: identity for name, (identity, _) in columns.items()})
        show(groups, {name: clothes for name, (_, clothes) in columns.items()})
    print(f"\n{time.process_time() - began:.0f} CPU s in all")


def _loaded_mb() -> float:
    """The most that this process took after both scorers have looked, in 10^6 bytes."""
    picture = np.random.default_rng(1).integers(0, 255, (360, 640, 3), np.uint8)
    for kind in ("human", "stylised"):
        scorer_for(kind).look(picture)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


if __name__ == "__main__":
    main()
