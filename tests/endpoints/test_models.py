from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from onmodel.endpoints import Catalogue, Endpoint, Request, validate
from onmodel.endpoints.endpoint import Field

KLING = "fal-ai/kling-video/"
CATALOGUE = Catalogue.load()
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def least(takes: Field) -> Any:
    """The smallest value that a field takes."""
    if takes.any_of:
        return least(takes.any_of[0])
    if takes.enum:
        return takes.enum[0]
    if takes.format == "file-url":
        return {"$media": "a" * 64}
    if takes.type == "object":
        return {key: least(one) for key, one in (takes.properties or {}).items() if one.required}
    if takes.type == "array":
        return [least(takes.items)] if takes.items else ["x"]
    return {"string": "p", "boolean": False}.get(takes.type, takes.limits.get("min", 1))


def smallest(endpoint: Endpoint) -> dict[str, Any]:
    return {key: least(takes) for key, takes in endpoint.fields.items() if takes.required}


@pytest.mark.parametrize("name", CATALOGUE.names())
def test_every_endpoint_has_a_typed_model_of_its_requests(name: str) -> None:
    """What is required is enough, goes over the wire as it was said, and each required field is missed."""
    endpoint = CATALOGUE.get(name)
    arguments = smallest(endpoint)
    request = endpoint.request_model.model_validate(arguments)
    assert isinstance(request, Request)
    assert request.arguments == arguments
    for key in arguments:
        rest = {one: value for one, value in arguments.items() if one != key}
        assert f"{key} is required" in validate(endpoint, rest)
    assert set(endpoint.request_model.model_fields) == set(endpoint.fields)


def test_a_model_is_made_once_and_named_after_its_endpoint() -> None:
    """The class is the same each time, and its name says whose it is."""
    endpoint = CATALOGUE.get(KLING + "v2.6/pro/image-to-video")
    assert endpoint.request_model is endpoint.request_model
    assert endpoint.request_model.__name__ == "V26ProImageToVideoRequest"


def test_a_model_describes_itself_to_editors_and_agents() -> None:
    """Its JSON Schema has the enums, the limits and what is required."""
    schema = CATALOGUE.get(KLING + "v1/standard/text-to-video").request_model.model_json_schema()
    assert schema["required"] == ["prompt"]
    assert schema["properties"]["duration"]["enum"] == ["5", "10"]
    assert schema["properties"]["prompt"]["maxLength"] == 2500
    assert (
        schema["properties"]["cfg_scale"] | {"minimum": 0, "maximum": 1} == schema["properties"]["cfg_scale"]
    )
    assert json.dumps(schema)


@pytest.mark.parametrize("wrong", [{"duration": 5}, {"cfg_scale": "0.5"}, {"cfg_scale": True}, {"seed": 1}])
def test_nothing_is_coerced(wrong: dict[str, Any]) -> None:
    """A number where the contract has a text, and the other way round, is refused."""
    model = CATALOGUE.get(KLING + "v2.5-turbo/pro/text-to-video").request_model
    with pytest.raises(ValidationError):
        model.model_validate({"prompt": "p", **wrong})


def test_a_field_that_python_cannot_name_keeps_its_name_on_the_wire() -> None:
    """Names that a model has itself, or that are no names, travel under what the endpoint calls them."""
    fields = {"schema": Field("string", required=True), "_x": Field("string"), "a-b": Field("number")}
    endpoint = Endpoint("acme/odd", "odd", "other", "standard", "video", fields, {}, None, {})
    arguments = {"schema": "s", "_x": "x", "a-b": 1.5}
    assert endpoint.request_model.model_validate(arguments).arguments == arguments


@given(name=st.sampled_from(CATALOGUE.names()), key=st.data(), value=ANYTHING)
def test_whatever_is_sent_is_accepted_or_named(name: str, key: st.DataObject, value: Any) -> None:
    """Any JSON in any field: no traceback, and a complaint begins with the field's name."""
    endpoint = CATALOGUE.get(name)
    field = key.draw(st.sampled_from(sorted(endpoint.fields)))
    for problem in validate(endpoint, smallest(endpoint) | {field: value}):
        assert problem.startswith(field)
