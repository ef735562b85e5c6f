"""Approval: which circled takes a person's word has let through, and what may not be bought before that.

What is approved is one take of one content. Whoever circles another take, or changes the words, has the gate
ask again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from onmodel.planning.chains import shot_of
from onmodel.planning.commission import Commission
from onmodel.planning.takes import Holding, Records, Take, changed_keys
from onmodel.story import Gate
from onmodel.vault import CUT, Decision, MediaRef, Stage

GATE_OF: Final[Mapping[Stage, Gate]] = {
    "sheet": "sheet",
    "keyframe": "keyframes",
    "shoot": "takes",
    "restyle": "takes",
}
"""Which gate a circled take has to pass."""

LETS_THROUGH: Final[Mapping[Gate, tuple[str, ...]]] = {
    "sheet": ("approve",),
    "keyframes": ("approve",),
    "takes": ("approve", "circle"),
    "cut": ("approve",),
}
"""The words that open a gate. Who circles a clip says what goes into the cut, and that is what `takes` asks;
behind the gates before it there is money, so they want the word itself."""


class Approval(NamedTuple):
    """How a circled take, or the cut, stands at its gate."""

    gate: Gate
    word: Decision | None
    """The person's word that let it through; None as long as it waits for one."""
    why: str = ""
    """Why it waits although something of it was approved before."""


def approval_of(gate: Gate, take: Take, holding: Holding, records: Records) -> Approval:
    """How the circled take of a holding stands at a gate.

    Args:
        gate: the gate of its stage.
        take: the circled one; of a rejected style pass, the take without it.
        holding: what the vault holds of the same content, with people's words about it.
        records: for what was approved of the same shot when the story said something else.
    """
    ordered = max((i for i, one in enumerate(holding.decisions) if one.kind == "retake"), default=-1)
    words = [one for one in holding.decisions[ordered + 1 :] if one.kind in LETS_THROUGH[gate]]
    for word in reversed(words):
        if word.n == take.n and word.media in (None, take.media.sha256):
            return Approval(gate, word)
    return Approval(gate, None, _why_again(take, holding, records))


def _why_again(take: Take, holding: Holding, records: Records) -> str:
    """What became of an earlier approval; empty where there is none."""
    said = [one for one in holding.decisions if one.kind == "approve"]
    if said and said[-1].n != take.n:
        return f"{_told(said[-1])}; take {take.n} is circled now"
    if said:
        return f"{_told(said[-1])}; another one was ordered since"
    before = records.approved_otherwise(holding)
    if before is None:
        return ""
    word, job = before
    now = holding.jobs[-1].intent.basis_content
    changed = ", ".join(map(in_words, changed_keys(job.intent.basis_content, now))) if job else ""
    return f"{_told(word)}; changed since: {changed or 'what it is made from'}"


def approval_of_cut(decisions: Sequence[Decision], media: MediaRef) -> Approval:
    """How a finished cut stands at its gate: approved is one file, byte for byte.

    Args:
        decisions: about the episode, oldest first.
        media: the cut.
    """
    words = [one for one in decisions if (one.stage, one.kind) == (CUT, "approve")]
    for word in reversed(words):
        if word.media == media.sha256:
            return Approval("cut", word)
    if not words:
        return Approval("cut", None)
    last = words[-1]
    return Approval("cut", None, f"the cut that {last.by} approved on {last.at:%Y-%m-%d} was another one")


def _told(word: Decision) -> str:
    return f"take {word.n} was approved by {word.by} on {word.at:%Y-%m-%d}"


def in_words(key: str) -> str:
    """A key of a basis as a producer would say it."""
    return {"made_from": "the picture it is made from"}.get(key, key.replace("_", " "))


_ONE: Final[Mapping[Gate, str]] = {
    "sheet": "sheet view",
    "keyframes": "keyframe",
    "takes": "take",
    "cut": "cut",
}


def awaiting_in_words(awaiting: Mapping[str, int]) -> str:
    """`awaiting approval: 4 keyframes, 1 take`; empty where nothing waits.

    Args:
        awaiting: how much waits, by gate.
    """
    said = [
        f"{awaiting[gate]} {one}{'' if awaiting[gate] == 1 else 's'}"
        for gate, one in _ONE.items()
        if awaiting.get(gate)
    ]
    return f"awaiting approval: {', '.join(said)}" if said else ""


class Gates:
    """The gates of a plan: whose takes must be approved before anything is bought for another commission.

    Args:
        asked: every commission of the plan, by id.
        gates: at which somebody must approve.
    """

    def __init__(self, asked: Mapping[str, Commission], gates: tuple[Gate, ...]) -> None:
        self._asked = asked
        self._gates = gates
        self._views = [one for one in asked.values() if one.stage == "sheet"]

    def before(self, commission: Commission) -> list[str]:
        """The ids of the commissions whose takes must be approved first.

        The sheet gate lets a shot through once all views of its characters, as they are seen in it, are
        approved; the links of one long shot are one take to a person and do not wait for each other.
        """
        if commission.stage == "sheet" or not self._gates:
            return []
        found = list(self._sheet_views(commission)) if "sheet" in self._gates else []
        for source in commission.sources:
            other = self._asked[source.commission]
            is_same_shot = other.is_clip and shot_of(other.subject) == shot_of(commission.subject)
            if other.stage != "sheet" and GATE_OF[other.stage] in self._gates and not is_same_shot:
                found.append(other.id)
        return list(dict.fromkeys(found))

    def _sheet_views(self, commission: Commission) -> Iterator[str]:
        """All views of everybody in a take, as they are seen there, and what those are made from."""
        views = [view for likeness in commission.likenesses for view in likeness.views]
        views += [source.commission for source in commission.sources]
        guises = {_guise(self._asked[view]) for view in views if self._asked[view].stage == "sheet"}
        for one in self._views:
            if _guise(one) in guises:
                yield from (source.commission for source in one.sources)
                yield one.id


def _guise(view: Commission) -> str:
    """`pip.rain` of `pip.rain.front`."""
    return view.subject.rpartition(".")[0]
