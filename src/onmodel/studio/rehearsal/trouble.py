"""Trouble to rehearse: which step goes wrong, how, and how often.

A rule strikes the first `times` times that its step happens, then never again. Counting starts with the
double, so a run that is killed and started again meets the same trouble again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

import httpx

from onmodel.errors import SetupError

FAULTS: dict[str, tuple[str, ...]] = {
    "submit": ("connect", "lost-before", "lost-after", "401", "403", "422", "429", "5xx"),
    "status": ("connect", "lost-before", "429", "5xx"),
    "result": (
        "connect",
        "lost-before",
        "429",
        "403",
        "5xx",
        "moderate-prompt",
        "moderate-image",
        "unreadable",
        "nsfw-black",
    ),
    "upload": ("connect", "lost-before", "403", "5xx"),
    "media": ("connect", "lost-before", "5xx", "truncate", "html", "expired"),
}
"""What can go wrong at each step."""

OF_THE_JOB = frozenset({"5xx", "moderate-prompt", "moderate-image", "unreadable", "nsfw-black"})
"""Faults of a result that are the job's own: they are decided once, and every later look finds the same."""


@dataclass(frozen=True)
class Rule:
    """One thing that goes wrong."""

    on: str
    """The step: submit, status, result, upload or media."""
    fault: str
    """How it goes wrong; `FAULTS` lists what each step knows."""
    times: int = 1
    """How often, from the first time on."""
    endpoint: str = ""
    """Only with this endpoint; empty is every one."""

    def __post_init__(self) -> None:
        _allow("on", self.on, FAULTS)
        _allow(f"fault of {self.on}", self.fault, FAULTS[self.on])
        if self.times < 1:
            raise SetupError(f"trouble: times is {self.times}; it is 1 or more")
        if self.endpoint and self.on == "upload":
            raise SetupError("trouble: an upload belongs to no endpoint", hint="Leave `endpoint` out")


@dataclass(frozen=True)
class Trouble:
    """Everything that goes wrong in a rehearsal."""

    rules: tuple[Rule, ...] = ()

    @classmethod
    def read(cls, written: Iterable[Mapping[str, Any]]) -> Trouble:
        """The trouble that a list of mappings describes: `{"on": "submit", "fault": "429", "times": 2}`.

        Raises:
            SetupError: an unknown key, step or fault; the message lists what is allowed.
        """
        known = [field.name for field in fields(Rule)]
        rules = []
        for entry in written:
            for key in entry:
                _allow("key", key, known)
            if not {"on", "fault"} <= entry.keys():
                raise SetupError(f"trouble: {dict(entry)} needs `on` and `fault`")
            rules.append(Rule(**entry))
        return cls(tuple(rules))


class Mischief:
    """Trouble on its way: what is still to go wrong."""

    def __init__(self, trouble: Trouble) -> None:
        self._rules = trouble.rules
        self._left = [rule.times for rule in trouble.rules]

    def strike(self, on: str, endpoint: str = "", *, of_the_job: bool = False) -> str | None:
        """The fault that hits this step now, if any; it is used up by that."""
        for index, rule in enumerate(self._rules):
            hits = rule.on == on and rule.endpoint in {"", endpoint}
            own = on == "result" and rule.fault in OF_THE_JOB
            if hits and own == of_the_job and self._left[index]:
                self._left[index] -= 1
                return rule.fault
        return None


def raise_lost(fault: str | None, request: httpx.Request) -> None:
    """Fail as the network would, where the fault is one of the network's."""
    if fault == "connect":
        raise httpx.ConnectError("rehearsed: the connection could not be made", request=request)
    if fault in {"lost-before", "lost-after"}:
        raise httpx.ReadError("rehearsed: the connection was lost", request=request)


def refusal(fault: str | None) -> httpx.Response | None:
    """The answer that a refusing server gives, where the fault is one of a server's."""
    answers: dict[str, tuple[int, str]] = {
        "401": (401, "No user found for this key"),
        "403": (403, "User is locked. Reason: Exhausted balance."),
        "422": (422, "The request could not be read"),
        "429": (429, "Too many requests"),
    }
    if fault in answers:
        status, detail = answers[fault]
        return httpx.Response(status, json={"detail": detail})
    if fault == "5xx":
        return httpx.Response(503, html="<html><h1>503</h1><hr>gateway</html>")
    return None


def _allow(what: str, got: str, allowed: Iterable[str]) -> None:
    if got not in allowed:
        raise SetupError(f"trouble: {what} is {got!r}; allowed: {', '.join(allowed)}")
