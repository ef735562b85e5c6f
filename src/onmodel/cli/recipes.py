"""`onmodel recipes`: what recipes there are, and what a shot that names one comes to."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from onmodel.cli.showing import counted, in_columns, print_json, say
from onmodel.errors import PlanError
from onmodel.story.reading import read_cookbook
from onmodel.story.recipes import Cookbook, Template
from onmodel.story.validation import did_you_mean

SHOT_ID = "s090"
"""The shot of the example: a style pass is of an earlier one."""


def list_recipes(root: Path, words: Sequence[str], *, as_json: bool) -> None:
    """Print the recipes in which every one of these words is.

    Raises:
        PlanError: there is none.
        StoryError: a recipe of the production is wrong.
    """
    cookbook = read_cookbook(root)
    every = [found for name in cookbook.names() if (found := cookbook.get(name))]
    shown = [one for one in every if all(word.casefold() in _about(one) for word in words)]
    if not shown:
        wanted = " ".join(words)
        raise PlanError(
            f"no recipe has '{wanted}' in its name, title, purpose or mode",
            hint=did_you_mean(wanted, cookbook.names()) or "`onmodel recipes` lists all.",
        )
    if as_json:
        rows = [_recipe_json(one, cookbook) for one in shown]
        print_json({"schema": "onmodel.recipes/1", "recipes": rows})
        return
    cells = [
        (one.name, one.recipe.mode, one.recipe.suits, "yours" if cookbook.is_own(one.name) else "")
        for one in shown
    ]
    for line in in_columns(cells):
        say(line)
    say(f"{counted(len(shown), 'recipe')}. onmodel recipes show {shown[0].name}")


def show_recipe(root: Path, name: str, *, as_json: bool) -> None:
    """Print a recipe's slots, and a shot that uses it, ready to paste.

    Raises:
        PlanError: there is none of that name.
        StoryError: a recipe of the production is wrong.
    """
    cookbook = read_cookbook(root)
    template = cookbook.get(name)
    if template is None:
        raise PlanError(
            f"there is no recipe '{name}'; there are: {', '.join(cookbook.names())}",
            hint=did_you_mean(name, cookbook.names()),
        )
    used, comes_to = _example(template)
    if as_json:
        document = {"schema": "onmodel.recipe/1", **_recipe_json(template, cookbook)}
        print_json({**document, "example": used, "comes_to": comes_to})
        return
    recipe = template.recipe
    say(f"{template.name}: {recipe.title}, for {recipe.suits}")
    say(f"filmed as {recipe.mode}" + (f", best in {recipe.ratio}" if recipe.ratio else ""))
    if recipe.slots:
        say("\nslots")
        cells = [
            (f"  {slot}", one.what, f"else: {one.default}" if one.default else "must be filled")
            for slot, one in recipe.slots.items()
        ]
        for line in in_columns(cells):
            say(line)
    say(f"\nin a shot list\n{_yaml(used)}")
    say(f"\nwhich comes to\n{_yaml(comes_to)}")


def _about(template: Template) -> str:
    recipe = template.recipe
    return f"{template.name} {recipe.title} {recipe.suits} {recipe.mode}".casefold()


def _example(template: Template) -> tuple[dict[str, Any], dict[str, Any]]:
    """A shot that uses the recipe, and the same as if it had been written out."""
    used = template.example()
    comes_to = {key: value for key, value in template.expanded(used).items() if key not in used}
    return {SHOT_ID: used}, {SHOT_ID: comes_to}


def _recipe_json(template: Template, cookbook: Cookbook) -> dict[str, Any]:
    recipe = template.recipe
    return {
        "name": template.name,
        "own": cookbook.is_own(template.name),
        **recipe.model_dump(include={"title", "suits", "mode", "ratio", "slots"}),
    }


def _yaml(document: Any) -> str:
    """Plain YAML, indented to stand below `shots:`."""
    from ruamel.yaml import YAML  # noqa: PLC0415 (listing needs none)

    yaml = YAML()
    yaml.default_flow_style = False
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.width = 100
    written = io.StringIO()
    yaml.dump(document, written)
    return "\n".join(f"  {line}".rstrip() for line in written.getvalue().splitlines())
