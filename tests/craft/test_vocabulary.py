from __future__ import annotations

import pytest

from onmodel.craft.vocabulary import TOPICS, entries


def groups(topic: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for entry in entries(topic):
        found.setdefault(entry.group, set()).add(entry.name)
    return found


def test_there_are_twelve_movements_seven_angles_seven_lenses() -> None:
    """Directions count as one movement; a camera that stands still is no movement."""
    assert {entry.group or entry.name for entry in entries("camera")} - {"static"} == {
        "truck",
        "dolly",
        "pan",
        "tilt",
        "crane",
        "steadicam",
        "handheld",
        "FPV drone",
        "zoom",
        "dolly zoom",
        "rack focus",
        "orbit",
    }
    assert len(entries("angle")) == 7
    assert len(entries("lens")) == 7
    for topic in ("camera", "angle", "lens"):
        assert all(entry.effect and entry.best_for and entry.phrase for entry in entries(topic))


def test_keywords_of_subject_action_and_mood() -> None:
    """The guide's quick reference."""
    assert groups("subject")["what it is made of"] == {"metallic", "matte", "glossy", "textured", "weathered"}
    assert groups("action")["how fast"] == {"slowly", "rapidly", "gracefully", "abruptly", "smoothly"}
    assert groups("mood")["feeling"] == {"tense", "peaceful", "chaotic", "intimate", "epic", "melancholic"}
    assert [len(entries(topic)) for topic in ("subject", "action", "mood", "focus")] == [13, 16, 17, 4]


def test_styles_and_phrases_of_consistency() -> None:
    """Five style additions, six phrases."""
    assert [entry.name for entry in entries("style")] == [
        "anime",
        "photorealistic",
        "vintage film",
        "cyberpunk",
        "watercolor",
    ]
    assert len(entries("consistency")) == 6
    assert "consistent character appearance throughout" in {entry.phrase for entry in entries("consistency")}


def test_negatives_of_all_six_styles_and_three_movements() -> None:
    """Universal, the guide's looks, the families of movement."""
    found = groups("negative")
    looks = {"photorealistic", "anime", "product", "portrait", "horror", "nature"}
    assert {f"look: {look}" for look in looks} <= set(found)
    assert {"motion: smooth", "motion: physics", "motion: identity", "always"} <= set(found)
    assert len(found["always"]) == 14


@pytest.mark.parametrize(
    ("topic", "search", "names"),
    [
        (None, "vertigo", {"dolly zoom"}),
        ("camera", "reveals intimacy", {"dolly in"}),
        ("lens", "85mm", {"portrait"}),
        ("mood", "NEON", {"neon"}),
        ("angle", "no such word", set()),
    ],
)
def test_words_are_found_by_what_is_said_of_them(topic: str | None, search: str, names: set[str]) -> None:
    """Names, other names, effects and uses are searched, all words of the search together."""
    assert {entry.name for entry in entries(topic, search)} == names


def test_no_topic_is_empty() -> None:
    """Everything that `words` offers has something in it."""
    assert all(entries(topic) for topic in TOPICS)
