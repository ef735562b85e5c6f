"""A worker goes to the production that a deployment films, or says why it cannot."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from onmodel.errors import SetupError
from onmodel.flowkit.place import go_to_production


def test_a_worker_works_in_the_productions_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Afterwards it stands there, and Prefect is told the folder in full."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "reel").mkdir()
    (tmp_path / "reel" / "production.yaml").write_text("production: 1\n", encoding="utf-8")
    assert go_to_production("reel") == {"directory": str(tmp_path / "reel")}
    assert Path.cwd() == tmp_path / "reel"


@pytest.mark.parametrize(
    ("folder", "why"),
    [("moved", "the folder is gone"), (".", "it has no production.yaml"), ("", "it has no")],
)
def test_where_no_production_is_nothing_is_filmed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str, why: str
) -> None:
    """The message has folder, machine and reason, and the next command; an empty name is no folder."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SetupError, match=why) as caught:
        go_to_production(folder)
    assert f"'{folder}' on {socket.gethostname()}" in caught.value.message
    assert "onmodel deploy" in caught.value.hint
    assert Path.cwd() == tmp_path
