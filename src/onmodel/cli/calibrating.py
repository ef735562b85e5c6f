"""`onmodel calibrate`: the threshold of each character, and the views that it rests on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from onmodel.cli.edge import NEEDS_PERSON
from onmodel.cli.showing import columns, in_columns, print_json, say, wrapped
from onmodel.planning import CAST
from onmodel.stages.calibrating import Calibrated, calibrate_cast
from onmodel.stages.script import Call


def show_calibrations(root: Path, characters: Sequence[str], *, rehearse: bool, as_json: bool) -> int:
    """Print what counts as on-model for characters; the exit code says whether a sheet needs a person.

    Raises:
        OnModelError: the story or the archive cannot be read, or no sheet is made yet.
    """
    found = calibrate_cast(Call(root, CAST, rehearse=rehearse), characters)
    if as_json:
        print_json({"schema": "onmodel.calibrate/1", "characters": [_json(one) for one in found]})
    else:
        for one in found:
            _say(one)
    concerned = any(one.calibration is None or one.calibration.concern for one in found)
    return NEEDS_PERSON if concerned else 0


def _say(one: Calibrated) -> None:
    who = f"{one.character}.{one.wardrobe}"
    if one.calibration is None:
        say(f"{who}: cannot be judged by its sheet")
        for line in wrapped(one.problem, columns(), indent=2):
            say(line)
        return
    measured = one.calibration
    level = "" if measured.level is None else f"; its views score {measured.level:.2f} on each other"
    say(f"{who}: on-model from {measured.threshold:.2f} ({measured.scorer} {measured.version}){level}")
    rows = [
        (f"  {view.name}", "" if view.score is None else f"{view.score:.2f}", view.standing)
        for view in measured.views
    ]
    for line, view in zip(in_columns(rows, right=(1,)), measured.views, strict=True):
        say(line)
        for words in wrapped(view.note, columns(), indent=6):
            say(words)
    for line in wrapped(measured.concern, columns(), indent=2):
        say(line)


def _json(one: Calibrated) -> dict[str, Any]:
    who: dict[str, Any] = {"character": one.character, "wardrobe": one.wardrobe}
    measured = one.calibration
    if measured is None:
        return {**who, "problem": one.problem}
    return {
        **who,
        "threshold": measured.threshold,
        "level": measured.level,
        "scorer": f"{measured.scorer} {measured.version}",
        "views": [vars(view) for view in measured.views],
        "concern": measured.concern or None,
    }
