"""The live check as a person runs it, over real TLS, with the loopback in fal's place."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import httpx
import pytest

pytestmark = pytest.mark.process

COMMAND = [sys.executable, "-m", "onmodel.studio.live_check", "--max-usd", "0.10"]


def run(child: Any) -> subprocess.CompletedProcess[str]:
    """Run the command; what it said and its exit code."""
    return subprocess.run(
        COMMAND,
        cwd=child.folder,
        env=child.environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_one_picture_is_bought_and_nothing_differs(fal: Any, child: Any) -> None:
    """The double over TLS is the double: exit code 0, no differences, one job, no key and no prompt shown."""
    done = run(child)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Differences from the double: none" in done.stdout
    (job,) = fal.accepted()
    for secret in (child.environment["FAL_KEY"], job.input["prompt"], job.request_id, job.input["image_url"]):
        assert secret not in done.stdout
    assert not [name for one in fal.seen for name in one.headers if "onmodel" in name]


def test_a_fal_that_speaks_otherwise_is_told_apart(fal: Any, child: Any) -> None:
    """A submit answered with 201 and one key more: two lines, exit code 0, one job."""
    fal.upset("POST queue", lambda response: httpx.Response(201, json={**response.json(), "gateway": 1}))
    done = run(child)
    assert done.returncode == 0
    assert "Differences from the double: 2" in done.stdout
    assert "submit: the status is 201, with the double 200" in done.stdout
    assert "submit: answered gateway: only with fal" in done.stdout
    assert len(fal.accepted()) == 1
