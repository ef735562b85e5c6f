from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import av
import pytest
from PIL import Image

from onmodel.errors import AwaitsApproval, OnModelError, PlanError
from onmodel.post.ffmpeg import find_ffmpeg
from onmodel.stages import handing_out, joining, opening
from onmodel.stages.gauge import unheard
from onmodel.stages.handing_out import deliver_episode
from onmodel.story import Production
from onmodel.units import sha256_of_file

DELIVER = 'deliver: ["16:9 180p", "9:16"]\n'
FILES = ("16x9-320x180", "9x16-90x160")
PICTURES = ("s01e01.poster.jpg", "s01e01.contact-sheet.jpg", "s01e01.stills")
WRITTEN = """\
title: Pilot
cards: {title: {text: Pilot, seconds: 0.5}}
captions: {burn: true}
"""


@pytest.fixture
def delivering(stage: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The small production with a card and a caption, which delivers two sizes."""
    monkeypatch.setattr(handing_out, "Cores", opening.Cores)
    stage.change("production.yaml", "retakes: 1\n", f"retakes: 1\n{DELIVER}")
    stage.change("episodes/s01e01.yaml", "title: Pilot\n", WRITTEN)
    return stage


def delivered(stage: Any, *only: str) -> Any:
    return deliver_episode(stage.call, only, find_ffmpeg(), unheard)


def _plain_card(*given: object) -> Path:
    """A card as another Pillow would draw it."""
    into = given[-1]
    assert isinstance(into, Path)
    Image.new("RGB", (160, 90), "navy").save(into)
    return into


def facts(path: Path) -> tuple[int, int, int, dict[str, str], list[str]]:
    """Width, height, frames, tags and chapters of a film."""
    with av.open(str(path)) as film:
        stream, titles = film.streams.video[0], [one["metadata"]["title"] for one in film.chapters()]
        frames = sum(1 for _ in film.decode(stream))
        return stream.width, stream.height, frames, dict(film.metadata), titles


def test_one_cut_becomes_all_that_is_wanted_and_once(delivering: Any) -> None:
    """Every shape has the cut's frames, tags and chapters; a second run and `deliver` make nothing again."""
    result = delivering.produce()
    folder = delivering.folders.deliverables
    assert [Path(path).name for path in result.deliverables] == [f"s01e01.{one}.mp4" for one in FILES] + [
        *PICTURES
    ]
    cut = facts(Path(result.cut))
    assert cut[3]["comment"].startswith(
        "AI-generated video. Rehearsal: drawn without any model. Planned with fal-"
    )
    assert (cut[3]["show"], cut[3]["episode_id"], cut[4]) == ("Reel", "s01e01", ["Pilot", "a workshop"])
    for name in FILES:
        width, height, frames, tags, chapters = facts(folder / f"s01e01.{name}.mp4")
        assert f"{width}x{height}" == name.partition("-")[2]
        assert (frames, tags["comment"], chapters) == (cut[2], cut[3]["comment"], cut[4])
    assert sorted(path.name for path in (folder / "s01e01.stills").iterdir()) == [
        "s010.jpg",
        "s020.jpg",
        "s030.jpg",
    ]
    with Image.open(folder / "s01e01.poster.jpg") as poster:
        assert poster.size == (160, 90)
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*.jpg")}
    delivering.produce()
    assert delivered(delivering).made == 0
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*.jpg")} == before


def test_words_over_a_card_are_drawn_for_each_shape(delivering: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A caption that stands while a card does is drawn anew for each shape, not the cut's own stretched."""
    drawn: dict[str, set[tuple[int, int]]] = {}

    async def noted(bench: Any, job: Any, hear: Any) -> Path:
        over = (*job.overlays, *(one for span in job.spans for one in span.overlays))
        sizes = drawn.setdefault(str(job.format.size), set())
        for one in over:
            with Image.open(one.path) as picture:
                sizes.add(picture.size)
        return await joining.render_piece(bench, job, hear)

    monkeypatch.setattr("onmodel.stages.delivering.render_piece", noted)
    (delivering.folders.root / "assets").mkdir(exist_ok=True)
    srt = "1\n00:00:00,000 --> 00:00:01,000\nWords\n"
    (delivering.folders.root / "assets/words.srt").write_text(srt, encoding="utf-8")
    delivering.change("episodes/s01e01.yaml", "{burn: true}", "{file: assets/words.srt, burn: true}")
    delivering.produce()
    assert drawn == {"320x180": {(320, 180)}, "90x160": {(90, 160)}}


def test_a_change_of_one_frame_encodes_one_shot_again(delivering: Any) -> None:
    """A new focus touches the shot and its windows in the shapes that are cut out, and nothing is bought."""
    delivering.produce()
    accepted, rendered = delivering.accepted(), delivering.rendered()
    record = delivering.folders.deliverables / "s01e01.deliverables.json"
    films = json.loads(record.read_bytes())["files"]
    delivering.change(
        "episodes/s01e01.yaml",
        "    first_frame: previous\n",
        "    focus: [0, 0]\n    first_frame: previous\n",
    )
    assert delivered(delivering, "9:16").made == 1
    assert len(delivering.rendered().keys() - rendered.keys()) == 2  # its body, and the window before it
    now = json.loads(record.read_bytes())["files"]
    assert now["s01e01.9x16-90x160.mp4"]["framing"]["s020"] == [[0, 0.1582, 0.5]]
    changed = [name for name in films if films[name] != now[name]]
    assert changed == ["s01e01.9x16-90x160.mp4"]
    assert delivering.accepted() == accepted


def test_what_was_altered_or_is_not_wanted_any_more(delivering: Any) -> None:
    """A file that is not what was made is made again, the same; one that nobody wants any more goes."""
    delivering.produce()
    folder = delivering.folders.deliverables
    tall, large = (folder / f"s01e01.{FILES[number]}.mp4" for number in (1, 0))
    sha256 = sha256_of_file(tall)
    tall.write_bytes(b"broken")
    (folder / "s01e01.poster.jpg").unlink()
    delivering.change("production.yaml", '"16:9 180p", ', "")
    assert delivered(delivering).made == 1 + 3
    assert sha256_of_file(tall) == sha256
    assert not large.exists()


def test_what_cannot_be_delivered_says_what_to_do(delivering: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """No cut yet, a shape that is not said, a story that says otherwise than the cut, nothing to deliver."""

    def refused(*only: str, kind: type[OnModelError] = PlanError) -> str:
        with pytest.raises(kind) as error:
            delivered(delivering, *only)
        return f"{error.value.message} | {error.value.hint}"

    assert "no cut" in refused()
    assert "onmodel produce s01e01 --rehearse" in refused()
    delivering.produce()
    assert "it delivers: 16:9 180p, 9:16" in refused("2:3")
    with monkeypatch.context() as other:
        other.setattr("onmodel.stages.lettering.DRAWN", 99)
        other.setattr("onmodel.stages.lettering.draw_card", _plain_card)
        assert "are not those that it was cut with" in refused()
    delivering.change("episodes/s01e01.yaml", "text: Pilot", "text: Another")
    assert "no cut of the circled takes as the story says it now" in refused()
    delivering.change("production.yaml", DELIVER, "")
    assert "says what to deliver" in refused()
    assert "deliver" in Production.model_fields


def test_nothing_is_delivered_before_the_cut_is_approved(delivering: Any) -> None:
    """A gate for the cut holds what is made of it, too."""
    delivering.change("production.yaml", DELIVER, f"{DELIVER}approve: [cut]\n")
    result = delivering.produce()
    assert result.cut.endswith("s01e01.review.mp4")
    assert result.deliverables == []
    with pytest.raises(AwaitsApproval, match="waits for a person's approval"):
        delivered(delivering)
