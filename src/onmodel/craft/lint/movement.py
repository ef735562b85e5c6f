"""Which words say that somebody moves: `she waves` does, `waves of hair` and `a spinning wheel` do not.

English marks no verb as such: what stands before and after a word decides. Where that leaves a doubt, nothing
is said, since a false alarm costs more trust than a miss.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal, NamedTuple

from onmodel.craft.lint.flaws import read_table, word_set
from onmodel.craft.lint.text import Text
from onmodel.craft.lint.verbs import Verb, movements

Actor = Literal["person", "thing", "camera", "unknown", "nobody"]

_MODALS = frozenset({"to", "will", "can", "should", "must", "would", "could", "let", "lets", "let's", "may"})
_PLURAL_SUBJECTS = frozenset({"they", "who", "we", "you", "i"})
_FILLERS = frozenset(
    {"is", "are", "was", "were", "be", "being", "been", "keeps", "starts", "begins", "stops", "then", "also"}
)
_AIMS = frozenset(
    {"to", "toward", "towards", "at", "into", "through", "with", "on", "onto", "across", "like"}
)
_DENIALS = frozenset({"no", "not", "never", "without", "nobody", "don't", "doesn't", "isn't"})
_ARTICLES = frozenset({"a", "an", "one", "this", "that", "each", "every"})
_RELATIVE = frozenset({"that", "which", "and"})
_CLAUSES = frozenset({"where", "as", "while", "when", "that"})
_PREPOSITIONS = frozenset(
    {
        "on",
        "in",
        "at",
        "under",
        "with",
        "by",
        "before",
        "near",
        "wearing",
        "of",
        "beside",
        "behind",
        "among",
    }
)
THINGS_TOO: Final = frozenset({"swing", "slide", "wave", "fall", "step", "turn", "roll", "march", "jump"})
"""Movements that are things as well: `swings in a playground`."""
_LONGEST_NOUN = 4
_FARTHEST = 12
"""Words back to which the one who moves is looked for."""
_CLAUSE = 6
"""Words back to which the preposition of a thing is looked for."""


class Act(NamedTuple):
    """Words of a movement: the verb, and the last word that belongs to it."""

    lemma: str
    first: int
    last: int
    actor: Actor


def acts(text: Text, names: frozenset[str] = frozenset()) -> Iterator[Act]:
    """Every movement of somebody in the text.

    Args:
        text: the prompt.
        names: of characters, in lower case.
    """
    known = movements()
    for index, low in enumerate(text.lows):
        verb = known.get(low)
        if verb is None or not _goes_with(text, index, verb):
            continue
        actor = _actor(text, index, names)
        if _is_act(text, index, verb, actor):
            yield Act(verb.lemma, index, _last(text, index), actor)


def is_adverb(low: str) -> bool:
    """Whether a word says how: `slowly`, not `family`."""
    return low.endswith("ly") and low not in word_set("nouns", "not_adverbs")


def _goes_with(text: Text, index: int, verb: Verb) -> bool:
    """Some verbs are movements with certain words only: `looks around`, not `looks sad`."""
    wanted: str | None = read_table("verbs")["only_with"].get(verb.lemma)
    return wanted is None or text.next_in_clause(index) in wanted.split()


def _is_act(text: Text, index: int, verb: Verb, actor: Actor) -> bool:
    is_title = text.words[index].is_capital and index != text.sentence_start(index)  # of a film, a song
    if text.previous_in_clause(index) in _DENIALS or actor == "camera" or is_title:
        return False
    tests = {"ing": _is_doing, "s": _does, "base": _is_told_to, "past": _did}
    return tests[verb.form](text, index, verb, actor)


def _is_doing(text: Text, index: int, verb: Verb, actor: Actor) -> bool:
    """`dancing` on its own, of somebody; not in `a dancing bear costume`, nor `petals dancing`."""
    after, before = text.next_in_clause(index), text.previous_in_clause(index)
    if after in word_set("nouns", "body"):
        return actor != "thing" or verb.lemma in word_set("verbs", "body")
    if _is_content(after):
        return after in word_set("nouns", "motion_nouns") or (
            _is_person(after) and before not in ("of", "for")
        )
    if before in ("of", "for") or (
        before in word_set("nouns", "determiners") and before not in ("like", "as", "by")
    ):
        return False
    if verb.lemma in word_set("verbs", "body"):
        return actor != "thing"
    if after in word_set("nouns", "pronouns") or _is_possessive(after):
        return actor != "thing"
    return actor in ("person", "nobody") or (actor == "unknown" and _is_first_noun(text, index))


def _does(text: Text, index: int, verb: Verb, actor: Actor) -> bool:
    """`waves` of somebody; not in `ocean waves`, `waves of hair`, `two turns`."""
    after, before = text.next_in_clause(index), text.previous_in_clause(index)
    if after == "of" or before in word_set("nouns", "determiners") or actor == "thing":
        return False
    if after == "in" and verb.lemma in THINGS_TOO and actor != "person":
        return False
    if (actor == "person" and _is_person(before)) or _is_name(text, index - 1):
        return True
    strong = _is_verb_like(after)
    if before in ("and", "then", "but", "") or is_adverb(before):
        ends = not after and actor == "person" and verb.lemma != "wave"
        return ends or (strong and actor != "unknown") or _follows_verb(text, index)
    if _is_first_noun(text, index) and _is_one_noun(text.lows[text.sentence_start(index) : index]):
        return True
    return strong and (actor == "person" or _is_first_noun(text, index))


def _is_told_to(text: Text, index: int, verb: Verb, actor: Actor) -> bool:
    """`to dance`, `they dance`, `Dance across the stage`; not `a dance`, `Dance studio`."""
    after, before = text.next_in_clause(index), text.previous_in_clause(index)
    if actor == "thing":
        return False
    if before in _MODALS:
        return not _is_content(after) or _is_person(after) or after in word_set("nouns", "body")
    if before in word_set("nouns", "body") and before.endswith("s"):
        return not after or is_adverb(after)
    if before in ("and", "then") and _is_verb_like(after):
        return _follows_verb(text, index)
    starts = index == text.sentence_start(index) and verb.lemma not in THINGS_TOO
    ordered = starts and (_is_verb_like(after) or is_adverb(after))
    return ordered or before in _PLURAL_SUBJECTS or before in word_set("nouns", "people_plural")


def _did(text: Text, index: int, _verb: Verb, actor: Actor) -> bool:
    """`she walked`, `Mina walked`; not `a child lifted by her father`."""
    before = text.previous_in_clause(index)
    is_subject = before in word_set("nouns", "pronouns") or (before and text.words[index - 1].is_capital)
    return actor == "person" and bool(is_subject)


# -- who moves -----------------------------------------------------------------------------------------------


def _actor(text: Text, index: int, names: frozenset[str]) -> Actor:
    """Who or what moves: the nearest one named before the verb in its sentence."""
    first = max(text.sentence_start(index), index - _FARTHEST)
    passed: Actor = "nobody"
    for at in range(index - 1, first - 1, -1):
        low = text.lows[at]
        if low in _FILLERS or low in ("and", "that", "which") or is_adverb(low) or _is_earlier_act(text, at):
            continue
        if low in word_set("nouns", "camera"):
            return "camera"
        if _is_person(low) or low.removesuffix("'s") in names:
            return "person"
        if _is_thing(low) and _may_move(text, at, index):
            return "thing"
        if text.words[at].is_capital and at > text.sentence_start(index):
            return "person"
        if _is_content(low) and low not in word_set("nouns", "body"):
            passed = "unknown"
    return passed


def _is_earlier_act(text: Text, at: int) -> bool:
    """Whether a word is a movement itself, and not who moves: `waves` in `waves her arms and spins`."""
    verb = movements().get(text.lows[at])
    return verb is not None and (verb.form == "ing" or _is_verb_like(text.next_in_clause(at)))


def _may_move(text: Text, at: int, index: int) -> bool:
    """Whether a thing is what moves, and not what somebody wears or stands under: `in a red dress waves`."""
    if all(low in _RELATIVE or is_adverb(low) for low in text.lows[at + 1 : index]):
        touching = not any(text.words[between].before for between in range(at + 1, index + 1))
        form = movements()[text.lows[index]].form
        if touching and (form == "ing" or index > at + 1):
            return True
    for clause in range(at, max(text.sentence_start(at), at - _CLAUSE) - 1, -1):
        if text.lows[clause] in _CLAUSES:
            return True
        if text.lows[clause] in _PREPOSITIONS:
            return False
        if text.words[clause].before:
            return True
    return True


def _is_name(text: Text, index: int) -> bool:
    """Whether a word right before a verb is a name: a capital inside a sentence."""
    inside = index > 0 and not text.words[index].before and index != text.sentence_start(index)
    return inside and text.words[index].is_capital and not is_adverb(text.lows[index])


def _is_person_noun(low: str) -> bool:
    return low in word_set("nouns", "people") or low in word_set("nouns", "people_plural")


def _is_person(low: str) -> bool:
    return low in word_set("nouns", "pronouns") or _is_person_noun(low)


def _is_thing(low: str) -> bool:
    return low in word_set("nouns", "things")


def _is_possessive(low: str) -> bool:
    return low in ("his", "her", "their", "its", "herself", "himself", "itself", "themselves")


def _is_content(low: str) -> bool:
    """Whether a word is a noun or an adjective, as far as can be told."""
    return bool(low) and low not in word_set("nouns", "function") and not is_adverb(low)


def _is_first_noun(text: Text, index: int) -> bool:
    """Whether only the sentence's first noun stands before the verb: `An elf`, not `An elf on a hill`."""
    first = text.sentence_start(index)
    between = range(first + 1, index + 1)
    return first < index <= first + _FARTHEST and not any(
        text.words[at].before or (at < index and text.lows[at] in word_set("nouns", "function"))
        for at in between
    )


