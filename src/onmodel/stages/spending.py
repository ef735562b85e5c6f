"""What a production has spent, read from its archive; and that held against fal's billing events."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from onmodel.errors import KeyMissing, PlanError, RecordBroken, StoryError
from onmodel.planning.reconciling import Reconciled, reconcile
from onmodel.planning.spending import Charge, charges_of, makers_of
from onmodel.settings import Folders, Settings
from onmodel.stages.script import look_into_archive
from onmodel.story import read_story
from onmodel.story.reading import SEASON_ID
from onmodel.story.validation import did_you_mean
from onmodel.vault import Job, Vault
from onmodel.vault.ledger import PRODUCTION

if TYPE_CHECKING:
    import httpx


@dataclass(frozen=True)
class Capped:
    """One cap, and what it has promised away."""

    name: str
    """The production's, an episode's, a season's."""
    most_usd: Decimal | None
    """What it may come to; None where the figure was a command's, or there is none."""
    reserved_usd: Decimal | None
    """None where its ledger cannot be read."""


@dataclass(frozen=True)
class Spending:
    """Every charge of a production, and its caps."""

    charges: tuple[Charge, ...]
    caps: tuple[Capped, ...]
    unreadable: tuple[str, ...]
    """What could not be read, and so is not counted."""

    def of(self, scope: str | None) -> tuple[Charge, ...]:
        """The charges of one episode or of the cast, or all.

        Raises:
            PlanError: nothing was bought for it.
        """
        if scope is None:
            return self.charges
        known = sorted({charge.scope for charge in self.charges})
        if scope not in known and known:
            raise PlanError(
                f"nothing was bought for '{scope}' yet; something was for: {', '.join(known)}",
                hint=did_you_mean(scope, known),
            )
        return tuple(charge for charge in self.charges if charge.scope == scope)


def read_spending(root: Path, *, rehearse: bool) -> Spending:
    """Read every journal and ledger of a production; one that was never begun has spent nothing.

    Raises:
        StoryError: production.yaml is not acceptable.
        VaultError: the archive cannot be read.
    """
    production = read_story(root, episodes=()).production
    with look_into_archive(production, Folders(root.absolute(), rehearse)) as vault:
        if vault is None:
            return Spending((), (Capped(PRODUCTION, production.budget_usd, Decimal(0)),), ())
        unreadable: list[str] = []
        jobs = list(_whole(vault.journal.jobs(), unreadable))
        caps = tuple(_caps(vault, root, production.budget_usd, unreadable))
        reserved: set[str] = set()
        with suppress(RecordBroken):
            reserved = set(vault.ledger(PRODUCTION).entries())
        charges = tuple(charges_of(jobs, reserved, makers_of(jobs)))
    return Spending(charges, caps, tuple(unreadable))


def _whole(jobs: Iterable[Job], unreadable: list[str]) -> Iterable[Job]:
    """The jobs of which all that a statement needs can be read."""
    for job in jobs:
        try:
            _ = job.intent, job.sendings, job.outcomes, job.late_outcomes
            _ = job.result, job.delivery, job.verdict
        except RecordBroken as error:
            unreadable.append(error.message)
        else:
            yield job


def _caps(vault: Vault, root: Path, budget_usd: Decimal | None, unreadable: list[str]) -> Iterable[Capped]:
    listed = (name.removeprefix("ledger/").removesuffix(".json") for name in vault.store.names("ledger/"))
    names = sorted({PRODUCTION, *listed}, key=lambda one: (one != PRODUCTION, one))
    budgets: dict[str, Decimal | None] = {PRODUCTION: budget_usd}
    of_seasons = {name: name.partition(".") for name in names if SEASON_ID.fullmatch(name.partition(".")[0])}
    if of_seasons:
        with suppress(StoryError):  # the figure is left out then: `onmodel check` tells what is wrong
            seasons = read_story(root).seasons
            for name, (season, _, week) in of_seasons.items():
                if season in seasons:
                    found = seasons[season]
                    budgets[name] = found.weekly_usd if week else found.budget_usd
    for name in names:
        total: Decimal | None = None
        try:
            total = vault.ledger(name).total()
        except RecordBroken as error:
            unreadable.append(error.message)
        yield Capped(name, budgets.get(name), total)


async def reconcile_spending(
    root: Path, spending: Spending, settings: Settings, *, rehearse: bool
) -> Reconciled | None:
    """Ask fal what it billed, and compare; None where nothing was ever sent. Nothing is bought.

    Raises:
        KeyMissing: there is no key, and this is no rehearsal.
        WireError: fal does not answer, or not in a form that is known.
    """
    from onmodel.studio.billing import read_billing  # noqa: PLC0415 (httpx, for this question only)

    now = datetime.now(UTC)
    if not spending.charges:
        return None
    key, transport = _way(root, settings, rehearse=rehearse)
    since = min(charge.at for charge in spending.charges) - timedelta(days=1)
    events = await read_billing(key, since, now + timedelta(minutes=1), transport)
    return reconcile(spending.charges, events, now)


def _way(root: Path, settings: Settings, *, rehearse: bool) -> tuple[str, httpx.AsyncBaseTransport]:
    if rehearse:
        from onmodel.endpoints import Catalogue  # noqa: PLC0415 (for rehearsals only)
        from onmodel.studio.rehearsal.double import REHEARSAL_KEY, FalDouble  # noqa: PLC0415 (same)

        folder = Folders(root.absolute(), rehearsal=True).fal_double
        return REHEARSAL_KEY, FalDouble(folder, endpoints=Catalogue.load(), artist=_Nobody())
    from onmodel.studio.transport import Outward  # noqa: PLC0415 (httpx, for this question only)

    if not settings.fal_key.strip():
        raise KeyMissing(
            "FAL_KEY is not set, and fal shows its billing events to an admin key only.",
            hint="export FAL_KEY=... with a key of ADMIN scope; without one, onmodel spend.",
        )
    return settings.required_key(), Outward()


class _Nobody:
    """The double's artist where nothing is ordered."""

    async def make(self, order: Any) -> list[Any]:  # noqa: ARG002 (nothing is made)
        """Make nothing."""
        return []
