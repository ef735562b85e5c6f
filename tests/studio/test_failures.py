from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from onmodel.studio.failures import origin_of
from onmodel.vault import Intent, Slot

A, B, C = "a" * 64, "b" * 64, "c" * 64


def intent(arguments: dict[str, Any], basis: dict[str, Any]) -> Intent:
    slot = Slot("reel", "s01e01", "s010", "shoot", "d" * 64, 1)
    return Intent(
        slot=slot,
        label="s01e01 · s010 · take 1 · image-to-video",
        endpoint="e",
        arguments=arguments,
        price_usd=Decimal(1),
        basis_content=basis,
        made_at=datetime.now(UTC),
        onmodel="0",
    )


SHOT = {
    "start": "Pip stands",
    "action": "it blinks",
    "setting": None,
    "mood": "warm",
    "cast": {"pip": {"name": "Pip"}, "mina": {"name": "Mina"}},
    "look": None,
    "files": {"last_frame": B},
    "made_from": [["first_frame", "whole", A]],
}


def media(sha256: str) -> dict[str, Any]:
    return {"$media": sha256, "size": 1, "suffix": ".png"}


@pytest.mark.parametrize(
    ("field", "arguments", "origin"),
    [
        ("prompt", {}, "`start`, `action`, `mood`, the bible of pip and the bible of mina"),
        ("negative_prompt", {}, "`avoid`, the bible of pip and the bible of mina"),
        ("image_url", {"image_url": media(A)}, "the picture that opens the shot"),
        ("tail_image_url", {"tail_image_url": media(B)}, "the file that the story gives as last_frame"),
        ("image_urls.1", {"image_urls": [media(C), media(B)]}, "the file that the story gives as last_frame"),
        (
            "elements.0.frontal_image_url",
            {"elements": [{"frontal_image_url": media(A)}]},
            "the picture that opens",
        ),
        ("image_url", {"image_url": media(C)}, ""),
        ("duration", {"duration": "5"}, ""),
        ("no.such.field", {}, ""),
    ],
)
def test_what_was_flagged_is_traced_to_the_story(field: str, arguments: dict[str, Any], origin: str) -> None:
    """A field of the request is told as the keys, the file or the picture that it was made from."""
    found = origin_of(field, intent(arguments, SHOT))
    assert found.startswith(origin) if origin else found == ""


def test_a_model_sheets_prompt_is_its_bible() -> None:
    """A view of a sheet has no shot: its words are the bible's."""
    assert (
        origin_of("prompt", intent({}, {"character": {"name": "Pip"}, "view": "front"})) == "the bible of Pip"
    )
