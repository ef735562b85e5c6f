from __future__ import annotations

import itertools
from fractions import Fraction

import pysubs2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from onmodel.post.captions import Caption, as_srt, as_vtt, broken, cells, shown_time, timed
from onmodel.post.cues import read_cues

WORDS = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), min_size=1).filter(
    str.split
)


@given(text=WORDS, most=st.integers(4, 42))
def test_captions_have_two_short_lines_at_most_and_lose_nothing(text: str, most: int) -> None:
    """Whatever is said comes out whole, in captions of one or two lines that are never too long."""
    blocks = broken(text, most)
    assert "".join(word for block in blocks for line in block for word in line.split()) == "".join(
        text.split()
    )
    for block in blocks:
        assert 1 <= len(block) <= 2
        assert all(0 < cells(line) <= most or len(line) == 1 for line in block)


def test_lines_break_where_one_takes_breath() -> None:
    """A comma is a better place than the exact middle, and lines come out even otherwise."""
    (block,) = broken("I never meant to stay here, but the rain would not stop.", 42)
    assert block == ("I never meant to stay here,", "but the rain would not stop.")
    (block,) = broken("nobody ever visits them unless something has gone wrong", 42)
    assert abs(len(block[0]) - len(block[1])) < 9


def test_one_short_text_is_one_line() -> None:
    """What fits in a line is not broken."""
    assert broken("Where is everybody?", 42) == [("Where is everybody?",)]


def test_wide_letters_count_twice() -> None:
    """A line of Japanese has half as many letters, and needs no spaces to be broken."""
    assert cells("日本語") == 6
    assert all(len(line) <= 21 for block in broken("日" * 100, 42) for line in block)


@given(text=WORDS, begin=st.integers(0, 1000), frames=st.integers(1, 500))
def test_a_long_text_shares_its_time(text: str, begin: int, frames: int) -> None:
    """Captions of one text follow each other without a gap, from its first frame on, each seen."""
    captions = timed(text, begin, begin + frames, 20)
    assert captions[0].begin == begin
    assert all(one.begin < one.end for one in captions)
    assert all(one.end == after.begin for one, after in itertools.pairwise(captions))
    if len(captions) <= frames // 4:
        assert captions[-1].end == begin + frames


TWO = (Caption(("One & <two>", "a {b} \\N c"), 0, 24), Caption(("It's 100%: 'so'",), 30, 100))


def test_srt_is_what_players_expect() -> None:
    """Numbered blocks, times with a comma to the thousandth, the text as it was said."""
    assert as_srt(TWO, Fraction(24)) == (
        "1\n00:00:00,000 --> 00:00:01,000\nOne & <two>\na {b} \\N c\n\n"
        "2\n00:00:01,250 --> 00:00:04,167\nIt's 100%: 'so'\n\n"
    )


def test_vtt_is_escaped() -> None:
    """What WebVTT would read as a tag or an entity is written so that it is shown."""
    assert as_vtt(TWO, Fraction(24)) == (
        "WEBVTT\n\n00:00:00.000 --> 00:00:01.000\nOne &amp; &lt;two&gt;\na {b} \\N c\n\n"
        "00:00:01.250 --> 00:00:04.167\nIt's 100%: 'so'\n\n"
    )


@pytest.mark.parametrize("fps", [Fraction(24), Fraction(25), Fraction(30000, 1001), Fraction(24000, 1001)])
@pytest.mark.parametrize("form", ["srt", "vtt"])
def test_what_is_written_is_read_again_by_others(fps: Fraction, form: str) -> None:
    """pysubs2 finds the same captions at the same thousandths, an hour into a programme too."""
    captions = [Caption((f"word {n}",), n * 997, n * 997 + 60) for n in range(90)]
    text = (as_srt if form == "srt" else as_vtt)(captions, fps)
    found = pysubs2.SSAFile.from_string(text, format_=form)
    assert [event.plaintext for event in found] == [one.text for one in captions]
    assert all(
        abs(event.start - one.begin * 1000 / fps) <= 0.5 for event, one in zip(found, captions, strict=True)
    )
    cues, faults = read_cues(text.encode(), "x")
    assert not faults
    assert [cue.text for cue in cues] == [one.text for one in captions]


def test_times_for_people() -> None:
    """Hours, minutes, seconds and thousandths."""
    assert shown_time(Fraction(3723, 1) + Fraction(1, 2)) == "01:02:03.500"
