from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onmodel.endpoints import Catalogue, PriceTable
from onmodel.errors import Place, StoryError
from onmodel.planning import Market, prepare_episode
from onmodel.planning.captioning import Spoken, Wording, captions_of, cues_of, wording_of
from onmodel.planning.programme import END, TITLE, programme_of, shot_spans
from onmodel.post.cutlist import CutList
from onmodel.story import read_story

SAY = "    say: [{text: One two three}]\n"


def prepared(desk: Any) -> tuple[CutList, Wording, list[str]]:
    """The cut, all that is written in it, and the warnings."""
    story = read_story(desk.root, episodes=("s01e01",))
    found = prepare_episode(story, "s01e01", Market(Catalogue.load(), PriceTable.load({}), desk.facts))
    programme = programme_of(story, "s01e01", found.trims)
    cues, _ = cues_of(story, "s01e01")
    return (
        programme,
        wording_of(story, "s01e01", programme, cues, "lying"),
        [str(one) for one in found.warnings],
    )


def faults(desk: Any) -> list[str]:
    """What is wrong, line by line."""
    with pytest.raises(StoryError) as told:
        prepared(desk)
    return str(told.value).splitlines()


def add(desk: Any, after: str, text: str) -> None:
    """Write lines into the episode after a line."""
    desk.change("episode", f"{after}\n", f"{after}\n{text}")


def captions(desk: Any) -> list[tuple[str, int, int]]:
    """The captions with their frames."""
    return [(one.text, one.begin, one.end) for one in prepared(desk)[1].captions]


def test_words_stand_where_their_shot_is_in_the_cut(desk: Any) -> None:
    """Times in a shot become frames of the programme, the title card and transitions reckoned in."""
    add(desk, "title: Pilot", "cards: {title: {text: Pilot, seconds: 2}, end: The end}\n")
    add(
        desk,
        "    camera: {size: medium, move: dolly in}",
        "    say: [{text: Hi, at: 1, seconds: 2}]\n    join: {crossfade: 1}\n",
    )
    add(desk, "    seconds: 4", "    say: {text: Rain}\n".replace("{text: Rain}", "Rain"))
    assert captions(desk) == [("Hi", 24 * 3, 24 * 5), ("Rain", 24 * (2 + 5 - 1), 24 * (2 + 5 - 1 + 4))]
    programme, _, _ = prepared(desk)
    assert [piece.shot for piece in programme.pieces] == [TITLE, "s010", "s020", "s030", END]
    assert programme.frames == 24 * (2 + 5 - 1 + 4 + 5 + 3)
    assert shot_spans(programme)["s020"] == (24 * 6, 24 * 10)


@pytest.mark.parametrize(
    ("head", "shot"),
    [
        ("cards: {title: 字}\n", ""),
        ("cards: {end: 字}\n", ""),
        ("captions: {file: said.srt, burn: true}\n", ""),
        ("captions: {burn: true}\n", "    say: 字\n"),
        ("", "    lower_third: 字\n"),
    ],
)
def test_each_kind_of_writing_is_looked_over_alone(desk: Any, head: str, shot: str) -> None:
    """An episode need have no more to read than one card, line or lower third for its letters to be seen."""
    (desk.root / "said.srt").write_text("1\n00:00:01,000 --> 00:00:03,000\n字\n", encoding="utf-8")
    add(desk, "title: Pilot", head)
    add(desk, "    seconds: 4", shot)
    assert "'字'" in faults(desk)[0]


def test_words_stand_to_the_next_ones_or_the_shots_end(desk: Any) -> None:
    """Without seconds they stand until others come; with seconds they may run on past their shot."""
    add(
        desk,
        "    seconds: 4",
        "    say: [{text: A}, {text: B, who: Mina, at: 1.5}, {text: C, at: 3, seconds: 2}]\n",
    )
    at = 24 * 5
    assert captions(desk) == [("A", at, at + 36), ("Mina: B", at + 36, at + 72), ("C", at + 72, at + 120)]


