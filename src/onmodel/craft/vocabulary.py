"""Every word that the guide lists, by topic, for people who look for one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from onmodel.craft.framing import framing_table
from onmodel.craft.ladders import ladder_names, rungs_of
from onmodel.craft.words import read_words

_CAMERA: Final = {
    "camera": "move",
    "angle": "angle",
    "lens": "lens",
    "size": "size",
    "focus": "focus",
    "preset": "preset",
}
_GROUPED: Final = ("subject", "action", "mood")
TOPICS: Final = (*_CAMERA, *_GROUPED, "style", "consistency", "negative", "ratio", "ladder")
"""What `words` can be asked about."""


@dataclass(frozen=True)
class Entry:
    """One word or phrase, and what it is for."""

    topic: str
    name: str
    group: str = ""
    """What it belongs to: the movement of a direction, the list of a negative."""
    also: tuple[str, ...] = ()
    """Other names of it in a shot."""
    phrase: str = ""
    """How it is said in a prompt."""
    effect: str = ""
    best_for: str = ""

    def mentions(self, search: str) -> bool:
        """Whether every searched word is somewhere in it."""
        texts = (self.topic, self.name, self.group, *self.also, self.phrase, self.effect, self.best_for)
        whole = " ".join(texts).casefold()
        return all(word in whole for word in search.casefold().split())


def entries(topic: str | None = None, search: str = "") -> tuple[Entry, ...]:
    """The words of a topic, or of all, that have the searched words in them."""
    return tuple(one for one in _all() if topic in (None, one.topic) and one.mentions(search))


@cache
def _all() -> tuple[Entry, ...]:
    table = read_words()
    return (
        *(entry for topic, key in _CAMERA.items() for entry in _camera(topic, table[key])),
        *(
            Entry(topic, word, group)
            for topic in _GROUPED
            for group, words in table[topic].items()
            for word in words
        ),
        *(Entry("style", name, phrase=style["phrase"]) for name, style in table["style"].items()),
        *(Entry("consistency", name, phrase=phrase) for name, phrase in table["consistency"].items()),
        *_negatives(table["negative"]),
        *_ratios(),
        *(
            Entry("ladder", rung.id, name, effect=rung.asks)
            for name in ladder_names()
            for rung in rungs_of(name)
        ),
    )


def _camera(topic: str, rows: list[dict[str, Any]]) -> Iterator[Entry]:
    for row in rows:
        mm = "{}-{}mm".format(*row["mm"]) if "mm" in row else ""
        group = mm or row.get("of", "")
        yield Entry(
            topic, row["name"], group, tuple(row["also"]), row["phrase"], row["effect"], row["best_for"]
        )


def _negatives(table: Mapping[str, Any]) -> Iterator[Entry]:
    yield from (Entry("negative", term, "always") for term in table["universal"])
    for look, family in table["looks"].items():
        yield from (Entry("negative", term, f"look: {look}") for term in family["terms"])
    for family, terms in table["motion"].items():
        yield from (Entry("negative", term, f"motion: {family}") for term in terms)


def _ratios() -> Iterator[Entry]:
    table = framing_table()
    for ratio, row in table["ratios"].items():
        phrase = "; ".join(f"{size}: {said}" for size, said in row["phrases"].items())
        yield Entry("ratio", ratio, row["is"], (), phrase, row["favours"], ", ".join(row["best_for"]))
    for ratio, crop in table["crops"].items():
        yield Entry("ratio", ratio, "crop", effect=f"filmed in {crop['of']} and cut: {crop['keep']} stays")
    for group in ("subjects", "platforms"):
        for name, ratios in table[group].items():
            yield Entry("ratio", " or ".join(ratios), group.removesuffix("s"), best_for=name)
