from __future__ import annotations

import json
from decimal import Decimal
from fractions import Fraction
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onmodel.endpoints import Catalogue, PriceTable
from onmodel.errors import PlanError

KLING = "fal-ai/kling-video/"
TABLE = PriceTable.load()
FIVE = Fraction(5)


@pytest.mark.parametrize(
    ("name", "price"),
    [
        ("v2.6/standard/motion-control", "0.35"),
        ("v2.6/pro/motion-control", "0.56"),
        ("v2.5-turbo/pro/text-to-video", "0.35"),
        ("v2.5-turbo/standard/image-to-video", "0.21"),
        ("v2.1/pro/image-to-video", "0.49"),
        ("v2.1/master/image-to-video", "1.40"),
        ("v2.1/standard/image-to-video", "0.28"),
        ("v2.6/pro/image-to-video", "0.35"),
        ("o1/video-to-video/edit", "0.84"),
        ("o1/image-to-video", "0.56"),
        ("o1/standard/image-to-video", "0.42"),
        ("o3/pro/video-to-video/edit", "1.68"),
    ],
)
def test_five_seconds_cost_what_the_sources_say(name: str, price: str) -> None:
    """Each row of the price tables of 2026-01 and 2026-11, the higher one where they differ."""
    assert TABLE.estimate(KLING + name, seconds=FIVE).usd == Decimal(price)


def test_where_sources_disagree_the_higher_price_is_reserved_and_both_are_said() -> None:
    """v2.1/pro is 0.07 in the guide and 0.098 on fal's page: 0.098 is used, the note has both."""
    price = TABLE.estimate(KLING + "v2.1/pro/image-to-video", seconds=FIVE)
    assert (price.low_usd, price.usd, price.per_unit) == (Decimal("0.35"), Decimal("0.490"), Decimal("0.098"))
    assert "$0.07 by the guide" in price.note
    assert "$0.098 by fal.ai" in price.note
    assert "fal.ai" in price.source


def test_where_sources_agree_there_is_nothing_to_say() -> None:
    """v2.5-turbo/pro costs the same by both, and its note is empty."""
    price = TABLE.estimate(KLING + "v2.5-turbo/pro/text-to-video", seconds=FIVE)
    assert price.low_usd == price.usd
    assert price.note == ""


def test_sound_and_voices_cost_more() -> None:
    """v2.6/pro: 0.07 silent, 0.14 with sound, 0.168 with voices, a second."""
    name = KLING + "v2.6/pro/image-to-video"
    assert TABLE.estimate(name, seconds=FIVE, audio=True).usd == Decimal("0.70")
    assert TABLE.estimate(name, seconds=FIVE, audio=True, voices=True).usd == Decimal("0.84")


def test_stills_are_billed_by_the_image_or_by_whole_megapixels() -> None:
    """Kontext is flat; flux/dev bills each begun megapixel."""
    assert TABLE.estimate("fal-ai/flux-pro/kontext", images=2, megapixels=Fraction(3)).usd == Decimal("0.08")
    assert TABLE.estimate("fal-ai/flux/dev").usd == Decimal("0.025")
    small = TABLE.estimate("fal-ai/flux/dev", megapixels=Fraction(1280 * 720, 1024 * 1024))
    large = TABLE.estimate("fal-ai/flux/dev", megapixels=Fraction(11, 10))
    assert (small.usd, large.usd) == (Decimal("0.025"), Decimal("0.050"))


def test_flux_2_bills_further_megapixels_and_references() -> None:
    """An edit with three references and two megapixels: one, one more, and two references beyond one."""
    price = TABLE.estimate("fal-ai/flux-2-pro/edit", megapixels=Fraction(2), references=3)
    assert price.usd == Decimal("0.045") + 3 * Decimal("0.015")
    assert TABLE.estimate("fal-ai/flux-2-pro", references=3).usd == Decimal("0.03")


def test_seconds_that_are_billed_in_steps_are_rounded_up() -> None:
    """Lip movements are billed in begun steps of 5 s: 3 s cost as much as 5, and 6 as much as 10."""
    name = KLING + "lipsync/audio-to-video"
    costs = [TABLE.estimate(name, seconds=Fraction(length)).usd for length in (3, 5, 6)]
    assert costs == [Decimal("0.070"), Decimal("0.070"), Decimal("0.140")]


