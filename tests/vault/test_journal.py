from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from threading import Barrier
from types import SimpleNamespace
from typing import Any, Literal, cast
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from onmodel.errors import RecordBroken, VaultError
from onmodel.vault import (
    Delivery,
    Intent,
    Job,
    Journal,
    LocalStore,
    MediaRef,
    Outcome,
    Record,
    Result,
    Sending,
    Session,
    Vault,
    Verdict,
    open_vault,
)

NewIntent = Callable[..., Intent]
DEADLINE_S = 60
SENT: dict[str, JsonValue] = {"prompt": "it blinks", "image_url": "https://media.example/1.png"}


def outcome(clock: Callable[[], datetime], attempt: int = 1, request_id: str = "req-1") -> Outcome:
    return Outcome(attempt=attempt, kind="submitted", request_id=request_id, at=clock())


def not_sent(clock: Callable[[], datetime], attempt: int = 1) -> Outcome:
    return Outcome(attempt=attempt, kind="not-sent", reason="no network", at=clock())


def seen_by_another(vault: Vault, job: Job) -> Job:
    """The same job as a fresh listing shows it."""
    return next(found for found in vault.journal.jobs(job.slot.scope) if found.slot == job.slot)


def test_a_job_from_intent_to_verdict(
    vault: Vault, new_intent: NewIntent, clock: Callable[[], datetime]
) -> None:
    """Each record moves the job one step on, for its owner and for everybody who lists it."""
    job = vault.journal.open(new_intent())
    states = [seen_by_another(vault, job).state]
    claim = vault.journal.claim(job, DEADLINE_S, SENT)
    assert claim is not None
    assert seen_by_another(vault, job).sendings[1].arguments == SENT
    states.append(seen_by_another(vault, job).state)
    vault.journal.record_outcome(job, outcome(clock))
    states.append(seen_by_another(vault, job).state)
    vault.journal.record_result(job, Result(kind="ok", payload={"a": 1}, billed="yes", at=clock()))
    states.append(seen_by_another(vault, job).state)
    delivery = Delivery(media=(MediaRef("ab" * 32, 6, ".mp4"),), at=clock())
    vault.journal.record_media(job, delivery)
    verdict = Verdict(ok=True, readings={"frames": 120}, at=clock())
    vault.journal.record_verdict(job, verdict)
    found = seen_by_another(vault, job)
    states.append(found.state)
    assert states == ["intended", "sending", "submitted", "finished", "done"]
    assert job.state == "done"
    assert (found.request_id, found.delivery, found.verdict) == ("req-1", delivery, verdict)
    assert found.intent == new_intent()
    assert found.price_usd == Decimal("0.35")


def test_whoever_opens_a_slot_second_adopts_the_first_request(vault: Vault, new_intent: NewIntent) -> None:
    """The winner's request and price count, even when the prices changed meanwhile."""
    vault.journal.open(new_intent())
    job = vault.journal.open(new_intent(price_usd=Decimal(9), arguments={}))
    assert job.intent == new_intent()


def test_a_retake_waits_for_the_take_before_it(
    vault: Vault, new_intent: NewIntent, clock: Callable[[], datetime]
) -> None:
    """Take 2 exists only once take 1 is judged or has failed: one fault never buys two takes."""
    retake = new_intent(n=2, change="slower camera")
    with pytest.raises(VaultError, match="take 2 may be asked for once take 1"):
        vault.journal.open(retake)
    first = vault.journal.open(new_intent())
    with pytest.raises(VaultError, match="it is intended"):
        vault.journal.open(retake)
    assert [job.slot.n for job in vault.journal.jobs("s01e01")] == [1]
    vault.journal.record_verdict(first, Verdict(ok=False, reasons=("frozen",), at=clock()))
    assert vault.journal.open(retake).intent.change == "slower camera"
    second = vault.journal.open(retake)
    vault.journal.claim(second, DEADLINE_S, SENT)
    failed = Result(kind="failed", error_kind="moderated", billed="maybe", at=clock())
    vault.journal.record_result(second, failed)
    assert second.state == "failed"
    assert vault.journal.open(new_intent(n=3)).state == "intended"


def test_only_the_claimant_may_send(
    vault: Vault, new_intent: NewIntent, tmp_path: Path, clock: Callable[[], datetime]
) -> None:
    """Of several processes that race to send one job, exactly one may; the others are told so."""
    intent = new_intent()
    vault.journal.open(intent)
    racers = 8
    start = Barrier(racers)

    def race(_: int) -> Sending | None:
        with Session(tmp_path / "run") as session:
            store = LocalStore(tmp_path / "archive")
            journal = Journal(store, "Test reel", session=session, clock=clock)
            job = journal.open(intent)
            start.wait()
            return journal.claim(job, DEADLINE_S, SENT)

    with ThreadPoolExecutor(racers) as pool:
        claims = [claim for claim in pool.map(race, range(racers)) if claim]
    assert len(claims) == 1
    assert seen_by_another(vault, vault.journal.open(intent)).sendings == {1: claims[0]}


