"""The order desk over real TLS, live and not in rehearsal: whatever goes wrong, fal's jobs are counted."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import httpx
import pytest

pytestmark = pytest.mark.process

SUBMIT, POLL, RESULT = "POST queue", r"GET queue.*/status", r"GET queue.*/requests/[^/]+$"
MEDIA, HISTORY, CONNECT = r"GET v3\.fal\.media", "GET api", r"CONNECT queue\.fal\.run"


def end(found: dict[str, Any], subject: str = "s010") -> dict[str, Any]:
    """What one request came to."""
    return dict(found["ends"][subject])


def bought(fal: Any) -> tuple[int, int]:
    """Jobs that fal accepted, and submits that came to it."""
    return len(fal.accepted()), len(fal.lines(SUBMIT))


def is_whole(fal: Any, found: dict[str, Any], subject: str = "s010") -> bool:
    """Whether the archived picture is the one that fal made."""
    (sha256,) = end(found, subject)["sha256"]
    made = fal.folder / "media" / end(found, subject)["request_id"] / "picture.png"
    return bool(sha256 == hashlib.sha256(made.read_bytes()).hexdigest())


def test_an_edit_is_bought_from_upload_to_archive(fal: Any, child: Any, picture: Path) -> None:
    """Uploaded, submitted, watched, fetched: one job; produced again, nothing is sent at all."""
    given = {"endpoint": "fal-ai/flux-pro/kontext", "picture": str(picture)}
    found = child.play("produce", **given)
    assert (end(found)["state"], is_whole(fal, found)) == ("done", True)
    assert (bought(fal), found["submitted"], found["reserved"]) == ((1, 1), 1, "0.04")
    count = len(fal.seen)
    assert child.play("produce", **given)["submitted"] == 0
    assert (bought(fal), len(fal.seen)) == ((1, 1), count)


@pytest.mark.parametrize(
    ("where", "what", "posts"), [(SUBMIT, 429, 3), (CONNECT, "refuse", 1), (CONNECT, "drop", 1)]
)
def test_what_bought_nothing_is_tried_again(fal: Any, child: Any, where: str, what: Any, posts: int) -> None:
    """429, and a proxy that refuses or drops the line: nothing was bought, so it is sent again; one job."""
    fal.upset(where, what, times=2)
    found = child.play("produce")
    assert (end(found)["state"], bought(fal), found["reserved"]) == ("done", (1, posts), "0.04")


@pytest.mark.parametrize("status", [403, 422])
def test_a_refusal_is_final(fal: Any, child: Any, status: int) -> None:
    """403, 422 on the submit: said once, nothing bought, nothing reserved, not sent again."""
    fal.upset(SUBMIT, status)
    found = child.play("produce")
    assert (end(found)["error"], bought(fal), found["reserved"]) == ("SubmitRefused", (0, 1), "0")
    assert f"({status})" in end(found)["message"]


def test_a_request_that_the_model_rejects(fal: Any, child: Any) -> None:
    """422 as the result: the field is named, it stays counted, and every run says the same; one job."""
    for _ in range(2):
        found = child.play("produce", endpoint="fal-ai/flux-pro/kontext")
        assert (end(found)["error"], bought(fal), found["reserved"]) == ("InputRejected", (1, 1), "0.04")
        assert "image_url" in end(found)["message"]


def test_an_account_locked_in_between_loses_nothing(fal: Any, child: Any) -> None:
    """403 as the result: the job is kept, and comes home once the account is open again; one job."""
    fal.upset(RESULT, 403)
    assert end(child.play("produce"))["error"] == "AccountLocked"
    found = child.play("produce")
    assert (is_whole(fal, found), bought(fal)) == (True, (1, 1))


def test_a_certificate_that_nobody_vouches_for(fal: Any, child: Any) -> None:
    """A stranger on the line gets no byte of a request: not the key, not the prompt."""
    del child.environment["SSL_CERT_FILE"]
    found = child.play("produce")
    assert (end(found)["error"], end(found)["state"], found["reserved"]) == ("SubmitNotSent", "not-sent", "0")
    assert "SSL_CERT_FILE" in end(found)["message"]
    assert fal.seen == []


def test_cut_before_fal_had_it(fal: Any, child: Any) -> None:
    """The history does not list it, which proves nothing: a person decides, and no run sends it again."""
    fal.upset(SUBMIT, "drop")
    for _ in range(2):
        found = child.play("produce")
        assert end(found)["error"] == "SubmitOutcomeUnknown"
        assert "onmodel jobs resolve" in end(found)["message"]
        assert (bought(fal), found["reserved"]) == ((0, 1), "0.04")


@pytest.mark.parametrize("what", ["drop-after", "garble", 500])
def test_cut_after_fal_had_it(fal: Any, child: Any, what: Any) -> None:
    """No answer, a garbled one, a 500: the history has the job, it is adopted; one job."""
    if what == 500:
        fal.upset(SUBMIT, lambda _: httpx.Response(500, text="<h1>nginx</h1>"))
    else:
        fal.upset(SUBMIT, what)
    found = child.play("produce")
    assert (is_whole(fal, found), bought(fal)) == (True, (1, 1))
    assert (found["submitted"], found["reserved"]) == (1, "0.04")


def test_cut_after_fal_had_it_with_no_history(fal: Any, child: Any) -> None:
    """Ambiguous for as long as the history is silent; when it speaks, the job comes home. One job."""
    fal.upset(SUBMIT, "drop-after")
    fal.upset(HISTORY, 403, times=3)
    found = child.play("produce")
    assert (end(found)["error"], bought(fal)) == ("SubmitOutcomeUnknown", (1, 1))
    assert "onmodel jobs resolve" in end(found)["message"]
    assert (is_whole(fal, child.play("produce")), bought(fal)) == (True, (1, 1))


def test_looks_at_a_job_that_fail(fal: Any, child: Any) -> None:
    """Dropped, garbled, refused, answered by a gateway, never answered: it is waited for; one job."""
    troubles = ["drop", "garble", 429, 503, "hang"]
    for what in troubles:
        fal.upset(POLL, what)
    found = child.play("produce", patience_s=3)
    assert (is_whole(fal, found), bought(fal)) == (True, (1, 1))
    assert len(fal.lines(POLL)) == len(troubles) + 1
    waited = [detail for state, detail in found["told"] if state == "waiting"]
    assert len(waited) >= 2  # fal-client repeats the others by itself; an outage is told with its beginning
    assert "since" in waited[0]


def test_connections_that_the_server_closes_when_idle(fal: Any, child: Any) -> None:
    """Every look finds its kept-alive connection closed: nobody notices."""
    fal.idle_s = 0.01
    waiting = child.start("produce", prompt="slowly")
    fal.wait_for(POLL, 5)
    fal.let_go()
    assert (is_whole(fal, waiting.end()), bought(fal)) == (True, (1, 1))
    assert len({one.connection for one in fal.seen}) >= 5


def test_a_result_that_is_lost_on_the_way(fal: Any, child: Any) -> None:
    """The answer of a paid job is asked for again."""
    for what in ("drop", "garble", "cut"):
        fal.upset(RESULT, what)
    found = child.play("produce")
    assert (is_whole(fal, found), bought(fal), len(fal.lines(RESULT))) == (True, (1, 1), 4)


@pytest.mark.parametrize("what", ["garble", "cut", "unframed", 503])
def test_a_download_that_is_lost_on_the_way(fal: Any, child: Any, what: Any) -> None:
    """Half a picture is never archived, not even where the server does not say how long it is."""
    fal.upset(MEDIA, what)
    found = child.play("produce")
    assert (is_whole(fal, found), bought(fal)) == (True, (1, 1))
    if what == "cut":
        assert any("range" in one.headers for one in fal.seen)


@pytest.mark.parametrize("where", [SUBMIT, POLL, MEDIA])
def test_killed_it_is_taken_up_by_another_process(fal: Any, child: Any, where: str) -> None:
    """SIGKILL while fal's answer is on its way, be it to the submit: the next one re-attaches; one job."""
    fal.upset(where, "hold")
    doomed = child.start("produce")
    fal.wait_for(where)
    fal.wait_for_job()
    doomed.kill()
    fal.let_go()
    found = child.play("produce")
    assert (is_whole(fal, found), bought(fal)) == (True, (1, 1))
    assert (found["submitted"], found["reserved"]) == (0, "0.04")


def test_side_by_side_with_trouble(fal: Any, child: Any) -> None:
    """Six at once, lost answers, refusals and dropped looks among them: six jobs, six pictures."""
    subjects = [f"s0{n}0" for n in range(1, 7)]
    fal.upset(SUBMIT, "drop-after", times=2)
    fal.upset(SUBMIT, 429, times=2)
    fal.upset(POLL, "drop", times=3)
    fal.upset(MEDIA, "cut", times=2)
    found = child.play("produce", subjects=subjects)
    assert all(is_whole(fal, found, subject) for subject in subjects)
    assert len({end(found, subject)["request_id"] for subject in subjects}) == 6
    assert (bought(fal), found["submitted"], found["reserved"]) == ((6, 8), 6, "0.24")
