"""Make the fonts of cards and captions from Noto Sans: fewer letters, a few signs more, and plain kerning.

    python tools/make_fonts.py FOLDER_WITH_NOTO

The folder has `NotoSans-*.ttf`, `NotoSansSymbols-*.ttf`, `NotoSansSymbols2-Regular.ttf` and
`NotoSansMath-Regular.ttf`, as Debian's package fonts-noto-core has them.

Pillow without an extra library sets letters one beside the other and reads only the old `kern` table, which
Noto Sans does not have: the pairs of its GPOS table are written out for the letters that are set most.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any, Final

from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont, newTable
from fontTools.ttLib.tables._k_e_r_n import KernTable_format_0

FAMILY: Final = "onmodel Sans"
INTO: Final = Path(__file__).parents[1] / "src" / "onmodel" / "post" / "fonts"

COVERED: Final = (
    (0x20, 0x7E),  # basic Latin
    (0xA0, 0x2FF),  # Latin-1, Latin extended A and B, phonetic letters, modifiers
    (0x370, 0x52F),  # Greek and Cyrillic
    (0x1C80, 0x1C8F),
    (0x1D00, 0x1DBF),
    (0x1E00, 0x1FFF),  # Latin additional, polytonic Greek
    (0x2000, 0x209F),  # punctuation, superscripts
    (0x20A0, 0x20BF),  # currencies
    (0x2100, 0x218F),
    (0x2C60, 0x2C7F),
    (0x2DE0, 0x2DFF),
    (0xA640, 0xA69F),
    (0xA720, 0xA7FF),
    (0xAB30, 0xAB6F),
)
KERNED: Final = (
    *((0x20, 0x7E), (0xA0, 0x17F), (0x218, 0x21B)),
    *((0x386, 0x3CE), (0x400, 0x45F), (0x490, 0x491), (0x2013, 0x2026)),
)
SIGNS: Final = {
    "NotoSansSymbols-{weight}.ttf": "♩♪♫♬♭♯←↑→↓↔",
    "NotoSansMath-Regular.ttf": "−≈≠≤≥∞√",
    "NotoSansSymbols2-Regular.ttf": "★☆✓✗●■▲▼♥♦♣♠",
}


def main(source: Path) -> None:
    """Make both weights."""
    INTO.mkdir(exist_ok=True)
    for weight in ("Regular", "Bold"):
        font = TTFont(source / f"NotoSans-{weight}.ttf")
        pairs = dict(_kerning(font))
        _reduce(font)
        for name, signs in SIGNS.items():
            donor = TTFont(source / name.format(weight=weight))
            for sign in signs:
                _borrow(font, donor, sign)
        _write_kerning(font, pairs)
        _rename(font, weight)
        font["head"].modified = font["head"].created  # the same bytes whenever it is made
        font.recalcTimestamp = False
        into = INTO / f"onmodel-sans-{weight.lower()}.ttf"
        font.save(into)
        print(f"{into.name}: {into.stat().st_size} bytes, {len(font.getBestCmap())} characters")


def _kerning(font: Any) -> Iterator[tuple[tuple[str, str], int]]:
    """The pairs that GPOS kerns, of the letters that are set most; the first rule that has a pair wins."""
    cmap = font.getBestCmap()
    wanted = {cmap[one] for first, last in KERNED for one in range(first, last + 1) if one in cmap}
    table = font["GPOS"].table
    records = table.FeatureList.FeatureRecord
    lookups = {index for one in records if one.FeatureTag == "kern" for index in one.Feature.LookupListIndex}
    seen: set[tuple[str, str]] = set()
    for index in sorted(lookups):
        for sub in table.LookupList.Lookup[index].SubTable:
            if type(sub).__name__ != "PairPos":
                continue  # what depends on further letters, a table of pairs cannot say
            for pair, value in _pairs(sub, wanted):
                if pair not in seen:
                    seen.add(pair)
                    if value:
                        yield pair, value


def _pairs(sub: Any, wanted: set[str]) -> Iterator[tuple[tuple[str, str], int]]:
    covered = [name for name in sub.Coverage.glyphs if name in wanted]
    if sub.Format == 1:
        for name in covered:
            for record in sub.PairSet[sub.Coverage.glyphs.index(name)].PairValueRecord:
                if record.SecondGlyph in wanted:
                    yield (name, record.SecondGlyph), _advance(record.Value1)
        return
    for left, right in product(covered, sorted(wanted)):
        row = sub.Class1Record[sub.ClassDef1.classDefs.get(left, 0)]
        record = row.Class2Record[sub.ClassDef2.classDefs.get(right, 0)]
        # A rule for "any other letter" of no value does not hide a later one.
        if value := _advance(record.Value1):
            yield (left, right), value


def _advance(value: Any) -> int:
    return int(getattr(value, "XAdvance", 0) or 0) if value else 0


def _reduce(font: Any) -> None:
    options = Options()
    options.hinting = False
    options.layout_features = []
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    options.glyph_names = False
    options.notdef_outline = True
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=[one for first, last in COVERED for one in range(first, last + 1)])
    subsetter.subset(font)


def _borrow(font: Any, donor: Any, sign: str) -> None:
    """Take one glyph over from a font with the same units."""
    taken = donor.getBestCmap()[ord(sign)]
    name = f"u{ord(sign):04X}"
    recording = DecomposingRecordingPen(donor.getGlyphSet())
    donor.getGlyphSet()[taken].draw(recording)
    pen = TTGlyphPen(None)
    recording.replay(pen)
    font["glyf"][name] = pen.glyph()
    font["hmtx"][name] = donor["hmtx"][taken]
    for table in font["cmap"].tables:
        if table.isUnicode():
            table.cmap[ord(sign)] = name


def _write_kerning(font: Any, pairs: dict[tuple[str, str], int]) -> None:
    table = newTable("kern")
    table.version = 0
    there = set(font.getGlyphOrder())
    part = KernTable_format_0()
    part.coverage, part.apple, part.tupleIndex = 1, False, None
    part.kernTable = {pair: value for pair, value in pairs.items() if there.issuperset(pair)}
    table.kernTables = [part]
    font["kern"] = table


def _rename(font: Any, weight: str) -> None:
    """A name of its own: Noto is a trademark, and these are not the letters that it stands for."""
    names = {
        1: FAMILY,
        2: weight,
        3: f"1.0;{FAMILY} {weight}",
        4: f"{FAMILY} {weight}",
        6: f"onmodelSans-{weight}",
    }
    for number, text in names.items():
        font["name"].setName(text, number, 3, 1, 0x409)
    font["name"].setName("Version 1.0; from Noto Sans 2.004", 5, 3, 1, 0x409)
    font["name"].names = [one for one in font["name"].names if one.platformID == 3]  # noqa: PLR2004 (Windows, which all read)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
