"""Which characters of the bibles a prompt means, and what each of them wears and does."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from onmodel.studio.rehearsal.looks import CharacterLook, Garment, garments_in, says

_FILLER = {
    "with",
    "and",
    "the",
    "that",
    "his",
    "her",
    "its",
    "very",
    "from",
    "who",
    "has",
    "small",
    "friendly",
    "young",
}
_PEOPLE = (
    "man",
    "woman",
    "girl",
    "boy",
    "person",
    "child",
    "dancer",
    "singer",
    "captain",
    "hero",
    "ceo",
    "idol",
    "people",
    "performer",
    "artist",
    "chef",
    "detective",
    "soldier",
    "wizard",
    "king",
    "queen",
)
_MACHINES = ("robot", "android", "droid", "automaton", "mech", "cyborg")
_ANIMALS = ("fox", "cat", "dog", "bear", "rabbit", "mouse", "wolf", "dragon", "creature", "monster", "panda")


@dataclass(frozen=True)
class Player:
    """One character in the picture."""

    look: CharacterLook
    worn: tuple[Garment, ...]
    does: str
    """The words of the prompt that say what it does, lower case."""


def cast_of(prompt: str, looks: Sequence[CharacterLook]) -> tuple[Player, ...]:
    """The characters that a prompt means, in the order it names them.

    By name; failing that by the words of their looks; failing that a stranger, where it speaks of somebody.
    """
    text = prompt.lower()
    named = [look for look in looks if says(text, look.name.lower())]
    named.sort(key=lambda look: text.index(look.name.lower()))
    if not named:
        named = [look for look in looks if _resembles(text, look)]
    if not named:
        named = _stranger(text)
    return tuple(
        Player(look, garments_in(worn_by(look, text)), _doings(look, text, len(named))) for look in named
    )


def bare_text(prompt: str, looks: Sequence[CharacterLook]) -> str:
    """The prompt without the characters' looks: what is left is the setting and the doings."""
    text = prompt.lower()
    for look in looks:
        for phrase in sorted((*look.always, look.looks, *look.wardrobe.values()), key=len, reverse=True):
            if phrase:
                text = text.replace(phrase.lower(), " ")
    return text


def worn_by(look: CharacterLook, text: str) -> str:
    """The wardrobe that counts: an outfit of the bible that is quoted, `wearing ...`, else the default."""
    quoted = [outfit for outfit in look.wardrobe.values() if outfit and outfit.lower() in text]
    if quoted:
        return max(quoted, key=len).lower()
    name = text.find(look.name.lower())
    match = re.search(r"\b(?:wearing|dressed in|wears|clad in)\b([^.;]{3,160})", text[max(name, 0) :])
    return match.group(1) if match else look.default_wardrobe.lower()


def _resembles(text: str, look: CharacterLook) -> bool:
    words = {word for word in re.findall(r"[a-z]{3,}", look.looks.lower()) if word not in _FILLER}
    return bool(words) and sum(says(text, word) for word in words) * 2 > len(words)


def _doings(look: CharacterLook, text: str, players: int) -> str:
    """With several characters, only the sentences that name this one tell what it does."""
    bare = bare_text(text, [look])
    if players == 1:
        return bare
    own = [part for part in re.split(r"[.;]", bare) if look.name.lower() in part]
    return ". ".join(own) if own else bare


def _stranger(text: str) -> list[CharacterLook]:
    """Somebody no bible knows, made of the prompt's own words; nobody where it names nobody."""
    if says(text, *_MACHINES) or says(text, *_ANIMALS):
        return [CharacterLook("stranger", "stranger", "stylised", text)]
    return [CharacterLook("stranger", "stranger", "human", text)] if says(text, *_PEOPLE) else []
