"""Runs of a deployment wait for an archive that is away when they begin; a person at a terminal is told."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest

from onmodel.errors import VaultAway, VaultError
from onmodel.flowkit import patience
from onmodel.flowkit.patience import once_there


class Archive:
    """One that is away for its first visitors."""

    def __init__(self, away: int, error: VaultError) -> None:
        self.asked = 0
        self._away = away
        self._error = error

    async def open(self) -> str:
        """Answer, or not yet."""
        self.asked += 1
        if self.asked <= self._away:
            raise self._error
        return "open"


AWAY = VaultAway("the archive s3://b: it cannot be reached")


@contextmanager
def in_run(patch: pytest.MonkeyPatch, *, deployed: bool) -> Iterator[list[str]]:
    """A flow run, of a deployment or of a command line; what its log says."""
    said: list[str] = []
    run = SimpleNamespace(deployment_id=uuid4() if deployed else None)
    there: Any = SimpleNamespace(get=lambda: SimpleNamespace(flow_run=run))
    patch.setattr(patience, "FlowRunContext", there)
    patch.setattr(
        patience, "get_run_logger", lambda: SimpleNamespace(warning=lambda *one: said.append(one[0]))
    )
    patch.setattr(patience, "PAUSE_S", 0.01)
    yield said


def test_a_run_of_a_deployment_begins_when_the_archive_is_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is tried again until it answers, and the run's log says once for what it waits."""
    archive = Archive(3, AWAY)
    with in_run(monkeypatch, deployed=True) as said:
        assert asyncio.run(once_there(archive.open)) == "open"
    assert (archive.asked, len(said)) == (4, 1)


def test_patience_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """An archive that stays away ends the run with what it said."""
    monkeypatch.setattr(patience, "WAITS_S", 0.05)
    with in_run(monkeypatch, deployed=True), pytest.raises(VaultAway, match="cannot be reached"):
        asyncio.run(once_there(Archive(1000, AWAY).open))


@pytest.mark.parametrize(
    ("deployed", "error"), [(False, AWAY), (True, VaultError("the archive s3://b: access is denied"))]
)
def test_what_a_person_can_mend_is_told_at_once(
    monkeypatch: pytest.MonkeyPatch, *, deployed: bool, error: VaultError
) -> None:
    """Somebody at a terminal wants to know; and waiting mends no refusal."""
    archive = Archive(1, error)
    with in_run(monkeypatch, deployed=deployed), pytest.raises(type(error)):
        asyncio.run(once_there(archive.open))
    assert archive.asked == 1


def test_without_a_flow_run_it_is_told_at_once() -> None:
    """As for a person at a terminal."""
    archive = Archive(1, AWAY)
    with pytest.raises(VaultAway):
        asyncio.run(once_there(archive.open))
    assert archive.asked == 1
