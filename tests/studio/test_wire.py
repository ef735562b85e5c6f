from __future__ import annotations

import asyncio
import json
import logging
import traceback
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from onmodel.errors import (
    AccountLocked,
    FetchFailed,
    InputRejected,
    InputUnreadable,
    JobFailed,
    KeyMissing,
    Moderated,
    ResultGone,
    ServerFailed,
    UploadFailed,
    WireError,
)
from onmodel.studio import wire as wire_module
from onmodel.studio.wire import Progress, Wire, open_live_wire

KLING = "fal-ai/kling-video/v2.1/pro/image-to-video"
FLUX = "fal-ai/flux/dev"
Answer = Callable[[httpx.Request], httpx.Response]


def says(status: int, **content: Any) -> Answer:
    return lambda _: httpx.Response(status, **content)


def in_turn(*answers: httpx.Response | Exception) -> Answer:
    left = list(answers)

    def answer(_: httpx.Request) -> httpx.Response:
        one = left.pop(0)
        if isinstance(one, Exception):
            raise one
        return one

    return answer


def status(state: str, **rest: Any) -> httpx.Response:
    return httpx.Response(200, json={"status": state, **rest})


def log(number: int) -> dict[str, str]:
    return {"timestamp": f"t{number}", "message": f"line {number}", "level": "INFO"}


def watch(told: list[Progress]) -> Callable[[Wire], Any]:
    return lambda wire: wire.watch(KLING, "r1", told.append, 0.0)


def test_a_shot_goes_from_upload_to_file(perform: Any) -> None:
    """Upload, submit, watch, result and fetch bring home exactly the bytes that were made."""

    async def scene(stage: Any) -> None:
        url = await stage.picture()
        answer = await stage.buy_and_wait(KLING, {"prompt": "Pip blinks", "image_url": url})
        into = stage.folder / "take.mp4"
        got = await stage.wire.fetch(answer["video"]["url"], into, limit_bytes=10**6)
        assert into.stat().st_size == answer["video"]["file_size"]
        assert got == "video/mp4"
        assert stage.sketcher.orders[0].files["image_url"].read_bytes().startswith(b"\x89PNG")

    perform(scene)


# -- watching ------------------------------------------------------------------------------------------------


def test_watching_tells_each_change_once(scripted: Any) -> None:
    """Position, state and log lines are told when they change; the logs are a window that moves."""
    told: list[Progress] = []
    answer = in_turn(
        status("IN_QUEUE", queue_position=2),
        status("IN_QUEUE", queue_position=2),
        status("IN_QUEUE", queue_position=0),
        status("IN_PROGRESS", logs=[log(1), log(2)]),
        status("IN_PROGRESS", logs=[log(2), log(3)]),
        status("IN_PROGRESS", logs=[log(3)]),
        status("COMPLETED", logs=[log(3), log(4)], metrics={}),
    )
    scripted(answer, watch(told))
    assert told == [
        Progress("queued", 2),
        Progress("queued", 0),
        Progress("running", None, ("line 1", "line 2")),
        Progress("running", None, ("line 3",)),
        Progress("completed", None, ("line 4",)),
    ]


