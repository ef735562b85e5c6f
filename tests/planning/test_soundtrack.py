from __future__ import annotations

import wave
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from onmodel.endpoints import Catalogue, PriceTable
from onmodel.errors import StoryError
from onmodel.planning import Market, prepare_episode
from onmodel.planning.programme import programme_of
from onmodel.planning.soundtrack import SoundFile, score_of
from onmodel.post.score import Heard, Score
from onmodel.story import read_story
from onmodel.story.sounds import sounds_of
from onmodel.story.trims import Trim

S = 48_000
FPS = Fraction(24)
TRIMS = {name: Trim(Fraction(0), Fraction(end)) for name, end in (("s010", 5), ("s020", 4), ("s030", 5))}

Compose = Callable[[], Score]


def write_wav(path: Path, seconds: float) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(b"\1\2" * int(8000 * seconds))


@pytest.fixture
def files(desk: Any) -> Any:
    """A production with a theme of 8 s and a narration of 2 s."""
    write_wav(desk.root / "assets/theme.wav", 8)
    write_wav(desk.root / "assets/told.wav", 2)
    return desk


@pytest.fixture
def compose(files: Any) -> Compose:
    """The score of the episode, as it is written by now."""

    def make() -> Score:
        story = read_story(files.root)
        shots = story.shots("s01e01")
        episode = story.episodes["s01e01"]
        named = {name: SoundFile(Path(name).stem, Path(name)) for _, name in sounds_of(episode, shots)}
        programme = programme_of(story, "s01e01", TRIMS)
        return score_of(episode, shots, programme, FPS, named, story.production.loudness)

    return make


def heard(score: Score, name: str) -> list[Heard]:
    return [one for one in score.heard if one.name == name]


def music(desk: Any, text: str) -> None:
    desk.change("episode", "title: Pilot\n", f"title: Pilot\nmusic: {text}\n")


def in_shot(desk: Any, text: str) -> None:
    """Let the second shot, 4 s from second 5 on, say more."""
    desk.change("episode", "    seconds: 4\n", f"    seconds: 4\n    {text}\n")


def refused(desk: Any) -> tuple[str, str]:
    """Where the one fault is, and what is said about it."""
    with pytest.raises(StoryError) as caught:
        desk.plan()
    (found,) = caught.value.findings
    assert found.place.file == "episodes/s01e01.yaml"
    lines = (desk.root / "episodes/s01e01.yaml").read_text().splitlines()
    return lines[found.place.line - 1][found.place.column - 1 :], str(found)


def test_clips_alone_are_the_score(compose: Compose) -> None:
    """Without music and speech it is the clips under their pictures, brought to the platforms' loudness."""
    score = compose()
    assert score.target_lufs == -14
    assert score.samples == 14 * S
    assert [(one.name, one.begin, one.samples) for one in score.heard] == [
        ("s010", 0, 5 * S),
        ("s020", 5 * S, 4 * S),
        ("s030", 9 * S, 5 * S),
    ]
    assert not any(one.speech for one in score.heard)


@pytest.mark.parametrize(
    ("said", "lufs"), [("broadcast", -23), ("as-is", None), ("-18.5", -18.5), ("platform", -14)]
)
def test_a_production_says_how_loud(said: str, lufs: float | None, files: Any, compose: Compose) -> None:
    """By name, or as a number of LUFS; as it is where that is said."""
    files.change("production", "retakes: 2", f"retakes: 2\nloudness: {said}")
    assert compose().target_lufs == lufs


def test_music_lies_under_the_whole_episode(files: Any, compose: Compose) -> None:
    """A file alone is heard from beginning to end, comes and goes, loops, and is ducked."""
    music(files, "assets/theme.wav")
    (bed,) = heard(compose(), "music")
    assert (bed.begin, bed.samples, bed.loop, bed.ducked_db, bed.level_db) == (0, 14 * S, True, 12, -12)
    assert (bed.fade_in, bed.fade_out) == (S, 2 * S)


@pytest.mark.parametrize(
    ("bed", "begin", "end"),
    [
        ("begin: s020", 5, 14),
        ("end: s020", 0, 9),
        ("begin: 2.5, end: s010", 2.5, 5),
        ("begin: s020, end: 7", 5, 7),
        ("begin: 3, end: 400", 3, 14),
    ],
)
def test_music_begins_and_ends_where_it_says(
    bed: str, begin: float, end: float, files: Any, compose: Compose
) -> None:
    """At a second of the episode, or with a shot: from its first frame, to its last."""
    music(files, f"[{{file: assets/theme.wav, in: 2, {bed}}}]")
    (found,) = heard(compose(), "music")
    assert (found.begin, found.end, found.skip) == (begin * S, end * S, 2 * S)


def test_speech_is_heard_from_its_place_on(files: Any, compose: Compose) -> None:
    """A file of a shot begins with it, or later, and music is ducked under it; the clip is no speech then."""
    in_shot(
        files, "speech: [assets/told.wav, {file: assets/told.wav, at: 1.5, level_db: -3}]\n    say: Hello"
    )
    score = compose()
    first, second = heard(score, "s020 speech")
    assert (first.begin, second.begin, second.level_db) == (5 * S, 6.5 * S, -3)
    assert first.speech == ((5 * S, 14 * S),)
    assert heard(score, "s020")[0].speech == ()


