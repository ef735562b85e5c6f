from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from onmodel.endpoints import Catalogue, PriceTable
from onmodel.errors import StoryError
from onmodel.planning import Market, prepare_episode
from onmodel.planning.delivering import aims_of, chapters_of, chosen, is_same_shape, seen_in
from onmodel.planning.programme import programme_of
from onmodel.post.chapters import Chapter
from onmodel.post.cutlist import Aim, Piece
from onmodel.post.reframe import HEADROOM
from onmodel.story import Shot, Story, read_story
from onmodel.story.deliverables import name_of
from onmodel.units import Size
from onmodel.vault import Likeness

CUT, TALL = Size(320, 180), Size(180, 320)
DELIVER = 'deliver: ["16:9 360p", "9:16", "1:1 101p", "1:1 102x102"]\n'


def prepared(desk: Any) -> tuple[Story, Any]:
    story = read_story(desk.root, episodes=("s01e01",))
    return story, prepare_episode(story, "s01e01", Market(Catalogue.load(), PriceTable.load({}), desk.facts))


def likeness(*places: tuple[float, float, float, float, float], box: Any = None) -> Likeness:
    return Likeness(standing="on-model", reason="", scorer="x 1", places=places, box=box)


def test_warnings_name_what_is_enlarged_and_what_is_said_twice(desk: Any) -> None:
    """Larger than the cut is told with how much; the same size twice; a ratio alone is never too large."""
    desk.change("production", "retakes: 2\n", f"retakes: 2\n{DELIVER}")
    story, found = prepared(desk)
    told = [
        (one.place.file, one.place.line, one.message)
        for one in found.warnings
        if "deliver" not in one.message
    ]
    told = [one for one in told if one[0] == "production.yaml"]
    assert [message for _, _, message in told] == [
        "'16:9 360p' shows 320x180 of the 320x180 cut, enlarged 2.0 times: it will be soft.",
        "'1:1 102x102' is the same as '1:1 101p': both are 102x102.",
    ]
    assert {line for _, line, _ in told} == {6}
    assert story.deliverables("s01e01") == {
        "16:9 360p": Size(640, 360),
        "9:16": Size(180, 320),
        "1:1 101p": Size(102, 102),
        "1:1 102x102": Size(102, 102),
    }


def test_what_an_episode_delivers_replaces_what_the_production_does(desk: Any) -> None:
    """An empty list in the episode delivers nothing."""
    desk.change("production", "retakes: 2\n", f"retakes: 2\n{DELIVER}")
    desk.change("episode", "title: Pilot\n", "title: Pilot\ndeliver: []\n")
    assert prepared(desk)[0].deliverables("s01e01") == {}


def test_a_focus_outside_the_picture_is_told_at_its_line(desk: Any) -> None:
    """A share is 0 to 1."""
    desk.change("episode", "    seconds: 4\n", "    seconds: 4\n    focus: [0.5, 1.2]\n")
    with pytest.raises(StoryError, match=r"s01e01.yaml:16:\d+: found 1.2 for 'focus'"):
        prepared(desk)


def test_what_a_shot_says_wins_over_who_is_seen_in_it() -> None:
    """`focus` first, then the faces, then the middle; a frame is never outside the clip."""
    piece, seen = Piece("s010", "0" * 64, Path(), 24), {"pip": likeness((0.0, 0.7, 0.3, 0.8, 0.5))}
    half = 180 * 180 / 320 / 320 / 2

    def aimed(shot: Shot, identity: Any) -> tuple[Aim, ...]:
        return aims_of(shot, piece, CUT, TALL, Fraction(24), identity)

    (focused,) = aimed(Shot(focus=[0.0, 0.5]), seen)
    assert focused.x == pytest.approx(half, abs=1e-4)
    assert aimed(Shot(), seen)[0].x == pytest.approx(0.75)
    assert aimed(Shot(), {}) == (Aim(0, 0.5, 0.5),)


