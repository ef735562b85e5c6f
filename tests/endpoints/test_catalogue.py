from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from onmodel.endpoints import Catalogue, Endpoint, Field, UnknownEndpoint
from onmodel.endpoints.endpoint import KINDS, ROLES

KLING = "fal-ai/kling-video/"
CONTRACT = Path(__file__).parents[3] / "shared" / "fal" / "contract.json"


def every(catalogue: Catalogue) -> list[Endpoint]:
    return [catalogue.get(name) for name in catalogue.names()]


def test_every_entry_can_be_read_and_its_roles_exist(catalogue: Catalogue) -> None:
    """No endpoint of the catalogue is malformed, and every role names one of its fields."""
    for endpoint in every(catalogue):
        assert set(endpoint.roles.values()) <= set(endpoint.fields), endpoint.name
        assert set(endpoint.roles) <= set(ROLES), endpoint.name
        assert set(KINDS[endpoint.kind]) <= set(endpoint.roles), endpoint.name
        assert endpoint.tier in {"draft", "standard", "master"}, endpoint.name
        assert endpoint.output in {"images", "video", "audio", "voice_id"}, endpoint.name
        assert endpoint.kind != "other", endpoint.name


def test_every_video_endpoint_knows_the_roles_that_its_kind_lives_on(catalogue: Catalogue) -> None:
    """A kind promises its inputs: a first frame, a motion reference, a source clip, a reference."""
    for endpoint in every(catalogue):
        match endpoint.kind:
            case "image-to-video" | "avatar":
                assert endpoint.first_frame, endpoint.name
            case "motion-control":
                assert {"first_frame", "motion_video", "orientation"} <= set(endpoint.roles), endpoint.name
                assert endpoint.follows_s["video"] == (Fraction(2), Fraction(30)), endpoint.name
                assert endpoint.follows_s["image"] == (Fraction(2), Fraction(10)), endpoint.name
            case "video-edit":
                assert {"source_video", "references"} <= set(endpoint.roles), endpoint.name
            case "image-edit":
                assert endpoint.max_references >= 1, endpoint.name


@pytest.mark.parametrize(
    ("name", "first", "last", "seconds"),
    [
        ("v2.1/pro/image-to-video", "image_url", "tail_image_url", (5, 10)),
        ("v2.1/master/image-to-video", "image_url", None, (5, 10)),
        ("v2.6/pro/image-to-video", "start_image_url", "end_image_url", (5, 10)),
        ("o1/image-to-video", "start_image_url", "end_image_url", tuple(range(3, 11))),
        ("v3/pro/image-to-video", "start_image_url", "end_image_url", tuple(range(3, 16))),
        ("o3/pro/image-to-video", "image_url", "end_image_url", tuple(range(3, 16))),
        ("v2.6/pro/motion-control", "image_url", None, None),
    ],
)
def test_frames_and_lengths_are_those_that_the_endpoint_sells(
    catalogue: Catalogue, name: str, first: str, last: str | None, seconds: tuple[int, ...] | None
) -> None:
    """First and last frame have another field in every family, and lengths come from the duration enum."""
    endpoint = catalogue.get(KLING + name)
    assert (endpoint.first_frame, endpoint.last_frame, endpoint.seconds) == (first, last, seconds)


def test_what_an_endpoint_lacks_is_none(catalogue: Catalogue) -> None:
    """v2.6/pro image-to-video has sound but no cfg_scale; v2.1/pro has cfg_scale but no sound."""
    newer = catalogue.get(KLING + "v2.6/pro/image-to-video")
    older = catalogue.get(KLING + "v2.1/pro/image-to-video")
    assert (newer.audio, newer.adherence, newer.negative) == ("generate_audio", None, "negative_prompt")
    assert (older.audio, older.adherence, older.ratio) == (None, "cfg_scale", None)
    assert (older.prompt_chars, older.negative_chars) == (2500, 2500)
    assert catalogue.get("fal-ai/flux/dev").prompt_chars is None


def test_an_unknown_endpoint_gets_the_nearest_name_and_the_command_that_lists(catalogue: Catalogue) -> None:
    """A misspelt endpoint is answered with the one that was meant."""
    with pytest.raises(UnknownEndpoint) as caught:
        catalogue.get(KLING + "v2.6/pro/image2video")
    assert f"{KLING}v2.6/pro/image-to-video" in caught.value.hint
    assert "onmodel models" in caught.value.hint


EFFECTS = ("v1/standard", "v1.5/pro", "v1.6/pro", "v1.6/standard")


