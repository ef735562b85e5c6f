"""The craft for scripts and agents, with no production around it: prompts, what to avoid, which endpoint.

The public names stand in `onmodel.__all__`; `docs/api.md` shows each in use.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from typing import Final

from onmodel.craft import (
    Negative,
    Prompt,
    ShotBrief,
    camera_phrase,
    check_camera,
    compose_image_to_video,
    compose_negative,
)
from onmodel.craft.lint import MODES, Flaw, lint
from onmodel.craft.negative import MOST_CHARS
from onmodel.craft.prompt import ADVISED_CHARS
from onmodel.craft.sentences import Piece, clean, fit
from onmodel.craft.words import CameraField, MotionFamily
from onmodel.endpoints import Catalogue, Choice, Need, Request, choose
from onmodel.endpoints.choice import Quality
from onmodel.errors import PlanError
from onmodel.story.validation import did_you_mean

FAMILIES: Final = ("smooth", "physics", "identity")
QUALITIES: Final = ("draft", "standard", "master")

_CAMERA_FIELDS: Final[tuple[CameraField, ...]] = ("size", "move", "angle", "lens")


def scam_prompt(
    subject: str, *, camera: str = "", action: str = "", mood: str = "", limit: int = ADVISED_CHARS
) -> Prompt:
    """Writes a prompt in the order that video models read best: subject, camera, action, mood.

    Args:
        subject: who or what is seen.
        camera: how we see it, parts separated by commas: `low angle, slow dolly in, 35mm`. Words that we know
            are said as models know them, others as they are written.
        action: what happens.
        mood: light, style and feeling.
        limit: characters at most; what did not fit stands in `left_out`.

    Raises:
        PlanError: there is no subject, or no room for a word.
    """
    _check_said("subject", subject)
    _check_limit(limit)
    parts = (subject, _camera(camera), action, mood)
    return fit([Piece(text, number) for number, text in enumerate(parts)], limit)


def image_to_video_prompt(image: str, motion: str, *, style: str = "", limit: int = ADVISED_CHARS) -> Prompt:
    """Writes a prompt for a clip that begins with a picture: first what is in the picture, then what moves.

    Args:
        image: what the picture shows; words that contradict it make it melt.
        motion: what changes after it.
        style: the look that ends the prompt.
        limit: characters at most; what did not fit stands in `left_out`.

    Raises:
        PlanError: a text is empty, or there is no room for a word.
    """
    _check_said("image", image)
    _check_said("motion", motion)
    _check_limit(limit)
    return compose_image_to_video(ShotBrief(start=image, action=motion, look=style), limit=limit)


def negative_prompt(
    style: str = "",
    *,
    motion: MotionFamily | None = "smooth",
    prompt: str = "",
    never: Iterable[str] = (),
    limit: int = MOST_CHARS,
) -> Negative:
    """Lists what must not be seen, for a style: yours first, then the movement's, everyone's, the style's.

    Args:
        style: the look in words, like `anime` or `product photography`; unknown ones get what holds for all.
        motion: how it moves: smooth, physics or identity; None for pictures.
        prompt: the prompt beside it; what it asks for is not denied, and stands in `dropped`.
        never: what else must not be seen.
        limit: characters at most.

    Raises:
        PlanError: there is no such movement.
    """
    if motion is not None:
        _check_known("motion", motion, FAMILIES)
    return compose_negative(prompt, style, motion, extra=never, limit=limit)


def select_model(
    *,
    image: bool = False,
    motion: bool = False,
    edit: bool = False,
    quality: Quality = "standard",
    seconds: Fraction | Decimal | float | None = None,
    last_frame: bool = False,
    audio: bool = False,
    catalogue: Catalogue | None = None,
) -> Choice:
    """Chooses the endpoint for what there is: words, a picture, a picture and a motion reference, or a clip.

    Args:
        image: a picture opens the clip.
        motion: a clip moves who is in the picture.
        edit: an existing clip gets another look.
        quality: draft, standard or master.
        seconds: length that the clip must have.
        last_frame: a picture ends the clip.
        audio: sound is generated with it.
        catalogue: a production's own endpoints too; the shipped ones without it.

    Returns:
        The endpoint, half a sentence why, and the seconds to buy.

    Raises:
        PlanError: no endpoint does that; the message says why.
    """
    _check_known("quality", quality, QUALITIES)
    if motion and not (image or edit):
        raise PlanError(
            "a motion reference moves somebody in a picture, and there is none.",
            hint="Say image=True, or leave motion out.",
        )
    if edit and (image or motion or last_frame or audio):
        raise PlanError("an edit starts from a clip alone.", hint="Say edit=True without the others.")
    need = Need(
        "restyle" if edit else "shoot",
        quality,
        has_start_image=image,
        has_motion=motion,
        last_frame=last_frame,
        audio=audio,
        seconds=None if seconds is None else _seconds(seconds),
    )
    return choose(need, Catalogue.load() if catalogue is None else catalogue)


def validate_prompt(
    text: str,
    mode: str,
    *,
    image_description: str = "",
    negative: str = "",
    seconds: Fraction | Decimal | float | None = None,
    ratio: str = "",
) -> list[Flaw]:
    """Looks a prompt over before it is bought; each flaw has its place, why, and a rewrite.

    Args:
        text: the prompt.
        mode: text-to-video, image-to-video, motion-control, edit or reference-to-video.
        image_description: what the first frame shows.
        negative: the negative prompt beside it.
        seconds: length of the clip.
        ratio: shape of the picture, like `9:16`.

    Returns:
        The flaws; none where there is nothing to say.

    Raises:
        PlanError: there is no such mode.
    """
    _check_known("mode", mode, MODES)
    known = next(one for one in MODES if one == mode)
    return lint(
        text,
        known,
        image_description=image_description,
        negatives=negative,
        seconds=None if seconds is None else _seconds(seconds),
        ratio=ratio,
    )


def request_model(endpoint: str, catalogue: Catalogue | None = None) -> type[Request]:
    """The typed model of an endpoint's requests: its fields, their limits, and what goes over the wire.

    Args:
        endpoint: its whole name, as `onmodel models` lists it.
        catalogue: a production's own endpoints too; the shipped ones without it.

    Raises:
        UnknownEndpoint: there is no such endpoint; the nearest is named.
    """
    return (Catalogue.load() if catalogue is None else catalogue).get(endpoint).request_model


def _camera(text: str) -> str:
    return ", ".join(_camera_word(part.strip()) for part in text.split(",") if part.strip())


def _camera_word(part: str) -> str:
    field = next((one for one in _CAMERA_FIELDS if check_camera(one, part) is None), None)
    return part if field is None else camera_phrase(**{field: part})


def _seconds(value: Fraction | Decimal | float) -> Fraction:
    try:
        seconds = Fraction(str(value))
    except ValueError:
        seconds = Fraction(0)
    if seconds <= 0:
        raise PlanError(f"found seconds={value}; allowed: more than 0.", hint="Most clips have 5.")
    return seconds


def _check_said(name: str, text: str) -> None:
    if not clean(text):
        raise PlanError(f"the {name} is empty: say what is seen.", hint=f'{name}="a small blue robot"')


def _check_limit(limit: int) -> None:
    if limit < 1:
        raise PlanError(
            f"found limit={limit}; allowed: 1 or more characters.", hint=f"{ADVISED_CHARS} is good."
        )


def _check_known(name: str, value: str, allowed: Iterable[str]) -> None:
    known = tuple(allowed)
    if value not in known:
        raise PlanError(
            f"found {name}={value!r}; allowed: {', '.join(known)}.", hint=did_you_mean(value, known)
        )
