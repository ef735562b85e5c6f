"""The rehearsal's artist: answers every order with pictures and clips made on this machine, for $0."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image, UnidentifiedImageError

from onmodel.errors import NotMedia
from onmodel.studio.rehearsal.animator import Besides, Shot, animate_still, film_layers
from onmodel.studio.rehearsal.canvas import Picture
from onmodel.studio.rehearsal.casting import bare_text, cast_of, worn_by
from onmodel.studio.rehearsal.clip import FPS, Planes, read_frame_count, read_note, read_rate
from onmodel.studio.rehearsal.departures import blended, other_look, share_of
from onmodel.studio.rehearsal.diagram import without_diagrams
from onmodel.studio.rehearsal.layers import Layers, flat_layers, split_layers
from onmodel.studio.rehearsal.looks import CharacterLook, says
from onmodel.studio.rehearsal.motion import Transfer, animate_motion
from onmodel.studio.rehearsal.moves import moves_named, read_move
from onmodel.studio.rehearsal.orders import ArtOrder, Made
from onmodel.studio.rehearsal.origin import Origin, origin_of_picture, read_origin
from onmodel.studio.rehearsal.painter import is_nowhere, paint_plate, paint_scene, paint_sheet
from onmodel.studio.rehearsal.restyle import read_style, restyle_clip, restyle_still
from onmodel.studio.rehearsal.slate import without_slate
from onmodel.units import Size

Looks = tuple[CharacterLook, ...]
"""The production's bibles."""

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
_AS_GIVEN = ("as in the first reference picture", "as in the first picture")
"""By these words an edit keeps what it is given: the picture on which a link of a long shot ends."""
_LAST_FRAMES = ("tail_image_url", "end_image_url")
"""Fields of the picture on which a clip ends."""
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


def carry_out(order: ArtOrder, looks: Looks) -> list[Made]:
    """Make what was ordered; runs in a process of the pool.

    Raises:
        NotMedia: a file of the order is not the picture or clip that it should be.
    """
    cv2.setNumThreads(1)  # the pool has a process for each core already
    video, image = order.files.get("video_url"), _first_picture(order)
    if order.kind in {"text-to-image", "image-edit"}:
        return _make_pictures(order, looks)
    if order.kind == "video-edit" and video:
        return [_make_style_pass(order, looks, video)]
    if order.kind == "motion-control" and video and image:
        return [_make_motion(order, looks, image, video)]
    return [_make_clip(order, looks, image)]


def _make_pictures(order: ArtOrder, looks: Looks) -> list[Made]:
    made, kept = [], _kept_picture(order)
    if kept is not None:
        return [_write_picture(_read_still(kept, _even(order.size)), order, 0, None)]
    for index in range(_count(order.arguments.get("num_images"))):
        origin = _origin(_prompt(order), _even(order.size), abs(order.seed) + index)
        picture = _paint(origin, looks, order.departs)
        if _asks_for_another_look(order):
            picture = restyle_still(picture, origin.prompt, origin.seed)
        made.append(_write_picture(picture, order, index, origin))
    return made


def _kept_picture(order: ArtOrder) -> Path | None:
    """The picture that an edit shall keep, but for what was never painted wrongly here."""
    asks = order.kind == "image-edit" and says(_prompt(order).lower(), *_AS_GIVEN)
    return _first_picture(order) if asks and not order.departs else None


def _asks_for_another_look(order: ArtOrder) -> bool:
    """Whether a view of a sheet shall be drawn in a look that the picture it is made from does not have."""
    given = _first_picture(order) if says(_prompt(order).lower(), *_SHEET_WORDS) else None
    origin = origin_of_picture(given) if given else None
    return origin is not None and read_style(origin.prompt) != read_style(_prompt(order))


def _origin(prompt: str, size: Size, seed: int) -> Origin:
    return Origin(prompt, seed, size.width, size.height)


def _paint(origin: Origin, looks: Looks, departs: str = "") -> Picture:
    """A view of a model sheet where the prompt asks for one, else a scene."""
    prompt = origin.prompt
    if not _is_sheet(prompt, looks):
        return paint_scene(prompt, looks, origin.size, origin.seed, departs)
    look = cast_of(prompt, looks)[0].look
    worn = worn_by(look, prompt.lower())
    if departs:
        look, worn = other_look(look)
    return paint_sheet(look, read_view(bare_text(prompt, looks)), worn, origin.size, origin.seed)


def _is_sheet(prompt: str, looks: Looks) -> bool:
    sheet = says(prompt.lower(), *_SHEET_WORDS) and is_nowhere(bare_text(prompt, looks))
    return sheet and bool(cast_of(prompt, looks))


def read_view(text: str) -> str:
    """The view of a model sheet that a prompt asks for: an expression, else a side of the figure."""
    feeling = re.search(r"\b(happy|joyful|smiling|sad|crying)\b", text)
    if feeling:
        return feeling.group(1)
    return next((view for view, words in _VIEW_WORDS if says(text, *words)), "front")


