from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

from onmodel.errors import (
    SubmitOutcomeUnknown,
)
from onmodel.studio.caps import Caps
from onmodel.studio.sending import Sender
from onmodel.studio.wire import Wire
from onmodel.vault import Journal, Media, Outcome

Act = Callable[..., Any]
PRICE = Decimal("0.04")
FLUX, EDIT = "fal-ai/flux/dev", "fal-ai/flux-pro/kontext"


async def to_the_end(day: Any) -> tuple[str, list[str], Decimal]:
    """See the one job through; its state, what fal would bill, and what is reserved."""
    job = await day.produce()
    assert job.delivery is not None
    assert day.vault.media.verify(job.delivery.media[0]).stat().st_size == job.delivery.media[0].size
    return job.state, day.accepted(), day.reserved()


def test_a_job_is_seen_through_once(act: Act, key: str) -> None:
    """Sent once, watched, fetched, archived, reserved; seen through again, nothing is sent or counted."""

    async def scene(day: Any) -> None:
        job = await day.produce()
        assert (job.state, day.accepted(), day.desk.submitted) == ("done", [job.slot.key], 1)
        assert day.desk.spent_usd == PRICE == day.reserved() == day.reserved("production")
        assert day.told[0][0] == "sending"
        await day.produce()
        assert (len(day.accepted()), day.desk.submitted) == (1, 1)

    act(scene)
    assert act(to_the_end)[1:] == ([key], PRICE)


def test_inputs_are_uploaded_and_never_named_in_the_intent(act: Act, picture: Path) -> None:
    """The frozen request names media by content; the sending says the address that fal was given."""

    async def scene(day: Any) -> None:
        ref = day.vault.media.keep(picture, suffix=".png")
        arguments = {
            "prompt": "it blinks",
            "image_url": {"$media": ref.sha256, "size": ref.size, "suffix": ref.suffix},
        }
        job = await day.produce(endpoint=EDIT, arguments=arguments)
        assert job.state == "done"
        assert job.sendings[1].arguments["image_url"] != job.intent.arguments["image_url"]
        assert str(job.sendings[1].arguments["image_url"]).startswith("https://")
        assert job.intent.arguments == arguments

    act(scene)


class Killed(BaseException):
    """The process was killed here: nothing after this line of it ran."""


STEPS: list[tuple[type, str, str]] = [
    (Sender, "_addressed", "before"),  # intent and reservation only
    (Sender, "_addressed", "after"),
    (Journal, "claim", "after"),  # a sending, and no POST
    (Wire, "submit", "before"),
    (Wire, "submit", "after"),  # fal has it, and nobody wrote it down
    (Journal, "record_outcome", "after"),
    (Wire, "watch", "after"),
    (Wire, "result", "after"),
    (Journal, "record_result", "after"),
    (Wire, "fetch", "after"),
    (Media, "keep", "after"),
    (Journal, "record_media", "after"),
]


def kill_at(patch: pytest.MonkeyPatch, owner: type, name: str, when: str) -> None:
    """Have the process die before or after a step, the first time it comes there."""
    real: Any = getattr(owner, name)

    def plain(self: Any, *args: Any, **named: Any) -> Any:
        if when == "after":
            real(self, *args, **named)
        raise Killed

    async def waiting(self: Any, *args: Any, **named: Any) -> Any:
        if when == "after":
            await real(self, *args, **named)
        raise Killed

    patch.setattr(owner, name, waiting if asyncio.iscoroutinefunction(real) else plain)


@pytest.mark.parametrize(("owner", "name", "when"), STEPS)
def test_killed_anywhere_it_goes_on_and_is_bought_once(
    act: Act, owner: type, name: str, when: str, key: str
) -> None:
    """Whatever the last thing that a killed process did: the next one ends the job, and fal has it once."""
    with pytest.MonkeyPatch.context() as patch:
        kill_at(patch, owner, name, when)
        with pytest.raises(Killed):
            act(lambda day: day.produce())
    assert act(to_the_end) == ("done", [key], PRICE)


@pytest.mark.parametrize(("owner", "name", "when"), STEPS)
def test_killed_anywhere_with_no_history_nothing_is_sent_twice(
    act: Act, owner: type, name: str, when: str
) -> None:
    """Where fal's history does not answer, what may exist stays with a person: never a second submit."""
    with pytest.MonkeyPatch.context() as patch:
        kill_at(patch, owner, name, when)
        with pytest.raises(Killed):
            act(lambda day: day.produce(), history=False, proof=False)
    for _ in range(2):
        with contextlib.suppress(SubmitOutcomeUnknown):
            act(lambda day: day.produce(), history=False, proof=False)
    assert len(act(_accepted)) <= 1


async def _accepted(day: Any) -> Any:
    return day.accepted()


