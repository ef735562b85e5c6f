"""The address of the served dailies, as it stands in what Prefect keeps."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings

from onmodel.flowkit.review import review_address
from onmodel.settings import Folders

HERE = "http://127.0.0.1:4200/api"
NOTE = {
    "url": "http://127.0.0.1:8123/?token=secret",
    "pid": os.getpid(),
    "scope": "s01e01",
    "rehearsal": True,
}


def address(root: Path, *, api: str = HERE, rehearse: bool = True, **noted: Any) -> str | None:
    """What a run of s01e01 is told, under a server, while a note lies there."""
    folders = Folders(root, rehearse)
    folders.run.mkdir(parents=True, exist_ok=True)
    (folders.run / "dailies.json").write_text(json.dumps({**NOTE, **noted}))
    with temporary_settings({PREFECT_API_URL: api}):
        return review_address(folders, "s01e01")


def test_the_token_is_told_to_nobody(tmp_path: Path) -> None:
    """Whoever may read Prefect's pages gets no address that lets them decide."""
    assert address(tmp_path) == "http://127.0.0.1:8123/"


@pytest.mark.parametrize(
    "noted",
    [
        {"scope": "s01e02"},
        {"rehearsal": False},
        {"pid": 2**22 + 1},
        {"pid": None},
        {"url": "http://[x/?token=y"},
    ],
    ids=str,
)
def test_only_the_same_dailies_are_linked(tmp_path: Path, noted: dict[str, Any]) -> None:
    """Another episode's page, the live one for a rehearsal, or one that is no longer served is no help."""
    assert address(tmp_path, **noted) is None


def test_another_machines_server_is_told_nothing(tmp_path: Path) -> None:
    """An address of this machine leads nowhere there; and without a note there is none."""
    assert address(tmp_path, api="http://prefect.example:4200/api") is None
    with temporary_settings({PREFECT_API_URL: HERE}):
        assert review_address(Folders(tmp_path / "other", rehearsal=False), "s01e01") is None
