from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from onmodel.errors import (
    OnModelError,
    OverBudget,
    VaultFull,
)
from onmodel.studio.wire import Wire
from onmodel.vault import Job, Journal, Media

Act = Callable[..., Any]
PRICE = Decimal("0.04")
EDIT = "fal-ai/flux-pro/kontext"
KEY = "rehearsal-S3CRET-k3y"


async def to_the_end(day: Any) -> tuple[str, list[str], Decimal]:
    """See the one job through; its state, what fal would bill, and what is reserved."""
    job = await day.produce()
    assert job.delivery is not None
    assert day.vault.media.verify(job.delivery.media[0]).stat().st_size == job.delivery.media[0].size
    return job.state, day.accepted(), day.reserved()


def test_a_cap_may_be_reached_exactly_and_not_passed(act: Act) -> None:
    """Two of three fit: the third is neither uploaded nor sent, no ledger has it, --max-usd is named."""

    async def scene(day: Any) -> None:
        await day.produce("s010")
        await day.produce("s020")
        with pytest.raises(OverBudget, match=r"costs \$0\.04 and would pass the cap 's01e01'") as caught:
            await day.produce("s030")
        assert caught.value.hint == "Raise --max-usd, or leave shots out with --shots."
        assert (len(day.accepted()), day.reserved(), day.reserved("production")) == (2, 2 * PRICE, 2 * PRICE)
        with pytest.raises(OverBudget):
            await day.produce("s040")
        assert (await day.produce("s010")).state == "done"

    act(scene, caps={"production": None, "s01e01": "0.08"})


