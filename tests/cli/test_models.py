from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import pytest

from onmodel.studio.price_list import ListedPrice


class Outcome(NamedTuple):
    """What a command line came to."""

    code: int
    out: str
    err: str


OnModel = Callable[..., Outcome]

KLING = "fal-ai/kling-video/"


def test_the_list_shows_what_matches_and_says_how_to_see_more(onmodel: OnModel) -> None:
    """Words narrow the list by name, kind, tier and ability; prices and their date stand beside."""
    done = onmodel("models", "motion-control")
    assert (done.code, len(done.out.splitlines())) == (0, 5)
    assert KLING + "v2.6/standard/motion-control" in done.out
    assert "$0.07/second" in done.out
    assert "onmodel models show" in done.out
    assert "v1.5/pro/image-to-video" in onmodel("models", "still", "mask").out


def test_nothing_found_is_an_error_with_the_next_command(onmodel: OnModel) -> None:
    """A word that nothing has."""
    done = onmodel("models", "zeppelin")
    assert done.code == 1
    assert "zeppelin" in done.err
    assert "onmodel models" in done.err


def test_one_model_is_shown_with_all_that_it_takes(onmodel: OnModel) -> None:
    """Fields, limits, prices with their sources, when it is chosen, and where the guide says otherwise."""
    done = onmodel("models", "show", "o1/video-to-video/edit")
    assert done.code == 0
    for said in (
        "$0.168 by the guide's price table, 2026-01-26",
        "a style pass",
        "at most 200 MB",
        "3 to 10.05 s",
        "takes no duration",
        "image_urls instead of input_image_urls",
    ):
        assert said in " ".join(done.out.split()), said


def test_a_model_as_json_has_every_value(onmodel: OnModel) -> None:
    """What a line abridges, JSON has whole."""
    shown = json.loads(onmodel("models", "show", KLING + "v1.6/pro/effects", "--json").out)
    assert len(shown["fields"]["effect_scene"]["enum"]) == 197
    assert shown["roles"]["effect"] == "effect_scene"
    listed = json.loads(onmodel("models", "--json").out)
    assert len(listed["models"]) == 82


def test_a_misspelt_model_gets_the_nearest(onmodel: OnModel) -> None:
    """The name that was meant is in the hint."""
    done = onmodel("models", "show", "v2.6/pro/image2video")
    assert done.code == 1
    assert KLING + "v2.6/pro/image-to-video" in done.err


def test_a_productions_own_endpoint_is_listed_checked_and_priced(onmodel: OnModel, production: Path) -> None:
    """A data file is all it takes; when it contradicts itself, `check` says where, and nothing else runs."""
    folder = production / "endpoints"
    folder.mkdir()
    entry = (
        'kind: text-to-video, fields: {prompt: {type: string}}, price: {usd: 1, unit: request, source: "x"}'
    )
    (folder / "acme.yaml").write_text(f"catalogue: 1\nendpoints:\n  acme/film: {{{entry}}}\n")
    assert "$1.00/request" in onmodel("models", "acme").out
    assert onmodel("check").code == 0
    (folder / "acme.yaml").write_text("catalogue: 1\nendpoints:\n  acme/film: {kind: film}\n")
    for command in (("check",), ("models",), ("plan", "s01e01")):
        done = onmodel(*command)
        assert done.code == 1
        assert "endpoints/acme.yaml:3:" in done.err + done.out
    found = json.loads(onmodel("check", "--json").out)
    assert found["findings"][0]["file"] == "endpoints/acme.yaml"


def test_a_price_in_another_currency_is_told_at_its_place(onmodel: OnModel, production: Path) -> None:
    """Prices are in US dollars; whatever else is written is an error of that line, and never a request."""
    page = production / "production.yaml"
    text = page.read_text()
    line = len(text.splitlines()) + 2
    for written in ("eur: 0.02", "usd: 0.02 EUR", 'usd: "€0.02"', "usd: 0.02, currency: EUR"):
        page.write_text(
            f"{text.rstrip()}\nprices:\n  fal-ai/flux/dev: {{{written}, unit: image, source: x}}\n"
        )
        done = onmodel("plan", "s01e01")
        assert done.code == 1, written
        assert f"production.yaml:{line}:" in done.err, written


def test_prices_have_sources_and_both_figures_where_they_disagree(onmodel: OnModel) -> None:
    """v2.1/pro is 0.07 by one and 0.098 by the other."""
    done = onmodel("prices", "v2.1/pro")
    assert "$0.07 or $0.098" in done.out
    assert "fal.ai's own model page, 2026-11" in done.out
    rows = json.loads(onmodel("prices", "v2.6/pro/image", "--json").out)["prices"]
    assert rows[0]["price"]["voices"][0]["usd"] == "0.168"


def test_refresh_needs_a_key(onmodel: OnModel) -> None:
    """Without one nothing is asked, and the message says so."""
    done = onmodel("prices", "--refresh")
    assert done.code == 1
    assert "FAL_KEY" in done.err


def test_refresh_says_what_differs_and_changes_nothing(
    onmodel: OnModel, production: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Differences come as lines to paste; another currency is named and never pasted."""
    listed = {
        "fal-ai/flux/dev": ListedPrice("fal-ai/flux/dev", Decimal("0.03"), "USD", "megapixels"),
        "fal-ai/flux/schnell": ListedPrice("fal-ai/flux/schnell", Decimal("0.003"), "USD", "megapixels"),
        "fal-ai/flux-2": ListedPrice("fal-ai/flux-2", Decimal("0.01"), "EUR", "megapixels"),
    }

    def answer(key: str, names: Sequence[str]) -> dict[str, ListedPrice]:
        assert key == "k"
        return {name: price for name, price in listed.items() if name in names}

    monkeypatch.setattr("onmodel.cli.price_list.fetch_prices", answer)
    monkeypatch.setenv("FAL_KEY", "k")
    before = (production / "production.yaml").read_bytes()
    done = onmodel("prices", "flux", "--refresh")
    assert (production / "production.yaml").read_bytes() == before
    assert "  fal-ai/flux/dev: {usd: 0.03, unit: megapixel, source:" in done.out
    assert "schnell" not in done.out
    assert "0.01 EUR; prices here are in US dollars" in done.err
    pasted = done.out[done.out.index("prices:\n") :]
    (production / "production.yaml").write_bytes(before + b"\n" + pasted.encode())
    assert "$0.03/megapixel" in onmodel("models", "fal-ai/flux/dev").out
