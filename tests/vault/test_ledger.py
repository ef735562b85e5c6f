from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from decimal import Decimal
from threading import Barrier

import pytest

from onmodel.errors import OverBudget, RecordBroken, VaultError
from onmodel.vault import Intent, Job, Ledger, Outcome, Result, Store, Vault, ledger_of

NewIntent = Callable[..., Intent]
CAP = Decimal("1.00")


def test_reservations_add_up_exactly(store: Store) -> None:
    """Money is decimal: ten times ten cents is a dollar, in this process and the next."""
    for number in range(10):
        Ledger(store, "s01e01").reserve(f"job-{number}", Decimal("0.10"), CAP)
    assert Ledger(store, "s01e01").total() == CAP
    assert Ledger(store, "s01e01").entries()["job-3"] == Decimal("0.10")


def test_the_cap_may_be_reached_and_not_passed(store: Store) -> None:
    """The refusal says price, reserved and cap, and the next step; nothing is reserved by it."""
    ledger = Ledger(store, "s01e01")
    ledger.reserve("a", Decimal("0.65"), CAP)
    with pytest.raises(OverBudget) as caught:
        ledger.reserve("b", Decimal("0.36"), CAP)
    assert "costs $0.36" in caught.value.message
    assert "$0.65 of $1.00 are already reserved" in caught.value.message
    assert "--max-usd" in caught.value.hint
    assert ledger.entries() == {"a": Decimal("0.65")}
    ledger.reserve("b", Decimal("0.35"), CAP)
    assert ledger.total() == CAP


def test_the_same_job_twice_is_reserved_once(store: Store) -> None:
    """A restart reserves again: it changes nothing, at the cap as well."""
    ledger = Ledger(store, "s01e01")
    for _ in range(3):
        ledger.reserve("a", CAP, CAP)
    assert ledger.total() == CAP


def test_a_second_try_is_reserved_on_top_and_given_back_alone(store: Store) -> None:
    """A job that may have been bought and is sent again counts twice; only what it adds must fit the cap."""
    ledger = Ledger(store, "s01e01")
    ledger.reserve("a", Decimal("0.40"), CAP)
    assert ledger.reserve("a", Decimal("0.80"), CAP) is True
    with pytest.raises(OverBudget, match=r"costs \$0\.40"):
        ledger.reserve("a", Decimal("1.20"), CAP)
    ledger.lower("a", lambda: Decimal("0.40"))
    ledger.lower("a", lambda: Decimal("0.80"))
    assert ledger.entries() == {"a": Decimal("0.40")}
    ledger.lower("a", Decimal)
    assert ledger.entries() == {}


def test_who_lowers_looks_again_when_the_job_was_claimed_meanwhile(store: Store) -> None:
    """The journal is asked after the ledger was read; a confirmation in between makes it ask again."""
    mine, senders = Ledger(store, "s01e01"), Ledger(store, "s01e01")
    mine.reserve("a", CAP, CAP)
    said: list[Decimal] = []

    def owed() -> Decimal:
        if not said:  # claimed, and confirmed, right after the journal was looked at
            assert senders.reserve("a", CAP, CAP) is False
            assert senders.reserve("a", CAP, CAP, confirming=True) is True
        said.append(CAP if said else Decimal(0))
        return said[-1]

    mine.lower("a", owed)
    assert (said, mine.entries()) == ([Decimal(0), CAP], {"a": CAP})


def test_each_cap_names_the_key_that_raises_it(store: Store) -> None:
    """production.yaml, the season's file, or the option."""
    leave = "leave shots out with --shots"
    for name, key, otherwise in (
        ("production", "`budget_usd` in production.yaml", leave),
        ("season-2", "`budget_usd` in episodes/season-2.yaml", leave),
        ("season-2.2026-w48", "`weekly_usd` in episodes/season-2.yaml", "wait for the next week"),
        (ledger_of("production"), "--max-usd", leave),
    ):
        with pytest.raises(OverBudget) as caught:
            Ledger(store, name).reserve("a", Decimal(2), CAP)
        assert caught.value.hint == f"Raise {key}, or {otherwise}."


def test_without_a_cap_everything_is_reserved(store: Store) -> None:
    """No cap: no refusal, and the sum is kept all the same."""
    Ledger(store, "s01e01").reserve("a", Decimal(9999), None)
    assert Ledger(store, "s01e01").total() == 9999


def test_caps_know_nothing_of_each_other(store: Store) -> None:
    """One ledger a cap."""
    Ledger(store, "s01e01").reserve("a", CAP, CAP)
    Ledger(store, "s01e02").reserve("a", CAP, CAP)
    assert store.names("ledger/") == ["ledger/s01e01.json", "ledger/s01e02.json"]


def test_a_release_gives_the_money_back(store: Store) -> None:
    """What was not bought may be spent on something else; releasing twice, or nothing, is fine."""
    ledger = Ledger(store, "s01e01")
    ledger.lower("never", Decimal)
    ledger.reserve("a", CAP, CAP)
    ledger.lower("a", Decimal)
    ledger.lower("a", Decimal)
    ledger.reserve("b", CAP, CAP)
    assert ledger.entries() == {"b": CAP}


def test_racing_buyers_never_pass_the_cap_together(store: Store) -> None:
    """Eight at once under a cap for ten: ten are let through, and the ledger says exactly those."""
    start = Barrier(8)

    def buy(buyer: int) -> list[str]:
        ledger = Ledger(store, "s01e01")
        start.wait()
        bought = []
        for number in range(4):
            try:
                ledger.reserve(f"{buyer}-{number}", Decimal("0.10"), CAP)
            except OverBudget:
                break
            bought.append(f"{buyer}-{number}")
        return bought

    with ThreadPoolExecutor(8) as pool:
        bought = [key for keys in pool.map(buy, range(8)) for key in keys]
    assert len(bought) == 10
    assert set(Ledger(store, "s01e01").entries()) == set(bought)
    assert Ledger(store, "s01e01").total() == CAP


