"""A prompt as words with their places, and phrases found in it: read once, in time linear in its length."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import NamedTuple

_WORD = re.compile(r"\w+(?:[-'’]\w+)*")
_STOP = re.compile(r"[.!?](?=\s|$)|[\n;]")


class Word(NamedTuple):
    """One word of a prompt."""

    low: str
    """In lower case, with a plain apostrophe."""
    start: int
    end: int
    before: str
    """What parts it from the word before: `.` a sentence, `,` a pause, or nothing."""
    is_capital: bool


class Text:
    """A prompt, read."""

    def __init__(self, raw: str) -> None:
        self.raw = raw
        self.words = tuple(_words(raw))
        self.lows = tuple(word.low for word in self.words)

    def low(self, index: int) -> str:
        """The word there in lower case; nothing past either end."""
        return self.lows[index] if 0 <= index < len(self.lows) else ""

    def next_in_clause(self, index: int) -> str:
        """The word after this one, unless a stop or a pause stands between."""
        after = index + 1
        return self.lows[after] if after < len(self.words) and not self.words[after].before else ""

    def previous_in_clause(self, index: int) -> str:
        """The word before this one, unless a stop or a pause stands between."""
        return self.lows[index - 1] if index > 0 and not self.words[index].before else ""

    def span(self, first: int, last: int) -> tuple[int, int]:
        """The characters from one word to another, both included."""
        return self.words[first].start, self.words[last].end

    def sentence_start(self, index: int) -> int:
        """The first word of the sentence that this word is in."""
        return self._sentences[index][0]

    def sentence_end(self, index: int) -> int:
        """The first word after the sentence that this word is in."""
        return self._sentences[index][1]

    @cached_property
    def _sentences(self) -> tuple[tuple[int, int], ...]:
        starts = [index for index, word in enumerate(self.words) if word.before == "."]
        bounds: list[tuple[int, int]] = []
        for start, end in zip(starts, [*starts[1:], len(self.words)], strict=True):
            bounds += [(start, end)] * (end - start)
        return tuple(bounds)


class Phrases:
    """Phrases to look for, by their first word."""

    def __init__(self, names: Mapping[str, Iterable[str]]) -> None:
        self._by_first: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        for name, phrases in names.items():
            for phrase in phrases:
                words = tuple(_low(match[0]) for match in _WORD.finditer(phrase))
                if words:
                    self._by_first.setdefault(words[0], []).append((words, name))

    def find(self, text: Text) -> Iterator[tuple[str, int, int]]:
        """Each phrase that is in the text: its name, its first word, its last word."""
        lows = text.lows
        for first, low in enumerate(lows):
            for words, name in self._by_first.get(low, ()):
                if lows[first : first + len(words)] == words:
                    yield name, first, first + len(words) - 1


def _words(raw: str) -> Iterator[Word]:
    end = 0
    for index, match in enumerate(_WORD.finditer(raw)):
        start = match.start()
        gap = raw[end:start]
        before = "." if index == 0 else ""
        if gap and gap != " ":
            before = before or ("." if _STOP.search(gap) else "," if gap.strip(" '\"’“”") else "")
        word = match[0]
        yield Word(_low(word), start, match.end(), before, word.istitle())
        end = match.end()


def _low(word: str) -> str:
    return word.lower().replace("’", "'")
