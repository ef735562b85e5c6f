"""Ladders: a shot asked for in rungs, little first, so that each take shows what the next words do.

The rungs are in `ladders.json`. A rung is judged before the next is bought.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, Literal, NamedTuple

from onmodel.craft.prompt import CharacterBrief, ShotBrief
from onmodel.craft.repair import filled

Part = Literal["identity", "setting", "start", "camera", "action", "mood", "style"]
"""What a rung may say of a shot; who is in it is always said."""


class Rung(NamedTuple):
    """One step of a ladder."""

    id: str
    asks: str
    """The question that its take answers."""
    quality: Literal["draft", "standard", "master"] | None
    """The tier; None stands for the shot's own."""
    says: tuple[Part, ...]
    avoids: bool
    """Whether the negative prompt goes along."""
    characters: int | None = None
    """Length of the prompt at most, in characters, instead of what is advised."""
    adherence: float | None = None
    """0 to 1; None stands for the shot's own."""
    anchors: tuple[str, ...] = ()
    """Phrases that end the prompt, with gaps as a remedy's have."""

    def applied(self, brief: ShotBrief) -> ShotBrief:
        """The shot as the composer is told it on this rung."""
        return replace(
            brief,
            characters=tuple(self._character(one) for one in brief.characters),
            setting=brief.setting if "setting" in self.says else "",
            start=brief.start if "start" in self.says else "",
            action=brief.action if "action" in self.says else "",
            camera=brief.camera if "camera" in self.says else None,
            mood=brief.mood if "mood" in self.says else "",
            look=brief.look if "style" in self.says else "",
            anchors=(*brief.anchors, *filled(self.anchors, brief)),
        )

    def _character(self, character: CharacterBrief) -> CharacterBrief:
        styled = character if "style" in self.says else replace(character, style="")
        return styled if "identity" in self.says else replace(styled, always=(), wardrobe=None)


@cache
def _read() -> Mapping[str, Any]:
    raw: dict[str, Any] = json.loads(Path(__file__).with_name("ladders.json").read_text("utf-8"))
    return raw


def ladder_names() -> tuple[str, ...]:
    """Every ladder that a shot may name."""
    return tuple(name for name, rungs in _read().items() if isinstance(rungs, list))


@cache
def rungs_of(name: str) -> tuple[Rung, ...]:
    """The rungs of a ladder, lowest first.

    Raises:
        KeyError: there is no such ladder; the story's models allow no other.
    """
    return tuple(_rung(raw) for raw in _read()[name])


def _rung(raw: Mapping[str, Any]) -> Rung:
    read: dict[str, Any] = {key: tuple(one) if isinstance(one, list) else one for key, one in raw.items()}
    return Rung(**read)
