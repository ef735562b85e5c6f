"""All that the bytes of a cut depend on, as its manifest has it: enough to make the same file once more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from onmodel.errors import RecordBroken
from onmodel.post.conform import pieces_of
from onmodel.post.cutlist import Crossfade, Cut, CutList, Piece
from onmodel.post.formats import Format, Preset
from onmodel.units import Size, digest_of
from onmodel.vault import MediaRef

_READS: Final = "onmodel.manifest/2"

OLDER: Final = frozenset({"onmodel.manifest/1"})
"""Schemas that do not say all that their cut is made of."""


def recipe_digest(cutlist: CutList, form: Format, encoder: str, title: str) -> str:
    """The name of a cut's record in the archive: cuts of the same digest have the same bytes."""
    return digest_of(
        {
            "pieces": [piece.key for piece in pieces_of(cutlist, form, encoder)],
            "sound": [_heard(piece) for piece in cutlist.pieces],
            "title": title,
        }
    )


def _heard(piece: Piece) -> list[Any]:
    # Without a further number where none is needed: cuts from before there were such keep their names.
    begin = [piece.begin_frames] if piece.begin_frames else []
    return [piece.sha256, piece.frames, piece.join.overlap_frames, *begin]


@dataclass(frozen=True)
class Ingredient:
    """One clip in a cut."""

    shot: str
    clip: MediaRef
    frames: int
    """Frames used, at the cut's rate."""
    crossfade_frames: int
    """Frames shared with the next shot; 0 for a hard cut."""
    begin_frames: int = 0
    """Frames passed over at the clip's beginning."""


@dataclass(frozen=True)
class Recipe:
    """What a cut is made of, and how."""

    ingredients: tuple[Ingredient, ...]
    format: Format
    encoder: str
    """The ffmpeg that made it, as `encoder_of` names it."""
    title: str

    def cutlist(self, paths: Mapping[str, Path]) -> CutList:
        """The cut list, once the clips are on this machine.

        Args:
            paths: where each clip is, by sha256.
        """
        return CutList(
            tuple(
                Piece(
                    one.shot,
                    one.clip.sha256,
                    paths[one.clip.sha256],
                    one.frames,
                    Crossfade(one.crossfade_frames) if one.crossfade_frames else Cut(),
                    one.begin_frames,
                )
                for one in self.ingredients
            )
        )

    @property
    def digest(self) -> str:
        """The name of the cut's record.

        Raises:
            PostError: it is no cut that could be made.
        """
        nowhere = {one.clip.sha256: Path(one.clip.name) for one in self.ingredients}
        return recipe_digest(self.cutlist(nowhere), self.format, self.encoder, self.title)


class _Closed(BaseModel):
    model_config = ConfigDict(frozen=True, defer_build=True)  # what else a manifest tells is for people


class _Format(_Closed):
    size: Annotated[str, Field(pattern=r"^\d+x\d+$")]
    fps: Fraction
    crf: int
    preset: Preset


class _CutFacts(_Closed):
    sha256: str
    format: _Format


class _MadeBy(_Closed):
    encoder: str


class _Shot(_Closed):
    shot: str
    clip: dict[str, Any]
    frames: int
    crossfade_frames: int
    begin_frames: int = 0


class _Manifest(_Closed):
    """The part of a manifest that a cut is made from."""

    schema_: Annotated[Literal["onmodel.manifest/2"], Field(alias="schema")]
    title: str
    cut: _CutFacts
    made_by: _MadeBy
    shots: tuple[_Shot, ...]


def read_recipe(manifest: Mapping[str, Any], where: str) -> Recipe:
    """What a manifest says of its cut; `where` names it for people.

    Raises:
        RecordBroken: it says too little, or what no cut can be made from.
    """
    if manifest.get("schema") != _READS:
        raise RecordBroken(
            f"{where} is a manifest of schema {manifest.get('schema')!r}, which does not say all that its "
            f"cut is made of; {_READS!r} does",
            hint="With the production at hand, `onmodel produce` makes the cut anew from its takes, for $0.",
        )
    try:
        found = _Manifest.model_validate(manifest)
        ingredients = tuple(
            Ingredient(
                one.shot,
                MediaRef.from_argument(one.clip),
                one.frames,
                one.crossfade_frames,
                one.begin_frames,
            )
            for one in found.shots
        )
    except ValueError as error:
        raise _unreadable(where, error) from error
    form = found.cut.format
    width, _, height = form.size.partition("x")
    size = Size(int(width), int(height))
    return Recipe(
        ingredients, Format(size, form.fps, form.crf, form.preset), found.made_by.encoder, found.title
    )


def _unreadable(where: str, error: ValueError) -> RecordBroken:
    what = str(error)
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False)[0]
        what = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    return RecordBroken(
        f"{where} cannot be read: {what}", hint="Bring that record back from a backup of the archive."
    )
