from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onmodel.story import Shot, read_story
from onmodel.story.faults import shot_faults
from onmodel.story.reading import read_cookbook
from onmodel.story.recipes import Cookbook, Template, expand_recipes, mode_of, shipped, shipped_names
from onmodel.story.yaml_tree import read_tree

Write = Callable[[Mapping[str, str | bytes]], Path]
Findings = Callable[[Mapping[str, str | bytes]], list[str]]

EPISODE = "episode: 1\ntitle: One\ndefaults: {cast: pip, setting: a room, mood: warm}\nshots:\n"
DOORWAY = """\
recipe: 1
title: Somebody comes in
suits: arrivals
mode: image-to-video
slots:
  who: {what: a bible's id, example: pip}
  room: {what: the room, example: a cellar, default: a kitchen}
shot:
  cast: "{who}"
  setting: "{room}"
  start: "{who} waits"
  action: they step in
  camera: {size: wide}
"""


def expanded(raw: dict[str, Any]) -> dict[str, Any]:
    """A shot of an episode, after its recipe was filled in."""
    tree = read_tree(f"shots: {json.dumps({'s010': raw})}\n", "f")
    expand_recipes(tree, Cookbook({}))
    assert tree.findings == []
    found: dict[str, Any] = tree.value["shots"]["s010"]
    return found


GUIDES_EIGHT = {
    "living-portrait": ("image-to-video", 0.4),
    "product-hero": ("image-to-video", 0.7),
    "fpv-flight": ("text-to-video", 0.5),
    "anime-opening": ("motion-control", None),
    "food-commercial": ("image-to-video", 0.6),
    "vintage-film": ("style-pass", 0.7),
    "luxury-car": ("text-to-video", 0.6),
    "social-reaction": ("image-to-video", 0.5),
}
GUIDES_SIX_EDITS = {
    "new-background": ("style-pass", 0.6),
    "drawn-animation": ("style-pass", 0.7),
    "claymation": ("style-pass", 0.8),
    "new-outfit": ("style-pass", 0.6),
    "new-weather": ("style-pass", 0.5),
    "several-references": ("image-to-video", 0.6),
}


def test_the_guides_recipes_ship() -> None:
    """Its eight recipes and its six edits, each filmed the way and with the adherence that it says."""
    found = {
        name: (shipped(name).recipe.mode, shipped(name).recipe.shot.adherence) for name in shipped_names()
    }
    assert found == GUIDES_EIGHT | GUIDES_SIX_EDITS


@pytest.mark.parametrize("name", shipped_names())
def test_a_shipped_recipe_is_a_sound_shot(name: str) -> None:
    """With its examples it is a shot of its mode in which nothing contradicts itself; no slot is unused."""
    template = shipped(name)
    shot = template.recipe.shot
    assert mode_of(shot) == template.recipe.mode
    filmed = Shot.model_validate({"cast": "pip"})
    around = {"s010": filmed, "s020": filmed, "s090": shot}
    assert [one.message for one in shot_faults("s090", shot, around)] == []
    written = json.dumps(template.shot)
    assert [slot for slot in template.recipe.slots if f"{{{slot}}}" not in written] == []
    assert re.search(r"\{[a-z]", json.dumps(template.expanded(template.example()))) is None


@pytest.mark.parametrize("name", shipped_names())
def test_a_shipped_recipe_leaves_room_for_the_character(name: str) -> None:
    """What a prompt says of the shot takes at most 340 of the 500 characters that are advised."""
    shot = shipped(name).recipe.shot
    said = [shot.start, shot.setting, shot.action, shot.mood]
    again = shot.restyle
    said += [again.look, again.setting, again.mood, *again.keep] if again else []
    assert sum(len(text) for text in said if text) <= 340


def test_a_shot_is_filled_in_before_it_is_read(write: Write) -> None:
    """A recipe brings what the shot does not say itself; both win over the defaults."""
    shots = "  s010: {recipe: luxury-car, slots: {car: a coupe, colour: red}, mood: gloomy}\n"
    shot = read_story(write({"episodes/s01e01.yaml": EPISODE + shots})).shots("s01e01")["s010"]
    assert (shot.recipe, shot.cast, shot.mood) == ("luxury-car", {}, "gloomy")
    assert shot.start == "a coupe in red stands half in shadow"
    assert shot.camera is not None
    assert shot.camera.move == "truck right"


