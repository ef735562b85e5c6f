from __future__ import annotations

from typing import Any

from onmodel.endpoints import Catalogue, PriceTable
from onmodel.planning.explaining import Explanation, explain
from onmodel.planning.market import Market
from onmodel.planning.shotlist import ShotList
from onmodel.story import read_story


def explained(desk: Any, shot: str) -> Explanation:
    story = read_story(desk.root, episodes=("s01e01",))
    board = ShotList(story, "s01e01", Market(Catalogue.load(), PriceTable.load({}), desk.facts))
    return explain(board, shot, list(board.commissions(shot)))


def by(found: Explanation) -> dict[str, str]:
    return {one.aspect: one.by for one in found.deciders}


def test_a_picture_decides_what_is_seen_and_words_what_moves(desk: Any) -> None:
    """Image-to-video: the guide's first rule."""
    found = explained(desk, "s010")
    assert by(found) == {
        "appearance": "the first frame",
        "motion": "the words",
        "style": "the first frame",
        "light": "the first frame",
        "framing": "the first frame",
    }
    assert found.first_frame.startswith("a keyframe")
    assert found.adherence == "0.5, advised for a character from a picture"
    assert [one.id for one in found.commissions] == ["s010.keyframe", "s010.shoot"]


def test_a_reference_decides_the_movement_and_words_about_it_change_nothing(desk: Any) -> None:
    """Motion control: the guide's second rule; what is not sent is named with the reason."""
    (desk.root / "sway-4s.mp4").write_bytes(b"sway")
    desk.change("episode", "    action: it blinks\n", "    motion: {reference: sway-4s.mp4}\n")
    desk.change("episode", "restyle: {shot: s010,", "restyle: {shot: s020,")
    found = explained(desk, "s010")
    assert by(found)["motion"] == by(found)["framing"] == "the reference sway-4s.mp4"
    assert [one.key for one in found.idle] == ["start", "camera.move"]
    assert "orientation video: nobody could be measured" in found.commissions[-1].choice.why


def test_words_decide_where_there_is_no_picture(desk: Any) -> None:
    """Text-to-video."""
    desk.change("episode", "    setting: a street\n", "    setting: a street\n    first_frame: none\n")
    assert set(by(explained(desk, "s020")).values()) == {"the words"}


def test_a_style_pass_keeps_the_movement(desk: Any) -> None:
    """The other clip moves; the words decide the look."""
    found = explained(desk, "s030")
    assert (by(found)["motion"], by(found)["style"], by(found)["light"]) == (
        "the other shot's clip",
        "the words",
        "the other shot's clip",
    )
    assert found.first_frame == "the clip of s010"


def test_a_given_picture_makes_words_about_it_idle(desk: Any) -> None:
    """Where the first frame is a file, the setting and the wardrobe decide nothing."""
    (desk.root / "start.png").write_bytes(b"start")
    desk.change("episode", "    setting: a street\n", "    setting: a street\n    first_frame: start.png\n")
    found = explained(desk, "s020")
    assert [(one.key, one.words) for one in found.idle] == [
        ("setting", "a street"),
        ("cast.pip", "a yellow raincoat"),
    ]


def test_what_the_endpoint_has_no_field_for_is_idle(desk: Any) -> None:
    """Adherence and a preset where nobody takes them."""
    said = "    adherence: 0.7\n    camera: {preset: down_back, move: pan left}\n"
    pinned = "    endpoint: fal-ai/kling-video/v2.6/pro/image-to-video\n"
    desk.change("episode", "    setting: a street\n", f"    setting: a street\n{said}{pinned}")
    found = explained(desk, "s020")
    assert [one.key for one in found.idle] == ["camera.move", "adherence", "camera.preset"]
    assert found.adherence == ""


def test_a_recipe_and_a_ladder_are_named(desk: Any) -> None:
    """Where the shot's words come from, and on which rungs it is asked for."""
    shot = "  s040:\n    recipe: luxury-car\n    slots: {car: a long low coupe}\n    ladder: refinement\n"
    desk.change("episode", "  s030:\n", f"{shot}  s030:\n")
    found = explained(desk, "s040")
    assert found.recipe == "luxury-car (car: a long low coupe)"
    assert len(found.commissions[-1].ladder) == 4
