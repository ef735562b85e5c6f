"""Trouble on its way: what strikes now, what is left, and the answers that go with it.

What has struck is written down beside the double's jobs, so that a run which is killed and started again
meets only what is left. What a later run does not ask for any more is forgotten: one run without it, and the
same trouble can come again.
"""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Collection
from pathlib import Path

import httpx

from onmodel.studio.rehearsal.trouble import About, Rule, Trouble

_NOBODY = About()


class Mischief:
    """Trouble and how much of it is left.

    Args:
        trouble: what goes wrong.
        folder: where is written down what has struck; made when something does.
    """

    def __init__(self, trouble: Trouble, folder: Path) -> None:
        self._rules = trouble.rules
        self._folder = folder
        same: Counter[str] = Counter()
        self._marks: list[str] = []
        for rule in trouble.rules:
            self._marks.append(f"{rule.digest}-{same[rule.digest]}")
            same[rule.digest] += 1
        self._seen: Counter[int] = Counter()
        self._for_good: set[int] = set()

    def forget_the_rest(self) -> None:
        """Forget what has struck by rules that hold no more."""
        for mark in self._folder.glob("*.struck"):
            if mark.name.partition(".")[0] not in self._marks:
                mark.unlink(missing_ok=True)

    def strike(
        self, on: str, about: About = _NOBODY, *, of_the_job: bool = False, spared: Collection[str] = ()
    ) -> str | None:
        """The fault that hits this step now, if any; it is used up by that.

        Args:
            on: the step.
            about: the job that it belongs to.
            of_the_job: ask for faults that are the job's own, or for the others.
            spared: faults that cannot be played now; they stay for another time.
        """
        thrown = _thrown(about.key)
        for index, rule in enumerate(self._rules):
            if rule.is_of_the_job != of_the_job or rule.fault in spared or not rule.is_about(on, about):
                continue
            if rule.share is not None:
                if thrown < rule.share:
                    return rule.fault
                thrown -= rule.share  # so that 0.3 of one and 0.2 of another are half of all
            elif self._hits(index, rule, about):
                return rule.fault
        return None

    def _hits(self, index: int, rule: Rule, about: About) -> bool:
        self._seen[index] += 1
        if rule.after:
            return self._hits_from_then_on(index, rule)
        marks = [self._folder / f"{self._marks[index]}.{n}.struck" for n in range(rule.times)]
        if rule.is_of_the_job and any(_read(mark) == about.request_id for mark in marks):
            return True  # it had struck this job when the process was killed
        return any(self._leave(mark, about.request_id) for mark in marks)

    def _hits_from_then_on(self, index: int, rule: Rule) -> bool:
        if index not in self._for_good and self._seen[index] > rule.after:
            if not self._leave(self._folder / f"{self._marks[index]}.0.struck", ""):
                return False
            self._for_good.add(index)
        return index in self._for_good

    def _leave(self, mark: Path, content: str) -> bool:
        """Write down that something has struck; False where it had already, here or in another process."""
        self._folder.mkdir(parents=True, exist_ok=True)
        try:
            handle = os.open(mark, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666)
        except FileExistsError:
            return False
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(content)
        return True


def _thrown(key: str) -> float:
    """The job's dice, 0 to 1."""
    return int.from_bytes(hashlib.sha256(f"trouble/{key}".encode()).digest()[:6], "big") / 2**48


def _read(mark: Path) -> str | None:
    try:
        return mark.read_text(encoding="utf-8")
    except FileNotFoundError:
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
