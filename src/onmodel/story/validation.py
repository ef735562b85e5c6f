"""A YAML tree to a model: pydantic's complaints become findings with place, allowed values, nearest match."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from decimal import Decimal
from typing import Any, Final, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from onmodel.errors import Finding
from onmodel.story.fields import COLOUR, FACTORY, NAME, RESOLUTION
from onmodel.story.guide_keys import shot_key
from onmodel.story.meanings import meanings_of
from onmodel.story.yaml_tree import DEEPEST, Path, Tree

M = TypeVar("M", bound=BaseModel)

NEAR: Final = 60
"""rapidfuzz ratio (0-100) from which a word is offered as the one that was meant."""

LONGEST_SHOWN: Final = 60
"""Characters of a wrong value that a message shows; more would not fit a line."""


def nearest(word: str, allowed: Iterable[str]) -> str | None:
    """The allowed word that looks most like `word`, if one does."""
    from rapidfuzz import fuzz, process  # noqa: PLC0415 (only when something is wrong)

    match = process.extractOne(word, list(allowed), scorer=fuzz.ratio, score_cutoff=NEAR)
    return match[0] if match else None


def did_you_mean(word: str, allowed: Iterable[str]) -> str:
    """`Did you mean 'x'?`, or nothing where no word is near."""
    near = nearest(word, allowed)
    return f"Did you mean '{near}'?" if near else ""


def validate(tree: Tree, model: type[M]) -> M | None:
    """Check a tree against a model.

    Returns:
        The model. Where something is wrong, `tree.findings` and `tree.broken` have grown, and what comes back
        is the model of the rest, so that the rest can be checked too; None where the rest is no model.
    """
    try:
        return model.model_validate(tree.value)
    except ValidationError as error:
        faults = error.errors(include_url=False)
    for details in faults:
        tree.findings.append(_finding(tree, model, details))
        tree.broken.add(tree.written(_without_marks(details["loc"])))
    return _model_of_the_rest(tree, model)


def _model_of_the_rest(tree: Tree, model: type[M]) -> M | None:
    """The model of what is sound: a part that lacks a key goes whole, a file's own key gets a stand-in."""
    broken = set(tree.broken)
    stand_ins: dict[str, Any] = {}
    for _ in range(DEEPEST):
        try:
            return model.model_validate(_without(tree.value, broken) | stand_ins)
        except ValidationError as error:
            for details in error.errors(include_url=False):
                path = tree.written(_without_marks(details["loc"]))
                while len(path) > 1 and (path not in tree.values or path in broken):
                    path = path[:-1]  # what is missing once it was left out takes what it is a part of along
                broken.add(path)
                field = model.model_fields.get(str(path[0])) if len(path) == 1 else None
                if field is not None and field.is_required():
                    allowed = get_args(_without_none(field.annotation))
                    stand_ins[str(path[0])] = allowed[0] if allowed else "x"
    return None


def _without(value: Any, broken: Collection[Path], path: Path = ()) -> Any:
    """A copy of a value without the broken parts."""
    if isinstance(value, dict):
        return {
            key: _without(one, broken, (*path, key))
            for key, one in value.items()
            if (*path, key) not in broken
        }
    if isinstance(value, list):
        left = (index for index in range(len(value)) if (*path, index) not in broken)
        return [_without(value[index], broken, (*path, index)) for index in left]
    return value


