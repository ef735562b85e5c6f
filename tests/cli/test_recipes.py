from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from ruamel.yaml import YAML

from onmodel.story.recipes import shipped_names

OnModel = Callable[..., Any]


def test_recipes_lists_all(onmodel: OnModel) -> None:
    """Each with how it is filmed and what it is for, and the next command."""
    found = onmodel("recipes")
    assert found.code == 0
    assert [line.split()[0] for line in found.out.splitlines()[:-1]] == list(shipped_names())
    assert found.out.splitlines()[-1] == "14 recipes. onmodel recipes show living-portrait"


def test_recipes_looks_for_words(onmodel: OnModel) -> None:
    """By name, title, purpose or mode; where nothing is found, the nearest name."""
    assert [line.split()[0] for line in onmodel("recipes", "CLAY").out.splitlines()[:-1]] == ["claymation"]
    assert len(json.loads(onmodel("recipes", "style-pass", "--json").out)["recipes"]) == 6
    missed = onmodel("recipes", "clamation")
    assert missed.code == 1
    assert "Did you mean 'claymation'?" in missed.err


@pytest.mark.parametrize("part", ["in a shot list\n", "which comes to\n"])
def test_shown_recipes_can_be_pasted(part: str, onmodel: OnModel, production: Path) -> None:
    """What `recipes show` prints, written into a shot list, is in order: short, and written out."""
    for picture in ("headphone", "ramen"):
        Image.effect_noise((1080, 1080), 64).convert("RGB").save(production / f"assets/{picture}.png")
    episode = (production / "episodes/s01e01.yaml").read_text("utf-8").rstrip()
    for number, name in enumerate(shipped_names()):
        block = onmodel("recipes", "show", name).out.split(part)[1].split("\n\n")[0].rstrip()
        assert block.startswith("  s090:\n")
        episode += "\n" + block.replace("s090", f"s1{number:02}", 1)
    (production / "episodes/s01e03.yaml").write_text(episode + "\n", "utf-8")
    checked = onmodel("check")
    assert [line for line in checked.err.splitlines() if "warning" not in line] == []
    assert checked.code == 0


def test_a_recipe_as_json_is_its_yaml(onmodel: OnModel) -> None:
    """Slots, the shot that uses it, and what it comes to."""
    found = json.loads(onmodel("recipes", "show", "luxury-car", "--json").out)
    assert found["schema"] == "onmodel.recipe/1"
    assert found["slots"]["colour"]["default"] == "black"
    text = onmodel("recipes", "show", "luxury-car").out.split("which comes to\n")[1]
    assert YAML(typ="safe").load(text) == found["comes_to"]


@pytest.mark.parametrize(
    ("typed", "code", "said"),
    [
        (("show", "luxuri-car"), 1, "Did you mean 'luxury-car'?"),
        (("show",), 2, "onmodel recipes show NAME"),
        (("show", "a", "b"), 2, "onmodel recipes show NAME"),
    ],
)
def test_a_wrong_name_is_told(typed: tuple[str, ...], code: int, said: str, onmodel: OnModel) -> None:
    """Each says what to type."""
    found = onmodel("recipes", *typed)
    assert found.code == code
    assert said in found.err


def test_recipes_of_ones_own_are_listed(onmodel: OnModel, production: Path) -> None:
    """A production's own recipe is marked, one that is wrong is told with its place."""
    (production / "recipes").mkdir()
    path = production / "recipes/mine.yaml"
    sound = "recipe: 1\ntitle: Mine\nsuits: me\nmode: text-to-video\nshot: {cast: [], start: a, action: b}\n"
    path.write_text(sound, "utf-8")
    assert onmodel("recipes", "mine").out.split() == [
        "mine", "text-to-video", "me", "yours", "1", "recipe.", "onmodel", "recipes", "show", "mine",
    ]  # fmt: skip
    path.write_text(sound.replace("title", "titel"), "utf-8")
    broken = onmodel("recipes")
    assert broken.code == 1
    assert "recipes/mine.yaml:2:1: unknown key 'titel'" in broken.err


def test_recipes_are_listed_anywhere(onmodel: OnModel, tmp_path: Path) -> None:
    """Outside a production the shipped ones are shown."""
    assert onmodel("recipes", "-p", str(tmp_path)).out.endswith("onmodel recipes show living-portrait\n")


"""A PNG of one black pixel."""
