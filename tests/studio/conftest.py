from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, fields
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeVar

import fal_client.client
import httpx
import pytest
from PIL import Image

from onmodel.endpoints import Endpoint, Field
from onmodel.studio import landing
from onmodel.studio.rehearsal.double import FalDouble
from onmodel.studio.rehearsal.orders import ArtOrder, Made
from onmodel.studio.rehearsal.trouble import Trouble
from onmodel.studio.wire import Wire

T = TypeVar("T")

KEY = "rehearsal-S3CRET"
FLUX, EDIT, KLING, MOTION = (
    "fal-ai/flux/dev",
    "fal-ai/flux-pro/kontext",
    "fal-ai/kling-video/v2.1/pro/image-to-video",
    "fal-ai/kling-video/v2.6/standard/motion-control",
)


def endpoint(name: str, kind: str, **rest: Any) -> Endpoint:
    """An endpoint of which only what the double looks at is set."""
    unset = dict.fromkeys(one.name for one in fields(Endpoint))
    known = {"output": "images", "fields": {}, "roles": {}, "follows_s": {}}
    return Endpoint(**{**unset, **known, "name": name, "kind": kind, **rest})


CONTRACTS: dict[str, Endpoint] = {
    FLUX: endpoint(
        FLUX,
        "text-to-image",
        fields={
            "prompt": Field("string", required=True, limits={"max_chars": 40}),
            "num_images": Field("integer", limits={"min": 1, "max": 4}),
            "seed": Field("number"),
            "image_size": Field(
                "union",
                any_of=(
                    Field("string", enum=("square", "landscape_16_9")),
                    Field("object", properties={"width": Field("number"), "height": Field("number")}),
                ),
            ),
        },
    ),
    EDIT: endpoint(
        EDIT,
        "image-edit",
        fields={
            "prompt": Field("string", required=True),
            "image_urls": Field(
                "array",
                required=True,
                items=Field("string"),
                max_items=3,
                max_items_with=("elements",),
            ),
            "elements": Field(
                "array",
                items=Field("object", properties={"frontal_image_url": Field("string", format="file-url")}),
                max_items=3,
                max_items_with=("image_urls",),
            ),
        },
    ),
    KLING: endpoint(
        KLING,
        "image-to-video",
        output="video",
        fields={
            "prompt": Field("string", required=True),
            "duration": Field("string", enum=("5", "10")),
            "image_url": Field(
                "string",
                required=True,
                format="file-url",
                limits={"min_width_px": 60, "max_aspect": 2.5, "max_file_mb": 0.5},
            ),
        },
    ),
    MOTION: endpoint(
        MOTION,
        "motion-control",
        output="video",
        fields={
            "image_url": Field("string", required=True, format="file-url"),
            "video_url": Field("string", required=True, format="file-url", limits={"min_fps": 12}),
            "character_orientation": Field("string", required=True, enum=("image", "video")),
        },
        roles={"orientation": "character_orientation"},
        follows_s={"image": (Fraction(2), Fraction(3)), "video": (Fraction(2), Fraction(30))},
    ),
}


@dataclass
class Sketcher:
    """Draws one plain picture of the seed's colour, or plain bytes for a clip."""

    orders: list[ArtOrder] = field(default_factory=list)
    hold: asyncio.Event | None = None
    breaks: Exception | None = None

    async def make(self, order: ArtOrder) -> list[Made]:
        """Draw, hold, or break, as the test has set it."""
        self.orders.append(order)
        if self.hold is not None:
            await self.hold.wait()
        if self.breaks is not None:
            raise self.breaks
        if order.kind in {"text-to-image", "image-edit"}:
            path = order.folder / "picture.png"
            Image.new("RGB", (64, 36), (order.seed % 256, 0, 0)).save(path)
            return [Made(path, "image/png", 64, 36, None)]
        path = order.folder / "clip.mp4"
        path.write_bytes(b"\x00\x00\x00\x18ftyp" + bytes(5000))
        return [Made(path, "video/mp4", 160, 90, Fraction(5))]


@dataclass
class Stage:
    """A folder with its double, and the wire to it."""

    folder: Path
    sketcher: Sketcher
    double: FalDouble
    wire: Wire

    async def picture(self, name: str = "sheet.png", size: tuple[int, int] = (64, 36)) -> str:
        """Upload a plain picture; its address."""
        path = self.folder / name
        Image.new("RGB", size, (9, 9, 9)).save(path)
        return await self.wire.upload(path, "image/png", name)

    async def buy(self, name: str, arguments: dict[str, Any], job: str = "job") -> str:
        """Submit a job under a key; its request id."""
        return await self.wire.submit(name, arguments, headers=header(job))

    async def buy_and_wait(self, name: str, arguments: dict[str, Any], job: str = "job") -> dict[str, Any]:
        """Submit a job, watch it to its end, and read its result."""
        request_id = await self.buy(name, arguments, job)
        await self.wire.watch(name, request_id, lambda _: None, 0.001)
        return await self.wire.result(name, request_id)


def header(job: str) -> dict[str, str]:
    return {"x-onmodel-rehearsal": json.dumps({"job": job, "label": f"label of {job}"})}


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fal_client.client, "_get_retry_delay", lambda *_: 0.0)
    monkeypatch.setattr(landing, "FIRST_PAUSE_S", 0.0)


@pytest.fixture
def perform(tmp_path: Path) -> Callable[..., Any]:
    """Run one scene: `perform(scene, trouble=[...])` calls `scene(stage)` in a loop of its own."""

    def run(
        scene: Callable[[Stage], Awaitable[T]],
        *,
        trouble: list[Mapping[str, Any]] | None = None,
        folder: Path = tmp_path,
        **options: Any,
    ) -> T:
        async def whole() -> T:
            sketcher = options.pop("sketcher", None) or Sketcher()
            double = FalDouble(
                folder, endpoints=CONTRACTS, artist=sketcher, trouble=Trouble.read(trouble or []), **options
            )
            wire = Wire(key=KEY, transport=double, absence_is_proof=True)
            try:
                return await scene(Stage(folder, sketcher, double, wire))
            finally:
                await wire.aclose()

        return asyncio.run(whole())

    return run


@dataclass
class Script(httpx.AsyncBaseTransport):
    """Answers every request by a function, and remembers the requests."""

    answer: Callable[[httpx.Request], httpx.Response]
    requests: list[httpx.Request] = field(default_factory=list)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Note the request, and answer it."""
        await request.aread()
        self.requests.append(request)
        return self.answer(request)


@pytest.fixture
def scripted() -> Callable[..., Any]:
    """Run one scene against scripted answers; gives its end, and the requests that were made."""

    def run(
        answer: Callable[[httpx.Request], httpx.Response], scene: Callable[[Wire], Awaitable[T]]
    ) -> tuple[T | Exception, list[httpx.Request]]:
        async def whole() -> tuple[T | Exception, list[httpx.Request]]:
            script = Script(answer)
            wire = Wire(key=KEY, transport=script)
            try:
                return await scene(wire), script.requests
            except Exception as error:  # noqa: BLE001 - the tests look at whatever comes out
                return error, script.requests
            finally:
                await wire.aclose()

        return asyncio.run(whole())

    return run
