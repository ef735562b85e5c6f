from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from onmodel.errors import SubmitOutcomeUnknown
from onmodel.studio.wire import PastRequest, Wire
from onmodel.vault import Outcome

Act = Callable[..., Any]
PRICE = Decimal("0.04")
EDIT = "fal-ai/flux-pro/kontext"
LOST = [{"on": "submit", "fault": "lost-after"}]


def history(patch: pytest.MonkeyPatch, *entries: tuple[str, timedelta]) -> None:
    """Have fal's history list requests with the input that was sent, so long after the sending."""

    async def tell(self: Wire, endpoint: str, since: datetime) -> list[PastRequest]:
        at = datetime.now(UTC)
        sent = SENT[-1]
        return [PastRequest(name, dict(sent), at + after) for name, after in entries if at + after >= since]

    patch.setattr(Wire, "history", tell)


SENT: list[dict[str, Any]] = []


@pytest.fixture(autouse=True)
def lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every answer to a submit is lost; what was sent is remembered."""
    SENT.clear()

    async def submit(self: Wire, endpoint: str, arguments: dict[str, Any], **_: Any) -> str:
        SENT.append(arguments)
        raise SubmitOutcomeUnknown("lost")

    async def watch(*_: Any) -> None:
        raise asyncio.CancelledError

    monkeypatch.setattr(Wire, "submit", submit)
    monkeypatch.setattr(Wire, "watch", watch)


async def end(day: Any, **changes: Any) -> Any:
    """The outcome of the one sending, or the error."""
    try:
        await day.produce(**changes)
    except asyncio.CancelledError:
        return day.job(**changes).outcomes[1]
    except SubmitOutcomeUnknown as error:
        return error.message
    return None


S, DAY = timedelta(seconds=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("entries", "found"),
    [
        ([("r1", S)], "r1"),
        ([("r1", S), ("r1", S)], "r1"),
        ([("r1", S), ("r2", S)], "lists 2 that fit"),
        ([("r1", DAY)], "does not list it"),
        ([], "does not list it"),
    ],
)
def test_words_alone_are_recognised_where_they_are_the_only_ones_of_their_time(
    act: Act, monkeypatch: pytest.MonkeyPatch, entries: Any, found: str
) -> None:
    """One entry in the minutes of the sending is ours, and the outcome says so; several or others are not."""
    history(monkeypatch, *entries)
    said = act(end, proof=False)
    if found == "r1":
        assert said.request_id == "r1"
        assert said.reason.startswith("found in fal's history: the only request with these words between ")
    else:
        assert found in said


def test_words_that_another_job_of_ours_waits_for_stay_with_a_person(
    act: Act, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two jobs with the same words, both answers lost, one entry: it could be either's."""
    same: dict[str, Any] = {"arguments": {"prompt": "it blinks", "seed": 7}}

    async def scene(day: Any) -> None:
        history(monkeypatch)
        assert "does not list it" in await end(day, subject="s010", **same)
        history(monkeypatch, ("r1", S))
        assert "may be another job's with the same words" in await end(day, subject="s020", **same)
        other = day.job("s030", arguments={"prompt": "another"})
        assert other.state == "intended"

    act(scene, proof=False)


@pytest.mark.parametrize("after", [S, -20 * timedelta(hours=1)])
def test_an_upload_is_recognised_by_its_address_whatever_the_clock_says(
    act: Act, picture: Path, monkeypatch: pytest.MonkeyPatch, after: timedelta
) -> None:
    """No other job ever sent that address; a clock that is most of a day off hides nothing."""

    async def scene(day: Any) -> None:
        history(monkeypatch, ("r1", after))
        said = await end(day, endpoint=EDIT, arguments=with_picture(day, picture))
        assert (said.request_id, said.reason) == (
            "r1",
            "found in fal's history by the address of its own upload",
        )

    act(scene, proof=False)


def with_picture(day: Any, picture: Path) -> dict[str, Any]:
    ref = day.vault.media.keep(picture, suffix=".png")
    return {"prompt": "it blinks", "image_url": ref.as_argument()}


def test_inputs_are_uploaded_once_for_a_job_and_anew_after_a_lost_answer(
    act: Act, picture: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three tries of a busy fal, one upload; two jobs with the same words have two; so has a resubmit."""
    uploads: list[str] = []
    real = Wire.upload

    async def upload(self: Wire, path: Path, kind: str, name: str) -> str:
        uploads.append(name)
        return await real(self, path, kind, name)

    async def scene(day: Any) -> None:
        from onmodel.errors import SubmitRefused  # noqa: PLC0415 (short)

        monkeypatch.setattr(Wire, "upload", upload)
        history(monkeypatch)
        lost = Wire.submit
        busy = [1, 1]

        async def submit(self: Wire, *args: Any, **named: Any) -> str:
            if busy:
                busy.pop()
                raise SubmitRefused("busy", status=429)
            return await lost(self, *args, **named)

        monkeypatch.setattr(Wire, "submit", submit)
        arguments = with_picture(day, picture)
        await end(day, endpoint=EDIT, arguments=arguments)
        assert (len(uploads), len(day.job(endpoint=EDIT, arguments=arguments).sendings)) == (1, 3)
        await end(day, subject="s020", endpoint=EDIT, arguments=arguments)
        assert len(uploads) == 2
        job = day.job(endpoint=EDIT, arguments=arguments)
        again = Outcome(attempt=3, kind="resolved", resolution="resubmit", at=datetime.now(UTC))
        day.vault.journal.record_outcome(job, again)
        await end(day, endpoint=EDIT, arguments=arguments)
        assert len(uploads) == 3
        assert len({str(one["image_url"]) for one in SENT}) == 3
        # What a person had sent again may have been bought twice, and each counts.
        assert (job.slot.key in day.vault.ledger("s01e01").entries()) is True
        assert day.vault.ledger("s01e01").entries()[job.slot.key] == 2 * PRICE

    act(scene, proof=False)


def test_a_second_try_in_the_same_process_does_not_wait_for_its_own_lost_answer(
    act: Act, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sending is this process's own and ended without a word: ambiguous at once, not in 5 minutes."""
    history(monkeypatch)

    async def scene(day: Any) -> None:
        for _ in range(2):
            async with asyncio.timeout(10):
                assert "does not list it" in await end(day)
        assert day.job().state == "ambiguous"
        assert ("waiting", "another process is sending it") not in day.told

    act(scene, proof=False)


def test_what_another_sent_while_it_was_given_back_is_set_aside_again(
    act: Act, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given back by an old look at the job, sent by another in that moment: its price stays counted."""

    async def scene(day: Any) -> None:
        stale = day.job()
        current = day.job()
        await day.desk._caps.reserve(current, 1)
        day.vault.journal.claim(current, 300, current.intent.arguments, ("production", "s01e01"))
        assert stale.records == {"intent"}
        await day.desk.give_back(stale)
        assert (day.reserved(), day.reserved("production")) == (PRICE, PRICE)

    act(scene)
