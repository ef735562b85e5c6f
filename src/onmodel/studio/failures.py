"""A failed job told again from its journal, as the error that it was when fal answered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from onmodel.errors import InputRejected, InputUnreadable, JobFailed, Moderated, ServerFailed
from onmodel.vault import CANCELLED, MARK, Intent, Job

FAILURES: Final[Mapping[str, type[JobFailed]]] = {
    one.kind: one for one in (InputRejected, Moderated, InputUnreadable, ServerFailed, JobFailed)
}
"""By the word in the job's result."""

CHANGE: Final = "The same request would fail again: change what the story says of it, and produce it again."

AGAIN: Final = "Run the same command again: it is bought anew."

MADE: Final = {
    "first_frame": "the picture that opens the shot (its keyframe, or the frame it goes on from)",
    "references": "the pictures of the model sheet that it is made from",
    "source_video": "the clip that is restyled",
}
"""What came from other commissions, by its role."""


def failure_of(job: Job) -> JobFailed:
    """The error of a failed job: what fal said, the next step, and what it may have cost."""
    result = job.result
    if result is None:
        error = JobFailed(f"{job.intent.label}: written off by a person", hint=CHANGE)
    else:
        kind, field = result.error_kind or "", result.error_field or ""
        error = FAILURES.get(kind, JobFailed)(
            f"{job.intent.label}: {result.error_message}",
            hint=_next_step(kind, field, job.intent),
            field=field,
        )
    error.request_id = job.request_id or ""
    error.spent_usd = job.cost_usd
    return error


def _next_step(kind: str, field: str, intent: Intent) -> str:
    if kind in (ServerFailed.kind, CANCELLED):
        return AGAIN
    origin = origin_of(field or "prompt", intent) if kind in (Moderated.kind, InputRejected.kind) else ""
    return f"It comes from {origin}. {CHANGE}" if origin else CHANGE


def origin_of(field: str, intent: Intent) -> str:
    """Where in the story a field of a request comes from: the keys that make its words, or its picture.

    Args:
        field: as fal names it: `prompt`, `image_urls.0`, `elements.0.frontal_image_url`.
        intent: the frozen request.
    """
    basis = intent.basis_content
    if field == "prompt":
        return _in_a_row(_words(basis))
    if field == "negative_prompt":
        return _in_a_row(["`avoid`", *_bibles(basis)])
    given = _media_at(field, intent.arguments)
    files = basis.get("files")
    for role, sha256 in files.items() if isinstance(files, Mapping) else ():
        if sha256 in given:
            return f"the file that the story gives as {str(role).split('.')[0]}"
    roles = _roles(basis, given)
    return _in_a_row([MADE[role] for role in roles if role in MADE])


def _words(basis: Mapping[str, Any]) -> Iterator[str]:
    """The keys of the story whose words are in a prompt."""
    for key in ("start", "action", "setting", "mood", "camera"):
        if basis.get(key):
            yield f"`{key}`"
    yield from _bibles(basis)
    if basis.get("look"):
        yield "`look`"


def _bibles(basis: Mapping[str, Any]) -> list[str]:
    """Whose bibles are in a prompt: the cast's of a shot, or the one of a model sheet."""
    cast, character = basis.get("cast"), basis.get("character")
    if isinstance(character, Mapping):
        return [f"the bible of {character.get('name')}"]
    return [f"the bible of {who}" for who in cast] if isinstance(cast, Mapping) else []


def _media_at(field: str, arguments: Mapping[str, Any]) -> set[str]:
    """The sha256 of the medium that a field names, or of all that are in it."""
    value: Any = arguments
    for word in field.split("."):
        if isinstance(value, Mapping) and word in value and MARK not in value:
            value = value[word]
        elif isinstance(value, list) and word.isdigit() and int(word) < len(value):
            value = value[int(word)]
    return set(_media_in(value))


def _media_in(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        if MARK in value:
            yield str(value[MARK])
            return
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from _media_in(one)


def _roles(basis: Mapping[str, Any], given: set[str]) -> list[str]:
    """The roles of what other commissions brought: those with these bytes, or all where a frame was taken."""
    made = basis.get("made_from")
    rows = [row for row in made if isinstance(row, list) and len(row) == 3] if isinstance(made, list) else []  # noqa: PLR2004 (role, frame, sha256)
    exact = [str(role) for role, _, sha256 in rows if sha256 in given]
    return list(dict.fromkeys(exact or [str(role) for role, frame, _ in rows if frame == "last"]))


def _in_a_row(words: Any) -> str:
    *most, last = list(words) or [""]
    return f"{', '.join(most)} and {last}" if most else last