def test_every_source_is_dated_and_every_quote_has_one() -> None:
    """Who says a price, and when, stands beside each figure."""
    for name in Catalogue.load().names():
        rate = TABLE.of(name)
        for who, usd in (*rate.quotes, *rate.audio, *rate.voices) if rate else ():
            assert ", 2026" in who, name
            assert usd > 0, name


def test_an_endpoint_without_a_price_is_never_free() -> None:
    """No row means no plan, and the hint is a row to copy."""
    with pytest.raises(PlanError) as caught:
        TABLE.estimate(KLING + "create-voice", seconds=FIVE)
    assert "production.yaml" in caught.value.hint
    assert "unit: second" in caught.value.hint


def test_a_clip_of_unknown_length_has_no_price() -> None:
    """By the second, without seconds, is an error and not zero."""
    with pytest.raises(PlanError, match="by the second"):
        TABLE.estimate(KLING + "v2.1/pro/image-to-video")


@pytest.mark.parametrize("own", ["0.08", 0.08, {"usd": 0.08}, {"usd": "0.08", "unit": "second"}])
def test_a_production_overrides_a_row(own: Any) -> None:
    """A number or an object; a YAML float stays the decimal that was written."""
    name = KLING + "v2.1/pro/image-to-video"
    price = PriceTable.load({name: own}).estimate(name, seconds=FIVE)
    assert (price.usd, price.low_usd) == (Decimal("0.40"), Decimal("0.40"))
    assert price.source == "production.yaml"


def test_an_override_keeps_what_it_does_not_say() -> None:
    """Changing the silent price of v2.6 does not make its sound cheaper."""
    name = KLING + "v2.6/pro/image-to-video"
    price = PriceTable.load({name: 0.05}).estimate(name, seconds=FIVE, audio=True)
    assert price.usd == Decimal("0.70")


def test_a_production_prices_its_own_endpoint() -> None:
    """A new endpoint needs its unit, and is then priced like the others."""
    own = PriceTable.load({"acme/film": {"usd": "1.5", "unit": "request", "source": "our contract"}})
    price = own.estimate("acme/film", seconds=FIVE)
    assert (price.usd, price.unit, price.source) == (Decimal("1.5"), "request", "our contract")


@pytest.mark.parametrize(
    "own",
    [
        "cheap",
        -1,
        True,
        None,
        {},
        "NaN",
        {"usd": 1, "unit": "hour"},
        {"usd": 1, "per": "second"},
        {"usd": 1, "audio": "x"},
        [],
    ],
)
def test_a_row_that_is_not_understood_is_refused(own: Any) -> None:
    """Nonsense in `prices:` is a PlanError that names the endpoint."""
    with pytest.raises(PlanError, match=r"v2\.1/pro/image-to-video"):
        PriceTable.load({KLING + "v2.1/pro/image-to-video": own})


def test_a_new_endpoint_without_a_unit_is_refused() -> None:
    """Dollars of what is never guessed."""
    with pytest.raises(PlanError, match="acme/film"):
        PriceTable.load({"acme/film": 1})


def test_the_table_is_dated_and_prices_only_endpoints_that_exist(catalogue: Catalogue) -> None:
    """Every estimate can print a date, and no row is for an endpoint that cannot be asked."""
    assert TABLE.date.year >= 2026
    rows = json.loads(files("onmodel.endpoints").joinpath("prices.json").read_text("utf-8"))["prices"]
    assert [name for name in catalogue.names() if TABLE.rate(name)] == sorted(rows)


@given(seconds=st.fractions(min_value=0, max_value=60, max_denominator=100))
def test_prices_grow_with_the_seconds_and_never_undercut_the_lowest_source(seconds: Fraction) -> None:
    """A longer clip never costs less, and the reserved amount covers every source."""
    name = KLING + "v2.1/master/image-to-video"
    now, later = (TABLE.estimate(name, seconds=length) for length in (seconds, seconds + 1))
    assert now.low_usd <= now.usd < later.usd
