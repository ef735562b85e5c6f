from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from onmodel.endpoints import Catalogue
from onmodel.errors import InputRejected, InputUnreadable
from onmodel.studio.rehearsal.limits import object_to

FLUX, EDIT, KLING, MOTION = (
    "fal-ai/flux/dev",
    "fal-ai/flux-pro/kontext",
    "fal-ai/kling-video/v2.1/pro/image-to-video",
    "fal-ai/kling-video/v2.6/standard/motion-control",
)


def clip(path: Path, seconds: int, fps: int = 12) -> Path:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=Fraction(fps))
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        for _ in range(seconds * fps):
            frame = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


@pytest.mark.parametrize(
    ("name", "arguments", "field", "kind"),
    [
        (FLUX, {}, "prompt", "missing"),
        (FLUX, {"prompt": 7}, "prompt", "string_type"),
        (FLUX, {"prompt": "x" * 41}, "prompt", "string_too_long"),
        (FLUX, {"prompt": "x", "promt": "y"}, "promt", "extra_forbidden"),
        (FLUX, {"prompt": "x", "num_images": 5}, "num_images", "less_than_equal"),
        (FLUX, {"prompt": "x", "num_images": 0}, "num_images", "greater_than_equal"),
        (FLUX, {"prompt": "x", "num_images": 1.5}, "num_images", "integer_type"),
        (FLUX, {"prompt": "x", "seed": True}, "seed", "number_type"),
        (FLUX, {"prompt": "x", "seed": None}, "seed", "number_type"),
        (FLUX, {"prompt": "x", "image_size": "huge"}, "image_size", "union_error"),
        (FLUX, {"prompt": "x", "image_size": {"width": "wide"}}, "image_size", "union_error"),
        (EDIT, {"prompt": "x", "image_urls": "u"}, "image_urls", "array_type"),
        (EDIT, {"prompt": "x", "image_urls": [3]}, "image_urls.0", "string_type"),
        (
            EDIT,
            {"prompt": "x", "image_urls": [], "elements": [{"face": "u"}]},
            "elements.0.face",
            "extra_forbidden",
        ),
        (KLING, {"prompt": "x", "duration": 5, "image_url": "$picture"}, "duration", "string_type"),
        (KLING, {"prompt": "x", "duration": "7", "image_url": "$picture"}, "duration", "literal_error"),
    ],
)
def test_the_contract_is_enforced_field_by_field(
    perform: Any, name: str, arguments: dict[str, Any], field: str, kind: str
) -> None:
    """A request outside the contract is accepted, and its result is a 422 that names field and type."""

    async def scene(stage: Any) -> None:
        picture = await stage.picture()
        asked = {key: picture if value == "$picture" else value for key, value in arguments.items()}
        with pytest.raises(InputRejected) as caught:
            await stage.buy_and_wait(name, asked)
        assert caught.value.field == field
        assert kind in str(caught.value)
        assert len(stage.double.accepted()) == 1
        assert stage.sketcher.orders == []

    perform(scene)


def test_lists_that_share_a_limit_are_counted_together(perform: Any) -> None:
    """Two pictures and two elements are four, and three are allowed together."""

    async def scene(stage: Any) -> None:
        picture = await stage.picture()
        element = {"frontal_image_url": picture}
        await stage.buy_and_wait(EDIT, {"prompt": "x", "image_urls": [picture], "elements": [element] * 2})
        with pytest.raises(InputRejected, match="At most 3 items, got 4"):
            await stage.buy_and_wait(
                EDIT, {"prompt": "x", "image_urls": [picture] * 2, "elements": [element] * 2}
            )

    perform(scene)


@pytest.mark.parametrize(
    ("size", "message"),
    [((59, 40), "At least 60 pixels wide, got 59"), ((200, 60), "At most 2.5 width to height, got 3.333")],
)
def test_pictures_outside_their_limits_are_rejected(
    perform: Any, size: tuple[int, int], message: str
) -> None:
    """Width and shape of an uploaded picture are measured against the contract."""

    async def scene(stage: Any) -> None:
        with pytest.raises(InputRejected, match=message):
            await stage.buy_and_wait(KLING, {"prompt": "x", "image_url": await stage.picture("a.png", size)})

    perform(scene)