def test_an_ambiguous_job_says_how_to_settle_it_and_counts_as_spent(act: Act, key: str) -> None:
    """The answer was lost and the history is silent: what it may have cost, and the command, are told."""
    lost: dict[str, Any] = {"trouble": [{"on": "submit", "fault": "lost-after"}], "history": False}
    with pytest.raises(SubmitOutcomeUnknown) as caught:
        act(lambda day: day.produce(), proof=False, **lost)
    assert "fal's history does not answer" in caught.value.message
    assert f"onmodel jobs resolve {key[:12]}" in caught.value.hint
    assert caught.value.spent_usd == PRICE
    with pytest.raises(SubmitOutcomeUnknown):
        act(lambda day: day.produce(), proof=False, history=False)

    async def count(day: Any) -> tuple[int, Decimal, str]:
        return len(day.accepted()), day.reserved(), day.job().state

    assert act(count) == (1, PRICE, "ambiguous")


def test_a_person_who_knows_the_request_lets_it_go_on(act: Act, key: str) -> None:
    """`jobs resolve --request-id` is an outcome like any other: the job is fetched, and not sent again."""
    with pytest.raises(SubmitOutcomeUnknown):
        act(
            lambda day: day.produce(),
            trouble=[{"on": "submit", "fault": "lost-after"}],
            history=False,
            proof=False,
        )

    async def resolve(day: Any) -> None:
        job, known = day.job(), day.double.accepted()[0].request_id
        said = Outcome(attempt=1, kind="submitted", request_id=known, at=datetime.now(UTC))
        day.vault.journal.record_outcome(job, said)

    act(resolve)
    assert act(to_the_end, history=False, proof=False)[:2] == ("done", [key])


def claim_on_another_machine(act: Act, clock: Any) -> None:
    """Leave a sending of a machine whose processes nobody here can see; it ended without a word."""

    async def claim(day: Any) -> None:
        job = day.job()
        await day.desk._caps.reserve(job, 1)
        day.vault.journal.claim(job, 300, job.intent.arguments)

    act(claim, clock=clock, run="elsewhere")


def test_another_machines_sending_is_waited_for_until_its_deadline(act: Act, clock: Any) -> None:
    """Before the deadline it may still be alive: nobody sends. After it, the history is asked."""
    claim_on_another_machine(act, clock)

    async def patient(day: Any) -> None:
        task = asyncio.create_task(day.produce())
        await day.something_is_told()
        assert day.told[0] == ("waiting", "another process is sending it")
        assert day.accepted() == []
        clock.now += timedelta(seconds=301)
        job = await task
        assert (job.state, len(day.accepted())) == ("done", 1)

    act(patient, clock=clock)


def test_a_claim_that_is_past_its_deadline_is_not_sent(
    act: Act, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The archive was away, or the machine slept: by now another may have sent it, or a person decided."""
    real, waits = Caps.reserve, iter([timedelta(seconds=301)])

    async def slow(self: Caps, job: Any, purchases: int, *, confirming: bool = False) -> None:
        await real(self, job, purchases, confirming=confirming)
        clock.now += next(waits, timedelta()) if confirming else timedelta()

    monkeypatch.setattr(Caps, "reserve", slow)

    async def scene(day: Any) -> None:
        job = await day.produce()
        assert [(k, one.kind) for k, one in job.outcomes.items()] == [(1, "not-sent"), (2, "submitted")]
        assert (len(day.accepted()), day.reserved()) == (1, PRICE)

    act(scene, clock=clock)


def test_what_two_know_to_be_free_is_given_back_once(act: Act) -> None:
    """Both found in the history that it never came; whoever comes second takes nothing out any more."""

    async def scene(day: Any) -> None:
        job, caps = day.job(), day.desk._caps
        await caps.reserve(job, 1)
        day.vault.journal.claim(job, 300, job.intent.arguments, caps.names(job))
        for _ in range(2):
            await caps.forgo(job, 1)
            said = Outcome(attempt=1, kind="not-sent", reason="it never came", at=datetime.now(UTC))
            day.vault.journal.record_outcome(job, said)
        assert day.reserved() == 0

    act(scene)


def test_a_living_process_is_waited_for(act: Act) -> None:
    """A sending of a living session is not touched; what it writes down is adopted."""

    async def scene(day: Any) -> None:
        job = day.job()
        day.vault.journal.claim(job, 300, job.intent.arguments)
        other = asyncio.create_task(day.produce())
        await day.something_is_told()
        assert day.accepted() == []
        request_id = await day.wire.submit(FLUX, job.intent.arguments, headers=day.desk._sender._headers(job))
        said = Outcome(attempt=1, kind="submitted", request_id=request_id, at=datetime.now(UTC))
        day.vault.journal.record_outcome(job, said)
        assert (await other).state == "done"
        assert (len(day.accepted()), day.desk.submitted) == (1, 0)

    act(scene)


def test_two_desks_race_for_one_slot(act: Act, key: str) -> None:
    """Two processes want the same at the same moment: one submits, the other adopts, both have the media."""
    start = Barrier(2)

    async def racing(day: Any) -> tuple[str, int]:
        start.wait()
        job = await day.produce()
        return job.state, day.desk.submitted

    with ThreadPoolExecutor(2) as pool:
        ends = [pool.submit(act, racing) for _ in range(2)]
        found = [end.result(timeout=20) for end in ends]
    assert sorted(found) == [("done", 0), ("done", 1)]
    assert act(to_the_end)[1:] == ([key], PRICE)
