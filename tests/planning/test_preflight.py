from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from onmodel.errors import Finding, StoryError
from onmodel.planning.inputs import read_facts

HTML = b"<!doctype html><html><body>Please sign in</body></html>"


def findings(desk: Any) -> list[Finding]:
    """What is wrong with the episode; nothing may have been asked for by then."""
    with pytest.raises(StoryError) as caught:
        desk.plan()
    assert desk.vault.journal.jobs() == []
    return caught.value.findings


def line_of(desk: Any, text: str, file: str = "episodes/s01e01.yaml") -> int:
    """The line, from 1, in which a text stands."""
    lines = (desk.root / file).read_text().splitlines()
    return next(number for number, line in enumerate(lines, 1) if text in line)


def motion(desk: Any, name: str, more: str = "") -> None:
    """Let the first shot move like a reference clip."""
    (desk.root / name).write_bytes(name.encode())
    desk.change("episode", "    action: it blinks\n", f"    motion: {{reference: {name}{more}}}\n")
    desk.change("episode", "restyle: {shot: s010,", "restyle: {shot: s020,")


def test_an_unknown_endpoint_names_its_place_and_the_nearest(desk: Any) -> None:
    """A typing error in a pinned endpoint is found before anything is bought."""
    pinned = "    endpoint: fal-ai/kling-video/v2.1/pro/image-to-vido\n    setting: a street\n"
    desk.change("episode", "    setting: a street\n", pinned)
    (found,) = findings(desk)
    assert (found.place.file, found.place.line) == ("episodes/s01e01.yaml", line_of(desk, "endpoint:"))
    assert found.place.column == 15
    assert "image-to-vido" in found.message
    assert "fal-ai/kling-video/v2.1/pro/image-to-video" in found.hint


def test_an_endpoint_that_cannot_do_it_says_which_can(desk: Any) -> None:
    """A pinned endpoint for words only, in a shot with a first frame: its place, why, and others."""
    pinned = "    endpoint: fal-ai/kling-video/v2.5-turbo/pro/text-to-video\n    setting: a street\n"
    desk.change("episode", "    setting: a street\n", pinned)
    (found,) = findings(desk)
    assert found.place.line == line_of(desk, "endpoint:")
    assert "cannot film this shot from a picture" in found.message
    assert found.hint.startswith("These can: ")


@pytest.mark.parametrize("key", ["first_frame", "last_frame"])
def test_a_page_in_place_of_a_picture_is_found_at_its_key(desk: Any, key: str) -> None:
    """An HTML page that was saved as a picture: one finding, at the key that names it."""
    (desk.root / "ref.png").write_bytes(HTML)
    desk.facts = read_facts
    desk.change("episode", "    setting: a street\n", f"    {key}: ref.png\n    setting: a street\n")
    (found,) = findings(desk)
    assert (found.place.line, found.place.column) == (line_of(desk, f"{key}:"), len(key) + 7)
    assert "ref.png" in found.message
    assert "HTML" in found.message


def test_a_page_in_place_of_a_supplied_sheet_picture(desk: Any) -> None:
    """The bible's own line is named, once, though several shots need the character."""
    (desk.root / "ref.png").write_bytes(HTML)
    desk.facts = read_facts
    desk.change("pip", "sheet: {views: [front, profile]}", "sheet:\n  references:\n    - ref.png")
    (found,) = findings(desk)
    assert (found.place.file, found.place.line) == (
        "characters/pip.yaml",
        line_of(desk, "- ref.png", found.place.file),
    )


def test_one_broken_file_is_told_once(desk: Any) -> None:
    """A motion reference that is a page breaks its shot and the style pass of it: one finding, one place."""
    desk.facts = read_facts
    (desk.root / "sway.mp4").write_bytes(HTML)
    desk.change("episode", "    action: it blinks\n", "    motion: {reference: sway.mp4}\n")
    (found,) = findings(desk)
    assert found.place.line == line_of(desk, "motion:")


