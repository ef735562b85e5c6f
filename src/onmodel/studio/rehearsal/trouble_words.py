"""Trouble as it is typed: `429=3`, `moderate-prompt@s020`, `drift=0.3`, `slow-queue=20s`.

A word, how much of it behind `=`, whom it hits behind `@`. The words are data: `troubles.json`.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from onmodel.errors import SetupError
from onmodel.story.validation import did_you_mean
from onmodel.studio.rehearsal.trouble import OF_NO_JOB, Rule, Trouble

LIST: Final = ("list", "help")
"""Asked for in place of a trouble, they ask for the list."""

_TYPED: Final = re.compile(r"(?P<name>[^=@]*)(?:=(?P<much>[^@]*))?(?:@(?P<where>.*))?")
_WHERE: Final = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*")
_MOST_SECONDS: Final = 3600


@dataclass(frozen=True)
class TroubleWord:
    """One trouble that can be asked for."""

    name: str
    takes: str
    """What may stand behind `=`: count, share, seconds, after or nothing."""
    on: str
    fault: str
    says: str
    """What goes wrong, in one line."""
    default: str = "1"
    """What holds where nothing is said."""

    @property
    def example(self) -> str:
        """How it is typed."""
        much = {"count": "N", "share": "0.3", "seconds": f"{self.default}s", "after": self.default}
        return f"{self.name}={much[self.takes]}" if self.takes in much else self.name

    @property
    def may_be_narrowed(self) -> bool:
        """Whether `@` may say whom it hits."""
        return self.on not in OF_NO_JOB


@cache
def trouble_words() -> Mapping[str, TroubleWord]:
    """Every trouble that can be asked for, by name."""
    rows: list[dict[str, Any]] = json.loads(Path(__file__).with_name("troubles.json").read_text("utf-8"))
    return {row["name"]: TroubleWord(**row) for row in rows}


def trouble_list() -> list[str]:
    """The troubles, a line each."""
    words = trouble_words().values()
    wide = max(len(word.example) for word in words)
    return [f"{word.example:{wide}}  {word.says}" for word in words]


def read_trouble(typed: Iterable[str]) -> Trouble:
    """The trouble that was typed.

    Raises:
        SetupError: a word that nobody knows, or one that takes something else; the message says what.
    """
    rules = tuple(map(_read_one, typed))
    shares: defaultdict[str, float] = defaultdict(float)
    for rule in rules:
        shares[rule.where] += rule.share or 0
    for where, share in shares.items():
        if share > 1.0001:  # noqa: PLR2004 (a hair over 1, for sums of tenths)
            raise SetupError(
                f"--trouble: the shares of {where or 'all clips'} come to {share:g}, more than all there are",
                hint="One clip goes wrong in one way: let drift, swap, lose, off and picture-off come to 1.",
            )
    return Trouble(rules)


def check_whom(trouble: Trouble, names: Collection[str]) -> None:
    """Make sure that whom trouble is to hit is there to be hit.

    Args:
        trouble: what was typed.
        names: of every picture and clip that could be made: `s010.keyframe`, `pip.default.front.sheet`.

    Raises:
        SetupError: nobody is there of that name.
    """
    for rule in trouble.rules:
        wanted = re.sub(r"\.\d+$", "", rule.where)
        if wanted and not any(
            f"{name}.".startswith(f"{wanted}.") or name.endswith(f".{wanted}") for name in names
        ):
            known = sorted({name.rpartition(".")[0] for name in names})
            raise SetupError(
                f"--trouble: '@{rule.where}' hits nothing that is made here; it takes a shot, a character or "
                "a view, a stage, and a take: @s020, @s020.keyframe, @s020.2, @pip",
                hint=did_you_mean(wanted, known) or f"There are: {', '.join(known)}",
            )


def _read_one(typed: str) -> Rule:
    found = _TYPED.fullmatch(typed.strip())
    word = trouble_words().get(found["name"]) if found else None
    if found is None or word is None:
        name = found["name"] if found else typed
        near = did_you_mean(name, trouble_words())
        raise SetupError(
            f"--trouble: nobody knows '{name}'; allowed:\n  " + "\n  ".join(trouble_list()), hint=near
        )
    where = found["where"] or ""
    if found["where"] is not None and not (word.may_be_narrowed and _WHERE.fullmatch(where)):
        allowed = "a name, like @s020, @s020.keyframe, @s020.2 or @pip" if word.may_be_narrowed else "no '@'"
        raise SetupError(f"--trouble: {typed}: {word.name} takes {allowed}; found '@{where}'")
    return Rule(word.on, word.fault, where=where, **_amount(word, found["much"], typed))


def _amount(word: TroubleWord, much: str | None, typed: str) -> dict[str, Any]:
    text = word.default if much is None else much
    match word.takes:
        case "count" | "after" if re.fullmatch(r"[1-9]\d{0,5}", text):
            return {"times" if word.takes == "count" else "after": int(text)}
        case "share" if re.fullmatch(r"\d*\.?\d+", text) and float(text) <= 1:
            return {"share": float(text)}
        case "seconds" if (
            re.fullmatch(r"\d+(\.\d+)?s?", text) and float(text.removesuffix("s")) <= _MOST_SECONDS
        ):
            return {"seconds": float(text.removesuffix("s"))}
        case "nothing" if much is None:
            return {}
    allowed = {
        "count": f"how often: {word.name}=3",
        "after": f"after how many requests: {word.name}=40",
        "share": f"a share of the clips, 0 to 1: {word.name}=0.3",
        "seconds": f"seconds, {_MOST_SECONDS} at most: {word.name}=20s",
        "nothing": f"nothing behind it: {word.name}",
    }
    raise SetupError(f"--trouble: {typed}: {word.name} takes {allowed[word.takes]}; found '{text}'")