def test_words_of_the_next_shot_end_those_of_the_last(desk: Any) -> None:
    """One caption at a time: where a shot begins to speak in a crossfade, the one before is silent."""
    add(desk, "    camera: {size: medium, move: dolly in}", "    say: One\n    join: {crossfade: 1}\n")
    add(desk, "    seconds: 4", "    say: Two\n")
    assert captions(desk) == [("One", 0, 96), ("Two", 96, 192)]


@given(
    spoken=st.lists(st.tuples(st.integers(0, 200), st.integers(1, 80), st.integers(1, 60)), max_size=8),
    frames=st.integers(1, 260),
)
def test_captions_are_one_at_a_time_and_inside_the_programme(
    spoken: Sequence[tuple[int, int, int]], frames: int
) -> None:
    """Whatever is said when, no two captions meet and none is seen before or after the programme."""
    said = [
        Spoken("word " * words, Place("x"), begin, begin + length) for begin, length, words in sorted(spoken)
    ]
    found = captions_of(said, 20, frames)
    gone = 0
    for caption in found:
        assert gone <= caption.begin < caption.end <= frames
        gone = caption.end


def test_burnt_captions_lie_over_both_shots_of_a_transition(desk: Any) -> None:
    """A caption that stands through a transition is over both shots, at the same frames of the programme."""
    add(desk, "title: Pilot", "captions: {burn: true}\n")
    add(desk, "    camera: {size: medium, move: dolly in}", "    say: One\n    join: {crossfade: 1}\n")
    programme, wording, _ = prepared(desk)
    starts = dict(zip((piece.shot for piece in programme.pieces), programme.starts, strict=True))
    (left,), (right,) = wording.over["s010"], wording.over["s020"]
    assert left.what == right.what == ("One",)
    assert starts["s010"] + left.first_frame == starts["s020"] + right.first_frame == 0
    assert left.frames == right.frames == 120


def test_nothing_is_burnt_unless_it_is_asked_for(desk: Any) -> None:
    """Captions alone are files beside the episode, and no picture is drawn."""
    add(desk, "    seconds: 4", SAY)
    assert prepared(desk)[1].over == {}
    assert len(captions(desk)) == 1


def test_a_caption_makes_room_for_a_lower_third(desk: Any) -> None:
    """While a name stands at the bottom, what is said stands above it, from its first frame to its last."""
    add(desk, "title: Pilot", "captions: {burn: true}\n")
    third = "    lower_third: {text: Pip, at: 1, seconds: 60}\n".replace("60", "30")
    add(
        desk,
        "    seconds: 4",
        third + "    say: [{text: A, seconds: 0.9}, {text: B, at: 0.95, seconds: 2}]\n",
    )
    _, wording, _ = prepared(desk)
    name, first, second = wording.over["s020"]
    assert name.first_frame == 24
    assert name.frames == 72  # to the shot's end, not beyond
    assert name.fade_frames == 6
    assert (first.above, second.above) == (None, name.what)


@pytest.mark.parametrize(("at", "seen"), [(2, (48, 48)), (4.5, None)])
def test_a_lower_third_gives_way_to_the_next_one(desk: Any, at: float, seen: tuple[int, int] | None) -> None:
    """In a transition two names never stand in one place: the first one goes, or does not come at all."""
    first = f"    lower_third: {{text: Pip, at: {at}, seconds: 3}}\n    join: {{crossfade: 1}}\n"
    add(desk, "    camera: {size: medium, move: dolly in}", first)
    add(desk, "    seconds: 4", "    lower_third: {text: Mina, at: 0, seconds: 2}\n")
    _, wording, _ = prepared(desk)
    assert [(one.first_frame, one.frames) for one in wording.over.get("s010", ())] == ([seen] if seen else [])
    assert [(one.first_frame, one.frames) for one in wording.over["s020"]] == [(0, 48)]


def test_a_chained_shot_is_written_over_as_one(desk: Any) -> None:
    """Over the links of a long shot a lower third goes on as if they were one clip."""
    desk.change(
        "episode", "    seconds: 4\n", "    seconds: 12\n    lower_third: {text: Pip, at: 4, seconds: 3}\n"
    )
    programme, wording, _ = prepared(desk)
    starts = dict(zip((piece.shot for piece in programme.pieces), programme.starts, strict=True))
    assert {"s020", "s020.2"} <= set(wording.over)
    begins = {starts[name] + wording.over[name][0].first_frame for name in ("s020", "s020.2")}
    assert begins == {24 * (5 + 4)}


