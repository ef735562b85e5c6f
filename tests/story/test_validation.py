from __future__ import annotations

from collections.abc import Callable

import pytest

from onmodel.story import Episode, Production
from onmodel.story.meanings import meanings_of
from onmodel.story.reference import json_schemas
from onmodel.story.shot import Shot
from onmodel.story.validation import _PATTERNS, did_you_mean, nearest, validate
from onmodel.story.yaml_tree import read_tree

ShotFindings = Callable[[str], list[str]]
PRODUCTION = "production: 1\nname: tiny\ntitle: Tiny\n"


def production_findings(more: str) -> list[str]:
    tree = read_tree(PRODUCTION + more, "f")
    validate(tree, Production)
    return [str(one) for one in tree.findings]


@pytest.mark.parametrize(
    ("more", "wanted"),
    [
        ("qualty: draft", ["f:4:1: unknown key 'qualty'; allowed: production,", "Did you mean 'quality'?"]),
        ("quality: drft", ["f:4:10: found 'drft' for 'quality'; allowed: draft, standard,", "mean 'draft'?"]),
        ("format: {ratio: '4:3'}", ["f:4:17: found '4:3' for 'ratio'; allowed: 16:9, 9:16, 1:1."]),
        ("format: {resolution: 720}", ["f:4:22: found 720 for 'resolution'; a text is wanted. Put it in"]),
        ("format: {resolution: big}", ["f:4:22: found 'big' for 'resolution'; a resolution is written"]),
        ("format: {resolution: 50p}", ["f:4:22: found '50p' for 'resolution': allowed are 90p to 2160p."]),
        ("format: {fps: 200}", ["f:4:15: found 200 for 'fps': allowed are 1 to 120 frames a second."]),
        ("format: 720p", ["f:4:9: found '720p' for 'format'; a block of keys and values is wanted."]),
        ("format: [a]", ["f:4:9: found a list for 'format'; a block of keys and values is wanted."]),
        ("retakes: two", ["f:4:10: found 'two' for 'retakes'; a whole number is wanted."]),
        ("retakes: true", ["f:4:10: found true for 'retakes'; a whole number is wanted."]),
        ("retakes: 9", ["f:4:10: found 9 for 'retakes': allowed is less than or equal to 5."]),
        ("look:\n  - a", ["f:5:3: found a list for 'look'; a text is wanted."]),
        ("look: ''", ["f:4:7: found '' for 'look': the text is empty."]),
        ("prices:\n  x: {usd: 1}", ["f:5:3: 'unit' is missing in 'x'. It", "f:5:3: 'source' is missing"]),
        ("prices:\n", ["f:4:8: found nothing for 'prices'; a block of keys and values is wanted."]),
        (f"quality: {'x' * 500}", ["...", "allowed: draft"]),
    ],
)  # fmt: skip
def test_each_fault_says_place_found_allowed_nearest(more: str, wanted: list[str]) -> None:
    """A message points at the key or value, says what stands there, what may, and what was meant."""
    found = "\n".join(production_findings(more))
    assert all(one in found for one in wanted), found
    assert all(len(line) < 400 for line in found.splitlines())


@pytest.mark.parametrize(
    ("shots", "wanted"),
    [
        ("s010: {seconds: 0}", "5:19: found 0 for 'seconds': allowed is more than 0, at most 30 seconds."),
        (
            "s010: {seconds: 400}",
            "5:19: found 400 for 'seconds': allowed is more than 0, at most 30 seconds.",
        ),
        ("s010: {seconds: true}", "5:19: found true for 'seconds': a number is wanted, like 5 or 2.5."),
        (
            "s010: {tail_image_url: a.png}",
            "join. Here it is 'last_frame'.",
        ),
        (
            "s010: {motion: {reference: a.mp4, keep_original_sound: true}}",
            "5:37: unknown key 'keep_original_sound'; allowed: reference, orientation. In a shot it is",
        ),
        ("s010: {adherence: 2}", "5:21: found 2 for 'adherence': allowed is less than or equal to 1."),
        ("s010: {cast: Pip}", "5:16: found 'Pip'; a name starts with a letter"),
        ("s010: {cast: {Pip: rain}}", "5:17: found 'Pip'; a name starts with a letter"),
        ("s010: {cast: {pip: 5}}", "5:22: found 5 for 'pip'; a text is wanted. Put it in quotes."),
        ("s010: {cast: [pip, pip]}", "5:16: found a list for 'cast': 'pip' stands twice."),
        ("s010: {avoid: [x, 5]}", "5:21: found 5 for 'avoid'; a text is wanted."),
        (
            "s010: {camera: {movement: x}}",
            "5:19: unknown key 'movement'; allowed: size, move, angle, lens, preset.",
        ),
        (
            "s010: {restyle: {look: ink}}",
            "5:10: 'shot' is missing in 'restyle'. It says: The shot whose circled take",
        ),
        (
            "s010: {join: fade}",
            "5:16: found 'fade' for 'join': allowed is cut, or {crossfade: 0.5} and the like.",
        ),
        ("s010: {focus: [0.5]}", "5:17: found a list for 'focus'; a length of at least 2 is wanted."),
        ("s010: {focus: [0, 1, 0]}", "5:17: found a list for 'focus'; a length of at most 2 is wanted."),
        ("s010: {speech: {at: 1}}", "5:10: 'file' is missing in 'speech'. It says: The sound."),
        ("s010: {speech: [{at: 1}]}", "5:19: 'file' is missing in 'speech'."),
        ("s010: {say: {text: Hi, att: 1}}", "5:26: unknown key 'att'; allowed: text, at, seconds, who."),
        ("s010: {say: {text: Hi, at: -1}}", "5:30: found -1 for 'at': allowed are 0 to"),
        ("s010:", "5:8: found nothing for 's010'; a block of keys and values is wanted."),
        ("010: {start: x, action: y}", "5:3: '010' is no shot id: it starts with a letter and has only a-z"),
        ("010: {start: x, action: y}", "Write s010."),
        ("S010: {start: x, action: y}", "5:3: 'S010' is no shot id"),
        ('"s010\\n": {start: x, action: y}', "5:3: 's010\\n' is no shot id"),
    ],
)
def test_each_fault_of_a_shot_has_its_place(shot_findings: ShotFindings, shots: str, wanted: str) -> None:
    """Line and column within the episode's file, for values, keys, list items and what is missing."""
    found = "|".join(shot_findings(shots)).replace("\n", "\\n")
    assert wanted in found


