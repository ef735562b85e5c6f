"""What every endpoint takes, sells and is good for, read from data.

`catalogue.json` holds the published contract (fields, enums, defaults, limits), `facts.json` what the
contract does not say (kind, quality, which field is the first frame). A production may add or correct
endpoints with files of its own (`own.py`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

from onmodel.endpoints.endpoint import KINDS, ROLES, Endpoint, Field
from onmodel.errors import PlanError, StoryError

LIST_COMMAND = "onmodel models"
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
        own_prices: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> None:
        self._entries = entries
        self._enums = enums
        self._facts = facts
        self._parsed: dict[str, Endpoint] = {}
        self.own_prices: Mapping[str, Mapping[str, Any]] = own_prices or {}
        """Prices that the production's own files give, for `PriceTable.load`."""

    @classmethod
    def load(cls, own: Path | None = None) -> Catalogue:
        """Reads the catalogue that comes with onmodel, then the production's own files over it.

        Args:
            own: the production's `endpoints` folder; it need not exist.

        Raises:
            StoryError: the production's files are not understood, or contradict themselves.
        """
        here = Path(__file__)
        contract = json.loads(here.with_name("catalogue.json").read_text("utf-8"))
        facts = json.loads(here.with_name("facts.json").read_text("utf-8"))
        entries: dict[str, dict[str, Any]] = {
            name: {**entry, **facts["endpoints"].get(name, {}), "limits": _limits_for(name, facts["limits"])}
            for name, entry in contract["endpoints"].items()
        }
        enums = contract["enums"]
        if own is None or not own.is_dir():
            return cls(entries, enums, facts)
        from onmodel.endpoints.own import read_own  # noqa: PLC0415 (only where a production has its own)

        found = read_own(own, entries, enums)
        for name, entry in found.entries.items():
            entries[name] = _laid_over(entries.get(name, {}), entry)
        catalogue = cls(entries, found.enums, facts, found.prices)
        findings = [
            found.finding(name, ("kind",), fault)
            for name in found.entries
            for fault in _lacks(catalogue.get(name))
        ]
        if findings:
            raise StoryError(findings)
        return catalogue

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
        """
        if name not in self._entries:
            raise self._unknown(name)
        if name not in self._parsed:
            self._parsed[name] = _endpoint(name, self._entries[name], self._enums, self._facts)
        return self._parsed[name]

    def _unknown(self, name: str) -> UnknownEndpoint:
        from rapidfuzz import fuzz, process  # noqa: PLC0415 (only when something is wrong)

        near = process.extract(name, self.names(), scorer=fuzz.WRatio, limit=3, score_cutoff=60)
        guess = f"The nearest: {', '.join(found for found, _, _ in near)}. " if near else ""
        return UnknownEndpoint(
            f"There is no endpoint `{name}` in the catalogue.", hint=f"{guess}All of them: `{LIST_COMMAND}`."
        )


def _lacks(endpoint: Endpoint) -> Iterator[str]:
    """What an endpoint of its kind cannot do without, and this one has not."""
    for role in KINDS[endpoint.kind]:
        if role not in endpoint.roles:
            yield f"{endpoint.kind} needs a {ROLES[role]}, and no field has the role '{role}'."
    if endpoint.kind == "motion-control" and not endpoint.follows_s:
        yield "motion-control needs `follows_s`: the lengths that its reference may have, by orientation."


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
    limits = entry.get("limits", {})
    fields = {key: _field(raw, enums, limits.get(key)) for key, raw in entry["fields"].items()}
    roles = {role: key for role, key in facts["roles"].items() if key in fields} | entry.get("roles", {})
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
            orientation: (Fraction(str(least)), Fraction(str(most)))
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
