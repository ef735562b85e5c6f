"""The contract, enforced: what fal would object to in a request, in fal's own form of objection.

Every objection is `{"loc": ["body", field, ...], "msg": ..., "type": ...}`, as a result with status 422 lists
them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from onmodel.endpoints import Endpoint, Field
from onmodel.studio.rehearsal.probe import Facts, read_facts

Objection = dict[str, Any]
Loc = tuple[str | int, ...]
FindFile = Callable[[str], Path | None]

_BOUNDS: dict[str, tuple[str, str]] = {
    "s": ("seconds", "video_duration"),
    "width_px": ("pixels wide", "image"),
    "height_px": ("pixels high", "image"),
    "fps": ("frames a second", "video_fps"),
    "aspect": ("width to height", "image_aspect"),
    "file_mb": ("megabytes", "file"),
}
"""Limit to its unit and the stem of its error type."""


def object_to(
    endpoint: Endpoint, arguments: Mapping[str, Any], find_file: FindFile
) -> tuple[list[Objection], dict[str, Path]]:
    """Everything that fal would object to, and the local file of each media field (`image_urls.0`)."""
    objections = list(_objections(endpoint, arguments))
    files: dict[str, Path] = {}
    for loc, address, field in _addresses((), endpoint.fields, arguments):
        path = find_file(address)
        if path is None:
            objections.append(_objection(loc, f"Failed to download {address}", "file_download_error"))
            continue
        files[".".join(map(str, loc))] = path
        facts = read_facts(path, wants=_wants(loc))
        if facts is None:
            kind = "video_load_error" if _wants(loc) == "video" else "image_load_error"
            objections.append(_objection(loc, f"Failed to load {path.name}", kind))
            continue
        objections += _out_of_bounds(loc, facts, _bounds(endpoint, loc, field, arguments))
    return objections, files


def _objections(endpoint: Endpoint, arguments: Mapping[str, Any]) -> Iterator[Objection]:
    yield from _object((), endpoint.fields, arguments)
    for name, field in endpoint.fields.items():
        together = [arguments.get(each) for each in dict.fromkeys((name, *field.max_items_with))]
        count = sum(len(each) for each in together if isinstance(each, list))
        if field.max_items is not None and isinstance(arguments.get(name), list) and count > field.max_items:
            yield _objection((name,), f"At most {field.max_items} items, got {count}", "too_long")


def _object(loc: Loc, fields: Mapping[str, Field], given: Mapping[str, Any]) -> Iterator[Objection]:
    for name, field in fields.items():
        if name in given:
            yield from _value((*loc, name), field, given[name])
        elif field.required:
            yield _objection((*loc, name), "Field required", "missing")
    for name in given:
        if name not in fields:
            yield _objection((*loc, name), "Extra inputs are not permitted", "extra_forbidden")


def _value(loc: Loc, field: Field, value: Any) -> Iterator[Objection]:
    if field.type == "union":
        if all(list(_value(loc, one, value)) for one in field.any_of):
            yield _objection(loc, "Input is none of the allowed forms", "union_error")
        return
    if not _is_a(field.type, value):
        yield _objection(loc, f"Input should be a valid {field.type}", f"{field.type}_type")
        return
    if field.enum is not None and value not in field.enum:
        allowed = ", ".join(repr(one) for one in field.enum)
        yield _objection(loc, f"Input should be one of {allowed}", "literal_error")
    yield from _measure(loc, field, value)
    if isinstance(value, dict) and field.properties is not None:
        yield from _object(loc, field.properties, value)
    if isinstance(value, list) and field.items is not None:
        for index, item in enumerate(value):
            yield from _value((*loc, index), field.items, item)


def _is_a(kind: str, value: Any) -> bool:
    types: dict[str, tuple[type, ...]] = {
        "string": (str,),
        "number": (int, float),
        "integer": (int,),
        "boolean": (bool,),
        "array": (list,),
        "object": (dict,),
    }
    if isinstance(value, bool) and kind in {"number", "integer"}:
        return False
    return kind not in types or isinstance(value, types[kind])


def _measure(loc: Loc, field: Field, value: Any) -> Iterator[Objection]:
    """Lengths and ranges; a list's length is counted where its siblings are known, except inside objects."""
    longest = field.limits.get("max_chars")
    if isinstance(value, str) and longest is not None and len(value) > longest:
        yield _objection(loc, f"At most {longest:g} characters, got {len(value)}", "string_too_long")
    if isinstance(value, int | float):
        if "min" in field.limits and value < field.limits["min"]:
            yield _objection(loc, f"At least {field.limits['min']:g}", "greater_than_equal")
        if "max" in field.limits and value > field.limits["max"]:
            yield _objection(loc, f"At most {field.limits['max']:g}", "less_than_equal")
    if (
        isinstance(value, list)
        and len(loc) > 1
        and field.max_items is not None
        and len(value) > field.max_items
    ):
        yield _objection(loc, f"At most {field.max_items} items, got {len(value)}", "too_long")


def _addresses(
    loc: Loc, fields: Mapping[str, Field], given: Mapping[str, Any]
) -> Iterator[tuple[Loc, str, Field]]:
    """Every media address in a request; the contract marks no lists of them, so `_urls` go by their name."""
    for name, field in fields.items():
        value = given.get(name)
        here = (*loc, name)
        if isinstance(value, str) and (field.format == "file-url" or name.endswith("_url")):
            yield here, value, field
        elif isinstance(value, dict) and field.properties:
            yield from _addresses(here, field.properties, value)
        elif isinstance(value, list) and field.items is not None:
            for index, item in enumerate(value):
                if isinstance(item, str) and name.endswith("_urls"):
                    yield (*here, index), item, field.items
                elif isinstance(item, dict) and field.items.properties:
                    yield from _addresses((*here, index), field.items.properties, item)


def _wants(loc: Loc) -> str:
    name = next(str(part) for part in reversed(loc) if isinstance(part, str))
    return next((kind for kind in ("video", "audio") if kind in name), "image")


def _bounds(endpoint: Endpoint, loc: Loc, field: Field, arguments: Mapping[str, Any]) -> dict[str, float]:
    """A file's limits; a motion reference's longest length hangs on the character's orientation."""
    bounds = dict(field.limits)
    orientation = arguments.get(endpoint.roles.get("orientation", ""))
    if _wants(loc) == "video" and isinstance(orientation, str) and orientation in endpoint.follows_s:
        least, most = endpoint.follows_s[orientation]
        bounds |= {"min_s": float(least), "max_s": float(most)}
    return bounds


def _out_of_bounds(loc: Loc, facts: Facts, bounds: Mapping[str, float]) -> Iterator[Objection]:
    for name, (unit, stem) in _BOUNDS.items():
        got = facts.get(name)
        if got is None:
            continue
        least, most = bounds.get(f"min_{name}"), bounds.get(f"max_{name}")
        if least is not None and got < least:
            yield _objection(loc, f"At least {least:g} {unit}, got {got:.4g}", f"{stem}_too_small")
        if most is not None and got > most:
            yield _objection(loc, f"At most {most:g} {unit}, got {got:.4g}", f"{stem}_too_large")


def _objection(loc: Loc, msg: str, kind: str) -> Objection:
    return {"loc": ["body", *loc], "msg": msg, "type": kind}
