"""Fal-client over real TLS, under fal's own host names: as it comes, and over our wire."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.process

KONTEXT = "fal-ai/flux-pro/kontext"
STATUS = r"GET queue\.fal\.run/fal-ai/flux-pro/requests/[^/]+/status\?logs=true$"
HUNDRED_MIB = 100 * 1024 * 1024


def authorization(fal: Any, part: str) -> set[str]:
    """The first word of what requests said who they were; empty where they said nothing."""
    lines = set(fal.lines(part))
    assert lines
    return {one.headers.get("authorization", "").split(" ")[0] for one in fal.seen if one.line in lines}


def kept(fal: Any, url: str) -> Path:
    """The file that the double has behind an address."""
    path = fal.folder / "media" / url.split("/files/rehearsal/")[1]
    assert path.is_file()
    return Path(path)


def test_bare_fal_client_finds_fal_behind_the_proxy(fal: Any, child: Any, picture: Path) -> None:
    """Nothing of ours: fal-client uploads, submits once, sees the job run and end, and has its answer."""
    bare = child.start("bare", picture=str(picture), prompt="slowly it blinks")
    fal.wait_for(STATUS, 3)
    fal.let_go()
    found = bare.end()
    assert found["states"][-2:] == ["InProgress", "Completed"]
    assert any(line.startswith("drawing") for line in found["logs"])
    assert kept(fal, found["url"]).read_bytes() == picture.read_bytes()
    assert kept(fal, found["result"]["images"][0]["url"]).stat().st_size > 10_000
    assert [job.endpoint for job in fal.accepted()] == [KONTEXT]
    assert {"rest.fal.ai:443", "v3.fal.media:443", "queue.fal.run:443"} <= set(fal.tunnels)


def test_bare_fal_client_buys_three_where_two_answers_are_lost(fal: Any, child: Any, picture: Path) -> None:
    """The hazard that our gate is for, seen over TLS: its retries of a submit make a job each."""
    fal.upset("POST queue", "drop-after", times=2)
    child.play("bare", picture=str(picture), prompt="it blinks")
    assert len(fal.accepted()) == 3


def test_our_wire_buys_one_and_hears_its_logs(fal: Any, child: Any) -> None:
    """Submit, wait, run, end, result: one POST on a connection of its own, one job, every log line once."""
    ours = child.start("journey", prompt="slowly it blinks")
    fal.wait_for("status", 4)
    fal.let_go()
    found = ours.end()
    states = [state for state, _ in found["seen"]]
    assert (states[-1], states[-2:-1]) == ("completed", ["running"])
    assert [line for _, logs in found["seen"] for line in logs] == ["drawing fal-ai/flux/dev"]
    assert found["result"]["images"][0]["url"].startswith("https://v3.fal.media/")
    assert (len(fal.accepted()), len(fal.lines("POST queue"))) == (1, 1)
    assert len({one.connection for one in fal.seen}) == 2
    assert authorization(fal, "queue") == {"Key"}


def test_a_running_job_is_cancelled(fal: Any, child: Any) -> None:
    """A cancelled job is asked to stop, and the second time it is too late."""
    assert child.play("journey", prompt="slowly", cancel=True) == {"cancel": ["requested", "too-late"]}
    assert len(fal.accepted()) == 1


def test_an_upload_goes_by_a_token(fal: Any, child: Any) -> None:
    """The key buys a token, the token uploads: the media server never sees the key."""
    found = child.play("upload", size=5000)
    assert kept(fal, found["url"]).stat().st_size == 5000
    assert (authorization(fal, "POST rest"), authorization(fal, "POST v3")) == ({"Key"}, {"Bearer"})
    assert fal.accepted() == []


def test_an_upload_falls_back_to_the_other_storage(fal: Any, child: Any) -> None:
    """Where the media server cannot, the signed address of another company is used, and it sees no key."""
    fal.upset("POST v3", 500)
    found = child.play("upload", size=5000)
    assert kept(fal, found["url"]).stat().st_size == 5000
    assert authorization(fal, r"PUT storage\.googleapis\.com") == {""}
    assert authorization(fal, r"initiate\?storage_type=gcs") == {"Key"}
    assert fal.accepted() == []


def test_an_upload_that_a_locked_account_may_not_make(fal: Any, child: Any) -> None:
    """403 on every way: the account is named, and nothing was bought."""
    fal.upset("POST", 403, times=99)
    found = child.play("upload", size=5000)
    assert (found["error"], "billing" in found["message"]) == ("AccountLocked", True)
    assert fal.accepted() == []


def test_a_large_upload_goes_in_parts(fal: Any, child: Any) -> None:
    """Over 100 MiB: eleven parts side by side, put together in order, whatever order they came in."""
    url = child.play("upload", size=HUNDRED_MIB + 7)["url"]
    assert len(fal.lines(r"PUT v3\.fal\.media/files/.*/multipart/\w+/\d+$")) == 11
    assert len(fal.lines("/complete$")) == 1
    with kept(fal, url).open("rb") as file:
        assert file.read(11) == b"\x89PNG begins"
        file.seek(-7, 2)
        assert (file.read(), file.tell()) == (b"the end", HUNDRED_MIB + 7)
    assert fal.accepted() == []


def test_a_lost_part_fails_the_upload_and_buys_nothing(fal: Any, child: Any) -> None:
    """Fal-client does not repeat a part: the upload says so, and how to go on."""
    fal.upset(r"/multipart/\w+/4$", "garble")
    found = child.play("upload", size=HUNDRED_MIB + 7)
    assert (found["error"], "run the same command again" in found["message"]) == ("UploadFailed", True)
    assert (fal.lines("/complete$"), fal.accepted()) == ([], [])


def test_an_answer_is_json_all_the_way(fal: Any, child: Any) -> None:
    """What fal keeps of a job is what was sent: no rehearsal's header is on a live wire."""
    child.play("journey", prompt="Pip's eye — ✨ — blinks")
    (submit,) = [one for one in fal.seen if one.line.startswith("POST queue")]
    assert submit.headers["x-app-fal-disable-fallback"] == "true"
    assert not [name for name in submit.headers if "onmodel" in name]
    assert [json.dumps(job.input, ensure_ascii=False) for job in fal.accepted()] == [
        '{"prompt": "Pip\'s eye — ✨ — blinks"}'
    ]
