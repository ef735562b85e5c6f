"""Steps: plain work outside a flow run, a named and tagged row inside one, and never a second purchase."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prefect.states import Completed, Failed

from onmodel import errors
from onmodel.flowkit.steps import WatchedSteps, _do, _result, passes_by_itself, tags_of

KNOWN = [
    one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, errors.OnModelError)
]
IDS = st.from_regex(r"[a-z][a-z0-9_-]{0,8}", fullmatch=True)


def made(kind: type[errors.OnModelError]) -> errors.OnModelError:
    named = {"status": 422} if kind is errors.SubmitRefused else {}
    return kind([]) if kind is errors.StoryError else kind("it failed", **named)  # type: ignore[arg-type]


class Nobody:
    """Fails when it is told of a row."""

    def begin(self, *_: Any) -> None:
        """No row may begin."""
        pytest.fail("a row began outside a flow run")

    end = begin


def test_outside_a_flow_run_a_step_is_just_done() -> None:
    """Without Prefect a step is its work: the result comes back, and an error as it was raised."""

    async def work() -> int:
        return 7

    async def fails() -> int:
        raise errors.PlanError("no")

    step = WatchedSteps(SimpleNamespace(), Nobody())  # type: ignore[arg-type]
    assert asyncio.run(step("s01e01 · s010 · conform", "conform", work)) == 7
    with pytest.raises(errors.PlanError, match="no"):
        asyncio.run(step("s01e01 · s010 · conform", "conform", fails))


@pytest.mark.parametrize("kind", KNOWN, ids=lambda kind: kind.__name__)
def test_only_transport_is_tried_again(kind: type[errors.OnModelError]) -> None:
    """Prefect runs a step again only where that buys nothing: never after a lost answer or a refusal."""

    async def again() -> bool:
        return await passes_by_itself(_do, None, Failed(data=made(kind)))  # type: ignore[arg-type]

    wanted = kind in {errors.FetchFailed, errors.SubmitNotSent, errors.UploadFailed}
    assert asyncio.run(again()) is wanted


def test_a_step_returns_what_its_work_does() -> None:
    """Whatever state a row ends in, the stages get the result, or the error as it was raised."""
    error = errors.PlanError("no")
    assert _result(Completed(name="Off-model, retaking", data=7)) == 7
    assert _result(Completed(data=None)) is None
    assert _result(7) == 7
    with pytest.raises(errors.PlanError) as raised:
        _result(Failed(name="Needs a person", data=error))
    assert raised.value is error


@given(scope=IDS, shot=IDS, n=st.integers(1, 99))
def test_a_row_is_tagged_with_stage_episode_and_shot(scope: str, shot: str, n: int) -> None:
    """A producer filters rows by stage, by episode and by shot."""
    assert tags_of(f"{scope} · {shot} · take {n} · image-to-video", "shoot") == ["shoot", scope, shot]


def test_a_sheet_is_tagged_with_its_character() -> None:
    """All views of a character are found under its name."""
    assert tags_of("cast · pip.rain.front · take 2 · model sheet", "sheet") == ["sheet", "cast", "pip"]
