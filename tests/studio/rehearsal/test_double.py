from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from onmodel.errors import (
    AccountLocked,
    FetchFailed,
    InputUnreadable,
    JobFailed,
    Moderated,
    ServerFailed,
    SetupError,
    SubmitRefused,
)
from onmodel.studio.rehearsal.book import Book
from onmodel.studio.rehearsal.double import REHEARSAL_KEY
from onmodel.studio.rehearsal.framing import frame_of
from onmodel.studio.wire import Progress, Wire
from onmodel.units import Size

FLUX, EDIT = "fal-ai/flux/dev", "fal-ai/flux-pro/kontext"
KLING = "fal-ai/kling-video/v2.1/pro/image-to-video"
PROMPT = {"prompt": "Pip"}


def test_pictures_answer_in_flux_s_shape(perform: Any) -> None:
    """A Flux answer has images with addresses and sizes, a seed, no moderation, the prompt and timings."""

    async def scene(stage: Any) -> Any:
        return await stage.buy_and_wait(FLUX, {**PROMPT, "seed": 7})

    answer = perform(scene)
    (image,) = answer.pop("images")
    assert answer == {"seed": 7, "has_nsfw_concepts": [False], "prompt": "Pip", "timings": {}}
    assert image["url"].startswith("https://v3.fal.media/files/")
    assert (image["width"], image["height"], image["content_type"]) == (64, 36, "image/png")


def test_clips_answer_in_kling_s_shape(perform: Any) -> None:
    """A Kling answer is one video with an address."""

    async def scene(stage: Any) -> Any:
        return await stage.buy_and_wait(KLING, {**PROMPT, "image_url": await stage.picture()})

    answer = perform(scene)
    assert answer.keys() == {"video"}
    assert answer["video"]["file_name"] == "clip.mp4"


def test_the_artist_gets_job_files_and_label(perform: Any) -> None:
    """An order carries the slate's label, a seed of the job, the uploaded files by field, and the size."""

    async def scene(stage: Any) -> Any:
        urls = [await stage.picture(f"{n}.png", (32, 64)) for n in range(2)]
        await stage.buy_and_wait(EDIT, {**PROMPT, "image_urls": urls}, "one")
        return stage.sketcher.orders[0]

    order = perform(scene)
    assert (order.kind, order.endpoint, order.label) == ("image-edit", EDIT, "label of one")
    assert [(name, path.name) for name, path in order.files.items()] == [
        ("image_urls.0", "0.png"),
        ("image_urls.1", "1.png"),
    ]
    assert order.size == Size(678, 1358)


def test_a_job_is_drawn_the_same_everywhere_and_another_one_differs(perform: Any, tmp_path: Path) -> None:
    """Id and seed come from the job's key alone: not from the upload's address, the folder or the order."""

    def run(folder: str, jobs: list[str]) -> Any:
        async def scene(stage: Any) -> Any:
            for job in jobs:
                await stage.buy_and_wait(EDIT, {**PROMPT, "image_urls": [await stage.picture()]}, job)
            return {one.job: (one.request_id, one.seed) for one in stage.double.accepted()}

        (tmp_path / folder).mkdir()
        return perform(scene, folder=tmp_path / folder)

    first, second = run("a", ["x", "y"]), run("b", ["y", "x"])
    assert first == second
    assert first["x"] != first["y"]


def test_the_same_job_twice_is_two_jobs(perform: Any) -> None:
    """As with fal, nothing merges two submits: a double purchase shows."""

    async def scene(stage: Any) -> Any:
        assert await stage.buy(FLUX, PROMPT) != await stage.buy(FLUX, PROMPT)
        return stage.double.accepted()

    jobs = perform(scene)
    assert [(job.job, job.endpoint, job.input) for job in jobs] == [("job", FLUX, PROMPT)] * 2


