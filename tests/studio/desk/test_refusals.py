from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from onmodel.errors import (
    FetchFailed,
    JobFailed,
    Moderated,
    ServerFailed,
    SubmitNotSent,
    SubmitOutcomeUnknown,
    SubmitRefused,
    UploadFailed,
    VaultFull,
)
from onmodel.studio.sending import TRIES
from onmodel.studio.wire import Wire
from onmodel.vault import Job, Journal, Media, Outcome

Act = Callable[..., Any]
PRICE = Decimal("0.04")
EDIT = "fal-ai/flux-pro/kontext"


async def to_the_end(day: Any) -> tuple[str, list[str], Decimal]:
    """See the one job through; its state, what fal would bill, and what is reserved."""
    job = await day.produce()
    assert job.delivery is not None
    assert day.vault.media.verify(job.delivery.media[0]).stat().st_size == job.delivery.media[0].size
    return job.state, day.accepted(), day.reserved()


@pytest.mark.parametrize("fault", ["429", "connect", "lost-before"])
def test_what_bought_nothing_is_tried_again(act: Act, fault: str, key: str) -> None:
    """A full queue, no connection, a request that never came: after a pause the same is sent, once."""
    trouble = [{"on": "submit", "fault": fault, "times": 2}]
    assert act(to_the_end, trouble=trouble) == ("done", [key], PRICE)


def test_a_lost_answer_is_found_in_the_history(act: Act) -> None:
    """Fal had accepted it: it is re-attached, counted once, and never sent again."""

    async def scene(day: Any) -> None:
        job = await day.produce()
        assert job.outcomes[1].reason.startswith("found in fal's history: the only request with these words")
        assert (len(day.accepted()), day.desk.submitted, day.desk.spent_usd) == (1, 1, PRICE)

    act(scene, trouble=[{"on": "submit", "fault": "lost-after"}], proof=False)


def test_the_history_entry_of_another_job_is_not_taken(act: Act) -> None:
    """Two jobs with the same words: the one whose answer was lost does not adopt the other's request."""

    async def scene(day: Any) -> None:
        same: dict[str, Any] = {"arguments": {"prompt": "it blinks", "seed": 7}}
        await day.produce("s010", **same)
        with pytest.raises(SubmitOutcomeUnknown, match="does not list it"):
            await day.produce("s020", **same)
        assert len(day.accepted()) == 1

    with pytest.MonkeyPatch.context() as patch:
        real, calls = Wire.submit, []

        async def lost_the_second(self: Wire, *args: Any, **named: Any) -> str:
            calls.append(args)
            if len(calls) == 2:
                raise SubmitOutcomeUnknown("lost")
            return await real(self, *args, **named)

        patch.setattr(Wire, "submit", lost_the_second)
        act(scene, proof=False)


def test_what_never_passes_ends(act: Act) -> None:
    """Tried a few times and given up: nothing bought, nothing reserved, and the next run may try again."""
    trouble = [{"on": "submit", "fault": "lost-before", "times": TRIES}]

    async def scene(day: Any) -> None:
        with pytest.raises(SubmitNotSent):
            await day.produce()
        job = day.job()
        assert (job.state, job.may_have_cost, len(job.sendings)) == ("not-sent", False, TRIES)
        assert (day.reserved(), day.reserved("production"), day.accepted()) == (0, 0, [])

    act(scene, trouble=trouble)
    assert act(to_the_end)[0] == "done"


@pytest.mark.parametrize("fault", ["401", "403"])
def test_a_locked_account_ends_buying_and_not_fetching(act: Act, fault: str) -> None:
    """One refusal of key or account, and no other purchase is tried; what is paid comes home."""

    async def begin(day: Any) -> None:
        job = day.job("s005")
        arguments = dict(job.intent.arguments)
        sending = day.vault.journal.claim(job, 300, arguments)
        assert sending
        await day.desk._sender.submit(job, sending)

    act(begin)

    async def scene(day: Any) -> None:
        with pytest.raises(SubmitRefused):
            await day.produce("s010")
        with pytest.raises(SubmitRefused):
            await day.produce("s020")
        assert day.job("s020").records == {"intent"}
        assert (await day.produce("s005")).state == "done"
        assert (len(day.accepted()), day.reserved()) == (1, PRICE)

    act(scene, trouble=[{"on": "submit", "fault": fault}])