def test_files_that_are_too_heavy_are_rejected(perform: Any) -> None:
    """A picture over its megabytes is rejected."""

    async def scene(stage: Any) -> None:
        noise = np.random.default_rng(1).integers(0, 255, (500, 500, 3), np.uint8)
        Image.fromarray(noise).save(stage.folder / "noise.png")
        url = await stage.wire.upload(stage.folder / "noise.png", "image/png", "noise.png")
        with pytest.raises(InputRejected, match=r"At most 0\.5 megabytes"):
            await stage.buy_and_wait(KLING, {"prompt": "x", "image_url": url})

    perform(scene)


@pytest.mark.parametrize(
    "content", [b"<!doctype html><title>Not a picture</title>", b"", b"\x89PNG\r\n\x1a\nbroken"]
)
def test_a_file_that_is_no_picture_cannot_be_read(perform: Any, content: bytes) -> None:
    """An HTML page in place of a picture is an unreadable input, not a bad field."""

    async def scene(stage: Any) -> None:
        (stage.folder / "page.png").write_bytes(content)
        url = await stage.wire.upload(stage.folder / "page.png", "image/png", "page.png")
        with pytest.raises(InputUnreadable):
            await stage.buy_and_wait(KLING, {"prompt": "x", "image_url": url})

    perform(scene)


@pytest.mark.parametrize(
    "url", ["https://example.com/a.png", "https://v3.fal.media/files/rehearsal/x/gone.png", "sheet"]
)
def test_only_uploaded_files_can_be_read(perform: Any, url: str) -> None:
    """A rehearsal fetches nothing from anywhere: what was not uploaded here could not be downloaded."""

    async def scene(stage: Any) -> None:
        with pytest.raises(InputUnreadable, match="file_download_error"):
            await stage.buy_and_wait(EDIT, {"prompt": "x", "image_urls": [url]})

    perform(scene)


@pytest.mark.parametrize(
    ("seconds", "fps", "orientation", "message"),
    [
        (3, 12, "image", ""),
        (4, 12, "image", "At most 3 seconds, got 4"),
        (4, 12, "video", ""),
        (1, 12, "video", "At least 2 seconds, got 1"),
        (3, 10, "video", "At least 12 frames a second, got 10"),
    ],
)
def test_a_motion_reference_has_the_length_that_its_orientation_allows(
    perform: Any, seconds: int, fps: int, orientation: str, message: str
) -> None:
    """The longest reference depends on the character's orientation; its frame rate has a limit too."""

    async def scene(stage: Any) -> None:
        path = clip(stage.folder / "sway.mp4", seconds, fps)
        arguments = {
            "image_url": await stage.picture(),
            "video_url": await stage.wire.upload(path, "video/mp4", "sway.mp4"),
            "character_orientation": orientation,
        }
        if not message:
            await stage.buy_and_wait(MOTION, arguments)
            assert set(stage.sketcher.orders[0].files) == {"image_url", "video_url"}
        else:
            with pytest.raises(InputRejected, match=message):
                await stage.buy_and_wait(MOTION, arguments)

    perform(scene)


def test_a_picture_is_no_motion_reference(perform: Any) -> None:
    """A field that wants a clip does not take a text file."""

    async def scene(stage: Any) -> None:
        (stage.folder / "a.txt").write_text("no clip")
        url = await stage.wire.upload(stage.folder / "a.txt", "video/mp4", "a.mp4")
        arguments = {"image_url": await stage.picture(), "video_url": url, "character_orientation": "video"}
        with pytest.raises(InputUnreadable, match="video_load_error"):
            await stage.buy_and_wait(MOTION, arguments)

    perform(scene)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(data=st.data())
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_json_is_judged_and_never_breaks_the_judge(data: st.DataObject) -> None:
    """Whatever JSON is submitted to any endpoint of the catalogue, the answer is a list of objections."""
    catalogue = Catalogue.load()
    endpoint = catalogue.get(data.draw(st.sampled_from(sorted(catalogue.names()))))
    arguments = data.draw(
        st.dictionaries(st.sampled_from(sorted(endpoint.fields)) | st.text(max_size=4), JSON, max_size=4)
    )
    objections, files = object_to(endpoint, arguments, lambda _: None)
    assert files == {}
    missing = {name for name, field in endpoint.fields.items() if field.required and name not in arguments}
    unknown = set(arguments) - set(endpoint.fields)
    assert missing <= {one["loc"][1] for one in objections if one["type"] == "missing"}
    assert unknown <= {one["loc"][1] for one in objections if one["type"] == "extra_forbidden"}