# -- caption files -------------------------------------------------------------------------------------


def give(desk: Any, text: str, *, burn: bool = False) -> None:
    """Give the episode a caption file."""
    path: Path = desk.root / "assets" / "it's: 100%.srt"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    add(desk, "title: Pilot", f'captions: {{file: "assets/it\'s: 100%.srt", burn: {str(burn).lower()}}}\n')


def test_a_caption_file_wins_over_what_shots_say(desk: Any) -> None:
    """Its times are those of the finished episode."""
    add(desk, "    seconds: 4", SAY)
    give(desk, "1\n00:00:01,000 --> 00:00:03,500\nFrom the file\n")
    assert captions(desk) == [("From the file", 24, 84)]


def test_captions_past_the_end_are_told_at_their_line(desk: Any) -> None:
    """One that begins after the episode is a fault; one that only ends after it is cut off, and told."""
    give(desk, "1\n00:00:13,000 --> 00:00:15,000\nLate\n\n2\n00:01:00,000 --> 00:01:02,000\nToo late\n")
    assert [line.split(": ")[0:2] for line in faults(desk)] == [["assets/it's", "100%.srt:6"]]
    give(desk_again(desk), "1\n00:00:13,000 --> 00:00:15,000\nLate\n")
    assert captions(desk) == [("Late", 312, 336)]
    assert any("100%.srt:2: it stands until 00:00:15.000" in one for one in prepared(desk)[2])


def desk_again(desk: Any) -> Any:
    """The same desk, without captions in the episode."""
    text = (desk.root / "episodes/s01e01.yaml").read_text(encoding="utf-8")
    desk.write("episode", re.sub(r"captions:.*\n", "", text))
    return desk


def test_every_fault_of_a_caption_file_is_told_at_once(desk: Any) -> None:
    """Overlapping and negative times, each at its line of that file, before anything is bought."""
    give(
        desk,
        "1\n00:00:01,000 --> 00:00:03,000\nA\n\n2\n00:00:02,000 --> 00:00:04,000\nB\n\n"
        "3\n-00:00:05,000 --> 00:00:06,000\nC\n",
    )
    told = faults(desk)
    assert [re.findall(r"srt:(\d+):", line) for line in told] == [["6"], ["10"]]


def test_a_caption_file_that_is_not_there_is_told_in_the_episode(desk: Any) -> None:
    """Its name in the episode's file is the place."""
    add(desk, "title: Pilot", "captions: assets/none.srt\n")
    assert faults(desk)[0].startswith("episodes/s01e01.yaml:3:11: there is no file 'assets/none.srt'")


# -- what is written into the picture --------------------------------------------------------------------


def test_what_the_font_lacks_is_told_where_it_is_written(desk: Any) -> None:
    """Cards, lower thirds and burnt captions: each at its own line, with the letters."""
    add(desk, "title: Pilot", "cards: {title: 漢字, end: {text: End, sub: 🤖}}\ncaptions: {burn: true}\n")
    add(desk, "    seconds: 4", "    lower_third: {text: Pip, sub: ア}\n    say: שלום\n")
    told = faults(desk)
    assert [line.split(": ")[0] for line in told] == [
        "episodes/s01e01.yaml:3:16",
        "episodes/s01e01.yaml:3:42",
        "episodes/s01e01.yaml:18:35",
        "episodes/s01e01.yaml:19:10",
    ]
    assert "'漢' (U+6F22), '字' (U+5B57)" in told[0]


def test_captions_beside_the_episode_may_have_any_letters(desk: Any) -> None:
    """Only what is drawn needs a font."""
    add(desk, "    seconds: 4", "    say: שלום 日本\n")
    assert captions(desk)[0][0] == "שלום 日本"