def test_one_alone_stands_for_a_list_of_it() -> None:
    """Sounds and words may be a block where there is one; what is wrong in it leaves the rest of the file."""
    block = "{file: a.wav, level_db: -3}"
    text = (
        "episode: 1\ntitle: T\nmusic: {file: b.wav, begin: s010}\n"
        f"shots:\n  s010: {{start: x, speech: {block}, say: {{text: Hi, at: 1}}}}\n"
    )
    episode = validate(read_tree(text, "f"), Episode)
    assert episode is not None
    assert [bed.begin for bed in episode.music] == ["s010"]
    assert [one.level_db for one in episode.shots["s010"].speech] == [-3]
    assert [one.at for one in episode.shots["s010"].say] == [1]
    rest = validate(read_tree(text.replace("-3", "99"), "f"), Episode)
    assert rest is not None
    assert [one.file for one in rest.shots["s010"].speech] == ["a.wav"]


@pytest.mark.parametrize(
    "wrong",
    [
        "music: {fil: a.wav}",
        "music: {file: 3}",
        "cards: {title: {text: 5}}",
        "defaults: {say: {text: 5}}",
        "defaults: {say: [{text: 5}]}",
        "defaults: {lower_third: {text: 5}}",
    ],
)
def test_a_part_whose_required_key_is_wrong_leaves_the_rest(wrong: str) -> None:
    """It goes whole, and the shots are looked over all the same."""
    tree = read_tree(f"episode: 1\ntitle: T\n{wrong}\nshots:\n  s010: {{start: x, seconds: 4}}\n", "f")
    rest = validate(tree, Episode)
    assert tree.findings
    assert rest is not None
    assert rest.shots["s010"].seconds == 4


def test_nearest_is_a_word_that_looks_alike() -> None:
    """A slip of the fingers finds its word; a word of another kind finds none."""
    assert nearest("dolley", ["dolly", "pan"]) == "dolly"
    assert nearest("xyz", ["dolly", "pan"]) is None
    assert did_you_mean("pann", ["dolly", "pan"]) == "Did you mean 'pan'?"
    assert did_you_mean("a", []) == ""


def test_the_rest_of_a_wrong_file_is_still_a_model() -> None:
    """What is sound is handed on without what is wrong, so that it can be checked too."""
    text = (
        "episode: 2\nshots:\n  s010: {start: x, seconds: 0, camera: {mov: a, size: b}}\n"
        "  s020: {restyle: {look: a}, mood: m}\n  s030: 5\n"
    )
    tree = read_tree(text, "f")
    episode = validate(tree, Episode)
    assert episode is not None
    assert list(episode.shots) == ["s010", "s020"]
    first, second = episode.shots.values()
    assert (first.start, first.seconds, first.camera and first.camera.size) == ("x", None, "b")
    assert (second.restyle, second.mood) == (None, "m")
    assert len(tree.findings) == 6
    assert not tree.is_sound(("shots", "s010"))
    assert tree.is_sound(("defaults",))


def test_without_its_shots_an_episode_is_nothing() -> None:
    """Where the body of a file is wrong nothing is handed on."""
    tree = read_tree("episode: 1\ntitle: x\nshots: 5\n", "f")
    assert validate(tree, Episode) is None
    assert len(tree.findings) == 1


def test_every_key_has_a_meaning() -> None:
    """Each key of each model has a docstring of its own, which is what a missing key is explained with."""
    for schema in json_schemas().values():
        for part in (schema, *schema.get("$defs", {}).values()):
            assert all(len(field["description"]) > 8 for field in part["properties"].values()), part["title"]
    assert meanings_of(Shot)["start"] == "What the first frame shows."


def test_every_pattern_is_explained_in_words() -> None:
    """No regular expression of the models reaches a user unexplained."""

    def patterns(value: object) -> set[str]:
        if isinstance(value, list):
            return set().union(*map(patterns, value))
        if not isinstance(value, dict):
            return set()
        own = {value["pattern"]} if isinstance(value.get("pattern"), str) else set()
        return own.union(value.get("patternProperties", {}), *map(patterns, value.values()))

    assert patterns(json_schemas()) == set(_PATTERNS)
