"""`onmodel words`, `onmodel rules`, `onmodel lint`: what prompts are made of, and what is wrong with one."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from fractions import Fraction
from itertools import groupby
from typing import NamedTuple

from onmodel.cli.showing import columns, counted, in_columns, print_json, remark, say, wrapped
from onmodel.craft.lint import MODES, Flaw, Rule, lint, rules
from onmodel.craft.vocabulary import TOPICS, Entry, entries
from onmodel.errors import PlanError, SetupError
from onmodel.story.validation import did_you_mean


class Prompted(NamedTuple):
    """A prompt from the command line, and what is said beside it."""

    text: str
    """The prompt; `-` stands for stdin."""
    mode: str
    image_description: str
    negative: str
    seconds: float | None
    ratio: str
    people: int | None


# -- words ---------------------------------------------------------------------------------------------------


def show_words(topic: str | None, search: str, *, as_json: bool) -> None:
    """Print the words of a topic, or the topics; a word that is no topic is looked for in all.

    Raises:
        PlanError: there is neither such a topic nor such a word.
    """
    wanted = (topic or "").casefold()
    known = wanted if wanted in TOPICS else None
    looked_for = search if known or topic is None else f"{topic} {search}"
    found = entries(known, looked_for.strip())
    if not found:
        names = sorted({entry.name for entry in entries(known)} | (set() if known else set(TOPICS)))
        hint = did_you_mean(looked_for.strip(), names) or f"Topics: {', '.join(TOPICS)}."
        raise PlanError(f"no {known or 'topic or'} word has '{looked_for.strip()}' in it.", hint=hint)
    if as_json:
        print_json({"schema": "onmodel.words/1", "words": [asdict(entry) for entry in found]})
    elif topic is None:
        _say_topics(found)
    else:
        for name, of_topic in groupby(found, lambda entry: entry.topic):
            _say_words(name, list(of_topic))


def _say_topics(found: Sequence[Entry]) -> None:
    rows = []
    for name, of_topic in groupby(found, lambda entry: entry.topic):
        names = list(dict.fromkeys(entry.name for entry in of_topic))
        rows.append((name, f"{len(names)}", ", ".join(names[:4]) + (", ..." if len(names) > 4 else "")))  # noqa: PLR2004 (a taste)
    for line in in_columns(rows, right=(1,)):
        say(line)
    say("onmodel words TOPIC lists one of them.")


def _say_words(topic: str, found: Sequence[Entry]) -> None:
    say(f"{topic}: {counted(len(found), 'word')}")
    if topic == "negative" or not any(entry.phrase or entry.effect or entry.best_for for entry in found):
        for group, of_group in groupby(found, lambda entry: entry.group):
            words = ", ".join(entry.name for entry in of_group)
            for line in wrapped(f"{group}: {words}", columns(), indent=4, first="  "):
                say(line)
        return
    for entry in found:
        group = f" ({entry.group})" if entry.group and entry.group != entry.name else ""
        say(f"  {entry.name}{group}")
        told = (
            f"in a prompt: {entry.phrase}" if entry.phrase and entry.phrase != entry.name else "",
            f"does: {entry.effect}" if entry.effect else "",
            f"for: {entry.best_for}" if entry.best_for else "",
            f"also: {', '.join(entry.also)}" if entry.also else "",
        )
        for line in wrapped("; ".join(filter(None, told)), columns(), indent=6):
            say(line)


# -- rules ---------------------------------------------------------------------------------------------------


def show_rules(search: str, *, as_json: bool) -> None:
    """Print the rules that have the searched words in them.

    Raises:
        PlanError: none has.
    """
    words = search.casefold().split()
    found = [
        rule
        for rule in rules()
        if all(word in " ".join(map(str, asdict(rule).values())).casefold() for word in words)
    ]
    if not found:
        hint = did_you_mean(search, [rule.id for rule in rules()]) or "onmodel rules lists all."
        raise PlanError(f"no rule has '{search}' in it.", hint=hint)
    if as_json:
        print_json({"schema": "onmodel.rules/1", "rules": [asdict(rule) for rule in found]})
        return
    for line in (line for rule in found for line in _rule_lines(rule)):
        say(line)
    say(f"{counted(len(found), 'rule')}. onmodel check looks for them in episodes, onmodel lint in any text.")


def _rule_lines(rule: Rule) -> Iterator[str]:
    where = ", ".join(rule.modes) or "every mode"
    yield from wrapped(f"{rule.id} ({rule.severity}; {where}): {rule.about}", columns(), indent=4, first="")
    yield from wrapped(rule.why, columns(), indent=4)
    yield from wrapped(f"not:  {rule.bad!r}", columns(), indent=10, first="    ")
    yield from wrapped(f"but:  {rule.good!r}", columns(), indent=10, first="    ")


# -- lint ----------------------------------------------------------------------------------------------------


def show_flaws(prompted: Prompted, *, as_json: bool) -> int:
    """Look a prompt over and print what will not come out as meant; return the exit code.

    Raises:
        PlanError: there is no such mode.
        SetupError: stdin is not text.
    """
    mode = next((mode for mode in MODES if mode == prompted.mode.casefold()), None)
    if mode is None:
        hint = did_you_mean(prompted.mode, MODES)
        raise PlanError(f"found --mode {prompted.mode}; allowed: {', '.join(MODES)}.", hint=hint)
    text = _read_stdin() if prompted.text == "-" else prompted.text
    found = lint(
        text,
        mode,
        image_description=prompted.image_description,
        negatives=prompted.negative,
        seconds=None if prompted.seconds is None else Fraction(str(prompted.seconds)),
        people=prompted.people,
        ratio=prompted.ratio,
    )
    if as_json:
        print_json(
            {
                "schema": "onmodel.lint/1",
                "mode": mode,
                "characters": len(text),
                "findings": [asdict(one) for one in found],
            }
        )
    else:
        for one in found:
            _say_flaw(one)
        say(counted(len(found), "finding") + "." if found else "Nothing to say against it.")
    return 1 if any(one.severity == "warning" for one in found) else 0


def _say_flaw(one: Flaw) -> None:
    where = f" {one.start + 1}-{one.end}" if one.end > one.start else ""
    which = "negative" if one.of == "negative" else "prompt"
    words = f' "{one.words}"' if one.words.strip() and one.words.isprintable() else ""
    remark(f"{which}{where}: {one.severity}: {one.rule}:{words}")
    for line in (
        *wrapped(one.why, columns(), indent=4),
        *wrapped(one.rewrite, columns(), indent=4, first="    → "),
    ):
        remark(line)


def _read_stdin() -> str:
    try:
        return sys.stdin.read()
    except UnicodeDecodeError:
        raise SetupError("stdin is not text in UTF-8", hint="Hand the prompt over as UTF-8.") from None
