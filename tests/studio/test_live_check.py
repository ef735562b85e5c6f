from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from onmodel.endpoints import Catalogue
from onmodel.errors import FetchFailed, InputRejected, OnModelError, OverBudget
from onmodel.studio import live_check
from onmodel.studio.rehearsal.double import FalDouble
from onmodel.studio.rehearsal.orders import ArtOrder, Made

KEY = "rehearsal-S3CRET-k3y"


class Quick:
    """Paints at once."""

    async def make(self, order: ArtOrder) -> list[Made]:
        """Paint a plain picture."""
        path = order.folder / "picture.png"
        Image.new("RGB", (64, 64), (9, 9, 9)).save(path)
        return [Made(path, "image/png", 64, 64, None)]


class Fal(httpx.AsyncBaseTransport):
    """A fal that may have changed since the double was written."""

    def __init__(self, folder: Path, change: Callable[[httpx.Request, Any], Any]) -> None:
        self.double = FalDouble(folder, endpoints=Catalogue.load(), artist=Quick())
        self._change = change
        self.has_lost_media = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer as the double does, and then some."""
        if self.has_lost_media and request.method == "GET" and request.url.host.endswith("fal.media"):
            return httpx.Response(404)
        response = await self.double.handle_async_request(request)
        if "json" not in response.headers.get("content-type", ""):
            return response
        body = response.json()
        changed = self._change(request, body)
        if changed is body:
            return response
        return changed if isinstance(changed, httpx.Response) else httpx.Response(200, json=changed)


@dataclass
class Run:
    """One check, and what came of it."""

    fal: Fal
    said: str = ""
    error: OnModelError | None = None

    def differences(self) -> list[str]:
        """The lines of the list at the end."""
        return [line.strip() for line in self.said.split("Differences from the double: ")[1].splitlines()[1:]]


Check = Callable[..., Run]


@pytest.fixture
def check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Check:
    """Run the check against a fal that changes its answers."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")

    def run(
        change: Callable[[httpx.Request, Any], Any] = lambda _, body: body,
        most: str = "0.10",
        *,
        loses_media: bool = False,
    ) -> Run:
        run = Run(Fal(tmp_path / "fal", change))
        run.fal.has_lost_media = loses_media
        monkeypatch.setattr(live_check, "Outward", lambda: run.fal)

        def say(text: str) -> None:
            run.said += text

        try:
            asyncio.run(live_check.check(KEY, Decimal(most), say, pause_s=0.02))
        except OnModelError as error:
            run.error = error
        return run

    return run


def is_result(request: httpx.Request) -> bool:
    return request.url.host == "queue.fal.run" and request.url.path.split("/")[-2] == "requests"


def test_a_fal_that_speaks_as_the_double_does_has_no_differences(check: Check) -> None:
    """One job is bought, every step is shown, and nothing is different; key, prompt and ids are not shown."""
    run = check()
    (job,) = run.fal.double.accepted()
    assert "Differences from the double: none" in run.said
    assert (run.differences(), run.error) == ([], None)
    assert "fal's history lists the request, its input as it was sent." in run.said
    for step in ("upload token", "upload", "submit", "status COMPLETED", "result", "media", "history"):
        assert f"\n{step}: " in run.said
    for secret in (KEY, live_check.PROMPT, job.request_id):
        assert secret not in run.said


def test_a_fal_that_changed_is_told_apart(check: Check) -> None:
    """A field more, a field less, another kind, a header less: each is one line."""

    def change(request: httpx.Request, body: Any) -> Any:
        if is_result(request):
            del body["timings"]
            return {**body, "seed": str(body["seed"]), "nsfw": None}
        return body

    assert check(change).differences() == [
        "result: answered header x-fal-request-id: only with the double",
        "result: answered nsfw: only with fal",
        "result: answered timings: only with the double",
        "result: answered seed is string, with the double integer",
    ]


def test_a_history_that_does_not_answer_is_told(check: Check) -> None:
    """Whether fal's history could settle a lost answer is part of what is learnt."""
    run = check(lambda request, body: {"items": 0} if "by-endpoint" in request.url.path else body)
    assert "fal's history does not answer" in run.said
    assert "history: answered items: only with fal" in run.differences()


def test_a_price_over_the_cap_is_refused_before_anything_is_sent(check: Check) -> None:
    """Refused with the price and the command that would go; fal hears nothing."""
    run = check(most="0.01")
    assert isinstance(run.error, OverBudget)
    assert "$0.04" in run.error.message
    assert run.error.hint == "make live-check MAX_USD=0.04"
    assert (run.said, run.fal.double.accepted()) == ("", [])


def test_what_was_seen_is_told_even_if_the_purchase_fails(check: Check) -> None:
    """A request that fal rejects is the transcript that is wanted most: it is shown, then the error."""
    reasons = {"detail": [{"loc": ["body", "image_url"], "msg": "No", "type": "value_error"}]}
    run = check(lambda request, body: httpx.Response(422, json=reasons) if is_result(request) else body)
    assert isinstance(run.error, InputRejected)
    assert "result: GET queue.fal.run/fal-ai/flux-pro/requests/{id} -> 422" in run.said
    assert "Differences" not in run.said


def test_a_paid_picture_that_did_not_come_home_is_not_lost(check: Check) -> None:
    """Its archive stays under the current folder, which is said; the next check goes on and buys nothing."""
    first = check(loses_media=True)
    assert isinstance(first.error, FetchFailed)
    assert "It is kept in .onmodel/live-check: " in first.said
    second = check()
    assert (second.error, len(second.fal.double.accepted())) == (None, 1)
    assert "goes on with its job" in second.said
    media = [path for path in Path(".onmodel/live-check/archive/media").rglob("*") if path.is_file()]
    assert len(media) == 2


def test_every_check_buys_its_own_picture_under_its_own_cap(check: Check) -> None:
    """What an earlier check cost does not count against the cap of this one."""
    runs = [check(most="0.04") for _ in range(3)]
    assert [run.error for run in runs] == [None] * 3
    assert len(runs[-1].fal.double.accepted()) == 3
    assert all("goes on with its job" not in run.said for run in runs)


@pytest.mark.parametrize(
    ("words", "key", "code", "says"),
    [
        (["--max-usd", "0.10"], "", 1, "FAL_KEY is not set"),
        (["--max-usd", "0.001"], KEY, 1, "$0.04"),
        (["--max-usd", "ten"], KEY, 2, "no amount of dollars"),
        (["--max-usd", "nan"], KEY, 2, "no amount of dollars"),
        ([], KEY, 2, "--max-usd"),
    ],
)
def test_refusals_have_their_exit_codes(
    words: list[str],
    key: str,
    code: int,
    says: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """1 where it is refused, 2 where the command is wrong; the message says which, and no key is in it."""
    monkeypatch.setenv("FAL_KEY", key)
    monkeypatch.setattr(live_check, "Outward", lambda: pytest.fail("nothing may be sent"))
    try:
        ended = live_check.main(words)
    except SystemExit as stopped:
        ended = int(str(stopped.code))
    shown = "".join(capsys.readouterr())
    assert (ended, says in shown, KEY in shown) == (code, True, False)