def test_a_recipe_is_the_same_as_its_words(write: Write) -> None:
    """The shot with a recipe and the shot that was written out show the same."""
    plain = Template.expanded(shipped("luxury-car"), {"slots": {"car": "a coupe"}})
    del plain["slots"]
    shots = f"  s010: {{recipe: luxury-car, slots: {{car: a coupe}}}}\n  s020: {json.dumps(plain)}\n"
    found = read_story(write({"episodes/s01e01.yaml": EPISODE + shots})).shots("s01e01")
    same = {"recipe", "slots"}
    assert found["s010"].model_dump(exclude=same) == found["s020"].model_dump(exclude=same)


def test_an_empty_key_takes_nothing_from_the_recipe() -> None:
    """`mood:` with nothing after it says that there is none."""
    found = expanded({"recipe": "luxury-car", "slots": {"car": "a coupe"}, "mood": None})
    assert found["mood"] is None


def test_a_slot_may_stay_open_where_the_shot_says_the_rest() -> None:
    """Only slots in keys that the shot does not give itself must be filled."""
    found = expanded({"recipe": "living-portrait", "slots": {"pose": "x"}, "cast": "mina"})
    assert (found["cast"], found["setting"]) == ("mina", "a plain room, softly out of focus")


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1).filter(str.strip))
def test_what_fills_a_slot_is_not_looked_at_again(text: str) -> None:
    """Any text goes in as it is, braces included."""
    car = text + "{colour}"
    found = shipped("luxury-car").expanded({"slots": {"car": car}})
    assert found["start"] == f"{car} in black stands half in shadow"


@pytest.mark.parametrize(
    ("shot", "finding"),
    [
        (
            "{recipe: luxuri-car, start: a, action: b}",
            "5:18: there is no recipe 'luxuri-car'; there are: living-portrait",
        ),
        ("{recipe: luxuri-car, start: a, action: b}", "Did you mean 'luxury-car'?"),
        (
            "{recipe: luxury-car}",
            "brand's name. Write slots: {car: a long low coupe with frameless doors}",
        ),
        ("{recipe: luxury-car, slots: {car: }}", "5:18: the slot 'car' of 'luxury-car' is not filled"),
        (
            "{recipe: luxury-car, slots: {car: a, color: b}}",
            "5:46: 'luxury-car' has no slot 'color'; its slots are: car, colour. Did you mean 'colour'?",
        ),
        ("{recipe: luxury-car, slots: [car]}", "5:37: found a list for 'slots'"),
        ("{recipe: luxury-car, slots: {car: 3}}", "5:43: found 3 for 'car'; a text is wanted. Put it in"),
        ("{recipe: 7}", "5:18: found 7 for 'recipe'; a text is wanted."),
        ("{slots: {a: b}, start: a, action: b}", "5:17: 'slots' fill a recipe, and the shot names none."),
        (
            "{recipe: luxury-car, slots: {car: a}, cast: pip}",
            "5:18: 'luxury-car' is for text-to-video, and with the shot's own keys this is image-to-video.",
        ),
        (
            "{recipe: product-hero, slots: {picture: assets/none.png, product: a}}",
            "5:18: there is no file 'assets/none.png'",
        ),
        (
            "{recipe: living-portrait, slots: {character: mona, pose: a}}",
            "5:18: unknown character 'mona'; the bibles are: pip.",
        ),
    ],
)
def test_what_is_wrong_is_said_where_it_is_written(shot: str, finding: str, findings: Findings) -> None:
    """Each with its place, what is allowed, and the nearest; what a recipe brought is at the recipe."""
    found = findings({"episodes/s01e01.yaml": EPISODE + f"  s010: {shot}\n"})
    assert [one for one in found if finding in one], found
    assert len(found) == 1


def test_defaults_have_no_recipe(findings: Findings) -> None:
    """A recipe is one shot's; in the defaults it is refused, not ignored."""
    episode = EPISODE.replace("mood: warm", "recipe: luxury-car") + "  s010: {start: a, action: b}\n"
    found = findings({"episodes/s01e01.yaml": episode})
    assert found == [
        "episodes/s01e01.yaml:3:40: 'recipe' belongs to one shot, not to all. Write it in the shots."
    ]


def test_a_recipe_of_ones_own_is_one_more(write: Write) -> None:
    """A file in recipes/ may be named like a shipped one, and its defaults fill in."""
    shots = "  s010: {recipe: doorway, slots: {who: pip}}\n"
    root = write({"recipes/doorway.yaml": DOORWAY, "episodes/s01e01.yaml": EPISODE + shots})
    shot = read_story(root).shots("s01e01")["s010"]
    assert (shot.cast, shot.setting, shot.start) == ({"pip": "default"}, "a kitchen", "pip waits")
    cookbook = read_cookbook(root)
    assert cookbook.names() == (*shipped_names(), "doorway")
    assert [name for name in cookbook.names() if cookbook.is_own(name)] == ["doorway"]


