from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, ValidationError

from onmodel.story import read_story
from onmodel.story.reference import json_schemas, story_markdown, write_reference
from onmodel.story.yaml_tree import read_tree

DOCS = Path(__file__).parents[2] / "docs"
REPAIR = "docs/story.md and docs/schemas are older than the models: run `make docs`"

Write = Callable[[Mapping[str, str | bytes]], Path]


def test_the_docs_are_those_of_the_models(tmp_path: Path) -> None:
    """What stands in docs/ is what the models say now; the message names the command that repairs it."""
    for path in write_reference(tmp_path):
        kept = DOCS / path.relative_to(tmp_path)
        assert kept.is_file(), REPAIR
        assert kept.read_text("utf-8") == path.read_text("utf-8"), REPAIR


def kind_of(name: str) -> str:
    if name == "production.yaml":
        return "production"
    if name.startswith("characters/"):
        return "bible"
    if name.startswith("recipes/"):
        return "recipe"
    return "season" if "season-" in name else "episode"


def check(text: str, kind: str) -> None:
    value = json.loads(json.dumps(read_tree(text, "f").value, default=float))
    Draft202012Validator(json_schemas()[kind]).validate(value)


def test_the_schemas_are_schemas() -> None:
    """Each is a valid JSON Schema, and every default in it is a value that it allows."""

    def defaults(part: dict[str, Any], root: dict[str, Any]) -> None:
        for field in part["properties"].values():
            if "default" in field:
                Draft202012Validator({**field, "$defs": root.get("$defs", {})}).validate(field["default"])

    for schema in json_schemas().values():
        Draft202012Validator.check_schema(schema)
        for part in (schema, *schema.get("$defs", {}).values()):
            defaults(part, schema)


def test_the_schemas_take_the_demo(demo_files: dict[str, str]) -> None:
    """An editor marks nothing in the production that ships."""
    for name, text in demo_files.items():
        check(text, kind_of(name))


HEAD = "episode: 1\ntitle: x\nshots:\n  s010: "
BIBLE = "bible: 1\nname: P\nkind: human\nlooks: x\n"


@pytest.mark.parametrize(
    "shot",
    [
        "{cast: pip}",
        "{cast: [pip, mina]}",
        "{cast: {pip: rain}}",
        "{cast: []}",
        "{join: cut}",
        "{join: {crossfade: 0.5}}",
        "{avoid: x}",
        "{avoid: [x]}",
        "{mood: }",
        "{seconds: 2.5}",
    ],
)
def test_the_schemas_take_what_the_models_take(shot: str) -> None:
    """The short spellings are no mistakes."""
    check(HEAD + shot, "episode")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (HEAD + "{mod: x}", "episode"),
        (HEAD + "{camera: {zoom: x}}", "episode"),
        (HEAD + "{seconds: 0}", "episode"),
        (HEAD + "{seconds: 400}", "episode"),
        (HEAD + "{cast: Pip}", "episode"),
        (HEAD + "{cast: {Pip: rain}}", "episode"),
        (HEAD + "{join: fade}", "episode"),
        (HEAD + "{adherence: 2}", "episode"),
        ("episode: 1\ntitle: x\nshots: {010: {}}", "episode"),
        ("episode: 1\ntitle: x\nshots: {}", "episode"),
        ("episode: 1\ntitle: x", "episode"),
        (BIBLE + "always: []", "bible"),
        (BIBLE + "always: x\npalette: {eye: red}", "bible"),
        (BIBLE + "always: x\npalette: {Eye: '#ffffff'}", "bible"),
        ("production: 1\nname: a\ntitle: x\nretakes: 9", "production"),
        ("production: 2\nname: a\ntitle: x", "production"),
        ("season: 1\ntitle: x\nepisodes: []", "season"),
    ],
)
def test_the_schemas_refuse_what_the_models_refuse(text: str, kind: str) -> None:
    """Unknown keys at every level, values out of range and ids that cannot be."""
    with pytest.raises(ValidationError):
        check(text, kind)


def test_the_examples_of_the_docs_are_a_sound_production(write: Write) -> None:
    """The YAML blocks of docs/story.md, put together as their first lines say, read without a finding."""
    pictures = ("lantern", "window", "window-frame")
    files: dict[str, str | bytes] = {f"assets/{name}.png": "" for name in pictures}
    files["assets/motion/sway.mp4"] = ""
    for name, among, block in re.findall(
        r"```yaml\n# (\S+?\.yaml)(, among the shots)?\n(.*?)```", story_markdown(), re.DOTALL
    ):
        before = str(files[name]) if among else ""
        files[name] = before + (re.sub("^", "  ", block, flags=re.MULTILINE).rstrip(" ") if among else block)
    story = read_story(write(files))
    assert len(story.episodes["s01e01"].shots) == 13
    assert len(files) == 9
    for name, text in files.items():
        if name.endswith(".yaml"):
            check(str(text), kind_of(name))


def test_every_key_and_every_allowed_value_is_in_the_docs() -> None:
    """A producer finds each key of each kind of file, and each word that it takes."""
    text = story_markdown()
    for schema in json_schemas().values():
        for part in (schema, *schema.get("$defs", {}).values()):
            section = text.split(f"### {part['title']}\n")[1].split("\n## ")[0].split("\n### ")[0]
            for key, field in part["properties"].items():
                assert f"| `{key}` |" in section
                assert all(f"`{word}`" in section for word in field.get("enum", ()))


def test_the_links_lead_somewhere() -> None:
    """Each link within docs/story.md has its heading."""
    text = story_markdown()
    headings = {line.lstrip("# ").lower() for line in text.splitlines() if line.startswith("#")}
    assert set(re.findall(r"\(#(\w+)\)", text)) <= headings


def test_rows_are_rows() -> None:
    """No cell of a table holds a bar or a line break that would end it."""
    rows = [line for line in story_markdown().splitlines() if line.startswith("|")]
    assert rows
    assert {line.count("|") for line in rows} == {5}
