"""A remedy's change, made to what the composer is told; and what keeps a change from being made."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final

from onmodel.craft.prompt import CharacterBrief, ShotBrief
from onmodel.craft.remedies import Change
from onmodel.craft.sentences import clean
from onmodel.craft.words import style_phrase

USUAL_ADHERENCE: Final = 0.5
"""What the endpoints assume where nothing is said. Source: the guide, 2026-01-26."""

_BETWEEN_MOVEMENTS = re.compile(r"\s*[,;]\s*|\s+(?:and|then|while)\s+", re.IGNORECASE)
_GAP = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Asked:
    """How the take before was asked for, as far as a remedy needs to know."""

    fields: Collection[str] = ()
    """What the endpoint takes, in the neutral words of `Endpoint.roles`."""
    adherence: float = USUAL_ADHERENCE
    highest_tier: bool = False
    seconds: Fraction | None = None
    """Length of the clip; None for a picture, and where an input gives the length."""
    prompt_chars: int = 0
    """Length of its prompt."""
    by_reference: bool = False
    """Whether a motion reference moves."""
    draws_first_frame: bool = False
    """Whether it starts from a keyframe of ours."""
    has_mask: bool = False
    """Whether the shot names a mask."""


def applied(brief: ShotBrief, change: Change, look: str = "") -> ShotBrief:
    """The shot as the composer is told it after the change.

    Args:
        brief: the shot as the story says it.
        change: what is different; what is no matter of words is not in the result.
        look: of a style pass, whose brief has none.
    """
    changed = replace(brief, anchors=(*brief.anchors, *filled(change.anchors, brief, look)))
    if change.one_movement:
        changed = replace(changed, action=_BETWEEN_MOVEMENTS.split(clean(changed.action))[0])
    if change.motion and changed.action:
        changed = replace(changed, action=", ".join((clean(changed.action), *change.motion)))
    return _restyled(_without(changed, change.drop), change, _look(brief, look))


def filled(phrases: Iterable[str], brief: ShotBrief, look: str = "") -> tuple[str, ...]:
    """Phrases with their gaps filled from the shot; without those whose filling the shot does not say."""
    said = _said(brief, look)
    return tuple(one.format_map(said) for one in phrases if all(said[gap] for gap in _GAP.findall(one)))


def obstacle(change: Change, brief: ShotBrief, asked: Asked, look: str = "") -> str:
    """What keeps a change from being made, or from changing anything; empty where nothing does."""
    return next(_obstacles(change, brief, asked, look), "")


def _obstacles(change: Change, brief: ShotBrief, asked: Asked, look: str) -> Iterator[str]:
    if asked.by_reference and (change.motion or change.one_movement):
        yield "the reference gives the movement"
    if _is_only_words(change) and applied(brief, change, look) == brief:
        yield "the shot says nothing that it could work on"
    if change.avoid and "negative" not in asked.fields and change == Change(avoid=change.avoid):
        yield "the endpoint takes no negative prompt"
    if change.characters and not change.anchors and 0 < asked.prompt_chars <= change.characters:
        yield f"the prompt has only {asked.prompt_chars} characters"
    yield from _setting_obstacles(change, asked)
    yield from _picture_obstacles(change, asked)


def _setting_obstacles(change: Change, asked: Asked) -> Iterator[str]:
    if change.adherence_at_least is not None or change.adherence_at_most is not None:
        if "adherence" not in asked.fields:
            yield "the endpoint takes no adherence"
        elif change.adherence(asked.adherence) == asked.adherence:
            yield f"the adherence is {asked.adherence} already"
    if change.quality and asked.highest_tier:
        yield "it is the highest tier already"
    if change.seconds and asked.seconds is None:
        yield "its length is not chosen"
    elif change.seconds and asked.seconds is not None and asked.seconds <= change.seconds:
        yield f"no clip of it is longer than {change.seconds} s"
    if change.orientation and "orientation" not in asked.fields:
        yield "only motion control has an orientation"
    if change.seed and "seed" not in asked.fields:
        yield "the endpoint takes no seed"


def _picture_obstacles(change: Change, asked: Asked) -> Iterator[str]:
    if change.first_frame and not asked.draws_first_frame:
        yield "its first picture is not a keyframe of ours"
    if change.references and "references" not in asked.fields:
        yield "the endpoint takes no reference pictures"
    if change.mask and "mask" not in asked.fields:
        yield "the endpoint takes no mask"
    elif change.mask and not asked.has_mask:
        yield "the shot names no mask"


def _is_only_words(change: Change) -> bool:
    """Whether it does nothing but change what the composer is told."""
    told = Change(
        anchors=change.anchors,
        motion=change.motion,
        drop=change.drop,
        one_movement=change.one_movement,
        style=change.style,
    )
    return bool(told) and change in (told, replace(told, characters=change.characters, avoid=change.avoid))


def _said(brief: ShotBrief, look: str) -> Mapping[str, str]:
    """What the shot's words say, for the gaps in a remedy's phrases."""
    characters = brief.characters
    return {
        "names": _listed(character.name for character in characters),
        "traits": ", ".join(_traits(characters)),
        "outfits": _listed(character.wardrobe for character in characters if character.wardrobe),
        "start": clean(brief.start),
        "action": clean(brief.action),
        "look": _look(brief, look),
    }


def _look(brief: ShotBrief, look: str) -> str:
    """The style pass's look, else the production's, else the characters' own."""
    styles = dict.fromkeys(filter(None, (clean(character.style) for character in brief.characters)))
    return clean(look) or clean(brief.look) or ", ".join(styles)


def _traits(characters: tuple[CharacterBrief, ...]) -> list[str]:
    """Every trait; of several characters, with the name before the first."""
    if len(characters) == 1:
        return list(characters[0].always)
    return [f"{one.name} with {', '.join(one.always)}" for one in characters if one.always]


def _without(brief: ShotBrief, parts: Collection[str]) -> ShotBrief:
    camera = brief.camera
    if camera is not None:
        camera = replace(camera, **{part: None for part in ("lens", "move") if part in parts})
    return replace(brief, camera=camera, mood="" if "mood" in parts else brief.mood)


def _restyled(brief: ShotBrief, change: Change, look: str) -> ShotBrief:
    words = style_phrase(look) or ""
    if change.style == "specific" and words:
        return replace(brief, anchors=(*brief.anchors, words))
    if change.style == "last" and look:
        characters = tuple(replace(character, style="") for character in brief.characters)
        anchors = (*brief.anchors, ", ".join(filter(None, (look, words))))
        return replace(brief, look="", characters=characters, anchors=anchors)
    return brief


def _listed(words: Iterable[str]) -> str:
    found = [clean(word) for word in words if clean(word)]
    return found[0] if len(found) == 1 else ", ".join(found[:-1]) + " and " + found[-1] if found else ""