def _make_clip(order: ArtOrder, looks: Looks, image: Path | None) -> Made:
    size, prompt = _even(order.size), _prompt(order)
    known = origin_of_picture(image) if image else None
    origin = known or _origin(prompt, size, abs(order.seed))
    still = _read_still(image, size) if image else paint_scene(prompt, looks, size, origin.seed)
    move, into = read_move(prompt), order.folder / "clip.mp4"
    known_here = origin if known or not image else None
    seconds = _seconds(order.arguments.get("duration"))
    sound = order.arguments.get("generate_audio") is True
    note = replace(origin, move=move).text if known_here else ""
    shot = Shot(prompt, order.label, seconds, abs(order.seed), sound, order.departs, note)
    tail = next((order.files[name] for name in _LAST_FRAMES if name in order.files), None)
    other = _departed(origin, looks, size, order.departs)
    besides = Besides(
        other=None if other is None else _layers(other, origin, looks, move),
        last=None if tail is None else flat_layers(_read_still(tail, size)),
    )
    frames = animate_still(_layers(still, known_here, looks, move), shot, into, besides=besides)
    return Made(into, "video/mp4", size.width, size.height, frames / FPS)


def _layers(still: Picture, origin: Origin | None, looks: Looks, move: str) -> Layers:
    """A still's figure and set apart, where it was painted here as a scene."""
    if origin is None or _is_sheet(origin.prompt, looks):
        return flat_layers(still)
    size = Size(still.shape[1], still.shape[0])
    plates = [_filling(paint_plate(origin.prompt, looks, origin.size, origin.seed), size)]
    if any(one.diagram == "focus" for one in moves_named(move)):
        plates.append(_filling(paint_plate(origin.prompt, looks, origin.size, origin.seed, sharp=True), size))
    return split_layers(still, *plates)


def _departed(origin: Origin, looks: Looks, size: Size, departs: str) -> Picture | None:
    """The same set with somebody else in it, or nobody; None where nothing departs."""
    return _filling(_paint(origin, looks, departs), size) if departs else None


def _make_motion(order: ArtOrder, looks: Looks, image: Path, video: Path) -> Made:
    size, into = _even(order.size), order.folder / "clip.mp4"
    keep = order.arguments.get("keep_original_sound", True) is not False
    origin = origin_of_picture(image) or _origin(_prompt(order), size, abs(order.seed))
    transfer = Transfer(order.label, _prompt(order), keep, order.departs, abs(order.seed))
    other = _departed(origin, looks, size, order.departs)
    frames = animate_motion(_read_still(image, size), video, transfer, into, other=other)
    return Made(into, "video/mp4", size.width, size.height, frames / read_rate(into))


def _make_style_pass(order: ArtOrder, looks: Looks, video: Path) -> Made:
    into, keep = order.folder / "clip.mp4", order.arguments.get("keep_audio") is True
    origin = read_origin(read_note(video)) or _origin(_prompt(order), _even(order.size), abs(order.seed))

    def depart(film: Iterator[Planes], size: Size) -> Iterator[Planes]:
        count = read_frame_count(video)
        other = _filling(_paint(origin, looks, order.departs), size)
        layers = _layers(other, origin, looks, origin.move)
        instead = film_layers(layers, count, origin.move, read_rate(video))
        return blended(film, instead, count, share_of(order.departs, abs(order.seed)))

    frames, size = restyle_clip(
        video,
        _prompt(order),
        order.label,
        into,
        seed=abs(order.seed),
        keep_sound=keep,
        depart=depart if order.departs else None,
    )
    return Made(into, "video/mp4", size.width, size.height, frames / read_rate(into))


def _write_picture(picture: Picture, order: ArtOrder, index: int, origin: Origin | None) -> Made:
    form = str(order.arguments.get("output_format") or "png").lower()
    kind = "jpeg" if form in {"jpeg", "jpg"} else "png"
    path = order.folder / f"image-{index + 1}.{kind}"
    options: dict[str, Any] = {"quality": 94} if kind == "jpeg" else {"compress_level": 3}
    Image.fromarray(picture).save(
        path, format=kind.upper(), **options, **(origin.options(kind) if origin else {})
    )
    return Made(path, f"image/{kind}", picture.shape[1], picture.shape[0], None)


def _read_still(path: Path, size: Size) -> Picture:
    """A picture of a file, without a slate and diagrams, cut and scaled to fill the frame."""
    try:
        with Image.open(path) as opened:
            picture = np.asarray(opened.convert("RGB"), np.uint8)
    except (UnidentifiedImageError, OSError) as error:
        raise NotMedia(f"{path.name}: not a picture ({error})", hint="Give a PNG or JPEG file.") from error
    bare = without_slate(picture)
    return _filling(picture if bare is picture else without_diagrams(bare), size)


def _filling(picture: Picture, size: Size) -> Picture:
    """A picture, cut and scaled to fill the frame."""
    height, width = picture.shape[:2]
    zoom = max(size.width / width, size.height / height)
    wide, tall = max(size.width, round(width * zoom)), max(size.height, round(height * zoom))
    if (wide, tall) != (width, height):
        fine = cv2.INTER_AREA if zoom < 1 else cv2.INTER_CUBIC
        picture = np.asarray(cv2.resize(picture, (wide, tall), interpolation=fine), np.uint8)
    left, top = (wide - size.width) // 2, (tall - size.height) // 2
    return picture[top : top + size.height, left : left + size.width]


def _first_picture(order: ArtOrder) -> Path | None:
    """The picture a clip starts from; pictures that it only goes by are none."""
    names: tuple[str, ...] = ("image_url", "start_image_url", "image_urls.0", "input_image_urls.0")
    if order.kind in {"reference-to-video", "video-reference"}:
        names = ("start_image_url",)
    return next((order.files[name] for name in names if name in order.files), None)


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
