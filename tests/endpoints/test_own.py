from __future__ import annotations

from contextlib import suppress
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onmodel.endpoints import Catalogue, Need, PriceTable, choose
from onmodel.endpoints.own import read_own
from onmodel.errors import StoryError

KLING = "fal-ai/kling-video/"

FILM = """\
catalogue: 1
endpoints:
  acme/film:
    kind: image-to-video
    fields:
      prompt: {type: string, required: true}
      picture: {type: string, format: file-url, required: true}
      duration: {type: string, enum: ["4", "8"], default: "4"}
    roles: {first_frame: picture}
    price: {usd: 0.05, unit: second, source: "acme, 2026-11"}
"""


def load(folder: Path, text: str, name: str = "acme.yaml") -> Catalogue:
    """The catalogue of a production with one file of its own."""
    (folder / "endpoints").mkdir(exist_ok=True)
    (folder / "endpoints" / name).write_text(text, encoding="utf-8")
    return Catalogue.load(folder / "endpoints")


def findings(folder: Path, text: str, name: str = "acme.yaml") -> list[str]:
    with pytest.raises(StoryError) as caught:
        load(folder, text, name)
    return [str(finding) for finding in caught.value.findings]


def test_a_data_file_adds_an_endpoint_that_is_chosen_and_priced_like_the_others(tmp_path: Path) -> None:
    """No code: a pinned shot is filmed by it, at its own length and price."""
    catalogue = load(tmp_path, FILM)
    need = Need("shoot", has_start_image=True, seconds=Fraction(5), pinned="acme/film")
    choice = choose(need, catalogue)
    price = PriceTable.load(catalogue.own_prices).estimate("acme/film", seconds=choice.seconds_bought)
    assert (choice.seconds_bought, price.usd, price.source) == (8, Decimal("0.40"), "acme, 2026-11")


def test_json_is_read_as_well(tmp_path: Path) -> None:
    """A file that ends in .json says the same in its own way."""
    text = '{"catalogue": 1, "endpoints": {"a/b": {"kind": "voice", "fields": {"x": {"type": "string"}}}}}'
    assert load(tmp_path, text, "a.json").get("a/b").kind == "voice"


def test_a_file_corrects_single_keys_of_a_known_endpoint(tmp_path: Path) -> None:
    """What it does not say stays as it comes with onmodel."""
    name = KLING + "v2.1/pro/image-to-video"
    catalogue = load(tmp_path, f"catalogue: 1\nendpoints:\n  {name}: {{tier: draft}}\n")
    assert (catalogue.get(name).tier, catalogue.get(name).last_frame) == ("draft", "tail_image_url")


def test_no_folder_is_no_fault(tmp_path: Path) -> None:
    """A production needs no endpoints of its own."""
    assert len(Catalogue.load(tmp_path / "endpoints").names()) == 82


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("image-to-video", "image-to-vidio", "4:11: 'image-to-vidio' is no kind of endpoint. Did you mean"),
        ('["4", "8"]', '["4", long]', "8:44: 'long' is no length in seconds"),
        ('default: "4"', 'default: "5"', "8:59: the default '5' is not one of 4, 8."),
        ('["4", "8"]', "[4, 8]", "8:39: 4 is no string. Put texts in quotes."),
        ('["4", "8"]', "$lengths", "8:38: '$lengths' is not in `enums`"),
        (
            "first_frame: picture",
            "first_frame: image",
            "9:26: there is no field 'image'; the fields are: prompt",
        ),
        (
            "first_frame: picture",
            "frist_frame: picture",
            "'frist_frame' is no role. Did you mean 'first_frame'?",
        ),
        ("roles: {first_frame: picture}", "notes: x", "4:11: image-to-video needs a first frame"),
        (
            "required: true}\n      picture",
            "max_items: 3}\n      picture",
            "'max_items' is for a field of type array",
        ),
        ("usd: 0.05", "eur: 0.05", "10:13: unknown key 'eur'; allowed: usd, unit, source"),
        ("usd: 0.05", 'usd: "€0.05"', "10:18: found '€0.05' for 'usd': a number is wanted"),
        (
            "unit: second",
            "unit: hour",
            "found 'hour' for 'unit'; allowed: second, image, megapixel, request.",
        ),
        ("type: string, required", "type: strin, required", "6:22: found 'strin' for 'type'"),
        ("catalogue: 1", "catalogue: 2", "1:12: "),
        (
            "    roles",
            "    limits: {prompt: {min_s: 3, max_s: 2}}\n    roles",
            "9:30: the least, 3, is over the most, 2.",
        ),
        ("    roles", "    limits: {clip: {max_s: 2}}\n    roles", "there is no field 'clip' to limit"),
        ("image-to-video\n", "motion-control\n", "motion-control needs a motion reference"),
    ],
)
def test_a_file_that_contradicts_itself_is_told_at_its_place(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    """File, line and column of every fault, what is allowed, and the nearest word."""
    assert old in FILM
    found = findings(tmp_path, FILM.replace(old, new, 1))
    assert any(one.startswith("endpoints/acme.yaml:") and said in one for one in found), found


def test_all_faults_come_at_once(tmp_path: Path) -> None:
    """Two entries, two faults, one run."""
    text = "catalogue: 1\nendpoints:\n  a/b: {fields: {x: {type: string}}}\n  c/d: {kind: voice}\n"
    found = findings(tmp_path, text)
    assert [one.split(":")[1] for one in found] == ["3", "4"]


def test_the_same_endpoint_in_two_files_is_a_fault(tmp_path: Path) -> None:
    """Nobody has to guess which file wins."""
    load(tmp_path, FILM)
    (found,) = findings(tmp_path, FILM, "b.yaml")
    assert "stands in two files" in found
    assert "endpoints/acme.yaml:3" in found


@pytest.mark.parametrize(
    "text", ["", "[]", "{", "3", "catalogue: 1\n", "catalogue: 1\nendpoints: {}\n", "\t"]
)
def test_a_file_of_another_kind_is_told_with_its_name(tmp_path: Path, text: str) -> None:
    """Whatever it holds, nothing but findings comes out."""
    assert all(one.startswith("endpoints/acme.yaml") for one in findings(tmp_path, text))


def test_bytes_that_are_no_text_are_told(tmp_path: Path) -> None:
    """A file in another encoding is named."""
    (tmp_path / "endpoints").mkdir()
    (tmp_path / "endpoints" / "a.yaml").write_bytes(b"\xff")
    with pytest.raises(StoryError, match=r"endpoints/a\.yaml: cannot be read"):
        Catalogue.load(tmp_path / "endpoints")


@given(text=st.text(max_size=80))
def test_any_text_is_an_endpoint_or_a_finding(text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A damaged file raises nothing but a StoryError."""
    folder = tmp_path_factory.mktemp("own")
    (folder / "a.yaml").write_text(FILM + text, encoding="utf-8", newline="")
    with suppress(StoryError):
        assert set(read_own(folder, {}, {}).entries) >= {"acme/film"}
