"""Typed request models, one for each endpoint, made from the catalogue's data.

A model has the endpoint's own field names. What it accepts, fal accepts as far as the published contract
tells; nothing is coerced: a length is the text "5", as the contract has it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    ValidationError,
    WithJsonSchema,
    create_model,
    model_validator,
)
from pydantic import Field as Described
from pydantic_core import ErrorDetails, PydanticCustomError

from onmodel.endpoints.endpoint import Endpoint, Field

Loc = tuple[int | str, ...]


class Request(BaseModel):
    """One request to one endpoint; `arguments` is what goes over the wire."""

    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, populate_by_name=True, protected_namespaces=()
    )

    @property
    def arguments(self) -> dict[str, Any]:
        """What was said, under the endpoint's names; what was not said is left to the endpoint."""
        return self.model_dump(by_alias=True, exclude_unset=True)


def make_model(endpoint: Endpoint) -> type[Request]:
    """Make the model of an endpoint's requests; `Endpoint.request_model` keeps it."""
    words = re.split(r"[^a-zA-Z0-9]+", endpoint.short)
    name = "".join(word[:1].upper() + word[1:] for word in words) + "Request"
    together = [
        (key, takes)
        for key, takes in endpoint.fields.items()
        if takes.max_items is not None and takes.max_items_with
    ]
    return _model(name, endpoint.fields, partial(_together, together) if together else None)


def validate(endpoint: Endpoint, arguments: Mapping[str, Any]) -> list[str]:
    """Everything in these arguments that the contract would not accept, each with its field.

    Media may be addresses, or objects with `$media` that stand for a file in the vault.
    """
    try:
        endpoint.request_model.model_validate(dict(arguments))
    except ValidationError as error:
        found = (_problem(endpoint.fields, details) for details in error.errors(include_url=False))
        return list(dict.fromkeys(found))
    return []


def _model(
    name: str, fields: Mapping[str, Field], rule: Callable[[Request], Request] | None = None
) -> type[Request]:
    members: dict[str, Any] = {}
    for key, takes in fields.items():
        known = key.isidentifier() and not key.startswith("_") and not hasattr(Request, key)
        default = ... if takes.required else takes.default
        described = Described(default) if known else Described(default, alias=key)
        members[key if known else f"its_{key.strip('_')}"] = (_type(f"{name}_{key}", takes), described)
    rules: dict[str, Any] = {} if rule is None else {"rule": model_validator(mode="after")(rule)}
    made: type[Request] = create_model(
        name, __base__=Request, __module__=__name__, __validators__=rules, **members
    )
    return made


def _type(name: str, takes: Field) -> Any:
    if takes.any_of:
        forms: Any = _type(f"{name}_0", takes.any_of[0])
        for index, one in enumerate(takes.any_of[1:], 1):
            forms = forms | _type(f"{name}_{index}", one)
        return forms
    if takes.format == "file-url":
        return Annotated[Any, AfterValidator(_file), WithJsonSchema({"type": "string", "format": "uri"})]
    if takes.enum is not None:
        return Literal[takes.enum]
    return _plain_type(name, takes)


def _plain_type(name: str, takes: Field) -> Any:
    limits, least = takes.limits, 1 if takes.required else None
    match takes.type:
        case "string":
            most = limits.get("max_chars")
            return Annotated[str, Described(min_length=least, max_length=None if most is None else int(most))]
        case "number" | "integer":
            kind: Any = float if takes.type == "number" else int
            return Annotated[kind, Described(ge=limits.get("min"), le=limits.get("max"))]
        case "array":
            member = Any if takes.items is None else _type(f"{name}_item", takes.items)
            most_items = None if takes.max_items_with else takes.max_items
            return Annotated[list[member], Described(min_length=least, max_length=most_items)]  # type: ignore[valid-type]
        case "object" if takes.properties is not None:
            return _model(name, takes.properties)
    return {"boolean": bool, "object": dict[str, Any]}.get(takes.type, Any)


def _file(value: Any) -> Any:
    """An address, or an object with `$media` that stands for a file in the vault."""
    if not (isinstance(value, str) and value) and not (isinstance(value, Mapping) and "$media" in value):
        raise PydanticCustomError("file", "a file is wanted")
    return value


def _together(shared: list[tuple[str, Field]], request: Request) -> Request:
    """Lists whose members count together."""
    given = request.arguments
    for key, takes in shared:
        if given.get(key):
            total = sum(len(given.get(other) or ()) for other in (key, *takes.max_items_with))
            if takes.max_items is not None and total > takes.max_items:
                what = f"{key} together with {', '.join(takes.max_items_with)}"
                raise PydanticCustomError(
                    "together", "{said}", {"said": _too_many(what, total, takes.max_items)}
                )
    return request


def _too_many(what: str, count: int, most: int) -> str:
    return f"{what} has {count} items, at most {most} are allowed"


# -- what pydantic found, in our words ------------------------------------------------------------


def _problem(fields: Mapping[str, Field], details: ErrorDetails) -> str:
    kind, value = details["type"], details["input"]
    if kind == "together":
        return details["msg"]
    path, takes = _field_at(fields, details["loc"])
    if kind == "extra_forbidden":
        return f"{path} is not a field {'here' if '.' in path else 'of this endpoint'}"
    if takes is None:
        return f"{path}: {details['msg']}"
    if kind in _MISSING or (takes.required and value is None):
        return f"{path} is required"
    if takes.any_of:
        return f"{path}: {_shown(value)} is none of the allowed forms"
    say = _SAID.get(kind)
    return f"{path} must be a {takes.type}, not {_shown(value)}" if say is None else say(path, takes, value)


def _out_of_range(path: str, takes: Field, value: Any) -> str:
    least, most = takes.limits.get("min"), takes.limits.get("max")
    if least is None or most is None:
        bound = f"at least {least:g}" if least is not None else f"at most {most:g}"
        return f"{path}: {_shown(value)} is not {bound}"
    return f"{path}: {_shown(value)} is not between {least:g} and {most:g}"


_MISSING = ("missing", "string_too_short", "too_short")

_SAID: Mapping[str, Callable[[str, Field, Any], str]] = {
    "file": lambda path, _, value: f"{path} must be a file, not {_shown(value)}",
    "literal_error": lambda path, takes, value: (
        f"{path}: {_shown(value)} is not one of {', '.join(map(str, takes.enum or ()))}"
    ),
    "string_too_long": lambda path, takes, value: (
        f"{path} has {len(value)} characters, at most {takes.limits['max_chars']:g} are allowed"
    ),
    "too_long": lambda path, takes, value: _too_many(path, len(value), takes.max_items or 0),
    "greater_than_equal": _out_of_range,
    "less_than_equal": _out_of_range,
}


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."  # noqa: PLR2004 (what fits a line beside the rest)


def _field_at(fields: Mapping[str, Field], loc: Loc) -> tuple[str, Field | None]:
    """The field at pydantic's location, and its path as people write it: `elements.0.frontal_image_url`."""
    path: list[str] = []
    takes: Field | None = None
    for step in loc:
        within = fields if takes is None and not path else (takes.properties or {}) if takes else {}
        takes = takes.items if isinstance(step, int) and takes is not None else within.get(str(step))
        path.append(str(step))
        if takes is None or takes.any_of:
            break
    return ".".join(path), takes