def test_watching_never_gives_up_on_the_network(scripted: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """An unreachable fal is told, waited for with a growing pause, and the job is found again."""
    pauses: list[float] = []

    async def no_sleep(seconds: float) -> None:
        pauses.append(seconds)

    monkeypatch.setattr(asyncio, "sleep", no_sleep)
    tries = 0

    def answer(_: httpx.Request) -> httpx.Response:
        nonlocal tries
        tries += 1
        if tries <= 400:
            raise httpx.ReadTimeout("")
        return status("COMPLETED", logs=[])

    told: list[Progress] = []
    scripted(answer, lambda wire: wire.watch(KLING, "r1", told.append, 1.0))
    assert [progress.state for progress in told] == ["unreachable"] * 40 + ["completed"]
    assert "ReadTimeout" in told[0].detail
    waits = [pause for pause in pauses if pause]
    assert waits == sorted(waits)
    assert max(waits) == wire_module.LONGEST_PAUSE_S


def test_a_status_that_hangs_is_told(scripted: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that accepts and never answers does not silence the progress."""
    monkeypatch.setattr(wire_module, "STATUS_PATIENCE_S", 0.01)
    monkeypatch.setattr(wire_module, "LONGEST_PAUSE_S", 0.0)

    class Hanging(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            if not told:
                await asyncio.sleep(60)
            return status("COMPLETED")

    told: list[Progress] = []

    async def scene() -> None:
        wire = Wire(key="k", transport=Hanging())
        await wire.watch(KLING, "r1", told.append, 0.0)
        await wire.aclose()

    asyncio.run(scene())
    assert [progress.state for progress in told] == ["unreachable", "completed"]


@pytest.mark.parametrize(
    "answer",
    [
        status("COMPLETED"),
        httpx.Response(422, json={"detail": [{"loc": ["body"], "msg": "no", "type": "x"}]}),
        httpx.Response(400, json={"whatever": 1}),
    ],
)
def test_a_status_that_nobody_has_seen_ends_the_watch(scripted: Any, answer: httpx.Response) -> None:
    """What fal's status says after a failure is not known: the watch ends, and the result tells."""
    told: list[Progress] = []
    end, _ = scripted(in_turn(answer), watch(told))
    assert end is None
    assert told[-1].state == "completed"


def test_a_status_in_no_known_form_is_asked_again(scripted: Any) -> None:
    """A page, or a state without a name, is no reason to forget a paid job."""
    told: list[Progress] = []
    answers = (httpx.Response(200, html="<hr>"), status("PAUSED"), httpx.Response(200, json=[]))
    scripted(in_turn(*answers, status("COMPLETED", logs=[])), watch(told))
    assert [progress.state for progress in told] == ["unreachable"] * 3 + ["completed"]


def test_a_status_that_fal_client_does_not_know_is_not_waited_out(scripted: Any) -> None:
    """Five such in a row end the watch, and the result tells; any other answer begins the count anew."""
    told: list[Progress] = []
    unknown, known = status("DONE"), status("IN_PROGRESS", logs=[])
    end, requests = scripted(in_turn(*[unknown] * 4, known, *[unknown] * 5), watch(told))
    assert (end, len(requests)) == (None, 10)
    states = [progress.state for progress in told]
    assert states == ["unreachable"] * 4 + ["running"] + ["unreachable"] * 4 + ["completed"]
    assert "'DONE'" in told[0].detail


@pytest.mark.parametrize(
    ("code", "expected"), [(401, WireError), (403, AccountLocked), (404, ResultGone), (410, ResultGone)]
)
def test_watching_ends_where_asking_again_is_useless(
    scripted: Any, code: int, expected: type[WireError]
) -> None:
    """A key that is refused, a locked account and a forgotten request end the watch."""
    end, _ = scripted(says(code, json={"detail": "no"}), watch([]))
    assert type(end) is expected


# -- results -------------------------------------------------------------------------------------------------


def objection(kind: str, *loc: str | int) -> dict[str, Any]:
    return {"json": {"detail": [{"loc": ["body", *loc], "msg": "because", "type": kind}]}}


OWN = {"headers": {"x-fal-request-id": "r1"}}
RESULTS = [
    (422, objection("missing", "prompt"), InputRejected, "prompt"),
    (
        422,
        objection("image_too_small", "elements", 0, "frontal_image_url"),
        InputRejected,
        "elements.0.frontal_image_url",
    ),
    (422, objection("content_policy_violation", "prompt"), Moderated, "prompt"),
    (422, objection("content_policy_violation", "image_url"), Moderated, "image_url"),
    (422, objection("file_download_error", "image_url"), InputUnreadable, "image_url"),
    (422, objection("image_load_error", "image_url"), InputUnreadable, "image_url"),
    (500, objection("internal_server_error"), ServerFailed, ""),
    (504, objection("generation_timeout"), ServerFailed, ""),
    (422, {"json": {"detail": "odd"}}, JobFailed, ""),
    (499, {"json": {"detail": "left", "error_type": "client_disconnected"}}, ServerFailed, ""),
    (500, {"json": {"detail": "x", "error_type": "internal_error"}}, ServerFailed, ""),
    (503, {"json": {"detail": "x"}, **OWN}, ServerFailed, ""),
    (504, {"json": {"detail": "x", "error_type": "request_timeout"}}, ServerFailed, ""),
    (502, {"html": "<hr>nginx"}, FetchFailed, None),
    (500, {"text": "oops"}, FetchFailed, None),
    (429, {"text": ""}, FetchFailed, None),
    (404, {"json": {"detail": "not found"}}, ResultGone, None),
    (400, {"json": {"detail": "Request is still in progress"}}, FetchFailed, None),
    (403, {"json": {"detail": "User is locked"}}, AccountLocked, None),
    (401, {"json": {"detail": "who?"}}, WireError, None),
    (200, {"text": "<html>"}, FetchFailed, None),
    (200, {"json": [1]}, FetchFailed, None),
    (200, {"json": {"images": [], "has_nsfw_concepts": [True]}}, Moderated, "prompt"),
]


@pytest.mark.parametrize(("code", "content", "expected", "field"), RESULTS)
def test_every_row_of_the_error_table_is_a_typed_error(
    scripted: Any, code: int, content: dict[str, Any], expected: type[WireError], field: str | None
) -> None:
    """What a failed job answers becomes one error of the tree, with fal's field and fal's words."""
    error, _ = scripted(says(code, **content), lambda wire: wire.result(KLING, "r1"))
    assert type(error) is expected
    assert getattr(error, "field", None) == field
    assert error.request_id == "r1"
    if "detail" in content.get("json", {}) and isinstance(content["json"]["detail"], list):
        assert "because" in str(error)


def test_moderation_says_prompt_or_picture(scripted: Any) -> None:
    """A person must know which of the two to change."""
    for field, word in (("prompt", "Change the prompt"), ("image_url", "Change the picture")):
        answer = says(422, **objection("content_policy_violation", field))
        error, _ = scripted(answer, lambda wire: wire.result(KLING, "r1"))
        assert word in str(error)


def test_only_the_server_s_own_trouble_is_free() -> None:
    """Which failures may be billed decides whether a reservation is given back."""
    assert [
        kind for kind in (InputRejected, Moderated, InputUnreadable, JobFailed) if not kind.may_be_billed
    ] == []
    assert not ServerFailed.may_be_billed


def test_an_unreachable_result_is_no_failed_job(scripted: Any) -> None:
    """A connection that is lost on the way to a result says nothing about the job."""

    def lost(_: httpx.Request) -> httpx.Response:
        raise httpx.ReadError("")

    error, requests = scripted(lost, lambda wire: wire.result(KLING, "r1"))
    assert type(error) is FetchFailed
    assert len(requests) == 10


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (httpx.Response(202, json={"status": "CANCELLATION_REQUESTED"}), "requested"),
        (httpx.Response(400, json={"status": "ALREADY_COMPLETED"}), "too-late"),
        (httpx.Response(404, json={"status": "NOT_FOUND"}), "unknown"),
        (httpx.Response(500), "unknown"),
        (httpx.UnsupportedProtocol("no"), "unknown"),
    ],
)
def test_cancelling_has_three_ends(scripted: Any, answer: httpx.Response | Exception, expected: str) -> None:
    """Requested, too late (made and billed), or unknown."""

    def always(_: httpx.Request) -> httpx.Response:
        if isinstance(answer, Exception):
            raise answer
        return answer

    end, requests = scripted(always, lambda wire: wire.cancel(KLING, "r1"))
    assert end == expected
    assert requests[0].url.path == "/fal-ai/kling-video/requests/r1/cancel"


