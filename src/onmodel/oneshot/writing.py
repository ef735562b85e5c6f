"""The production of one shot, written beside the file that is wished for."""

from __future__ import annotations

import io
import shutil
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

from onmodel.craft.sentences import clean
from onmodel.oneshot.wish import MARK, Wish, check_wish
from onmodel.post.ffmpeg import written_whole
from onmodel.stages.script import Call
from onmodel.units import sha256_of_file

EPISODE: Final = "film"
SHOT: Final = "s010"
CHARACTER: Final = "character"
VIEWS: Final[Mapping[str, str]] = {"9:16": "full-body", "1:1": "front", "16:9": "full-body"}
"""The one view of the model sheet, by the ratio of the film."""
SHEET_RATIOS: Final = ("9:16", "1:1")
"""Ratios in which a sheet's view may open the clip as it is."""
START: Final = "stands facing the camera, in full view"
SMALLEST_MARK: Final = "one consistent design"
"""The mark of a character of whom one thing only is said."""


def write_film(wish: Wish, *, rehearse: bool = False, max_usd: Decimal | None = None) -> Call:
    """Writes the production of one shot beside the file that is wished for.

    Returns:
        What is to be worked on: `read_plan` says its price, `shoot_film` makes it.

    Raises:
        PlanError: something cannot be done as it is said; nothing was written then.
        NotMedia: the motion is no clip.
        PostError: the folder cannot be written.
    """
    check_wish(wish)
    root = wish.folder
    motion = None if wish.motion is None else f"assets/motion{wish.motion.suffix}"
    if wish.motion is not None and motion is not None:
        _copy(wish.motion, root / motion)
    documents = {
        "production.yaml": _production(wish),
        f"characters/{CHARACTER}.yaml": _bible(wish),
        f"episodes/{EPISODE}.yaml": _episode(wish, motion),
    }
    for name, document in documents.items():
        with written_whole(root / name) as part:
            part.write_text(f"{MARK}\n{_yaml(document)}", encoding="utf-8")
    return Call(root, EPISODE, rehearse=rehearse, max_usd=max_usd)


def _production(wish: Wish) -> dict[str, Any]:
    return {
        "production": 1,
        "name": "film",
        "title": clean(wish.out.stem) or EPISODE,
        "format": {"ratio": wish.ratio},
        **({"look": clean(wish.look)} if clean(wish.look) else {}),
        "quality": wish.quality,
        "retakes": wish.retakes,
    }


def _bible(wish: Wish) -> dict[str, Any]:
    """Who it is: what is said first is the figure, the rest its marks."""
    looks, *marks = (part for part in map(clean, clean(wish.character).split(",")) if part)
    return {
        "bible": 1,
        "name": "The character",
        "kind": wish.kind,
        "looks": looks,
        "always": list(dict.fromkeys(marks)) or [SMALLEST_MARK],
        "sheet": {"views": [VIEWS[wish.ratio]]},
    }


def _episode(wish: Wish, motion: str | None) -> dict[str, Any]:
    setting = clean(wish.setting)
    opened_by_sheet = not setting and wish.ratio in SHEET_RATIOS
    shot: dict[str, Any] = {
        "cast": CHARACTER,
        **({"first_frame": "sheet"} if opened_by_sheet else {"setting": setting or "a plain studio"}),
        "start": START,
    }
    if motion is None:
        seconds = Fraction(5) if wish.seconds is None else wish.seconds
        shot |= {"action": clean(wish.action), "seconds": float(seconds), "clips": "one"}
    else:
        orientation = {} if wish.orientation is None else {"orientation": wish.orientation}
        shot["motion"] = {"reference": motion, **orientation}
    return {"episode": 1, "title": clean(wish.out.stem) or EPISODE, "shots": {SHOT: shot}}


def _yaml(document: Mapping[str, Any]) -> str:
    from ruamel.yaml import YAML  # noqa: PLC0415 (only where a film is written)

    yaml = YAML()
    yaml.default_flow_style = False
    written = io.StringIO()
    yaml.dump(document, written)
    return written.getvalue()


def _copy(source: Path, into: Path) -> None:
    """Copy a supplied clip; one that is there already keeps its time of change, by which it is known."""
    if into.is_file() and sha256_of_file(into) == sha256_of_file(source):
        return
    with written_whole(into) as part:
        shutil.copyfile(source, part)
