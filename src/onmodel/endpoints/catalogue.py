"""What every endpoint takes, sells and is good for, read from data.

`catalogue.json` holds the published contract (fields, enums, defaults, limits), `facts.json` what the
contract does not say (kind, quality, which field is the first frame). A production may add or correct
endpoints with a file of its own in the same format.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

from onmodel.endpoints.endpoint import Endpoint, Field
from onmodel.errors import PlanError

LIST_COMMAND = "python -m onmodel.endpoints"
"""What a user types to see every endpoint; a word behind it narrows the list."""


_LAID_OVER = ("fields", "roles", "limits")
"""What a production's entry adds to single keys of, instead of replacing it as a whole."""


class UnknownEndpoint(PlanError):
    """An endpoint was named that is not in the catalogue."""


class Catalogue:
    """Every endpoint the production may use; each is parsed when it is first asked for."""

    def __init__(
        self,
        entries: Mapping[str, Mapping[str, Any]],
        enums: Mapping[str, list[Any]],
        facts: Mapping[str, Any],
    ) -> None:
        self._entries = entries
        self._enums = enums
        self._facts = facts
        self._parsed: dict[str, Endpoint] = {}

    @classmethod
    def load(cls, extra: Path | None = None) -> Catalogue:
        """Reads the catalogue that comes with onmodel, then the production's own file over it.

        Args:
            extra: JSON in the same format; its endpoints are new ones, or correct single keys of known ones.

        Raises:
            PlanError: the production's file cannot be read or is not a catalogue.
        """
        here = Path(__file__)
        contract = json.loads(here.with_name("catalogue.json").read_text("utf-8"))
        facts = json.loads(here.with_name("facts.json").read_text("utf-8"))
        entries: dict[str, dict[str, Any]] = {
            name: {**entry, **facts["endpoints"].get(name, {}), "limits": _limits_for(name, facts["limits"])}
            for name, entry in contract["endpoints"].items()
        }
        enums = contract["enums"]
        if extra is not None:
            more = _read_extra(extra)
            enums = {**enums, **more.get("enums", {})}
            for name, entry in more["endpoints"].items():
                entries[name] = _laid_over(entries.get(name, {}), entry)
        return cls(entries, enums, facts)

    def names(self) -> tuple[str, ...]:
        """Every name, in alphabetical order."""
        return tuple(sorted(self._entries))

    def of_kind(self, *kinds: str) -> tuple[str, ...]:
        """The names of the endpoints that do one of these kinds of work."""
        return tuple(name for name in self.names() if self._entries[name].get("kind") in kinds)

    def get(self, name: str) -> Endpoint:
        """The endpoint of that name.

        Raises:
            UnknownEndpoint: there is none; the nearest names are in the message.
            PlanError: the production's own file describes it wrongly.
        """
        if name not in self._entries:
            raise self._unknown(name)
        if name not in self._parsed:
            try:
                self._parsed[name] = _endpoint(name, self._entries[name], self._enums, self._facts)
            except (AttributeError, KeyError, TypeError, ValueError) as error:
                message = f"The entry of {name} in the endpoints file is malformed: {error!r}."
                raise PlanError(
                    message, hint=f"`{LIST_COMMAND}` shows entries that are well formed."
                ) from error
        return self._parsed[name]

    def _unknown(self, name: str) -> UnknownEndpoint:
        from rapidfuzz import fuzz, process  # noqa: PLC0415 (only when something is wrong)

        near = process.extract(name, self.names(), scorer=fuzz.WRatio, limit=3, score_cutoff=60)
        guess = f"The nearest: {', '.join(found for found, _, _ in near)}. " if near else ""
        return UnknownEndpoint(
            f"There is no endpoint `{name}` in the catalogue.", hint=f"{guess}All of them: `{LIST_COMMAND}`."
        )


def _read_extra(path: Path) -> dict[str, Any]:
    hint = 'It must be JSON: {"endpoints": {"owner/name": {"kind": ..., "fields": {...}}}}.'
    try:
        more: dict[str, Any] = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise PlanError(f"{path}: the endpoints file cannot be read: {error}", hint=hint) from error
    if not _is_catalogue(more):
        raise PlanError(f"{path}: the endpoints file has no object `endpoints` of objects.", hint=hint)
    return more


def _is_catalogue(more: Any) -> bool:
    """Whether every level that is laid over ours is an object, as ours is."""
    if not isinstance(more, dict) or not isinstance(more.get("enums", {}), dict):
        return False
    entries = more.get("endpoints")
    if not isinstance(entries, dict) or not all(isinstance(entry, dict) for entry in entries.values()):
        return False
    return all(isinstance(entry.get(key, {}), dict) for entry in entries.values() for key in _LAID_OVER)


def _laid_over(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    merged = {**base, **over}
    for key in _LAID_OVER:
        merged[key] = {**base.get(key, {}), **over.get(key, {})}
    return merged


def _limits_for(name: str, limits: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    return {
        key: bounds
        for prefix, of_fields in limits.items()
        if name.startswith(prefix)
        for key, bounds in of_fields.items()
    }


def _endpoint(
    name: str, entry: Mapping[str, Any], enums: Mapping[str, list[Any]], facts: Mapping[str, Any]
) -> Endpoint:
    if not entry["fields"]:
        raise ValueError("it has no fields")
    limits = entry.get("limits", {})
    fields = {key: _field(raw, enums, limits.get(key)) for key, raw in entry["fields"].items()}
    roles = {role: key for role, key in facts["roles"].items() if key in fields} | entry.get("roles", {})
    for role, key in roles.items():
        if key not in fields:
            raise ValueError(f"role {role} names the field {key}, which the endpoint does not have")
    sold = fields[roles["seconds"]].enum if "seconds" in roles else None
    return Endpoint(
        name=name,
        short=next((name.removeprefix(one) for one in facts["prefixes"] if name.startswith(one)), name),
        kind=entry.get("kind", "other"),
        tier=entry.get("tier", "standard"),
        output=entry.get("output", "video"),
        fields=fields,
        roles=roles,
        seconds=None if sold is None else tuple(sorted(map(Fraction, sold))),
        follows_s={
            orientation: (Fraction(least), Fraction(most))
            for orientation, (least, most) in entry.get("follows_s", {}).items()
        },
        notes=entry.get("notes", ""),
    )


def _field(
    raw: Mapping[str, Any], enums: Mapping[str, list[Any]], limits: Mapping[str, float] | None = None
) -> Field:
    enum = raw.get("enum")
    if isinstance(enum, str):
        enum = enums[enum.removeprefix("$")]
    return Field(
        type=raw["type"],
        required=raw.get("required", False),
        enum=None if enum is None else tuple(enum),
        default=raw.get("default"),
        format=raw.get("format", ""),
        items=_field(raw["items"], enums) if "items" in raw else None,
        properties=(
            {key: _field(member, enums) for key, member in raw["properties"].items()}
            if "properties" in raw
            else None
        ),
        any_of=tuple(_field(one, enums) for one in raw.get("any_of", ())),
        max_items=raw.get("max_items"),
        max_items_with=tuple(raw.get("max_items_with", ())),
        limits={**raw.get("limits", {}), **(limits or {})},
    )
