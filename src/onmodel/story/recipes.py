"""Recipes: shots written once, with slots. A shot that names one is filled in before it is read any further.

The shipped ones are in `recipes.json`, a production's own in `recipes/NAME.yaml`; both have the same keys.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path as FilePath
from typing import Annotated, Any, Final, Literal, NamedTuple

from pydantic import Field, WithJsonSchema

from onmodel.errors import Finding
from onmodel.story.faults import Fault
from onmodel.story.fields import Name, Part, Text
from onmodel.story.shot import Shot
from onmodel.story.shots import first_frame_of
from onmodel.story.validation import did_you_mean, validate
from onmodel.story.yaml_tree import Path, Tree

Mode = Literal["text-to-video", "image-to-video", "motion-control", "style-pass"]

_SLOT: Final = re.compile(r"\{([a-z][a-z0-9-]*)\}")
_OWN_KEYS: Final = ("recipe", "slots")
"""Keys of a shot that a recipe's shot and an episode's defaults do not have."""

HOW_TO_FIND: Final = "`onmodel recipes` lists them."


class Slot(Part):
    """A gap in a recipe's words."""

    what: Text
    """What belongs there."""
    example: Text
    """A filling, as a shot would give it."""
    default: Text | None = None
    """What stands there where the shot says nothing; without it the slot must be filled."""


class Recipe(Part):
    """`recipes/NAME.yaml`: a shot of your own to use again; `{slot}` stands for what differs."""

    recipe: Literal[1]
    """Version of this file's form."""
    title: Text
    """What people call it."""
    suits: Text
    """What it is for."""
    mode: Mode
    """How such a shot is filmed."""
    ratio: Literal["16:9", "9:16", "1:1"] | None = None
    """The shape of picture that suits it best."""
    slots: dict[Name, Slot] = Field(default={})
    """What differs from shot to shot."""
    # In an editor `{slot}` is no name and no number, so the schema does not look inside.
    shot: Annotated[Shot, WithJsonSchema({"type": "object"})]
    """The keys of a shot, with `{slot}` in their texts, in quotes."""


class Template(NamedTuple):
    """A recipe, and its shot as it was written."""

    name: str
    recipe: Recipe
    """Its shot is filled with the examples."""
    shot: Mapping[str, Any]

    def needs(self, given: Collection[str]) -> tuple[str, ...]:
        """The slots that must be filled by a shot which gives these keys itself."""
        taken = {key: value for key, value in self.shot.items() if key not in given}
        named = dict.fromkeys(name for _, text in _texts(taken, ()) for name in _SLOT.findall(text))
        return tuple(name for name in named if self.recipe.slots[name].default is None)

    def expanded(self, raw: Mapping[str, Any]) -> dict[str, Any]:
        """A shot as it was written, with the recipe's keys where it has none of its own.

        A slot that nobody filled shows its example.
        """
        given = raw.get("slots")
        fillings = {name: slot.default or slot.example for name, slot in self.recipe.slots.items()}
        fillings |= {name: str(text) for name, text in given.items()} if isinstance(given, dict) else {}
        return {**_filled({key: self.shot[key] for key in self.shot if key not in raw}, fillings), **raw}

    def example(self) -> dict[str, Any]:
        """A shot that uses it: what a user would write."""
        wanted = {name: self.recipe.slots[name].example for name in self.needs(())}
        return {"recipe": self.name} | ({"slots": wanted} if wanted else {})


class Cookbook:
    """The shipped recipes and a production's own."""

    def __init__(self, own: Mapping[str, Template | None]) -> None:
        self._own = own
        """None stands for a file that is wrong: its name is known."""

    def names(self) -> tuple[str, ...]:
        """Every name, the shipped ones first."""
        return tuple(dict.fromkeys((*shipped_names(), *self._own)))

    def get(self, name: str) -> Template | None:
        """The recipe of that name; None where its file is wrong or there is none."""
        return shipped(name) if name in shipped_names() else self._own.get(name)

    def is_own(self, name: str) -> bool:
        """Whether the production brought it."""
        return name in self._own