@pytest.mark.parametrize(
    ("old", "new", "finding"),
    [
        ("example: pip}", "exampel: pip}", "6:29: unknown key 'exampel'; allowed: what, example, default."),
        ('"{room}"', '"{rom}"', "10:12: '{rom}' is no slot of this recipe; the slots are: who, room."),
        ('"{room}"', "a hall", "7:3: the slot 'room' is used nowhere."),
        (
            "mode: image-to-video",
            "mode: text-to-video",
            "4:7: found 'text-to-video' for 'mode', but its shot",
        ),
        ("action:", "recipe: luxury-car\n  action:", "12:3: a recipe's shot has no 'recipe' of its own."),
        ("action:", "acton:", "12:3: unknown key 'acton'"),
        ('start: "{who} waits"', "start: {who}", "11:10: found a block of keys and values for 'start'"),
        ("shot:\n", "shots:\n", "8:1: unknown key 'shots'"),
        ("slots:\n", "slots: []\nslot:\n", "5:8: found nothing for 'slots'"),
        (DOORWAY, "", "1:1: the file is empty"),
        (DOORWAY, "- a\n", "1:1: keys and values are wanted here"),
    ],
)
def test_a_recipe_file_is_checked(old: str, new: str, finding: str, findings: Findings) -> None:
    """What is wrong in recipes/ is said at its place, and not again at the shots that use it."""
    shots = "  s010: {recipe: doorway, slots: {who: pip}, start: a, action: b}\n"
    text = DOORWAY.replace(old, new)
    found = findings({"recipes/doorway.yaml": text, "episodes/s01e01.yaml": EPISODE + shots})
    assert [one for one in found if f"recipes/doorway.yaml:{finding}" in one], found
    assert [one for one in found if one.startswith("episodes")] == []


def test_a_shipped_name_is_taken(findings: Findings) -> None:
    """A recipe of one's own may not stand in for a shipped one without anybody seeing it."""
    found = findings({"recipes/claymation.yaml": DOORWAY})
    assert len(found) == 1
    assert found[0].startswith("recipes/claymation.yaml:1:1: 'claymation' is a recipe that comes with")
    assert found[0].endswith("Rename it, say to my-claymation.yaml.")


@given(
    st.recursive(st.none() | st.text() | st.integers(), lambda x: st.lists(x) | st.dictionaries(st.text(), x))
)
def test_no_episode_ends_the_filling_in(value: Any) -> None:
    """Whatever stands where episodes, shots, recipes and slots should, it is left to be told by the check."""
    for raw in (
        value,
        {"shots": value, "defaults": value},
        {"shots": {"s010": value}},
        {"shots": {"s010": {"recipe": value, "slots": value}}},
        {"shots": {"s010": {"recipe": "luxury-car", "slots": value}}},
    ):
        tree = read_tree("a: b\n", "f")
        tree.value = raw
        expand_recipes(tree, Cookbook({}))


def test_a_ladder_fits_its_shot(findings: Findings) -> None:
    """`motion-control` climbs with a reference, `refinement` without one."""
    shots = "  s010: {start: a, action: b, ladder: motion-control}\n"
    found = findings({"episodes/s01e01.yaml": EPISODE + shots})
    assert found == [
        "episodes/s01e01.yaml:5:39: the ladder 'motion-control' needs a 'motion'. Take 'refinement' here."
    ]
    shots = "  s010: {start: a, motion: {reference: m.mp4}, ladder: refinement}\n"
    found = findings({"m.mp4": b"x", "episodes/s01e01.yaml": EPISODE + shots})
    assert len(found) == 1
    assert found[0].startswith("episodes/s01e01.yaml:5:56: the ladder 'refinement' is for shots without")


def test_a_default_ladder_is_taken_where_it_fits(write: Write) -> None:
    """A ladder of the defaults leaves out the shots that it is not for."""
    episode = EPISODE.replace("mood: warm", "ladder: refinement")
    shots = "  s010: {start: a, action: b}\n  s020: {start: a, motion: {reference: m.mp4}}\n"
    found = read_story(write({"m.mp4": b"x", "episodes/s01e01.yaml": episode + shots})).shots("s01e01")
    assert [shot.ladder for shot in found.values()] == ["refinement", None]


def test_the_recipes_are_in_the_package() -> None:
    """The file of recipes is where an installation has it."""
    assert (files("onmodel.story") / "recipes.json").is_file()
