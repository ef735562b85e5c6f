"""The pictures of a cut: a still of each shot, all of them on one sheet, and one for the poster."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

from onmodel.planning.chains import shot_of
from onmodel.post.captions import shown_time
from onmodel.post.compositing import Span
from onmodel.post.contact_sheet import Tile, contact_sheet
from onmodel.post.cutlist import CutList, Piece
from onmodel.post.ffmpeg import written_whole
from onmodel.post.formats import Format, encoder_of
from onmodel.post.stills import frame_span, render_still, save_jpeg, sharpest
from onmodel.stages.joining import Bench
from onmodel.units import digest_of, sha256_of_file
from onmodel.vault import Likeness

LOOKS: Final = 5
"""Frames of a shot among which the poster is chosen, spread over its middle."""
_MIDDLE: Final = Fraction(4, 5)
"""Share of a shot in which they are: at its ends something may just come or go."""
FOLDER: Final = "frames"
"""In the cache."""


@dataclass(frozen=True)
class Gallery:
    """What pictures are made with."""

    scope: str
    bench: Bench
    folder: Path
    """For finished episodes."""
    form: Format
    """The cut's."""
    identity: Mapping[str, Mapping[str, Likeness]]
    """Who was recognised in each clip, by its sha256."""


@dataclass(frozen=True)
class Pictures:
    """The pictures of a cut on this machine."""

    files: tuple[Path, ...]
    """Poster, contact sheet, folder of the stills."""
    told: dict[str, Any]
    """What the record says of them."""


async def deliver_pictures(
    gallery: Gallery, cutlist: CutList, known: Mapping[str, Any] | None
) -> tuple[Pictures, int]:
    """Make the poster, the contact sheet and the stills, or find them there.

    Args:
        gallery: what they are made with.
        cutlist: the cut.
        known: what the record of an earlier run says of them.

    Returns:
        The pictures, and how many of the three were made.

    Raises:
        PostError: a clip does not decode, or a picture cannot be written.
    """
    middles = {shot: _middle(piece) for shot, piece in longest_pieces(cutlist).items()}
    looks = _looks(poster_piece(gallery, cutlist))
    stills = gallery.folder / f"{gallery.scope}.stills"
    poster, sheet = (gallery.folder / f"{gallery.scope}.{name}.jpg" for name in ("poster", "contact-sheet"))
    key = _key(gallery, middles, looks, cutlist)
    files = {path: path.name for path in (poster, sheet)}
    files |= {stills / f"{shot}.jpg": f"{stills.name}/{shot}.jpg" for shot in middles}
    if known and known.get("key") == key and await asyncio.to_thread(_are_there, files, known):
        return Pictures((poster, sheet, stills), dict(known)), 0
    shown = dict(zip(middles, await _render(gallery, list(middles.values())), strict=True))
    candidates = await _render(gallery, looks)
    run = gallery.bench.cores.run
    await asyncio.to_thread(_clear, stills, set(middles))
    for shot, png in shown.items():
        await run(save_jpeg, png, stills / f"{shot}.jpg")
    await run(save_jpeg, await run(sharpest, candidates), poster)
    starts = {shot_of(piece.shot): start for piece, start in _seen_first(cutlist)}
    tiles = [
        Tile(stills / f"{shot}.jpg", shot, shown_time(starts[shot] / gallery.form.fps)) for shot in middles
    ]
    await run(_write_sheet, tiles, sheet)
    sums = {name: await asyncio.to_thread(sha256_of_file, path) for path, name in files.items()}
    return Pictures((poster, sheet, stills), {"key": key, "sha256": sums}), 3


def longest_pieces(cutlist: CutList) -> dict[str, Piece]:
    """The longest clip of each shot, by the shot's id, in their order."""
    found: dict[str, Piece] = {}
    for piece in cutlist.pieces:
        name = shot_of(piece.shot)
        if not piece.still and (name not in found or piece.frames > found[name].frames):
            found[name] = piece
    return found


def poster_piece(gallery: Gallery, cutlist: CutList) -> Piece:
    """The longest shot that is on-model; where none is, the longest of all."""
    pieces = list(longest_pieces(cutlist).values())
    on_model = [
        piece
        for piece in pieces
        if (seen := gallery.identity.get(piece.sha256)) is not None
        and all(one.standing == "on-model" for one in seen.values())
    ]
    return max(on_model or pieces, key=lambda piece: piece.frames)


def _middle(piece: Piece) -> Span:
    return frame_span(piece, piece.frames // 2)


def _looks(piece: Piece) -> list[Span]:
    """Frames of a shot, evenly spread over its middle, none twice."""
    around = (piece.frames - 1) * (1 - _MIDDLE) / 2
    step = (piece.frames - 1) * _MIDDLE / (LOOKS - 1)
    numbers = dict.fromkeys(round(around + number * step) for number in range(LOOKS))
    return [frame_span(piece, number) for number in numbers]


def _seen_first(cutlist: CutList) -> list[tuple[Piece, int]]:
    """Each shot's first clip, with the frame at which it comes."""
    first: dict[str, tuple[Piece, int]] = {}
    for piece, start in zip(cutlist.pieces, cutlist.starts, strict=True):
        first.setdefault(shot_of(piece.shot), (piece, start))
    return list(first.values())


async def _render(gallery: Gallery, spans: list[Span]) -> list[Path]:
    cache = gallery.bench.cache / FOLDER
    cache.mkdir(parents=True, exist_ok=True)
    work = (
        gallery.bench.cores.run(
            render_still, span, gallery.form, cache / f"{_span_key(gallery, span)}.png", gallery.bench.ffmpeg
        )
        for span in spans
    )
    return list(await asyncio.gather(*work))


def _span_key(gallery: Gallery, span: Span) -> str:
    encoder = encoder_of(gallery.bench.ffmpeg)
    return digest_of({"still": span.identity, "format": gallery.form.identity, "encoder": encoder})


def _key(gallery: Gallery, middles: Mapping[str, Span], looks: list[Span], cutlist: CutList) -> str:
    return digest_of(
        {
            "stills": {shot: _span_key(gallery, span) for shot, span in middles.items()},
            "looks": [_span_key(gallery, span) for span in looks],
            "starts": list(cutlist.starts),
        }
    )


def _are_there(files: Mapping[Path, str], known: Mapping[str, Any]) -> bool:
    sums: Any = known.get("sha256", {})
    return all(path.is_file() and sha256_of_file(path) == sums.get(name) for path, name in files.items())


def _clear(folder: Path, shots: set[str]) -> None:
    """Take away the stills of shots that are no more."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.glob("*.jpg"):
        if path.stem not in shots:
            path.unlink()


def _write_sheet(tiles: list[Tile], into: Path) -> None:
    with written_whole(into) as part:
        part.write_bytes(contact_sheet(tiles))