@cache
def _shipped() -> dict[str, Any]:
    raw: dict[str, Any] = json.loads(FilePath(__file__).with_name("recipes.json").read_text("utf-8"))
    recipes: dict[str, Any] = raw["recipes"]
    return recipes


def shipped_names() -> tuple[str, ...]:
    """The recipes that come with onmodel, in the guide's order."""
    return tuple(_shipped())


@cache
def shipped(name: str) -> Template:
    """One of the recipes that come with onmodel."""
    raw = {"recipe": 1, **_shipped()[name]}
    return Template(name, Recipe.model_validate(_with_examples(raw)), raw["shot"])


def read_recipe(name: str, tree: Tree) -> Template | None:
    """Check a recipe file; what is wrong stands in `tree.findings`, and then there is no recipe."""
    raw = tree.value
    if not isinstance(raw, dict):
        return None
    # The same lists of findings and broken parts: only the values differ.
    recipe = validate(replace(tree, value=_with_examples(raw)), Recipe)
    if tree.findings or recipe is None:
        return None
    tree.findings.extend(_recipe_faults(name, tree, recipe))
    return None if tree.findings else Template(name, recipe, raw["shot"])


def _recipe_faults(name: str, tree: Tree, recipe: Recipe) -> Iterator[Finding]:
    if name in shipped_names():
        hint = f"Rename it, say to my-{name}.yaml."
        yield Finding(tree.place(()), f"'{name}' is a recipe that comes with onmodel", hint)
    for key in _OWN_KEYS:
        if key in tree.value["shot"]:
            yield Finding(tree.key_place(("shot", key)), f"a recipe's shot has no '{key}' of its own")
    texts = _texts(tree.value["shot"], ("shot",))
    used = {slot: path for path, text in texts for slot in _SLOT.findall(text)}
    for slot, path in used.items():
        if slot not in recipe.slots:
            known = f"the slots are: {', '.join(recipe.slots)}" if recipe.slots else "it has no slots"
            hint = did_you_mean(slot, recipe.slots)
            yield Finding(tree.place(path), f"'{{{slot}}}' is no slot of this recipe; {known}.", hint)
    for slot in recipe.slots:
        if slot not in used:
            hint = f'Write "{{{slot}}}" where it belongs, in quotes.'
            yield Finding(tree.key_place(("slots", slot)), f"the slot '{slot}' is used nowhere", hint)
    found = mode_of(recipe.shot)
    if found != recipe.mode and used.keys() <= recipe.slots.keys():
        yield Finding(tree.place(("mode",)), f"found '{recipe.mode}' for 'mode', but its shot is {found}.")


def expand_recipes(tree: Tree, cookbook: Cookbook) -> None:
    """Fill in every shot of an episode file that names a recipe; what is wrong grows `tree.findings`.

    What a recipe brought is said to stand where it is named.
    """
    episode = tree.value
    if not isinstance(episode, dict):
        return
    defaults, shots = episode.get("defaults"), episode.get("shots")
    for key in _OWN_KEYS:
        if isinstance(defaults, dict) and key in defaults:
            place, message = tree.key_place(("defaults", key)), f"'{key}' belongs to one shot, not to all"
            tree.findings.append(Finding(place, message, "Write it in the shots."))
            tree.broken.add(("defaults", key))
    if isinstance(shots, dict):
        for name, raw in shots.items():
            if isinstance(raw, dict) and isinstance(raw.get("recipe"), str):
                shots[name] = _expanded(tree, ("shots", name), raw, cookbook)