def _is_one_noun(lows: tuple[str, ...]) -> bool:
    """Whether words are one thing in the singular: after `a young elf` a word in -s must be a verb."""
    plural = any(low.endswith("s") and not low.endswith("ss") for low in lows[1:])
    return lows[:1] != () and lows[0] in _ARTICLES and len(lows) <= _LONGEST_NOUN and not plural


def _is_verb_like(after: str) -> bool:
    """Whether what follows makes a verb of `waves`: `her arms`, `around`, `to face`."""
    return (
        _is_possessive(after) or after in word_set("nouns", "particles") or after in _AIMS or is_adverb(after)
    )


def _follows_verb(text: Text, index: int) -> bool:
    """Whether another movement stands right before `and`: `dances and spins`."""
    known, at = movements(), index - 1
    while at > text.sentence_start(index) and (
        text.lows[at] in ("and", "then", "but") or is_adverb(text.lows[at])
    ):
        at -= 1
    before = known.get(text.low(at))
    if before is None or at == index:
        return False
    who = text.low(at - 1)
    return before.form in ("s", "base") and not _is_thing(who) and who not in word_set("nouns", "determiners")


def _last(text: Text, index: int) -> int:
    """The last word that belongs to the movement: `waves her arms`, `turning to face camera`."""
    last = index
    belongs = word_set("nouns", "particles") | word_set("nouns", "body") | _AIMS
    while (after := text.next_in_clause(last)) and last < index + 3:
        if not (
            after in belongs
            or _is_possessive(after)
            or is_adverb(after)
            or after in ("face", "camera", "the")
        ):
            break
        last += 1
    while last > index and (
        text.lows[last] in _AIMS or text.lows[last] in ("the", "his", "her", "their", "its", "in")
    ):
        last -= 1
    return last
