"""What stands around Prefect's server: a policy for its pages, and our pictures."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest

from onmodel.flowkit import launch
from onmodel.flowkit import server as server_module
from onmodel.flowkit.launch import POLICY, with_ours


async def page(scope: Any, _: Any, send: Any) -> None:
    """Prefect's app, as far as this is concerned."""
    assert scope["type"] == "http"
    await send({"type": "http.response.start", "status": 200, "headers": [(b"x-prefect", b"1")]})
    await send({"type": "http.response.body", "body": b"a page"})


def ask(folder: Path, path: str) -> httpx.Response:
    async def asked() -> httpx.Response:
        transport = httpx.ASGITransport(with_ours(page, folder))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            return await client.get(path)

    return asyncio.run(asked())


def test_every_answer_is_under_the_policy(tmp_path: Path) -> None:
    """Prefect's answers come through unchanged, with a policy that lets a browser ask this server alone."""
    found = ask(tmp_path / "pictures", "/dashboard")
    assert (found.text, found.headers["x-prefect"]) == ("a page", "1")
    assert found.headers["content-security-policy"] == POLICY
    assert "default-src 'self';" in POLICY
    assert "connect-src 'self'" in POLICY
    assert "http" not in POLICY
    assert "*" not in POLICY


def test_pictures_are_served_and_nothing_beside_them(tmp_path: Path) -> None:
    """A picture has an address; the database beside the folder has none."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    (folder / "a.jpg").write_bytes(b"jpeg")
    (tmp_path / "prefect.db").write_bytes(b"secret")
    found = ask(folder, f"{launch.PICTURES}/a.jpg")
    assert (found.content, found.headers["content-type"]) == (b"jpeg", "image/jpeg")
    assert found.headers["content-security-policy"] == POLICY
    for path in ("b.jpg", "", "%2e%2e/prefect.db", "..%2fprefect.db"):
        assert ask(folder, f"{launch.PICTURES}/{path}").status_code == 404


@pytest.mark.parametrize("name", ["PICTURES"])
def test_both_sides_mean_the_same_address(name: str) -> None:
    """Who writes pictures and who serves them agree: the program of the server imports nothing of ours."""
    assert getattr(launch, name) == getattr(server_module, name)
