from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onmodel.planning.reconciling import reconcile
from onmodel.planning.spending import (
    NOBODY,
    By,
    Charge,
    characters_of,
    charges_of,
    makers_of,
    shares,
    table,
)
from onmodel.studio.billing import BillingEvent
from onmodel.units import digest_of
from onmodel.vault import (
    WRITTEN_OFF,
    Delivery,
    Intent,
    Job,
    LocalStore,
    MediaRef,
    Outcome,
    Record,
    Result,
    Sending,
    Slot,
    Verdict,
)
from onmodel.vault.archive import Archive

NOW = datetime(2026, 11, 22, 14, 2, tzinfo=UTC)
PRICE = Decimal("0.35")
ID_1, ID_2, ID_3 = "request-1", "request-2", "request-3"


def sending(attempt: int, **more: Any) -> Sending:
    facts: dict[str, Any] = {"arguments": {"prompt": "it blinks"}, "at": NOW, "deadline": NOW}
    return Sending(attempt=attempt, nonce=f"n{attempt}", session="s", host="h", **(facts | more))


def outcome(attempt: int, kind: Any, **more: Any) -> Outcome:
    return Outcome(attempt=attempt, kind=kind, at=NOW, **more)


def submitted(attempt: int, request_id: str) -> Outcome:
    return outcome(attempt, "submitted", request_id=request_id)


OK = Result(kind="ok", billed="yes", at=NOW)
MEDIA = Delivery(media=(MediaRef("ab" * 32, 5, ".mp4"),), at=NOW)
BAD = Verdict(ok=False, at=NOW)


def failed(billed: Any, kind: str = "moderated") -> Result:
    return Result(kind="failed", error_kind=kind, billed=billed, at=NOW)


class Books:
    """Jobs made of records, as an archive has them."""

    def __init__(self, folder: Path) -> None:
        self.archive = Archive(LocalStore(folder), "reel")

    def job(self, records: dict[str, Record], subject: str = "s010", **changes: Any) -> Job:
        """A job of these records and an intent."""
        content = changes.pop("content", {"cast": {"pip": {}}})
        slot = Slot("reel", changes.pop("scope", "s01e01"), subject, "shoot", digest_of(content), 1)
        facts: dict[str, Any] = {
            "slot": slot,
            "label": f"{slot.scope} · {subject} · take 1 · image-to-video",
            "endpoint": "some/video",
            "arguments": {},
            "price_usd": PRICE,
            "basis_content": content,
            "made_at": NOW,
            "onmodel": "0",
        }
        for word, record in {"intent": Intent(**(facts | changes)), **records}.items():
            self.archive.store.create(slot.name_of(word), record.to_bytes())
        return next(job for job in self.archive.jobs() if job.slot == slot)


