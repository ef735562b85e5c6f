"""Endpoints of the user's own: `endpoints/*.yaml` or `.json` in the production, each fault with its place.

A file adds endpoints or corrects single keys of known ones::

    catalogue: 1
    endpoints:
      acme/film:
        kind: text-to-video
        fields:
          prompt: {type: string, required: true}
          duration: {type: string, enum: ["4", "8"]}
        price: {usd: 0.05, unit: second, source: "acme's page, 2026-11"}
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict
from pydantic import Field as Described

from onmodel.endpoints.endpoint import KINDS, ROLES
from onmodel.errors import Finding, Place, StoryError
from onmodel.story.fields import Text, Usd
from onmodel.story.validation import did_you_mean, validate
from onmodel.story.yaml_tree import Path as Steps
from onmodel.story.yaml_tree import Tree, read_tree

FOLDER = "endpoints"
"""The folder of a production that holds them."""


def _plain_number(value: Any) -> Any:
    """YAML's numbers are exact here; limits are compared with measured ones."""
    return float(value) if isinstance(value, Decimal) else value


Number = Annotated[float, BeforeValidator(_plain_number)]


class OwnPart(BaseModel):
    """A part of such a file: every key is known."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class OwnField(OwnPart):
    """One field of a request."""

    type: Literal["string", "number", "integer", "boolean", "array", "object", "any", "union"]
    required: bool = False
    enum: Annotated[list[str | int], Described(min_length=1)] | Text | None = None
    default: Annotated[Any, BeforeValidator(_plain_number)] = None
    format: Literal["", "file-url"] = ""
    items: OwnField | None = None
    properties: dict[str, OwnField] | None = None
    any_of: list[OwnField] = []
    max_items: Annotated[int, Described(ge=1, strict=True)] | None = None
    max_items_with: list[str] = []
    limits: dict[str, Number] = {}


class OwnPrice(OwnPart):
    """What a unit of it costs, in US dollars."""

    usd: Usd
    unit: Literal["second", "image", "megapixel", "request"]
    source: Text
    audio: Usd | None = None
    voices: Usd | None = None


class OwnEndpoint(OwnPart):
    """One endpoint, or what is different about a known one."""

    kind: str | None = None
    tier: Literal["draft", "standard", "master"] | None = None
    output: Literal["images", "video", "audio", "voice_id"] | None = None
    fields: dict[str, OwnField] = {}
    roles: dict[str, str] = {}
    limits: dict[str, dict[str, Number]] = {}
    follows_s: dict[Literal["video", "image"], tuple[Number, Number]] = {}
    notes: str | None = None
    price: OwnPrice | None = None


class OwnFile(OwnPart):
    """A file of endpoints."""

    catalogue: Literal[1]
    endpoints: Annotated[dict[str, OwnEndpoint], Described(min_length=1)]
    enums: dict[str, list[str | int]] = {}


class Own:
    """What a production's files say, in the form of the catalogue's own data."""

    def __init__(self, enums: Mapping[str, list[Any]]) -> None:
        self.entries: dict[str, dict[str, Any]] = {}
        self.enums: dict[str, list[Any]] = dict(enums)
        self.prices: dict[str, dict[str, Any]] = {}
        self._trees: dict[str, Tree] = {}

    def add(self, tree: Tree, file: OwnFile) -> None:
        """Take over what one file says; an endpoint that stands in two files is a fault of the second."""
        for name, endpoint in file.endpoints.items():
            if name in self._trees:
                first = self._trees[name].key_place(("endpoints", name))
                place = tree.key_place(("endpoints", name))
                tree.findings.append(Finding(place, f"'{name}' stands in two files.", f"First in {first}."))
                continue
            self._trees[name] = tree
            said = endpoint.model_dump(exclude_unset=True, exclude_none=True)
            price = said.pop("price", None)
            if price:
                self.prices[name] = price
            self.entries[name] = said
        self.enums |= file.enums

    def finding(self, name: str, path: Steps, message: str, hint: str = "") -> Finding:
        """A fault of an entry, at the place where it is written."""
        return Finding(self._trees[name].place(("endpoints", name, *path)), message, hint)


def read_own(folder: Path, known: Mapping[str, Mapping[str, Any]], enums: Mapping[str, list[Any]]) -> Own:
    """Read every file of a production's endpoints folder; none is no fault.

    Args:
        folder: the production's `endpoints` folder.
        known: the entries that come with onmodel, which a file may correct.
        enums: the lists of values that come with onmodel, which a file may name: `$voice_id`.

    Raises:
        StoryError: with every fault at its place; also where an entry contradicts itself.
    """
    own, findings = Own(enums), list[Finding]()
    for path in sorted(one for one in folder.glob("*") if one.suffix in (".yaml", ".json")):
        name = f"{folder.name}/{path.name}"
        try:
            tree = read_tree(path.read_text(encoding="utf-8-sig"), name)
        except (OSError, UnicodeDecodeError) as error:
            findings.append(Finding(Place(name), f"cannot be read: {error}"))
            continue
        file = validate(tree, OwnFile) if isinstance(tree.value, dict) else None
        if file is None and not tree.findings:
            tree.findings.append(
                Finding(tree.place(()), "keys and values are wanted here, like 'catalogue: 1'.")
            )
        if file is not None and not tree.findings:
            own.add(tree, file)
        findings += tree.findings
    for name, entry in own.entries.items():
        findings += _contradictions(own, name, entry, known.get(name))
    if findings:
        raise StoryError(findings)
    return own


def _contradictions(
    own: Own, name: str, entry: Mapping[str, Any], base: Mapping[str, Any] | None
) -> Iterator[Finding]:
    if base is None and "kind" not in entry:
        yield own.finding(
            name, (), f"'{name}' is new here and says no kind.", f"Allowed: {', '.join(KINDS)}."
        )
    if base is None and not entry.get("fields"):
        yield own.finding(name, (), f"'{name}' has no fields.")
    kind = entry.get("kind")
    if kind is not None and kind not in KINDS:
        hint = did_you_mean(kind, KINDS) or f"Allowed: {', '.join(KINDS)}."
        yield own.finding(name, ("kind",), f"'{kind}' is no kind of endpoint.", hint)
    fields = {**(base or {}).get("fields", {}), **entry.get("fields", {})}
    for key, field in entry.get("fields", {}).items():
        yield from _field_faults(own, name, ("fields", key), field, fields)
    yield from _role_faults(own, name, entry, fields)
    for key, limits in entry.get("limits", {}).items():
        if key not in fields:
            yield own.finding(name, ("limits", key), f"there is no field '{key}' to limit.")
        yield from _limit_faults(own, name, ("limits", key), limits)
    for mode, (least, most) in entry.get("follows_s", {}).items():
        if least > most:
            yield own.finding(name, ("follows_s", mode), f"from {least:g} to {most:g} s is no range.")


def _field_faults(
    own: Own, name: str, path: Steps, field: Mapping[str, Any], siblings: Mapping[str, Any]
) -> Iterator[Finding]:
    yield from _value_faults(own, name, path, field)
    kind = field["type"]
    for key, owner in _FOR.items():
        if field.get(key) and kind != owner:
            yield own.finding(name, (*path, key), f"'{key}' is for a field of type {owner}, this is {kind}.")
    for index, other in enumerate(field.get("max_items_with", ())):
        if other not in siblings:
            yield own.finding(name, (*path, "max_items_with", index), f"there is no field '{other}'.")
    yield from _limit_faults(own, name, (*path, "limits"), field.get("limits", {}))
    inner = field.get("properties") or {}
    for key, member in inner.items():
        yield from _field_faults(own, name, (*path, "properties", key), member, inner)
    if field.get("items"):
        yield from _field_faults(own, name, (*path, "items"), field["items"], {})


_FOR: Mapping[str, str] = {
    "items": "array",
    "max_items": "array",
    "properties": "object",
    "any_of": "union",
}
"""The type of field that each of these keys is for."""


def _value_faults(own: Own, name: str, path: Steps, field: Mapping[str, Any]) -> Iterator[Finding]:
    """Allowed values and the default, against the type and each other."""
    kind, enum, default = field["type"], field.get("enum"), field.get("default")
    if isinstance(enum, str):
        enum = own.enums.get(enum.removeprefix("$"))
        if enum is None:
            yield own.finding(name, (*path, "enum"), f"'{field['enum']}' is not in `enums` of any file.")
    wanted = _PYTHON.get(kind)
    for index, value in enumerate(enum or ()):
        if wanted is not None and not isinstance(value, wanted):
            yield own.finding(
                name, (*path, "enum", index), f"{value!r} is no {kind}.", "Put texts in quotes."
            )
    if default is not None and enum and default not in enum:
        allowed = ", ".join(map(str, enum))
        yield own.finding(name, (*path, "default"), f"the default {default!r} is not one of {allowed}.")
    elif default is not None and wanted is not None and not isinstance(default, wanted):
        yield own.finding(name, (*path, "default"), f"the default {default!r} is no {kind}.")


_PYTHON: Mapping[str, type | tuple[type, ...]] = {
    "string": str,
    "number": (int, float, Decimal),
    "integer": int,
    "boolean": bool,
}


def _role_faults(
    own: Own, name: str, entry: Mapping[str, Any], fields: Mapping[str, Any]
) -> Iterator[Finding]:
    for role, key in entry.get("roles", {}).items():
        if role not in ROLES:
            hint = did_you_mean(role, ROLES) or f"Allowed: {', '.join(ROLES)}."
            yield own.finding(name, ("roles", role), f"'{role}' is no role.", hint)
        if key not in fields:
            has = ", ".join(fields)
            yield own.finding(name, ("roles", role), f"there is no field '{key}'; the fields are: {has}.")
    key = entry.get("roles", {}).get("seconds", "duration")
    enum = entry.get("fields", {}).get(key, {}).get("enum")
    for index, length in enumerate(enum if isinstance(enum, list) else ()):
        if not re.fullmatch(r"[0-9]+(\.[0-9]+)?", str(length)):
            place = ("fields", key, "enum", index)
            yield own.finding(name, place, f"'{length}' is no length in seconds.", 'Write "5" or "10".')


def _limit_faults(own: Own, name: str, path: Steps, limits: Mapping[str, float]) -> Iterator[Finding]:
    for key, least in limits.items():
        most = limits.get(f"max{key.removeprefix('min')}")
        if key.startswith("min") and most is not None and least > most:
            yield own.finding(name, (*path, key), f"the least, {least:g}, is over the most, {most:g}.")
