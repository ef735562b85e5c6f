"""What a request costs, from one dated table with a source beside each row.

Where sources disagree both prices are kept and the higher one is reserved. A production overrides single rows
under `prices:` in its production.yaml.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal, NamedTuple, cast, get_args

from onmodel.errors import PlanError
from onmodel.units import usd

Unit = Literal["second", "image", "megapixel", "request"]

_OVERRIDE_KEYS = ("usd", "unit", "audio", "voices", "further", "source")
_OWN = "production.yaml"


class Price(NamedTuple):
    """What one request is expected to cost, in US dollars of the table."""

    usd: Decimal
    """The amount to reserve: the highest that any source says."""
    low_usd: Decimal
    """The lowest that any source says; equal to `usd` where they agree."""
    unit: Unit
    per_unit: Decimal
    """US dollars for one unit, as reserved."""
    source: str
    """Who says so, and when."""
    note: str = ""
    """Where sources disagree: what each says. Empty otherwise."""

    def at_length(self, estimated_s: Fraction | None, seconds: Fraction) -> Price:
        """The price of another length, of an estimate that was made for `estimated_s`."""
        if self.unit != "second" or not estimated_s:
            return self
        longer = seconds / estimated_s
        factor = Decimal(longer.numerator) / Decimal(longer.denominator)
        return self._replace(usd=self.usd * factor, low_usd=self.low_usd * factor)


Quotes = tuple[tuple[str, Decimal], ...]
"""(who says so and when, US dollars a unit)."""


class Rate(NamedTuple):
    """What one endpoint takes for a unit, by everybody who says."""

    unit: Unit
    quotes: Quotes
    audio: Quotes = ()
    """With generated sound."""
    voices: Quotes = ()
    """With generated sound and chosen voices."""
    further: Decimal | None = None
    """A megapixel's price from the second one on."""
    references_included: int | None = None
    """Reference pictures that the first megapixel covers; each more is billed as a further megapixel."""
    step_s: Fraction | None = None
    """Seconds are billed in begun steps of this many; None where every second counts by itself."""


class PriceTable:
    """Every known price."""

    def __init__(self, rows: Mapping[str, Rate], day: date) -> None:
        self._rows = rows
        self.date = day
        """The day on which the table was last looked over."""

    @classmethod
    def load(cls, override: Mapping[str, Any] | None = None) -> PriceTable:
        """Reads the table that comes with onmodel, then the production's own rows over it.

        Args:
            override: endpoint to dollars a unit, or to an object `{usd, unit, audio, voices, source}`.

        Raises:
            PlanError: a row of the production cannot be understood.
        """
        raw = json.loads(Path(__file__).with_name("prices.json").read_text("utf-8"))
        rows = {name: _rate_of_table(row, raw["sources"]) for name, row in raw["prices"].items()}
        for name, own in (override or {}).items():
            rows[name] = _rate_of_production(name, own, rows.get(name))
        return cls(rows, date.fromisoformat(raw["date"]))

    def of(self, endpoint: str) -> Rate | None:
        """Everything that is known of an endpoint's price; None where nothing is."""
        return self._rows.get(endpoint)

    def rate(self, endpoint: str) -> str:
        """The price of one unit as people write it, `$0.07/second`; empty where none is known."""
        row = self._rows.get(endpoint)
        return "" if row is None else f"{usd(max(rate for _, rate in row.quotes))}/{row.unit}"

    def estimate(
        self,
        endpoint: str,
        *,
        seconds: Fraction | None = None,
        images: int = 1,
        megapixels: Fraction | None = None,
        audio: bool = False,
        voices: bool = False,
        references: int = 0,
    ) -> Price:
        """What one request will cost.

        Args:
            endpoint: its full name.
            seconds: length bought; needed where the unit is the second.
            images: pictures asked for.
            megapixels: size of each picture; whole ones are billed, and at least one.
            audio: sound is generated too.
            voices: with chosen voices, which costs more again.
            references: pictures sent along; a few endpoints bill them.

        Raises:
            PlanError: no price is known, or it is by the second and no length is given.
        """
        row = self._rows.get(endpoint)
        if row is None:
            raise PlanError(
                f"No price is known for {endpoint}, so nothing can be planned with it.",
                hint=f"Add under `prices:` in {_OWN}: {endpoint}: {{usd: 0.10, unit: second, source: ...}}",
            )
        count = _units(row, endpoint, seconds, images, megapixels)
        further_usd = _further_usd(row, images, megapixels, references)
        quotes = sorted(_quotes(row, audio=audio, voices=voices), key=lambda quote: quote[1])
        (_, low), (who, high) = quotes[0], quotes[-1]
        each = "; ".join(f"{usd(rate)} by {said}" for said, rate in quotes)
        return Price(
            usd=high * count + further_usd,
            low_usd=low * count + further_usd,
            unit=row.unit,
            per_unit=high,
            source=who,
            note="" if high == low else f"{each}; the higher one is reserved",
        )


