"""All that the bytes of a cut depend on, as its manifest has it: enough to make the same file once more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from onmodel.errors import RecordBroken
from onmodel.post.captions import Caption
from onmodel.post.chapters import Labels
from onmodel.post.conform import pieces_of
from onmodel.post.cutlist import CutList, Piece
from onmodel.post.formats import Conform, Format, Preset
from onmodel.post.score import Score, score_of_clips
from onmodel.stages.labelling import LabelsRecord, told_labels
from onmodel.stages.pieces import PieceRecord
from onmodel.stages.sidecars import CaptionRecord, told_captions
from onmodel.stages.sounds import ScoreRecord, key_of
from onmodel.units import Size, digest_of
from onmodel.vault import MediaRef

SCHEMA: Final = "onmodel.manifest/3"
"""Of the manifests that are written. Since the third they have every sound, transition, trim, card and
overlay; in the second there is only what cuts had before that."""

_READS: Final = frozenset({"onmodel.manifest/2", SCHEMA})

OLDER: Final = frozenset({"onmodel.manifest/1"})
"""Schemas that do not say all that their cut is made of."""


def recipe_digest(
    cutlist: CutList,
    form: Format,
    encoder: str,
    labels: Labels,
    score: Score | None,
    captions: Sequence[Caption] = (),
    wishes: str = "",
) -> str:
    """The name of a cut's record in the archive: cuts of the same digest have the same bytes, and captions.

    Without a score, or without wishes, it is a cut from before there were such, which keeps its name.
    """
    return digest_of(
        {
            "pieces": [piece.key for piece in pieces_of(cutlist, form, encoder)],
            "sound": key_of(score) if score else [_heard(piece) for piece in cutlist.pieces],
            "title": labels.title,
            **told_labels(labels),
            **told_captions(captions),
            **({"wishes": wishes} if wishes else {}),
        }
    )


def _heard(piece: Piece) -> list[Any]:
    # Without a further number where none is needed: cuts from before there were such keep their names.
    begin = [piece.begin_frames] if piece.begin_frames else []
    return [piece.sha256, piece.frames, piece.join.overlap_frames, *begin]


@dataclass(frozen=True)
class Recipe:
    """What a cut is made of, and how."""

    ingredients: tuple[PieceRecord, ...]
    """Its clips and cards, in the order of the cut."""
    format: Format
    encoder: str
    """The ffmpeg that made it, as `encoder_of` names it."""
    labels: Labels
    """What it says about itself."""
    sound: ScoreRecord | None = None
    """Every sound in it; None where that is the clips' own, as loud as it is."""
    captions: tuple[CaptionRecord, ...] = ()
    """What the files beside it say."""
    wishes: str = ""
    """What the story said of how it is cut, as `wishes_of` has it."""

    @property
    def media(self) -> dict[str, MediaRef]:
        """Every file that it is made of, by sha256."""
        sounds = [one.media for one in self.sound.heard] if self.sound else []
        pictures = [ref for one in self.ingredients for ref in one.media]
        return {ref.sha256: ref for ref in (*pictures, *sounds)}

    def score(self, paths: Mapping[str, Path]) -> Score:
        """Every sound, once the files are on this machine.

        Args:
            paths: where each file is, by sha256.
        """
        cutlist = self.cutlist(paths)
        if self.sound is None:
            return replace(score_of_clips(cutlist, self.format.fps), coder="twoloop")
        return self.sound.score(cutlist.samples(self.format.fps), paths)

    def cutlist(self, paths: Mapping[str, Path]) -> CutList:
        """The cut list, once the clips are on this machine.

        Args:
            paths: where each clip is, by sha256.
        """
        return CutList(tuple(one.piece(paths) for one in self.ingredients))

    @property
    def digest(self) -> str:
        """The name of the cut's record.

        Raises:
            PostError: it is no cut that could be made.
        """
        nowhere = {sha256: Path(ref.name) for sha256, ref in self.media.items()}
        score = self.score(nowhere) if self.sound else None
        captions = [one.caption for one in self.captions]
        cutlist = self.cutlist(nowhere)
        return recipe_digest(cutlist, self.format, self.encoder, self.labels, score, captions, self.wishes)


class _Closed(BaseModel):
    model_config = ConfigDict(frozen=True, defer_build=True)  # what else a manifest tells is for people


class _Format(_Closed):
    size: Annotated[str, Field(pattern=r"^\d+x\d+$")]
    fps: Fraction
    crf: int
    preset: Preset
    conform: Conform = 1


class _CutFacts(_Closed):
    sha256: str
    format: _Format


class _MadeBy(_Closed):
    encoder: str


class _Manifest(_Closed):
    """The part of a manifest that a cut is made from."""

    schema_: Annotated[Literal["onmodel.manifest/2", "onmodel.manifest/3"], Field(alias="schema")]
    title: str
    cut: _CutFacts
    made_by: _MadeBy
    cards_before: tuple[PieceRecord, ...] = ()
    shots: tuple[PieceRecord, ...]
    cards_after: tuple[PieceRecord, ...] = ()
    sound: ScoreRecord | None = None
    captions: tuple[CaptionRecord, ...] = ()
    labels: LabelsRecord = LabelsRecord()
    wishes: str = ""


def read_recipe(manifest: Mapping[str, Any], where: str) -> Recipe:
    """What a manifest says of its cut; `where` names it for people.

    Raises:
        RecordBroken: it says too little, or what no cut can be made from.
    """
    if manifest.get("schema") not in _READS:
        raise RecordBroken(
            f"{where} is a manifest of schema {manifest.get('schema')!r}, which does not say all that its "
            f"cut is made of; {SCHEMA!r} does",
            hint="With the production at hand, `onmodel produce` makes the cut anew from its takes, for $0.",
        )
    try:
        found = _Manifest.model_validate(manifest)
    except ValueError as error:
        raise _unreadable(where, error) from error
    form = found.cut.format
    width, _, height = form.size.partition("x")
    size = Size(int(width), int(height))
    return Recipe(
        (*found.cards_before, *found.shots, *found.cards_after),
        Format(size, form.fps, form.crf, form.preset, form.conform),
        found.made_by.encoder,
        found.labels.labels(found.title),
        found.sound,
        found.captions,
        found.wishes,
    )


def _unreadable(where: str, error: ValueError) -> RecordBroken:
    what = str(error)
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False)[0]
        what = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    return RecordBroken(
        f"{where} cannot be read: {what}", hint="Bring that record back from a backup of the archive."
    )
