"""Steps: plain work outside a flow run, a named and tagged row inside one, and never a second purchase."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prefect.states import Failed

from onmodel import errors
from onmodel.flowkit.steps import TRANSPORT, _do, _escaped, is_transport, tags_of, watched_step

KNOWN = [
    one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, errors.OnModelError)
]
IDS = st.from_regex(r"[a-z][a-z0-9_-]{0,8}", fullmatch=True)


def test_outside_a_flow_run_a_step_is_just_done() -> None:
    """Without Prefect a step is its work: the result comes back, and an error as it was raised."""

    async def work() -> int:
        return 7

    async def fails() -> int:
        raise errors.PlanError("no")

    assert asyncio.run(watched_step("s01e01 · s010 · conform", "conform", work)) == 7
    with pytest.raises(errors.PlanError, match="no"):
        asyncio.run(watched_step("s01e01 · s010 · conform", "conform", fails))


@pytest.mark.parametrize("kind", KNOWN, ids=lambda kind: kind.__name__)
def test_only_transport_is_tried_again(kind: type[errors.OnModelError]) -> None:
    """Prefect runs a step again only where that buys nothing: never after a lost answer or a refusal."""
    named = {"status": 422} if kind is errors.SubmitRefused else {}
    error = kind([]) if kind is errors.StoryError else kind("it failed", **named)  # type: ignore[arg-type]

    async def again() -> bool:
        return await is_transport(_do, None, Failed(data=error))  # type: ignore[arg-type]

    wanted = kind in {errors.FetchFailed, errors.SubmitNotSent, errors.UploadFailed}
    assert asyncio.run(again()) is wanted
    assert (kind in TRANSPORT) is wanted


@given(scope=IDS, shot=IDS, n=st.integers(1, 99))
def test_a_row_is_tagged_with_stage_episode_and_shot(scope: str, shot: str, n: int) -> None:
    """A producer filters rows by stage, by episode and by shot."""
    assert tags_of(f"{scope} · {shot} · take {n} · image-to-video", "shoot") == ["shoot", scope, shot]


def test_a_sheet_is_tagged_with_its_character() -> None:
    """All views of a character are found under its name."""
    assert tags_of("cast · pip.rain.front · take 2 · model sheet", "sheet") == ["sheet", "cast", "pip"]


@given(st.text(min_size=1))
def test_a_name_is_shown_as_it_is_written(name: str) -> None:
    """Prefect fills names like templates; braces in one of ours do not make it look for a parameter."""
    assert _escaped(name).format() == name
