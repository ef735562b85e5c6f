from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from onmodel.flowkit.going_on import roots_of, go_on

WORKS_IN = "prefect.deployments.steps.set_working_directory"


@pytest.mark.parametrize(
    ("production", "steps", "path", "found"),
    [
        (".", [{WORKS_IN: {"directory": "/films/reel"}}], None, ["/films/reel"]),
        ("reel", [{WORKS_IN: {"directory": "/films"}}], None, ["/films/reel"]),
        ("/films/reel", [], None, ["/films/reel"]),
        (".", None, "/films/reel", ["/films/reel"]),
        (".", [{"prefect.deployments.steps.git_clone": {"repository": "x"}}], None, []),
        (".", None, None, []),
    ],
)
def test_whose_a_deployment_is(production: str, steps: Any, path: str | None, found: list[str]) -> None:
    """It is this production's where it works in its folder; what is cloned elsewhere is nobody's here."""
    deployment: Any = SimpleNamespace(parameters={"production": production}, pull_steps=steps, path=path)
    assert sorted({str(one) for one in roots_of(deployment)}) == found


def test_without_a_server_nothing_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No server of its own, and none that answers where one is named: the command is told instead."""
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    assert go_on(tmp_path, "s01e01", rehearse=True) is None
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
    assert go_on(tmp_path, "s01e01", rehearse=True) is None
