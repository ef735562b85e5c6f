from __future__ import annotations

import itertools
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onmodel.post.cues import read_cues

SRT = """\
1
00:00:01,000 --> 00:00:02,500
Hello <i>there</i> {\\an8}you,
a < b & {c}

2
0:0:03,5 --> 00:00:04.000 X1:10
<font color="red">Two</font>
"""

VTT = """\
WEBVTT - a title

NOTE a remark

first
00:01.000 --> 00:02.000 line:10% align:start
<v Bob>Hello &amp; <c.red>bye</c> &lt;x&gt;

01:00:03.000 --> 01:00:04.000
<00:19.000>Two
"""


def test_an_srt_file_is_read_with_its_lines() -> None:
    """Text without its tags, times in seconds, and the line of each."""
    cues, faults = read_cues(SRT.encode(), "a.srt")
    assert not faults
    assert [(cue.text, cue.begin_s, cue.end_s, cue.line) for cue in cues] == [
        ("Hello there you, a < b & {c}", 1, Fraction(5, 2), 2),
        ("Two", Fraction(7, 2), 4, 7),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_whatever_an_editor_makes_of_a_text_is_read(encoding: str, ends: str) -> None:
    """Byte order marks, UTF-16 and the line ends of every system."""
    content = SRT.replace("you", "Ünï").replace("\n", ends).encode(encoding)
    cues, faults = read_cues(content, "a.srt")
    assert not faults
    assert cues[0].text.startswith("Hello there Ünï")
    assert [cue.line for cue in cues] == [2, 7]


def test_a_vtt_file_is_read() -> None:
    """Hours may be missing; settings, notes, voices and entities are no text."""
    cues, faults = read_cues(VTT.encode(), "a.vtt")
    assert not faults
    assert [(cue.text, cue.begin_s) for cue in cues] == [("Hello & bye <x>", 1), ("Two", 3603)]


def test_what_a_vtt_file_says_beside_its_captions_is_not_said() -> None:
    """Notes, styles, regions and captions' names stand between captions too; a parted text is one."""
    vtt = (
        "WEBVTT\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000\n\nSTYLE\n::cue {}\n\nintro\n"
        "00:01.000 --> 00:02.000\nOne\n\n"
        "scene 2\n00:03.000 --> 00:04.000\nTwo\nand a half\n\nNOTE a\nlong remark\n\n"
        "REGION\nid:x\n\n00:05.000 --> 00:06.000\nNOTES are three\n\nNOTED\n \n7\n"
        "00:07.000 --> 00:08.000\n12\n\nNOTE"
    )
    cues, faults = read_cues(vtt.encode(), "a.vtt")
    assert not faults
    assert [cue.text for cue in cues] == ["One", "Two and a half", "NOTES are three NOTED", "12"]
    assert [cue.line for cue in cues] == [8, 12, 22, 28]


@pytest.mark.parametrize(
    "head", ["WEBVTT\n", "WEBVTT - of ours\nKind: captions\n", " \n\nWEBVTT\n", "WEBVTT\n1\n"]
)
def test_the_first_caption_of_a_vtt_file_needs_no_empty_line(head: str) -> None:
    """Browsers show it, so it is no fault, and no caption is lost."""
    vtt = f"{head}00:01.000 --> 00:02.000\nOne\n\n00:03.000 --> 00:04.000\nTwo\n"
    cues, faults = read_cues(vtt.encode(), "a.vtt")
    assert not faults
    assert [cue.text for cue in cues] == ["One", "Two"]


@pytest.mark.parametrize(
    ("times", "line", "said"),
    [
        ("00:00:01,000 --> 00:00:03,000\nA\n\n2\n00:00:02,000 --> 00:00:04,000\nB", 6, "the one of line 2"),
        ("00:00:03,000 --> 00:00:04,000\nA\n\n2\n00:00:01,000 --> 00:00:02,000\nB", 6, "the one of line 2"),
        ("-00:00:03,000 --> 00:00:04,000\nA", 2, "before the beginning"),
        ("00:00:03,000 --> -00:00:04,000\nA", 2, "before the beginning"),
        ("00:00:03,000 --> 00:00:03,000\nA", 2, "it ends at 00:00:03.000"),
        ("00:00:03,000 --> 00:00:02,000\nA", 2, "it ends at 00:00:02.000"),
        ("00:00:03 --> 00:00:04\nA", 2, "cannot be read"),
        ("soon --> later\nA", 2, "cannot be read"),
    ],
)
def test_times_that_cannot_be_are_told_at_their_line(times: str, line: int, said: str) -> None:
    """Overlapping, negative, backward and unreadable times, each at its line of the file."""
    cues, faults = read_cues(f"1\n{times}\n".encode(), "assets/a.srt")
    assert cues == []
    assert [str(one.place) for one in faults] == [f"assets/a.srt:{line}"]
    assert said in str(faults[0])


@pytest.mark.parametrize(
    "content", [b"", b"%PDF-1.7\nstream", b"\x00\x01\x02" * 99, b"\xff\xfe\x00", b"\xfa\xf0"]
)
def test_what_is_no_caption_file_is_told(content: bytes) -> None:
    """An empty file, a PDF and plain bytes are faults, not captions."""
    cues, faults = read_cues(content, "a.srt")
    assert cues == []
    assert len(faults) == 1
    kind = {b"": "an empty file", b"%PDF-1.7\nstream": "a PDF document"}.get(content, "")
    assert kind in str(faults[0])


@given(
    content=st.one_of(
        st.binary(),
        st.text().map(str.encode),
        st.text(st.sampled_from("0123456789:,.-> \n<{\\i}a")).map(str.encode),
    )
)
def test_no_content_surprises(content: bytes) -> None:
    """Whatever a file holds, there are cues in order, or faults; never both, never another error."""
    cues, faults = read_cues(content, "a.srt")
    assert not (cues and faults)
    assert all(one.end_s <= after.begin_s for one, after in itertools.pairwise(cues))


@given(
    lines=st.lists(
        st.text(st.characters(codec="utf-8", exclude_characters="\r\n\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029")),
        max_size=4,
    )
)
def test_no_text_in_a_cue_surprises(lines: list[str]) -> None:
    """Whatever stands under good times, the file is read or its fault told."""
    body = "\n".join(lines)
    content = f"1\n00:00:01,000 --> 00:00:02,000\n{body}\n\n2\n00:00:02,000 --> 00:00:03,000\nEnd\n"
    cues, faults = read_cues(content.encode("utf-8", "replace"), "a.srt")
    assert faults or cues[-1].text.endswith("End")
