"""Trouble as the wire meets it, and what the double's platform says of the account."""

from __future__ import annotations

import asyncio
import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from onmodel.endpoints import Catalogue
from onmodel.errors import Moderated
from onmodel.studio.rehearsal.double import REHEARSAL_KEY, FalDouble

FLUX = "fal-ai/flux/dev"
KLING = "fal-ai/kling-video/v2.1/pro/image-to-video"
PROMPT = {"prompt": "Pip"}
BILLING = "https://api.fal.ai/v1/models/billing-events"


async def fetched(stage: Any, answer: dict[str, Any], name: str) -> tuple[str, bytes]:
    """A result's type, as the server names it, and its bytes."""
    into: Path = stage.folder / name
    kind = await stage.wire.fetch(answer["images"][0]["url"], into, limit_bytes=10**7)
    return kind, await asyncio.to_thread(into.read_bytes)


async def asked(stage: Any, **params: str) -> httpx.Response:
    async with httpx.AsyncClient(transport=stage.double) as client:
        return await client.get(BILLING, params=params, headers={"Authorization": f"Key {REHEARSAL_KEY}"})


def test_swapped_media_are_another_jobs(perform: Any) -> None:
    """With one job there is nothing to swap; with two, a download brings the other one's picture, once."""

    async def scene(stage: Any) -> None:
        first = await stage.buy_and_wait(FLUX, {**PROMPT, "seed": 1}, "one")
        _, one = await fetched(stage, first, "a.png")
        second = await stage.buy_and_wait(FLUX, {**PROMPT, "seed": 2}, "two")
        _, swapped = await fetched(stage, second, "b.png")
        _, two = await fetched(stage, second, "c.png")
        assert swapped == one != two

    perform(scene, trouble=[{"on": "media", "fault": "swapped"}])


def test_a_wrong_type_comes_with_the_right_bytes(perform: Any) -> None:
    """A picture is called a clip, once."""

    async def scene(stage: Any) -> None:
        answer = await stage.buy_and_wait(FLUX, PROMPT)
        lied, truly = await fetched(stage, answer, "a.png"), await fetched(stage, answer, "b.png")
        assert (lied[0], truly[0]) == ("video/mp4", "image/png")
        assert lied[1] == truly[1]

    perform(scene, trouble=[{"on": "media", "fault": "wrong-type"}])


def test_a_slow_queue_keeps_a_job_as_long_as_it_says(perform: Any) -> None:
    """The job stands in the queue for that time, and the next process does not begin the wait anew."""

    async def scene(stage: Any) -> float:
        began = time.monotonic()
        await stage.buy_and_wait(FLUX, PROMPT)
        return time.monotonic() - began

    assert perform(scene, trouble=[{"on": "queue", "fault": "slow", "seconds": 0.3}]) >= 0.3


def test_trouble_hits_the_shot_that_it_names(perform: Any) -> None:
    """Of two jobs the one whose label is named is moderated, whichever comes first."""

    async def scene(stage: Any) -> None:
        async def buy(shot: str) -> Any:
            label = f"s01e01 · {shot} · take 1 · keyframe"
            headers = {"x-onmodel-rehearsal": json.dumps({"job": shot, "label": label})}
            request_id = await stage.wire.submit(FLUX, PROMPT, headers=headers)
            await stage.wire.watch(FLUX, request_id, lambda _: None, 0.001)
            return await stage.wire.result(FLUX, request_id)

        assert (await buy("s010"))["images"]
        with pytest.raises(Moderated):
            await buy("s020")

    perform(scene, trouble=[{"on": "result", "fault": "moderate-prompt", "where": "s020"}])


def test_off_model_orders_say_so(perform: Any) -> None:
    """The artist is told how to depart: clips by the clips' faults, pictures by their own."""
    trouble = [{"on": "result", "fault": fault, "share": 0.5} for fault in ("drift", "picture-off")]

    async def scene(stage: Any) -> list[set[str]]:
        for n in range(12):
            await stage.buy_and_wait(FLUX, PROMPT, f"p{n}")
            await stage.buy_and_wait(KLING, {**PROMPT, "image_url": await stage.picture()}, f"c{n}")
        orders = stage.sketcher.orders
        return [{one.departs for one in orders if one.endpoint == name} for name in (FLUX, KLING)]

    assert perform(scene, trouble=trouble) == [{"", "picture-off"}, {"", "drift"}]


def test_no_history_silences_history_and_billing(perform: Any) -> None:
    """Trouble with the history answers both of the platform's addresses with 403."""

    async def scene(stage: Any) -> tuple[Any, int]:
        past = await stage.wire.history(FLUX, datetime(2026, 1, 1, tzinfo=UTC))
        return past, (await asked(stage)).status_code

    assert perform(scene, trouble=[{"on": "history", "fault": "off"}]) == (None, 403)


def test_billing_lists_what_was_made_and_what_may_be_billed(perform: Any) -> None:
    """An answered job and a moderated one are events, newest first, page by page; a job that died is none."""
    trouble = [
        {"on": "result", "fault": "5xx", "where": ""},
        {"on": "result", "fault": "moderate-prompt"},
    ]

    async def scene(stage: Any) -> None:
        for n, prompt in enumerate(("dies", "flagged", "made")):
            request_id = await stage.buy(FLUX, {"prompt": prompt}, f"j{n}")
            await stage.wire.watch(FLUX, request_id, lambda _: None, 0.001)
        _, flagged, made = (job.request_id for job in stage.double.accepted())
        page = (await asked(stage, limit="1")).json()
        assert [event["request_id"] for event in page["billing_events"]] == [made]
        assert (page["has_more"], page["next_cursor"]) == (True, "1")
        last = (await asked(stage, limit="1", cursor="1")).json()
        assert [event["request_id"] for event in last["billing_events"]] == [flagged]
        assert (last["has_more"], last["next_cursor"]) == (False, None)
        (event, _) = (await asked(stage)).json()["billing_events"]
        assert event["endpoint_id"] == FLUX
        assert event["cost_estimate_nano_usd"] == 25_000_000
        assert (await asked(stage, start="2999-01-01T00:00:00Z")).json()["billing_events"] == []
        assert (await asked(stage, end="2000-01-01T00:00:00Z")).json()["billing_events"] == []

    perform(scene, trouble=trouble)


def test_asking_what_was_accepted_forgets_nothing(tmp_path: Path, perform: Any) -> None:
    """Whoever only counts jobs in a folder begins no run, so what has struck there stays struck."""

    async def scene(stage: Any) -> Any:
        return await stage.buy_and_wait(FLUX, PROMPT)

    trouble = [{"on": "status", "fault": "lost-before"}]
    perform(scene, trouble=trouble)
    marks = list((tmp_path / "trouble").iterdir())
    assert len(marks) == 1
    assert FalDouble(tmp_path, endpoints=Catalogue.load(), artist=object()).accepted()  # type: ignore[arg-type]
    assert list((tmp_path / "trouble").iterdir()) == marks
    perform(scene)
    assert not list((tmp_path / "trouble").iterdir())