def test_a_text_that_does_not_fit_is_told_where_it_is_written(desk: Any) -> None:
    """3,000 letters on a card, in a name, below it: each at its line, with how many fit."""
    long = "rain and wind " * 214
    add(desk, "title: Pilot", f"cards:\n  title: {long}\n  end: {{text: End, sub: {long}}}\n")
    add(desk, "    seconds: 4", f"    lower_third: {{text: {long}}}\n")
    told = faults(desk)
    assert [line.split(": ")[0] for line in told] == [
        "episodes/s01e01.yaml:4:10",
        "episodes/s01e01.yaml:5:25",
        "episodes/s01e01.yaml:19:25",
    ]
    assert all("the text does not fit: it has 2,995 letters, and about" in line for line in told)


def test_a_text_must_fit_every_deliverable(desk: Any) -> None:
    """What fits a lying picture and no standing one is told with the shape."""
    add(desk, "title: Pilot", f"cards: {{end: {'night and rain ' * 28}}}\n")
    prepared(desk)
    add(desk, "title: Pilot", 'deliver: ["9:16 1080x1920"]\n')
    assert "the text does not fit in 9:16:" in faults(desk)[0]


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "there is no file 'assets/own.ttf'"), (b"%PDF", "'assets/own.ttf': it is no font")],
)
def test_a_font_that_is_missing_or_broken_is_told_in_the_production(
    desk: Any, content: bytes | None, said: str
) -> None:
    """At `font` of production.yaml, before anything is drawn."""
    add(desk, "title: Pilot", "cards: {end: The end}\n")
    (desk.root / "assets").mkdir()
    if content is not None:
        (desk.root / "assets/own.ttf").write_bytes(content)
    desk.change("production", "retakes: 2\n", "retakes: 2\nfont: assets/own.ttf\n")
    (told,) = faults(desk)
    assert told.startswith("production.yaml:6:7: ")
    assert said in told


def test_colours_that_nobody_can_read_are_warned_about(desk: Any) -> None:
    """A palette, or a card's background, too near to the letters."""
    add(desk, "title: Pilot", 'cards: {end: {text: End, background: "#eeeeee"}}\n')
    desk.change("production", "retakes: 2\n", 'retakes: 2\npalette: {background: "#cccccc"}\n')
    told = [one for one in prepared(desk)[2] if "hardly be read" in one]
    assert [one.split(": ")[0] for one in told] == ["production.yaml:6:10", "episodes/s01e01.yaml:3:38"]


# -- time ------------------------------------------------------------------------------------------------


def test_words_outside_their_shot_or_over_each_other_are_told(desk: Any) -> None:
    """Words and names that begin after their shot, and words that begin before the last are gone."""
    add(
        desk,
        "    seconds: 4",
        "    lower_third: {text: Pip, at: 4}\n"
        "    say: [{text: A, seconds: 2}, {text: B, at: 1}, {text: C, at: 1}, {text: D, at: 9}]\n",
    )
    told = [line.split(": ", 1)[1] for line in faults(desk)]
    assert [line.split(".", 1)[0] for line in told] == [
        "it begins at 4 s, and the shot is 4 s long",
        "these words begin at 1 s, and those above them begin at 0 s and stand until 2 s",
        "these words begin at 1 s, and those above them begin at 1 s",
        "it begins at 9 s, and the shot is 4 s long",
    ]


def test_captions_that_are_too_quick_are_warned_about(desk: Any) -> None:
    """More than 20 letters a second, or less than five sixths of one: told with how long it takes."""
    add(
        desk,
        "    seconds: 4",
        f"    say: [{{text: {'wind ' * 20}, seconds: 2}}, {{text: Ha, at: 3, seconds: 0.5}}]\n",
    )
    told = prepared(desk)[2]
    assert any(
        "99 letters in 2.0 s are 50 a second, and 20 can be read. Leave it 5.0 s" in one for one in told
    )
    assert any("a caption of 0.50 s only flashes" in one for one in told)


def test_a_broadcast_rate_keeps_captions_on_their_frames(desk: Any) -> None:
    """At 29.97 a caption begins on the frame on which its shot does."""
    desk.change("production", "fps: 24", "fps: 29.97")
    add(desk, "    seconds: 4", SAY)
    programme, wording, _ = prepared(desk)
    assert wording.captions[0].begin == programme.starts[1] == round(5 * Fraction(30000, 1001))