def test_times_are_those_of_the_clip_at_its_speed() -> None:
    """A shot that begins later in its clip, and runs slower, is framed for what it shows."""
    seen = {
        "pip": likeness(
            *((float(at), x, 0.3, x + 0.1, 0.5) for at, x in enumerate((0.1, 0.1, 0.1, 0.8, 0.8)))
        )
    }
    late = Piece("s010", "0" * 64, Path(), 24, begin_frames=144, speed=Fraction(1, 2))
    (aim,) = aims_of(Shot(), late, CUT, TALL, Fraction(24), seen)
    assert aim.x > 0.8


def test_who_comes_first_in_the_cast_is_followed_first() -> None:
    """Faces are gathered time by time; verdicts from before they were kept have one."""
    identity = {
        "mina": likeness((0.0, 0.1, 0, 0.2, 1), (1.0, 0.3, 0, 0.4, 1)),
        "pip": likeness((1.0, 0.8, 0, 0.9, 1)),
        "old": likeness(box=(0.5, 0, 0.6, 1)),
    }
    first, second = seen_in(identity, ["pip", "mina"])
    assert first.faces == ((0.1, 0, 0.2, 1), (0.5, 0, 0.6, 1))
    assert second.faces == ((0.8, 0, 0.9, 1), (0.3, 0, 0.4, 1))


def test_somebody_without_a_face_is_followed_by_their_middle() -> None:
    """A robot is a little room around its middle, with no headroom of its own; beside a face it has that."""
    robot = Likeness(standing="on-model", reason="", scorer="x 1", middles=((0.0, 0.3, 0.5), (1.0, 0.6, 0.5)))
    alone = seen_in({"pip": robot}, ["pip"])
    assert [one.headroom for one in alone] == [0, 0]
    assert [sum(one.faces[0][0::2]) / 2 for one in alone] == pytest.approx([0.3, 0.6])
    first, second = seen_in({"pip": robot, "mina": likeness((1.0, 0.3, 0, 0.4, 1))}, ["pip", "mina"])
    assert (len(first.faces), len(second.faces)) == (1, 2)
    assert (first.headroom, second.headroom) == (0, HEADROOM)


def test_a_chapter_for_each_place(desk: Any) -> None:
    """Shots in one place are one chapter; a style pass is where its shot is; one place needs no chapters."""
    story, found = prepared(desk)
    programme = programme_of(story, "s01e01", found.trims)
    assert chapters_of(story, "s01e01", programme) == (
        Chapter(0, "a workshop"),
        Chapter(120, "a street"),
        Chapter(216, "a workshop"),
    )
    desk.change("episode", "setting: a street", "setting: A Workshop")
    story, found = prepared(desk)
    assert chapters_of(story, "s01e01", programme_of(story, "s01e01", found.trims)) == ()
    cards = "title: Pilot\ncards: {title: {text: " + "Long " * 20 + ", seconds: 1}}\n"
    desk.change("episode", "title: Pilot\n", cards)
    story, found = prepared(desk)
    card, rest = chapters_of(story, "s01e01", programme_of(story, "s01e01", found.trims))
    assert (card.frame, len(card.title), card.title[-1]) == (0, 60, "…")
    assert rest == Chapter(24, "a workshop")


def test_deliverables_are_chosen_by_ratio_size_or_as_written() -> None:
    """A word that means none of them is an error that names it."""
    wanted = {"16:9 1080p": Size(1920, 1080), "9:16": Size(720, 1280), "9:16 1080p": Size(1080, 1920)}
    assert chosen(wanted, []) == wanted
    assert list(chosen(wanted, ["9:16"])) == ["9:16", "9:16 1080p"]
    assert list(chosen(wanted, ["1920x1080", "9:16 1080p"])) == ["16:9 1080p", "9:16 1080p"]
    with pytest.raises(KeyError, match="1:1"):
        chosen(wanted, ["9:16", "1:1"])


def test_names_and_shapes() -> None:
    """A file's name has its ratio and size; a size that is nearly of the cut's ratio is only scaled."""
    assert name_of("9:16 1080p", Size(1080, 1920)) == "9x16-1080x1920"
    assert is_same_shape(Size(854, 480), Size(1920, 1080))
    assert not is_same_shape(Size(720, 900), Size(720, 720))