# -- uploads -------------------------------------------------------------------------------------------------


def test_each_upload_has_an_address_of_its_own(perform: Any) -> None:
    """The same bytes uploaded twice lie at two addresses, so a job's input is unique in the history."""

    async def scene(stage: Any) -> Any:
        return await stage.picture(), await stage.picture()

    first, second = perform(scene)
    assert first != second
    assert first.endswith("/sheet.png")


def test_large_files_go_up_in_parts_and_are_never_read_whole(
    perform: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Above fal-client's threshold a file is uploaded part by part and arrives unchanged."""
    monkeypatch.setattr("onmodel.studio.client.MULTIPART_THRESHOLD", 1000)
    monkeypatch.setattr("fal_client.client.MULTIPART_CHUNK_SIZE", 1024)
    monkeypatch.setattr(Path, "read_bytes", lambda _: pytest.fail("read whole"))

    async def scene(stage: Any) -> Any:
        path = stage.folder / "long.mp4"
        path.write_bytes(bytes(range(256)) * 20)
        url = await stage.wire.upload(path, "video/mp4", "long.mp4")
        with stage.double._storage.path(url).open("rb") as arrived:
            return arrived.read()

    assert perform(scene) == bytes(range(256)) * 20


def test_the_older_storage_takes_over_and_never_sees_the_key(scripted: Any, tmp_path: Path) -> None:
    """Where v3 fails the file goes to the bucket, whose owner is not fal: the key stays here."""

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/storage/upload/initiate":
            urls = {
                "upload_url": "https://storage.googleapis.com/b/1",
                "file_url": "https://v3.fal.media/f/1",
            }
            return httpx.Response(200, json=urls)
        return httpx.Response(200 if request.url.host == "storage.googleapis.com" else 400)

    (tmp_path / "a.png").write_bytes(b"a")
    end, requests = scripted(answer, lambda wire: wire.upload(tmp_path / "a.png", "image/png", "a.png"))
    assert end == "https://v3.fal.media/f/1"
    assert [r.url.host for r in requests if "S3CRET" in r.headers.get("Authorization", "")] == [
        "rest.fal.ai"
    ] * 2
    assert requests[-1].url.host == "storage.googleapis.com"


def test_rehearsed_uploads_fall_back_too(perform: Any) -> None:
    """The double speaks both ways of uploading: where v3 fails, the older storage takes the file."""

    async def scene(stage: Any) -> Any:
        return await stage.picture()

    url = perform(scene, trouble=[{"on": "upload", "fault": "5xx", "times": 1}])
    assert url.startswith("https://v3.fal.media/")


@pytest.mark.parametrize("fault", ["connect", "lost-before", "5xx"])
def test_a_file_that_cannot_be_uploaded_says_so(perform: Any, fault: str) -> None:
    """Nothing was bought, and the message names the file."""

    async def scene(stage: Any) -> None:
        with pytest.raises(UploadFailed, match=r"sheet\.png"):
            await stage.picture()

    perform(scene, trouble=[{"on": "upload", "fault": fault, "times": 99}])


def test_a_file_that_is_not_there_is_no_upload(perform: Any) -> None:
    """A missing file is one clear error."""

    async def scene(stage: Any) -> None:
        with pytest.raises(UploadFailed, match="FileNotFoundError"):
            await stage.wire.upload(stage.folder / "none.png", "image/png", "none.png")

    perform(scene)


# -- history -------------------------------------------------------------------------------------------------


def test_history_lists_what_was_accepted(perform: Any) -> None:
    """A job whose answer was lost is found by endpoint, time and exact input."""

    async def scene(stage: Any) -> None:
        before = datetime.now(UTC)
        with pytest.raises(WireError):
            await stage.buy(FLUX, {"prompt": "Pip"})
        past = await stage.wire.history(FLUX, before)
        assert [(one.request_id, one.input) for one in past] == [
            (stage.double.accepted()[0].request_id, {"prompt": "Pip"})
        ]
        assert past[0].at >= before
        assert await stage.wire.history(KLING, before) == []
        assert await stage.wire.history(FLUX, datetime.now(UTC) + timedelta(minutes=1)) == []

    perform(scene, trouble=[{"on": "submit", "fault": "lost-after"}])


def test_history_is_read_to_its_last_page(scripted: Any) -> None:
    """A long history comes in pages; requests without a stored input cannot be matched and are left out."""

    def answer(request: httpx.Request) -> httpx.Response:
        page = int(request.url.params.get("cursor", "0"))
        item = {
            "request_id": f"r{page}",
            "sent_at": "2026-11-22T10:00:00",
            "json_input": json.dumps({"n": page}),
        }
        unstored = {"request_id": "x", "sent_at": "2026-11-22T10:00:00Z", "json_input": None}
        return httpx.Response(
            200, json={"items": [item, unstored], "next_cursor": str(page + 1) if page < 2 else None}
        )

    past, _ = scripted(answer, lambda wire: wire.history(FLUX, datetime.now(UTC)))
    assert [(one.request_id, one.input) for one in past] == [(f"r{n}", {"n": n}) for n in range(3)]
    assert {one.at for one in past} == {datetime(2026, 11, 22, 10, tzinfo=UTC)}


@pytest.mark.parametrize(
    "answer",
    [
        says(401),
        says(403),
        says(404),
        says(500),
        says(200, text="<html>"),
        says(200, json=[]),
        says(200, json={"items": [{}, {"json_input": {}}, {"json_input": {"a": 1}}]}),
        says(200, json={"items": [], "next_cursor": "again"}),
        in_turn(httpx.ConnectError("no"), httpx.ConnectError("no")),
    ],
)
def test_a_history_that_does_not_answer_is_none(scripted: Any, answer: Answer) -> None:
    """None is not an empty list: only an answer may say that nothing was there."""
    assert scripted(answer, lambda wire: wire.history(FLUX, datetime.now(UTC)))[0] is None


def test_a_rehearsal_can_be_without_history(perform: Any) -> None:
    """The rehearsed history can be switched off, as it is for accounts whose keys may not read it."""

    async def scene(stage: Any) -> Any:
        return await stage.wire.history(FLUX, datetime.now(UTC))

    assert perform(scene, history=False) is None


# -- the key -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["", "  \n", "two keys", "k\nInjected: 1", "schlüssel", "k\x00"])
def test_a_key_that_cannot_be_one_is_refused_unseen(key: str) -> None:
    """An empty or broken key ends before any request, and is not quoted."""
    with pytest.raises(KeyMissing) as caught:
        open_live_wire(key)
    assert not key.strip() or key.strip() not in str(caught.value)


def test_a_key_may_come_with_its_line_end() -> None:
    """A key read from a file ends in a line break, which is not part of it."""
    asyncio.run(open_live_wire("id:secret\n").aclose())


def test_no_error_shows_the_key(scripted: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Even where a server echoes it: not in text, repr, traceback or log, at any level."""
    caplog.set_level(logging.DEBUG)
    (tmp_path / "a.png").write_bytes(b"a")
    secret = "rehearsal-S3CRET"

    def echo(code: int) -> Answer:
        return lambda request: httpx.Response(
            code,
            json={"detail": f"bad {secret} {request.headers.get('authorization')}", "items": secret},
            request=request,
        )

    told: list[Progress] = []

    def patiently(progress: Progress) -> None:
        told.append(progress)
        if len(told) % 2:
            raise RuntimeError(progress.detail)

    steps: list[Callable[[Wire], Any]] = [
        lambda wire: wire.submit(FLUX, {"prompt": "Pip"}),
        lambda wire: wire.upload(tmp_path / "a.png", "image/png", "a.png"),
        lambda wire: wire.result(FLUX, "r1"),
        lambda wire: wire.watch(FLUX, "r1", patiently, 0.0),
        lambda wire: wire.fetch("https://v3.fal.media/a.png", tmp_path / "b", limit_bytes=99),
        lambda wire: wire.fetch(f"ftp://{secret}", tmp_path / "b", limit_bytes=99),
    ]
    seen = []
    for answer in map(echo, (200, 400, 401, 403, 404, 422, 429, 500, 503)):
        for step in steps:
            error, _ = scripted(answer, step)
            if isinstance(error, Exception):
                seen += [str(error), repr(error), *traceback.format_exception(error), str(vars(error))]
    assert len(seen) > 150
    assert [text for text in [*seen, caplog.text, *map(repr, told)] if "S3CRET" in text] == []