def test_a_claim_whose_answer_was_lost_is_still_ones_own(
    vault: Vault, new_intent: NewIntent, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store that kept the record and said no, after a lost answer and a retry, does not cost the claim."""
    job = vault.journal.open(new_intent())
    real = vault.store.create

    def retried(name: str, content: bytes) -> bool:
        real(name, content)
        return real(name, content)

    monkeypatch.setattr(vault.store, "create", retried)
    claim = vault.journal.claim(job, DEADLINE_S, SENT)
    assert claim is not None
    assert vault.journal.claim(job, DEADLINE_S, SENT) is None


def test_sent_again_only_after_it_was_surely_not_sent(
    vault: Vault, new_intent: NewIntent, clock: Callable[[], datetime]
) -> None:
    """No second sending while the first may have become a job; after `not-sent` there is one."""
    job = vault.journal.open(new_intent())
    assert vault.journal.claim(job, DEADLINE_S, SENT) is not None
    assert vault.journal.claim(job, DEADLINE_S, SENT) is None
    clock.pass_s(DEADLINE_S)  # type: ignore[attr-defined]
    assert seen_by_another(vault, job).state == "ambiguous"
    assert vault.journal.claim(job, DEADLINE_S, SENT) is None
    vault.journal.record_outcome(job, not_sent(clock))
    assert job.state == "not-sent"
    second = vault.journal.claim(job, DEADLINE_S, SENT)
    assert second is not None
    assert second.attempt == 2
    vault.journal.record_outcome(job, outcome(clock, attempt=2))
    assert (job.state, job.request_id) == ("submitted", "req-1")
    assert vault.journal.claim(job, DEADLINE_S, SENT) is None


def test_a_claim_looks_again_before_it_sends_again(
    vault: Vault, new_intent: NewIntent, clock: Callable[[], datetime]
) -> None:
    """Whoever knows an old state claims what is free by now, and nothing that came to light meanwhile."""
    job = vault.journal.open(new_intent())
    first, second = seen_by_another(vault, job), seen_by_another(vault, job)
    vault.journal.claim(job, DEADLINE_S, SENT)
    vault.journal.record_outcome(job, not_sent(clock))
    claim = vault.journal.claim(first, DEADLINE_S, SENT)
    assert claim is not None
    assert claim.attempt == 2
    vault.journal.record_outcome(first, not_sent(clock, attempt=2))
    knows_both = seen_by_another(vault, job)
    assert knows_both.state == "not-sent"
    vault.journal.record_outcome(second, outcome(clock, request_id="req-late"))
    assert vault.journal.claim(knows_both, DEADLINE_S, SENT) is None
    assert knows_both.request_id == "req-late"


@pytest.mark.parametrize("word", [("resubmit", "not-sent", 2), ("lost", "failed", None)])
def test_a_persons_word_settles_an_ambiguous_job(
    vault: Vault,
    new_intent: NewIntent,
    clock: Callable[[], datetime],
    word: tuple[Literal["resubmit", "lost"], str, int | None],
) -> None:
    """Resubmit lets it be sent once more; lost writes it off, so that a retake may follow."""
    resolution, state, attempt = word
    job = vault.journal.open(new_intent())
    vault.journal.claim(job, DEADLINE_S, SENT)
    decided = Outcome(attempt=1, kind="resolved", resolution=resolution, at=clock())
    vault.journal.record_outcome(job, decided)
    assert job.state == state
    assert job.may_have_cost
    claim = vault.journal.claim(job, DEADLINE_S, SENT)
    assert (claim.attempt if claim else None) == attempt
    if resolution == "lost":
        assert vault.journal.open(new_intent(n=2)).state == "intended"


def test_a_request_id_that_comes_late_is_not_lost(
    vault: Vault, new_intent: NewIntent, clock: Callable[[], datetime]
) -> None:
    """Written off, then found: the id is kept beside the person's word, and the job goes on with it."""
    job = vault.journal.open(new_intent())
    vault.journal.claim(job, DEADLINE_S, SENT)
    decided = Outcome(attempt=1, kind="resolved", resolution="resubmit", at=clock())
    vault.journal.record_outcome(job, decided)
    late = vault.journal.record_outcome(job, outcome(clock))
    assert late.request_id == "req-1"
    found = seen_by_another(vault, job)
    assert found.outcomes == {1: decided}
    assert found.late_outcomes == {1: late}
    assert (found.state, found.request_id) == ("submitted", "req-1")
    assert vault.journal.claim(found, DEADLINE_S, SENT) is None


def test_the_first_word_stands(vault: Vault, new_intent: NewIntent, clock: Callable[[], datetime]) -> None:
    """Two processes that settle one job agree: the second is handed what the first wrote."""
    job = vault.journal.open(new_intent())
    vault.journal.claim(job, DEADLINE_S, SENT)
    first = vault.journal.record_outcome(job, outcome(clock))
    assert vault.journal.record_outcome(job, not_sent(clock)) == first
    assert vault.journal.record_outcome(job, outcome(clock)) == first
    assert job.late_outcomes == {}
    one = Result(kind="ok", payload={"a": 1}, billed="yes", at=clock())
    assert vault.journal.record_result(job, one) == one
    assert vault.journal.record_result(job, one.model_copy(update={"payload": {}})) == one
    assert job.result == one


def test_an_attempt_that_was_never_claimed_has_no_outcome(
    vault: Vault, new_intent: NewIntent, clock: Callable[[], datetime]
) -> None:
    """A request that was sent outside the journal is refused, not written down as if it were in order."""
    job = vault.journal.open(new_intent())
    with pytest.raises(VaultError, match="attempt 1 was never claimed"):
        vault.journal.record_outcome(job, outcome(clock))


def test_after_a_kill_a_sending_is_ambiguous_at_once(
    vault: Vault, new_intent: NewIntent, tmp_path: Path, clock: Callable[[], datetime]
) -> None:
    """A restart on the same machine need not wait for the deadline of what the killed process was sending."""
    with open_vault(
        "archive", root=tmp_path, production="Test reel", run_folder=tmp_path / "run", clock=clock
    ) as killed:
        job = killed.journal.open(new_intent())
        assert killed.journal.claim(job, DEADLINE_S, SENT) is not None
        assert seen_by_another(vault, job).state == "sending"
    assert seen_by_another(vault, job).state == "ambiguous"


def test_jobs_are_listed_by_episode_takes_in_order(vault: Vault, new_intent: NewIntent) -> None:
    """One episode's jobs, or everybody's; take 10 comes after take 2; stray files are passed over."""
    for subject, n in (("s020", 1), ("s010", 10), ("s010", 2), ("s010", 1)):
        intent = new_intent(subject, n)
        vault.store.create(intent.slot.name_of("intent"), intent.to_bytes())
    sheet = replace(new_intent().slot, scope="cast", subject="pip.default.front", stage="sheet")
    vault.journal.open(new_intent(slot=sheet))
    vault.store.create("jobs/s01e01/s010/notes.txt", b"")
    vault.store.create("jobs/s01e01/s010/shoot-" + "a" * 64 + "-1/notes.json.bak", b"")
    listed = [(job.slot.subject, job.slot.n) for job in vault.journal.jobs("s01e01")]
    assert listed == [("s010", 1), ("s010", 2), ("s010", 10), ("s020", 1)]
    assert [job.slot.subject for job in vault.journal.jobs("cast")] == ["pip.default.front"]
    assert len(vault.journal.jobs()) == 5
    assert vault.journal.jobs("s01e0") == []


def test_a_request_of_another_production_is_refused(vault: Vault, new_intent: NewIntent) -> None:
    """Nothing of one production is ever bought into another's archive."""
    foreign = replace(new_intent().slot, production="Other reel")
    with pytest.raises(VaultError, match="'Other reel'"):
        vault.journal.open(new_intent(slot=foreign))
    assert vault.journal.jobs() == []


def test_a_broken_record_stops_its_job_only(vault: Vault, new_intent: NewIntent) -> None:
    """A listing survives a broken record; asking the job says which file, and the file stays."""
    vault.journal.open(new_intent("s020"))
    name = new_intent("s010").slot.name_of("intent")
    vault.store.create(name, b'{"schema": "onmo')
    broken, sound = vault.journal.jobs("s01e01")
    assert sound.intent.label.startswith("s01e01 · s020")
    with pytest.raises(RecordBroken, match=name):
        _ = broken.intent
    with pytest.raises(RecordBroken, match=name):
        _ = vault.journal.open(new_intent("s010")).intent
    assert vault.store.read(name) == b'{"schema": "onmo'


def test_a_job_without_its_request_or_with_anothers_is_broken(vault: Vault, new_intent: NewIntent) -> None:
    """A folder that was copied or lost its intent is not taken for a job in order."""
    copied, bare = new_intent("s010").slot, new_intent("s020").slot
    vault.store.create(copied.name_of("intent"), new_intent("s030").to_bytes())
    vault.store.create(bare.name_of("verdict"), b"{}")
    one, other = vault.journal.jobs("s01e01")
    with pytest.raises(RecordBroken, match="another slot"):
        _ = one.intent
    with pytest.raises(RecordBroken, match="is missing"):
        _ = other.intent


@dataclass(frozen=True)
class Left:
    """What a kill at some instant may have left of a job beyond its intent."""

    attempts: list[tuple[str | None, bool]]
    """The outcome of each sending, and whether a request id came late."""
    result: Literal["ok", "failed"] | None
    media: bool
    verdict: bool

    def records(self, now: datetime) -> dict[str, Record]:
        """The records by name."""
        records: dict[str, Record] = {}
        for k, (kind, late) in enumerate(self.attempts, start=1):
            deadline = now + timedelta(seconds=DEADLINE_S)
            records[f"sending.{k}"] = Sending(
                attempt=k, nonce="n", session="s", host="elsewhere", arguments=SENT, at=now, deadline=deadline
            )
            if kind is not None:
                request_id = f"req-{k}" if kind == "submitted" else None
                changes = {"attempt": k, "request_id": request_id}
                records[f"outcome.{k}"] = OUTCOMES[kind].model_copy(update=changes)
            if late and kind not in {None, "submitted"}:
                records[f"outcome.{k}.late"] = OUTCOMES["submitted"].model_copy(
                    update={"attempt": k, "request_id": f"late-{k}"}
                )
        if self.result:
            word = "server-failed" if self.result == "failed" else None
            records["result"] = Result(kind=self.result, error_kind=word, billed="no", at=now)
        if self.media:
            records["media"] = Delivery(media=(MediaRef("ab" * 32, 6, ".mp4"),), at=now)
        if self.verdict:
            records["verdict"] = Verdict(ok=True, at=now)
        return records

    def request_id(self) -> str | None:
        """The last attempt's id; the last of the late ones where there is no other."""
        prompt = [f"req-{k}" for k, (kind, _) in enumerate(self.attempts, start=1) if kind == "submitted"]
        late = [f"late-{k}" for k, (kind, came) in enumerate(self.attempts, start=1) if came and kind]
        return next(reversed(prompt or late), None)

    def state(self) -> str:
        """The state by the rules, told the other way round."""
        if self.result == "failed":
            return "failed"
        if self.media:
            return "done"
        if self.result:
            return "finished"
        if any(kind == "submitted" or (late and kind is not None) for kind, late in self.attempts):
            return "submitted"
        if not self.attempts:
            return "intended"
        return {None: "sending", "lost": "failed"}.get(self.attempts[-1][0], "not-sent")


LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
OUTCOMES = {
    "submitted": Outcome(attempt=1, kind="submitted", request_id="req", at=LONG_AGO),
    "not-sent": Outcome(attempt=1, kind="not-sent", at=LONG_AGO),
    "resubmit": Outcome(attempt=1, kind="resolved", resolution="resubmit", at=LONG_AGO),
    "lost": Outcome(attempt=1, kind="resolved", resolution="lost", at=LONG_AGO),
}
lefts = st.builds(
    Left,
    attempts=st.lists(st.tuples(st.sampled_from([*OUTCOMES, None]), st.booleans()), max_size=3),
    result=st.sampled_from(["ok", "failed", None]),
    media=st.booleans(),
    verdict=st.booleans(),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(left=lefts)
def test_any_subset_of_records_has_one_safe_state(
    vault: Vault, new_intent: NewIntent, clock: Callable[[], datetime], left: Left
) -> None:
    """Whichever records a kill left: a job may be sent only if no attempt can have become one."""
    intent = new_intent(f"s-{uuid4()}")
    vault.store.create(intent.slot.name_of("intent"), intent.to_bytes())
    for record, content in left.records(clock()).items():
        vault.store.create(intent.slot.name_of(record), content.to_bytes())
    job = vault.journal.open(intent)
    assert job.records == {"intent", *left.records(clock())}
    assert job.state == left.state()
    assert job.request_id == left.request_id()
    if left.result is None and all(kind == "not-sent" for kind, _ in left.attempts):
        late = any(late for _, late in left.attempts)
        assert job.may_have_cost == late
    before = job.state
    may_send = vault.journal.claim(job, DEADLINE_S, SENT) is not None
    assert may_send == (before in {"intended", "not-sent"})
    if may_send:
        assert left.attempts == [] or left.attempts[-1][0] in {"not-sent", "resubmit"}
        assert f"sending.{len(left.attempts) + 1}" in job.records


def test_jobs_of_the_older_layout_are_refused_and_not_passed_over(new_store: Any) -> None:
    """What was bought in folders of another form would be bought again: the archive is refused."""
    store = new_store()
    store.create(f"jobs/s01e01/s010/shoot/{'a' * 64}/1/intent.json", b"{}")
    session = SimpleNamespace(is_dead=lambda *_: False)
    journal = Journal(store, "reel", session=cast("Any", session), clock=lambda: datetime.now(UTC))
    with pytest.raises(VaultError, match="would be bought again"):
        journal.jobs()
