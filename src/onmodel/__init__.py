"""Produce multi-shot series with AI whose characters stay on-model.

What stands in `__all__` is the public Python API, shown in `docs/api.md`. `import onmodel` loads nothing; a
name is loaded when it is first used. `onmodel.testing` has fixtures for the tests of productions.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from onmodel.craft import Negative, Prompt
    from onmodel.craft.lint import Flaw
    from onmodel.endpoints import Catalogue, Choice, Request
    from onmodel.errors import OnModelError
    from onmodel.oneshot import Film, Wish, film, film_async
    from onmodel.quick import (
        image_to_video_prompt,
        negative_prompt,
        request_model,
        scam_prompt,
        select_model,
        validate_prompt,
    )

__all__ = [
    "Catalogue",
    "Choice",
    "Film",
    "Flaw",
    "Negative",
    "OnModelError",
    "Prompt",
    "Request",
    "Wish",
    "film",
    "film_async",
    "image_to_video_prompt",
    "negative_prompt",
    "request_model",
    "scam_prompt",
    "select_model",
    "validate_prompt",
]

_HOMES: Final = {
    "onmodel.craft": ("Negative", "Prompt"),
    "onmodel.craft.lint": ("Flaw",),
    "onmodel.endpoints": ("Catalogue", "Choice", "Request"),
    "onmodel.errors": ("OnModelError",),
    "onmodel.oneshot": ("Film", "Wish", "film", "film_async"),
    "onmodel.quick": (
        "image_to_video_prompt",
        "negative_prompt",
        "request_model",
        "scam_prompt",
        "select_model",
        "validate_prompt",
    ),
}

if not TYPE_CHECKING:  # a type checker that saw it would take any misspelt name for one of ours

    def __getattr__(name: str) -> Any:
        home = next((module for module, names in _HOMES.items() if name in names), None)
        if home is None:
            raise AttributeError(f"module 'onmodel' has no attribute '{name}'")
        return getattr(import_module(home), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
