"""How a flow is run: under a server that answers, else the same function directly."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from prefect import Flow
from prefect.settings import PREFECT_SERVER_ALLOW_EPHEMERAL_MODE

from onmodel.errors import PlanError, SetupError
from onmodel.flowkit import running
from onmodel.flowkit.running import run_flow
from onmodel.flowkit.server import Server
from onmodel.settings import Settings

Write = Callable[[str, str], Path]

FLOW = """
    from prefect import flow
    from prefect.context import FlowRunContext

    from onmodel.errors import PlanError

    @flow
    async def episode(fail: bool = False):
        if fail:
            raise PlanError("it cannot be done")
        return FlowRunContext.get()
"""


def run(root: Path, prefect: Any, address: str | None = None, **parameters: Any) -> tuple[Any, list[str]]:
    said: list[str] = []
    settings = Settings(prefect_api_url=address)
    work = run_flow(
        root,
        "episode",
        parameters,
        prefect=prefect,
        settings=settings,
        report=lambda _: None,
        say=said.append,
    )
    return asyncio.run(work), said


def test_off_never_asks_for_a_server(flow_file: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--prefect off` looks for no server, wherever one is configured, and runs the function itself."""
    monkeypatch.setattr(running, "answering_url", lambda *_: pytest.fail("it asked"))
    context, said = run(flow_file("episode", FLOW), "off", "http://127.0.0.1:9/api")
    assert context is None
    assert said == ["Without Prefect."]


def test_auto_runs_directly_where_no_server_answers(flow_file: Write) -> None:
    """`--prefect auto` without a server says so in one line and makes nothing for Prefect."""
    root = flow_file("episode", FLOW)
    context, said = run(root, "auto")
    assert context is None
    assert said == ["No Prefect server answers, so this runs without one."]
    assert not (root / ".onmodel").exists()


def test_auto_names_the_address_that_does_not_answer(flow_file: Write) -> None:
    """A configured server that is silent is named: a mistyped address is found at once."""
    _, said = run(flow_file("episode", FLOW), "auto", "http://127.0.0.1:9/api")
    assert said == ["At http://127.0.0.1:9/api no Prefect server answers, so this runs without one."]


def test_on_starts_the_production_s_own_server(flow_file: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--prefect on` starts a server where none answers; one that does not come up is one clear error."""
    started: list[Path] = []

    def start(server: Server) -> str:
        started.append(server.root)
        raise SetupError("it did not come up")

    monkeypatch.setattr(Server, "start", start)
    root = flow_file("episode", FLOW)
    with pytest.raises(SetupError, match="did not come up"):
        run(root, "on")
    assert started == [root]


def test_without_a_server_prefect_starts_none_of_its_own(flow_file: Write) -> None:
    """Whatever a production's flow calls, no ephemeral server with a database in the home folder comes up."""
    text = FLOW.replace("return FlowRunContext.get()", "return PREFECT_SERVER_ALLOW_EPHEMERAL_MODE.value()")
    text = text.replace(
        "from onmodel.errors", f"from prefect.settings import {NAME}\n    from onmodel.errors"
    )
    assert run(flow_file("episode", text), "off")[0] is False


NAME = PREFECT_SERVER_ALLOW_EPHEMERAL_MODE.name


def test_an_error_of_the_flow_comes_out_as_it_is(flow_file: Write) -> None:
    """The command line gets the flow's own error, not one of Prefect's around it."""
    with pytest.raises(PlanError, match="cannot be done"):
        run(flow_file("episode", FLOW), "off", fail=True)


def test_a_flow_that_was_changed_too_far_is_told_what_it_is_given(flow_file: Write) -> None:
    """A parameter that an edited flow lacks, or demands on top: one message with all that it is given."""
    root = flow_file("episode", FLOW)
    with pytest.raises(SetupError, match=r"unexpected .* 'shots'\n.*It is given: fail, shots\."):
        run(root, "off", fail=False, shots=None)
    root = flow_file("episode", FLOW.replace("fail: bool = False", "mine: str"))
    with pytest.raises(SetupError, match="missing a required argument: 'mine'"):
        run(root, "off")


def test_a_server_that_goes_away_is_a_clear_error(flow_file: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the way to Prefect breaks in a run, the message says so, and how to go on without it."""

    async def lost(*_: Any, **__: Any) -> None:
        raise httpx.ConnectError("All connection attempts failed")

    monkeypatch.setattr(running, "answering_url", lambda *_: "http://127.0.0.1:9/api")
    monkeypatch.setattr(Flow, "__call__", lost)
    with pytest.raises(SetupError, match="lost its Prefect server") as raised:
        run(flow_file("episode", FLOW), "auto")
    assert "--prefect off" in raised.value.hint


def test_looking_for_a_server_and_starting_it_leave_the_loop_free(
    flow_file: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server takes up to minutes to come up: whatever else goes on in this process goes on meanwhile."""

    async def scene() -> list[str]:
        loop, turned = asyncio.get_running_loop(), []

        def slow(what: str) -> None:
            asyncio.run_coroutine_threadsafe(turn(what), loop).result(timeout=5)

        async def turn(what: str) -> None:
            turned.append(what)

        monkeypatch.setattr(running, "answering_url", lambda *_: slow("asked"))
        monkeypatch.setattr(Server, "start", lambda _: slow("started"))
        work = run_flow(
            flow_file("episode", FLOW),
            "episode",
            {},
            prefect="on",
            settings=Settings(),
            report=lambda _: None,
            say=lambda _: None,
        )
        await work
        return turned

    assert asyncio.run(scene()) == ["asked", "started"]