def test_what_fits_is_bought_although_more_was_asked_for_at_once(
    act: Act, picture: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of four with pictures to upload two fit: these are sent, and the cap is used to the cent."""
    refused, real = asyncio.Event(), Wire.upload

    async def upload(self: Wire, *arguments: Any) -> str:
        await refused.wait()
        return await real(self, *arguments)

    async def scene(day: Any) -> None:
        ref = day.vault.media.keep(picture, suffix=".png")
        arguments = {"prompt": "it waves", "image_url": ref.as_argument()}
        shots = ("s010", "s020", "s030", "s040")
        asked = [day.produce(shot, endpoint=EDIT, arguments=arguments) for shot in shots]
        waiting = set(map(asyncio.ensure_future, asked))
        over = set[asyncio.Task[Job]]()
        while len(over) < 2:
            ended, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            over |= ended
        refused.set()
        bought = await asyncio.gather(*waiting)
        assert all(isinstance(one.exception(), OverBudget) for one in over)
        assert sorted(job.slot.key for job in bought) == sorted(day.accepted())
        assert (len(bought), day.reserved(), day.reserved("production")) == (2, 2 * PRICE, 2 * PRICE)

    monkeypatch.setattr(Wire, "upload", upload)
    act(scene, caps={"production": None, "s01e01": "0.08"})


def test_what_else_ends_buying_ends_it_for_what_fits_too(
    act: Act, picture: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cap is reached, then a disk is full: what fits under the cap and was not sent yet is not bought."""
    begun, goes, fills, real = asyncio.Event(), asyncio.Event(), threading.Event(), Wire.upload

    async def upload(self: Wire, *arguments: Any) -> str:
        begun.set()
        await goes.wait()
        return await real(self, *arguments)

    def full(self: Media, path: Path, *, suffix: str) -> Any:
        fills.wait(10)
        raise VaultFull("no space is left")

    async def scene(day: Any) -> None:
        ref = day.vault.media.keep(picture, suffix=".png")
        arguments = {"prompt": "it waves", "image_url": ref.as_argument()}
        fits = asyncio.ensure_future(day.produce(endpoint=EDIT, arguments=arguments))
        await begun.wait()
        monkeypatch.setattr(Media, "keep", full)
        bought = asyncio.ensure_future(day.produce("s020"))
        while not day.accepted():  # noqa: ASYNC110 (what fal accepted is a plain list)
            await asyncio.sleep(0.01)
        with pytest.raises(OverBudget):
            await day.produce("s030")
        fills.set()
        with pytest.raises(VaultFull):
            await bought
        goes.set()
        with pytest.raises(VaultFull):
            await fits
        assert (len(day.accepted()), day.reserved()) == (1, PRICE)

    monkeypatch.setattr(Wire, "upload", upload)
    act(scene, caps={"production": None, "s01e01": "0.08"})


def test_a_cap_of_the_production_counts_all_episodes(act: Act) -> None:
    """What another episode reserved is counted; the episode's own ledger keeps nothing of the refusal.

    Its key in production.yaml is named, as it is spelled there.
    """

    async def scene(day: Any) -> None:
        day.vault.ledger("production").reserve("another-episode", Decimal("0.97"), None)
        with pytest.raises(OverBudget, match="the cap 'production'") as caught:
            await day.produce()
        assert caught.value.hint.startswith("Raise `budget_usd` in production.yaml, or leave")
        assert (day.reserved(), day.reserved("production")) == (0, Decimal("0.97"))

    act(scene, caps={"s01e01": None, "production": "1.00"})


def test_a_run_buys_under_the_caps_of_the_moment(act: Act) -> None:
    """From midnight on a new week's ledger counts; what was set aside before and sent then counts once."""
    caps = {"season-1.2026-w47": "0.04"}

    def monday() -> None:
        caps.clear()
        caps["season-1.2026-w48"] = "0.04"

    async def scene(day: Any) -> tuple[list[Decimal], list[frozenset[str]]]:
        claim = day.vault.journal.claim

        def claim_after_midnight(*given: Any) -> Any:
            monday()
            return claim(*given)

        day.vault.journal.claim = claim_after_midnight
        jobs = [await day.produce(), await day.produce("s020")]
        with pytest.raises(OverBudget, match=r"season-1\.2026-w48"):
            await day.produce("s030")
        return [day.reserved(f"season-1.2026-w{week}") for week in (47, 48)], [job.caps for job in jobs]

    totals, counted = act(scene, caps=caps)
    assert totals == [PRICE, PRICE]
    assert counted == [{"season-1.2026-w47"}, {"season-1.2026-w48"}]


def test_a_reservation_that_another_gave_back_is_made_again_before_the_post(act: Act) -> None:
    """Two try the same job, the first is refused and gives its money back: the second's stays counted."""

    async def scene(day: Any) -> None:
        real = day.vault.journal.claim

        def meanwhile_given_back(job: Job, *rest: Any) -> Any:
            day.vault.ledger("s01e01").lower(job.slot.key, Decimal)
            return real(job, *rest)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Journal, "claim", lambda _, *args: meanwhile_given_back(*args))
            await day.produce()
        assert day.reserved() == PRICE

    act(scene)


def test_ledgers_made_again_agree_with_what_was_bought(act: Act, key: str) -> None:
    """A job that provably never came, then was bought, is counted once; one that never was, not at all."""

    async def scene(day: Any) -> None:
        await day.produce()
        day.job("s020")
        ledger = day.vault.ledger("again")
        ledger.rebuild(day.vault.journal.jobs())
        assert ledger.entries() == {key: PRICE} == day.vault.ledger("s01e01").entries()

    act(scene, trouble=[{"on": "submit", "fault": "lost-before"}])


def test_the_key_is_written_nowhere(act: Act, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Not in the journal, an error, a log, a word of progress, or anything else on disk."""
    said: list[str] = []

    async def scene(day: Any) -> None:
        for subject in ("s010", "s020", "s030"):
            try:
                await day.produce(subject)
            except OnModelError as error:
                said.append(f"{error}{error!r}{vars(error)}")
        said.append(json.dumps(day.told))

    caplog.set_level(0)
    act(scene, trouble=[{"on": "submit", "fault": "429"}, {"on": "result", "fault": "moderate-prompt"}])
    act(scene, trouble=[{"on": "submit", "fault": "422"}])
    written = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"intent" in written
    assert KEY.encode() not in written
    assert KEY not in "".join(said) + caplog.text