def test_what_another_gave_back_may_be_reserved(store: Store) -> None:
    """A ledger goes by what is reserved now, not by what it saw the last time."""
    mine, others = Ledger(store, "s01e01"), Ledger(store, "s01e01")
    assert mine.reserve("a", CAP, CAP) is True
    others.lower("a", Decimal)
    assert mine.reserve("a", CAP, CAP) is True
    assert mine.reserve("a", CAP, CAP) is False
    assert others.entries() == {"a": CAP}
    others.lower("a", Decimal)
    assert mine.reserve("b", CAP, CAP) is True
    assert others.entries() == {"b": CAP}


def test_a_store_that_never_lets_it_through_is_given_up(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The loop has an end, with a message."""
    tries = []

    def refuse(name: str, content: bytes, tag: str | None) -> None:
        tries.append(name)

    monkeypatch.setattr(store, "swap", refuse)
    monkeypatch.setattr("onmodel.vault.ledger.time.sleep", lambda _: None)
    with pytest.raises(VaultError, match=r"ledger/s01e01\.json .*changed by others"):
        Ledger(store, "s01e01").reserve("a", CAP, CAP)
    assert 10 < len(tries) < 1000


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b'{"schema": "onmodel.ledger/2", "cap": "s01e01", "usd": {}}',
     b'{"schema": "onmodel.ledger/1", "cap": "s01e01", "usd": {"a": "-1"}}'],
)  # fmt: skip
def test_a_broken_ledger_stops_buying(store: Store, content: bytes) -> None:
    """A ledger that cannot be read is not taken for an empty one."""
    store.create("ledger/s01e01.json", content)
    for ask in (
        lambda: Ledger(store, "s01e01").reserve("a", CAP, CAP),
        lambda: Ledger(store, "s01e01").total(),
        lambda: Ledger(store, "s01e01").lower("a", Decimal),
    ):
        with pytest.raises(RecordBroken, match=r"ledger/s01e01\.json") as caught:
            ask()
        assert caught.value.hint
    assert store.read("ledger/s01e01.json") == content


@pytest.fixture
def jobs(vault: Vault, new_intent: NewIntent, clock: Callable[[], datetime]) -> dict[str, Job]:
    """One job of each kind that matters to money, by the name of its shot."""
    journal, made = vault.journal, {}
    for subject in ("unsent", "not-sent", "sending", "submitted", "lost", "billed", "free"):
        made[subject] = job = journal.open(new_intent(subject))
        if subject == "unsent":
            continue
        journal.claim(job, 60, {"prompt": "it blinks"})
        if subject == "not-sent":
            journal.record_outcome(job, Outcome(attempt=1, kind="not-sent", at=clock()))
        elif subject == "lost":
            journal.record_outcome(job, Outcome(attempt=1, kind="resolved", resolution="lost", at=clock()))
        elif subject != "sending":
            journal.record_outcome(job, Outcome(attempt=1, kind="submitted", request_id="r", at=clock()))
    for subject, billed in (("billed", "maybe"), ("free", "no")):
        failed = Result(kind="failed", error_kind="failed", billed=billed, at=clock())
        journal.record_result(made[subject], failed)
    return made


@pytest.mark.parametrize("content", [None, b"", b'{"schema": "onmodel.ledger/2"}'])
def test_a_lost_ledger_is_made_again_from_the_journals(
    vault: Vault, jobs: dict[str, Job], content: bytes | None
) -> None:
    """Whatever may have cost something is in it again; what surely did not is not."""
    if content is not None:
        vault.store.create("ledger/s01e01.json", content)
    vault.ledger("s01e01").rebuild(vault.journal.jobs("s01e01"))
    expected = {jobs[subject].slot.key for subject in ("sending", "submitted", "lost", "billed")}
    assert set(vault.ledger("s01e01").entries()) == expected
    assert vault.ledger("s01e01").total() == 4 * Decimal("0.35")


def test_a_rebuild_keeps_what_is_about_to_be_sent(vault: Vault, jobs: dict[str, Job]) -> None:
    """Reservations of living buyers stay, those of jobs that were free go; once more changes nothing."""
    ledger = vault.ledger("s01e01")
    for subject in ("unsent", "not-sent", "free"):
        ledger.reserve(jobs[subject].slot.key, Decimal("0.35"), None)
    ledger.reserve("a job that was opened after the listing", Decimal(1), None)
    ledger.rebuild(jobs.values())
    kept = {jobs[subject].slot.key for subject in jobs if subject != "free"}
    assert set(ledger.entries()) == kept | {"a job that was opened after the listing"}
    before = vault.store.read_tagged("ledger/s01e01.json")
    ledger.rebuild(jobs.values())
    assert vault.store.read_tagged("ledger/s01e01.json") == before


def test_the_ledgers_file_is_for_people_too(store: Store) -> None:
    """Dollars stand as written, under the cap's name."""
    Ledger(store, "s01e01").reserve("a", Decimal("0.350"), None)
    spelled = json.loads(store.read("ledger/s01e01.json"))
    assert spelled == {
        "schema": "onmodel.ledger/1",
        "cap": "s01e01",
        "turn": 1,
        "usd": {"a": "0.350"},
    }