def _expanded(tree: Tree, path: Path, raw: dict[str, Any], cookbook: Cookbook) -> dict[str, Any]:
    template, place = cookbook.get(raw["recipe"]), tree.place((*path, "recipe"))
    if template is None:
        tree.broken.add((*path, "recipe"))
        if raw["recipe"] not in cookbook.names():
            hint = did_you_mean(raw["recipe"], cookbook.names()) or HOW_TO_FIND
            known = ", ".join(cookbook.names())
            message = f"there is no recipe '{raw['recipe']}'; there are: {known}."
            tree.findings.append(Finding(place, message, hint))
        return raw
    found = list(_slot_faults(tree, path, raw, template))
    tree.findings += found
    expanded = template.expanded(raw)
    for key in expanded.keys() - raw.keys():
        tree.keys[*path, key] = tree.values[*path, key] = place
    if found:
        tree.broken.add((*path, "slots"))
        expanded.pop("slots", None)
    return expanded


def _slot_faults(tree: Tree, path: Path, raw: Mapping[str, Any], template: Template) -> Iterator[Finding]:
    given = raw.get("slots", {})
    if not isinstance(given, dict):
        return  # what is wanted there is said when the shot is read
    slots = template.recipe.slots
    for name in given:
        if name not in slots:
            known = f"its slots are: {', '.join(slots)}" if slots else "it has none"
            message = f"'{template.name}' has no slot '{name}'; {known}."
            yield Finding(tree.key_place((*path, "slots", name)), message, did_you_mean(name, slots))
    for name in template.needs(raw):
        if given.get(name) is None:
            slot = slots[name]
            yield Finding(
                tree.place((*path, "recipe")),
                f"the slot '{name}' of '{template.name}' is not filled: {slot.what}.",
                f"Write slots: {{{name}: {slot.example}}}",
            )


def mode_of(shot: Shot) -> Mode:
    """How a shot with its defaults filled in is filmed."""
    if shot.restyle:
        return "style-pass"
    if shot.motion:
        return "motion-control"
    return "text-to-video" if first_frame_of(shot) == "none" else "image-to-video"


def recipe_faults(shot: Shot, cookbook: Cookbook) -> Iterator[Fault]:
    """Say what keeps a shot from being what its recipe is for."""
    template = cookbook.get(shot.recipe) if shot.recipe else None
    if template is None:
        if shot.slots and not shot.recipe:
            yield Fault("'slots' fill a recipe, and the shot names none.", ("slots",), HOW_TO_FIND)
        return
    found, wanted = mode_of(shot), template.recipe.mode
    if found != wanted:
        hints = {
            "image-to-video": "Say who is in it with 'cast', or give a picture as 'first_frame'.",
            "text-to-video": "Remove 'cast' and 'first_frame'.",
        }
        message = f"'{template.name}' is for {wanted}, and with the shot's own keys this is {found}."
        yield Fault(message, ("recipe",), hints.get(wanted, ""))


def _with_examples(raw: Mapping[str, Any]) -> dict[str, Any]:
    """A recipe whose shot is filled as its slots' examples say; where one cannot be read, with its name."""
    slots = raw.get("slots")
    examples = {}
    for name, slot in slots.items() if isinstance(slots, dict) else ():
        example = slot.get("example") if isinstance(slot, dict) else None
        examples[name] = example if isinstance(example, str) else name
    return {**raw, **({"shot": _filled(raw["shot"], examples)} if "shot" in raw else {})}


def _filled(value: Any, fillings: Mapping[str, str]) -> Any:
    """A value with its slots filled; what is filled in is not looked at again."""
    if isinstance(value, str):
        return _SLOT.sub(lambda slot: fillings.get(slot[1], slot[0]), value)
    if isinstance(value, dict):
        return {_filled(key, fillings): _filled(one, fillings) for key, one in value.items()}
    return [_filled(one, fillings) for one in value] if isinstance(value, list) else value


def _texts(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    """Every text and every key in a value, with its path."""
    if isinstance(value, str):
        yield path, value
    if isinstance(value, dict):
        for key, one in value.items():
            yield (*path, key), key  # a name may be a slot too: `{who}: rain`
            yield from _texts(one, (*path, key))
    for index, one in enumerate(value if isinstance(value, list) else ()):
        yield from _texts(one, (*path, index))
