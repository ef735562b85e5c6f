"""What an edit's prompt must not be: an order. The endpoint gets the result in words, not the way to it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

from onmodel.craft.lint.flaws import Flaw, flaw, word_set
from onmodel.craft.lint.text import Phrases, Text

_BEFORE_ORDER: Final = frozenset(
    {"please", "then", "and", "now", "also", "just", "to", "or", "you", "must", "should", "can", "could"}
)
_BEFORE_ALWAYS: Final = frozenset({"please", "you", "must", "should", "can"})
_OF_BODIES: Final = frozenset({"turn", "move", "show", "take", "give", "put", "get", "cut", "set", "let"})
"""Orders that dancers may do too: `they spin, turn their heads`."""
_ASKED: Final = {
    "asked": (
        "should be",
        "must be",
        "needs to be",
        "need to be",
        "has to be",
        "have to be",
        "i want",
        "i would like",
        "i'd like",
    ),
    "done": (
        "is removed",
        "are removed",
        "is replaced",
        "are replaced",
        "replaced with",
        "replaced by",
        "is changed",
        "are changed",
        "changed to",
        "changed into",
        "turned into",
        "converted to",
        "converted into",
        "is added",
        "are added",
        "has been removed",
        "have been removed",
        "gets removed",
    ),
}
_REWRITES: Final = (
    (
        r"(?:change|turn|convert|transform)\s+(?P<what>.{2,60}?)\s+(?:in)?to\s+(?P<now>\S+(?: \S+)?)$",
        "{now} {what}",
    ),
    (
        r"(?:change|turn|convert|transform|switch)\s+(?P<what>.{2,60}?)\s+(?:in)?to\s+(?P<now>.{2,120})",
        "{now}",
    ),
    (
        r"(?:replace|swap)\s+(?P<what>.{2,60}?)\s+(?:with|by|for)\s+(?P<now>.{2,120})",
        "{now}, where the {what} was",
    ),
    (
        r"make\s+(?:it|this|everything|the \w+)\s+(?:look\s+)?(?:(?:like|more)\s+)?(?P<now>.{2,120})",
        "{now}",
    ),
    (r"make\s+(?:him|her|them)\s+(?P<now>.{2,120})", "a {now} person"),
    (
        r"(?:remove|delete|erase|take out)\s+(?P<what>.{2,60}?)\s+from\s+(?P<now>.{2,120})",
        "{now} with no {what}",
    ),
    (r"(?:remove|delete|erase|take out)\s+(?P<what>.{2,60})", "the same scene with no {what}"),
    (
        r"(?:add|put|insert)\s+(?P<what>.{2,60}?)\s+(?:to|in|into|on|onto)\s+(?P<now>.{2,120})",
        "{now} with {what}",
    ),
    (r"(?:add|put|insert|give|apply)\s+(?P<now>.{2,120})", "the same scene with {now}"),
)
"""Orders as patterns, and how the result of each is said."""
_ARTICLE: Final = re.compile(r"^(?:the|a|an|his|her|their|its|my|your)\s+", re.IGNORECASE)
_CLAUSE_END = re.compile(
    r"[.,;!?\n]| and then | then | and (?=(?:make|change|remove|add|replace|turn|put|give)\b)", re.IGNORECASE
)


def order_flaws(text: Text) -> Iterator[Flaw]:
    """Orders (`remove the dog`) and passives of them (`the dog is removed`)."""
    for index, low in enumerate(text.lows):
        if low in word_set("verbs", "orders") and _is_order(text, index):
            start = text.words[index].start
            clause = _CLAUSE_END.search(text.raw, start + len(low))
            end = len(text.raw) if clause is None else clause.start()
            words = text.raw[start:end].rstrip()
            yield flaw("process-not-result", text.raw, (start, start + len(words)), _result_of(words))
    for name, first, last in _asked().find(text):
        rewrite = "Say what is seen in the end, as if it were already so."
        if name == "done" and text.previous_in_clause(first) in ("nothing", "not"):
            continue
        yield flaw("process-not-result", text.raw, text.span(first, last), rewrite)


def _is_order(text: Text, index: int) -> bool:
    """An order begins a sentence or follows `and`, a pause or `please`, and has an object."""
    word, after = text.words[index], text.next_in_clause(index)
    before = text.previous_in_clause(index)
    if not after:
        return False
    has_object = after in word_set("verbs", "order_objects") or after in word_set("nouns", "pronouns")
    if word.low in word_set("verbs", "orders_too") and not has_object:
        return False
    first = text.sentence_start(index)
    if all(low in _BEFORE_ORDER for low in text.lows[first:index]) or before in _BEFORE_ALWAYS:
        return before != "to" or has_object
    # In mid-sentence a verb of this form may belong to a plural: `lights change the mood`.
    is_next = word.before == "," or before in _BEFORE_ORDER
    after_order = text.lows[first] in word_set("verbs", "orders") or text.lows[first] in _BEFORE_ORDER
    return is_next and has_object and (after_order or (word.before == "," and word.low not in _OF_BODIES))


def _result_of(words: str) -> str:
    """The order as its result, where its form shows one."""
    for pattern, form in _rewrites():
        match = pattern.match(words)
        if match:
            parts = {name: value.strip() for name, value in match.groupdict().items()}
            if "what" in parts and not form.endswith("with {what}"):
                parts["what"] = _ARTICLE.sub("", parts["what"])
            return f'Say the result: "{form.format(**parts)}", and what stays unchanged.'
    return "Say what is seen in the end, and what stays unchanged."


@cache
def _asked() -> Phrases:
    return Phrases(_ASKED)


@cache
def _rewrites() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(pattern, re.IGNORECASE), form) for pattern, form in _REWRITES)
