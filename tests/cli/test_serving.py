"""`onmodel server open`: the page of a run, said and, where there is a screen, opened."""

from __future__ import annotations

import webbrowser
from pathlib import Path

import pytest

from onmodel.cli import serving
from onmodel.errors import SetupError


class Stub:
    """A server that runs, and knows one run."""

    def url(self) -> str:
        """Where its API is."""
        return "http://127.0.0.1:9/api"

    start = url

    def newest_run(self, name: str) -> str | None:
        """The page of the one run that it knows."""
        return "http://127.0.0.1:9/runs/flow-run/1" if name == "s01e01" else None


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The pages that were opened; there is no screen."""
    pages: list[str] = []
    monkeypatch.setattr(serving, "_server", lambda _: Stub())
    monkeypatch.setattr(webbrowser, "open", pages.append)
    monkeypatch.setattr(serving.sys, "platform", "linux")
    for name in serving.DISPLAYS:
        monkeypatch.delenv(name, raising=False)
    return pages


def test_without_a_screen_the_address_is_said(opened: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """On a server over ssh nothing is opened; the address is the only line of stdout."""
    serving.show(Path(), "s01e01")
    assert capsys.readouterr().out == "http://127.0.0.1:9/runs/flow-run/1\n"
    serving.show(Path(), None)
    assert capsys.readouterr().out == "http://127.0.0.1:9/runs\n"
    assert opened == []


def test_with_a_screen_the_page_is_opened(opened: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is a screen, the page of the episode's newest run opens."""
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    serving.show(Path(), "s01e01")
    assert opened == ["http://127.0.0.1:9/runs/flow-run/1"]


def test_an_episode_that_never_ran_there_says_how_it_would(opened: list[str]) -> None:
    """No run of that name: the command that makes one, and nothing is opened."""
    with pytest.raises(SetupError, match="no run of 's02e01'") as raised:
        serving.show(Path(), "s02e01")
    assert "onmodel produce s02e01 --rehearse --prefect on" in raised.value.hint
    assert opened == []