def _finding(tree: Tree, model: type[BaseModel], details: ErrorDetails) -> Finding:
    path = _without_marks(details["loc"])
    key = next((step for step in reversed(path) if isinstance(step, str)), "")
    kind, context = details["type"], details.get("ctx", {})
    if kind == "extra_forbidden":
        allowed = _fields_of(model, path[:-1])
        return Finding(
            tree.key_place(path),
            f"unknown key '{key}'; allowed: {', '.join(allowed)}.",
            _called_here(key, allowed) or did_you_mean(key, allowed),
        )
    if kind == "missing":
        place = tree.key_place(path[:-1])
        return Finding(place, f"'{key}' is missing{_in(path[:-1])}.", _meaning(model, path))
    place = tree.place(path)
    if kind == "literal_error":
        allowed = [word.strip("'") for word in str(context["expected"]).replace(" or ", ", ").split(", ")]
        message = f"{_found(details)} for '{key}'; allowed: {', '.join(allowed)}."
        return Finding(place, message, did_you_mean(str(details["input"]), allowed))
    if kind == "string_pattern_mismatch":
        is_key = details["loc"][-1] == "[key]"
        where = tree.key_place(path) if is_key else place
        for_key = "" if is_key else f" for '{key}'"
        return Finding(where, f"{_found(details)}{for_key}; {_PATTERNS[context['pattern']]}.")
    if kind in _WANTED:
        quotable = kind == "string_type" and isinstance(details["input"], (bool, int, Decimal))
        hint = "Put it in quotes." if quotable else ""
        return Finding(
            place, f"{_found(details)} for '{key}'; {_WANTED[kind].format_map(context)} is wanted.", hint
        )
    message = details["msg"].removeprefix("Value error, ").replace("Input should be", "allowed is")
    return Finding(place, f"{_found(details)} for '{key}': {message}.")


def _called_here(key: str, allowed: Collection[str]) -> str:
    """What a shot calls a field that somebody knows by an endpoint's name."""
    own = shot_key(key)
    if own is None:
        return ""
    return f"Here it is '{own}'." if own.partition(".")[0] in allowed else f"In a shot it is '{own}'."


_WANTED = {
    "model_type": "a block of keys and values",
    "dict_type": "a block of keys and values",
    "list_type": "a list, like [a, b],",
    "too_short": "a length of at least {min_length}",
    "too_long": "a length of at most {max_length}",
    "string_type": "a text",
    "int_type": "a whole number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "date_from_datetime_parsing": "a day, like 2026-12-24,",
    "date_type": "a day, like 2026-12-24,",
}
"""What is wanted instead, by the kind of pydantic's complaint."""

_PATTERNS = {
    NAME: "a name starts with a letter and has only a-z, 0-9 and '-'",
    COLOUR: "a colour is written '#rrggbb', in quotes",
    FACTORY: "a scorer is written module:factory, like our_scorers:ccip",
    RESOLUTION: "a resolution is written like 720p or 1080p",
}


def _found(details: ErrorDetails) -> str:
    found = details["input"]
    if found is None or found in ([], {}):
        return "found nothing"
    if isinstance(found, (list, dict)):
        return "found a list" if isinstance(found, list) else "found a block of keys and values"
    text = repr(found) if isinstance(found, str) else str(found).lower()
    return f"found {text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 3] + '...'}"


def _in(path: Path) -> str:
    named = next((step for step in reversed(path) if isinstance(step, str)), "")
    return f" in '{named}'" if named else ""


def _without_marks(loc: tuple[int | str, ...]) -> Path:
    """Pydantic's location without its `[key]` marks, which nobody wrote."""
    return tuple(step for step in loc if step != "[key]")


def _fields_of(model: type[BaseModel], path: Path) -> list[str]:
    owner = _model_at(model, path)
    return [field.alias or name for name, field in owner.model_fields.items()] if owner else []


def _meaning(model: type[BaseModel], path: Path) -> str:
    owner = _model_at(model, path[:-1])
    described = meanings_of(owner).get(str(path[-1])) if owner else None
    return f"It says: {described}" if described else ""


def _model_at(model: type[BaseModel], path: Path) -> type[BaseModel] | None:
    """The model that holds the value at `path`."""
    current: Any = model
    for step in path:
        if isinstance(current, type) and issubclass(current, BaseModel):
            described = current.model_fields.get(str(step))
            current = described.annotation if described else None
        else:
            arguments = get_args(current)
            current = arguments[-1] if arguments else None
        current = _without_none(current)
    return current if isinstance(current, type) and issubclass(current, BaseModel) else None


def _without_none(annotation: Any) -> Any:
    """`X | None` and `Annotated[X, ...]` as X."""
    while True:
        if hasattr(annotation, "__metadata__"):
            annotation = get_args(annotation)[0]
            continue
        arguments = get_args(annotation)
        if type(None) in arguments:
            annotation = next(one for one in arguments if one is not type(None))
            continue
        return annotation
