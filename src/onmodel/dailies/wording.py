"""What changed between two takes: in the prompt word by word, in the rest of the request field by field."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from difflib import SequenceMatcher
from typing import Any, Final, Literal, NamedTuple

from onmodel.planning.requests import PROMPT
from onmodel.vault import MARK

_WORD = re.compile(r"\s+|[^\s]+")
_DIGITS: Final = 12
"""Of a medium's sha256: enough to tell two apart."""


class Words(NamedTuple):
    """A stretch of a prompt."""

    kind: Literal["same", "new", "gone"]
    text: str


class Changed(NamedTuple):
    """A field of a request that another take had otherwise."""

    field: str
    before: str
    """Empty where the field is new."""
    now: str
    """Empty where the field is gone."""


def word_changes(before: str, now: str) -> list[Words]:
    """The new prompt with what is new in it, and what is gone, marked."""
    if before == now:
        return [Words("same", now)] if now else []
    old, new = _WORD.findall(before), _WORD.findall(now)
    found: list[Words] = []
    for kind, i, j, k, m in SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        if kind == "equal":
            found.append(Words("same", "".join(new[k:m])))
            continue
        if j > i:
            found.append(Words("gone", "".join(old[i:j])))
        if m > k:
            found.append(Words("new", "".join(new[k:m])))
    return found


def request_changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[Changed]:
    """The fields that differ, the prompt left out."""
    old, new = fields_of(before), fields_of(now)
    return [
        Changed(name, old.get(name, ""), new.get(name, ""))
        for name in sorted(old.keys() | new.keys())
        if old.get(name) != new.get(name)
    ]


def fields_of(arguments: Mapping[str, Any]) -> dict[str, str]:
    """A request's fields in words, the prompt left out; media by the beginning of their sha256."""
    return {name: _said(value) for name, value in arguments.items() if name != PROMPT}


def _said(value: Any) -> str:
    named = _without_media(value)
    return named if isinstance(named, str) else json.dumps(named, ensure_ascii=False)


def _without_media(value: Any) -> Any:
    if isinstance(value, Mapping):
        if MARK in value:
            return f"{str(value[MARK])[:_DIGITS]}…{value.get('suffix', '')}"
        return {name: _without_media(one) for name, one in value.items()}
    return [_without_media(one) for one in value] if isinstance(value, list) else value
