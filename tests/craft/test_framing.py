from __future__ import annotations

from fractions import Fraction

import pytest

from onmodel.craft.framing import crop_for, framing_phrase, framing_table, ratios_for


@pytest.mark.parametrize(
    ("subject", "ratios"),
    [
        ("one person, full body", ("9:16",)),
        ("one person, face", ("1:1", "9:16")),
        ("several people", ("16:9",)),
        ("product", ("1:1",)),
        ("landscape", ("16:9",)),
        ("tall architecture", ("9:16",)),
        ("action", ("16:9",)),
        ("youtube", ("16:9",)),
        ("TikTok", ("9:16",)),
        ("Instagram feed", ("1:1", "4:5")),
        ("X", ("16:9", "1:1")),
        ("cinema", ("16:9",)),
        ("a shoe box", ()),
    ],
)
def test_a_subject_or_a_platform_has_its_ratios(subject: str, ratios: tuple[str, ...]) -> None:
    """The guide's two trees, in any case; what is not in them has none."""
    assert ratios_for(subject) == ratios


@pytest.mark.parametrize(
    ("ratio", "size", "said"),
    [
        ("16:9", "close-up", "filling the frame horizontally"),
        ("9:16", "ecu", "tight portrait framing, the face fills the vertical frame"),
        ("9:16", "full body", "head to toe visible"),
        ("1:1", "medium shot", "centered in frame, equal space on all sides"),
        ("16:9", "wide", ""),
        ("16:9", None, ""),
        ("21:9", "close-up", ""),
        ("9:16", "no such size", ""),
    ],
)
def test_a_size_is_framed_for_its_ratio(ratio: str, size: str | None, said: str) -> None:
    """By any name of the size; nothing where the ratio shows it by itself."""
    assert framing_phrase(ratio, size) == said


def test_four_by_five_is_cut_out_of_upright() -> None:
    """Filmed in 9:16, 45/64 of the height stays: 720x1280 becomes 720x900."""
    crop = crop_for("4:5")
    assert crop is not None
    assert (crop.of, crop.height) == ("9:16", Fraction(45, 64))
    assert 1280 * crop.height == 900
    assert crop_for("16:9") is None


def test_every_ratio_of_the_trees_can_be_made() -> None:
    """Filmed as it is, or cut out of one that is filmed."""
    table = framing_table()
    named = {
        ratio for tree in ("subjects", "platforms") for ratios in table[tree].values() for ratio in ratios
    }
    assert named <= {*table["ratios"], *table["crops"]}