def _units(
    row: Rate, endpoint: str, seconds: Fraction | None, images: int, megapixels: Fraction | None
) -> Decimal:
    if row.unit == "second":
        if seconds is None:
            raise PlanError(
                f"{endpoint} is billed by the second, and the length of this clip is not known.",
                hint="Give the shot `seconds`, or a motion reference whose length can be read.",
            )
        billed = seconds if row.step_s is None else math.ceil(seconds / row.step_s) * row.step_s
        return Decimal(billed.numerator) / Decimal(billed.denominator)
    if row.unit == "megapixel" and row.further is None:
        return Decimal(images * _whole(megapixels))
    return Decimal(1 if row.unit == "request" else images)


def _further_usd(row: Rate, images: int, megapixels: Fraction | None, references: int) -> Decimal:
    if row.further is None:
        return Decimal(0)
    sent = 0 if row.references_included is None else max(0, references - row.references_included)
    return row.further * images * (_whole(megapixels) - 1 + sent)


def _whole(megapixels: Fraction | None) -> int:
    return max(1, math.ceil(megapixels or 1))


def _quotes(row: Rate, *, audio: bool, voices: bool) -> Quotes:
    if voices:
        return row.voices or row.audio or row.quotes
    return (row.audio or row.quotes) if audio else row.quotes


def _rate_of_table(raw: Mapping[str, Any], sources: Mapping[str, Mapping[str, str]]) -> Rate:
    def quotes(key: str) -> Quotes:
        return tuple(
            (f"{sources[who]['what']}, {sources[who]['date']}", Decimal(rate))
            for who, rate in raw.get(key, ())
        )

    return Rate(
        unit=raw["unit"],
        quotes=quotes("quotes"),
        audio=quotes("audio"),
        voices=quotes("voices"),
        further=Decimal(raw["further"]) if "further" in raw else None,
        references_included=raw.get("references_included"),
        step_s=Fraction(raw["step_s"]) if "step_s" in raw else None,
    )


def _rate_of_production(name: str, own: Any, known: Rate | None) -> Rate:
    """The production's row; what it does not say stays as the table has it."""
    given: Mapping[str, Any] = own if isinstance(own, Mapping) else {"usd": own}
    unit = given.get("unit", known.unit if known else None)
    unknown = sorted(set(given) - set(_OVERRIDE_KEYS))
    who = str(given.get("source", _OWN))
    base = known if known is not None and known.unit == unit else None
    try:
        plain, audio, voices = (
            ((who, _decimal(given[key])),) if key in given else () for key in ("usd", "audio", "voices")
        )
        further = _decimal(given["further"]) if "further" in given else None
    except InvalidOperation:
        plain = ()
    if not plain or unit not in get_args(Unit) or unknown:
        found = f"unknown keys {', '.join(unknown)}" if unknown else repr(own)
        raise PlanError(
            f"{_OWN}: the price of {name} is not understood: {found}.",
            hint=f"Write a number of dollars, or {{usd: 0.10, unit: one of {', '.join(get_args(Unit))}}}.",
        )
    return Rate(
        unit=cast("Unit", unit),
        quotes=plain,
        audio=audio or (base.audio if base else ()),
        voices=voices or (base.voices if base else ()),
        further=further if further is not None else (base.further if base else None),
        references_included=base.references_included if base else None,
    )


def _decimal(value: Any) -> Decimal:
    """A price written as text or number; through `str`, so that a YAML 0.07 stays 0.07.

    Raises:
        InvalidOperation: it is no finite number of at least zero.
    """
    amount = Decimal("NaN") if isinstance(value, bool) else Decimal(str(value))
    if not amount.is_finite() or amount < 0:
        raise InvalidOperation
    return amount