def test_moderation_is_told_with_its_price_and_never_sent_again(act: Act) -> None:
    """A moderated job may be billed: it stays counted, and every run says the same without asking fal."""
    trouble = [{"on": "result", "fault": "moderate-prompt"}]
    for once in (trouble, []):

        async def scene(day: Any) -> None:
            with pytest.raises(Moderated) as caught:
                await day.produce()
            assert caught.value.message.startswith("s01e01 · s010 · take 1 · keyframe: ")
            assert caught.value.hint
            assert caught.value.spent_usd == PRICE == day.reserved()
            assert len(day.accepted()) == 1

        act(scene, trouble=once)


def test_fals_own_trouble_is_not_counted_as_spent(act: Act, key: str) -> None:
    """A job that died at fal is not billed: the money is given back, and take 2 may be bought."""

    async def scene(day: Any) -> None:
        with pytest.raises(ServerFailed) as caught:
            await day.produce()
        assert caught.value.spent_usd == Decimal(0) == day.reserved() == day.reserved("production")
        assert (await day.produce(n=2)).state == "done"
        assert (day.accepted(), day.reserved()) == ([key, day.job(n=2).slot.key], PRICE)

    act(scene, trouble=[{"on": "result", "fault": "5xx"}])


def test_a_written_off_job_is_an_error_with_a_next_step(act: Act) -> None:
    """`jobs resolve --lost`: the job has failed, it stays counted, and it is not sent again."""

    async def scene(day: Any) -> None:
        job = day.job()
        await day.desk._caps.reserve(job, 1)
        day.vault.journal.claim(job, 300, job.intent.arguments)
        said = Outcome(attempt=1, kind="resolved", resolution="lost", at=datetime.now(UTC))
        day.vault.journal.record_outcome(job, said)
        with pytest.raises(JobFailed, match="written off") as caught:
            await day.see_through(job)
        assert (caught.value.spent_usd, day.reserved(), day.accepted()) == (PRICE, PRICE, [])

    act(scene)


def test_an_upload_that_fails_buys_nothing(act: Act, picture: Path) -> None:
    """The inputs could not be brought to fal: no claim, no submit; the next run goes on."""

    async def scene(day: Any) -> Any:
        ref = day.vault.media.keep(picture, suffix=".png")
        arguments = {
            "prompt": "it blinks",
            "image_url": {"$media": ref.sha256, "size": ref.size, "suffix": ref.suffix},
        }
        job = day.job(endpoint=EDIT, arguments=arguments)
        try:
            await day.see_through(job)
        except UploadFailed:
            assert job.records == {"intent"}
        return day.accepted()

    assert act(scene, trouble=[{"on": "upload", "fault": "connect", "times": 99}]) == []
    assert len(act(scene)) == 1


@pytest.mark.parametrize("fault", ["expired", "html", "truncate"])
def test_a_fetch_that_fails_is_resumed(act: Act, fault: str, key: str) -> None:
    """Paid, and not home: the message says the request; the next run fetches it and sends nothing."""
    times = 99 if fault == "truncate" else 1

    async def scene(day: Any) -> None:
        with pytest.raises(FetchFailed) as caught:
            await day.produce()
        assert caught.value.request_id == day.double.accepted()[0].request_id
        assert caught.value.spent_usd == PRICE

    act(scene, trouble=[{"on": "media", "fault": fault, "times": times}])
    assert act(to_the_end)[:2] == ("done", [key])


def test_a_full_archive_names_the_accepted_request(act: Act, key: str) -> None:
    """Fal accepted it and the disk is full: the id is in the message, and nothing is sent again."""
    with pytest.MonkeyPatch.context() as patch:

        def full(self: Journal, job: Job, outcome: Outcome) -> Outcome:
            raise VaultFull("no space is left")

        patch.setattr(Journal, "record_outcome", full)

        async def scene(day: Any) -> None:
            with pytest.raises(VaultFull) as caught:
                await day.produce()
            request_id = day.double.accepted()[0].request_id
            assert request_id in caught.value.message
            assert f"--request-id {request_id}" in caught.value.hint

        act(scene)
    assert act(to_the_end)[:2] == ("done", [key])


def test_a_full_archive_ends_buying(act: Act) -> None:
    """There is no place for what is paid: nothing more is bought in this run, and the next brings it home."""

    async def scene(day: Any) -> None:
        with pytest.MonkeyPatch.context() as patch:

            def full(self: Media, path: Path, *, suffix: str) -> Any:
                raise VaultFull("no space is left")

            patch.setattr(Media, "keep", full)
            for subject in ("s010", "s020"):
                with pytest.raises(VaultFull):
                    await day.produce(subject)
        assert len(day.accepted()) == 1

    act(scene)
    assert act(to_the_end)[0] == "done"
