"""What the tools answer with: short, typed, and as JSON for whoever asked."""

from __future__ import annotations

from pydantic import BaseModel

MOST_ROWS = 60
"""Rows of a list that an answer has at most; it says how many more there are."""


class PromptText(BaseModel):
    """A prompt."""

    text: str
    characters: int
    left_out: list[str]
    """Words that found no room, least important first."""


class NegativeText(BaseModel):
    """A negative prompt."""

    text: str
    dropped: list[str]
    """Terms that are not in it, each with the reason."""


class ChosenModel(BaseModel):
    """An endpoint, and why that one."""

    endpoint: str
    why: str
    seconds: float | None
    """Length to buy; null where the input gives it."""
    prompt_characters: int | None
    """Characters of a prompt that it takes at most; null where nobody says."""


class FoundFlaw(BaseModel):
    """One thing in a prompt that will not come out as meant."""

    rule: str
    severity: str
    start: int
    """First character of the words in question, from 0."""
    end: int
    words: str
    why: str
    rewrite: str
    of: str
    """prompt or negative."""


class Looked(BaseModel):
    """A prompt, looked over."""

    ok: bool
    """Whether nothing would spoil the take; advice may be there all the same."""
    flaws: list[FoundFlaw]


class FoundFault(BaseModel):
    """One thing that is wrong, or worth saying, about what the user wrote."""

    file: str
    line: int | None
    severity: str
    message: str
    hint: str | None


class Checked(BaseModel):
    """A production, looked over."""

    ok: bool
    errors: int
    warnings: int
    findings: list[FoundFault]
    more: int
    """Findings that are not listed."""


class PlanLine(BaseModel):
    """One picture or clip."""

    id: str
    state: str
    """current, stale, missing, open or flagged."""
    why: str
    endpoint: str
    endpoint_why: str
    seconds: float | None
    usd: str
    worst_usd: str
    prompt: str | None = None
    """Where one shot was asked for."""
    negative: str | None = None
    notes: list[str] = []


class Planned(BaseModel):
    """What producing would make, and for how much."""

    episode: str
    title: str
    usd: str
    """Dollars if everything succeeds at once."""
    worst_usd: str
    """Dollars with every retake that the production allows."""
    prices_of: str
    left_usd: dict[str, str]
    """Dollars that each cap leaves."""
    states: dict[str, int]
    lines: list[PlanLine]
    """What is not current; of one shot, everything."""
    more: int


class FoundTake(BaseModel):
    """One paid, or rehearsed, result."""

    label: str
    circled: bool
    verdict: str | None
    reasons: list[str]
    usd: str
    endpoint: str
    change: str | None
    """What was asked for differently than in the take before."""
    file: str | None
    """In the production's folder, or in its bucket."""


class Listed(BaseModel):
    """The takes of an episode, the newest last."""

    episode: str
    takes: list[FoundTake]
    more: int
    """Older takes that are not listed."""


class FoundRemedy(BaseModel):
    """One way to repair a problem."""

    id: str
    cause: str
    does: str
    by_hand: bool
    """Whether only a person can do it."""
    tried: bool
    obstacle: str | None
    """What keeps it from being done here."""
    usd: str | None
    """What the next take would cost with it."""


class Diagnosed(BaseModel):
    """What may be wrong with a take, and the remedies in the order in which they are tried."""

    about: str
    problem: str | None
    """null where nothing is known to be wrong: name one of `problems`."""
    problems: dict[str, str]
    """Every problem that there is, where none was found."""
    remedies: list[FoundRemedy]


class RehearsedShot(BaseModel):
    """What became of one shot."""

    shot: str
    state: str
    take: int | None
    problem: str | None


class Rehearsed(BaseModel):
    """What a rehearsal came to: $0 spent."""

    episode: str
    cut: str | None
    """The animatic, in the production's folder; null where a shot has no take."""
    frames: int | None
    made: int
    """Pictures and clips that were made now."""
    current: int
    """Pictures and clips that were there already."""
    would_cost_usd: str
    """What the same would have cost."""
    shots: list[RehearsedShot]
    needs_person: dict[str, str]