def test_jobs_queue_and_are_drawn_a_few_at_a_time(perform: Any) -> None:
    """With one desk the second job waits at 0, the third at 1, and each is told when that changes."""

    async def scene(stage: Any) -> Any:
        stage.sketcher.hold = asyncio.Event()
        ids = [await stage.buy(FLUX, PROMPT, f"j{n}") for n in range(3)]
        await asyncio.sleep(0.05)
        told: list[list[Progress]] = [[], [], []]
        tasks = [
            asyncio.create_task(stage.wire.watch(FLUX, request_id, tell.append, 0.001))
            for request_id, tell in zip(ids, told, strict=True)
        ]
        await asyncio.sleep(0.05)
        assert len(stage.sketcher.orders) == 1
        stage.sketcher.hold.set()
        await asyncio.gather(*tasks)
        return told

    told = perform(scene, concurrency=1)
    assert told[0][0].state == "running"
    assert "drawing label of j0" in told[0][0].logs[0]
    assert [tell[0].position for tell in told[1:]] == [0, 1]
    assert [tell[-1].state for tell in told] == ["completed"] * 3


def test_a_result_before_its_time_is_no_failure(perform: Any) -> None:
    """Asked too early the double says that it is in progress, and the job is left alone."""

    async def scene(stage: Any) -> None:
        stage.sketcher.hold = asyncio.Event()
        request_id = await stage.buy(FLUX, PROMPT)
        with pytest.raises(FetchFailed, match="in progress"):
            await stage.wire.result(FLUX, request_id)

    perform(scene)


def test_a_later_process_finds_the_job_and_draws_it(perform: Any) -> None:
    """A job accepted and not drawn when its process ended is drawn when it is next asked for, once."""

    async def before(stage: Any) -> Any:
        stage.sketcher.hold = asyncio.Event()
        return await stage.buy(FLUX, PROMPT)

    request_id = perform(before)

    async def after(stage: Any) -> Any:
        await stage.wire.watch(FLUX, request_id, lambda _: None, 0.001)
        answer = await stage.wire.result(FLUX, request_id)
        return len(stage.double.accepted()), answer

    jobs, answer = perform(after)
    assert jobs == 1

    async def still(stage: Any) -> Any:
        await stage.wire.watch(FLUX, request_id, lambda _: None, 0.001)
        return await stage.wire.result(FLUX, request_id), len(stage.sketcher.orders)

    assert perform(still) == (answer, 0)


