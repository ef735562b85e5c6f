"""The reference of the story files, made from their models: docs/story.md and JSON Schemas for editors.

`python -m onmodel.story.reference [FOLDER]` writes them; `make docs` does so for ./docs.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel

from onmodel.story import fields, recipes
from onmodel.story.bible import Bible
from onmodel.story.episode import Episode, Season
from onmodel.story.meanings import meanings_of
from onmodel.story.production import Production
from onmodel.story.reading import SHOT_ID
from onmodel.story.worked_examples import BIBLE, EPISODE, OPENING, PRODUCTION, RECIPE, SEASON, Worked

Schema = dict[str, Any]

FILES: Final[dict[str, tuple[type[BaseModel], Worked]]] = {
    "production": (Production, PRODUCTION),
    "bible": (Bible, BIBLE),
    "episode": (Episode, EPISODE),
    "season": (Season, SEASON),
    "recipe": (recipes.Recipe, RECIPE),
}
"""The kinds of story file, each with its model and its example."""

KINDS_OF_TEXT: Final[dict[Any, str]] = {
    fields.NAME: "name",
    fields.COLOUR: 'colour like `"#3b78d8"`',
    fields.RESOLUTION: "height like `720p`",
}
"""What a text of a pattern is called."""

GENERATED: Final = "<!-- Made from the models by `make docs`: edit src/onmodel/story, not this file. -->\n"


def json_schemas() -> dict[str, Schema]:
    """A JSON Schema for each kind of story file, for completion and marks in an editor."""
    return {name: _schema(name, model) for name, (model, _) in FILES.items()}


def story_markdown() -> str:
    """The text of docs/story.md: each kind of file with an example, then every key."""
    parts = [GENERATED, "# Story files\n", OPENING]
    told: set[str] = set()
    for name, schema in json_schemas().items():
        worked = FILES[name][1]
        parts += [f"## {worked.title}\n", worked.text + "\n", _block(worked.yaml)]
        for text, yaml in worked.pieces:
            parts += [text + "\n", _block(yaml)]
        for title, model in _models_of(schema):
            if title not in told:
                told.add(title)
                parts.append(_table(title, model))
    parts.append(_editor())
    return "\n".join(parts)


def write_reference(docs: Path) -> list[Path]:
    """Write story.md and schemas/NAME.schema.json below a folder, and say which files those are.

    Raises:
        OSError: a file cannot be written.
    """
    texts = {docs / "story.md": story_markdown()}
    for name, schema in json_schemas().items():
        written = json.dumps(schema, indent=2, ensure_ascii=False)
        texts[docs / "schemas" / f"{name}.schema.json"] = written + "\n"
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return list(texts)


def _schema(name: str, model: type[BaseModel]) -> Schema:
    made = model.model_json_schema()
    parts = {part.__name__: part for part in fields.Part.__subclasses__()}
    for part in (made, *made.get("$defs", {}).values()):
        meanings = meanings_of(parts[part["title"]])
        for key, field in part["properties"].items():
            part["properties"][key] = {**_tidied(field), "description": meanings[key]}
    if name == "episode":
        made["properties"]["shots"]["propertyNames"] = {"pattern": SHOT_ID.pattern}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made}


def _tidied(schema: Schema) -> Schema:
    """A field's schema without titles and empty defaults, closed where only some names are allowed."""
    kept = {key: value for key, value in schema.items() if key != "title"}
    if kept.get("default") in (None, [], {}) or isinstance(kept.get("default"), dict):
        kept.pop("default", None)
    if kept.get("type") == "number" and "default" in kept:
        kept["default"] = int(kept["default"])
    if "patternProperties" in kept:
        kept["additionalProperties"] = False
    if "anyOf" in kept:
        kept["anyOf"] = [_tidied(one) for one in kept["anyOf"]]
        if "minItems" in kept:
            least = kept.pop("minItems")
            kept["anyOf"] = [one | {"minItems": least} if "items" in one else one for one in kept["anyOf"]]
    return kept


def _models_of(schema: Schema) -> Iterator[tuple[str, Schema]]:
    """A schema's models, the file itself first, then in the order in which they are met."""
    yield schema["title"], schema
    waiting, met = [schema], set()
    while waiting:
        for reference in _references(waiting.pop(0)["properties"]):
            if reference not in met:
                met.add(reference)
                waiting.append(schema["$defs"][reference])
                yield reference, schema["$defs"][reference]


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if "$ref" in value:
            yield value["$ref"].rsplit("/", 1)[-1]
        for one in value.values():
            yield from _references(one)
    elif isinstance(value, list):
        for one in value:
            yield from _references(one)


def _table(title: str, model: Schema) -> str:
    rows = [
        f"### {title}\n",
        f"{model['description']}\n",
        "| key | takes | default | meaning |",
        "|---|---|---|---|",
    ]
    for key, field in model["properties"].items():
        default = "**required**" if key in model.get("required", ()) else ""
        if "default" in field:
            shown = field["default"]
            default = f"`{', '.join(shown) if isinstance(shown, list) else json.dumps(shown).strip(chr(34))}`"
        rows.append(
            f"| `{key}` | {_takes(field)} | {default} | {field['description']} |".replace("|  |", "| |")
        )
    return "\n".join(rows) + "\n"


def _takes(schema: Schema, form: str = "a {}") -> str:
    """What a key takes, in words, with every allowed value."""
    if "anyOf" in schema:
        return " or ".join(_takes(one) for one in schema["anyOf"] if one.get("type") != "null")
    if "$ref" in schema:
        title = schema["$ref"].rsplit("/", 1)[-1]
        return f"[{title}](#{title.lower()})"
    if schema["type"] == "array":
        return f"a list of {_takes(schema['items'], '{}s')}"
    if schema == {"type": "object", "description": schema.get("description")}:
        return "keys and values"
    if schema["type"] == "object":
        inner = schema.get("additionalProperties") or next(iter(schema["patternProperties"].values()))
        return f"names, each with {_takes(inner)}"
    return _one_of(schema) or _range(schema) or form.format(KINDS_OF_TEXT.get(schema.get("pattern"), "text"))


def _one_of(schema: Schema) -> str:
    values = ["true", "false"] if schema["type"] == "boolean" else schema.get("enum", [])
    values = [schema["const"]] if "const" in schema else values
    return ", ".join(f"`{value}`" for value in values)


def _range(schema: Schema) -> str:
    if schema["type"] not in ("number", "integer"):
        return ""
    kind = "a whole number" if schema["type"] == "integer" else "a number"
    words = {"exclusiveMinimum": "over", "minimum": "from", "maximum": "to"}
    return " ".join([kind, *(f"{word} {schema[key]}" for key, word in words.items() if key in schema)])


def _block(yaml: str) -> str:
    return f"```yaml\n{yaml}```\n"


def _editor() -> str:
    names = ("bible", "episode")
    lines = [f"# yaml-language-server: $schema=../docs/schemas/{name}.schema.json\n" for name in names]
    return (
        "## In an editor\n\n"
        "`docs/schemas/` has a JSON Schema for each kind of file. An editor with a YAML language server\n"
        "completes keys and marks mistakes where the first line of a file names its schema:\n\n"
        f"```text\n{''.join(lines)}```\n"
    )


if __name__ == "__main__":
    for written in write_reference(Path(*(sys.argv[1:] or ["docs"]))):
        sys.stdout.write(f"{written}\n")