@pytest.mark.parametrize(
    ("role", "names"),
    [
        ("mask", {"v1/standard/image-to-video", "v1.5/pro/image-to-video"}),
        ("moving_masks", {"v1/standard/image-to-video", "v1.5/pro/image-to-video"}),
        ("camera_preset", {"v1/standard/text-to-video"}),
        ("camera_exact", {"v1/standard/text-to-video"}),
        ("voices", {"v2.6/pro/image-to-video"}),
        ("effect", {f"{one}/effects" for one in EFFECTS}),
        ("voice", {"lipsync/text-to-video", "v1/tts"}),
    ],
)
def test_rare_abilities_are_mapped_to_who_has_them(catalogue: Catalogue, role: str, names: set[str]) -> None:
    """Masks, presets, effects and voices are known by our own words, at exactly those which have them."""
    assert {one.short for one in every(catalogue) if role in one.roles} == names


def test_what_may_be_said_is_offered(catalogue: Catalogue) -> None:
    """The four presets and the guide's five effects can be looked up without knowing the field."""
    presets = catalogue.get(KLING + "v1/standard/text-to-video").offers("camera_preset")
    assert set(presets) == {"down_back", "forward_up", "right_turn_forward", "left_turn_forward"}
    effects = catalogue.get(KLING + "v1.6/pro/effects").offers("effect")
    assert {"hug", "kiss", "heart_gesture", "squish", "expansion"} <= set(effects)
    assert catalogue.get(KLING + "v2.1/pro/image-to-video").offers("effect") == ()


@pytest.mark.parametrize(
    ("name", "most"),
    [
        (KLING + "o1/reference-to-video", 7),
        (KLING + "o1/video-to-video/edit", 4),
        (KLING + "v3/pro/motion-control", 1),
        (KLING + "v3/pro/image-to-video", 4),
        (KLING + "v1.6/pro/elements", 4),
        (KLING + "v2.1/pro/image-to-video", 0),
        ("fal-ai/kling-image/o1", 4),
        ("fal-ai/flux-pro/kontext", 1),
    ],
)
def test_how_many_references_go_along(catalogue: Catalogue, name: str, most: int) -> None:
    """Where only elements are taken they count; where no maximum is stated, a sheet's useful views do."""
    assert catalogue.get(name).max_references == most


def as_contract(takes: Field) -> dict[str, Any]:
    """A field spelt as the contract spells it; what the contract leaves out stays out."""
    spelt: dict[str, Any] = {"type": takes.type}
    if takes.enum is not None:
        spelt["enum"] = list(takes.enum)
    if takes.items is not None:
        spelt["items"] = as_contract(takes.items)
    if takes.properties is not None:
        spelt["properties"] = {key: as_contract(inner) for key, inner in takes.properties.items()}
    if takes.any_of:
        spelt["any_of"] = [as_contract(one) for one in takes.any_of]
    if takes.max_items is not None:
        spelt["max_items"] = takes.max_items
    if takes.max_items_with:
        spelt["max_items_scope"] = True
    return spelt | {"required": takes.required, "default": takes.default, "format": takes.format}


def from_contract(raw: dict[str, Any], name: str) -> dict[str, Any]:
    spelt: dict[str, Any] = {
        "type": raw["type"],
        "required": raw.get("required", False),
        "default": raw.get("default"),
        "format": raw.get("format", ""),
    }
    spelt |= {key: raw[key] for key in ("enum", "max_items") if key in raw}
    if "items" in raw:
        spelt["items"] = from_contract(raw["items"], name)
        if name.endswith("_urls"):  # the contract types the members of these as plain strings
            spelt["items"]["format"] = "file-url"
    if "properties" in raw:
        spelt["properties"] = {key: from_contract(inner, key) for key, inner in raw["properties"].items()}
    if "any_of" in raw:
        spelt["any_of"] = [from_contract(one, name) for one in raw["any_of"]]
    if "max_items_scope" in raw:
        spelt["max_items_scope"] = True
    return spelt


def test_every_field_is_as_the_published_contract_states_it(catalogue: Catalogue) -> None:
    """Type, required, enum, default, format, members, maxima and limits equal the contract's, each field."""
    if not CONTRACT.is_file():
        pytest.skip(
            "NOT COMPARED with the published contract: ../shared/fal/contract.json is not beside this project"
        )
    contract = json.loads(CONTRACT.read_text("utf-8"))
    assert set(catalogue.names()) == set(contract)
    for endpoint in every(catalogue):
        raw = contract[endpoint.name]["input"]
        assert set(endpoint.fields) == set(raw), endpoint.name
        for name, takes in endpoint.fields.items():
            assert as_contract(takes) == from_contract(raw[name], name), (endpoint.name, name)
            limits = raw[name].get("limits", {})
            assert {key: takes.limits.get(key) for key in limits} == limits, (endpoint.name, name)
        assert endpoint.output in contract[endpoint.name]["output"], endpoint.name
