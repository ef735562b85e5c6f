"""The rehearsal's artist: answers every order with pictures and clips made on this machine, for $0."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image, UnidentifiedImageError

from onmodel.errors import NotMedia
from onmodel.studio.rehearsal.animator import Shot, animate_still
from onmodel.studio.rehearsal.canvas import Picture
from onmodel.studio.rehearsal.casting import bare_text, cast_of, worn_by
from onmodel.studio.rehearsal.clip import FPS, read_rate
from onmodel.studio.rehearsal.looks import CharacterLook, says
from onmodel.studio.rehearsal.motion import Transfer, animate_motion
from onmodel.studio.rehearsal.orders import ArtOrder, Made
from onmodel.studio.rehearsal.painter import is_nowhere, paint_scene, paint_sheet
from onmodel.studio.rehearsal.restyle import restyle_clip
from onmodel.units import Size

Runner = Callable[..., Awaitable[list[Made]]]
"""`run(function, *arguments)`: runs a picklable function in the pool of the cores."""

_SHEET_WORDS = (
    "model sheet",
    "turnaround",
    "character sheet",
    "expression sheet",
    "reference sheet",
    "character design",
    "plain background",
    "neutral background",
    "plain ground",
    "plain backdrop",
    "white background",
    "grey background",
)
_VIEW_WORDS = (
    ("three-quarter", ("three-quarter", "three quarter", "3/4")),
    ("profile", ("profile", "side view", "from the side")),
    ("full-body", ("full-body", "full body", "head to toe")),
    ("front", ("front",)),
)
_DEFAULT_SECONDS = Fraction(5)


class RehearsalArtist:
    """Draws what the double orders, in the pool of the cores; the same order gives the same bytes."""

    def __init__(self, characters: Sequence[CharacterLook], run: Runner) -> None:
        self._characters = tuple(characters)
        self._run = run

    async def make(self, order: ArtOrder) -> list[Made]:
        """Make what was ordered, in the order's folder.

        Raises:
            NotMedia: a file of the order is not the picture or clip that it should be.
        """
        return await self._run(carry_out, order, self._characters)


def carry_out(order: ArtOrder, looks: tuple[CharacterLook, ...]) -> list[Made]:
    """Make what was ordered; runs in a process of the pool.

    Raises:
        NotMedia: a file of the order is not the picture or clip that it should be.
    """
    cv2.setNumThreads(1)  # the pool has a process for each core already
    video, image = order.files.get("video_url"), _first_picture(order)
    if order.kind in {"text-to-image", "image-edit"}:
        return _make_pictures(order, looks)
    if order.kind == "video-edit" and video:
        return [_make_style_pass(order, video)]
    if order.kind == "motion-control" and video and image:
        return [_make_motion(order, image, video)]
    return [_make_clip(order, looks, image)]


def _make_pictures(order: ArtOrder, looks: tuple[CharacterLook, ...]) -> list[Made]:
    prompt, size = _prompt(order), _even(order.size)
    made = []
    for index in range(_count(order.arguments.get("num_images"))):
        picture = _paint(prompt, looks, size, abs(order.seed) + index)
        made.append(_write_picture(picture, order, index))
    return made


def _paint(prompt: str, looks: tuple[CharacterLook, ...], size: Size, seed: int) -> Picture:
    """A view of a model sheet where the prompt asks for one, else a scene."""
    text = prompt.lower()
    players = cast_of(prompt, looks)
    sheet = players and says(text, *_SHEET_WORDS) and is_nowhere(bare_text(prompt, looks))
    if not sheet:
        return paint_scene(prompt, looks, size, seed)
    look = players[0].look
    return paint_sheet(look, read_view(bare_text(prompt, looks)), worn_by(look, text), size, seed)


def read_view(text: str) -> str:
    """The view of a model sheet that a prompt asks for: an expression, else a side of the figure."""
    feeling = re.search(r"\b(happy|joyful|smiling|sad|crying)\b", text)
    if feeling:
        return feeling.group(1)
    return next((view for view, words in _VIEW_WORDS if says(text, *words)), "front")


def _make_clip(order: ArtOrder, looks: tuple[CharacterLook, ...], image: Path | None) -> Made:
    size, prompt = _even(order.size), _prompt(order)
    still = _read_still(image, size) if image else paint_scene(prompt, looks, size, abs(order.seed))
    seconds = _seconds(order.arguments.get("duration"))
    sound = order.arguments.get("generate_audio") is True
    into = order.folder / "clip.mp4"
    frames = animate_still(still, Shot(prompt, order.label, seconds, abs(order.seed), sound), into)
    return Made(into, "video/mp4", size.width, size.height, frames / FPS)


def _make_motion(order: ArtOrder, image: Path, video: Path) -> Made:
    size, into = _even(order.size), order.folder / "clip.mp4"
    keep = order.arguments.get("keep_original_sound", True) is not False
    frames = animate_motion(
        _read_still(image, size), video, Transfer(order.label, _prompt(order), keep), into
    )
    return Made(into, "video/mp4", size.width, size.height, frames / read_rate(into))


def _make_style_pass(order: ArtOrder, video: Path) -> Made:
    into, keep = order.folder / "clip.mp4", order.arguments.get("keep_audio") is True
    frames, size = restyle_clip(
        video, _prompt(order), order.label, into, seed=abs(order.seed), keep_sound=keep
    )
    return Made(into, "video/mp4", size.width, size.height, frames / read_rate(into))


def _write_picture(picture: Picture, order: ArtOrder, index: int) -> Made:
    form = str(order.arguments.get("output_format") or "png").lower()
    kind = "jpeg" if form in {"jpeg", "jpg"} else "png"
    path = order.folder / f"image-{index + 1}.{kind}"
    options: dict[str, Any] = {"quality": 94} if kind == "jpeg" else {"compress_level": 3}
    Image.fromarray(picture).save(path, format=kind.upper(), **options)
    return Made(path, f"image/{kind}", picture.shape[1], picture.shape[0], None)


def _read_still(path: Path, size: Size) -> Picture:
    """A picture, cut and scaled to fill the frame."""
    try:
        with Image.open(path) as opened:
            picture = np.asarray(opened.convert("RGB"), np.uint8)
    except (UnidentifiedImageError, OSError) as error:
        raise NotMedia(f"{path.name}: not a picture ({error})", hint="Give a PNG or JPEG file.") from error
    height, width = picture.shape[:2]
    zoom = max(size.width / width, size.height / height)
    wide, tall = max(size.width, round(width * zoom)), max(size.height, round(height * zoom))
    if (wide, tall) != (width, height):
        fine = cv2.INTER_AREA if zoom < 1 else cv2.INTER_CUBIC
        picture = np.asarray(cv2.resize(picture, (wide, tall), interpolation=fine), np.uint8)
    left, top = (wide - size.width) // 2, (tall - size.height) // 2
    return picture[top : top + size.height, left : left + size.width]


def _first_picture(order: ArtOrder) -> Path | None:
    """The picture a clip starts from."""
    for name in ("image_url", "start_image_url", "image_urls.0", "input_image_urls.0"):
        if name in order.files:
            return order.files[name]
    return None


def _prompt(order: ArtOrder) -> str:
    return str(order.arguments.get("prompt") or "")


def _count(value: Any) -> int:
    return max(1, min(8, int(value))) if isinstance(value, int) else 1


def _seconds(value: Any) -> Fraction:
    digits = re.match(r"\s*(\d{1,3}(?:\.\d+)?)", str(value))
    return Fraction(digits.group(1)) if digits and Fraction(digits.group(1)) > 0 else _DEFAULT_SECONDS


def _even(size: Size) -> Size:
    """The size with sides that chroma at half size can have."""
    return Size(max(2, size.width // 2 * 2), max(2, size.height // 2 * 2))
