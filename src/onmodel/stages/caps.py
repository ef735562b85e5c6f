"""Which caps a run buys under, and their ledgers: of the production, of its seasons, and of the command.

Each cap is a ledger in the archive, so a kill and a new start pass none of them:

    production   `budget_usd` of production.yaml: everything that is bought
    season-1     `budget_usd` of episodes/season-1.yaml: its episodes, whichever command produces them, and
                 the model sheets that their runs buy; an episode in two seasons counts in both
    season-1.2026-w48
                 `weekly_usd` of the same: what was sent from that Monday to the next, where it is at home; a
                 run that goes on into a new week buys under the new week's
    s01e01       --max-usd: the episode, and the model sheets that its runs buy
    cast         --max-usd of `onmodel cast`: what that command buys

Every sending says in which ledgers it was counted, so each can be made again from the journals.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from threading import Lock

from onmodel.errors import RecordBroken
from onmodel.planning import CAST
from onmodel.planning.due import week_of
from onmodel.story import Season, Story
from onmodel.vault import PRODUCTION, Cap, Job, Vault, ledger_of
from onmodel.vault.session import utc_now


@dataclass(frozen=True)
class CapRule:
    """One cap of a run."""

    name: str
    """Of its ledger."""
    most_usd: Decimal | None
    """The most that it allows; None where its ledger is kept for a later cap."""
    scopes: frozenset[str] | None
    """The episodes, or the cast, that count towards it; None for everything."""
    is_season: bool = False
    season: Season | None = None
    """Whose week it is; None for a cap that knows no weeks."""

    def covers(self, job: Job) -> bool:
        """Whether a job counts towards it: by where it belongs, or by whose run bought it, and when."""
        if self.season is not None and self.name not in job.caps and not self._sent_then(self.season, job):
            return False
        if self.scopes is None or job.slot.scope in self.scopes:
            return True
        counted = {self.name, *map(ledger_of, self.scopes - {CAST})}
        return not counted.isdisjoint(job.caps)

    def _sent_then(self, season: Season, job: Job) -> bool:
        """Whether it was sent in the cap's week, by a run that knew no such cap."""
        weekly = _weekly(self.name.partition(".")[0], "")
        return any(
            self.name == weekly + week_of(season, sending.at)
            for sending in job.sendings.values()
            if not any(cap.startswith(weekly) for cap in sending.caps)
        )


def caps_of(
    story: Story, scope: str, max_usd: Decimal | None, *, rehearse: bool, now: datetime | None = None
) -> tuple[CapRule, ...]:
    """The caps of a run; in a rehearsal only --max-usd holds, so that budgets do not end the rehearsals.

    Args:
        story: for the budgets of the production and of its seasons.
        scope: an episode's id, or `cast`.
        max_usd: of the command.
        rehearse: whether nothing is bought.
        now: tells the week; this moment where nothing is said.
    """
    seasons = [
        CapRule(name, None if rehearse else season.budget_usd, frozenset(season.ids), is_season=True)
        for name, season in story.seasons.items()
        if season.budget_usd is not None and scope in season.ids
    ]
    weeks = [
        CapRule(
            _weekly(name, week_of(season, now or datetime.now(UTC))),
            None if rehearse else season.weekly_usd,
            frozenset(season.ids),
            is_season=True,
            season=season,
        )
        for name, season in story.seasons.items()
        if season.weekly_usd is not None and scope in season.ids
    ]
    return (
        CapRule(PRODUCTION, None if rehearse else story.production.budget_usd, None),
        *seasons,
        *weeks,
        CapRule(ledger_of(scope), max_usd, frozenset({scope})),
    )


def _weekly(season: str, week: str) -> str:
    """The ledger of a season's week."""
    return f"{season}.{week}"


class BuyingUnder:
    """The caps that a run buys under at any moment of it: from a Monday on those of the new week.

    Args:
        vault: where their ledgers are; those of the caps of now agree with its journals from here on.
        rules_at: the caps at a moment; `caps_of` for a run.
        clock: the time.
    """

    def __init__(
        self,
        vault: Vault,
        rules_at: Callable[[datetime], tuple[CapRule, ...]],
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._vault = vault
        self._rules_at = rules_at
        self._clock = clock
        self._turn = Lock()
        self._caps: tuple[Cap, ...] = ()
        self.rules: tuple[CapRule, ...] = ()
        """Those of now, as they were last asked for."""
        self()

    def __call__(self) -> Sequence[Cap]:
        """The caps of now, each with its ledger; a ledger is the same one as long as its cap holds."""
        rules = self._rules_at(self._clock())
        with self._turn:
            if rules != self.rules:
                mend_ledgers(self._vault, [rule for rule in rules if rule not in self.rules])
                known = {cap.ledger.name: cap.ledger for cap in self._caps}
                self._caps = tuple(
                    Cap(known.get(rule.name) or self._vault.ledger(rule.name), rule.most_usd)
                    for rule in rules
                )
                self.rules = rules
            return self._caps


def mend_ledgers(vault: Vault, rules: Iterable[CapRule]) -> None:
    """Make ledgers again that are gone or cannot be read: without them a cap would forget what was spent.

    A season's is held against the journals each time: an episode may have come to it after it was bought.
    """
    jobs_of = cache(vault.journal.jobs)
    for rule in rules:
        if rule.is_season or not _entries(vault, rule):
            vault.ledger(rule.name).rebuild(_covered(jobs_of, rule))


def left_usd(
    vault: Vault | None, rules: Iterable[CapRule], *, are_mended: bool = False
) -> dict[str, Decimal]:
    """What may still be bought under each cap that is set, in dollars, by its ledger's name.

    Args:
        vault: None is one that was never made.
        rules: the caps of a run.
        are_mended: their ledgers agree with the journals, which are then not read again.
    """
    most = [(rule, rule.most_usd) for rule in rules if rule.most_usd is not None]
    if vault is None:
        return {rule.name: usd for rule, usd in most}
    jobs_of = cache(vault.journal.jobs)
    return {
        rule.name: max(Decimal(0), usd - _reserved_usd(vault, jobs_of, rule, are_mended=are_mended))
        for rule, usd in most
    }


JobsOf = Callable[[str | None], list[Job]]
"""The jobs of an episode, of the cast, or of everything: listed once, whichever caps cover them."""


def _reserved_usd(vault: Vault, jobs_of: JobsOf, rule: CapRule, *, are_mended: bool) -> Decimal:
    """What counts towards a cap; by the journals where the ledger would be made again before buying."""
    entries = {} if rule.is_season and not are_mended else _entries(vault, rule)
    is_told = entries or are_mended
    costs = entries.values() if is_told else (job.cost_usd for job in _covered(jobs_of, rule))
    return sum(costs, Decimal(0))


def _entries(vault: Vault, rule: CapRule) -> dict[str, Decimal]:
    """A ledger as it stands; empty where it cannot be read, as where it is gone."""
    try:
        return vault.ledger(rule.name).entries()
    except RecordBroken:
        return {}


def _covered(jobs_of: JobsOf, rule: CapRule) -> list[Job]:
    scopes: list[str | None] = [None] if rule.scopes is None else [*sorted({*rule.scopes, CAST})]
    jobs = (job for scope in scopes for job in jobs_of(scope))
    return [job for job in jobs if rule.covers(job)]
