"""Trouble to rehearse: which step goes wrong, how, how often, and for whom.

Nothing here is heavy: a command line reads trouble before anything is opened.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Final

from onmodel.errors import SetupError
from onmodel.units import digest_of

OFF_MODEL: Final = ("drift", "swap", "lose", "off", "picture-off")
"""Faults of a result that is fine by itself, and does not show the character it should."""

FAULTS: dict[str, tuple[str, ...]] = {
    "submit": ("connect", "lost-before", "lost-after", "401", "403", "422", "429", "5xx"),
    "queue": ("slow",),
    "status": ("connect", "lost-before", "429", "5xx"),
    "history": ("off",),
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
        *OFF_MODEL,
    ),
    "upload": ("connect", "lost-before", "403", "5xx"),
    "media": ("connect", "lost-before", "5xx", "truncate", "html", "expired", "swapped", "wrong-type"),
    "store": ("slow-down", "put-answer-lost", "denied", "bit-flip"),
}
"""What can go wrong at each step."""

OF_THE_JOB = frozenset({"5xx", "moderate-prompt", "moderate-image", "unreadable", "nsfw-black", *OFF_MODEL})
"""Faults of a result that are the job's own: they are decided once, and every later look finds the same."""

OF_NO_JOB = frozenset({"upload", "history", "store"})
"""Steps that belong to no job, so that nothing can narrow them."""

_STAGES: Mapping[str, str] = {"model sheet": "sheet", "keyframe": "keyframe", "style pass": "restyle"}
"""How a label calls the work, and its stage; every other mode is of the stage `shoot`."""

_LABEL: Final = re.compile(r"[^·]+ · (?P<subject>[^·]+) · take (?P<n>\d+) · (?P<mode>[^·]+)")


@dataclass(frozen=True)
class About:
    """The job that a step belongs to."""

    endpoint: str = ""
    key: str = ""
    """The job's key: what is thrown for a job comes from it, so that another take throws anew."""
    label: str = ""
    """As the slate has it: `s01e01 · s010 · take 1 · image-to-video`."""
    request_id: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """What it may be called, most particular first: `s010.shoot.1`, `s010.1`, `s010.shoot`, `s010`."""
        found = _LABEL.fullmatch(self.label)
        if found is None:
            return ()
        subject, stage = found["subject"], _STAGES.get(found["mode"], "shoot")
        return f"{subject}.{stage}.{found['n']}", f"{subject}.{found['n']}", f"{subject}.{stage}", subject

    def is_meant(self, where: str) -> bool:
        """Whether it is what `where` names: a shot, a view, a character, a stage, or a take of these."""
        if not where or not self.names:
            return not where
        *words, last = where.split(".")
        take = self.names[0].rpartition(".")[2]
        if last.isdigit():
            return last == take and self.is_meant(".".join(words))
        whole = self.names[2]
        return f"{whole}.".startswith(f"{where}.") or whole.endswith(f".{where}")


@dataclass(frozen=True)
class Rule:
    """One thing that goes wrong."""

    on: str
    """The step: submit, queue, status, history, result, upload, media or store."""
    fault: str
    """How it goes wrong; `FAULTS` lists what each step knows."""
    times: int = 1
    """How often, from the first time on."""
    endpoint: str = ""
    """Only with this endpoint; empty is every one."""
    where: str = ""
    """Only for jobs of this name: `s020`, `s020.keyframe`, `s020.2` for its second take, `pip`."""
    share: float | None = None
    """Instead of `times`: the share of all jobs, 0 to 1, each of which throws its own dice."""
    seconds: float = 0.0
    """How long a slow queue keeps a job."""
    after: int = 0
    """How many steps go well first, in each run."""

    def __post_init__(self) -> None:
        _allow("on", self.on, FAULTS)
        _allow(f"fault of {self.on}", self.fault, FAULTS[self.on])
        if self.times < 1:
            raise SetupError(f"trouble: times is {self.times}; it is 1 or more")
        if self.endpoint and self.on in OF_NO_JOB:
            raise SetupError(f"trouble: {self.on} belongs to no endpoint", hint="Leave `endpoint` out")
        if self.where and self.on in OF_NO_JOB:
            raise SetupError(f"trouble: {self.on} belongs to no job", hint="Leave `where` out")
        if self.share is not None and not 0 <= self.share <= 1:
            raise SetupError(f"trouble: share is {self.share}; it is 0 to 1")

    @property
    def is_of_the_job(self) -> bool:
        """Whether it is decided once for a job."""
        return self.on == "result" and self.fault in OF_THE_JOB

    @property
    def digest(self) -> str:
        """What it is known by from one run to the next."""
        return digest_of({key: str(value) for key, value in asdict(self).items()})[:16]

    def is_about(self, on: str, about: About) -> bool:
        """Whether a step is one that it may strike."""
        return self.on == on and self.endpoint in {"", about.endpoint} and about.is_meant(self.where)


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

    def of(self, on: str) -> tuple[Rule, ...]:
        """The rules of a step."""
        return tuple(rule for rule in self.rules if rule.on == on)


def _allow(what: str, got: str, allowed: Iterable[str]) -> None:
    if got not in allowed:
        raise SetupError(f"trouble: {what} is {got!r}; allowed: {', '.join(allowed)}")
