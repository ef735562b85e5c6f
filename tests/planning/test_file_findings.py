from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from onmodel.endpoints import Catalogue, PriceTable
from onmodel.errors import Finding
from onmodel.planning import Market
from onmodel.planning.file_findings import sheet_file_faults
from onmodel.planning.inputs import read_facts
from onmodel.story import read_story
from onmodel.studio.rehearsal.looks import CharacterLook
from onmodel.studio.rehearsal.painter import paint_sheet
from onmodel.units import Size

BIBLE = """\
bible: 1
name: Mina
kind: %s
looks: a young singer
always: [long black hair]
sheet:
  references: [shown.png]
"""


def shown(faces: int) -> Image.Image:
    look = CharacterLook("mina", "Mina", "human", "a young singer", ("long black hair",), {})
    front = Image.fromarray(paint_sheet(look, "front", "", Size(400, 400), 1))
    picture = Image.new("RGB", (400 * max(1, faces), 400), "#a0b0a0")
    for number in range(faces):
        picture.paste(front, (400 * number, 0))
    return picture


def findings(root: Path, kind: str) -> list[Finding]:
    (root / "characters").mkdir()
    (root / "production.yaml").write_text("production: 1\nname: reel\ntitle: Reel\n", encoding="utf-8")
    (root / "characters/mina.yaml").write_text(BIBLE % kind, encoding="utf-8")
    market = Market(Catalogue.load(), PriceTable.load({}), read_facts)
    return list(sheet_file_faults(read_story(root), ["mina"], market))


@pytest.mark.parametrize(
    ("faces", "kind", "said"),
    [
        (0, "human", ["no face is seen"]),
        (1, "human", []),
        (3, "human", ["3 faces are seen"]),
        (0, "stylised", []),
        (3, "stylised", []),
    ],
)
def test_a_person_needs_one_face_on_a_supplied_picture(
    tmp_path: Path, faces: int, kind: str, said: list[str]
) -> None:
    """A person is recognised by the face: warned of where there is none or several; others need none."""
    shown(faces).save(tmp_path / "shown.png")
    found = findings(tmp_path, kind)
    assert len(found) == len(said)
    for finding, words in zip(found, said, strict=True):
        assert words in finding.message
        assert (finding.severity, finding.place.line) == ("warning", 7)


def test_a_picture_that_breaks_off_is_an_error(tmp_path: Path) -> None:
    """Its header can be read, the rest cannot: told with its place before anything is bought with it."""
    whole = tmp_path / "whole.jpg"
    shown(1).save(whole)
    (tmp_path / "shown.png").write_bytes(whole.read_bytes()[:2000])
    found = findings(tmp_path, "human")
    assert [one.severity for one in found] == ["error"]
    assert found[0].message.startswith("shown.png: the picture breaks off")