def test_a_clip_is_no_first_frame_and_a_picture_no_motion(desk: Any) -> None:
    """Each file is of the kind that its key wants; both faults are told at once."""
    (desk.root / "clip-5s.mp4").write_bytes(b"clip")
    (desk.root / "still.png").write_bytes(b"still")
    desk.change("episode", "    action: it blinks\n", "    motion: {reference: still.png}\n")
    desk.change("episode", "    setting: a street\n", "    first_frame: clip-5s.mp4\n    setting: a street\n")
    first, second = findings(desk)
    assert "'still.png' is a picture, and a clip is wanted" in first.message
    assert "'clip-5s.mp4' is a clip, and a picture is wanted" in second.message


@pytest.mark.parametrize(
    ("name", "more", "allowed"),
    [
        ("sway-40s.mp4", "", "2 to 30 s with orientation video"),
        ("sway-1s.mp4", "", "2 to 30 s with orientation video"),
        ("sway-12s.mp4", ", orientation: image", "2 to 10 s with orientation image"),
    ],
)
def test_a_motion_reference_of_a_wrong_length(desk: Any, name: str, more: str, allowed: str) -> None:
    """What it has, what is allowed, and the line of the reference."""
    motion(desk, name, more)
    (found,) = findings(desk)
    assert found.place.line == line_of(desk, "reference:")
    assert f"is {name[5:-5]} s long" in found.message
    assert allowed in found.message


@pytest.mark.parametrize(
    ("old", "new", "at"),
    [
        ("    seconds: 4\n", "    seconds: 2\n    join: {crossfade: 3}\n", "crossfade: 3"),
        ("keep: [its movement]}\n", "keep: [its movement]}\n    join: {crossfade: 0.5}\n", "crossfade: 0.5"),
    ],
)
def test_a_crossfade_that_does_not_fit(desk: Any, old: str, new: str, at: str) -> None:
    """Longer than its shots, or after the last one: found before anything is bought, at the join."""
    desk.change("episode", old, new)
    (found,) = findings(desk)
    assert found.place.line == line_of(desk, at)
    assert "crossfade" in found.message
    assert found.hint


def test_an_endpoint_without_a_price(desk: Any) -> None:
    """What is not priced is not bought: the message says how to give it one."""
    desk.change("episode", "look: pencil", f"look: pencil}}\n    endpoint: {_unpriced()}\n    avoid: [x")
    desk.change("episode", "avoid: [x, keep: [its movement]}", "avoid: [x]")
    (found,) = findings(desk)
    assert found.place.line == line_of(desk, "endpoint:")
    assert "price" in found.message
    assert "prices" in found.hint


def _unpriced() -> str:
    """An endpoint of the catalogue that edits a clip, and for which no source names a price."""
    from onmodel.endpoints import Catalogue, PriceTable  # noqa: PLC0415 - only here
    from onmodel.errors import PlanError  # noqa: PLC0415 - only here

    for name in Catalogue.load().of_kind("video-edit"):
        try:
            PriceTable.load({}).estimate(name, seconds=Fraction(5))
        except PlanError:
            return name
    pytest.skip("every endpoint has a price")


def test_an_odd_camera_word_is_a_warning(desk: Any) -> None:
    """It is said, at its place, and nothing stops."""
    desk.change("episode", "move: dolly in", "move: dolly inn")
    assert desk.plan().base_usd > 0


def test_every_fault_is_told_at_once(desk: Any) -> None:
    """A wrong endpoint, a wrong file and a wrong length in one run."""
    motion(desk, "sway-40s.mp4")
    (desk.root / "clip-5s.mp4").write_bytes(b"clip")
    desk.change("episode", "    setting: a street\n", "    last_frame: clip-5s.mp4\n    setting: a street\n")
    desk.change("episode", "look: pencil", "look: pencil}\n    endpoint: nobody/knows/it\n    avoid: [x")
    desk.change("episode", "avoid: [x, keep: [its movement]}", "avoid: [x]")
    places = [found.place.line for found in findings(desk)]
    assert places == sorted(places)
    assert len(places) == 3


def test_facts_of_a_real_picture(tmp_path: Path) -> None:
    """Kind, size and digest are the file's own."""
    from PIL import Image  # noqa: PLC0415 - only here

    Image.new("RGB", (64, 36)).save(tmp_path / "a.png")
    found = read_facts(tmp_path / "a.png")
    assert (found.kind, str(found.size), found.seconds) == ("image", "64x36", None)