@pytest.fixture(autouse=True, scope="module")
def _quick() -> Iterator[None]:
    """No power cut is expected within these tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("os.fsync", lambda _: None)
        yield


@pytest.fixture
def books(tmp_path: Path) -> Books:
    return Books(tmp_path / "archive")


def standings(job: Job, *, is_reserved: bool = True) -> list[str]:
    reserved = {job.slot.key} if is_reserved else set[str]()
    return [charge.standing for charge in charges_of([job], reserved, {})]


SENT = {"sending.1": sending(1), "outcome.1": submitted(1, ID_1)}
RESENT = {
    "sending.1": sending(1),
    "outcome.1": outcome(1, "resolved", resolution="resubmit"),
    "sending.2": sending(2),
    "outcome.2": submitted(2, ID_2),
    "result": OK,
}
LATE = submitted(1, ID_3)


@pytest.mark.parametrize(
    ("records", "found"),
    [
        ({}, ["reserved"]),
        ({"sending.1": sending(1, deadline=NOW + timedelta(days=9999))}, ["reserved"]),
        ({"sending.1": sending(1)}, ["ambiguous"]),
        ({"sending.1": sending(1), "outcome.1": outcome(1, "not-sent")}, ["reserved"]),
        ({"sending.1": sending(1, arguments={})}, []),
        (SENT, ["reserved"]),
        ({**SENT, "result": OK}, ["billed"]),
        ({**SENT, "result": OK, "media": MEDIA, "verdict": BAD}, ["billed"]),
        ({**SENT, "result": OK, "verdict": BAD}, ["written off"]),
        ({**SENT, "result": failed("maybe")}, ["failed"]),
        ({**SENT, "result": failed("no")}, ["not billed"]),
        ({**SENT, "result": failed("maybe", WRITTEN_OFF)}, ["written off"]),
        (
            {"sending.1": sending(1), "outcome.1": outcome(1, "resolved", resolution="lost")},
            ["written off"],
        ),
        (RESENT, ["written off", "billed"]),
        ({**RESENT, "outcome.1.late": LATE}, ["late", "billed"]),
        ({**SENT, "outcome.1.late": LATE, "result": OK}, ["billed", "late"]),
        (
            {
                "sending.1": sending(1),
                "outcome.1": outcome(1, "resolved", resolution="lost"),
                "outcome.1.late": LATE,
            },
            ["late"],
        ),
    ],
)
def test_every_sending_stands_somewhere(books: Books, records: dict[str, Record], found: list[str]) -> None:
    """What was sent is a charge each; a request id that came late is one too, beside the other."""
    assert standings(books.job(records)) == found


def test_what_is_not_set_aside_is_no_charge(books: Books) -> None:
    """An intent whose reservation was given back cost nothing."""
    assert standings(books.job({}), is_reserved=False) == []


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_the_charges_of_a_job_are_what_the_journal_counts(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Over any history: the counted dollars are the job's own cost, to the cent; no more, no less."""
    records: dict[str, Record] = {}
    for k in range(1, data.draw(st.integers(0, 3)) + 1):
        records[f"sending.{k}"] = sending(k)
        records[f"outcome.{k}"] = outcome(k, "not-sent")
        if data.draw(st.booleans()):
            records[f"outcome.{k}"] = outcome(k, "resolved", resolution="resubmit")
        if data.draw(st.booleans()):
            records[f"outcome.{k}.late"] = submitted(k, f"late-{k}")
    k = len([word for word in records if word.startswith("sending")]) + 1
    end = data.draw(st.sampled_from(["nothing", "sending", "submitted", "ok", "failed", "free"]))
    if end != "nothing":
        records[f"sending.{k}"] = sending(k)
    if end not in {"nothing", "sending"}:
        records[f"outcome.{k}"] = submitted(k, f"request-{k}")
    results = {"ok": OK, "failed": failed("maybe"), "free": failed("no")}
    if end in results:
        records["result"] = results[end]
    job = Books(tmp_path_factory.mktemp("books")).job(records)
    charges = list(charges_of([job], (), {}))
    assert sum((charge.counted_usd for charge in charges), Decimal(0)) == job.cost_usd


def test_who_is_seen_comes_from_the_basis_and_from_what_it_is_made_from(books: Books) -> None:
    """A shot's cast; a sheet's own character; a style pass shows its source's; a landscape nobody."""
    source = books.job({**SENT, "result": OK, "media": MEDIA}, content={"cast": {"pip": {}, "mina": {}}})
    styled = books.job({}, "s030", content={"made_from": [["source_video", "whole", "ab" * 32]]})
    sheet = books.job({}, "mina.default.front", scope="cast", content={"view": "front"})
    empty = books.job({}, "s040", content={"cast": {}})
    makers = makers_of([source, styled, sheet, empty])
    assert [characters_of(job, makers) for job in (source, styled, sheet, empty)] == [
        ("mina", "pip"),
        ("mina", "pip"),
        ("mina",),
        (),
    ]


def charge(**changes: Any) -> Charge:
    facts: dict[str, Any] = {
        "job": "j1",
        "label": "s01e01 · s010 · take 1",
        "scope": "s01e01",
        "subject": "s010",
        "endpoint": "some/video",
        "characters": ("pip",),
        "at": NOW,
        "standing": "billed",
        "usd": PRICE,
        "request_id": ID_1,
    }
    return Charge(**(facts | changes))


