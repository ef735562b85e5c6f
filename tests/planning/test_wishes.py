from __future__ import annotations

from pathlib import Path

import pytest

from onmodel.planning.wishes import wishes_of
from onmodel.scaffold import write_starter
from onmodel.story import read_story


@pytest.fixture
def production(tmp_path: Path) -> Path:
    """The starter, with a sound in it."""
    root = tmp_path / "prod"
    write_starter(root)
    (root / "assets" / "hum.wav").write_bytes(b"RIFF")
    return root


def wishes(root: Path) -> str:
    """As the files stand now."""
    return wishes_of(read_story(root, episodes=["s01e01"]), "s01e01")


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("episodes/s01e01.yaml", "  s020:\n", "  s020:\n    hold: 1\n"),
        ("episodes/s01e01.yaml", "  s020:\n", "  s020:\n    say: hello\n"),
        ("episodes/s01e01.yaml", "crossfade: 0.5", "wipe: 0.5"),
        ("episodes/s01e01.yaml", "shots:\n", "cards: {title: Full}\nshots:\n"),
        ("episodes/s01e01.yaml", "shots:\n", "music: assets/hum.wav\nshots:\n"),
        ("episodes/s01e01.yaml", "title: Full circle", "title: Half circle"),
        ("production.yaml", "retakes: 2", "retakes: 2\nloudness: broadcast"),
        ("production.yaml", "fps: 24", "fps: 25"),
    ],
)
def test_whatever_a_cut_is_made_by_counts(production: Path, file: str, old: str, new: str) -> None:
    """A trim, caption, join, card, music, title, loudness, rate: each asks for another cut."""
    before = wishes(production)
    path = production / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    assert wishes(production) != before


def test_what_shows_in_a_take_does_not_count(production: Path) -> None:
    """Words, prices and retakes are the takes' business; the same files give the same digest."""
    before = wishes(production)
    path = production / "production.yaml"
    path.write_text(path.read_text().replace("retakes: 2", "retakes: 1"))
    episode = production / "episodes" / "s01e01.yaml"
    episode.write_text(episode.read_text().replace("it blinks", "it nods"))
    assert wishes(production) == before


def test_a_sound_counts_by_its_content(production: Path) -> None:
    """Another file under the same name is another wish."""
    episode = production / "episodes" / "s01e01.yaml"
    episode.write_text(episode.read_text().replace("shots:\n", "music: assets/hum.wav\nshots:\n", 1))
    before = wishes(production)
    (production / "assets" / "hum.wav").write_bytes(b"RIFX")
    assert wishes(production) != before
