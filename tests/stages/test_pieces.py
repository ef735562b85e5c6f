from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onmodel.errors import RecordBroken
from onmodel.post.cutlist import Cut, Kind, Overlay, Piece, Transition
from onmodel.stages.pieces import PieceRecord, told_piece
from onmodel.stages.recipe import SCHEMA, read_recipe
from onmodel.vault import MediaRef

SHAS = [digit * 64 for digit in "abc"]
MEDIA = {sha: MediaRef(sha, 9, ".mp4" if sha[0] == "a" else ".png") for sha in SHAS}
PATHS = {sha: Path(f"/{sha[:4]}") for sha in SHAS}

COUNTS = st.integers(0, 99)
JOINS = st.builds(Cut, COUNTS, COUNTS) | st.builds(
    Transition, st.integers(1, 99), st.sampled_from(get_args(Kind))
)
OVERLAYS = st.builds(Overlay, st.just(SHAS[1]), st.just(PATHS[SHAS[1]]), COUNTS, COUNTS, COUNTS)
PIECES = st.builds(
    Piece,
    st.sampled_from(["s010", "s010.2", "s010.12"]),
    st.just(SHAS[0]),
    st.just(PATHS[SHAS[0]]),
    st.integers(1, 99),
    JOINS,
    COUNTS,
    st.sampled_from([Fraction(1), Fraction(1, 2), Fraction(7, 3)]),
    COUNTS,
    st.booleans(),
    st.lists(OVERLAYS, max_size=2).map(tuple),
)


@given(PIECES)
def test_a_manifest_gives_back_the_piece(piece: Piece) -> None:
    """What is told of a piece, as JSON and read again, is the same piece of the same clip of its shot."""
    shot, _, number = piece.shot.partition(".")
    which = {"shot": shot, **({"link": int(number)} if number else {})}
    told = json.loads(json.dumps({**which, **told_piece(piece, MEDIA)}))
    record = PieceRecord.model_validate(told)
    assert record.piece(PATHS) == piece
    assert {ref.sha256 for ref in record.media} == {SHAS[0], *(one.sha256 for one in piece.overlays)}


def test_a_plain_piece_is_told_in_few_words() -> None:
    """What is usual is not said, so that manifests stay short and older ones are read the same way."""
    piece = Piece("s010", SHAS[0], Path("a"), 24)
    assert told_piece(piece, MEDIA) == {
        "frames": 24,
        "crossfade_frames": 0,
        "clip": MEDIA[SHAS[0]].as_argument(),
    }


def manifest(schema: str, **more: Any) -> dict[str, Any]:
    shot = {"shot": "s010", "frames": 24, "crossfade_frames": 0, "clip": MEDIA[SHAS[0]].as_argument()}
    return {
        "schema": schema,
        "title": "T",
        "cut": {"sha256": SHAS[2], "format": {"size": "160x90", "fps": "24", "crf": 20, "preset": "fast"}},
        "made_by": {"encoder": "e"},
        "shots": [shot],
        **more,
    }


def test_cards_stand_around_the_shots() -> None:
    """A manifest has them apart from the shots, and the cut in their order."""
    card = {"frames": 12, "crossfade_frames": 0, "clip": MEDIA[SHAS[1]].as_argument(), "still": True}
    around = {"cards_before": [{"shot": "title", **card}], "cards_after": [{"shot": "end", **card}]}
    recipe = read_recipe(manifest(SCHEMA, **around), "it")
    assert [(one.shot, one.still) for one in recipe.cutlist(PATHS).pieces] == [
        ("title", True),
        ("s010", False),
        ("end", True),
    ]
    assert recipe.media.keys() == {SHAS[0], SHAS[1]}


def test_an_older_manifest_is_read_as_it_was_meant() -> None:
    """Of the second schema: pieces as they were made then, under the names that they had."""
    recipe = read_recipe(manifest("onmodel.manifest/2"), "it")
    assert recipe.format.conform == 1
    assert "conform" not in recipe.format.identity


@pytest.mark.parametrize(
    "wrong", [{"frames": -1}, {"transition": "fade"}, {"speed": "0"}, {"clip": "x"}, {"overlays": [{}]}]
)
def test_a_manifest_that_says_nonsense_is_broken(wrong: dict[str, Any]) -> None:
    """It is told, with the field; nothing is rendered."""
    said = manifest(SCHEMA)
    said["shots"] = [{**said["shots"][0], **wrong}]
    with pytest.raises(RecordBroken, match=next(iter(wrong))):
        read_recipe(said, "it")