def test_a_table_adds_up_by_what_is_asked_for() -> None:
    """By shot, character, endpoint and day (UTC); a shot of two is shared; free failures are not counted."""
    charges = [
        charge(characters=("mina", "pip"), usd=Decimal("0.35")),
        charge(job="j2", subject="s020", usd=Decimal(1), standing="ambiguous", at=NOW - timedelta(days=1)),
        charge(job="j3", characters=(), endpoint="other", usd=Decimal(2), standing="not billed"),
    ]

    def names(by: Any) -> dict[str, str]:
        return {row.name: str(row.counted_usd) for row in table(charges, by)}

    assert names("shot") == {"s01e01 · s010": "0.35", "s01e01 · s020": "1"}
    assert {name: Decimal(usd) for name, usd in names("character").items()} == {
        NOBODY: 0,
        "mina": Decimal("0.175"),
        "pip": Decimal("1.175"),
    }
    assert names("endpoint") == {"other": "0", "some/video": "1.35"}
    assert names("day") == {"2026-11-21": "1", "2026-11-22": "0.35"}
    (everything,) = table(charges, None)
    assert (everything.jobs, everything.usd["not billed"]) == (3, 2)


@given(amount=st.decimals(0, 10_000, places=4), count=st.integers(1, 7), by=st.sampled_from(get_args(By)))
def test_no_cent_is_lost_by_sharing(amount: Decimal, count: int, by: By) -> None:
    """However many share an amount, the parts add up to it exactly, and so does every table."""
    parts = shares(amount, count)
    assert (len(parts), sum(parts)) == (count, amount)
    assert max(parts) - min(parts) < Decimal("0.0001")
    shared = charge(usd=amount, characters=tuple(f"c{n}" for n in range(count)))
    assert sum(row.counted_usd for row in table([shared], by)) == amount


def event(request_id: str, usd: str | None = "0.35", at: datetime | None = NOW) -> BillingEvent:
    return BillingEvent(request_id, "some/video", at, None if usd is None else Decimal(usd))


LONG_AFTER = NOW + timedelta(days=1)


def test_what_agrees_is_even() -> None:
    """The same requests at the same prices, in one event or in several: nothing is left to look at."""
    charges = [
        charge(),
        charge(job="j2", request_id=ID_2),
        charge(job="j3", request_id=None, standing="written off"),
    ]
    found = reconcile(charges, [event(ID_1, "0.15"), event(ID_1, "0.2"), event(ID_2)], LONG_AFTER)
    assert (found.agreeing, found.is_even) == (2, True)


def test_what_differs_is_told() -> None:
    """Another price; ours that fal has not; fal's that we have not; a free failure that was billed."""
    charges = [
        charge(),
        charge(request_id=ID_2),
        charge(request_id=ID_3, standing="not billed"),
        charge(request_id="young", at=LONG_AFTER),
        charge(request_id="silent"),
        charge(request_id="running", standing="reserved"),
    ]
    events = [event(ID_1, "0.70"), event(ID_3), event("stranger"), event("silent", None)]
    found = reconcile(charges, events, LONG_AFTER)
    assert [(ours.request_id, fals.usd) for ours, fals in found.differing] == [
        (ID_1, Decimal("0.70")),
        (ID_3, PRICE),
    ]
    assert [one.request_id for one in found.uncharged] == [ID_2]
    assert [one.request_id for one in found.unknown] == ["stranger"]
    assert (found.recent, found.unpriced, found.agreeing, found.is_even) == (1, 1, 0, False)


def test_an_unknown_charge_may_be_an_ambiguous_job() -> None:
    """The same endpoint within the hour: a guess for a person; another endpoint or day: none."""
    ambiguous = charge(request_id=None, standing="ambiguous")
    for stranger, guessed in (
        (event("stranger", at=NOW + timedelta(minutes=2)), True),
        (event("stranger", at=None), True),
        (event("stranger", at=NOW + timedelta(days=1)), False),
        (event("stranger")._replace(endpoint="other"), False),
    ):
        found = reconcile([ambiguous], [stranger], LONG_AFTER)
        assert [one.charge for one in found.guesses] == ([ambiguous] if guessed else [])
