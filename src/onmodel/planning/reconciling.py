"""Our journals held against what fal says that it billed, request by request."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from onmodel.planning.spending import Charge, Standing

if TYPE_CHECKING:
    from onmodel.studio.billing import BillingEvent

SETTLING: Final = timedelta(hours=1)
"""How long after a sending a charge may be on its way to fal's books: our assumption, no figure of fal's."""

_BEFORE: Final = timedelta(minutes=1)
_AFTER: Final = timedelta(hours=1)
_OWED: Final[tuple[Standing, ...]] = ("billed", "failed", "late", "not billed", "written off")


@dataclass(frozen=True)
class Guess:
    """A charge of nobody that may be an ambiguous job's: a person should look."""

    billed: BillingEvent
    charge: Charge


@dataclass(frozen=True)
class Reconciled:
    """What agrees, and what does not."""

    agreeing: int
    """Requests that both know, at the same price."""
    unknown: tuple[BillingEvent, ...]
    """BillingEvent, and in none of our journals: another production on the same account, or lost."""
    guesses: tuple[Guess, ...]
    """Of the unknown ones, those that fit an ambiguous job."""
    uncharged: tuple[Charge, ...]
    """Ours, counted as spent, and not in fal's books."""
    recent: int
    """Ours that are too young to be in fal's books for sure; not among `uncharged`."""
    differing: tuple[tuple[Charge, BillingEvent], ...]
    """Both know it, at another price than the table's; failed ones that we thought free are here too."""
    unpriced: int
    """Requests that both know, where fal's event names no amount."""

    @property
    def is_even(self) -> bool:
        """Whether nothing is left to look at."""
        return not (self.unknown or self.uncharged or self.differing)


def reconcile(charges: Sequence[Charge], events: Iterable[BillingEvent], now: datetime) -> Reconciled:
    """Compare charge by charge, by fal's request id.

    Args:
        charges: all of the production: what another episode bought is not unknown.
        events: of the same time.
        now: the time, UTC.
    """
    theirs = _by_request(events)
    ours = {charge.request_id: charge for charge in charges if charge.request_id}
    unknown = tuple(billed for request_id, billed in theirs.items() if request_id not in ours)
    agreeing = unpriced = recent = 0
    uncharged, differing = [], []
    for request_id, charge in ours.items():
        billed = theirs.get(request_id)
        if billed is None:
            if charge.standing not in _OWED or not charge.counted_usd:
                continue
            if now - charge.at < SETTLING:
                recent += 1
            else:
                uncharged.append(charge)
        elif billed.usd is None:
            unpriced += 1
        elif billed.usd == charge.counted_usd:
            agreeing += 1
        else:
            differing.append((charge, billed))
    guesses = tuple(_guesses(unknown, charges))
    return Reconciled(agreeing, unknown, guesses, tuple(uncharged), recent, tuple(differing), unpriced)


def _by_request(events: Iterable[BillingEvent]) -> dict[str, BillingEvent]:
    """One for each request: several events of the same are added up."""
    found: defaultdict[str, list[BillingEvent]] = defaultdict(list)
    for event in events:
        found[event.request_id].append(event)
    return {request_id: _sum(same) for request_id, same in found.items()}


def _sum(events: Sequence[BillingEvent]) -> BillingEvent:
    first = events[0]
    known = [event.usd for event in events if event.usd is not None]
    total = sum(known, Decimal(0)) if len(known) == len(events) else None
    return first._replace(usd=total)


def _guesses(unknown: Iterable[BillingEvent], charges: Sequence[Charge]) -> Iterable[Guess]:
    ambiguous = [charge for charge in charges if charge.standing == "ambiguous"]
    for billed in unknown:
        for charge in ambiguous:
            near = billed.at is None or charge.at - _BEFORE <= billed.at <= charge.at + _AFTER
            if billed.endpoint == charge.endpoint and near:
                yield Guess(billed, charge)
