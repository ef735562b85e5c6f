"""The tools that need no production: prompts, what to avoid, which endpoint."""

from __future__ import annotations

from dataclasses import asdict
from typing import Literal

from onmodel import quick
from onmodel.craft import Prompt
from onmodel.craft.lint.flaws import Mode
from onmodel.craft.words import MotionFamily
from onmodel.endpoints import Catalogue
from onmodel.endpoints.choice import Quality
from onmodel.mcp.answers import ChosenModel, FoundFlaw, Looked, NegativeText, PromptText

LONGEST = 20_000
"""Characters of a text that is taken in; no endpoint takes a quarter of it."""


def scam_prompt(subject: str, camera: str = "", action: str = "", mood: str = "") -> PromptText:
    """Write a video prompt in the order that models read best: subject, camera, action, mood.

    Parts of the camera are separated by commas: "low angle, slow dolly in, 35mm".
    """
    made = quick.scam_prompt(
        subject[:LONGEST], camera=camera[:LONGEST], action=action[:LONGEST], mood=mood[:LONGEST]
    )
    return _prompt(made)


def image_to_video_prompt(image: str, motion: str, style: str = "") -> PromptText:
    """Write a prompt for a clip that begins with a picture: what the picture shows, then what moves."""
    return _prompt(quick.image_to_video_prompt(image[:LONGEST], motion[:LONGEST], style=style[:LONGEST]))


def _prompt(made: Prompt) -> PromptText:
    return PromptText(text=made.text, characters=len(made.text), left_out=list(made.left_out))


def negative_prompt(
    style: str = "",
    motion: MotionFamily | Literal["none"] = "smooth",
    prompt: str = "",
    never: list[str] | None = None,
) -> NegativeText:
    """List what must not be seen, for a style like "anime". What `prompt` asks for is not denied."""
    family = None if motion == "none" else motion
    made = quick.negative_prompt(
        style[:LONGEST], motion=family, prompt=prompt[:LONGEST], never=[one[:LONGEST] for one in never or ()]
    )
    return NegativeText(text=made.text, dropped=list(made.dropped))


def chosen(
    catalogue: Catalogue, *, image: bool, motion: bool, edit: bool, quality: Quality, seconds: float | None
) -> ChosenModel:
    """The endpoint for what there is, out of a catalogue."""
    choice = quick.select_model(
        image=image, motion=motion, edit=edit, quality=quality, seconds=seconds, catalogue=catalogue
    )
    bought = choice.seconds_bought
    return ChosenModel(
        endpoint=choice.endpoint.name,
        why=choice.why,
        seconds=None if bought is None else float(bought),
        prompt_characters=choice.endpoint.prompt_chars,
    )


def validate_prompt(
    text: str,
    mode: Mode,
    image_description: str = "",
    negative: str = "",
    seconds: float | None = None,
    ratio: str = "",
) -> Looked:
    """Look a prompt over before it is bought: each flaw with its place, why, and a rewrite."""
    flaws = quick.validate_prompt(
        text[:LONGEST],
        mode,
        image_description=image_description[:LONGEST],
        negative=negative[:LONGEST],
        seconds=seconds,
        ratio=ratio,
    )
    return Looked(
        ok=not any(one.severity == "warning" for one in flaws),
        flaws=[FoundFlaw(**asdict(one)) for one in flaws],
    )