def test_a_clip_that_speaks_ducks_too(files: Any, compose: Compose) -> None:
    """Where a shot says what is said in its own sound, that is speech at its time; voices anywhere."""
    in_shot(files, "say: [{text: Hello, at: 1, seconds: 0.5}, {text: you, at: 2}]")
    assert heard(compose(), "s020")[0].speech == ((6 * S, int(6.5 * S)), (7 * S, 9 * S))
    files.change("episode", "    seconds: 4\n", "    seconds: 4\n    voices: [v1]\n")
    assert heard(compose(), "s020")[0].speech == ((5 * S, 9 * S),)


def test_a_shots_level_is_its_clips(files: Any, compose: Compose) -> None:
    """Louder or quieter by decibels; at -60 it is not heard at all."""
    in_shot(files, "level_db: -4.5")
    assert [one.level_db for one in compose().heard] == [0, -4.5, 0]
    files.change("episode", "level_db: -4.5", "level_db: -60")
    assert [one.name for one in compose().heard] == ["s010", "s030"]


def test_a_card_is_silent_and_moves_what_follows(files: Any, compose: Compose) -> None:
    """Shots, and music that begins with one, come after the title card; music from 0 lies under it."""
    music(files, "[assets/theme.wav, {file: assets/theme.wav, begin: s010}]")
    files.change("episode", "title: Pilot\n", "title: Pilot\ncards: {title: {text: Pilot, seconds: 3}}\n")
    score = compose()
    assert heard(score, "s010")[0].begin == 3 * S
    assert [one.begin for one in heard(score, "music")] == [0, 3 * S]
    assert score.samples == 17 * S


PDF = b"%PDF-1.7 " + b"x" * 300


@pytest.mark.parametrize(
    ("bed", "at", "said"),
    [
        (
            "{file: assets/fake.mp3}",
            "assets/fake.mp3",
            "'assets/fake.mp3': this is a PDF document, not sound",
        ),
        ("assets/fake.mp3", "assets/fake.mp3", "this is a PDF document, not sound"),
        ("{file: assets/empty.wav}", "assets/empty.wav", "an empty file"),
        ("{file: assets/them.wav}", "assets/them.wav", "Did you mean 'assets/theme.wav'?"),
        ("{file: ../../etc/passwd}", "../../etc/passwd", "outside the production's folder"),
        ("{file: assets/theme.wav, begin: 14}", "14", "begins at 14 s, and the episode is over at 14 s"),
        ("{file: assets/theme.wav, begin: s21}", "s21", "there is no shot 's21'; the shots are: s010, s020"),
        ("{file: assets/theme.wav, end: zebra}", "zebra", "there is no shot 'zebra'"),
        (
            "{file: assets/theme.wav, begin: s030, end: s010}",
            "s010",
            "begins at 9 s of the episode and ends at 5",
        ),
        ("{file: assets/theme.wav, begin: 3, end: 2}", "2", "begins at 3 s of the episode and ends at 2 s"),
        ("{file: assets/theme.wav, begin: -1}", "-1", "found -1 for 'begin': allowed are 0 to 21600 seconds"),
        ("{file: assets/theme.wav, begin: S1}", "S1", "a shot's id is wanted, or a second of the episode"),
        ("{file: assets/theme.wav, in: 8}", "8", "8 s of 'assets/theme.wav' are passed over, and it has 8 s"),
        ("{file: assets/theme.wav, level_db: 40}", "40", "found 40 for 'level_db'"),
    ],
)
def test_music_that_cannot_be_is_told_at_its_place(files: Any, bed: str, at: str, said: str) -> None:
    """A file that is no sound, a place that is none: file, line and column, before anything is bought."""
    (files.root / "assets/fake.mp3").write_bytes(PDF)
    (files.root / "assets/empty.wav").touch()
    music(files, f"[{bed}]")
    found, message = refused(files)
    assert found.startswith(at)
    assert said in message


@pytest.mark.parametrize(
    ("speech", "at", "said"),
    [
        ("assets/fake.mp3", "assets/fake.mp3", "this is a PDF document, not sound"),
        ("{file: assets/told.wav, at: 4}", "4}", "begins 4 s after the shot does, and the shot is 4 s long"),
        ("{file: assets/told.wav, at: -1}", "-1", "found -1 for 'at'"),
    ],
)
def test_speech_that_cannot_be_is_told_at_its_place(files: Any, speech: str, at: str, said: str) -> None:
    """The same for the files of a shot."""
    (files.root / "assets/fake.mp3").write_bytes(PDF)
    in_shot(files, f"speech: [{speech}]")
    found, message = refused(files)
    assert found.startswith(at)
    assert said in message


@pytest.mark.parametrize(
    ("shot", "said"),
    [("s020", "the shot has 1 s left: it goes on under what follows"), ("s030", "it is cut off with the")],
)
def test_speech_longer_than_its_shot_is_warned_of(files: Any, shot: str, said: str) -> None:
    """It runs on under the next one; at the episode's end it is cut off. Both are allowed."""
    place = {"s020": "    seconds: 4\n", "s030": "  s030:\n"}[shot]
    speech = f"    speech: [{{file: assets/told.wav, at: {3 if shot == 's020' else 4}}}]\n"
    files.change("episode", place, place + speech)
    market = Market(Catalogue.load(), PriceTable.load({}), files.facts)
    warnings = prepare_episode(read_story(files.root), "s01e01", market).warnings
    (warning,) = [one for one in warnings if "told.wav" in one.message]
    assert said in warning.message


def test_a_loudness_that_is_none_is_told_once(files: Any) -> None:
    """Names and numbers that are allowed are listed in one message."""
    files.change("production", "retakes: 2", "retakes: 2\nloudness: louder")
    with pytest.raises(StoryError) as caught:
        files.plan()
    (found,) = caught.value.findings
    assert "allowed are platform, broadcast, as-is, or LUFS from -40 to -5" in found.message