def test_an_answered_submit_survives_a_kill(tmp_path: Path) -> None:
    """A process that is killed the moment its submit is answered has left the job on disk, whole."""
    script = (
        "import os, signal, sys; from pathlib import Path; from onmodel.studio.rehearsal.book import Book\n"
        "book = Book(Path(sys.argv[1]))\n"
        "for n in range(5): book.accept('e/f', {'n': n}, {'job': 'k'})\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    paths = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    ended = subprocess.run([sys.executable, "-c", script, tmp_path], check=False, env=paths)
    assert ended.returncode == -signal.SIGKILL
    assert sorted(job.input["n"] for job in Book(tmp_path).jobs()) == [0, 1, 2, 3, 4]


def test_cancelling_a_job(perform: Any) -> None:
    """A queued job can be cancelled, a finished one not, and an unknown one is unknown."""

    async def scene(stage: Any) -> Any:
        stage.sketcher.hold = asyncio.Event()
        queued = await stage.buy(FLUX, PROMPT, "queued")
        ends = [await stage.wire.cancel(FLUX, queued)]
        with pytest.raises(JobFailed):
            await stage.wire.result(FLUX, queued)
        stage.sketcher.hold.set()
        done = await stage.buy(FLUX, PROMPT, "done")
        await stage.wire.watch(FLUX, done, lambda _: None, 0.001)
        return [*ends, await stage.wire.cancel(FLUX, done), await stage.wire.cancel(FLUX, "none")]

    assert perform(scene) == ["requested", "too-late", "unknown"]


def test_status_and_result_know_owner_and_alias_only(perform: Any) -> None:
    """As with fal, a job is found under owner/alias, and under no other pair."""

    async def scene(stage: Any) -> None:
        request_id = await stage.buy(FLUX, PROMPT)
        await stage.wire.watch("fal-ai/flux/another", request_id, lambda _: None, 0.001)
        with pytest.raises(FetchFailed):
            await stage.wire.result("fal-ai/kling-video", request_id)

    perform(scene)


@pytest.mark.parametrize("key", ["real-key-0123", "Rehearsal"])
def test_no_other_key_opens_the_rehearsal(perform: Any, key: str) -> None:
    """A real key that comes here is a mistake, and is refused at every door."""

    async def scene(stage: Any) -> None:
        wire = Wire(key=key, transport=stage.double)
        with pytest.raises(SubmitRefused) as refused:
            await wire.submit(FLUX, PROMPT)
        assert refused.value.status == 401
        assert stage.double.accepted() == []

    perform(scene)


def test_the_rehearsal_s_key_blots_out_no_message(perform: Any) -> None:
    """Addresses in messages stay readable, although the wire takes its key out of every text."""

    async def scene(stage: Any) -> None:
        wire = Wire(key=REHEARSAL_KEY, transport=stage.double)
        url = "https://v3.fal.media/files/rehearsal/x/gone.png"
        request_id = await wire.submit(EDIT, {**PROMPT, "image_urls": [url]})
        await wire.watch(EDIT, request_id, lambda _: None, 0.001)
        with pytest.raises(InputUnreadable, match=url):
            await wire.result(EDIT, request_id)

    perform(scene)


def test_an_endpoint_that_cannot_be_drawn_is_refused(perform: Any) -> None:
    """An endpoint outside the catalogue is refused at once: nothing is accepted that can never finish."""

    async def scene(stage: Any) -> None:
        with pytest.raises(SubmitRefused, match="an endpoint that can be rehearsed"):
            await stage.buy("fal-ai/nothing/here", PROMPT)

    perform(scene)


def test_there_is_no_other_host(perform: Any) -> None:
    """The double answers for fal's hosts; any other cannot be reached."""

    async def scene(stage: Any) -> None:
        with pytest.raises(httpx.ConnectError):
            await stage.double.handle_async_request(httpx.Request("GET", "https://example.com/"))

    perform(scene)


@pytest.mark.parametrize(
    "path", ["/files/rehearsal/../../jobs/x.json", "/files/rehearsal/a/%2e%2e", "/etc/passwd"]
)
def test_no_address_leads_out_of_the_media_folder(perform: Any, path: str) -> None:
    """Media is served from its folder and from nowhere else."""

    async def scene(stage: Any) -> Any:
        await stage.picture()
        request = httpx.Request("GET", f"https://v3.fal.media{path}")
        return (await stage.double.handle_async_request(request)).status_code

    assert perform(scene) == 404


def test_an_artist_s_mistake_is_ours_and_not_fal_s(perform: Any) -> None:
    """A bug in drawing ends the watch with its cause; it is neither retried for ever nor a failed job."""

    async def broken(stage: Any, error: Exception) -> None:
        stage.sketcher.breaks = error
        request_id = await stage.buy(FLUX, PROMPT)
        await stage.wire.watch(FLUX, request_id, lambda _: None, 0.001)

    for error, expected in (
        (ValueError("bad brush"), RuntimeError),
        (KeyError("eye"), RuntimeError),
        (TimeoutError(), SetupError),
        (OSError(28, "No space left on device"), SetupError),
        (SetupError("no pencils"), SetupError),
    ):
        with pytest.raises(expected):
            perform(lambda stage, error=error: broken(stage, error))


VERDICTS: list[tuple[str, type[JobFailed], str]] = [
    ("moderate-prompt", Moderated, "prompt"),
    ("moderate-image", Moderated, "image_urls.0"),
    ("unreadable", InputUnreadable, "image_urls.0"),
    ("5xx", ServerFailed, ""),
    ("nsfw-black", Moderated, "prompt"),
]


@pytest.mark.parametrize(("fault", "expected", "field"), VERDICTS)
def test_a_rehearsed_verdict_stays_with_its_job(
    perform: Any, fault: str, expected: type[JobFailed], field: str
) -> None:
    """Trouble of the job's own is found at every look at that job, and the next job is free of it."""

    async def scene(stage: Any) -> None:
        arguments = {**PROMPT, "image_urls": [await stage.picture()]}
        request_id = await stage.buy(EDIT, arguments, "first")
        await stage.wire.watch(EDIT, request_id, lambda _: None, 0.001)
        for _ in range(2):
            with pytest.raises(expected) as caught:
                await stage.wire.result(EDIT, request_id)
            assert caught.value.field == field
        await stage.buy_and_wait(EDIT, arguments, "second")

    perform(scene, trouble=[{"on": "result", "fault": fault}])


def test_a_blackened_picture_is_black(perform: Any, tmp_path: Path) -> None:
    """Moderation by Flux is a picture that exists and shows nothing."""

    async def scene(stage: Any) -> None:
        with pytest.raises(Moderated):
            await stage.buy_and_wait(FLUX, PROMPT)

    perform(scene, trouble=[{"on": "result", "fault": "nsfw-black"}])
    with Image.open(next(tmp_path.glob("media/*/blackened.png"))) as picture:
        assert picture.getextrema() == ((0, 0),) * 3


@pytest.mark.parametrize(
    ("on", "fault"),
    [(on, fault) for on in ("status", "result") for fault in ("connect", "lost-before", "429")],
)
def test_trouble_that_passes_costs_nothing(perform: Any, on: str, fault: str) -> None:
    """Polling and reading a result are repeated until they succeed; there is one job all the while."""

    async def scene(stage: Any) -> Any:
        await stage.buy_and_wait(FLUX, PROMPT)
        return len(stage.double.accepted())

    assert perform(scene, trouble=[{"on": on, "fault": fault, "times": 3, "endpoint": FLUX}]) == 1


def test_a_locked_account_stops_everything(perform: Any) -> None:
    """403 on a result is the account's, not the job's."""

    async def scene(stage: Any) -> None:
        with pytest.raises(AccountLocked):
            await stage.buy_and_wait(FLUX, PROMPT)

    perform(scene, trouble=[{"on": "result", "fault": "403"}])


@pytest.mark.parametrize(
    ("arguments", "size"),
    [
        ({}, Size(1280, 720)),
        ({"aspect_ratio": "9:16"}, Size(720, 1280)),
        ({"aspect_ratio": "1:1"}, Size(960, 960)),
        ({"image_size": "landscape_16_9"}, Size(1024, 576)),
        ({"image_size": {"width": 640, "height": 352}}, Size(640, 352)),
        ({"aspect_ratio": "auto"}, Size(1280, 720)),
    ],
)
def test_the_size_is_the_one_asked_for(arguments: dict[str, Any], size: Size) -> None:
    """As asked, else of the ratio asked for with the pixels of 720p."""
    assert frame_of(arguments, {}) == size


def test_without_a_ratio_the_first_picture_decides(tmp_path: Path) -> None:
    """An upright first frame gives an upright clip."""
    Image.new("RGB", (90, 160)).save(tmp_path / "up.png")
    assert frame_of({}, {"image_url": tmp_path / "up.png"}) == Size(720, 1280)


def test_uploads_need_the_upload_token(perform: Any) -> None:
    """Uploading without the token that storage gave out is refused."""

    async def scene(stage: Any) -> Any:
        asks: list[tuple[str, str]] = [
            ("POST", "/files/upload"),
            ("PUT", "/files/rehearsal/a/b/multipart/c/1"),
        ]
        send: Callable[..., Any] = stage.double.handle_async_request
        answers = [await send(httpx.Request(how, f"https://v3.fal.media{path}")) for how, path in asks]
        return [answer.status_code for answer in answers]

    assert perform(scene) == [401, 401]


def test_media_is_served_from_any_byte_on(perform: Any) -> None:
    """A range of the same file is 206 and says where; of another file it is the whole; beyond it, 416."""

    async def scene(stage: Any) -> Any:
        url = await stage.picture()
        send = stage.double.handle_async_request

        async def get(**headers: str) -> httpx.Response:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            answer: httpx.Response = await send(httpx.Request("GET", url, headers=named))
            return answer

        whole = await get()
        size = len(whole.content)
        part = await get(Range="bytes=10-", If_Range=whole.headers["ETag"])
        assert (part.status_code, part.content) == (206, whole.content[10:])
        assert part.headers["Content-Range"] == f"bytes 10-{size - 1}/{size}"
        changed = await get(Range="bytes=10-", If_Range='"another"')
        assert (changed.status_code, changed.content) == (200, whole.content)
        return (await get(Range=f"bytes={size}-")).status_code

    assert perform(scene) == 416
