from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from onmodel.studio.rehearsal.artist import carry_out
from onmodel.studio.rehearsal.casting import cast_of
from onmodel.studio.rehearsal.clip import read_note, read_planes
from onmodel.studio.rehearsal.departures import other_look, recast, share_of
from onmodel.studio.rehearsal.looks import CharacterLook
from onmodel.studio.rehearsal.orders import ArtOrder, Made
from onmodel.studio.rehearsal.origin import Origin, origin_of_picture, read_origin
from onmodel.units import Size, sha256_of_file

PIP = CharacterLook("pip", "Pip", "stylised", "a small robot", ("round blue head",), {"head": "#3b78d8"}, {})
RUA = CharacterLook("rua", "Rua", "stylised", "a red fox cub", (), {"fur": "#d8572a"}, {})
MINA = CharacterLook("mina", "Mina", "human", "a young singer", ("long black hair",), {"hair": "#1d1b26"}, {})
SIZE = Size(192, 108)
PROMPT = "Pip in a garden, medium shot"

Films = Callable[[str], NDArray[np.int16]]


def order(
    folder: Path, kind: str, prompt: str, files: dict[str, Path] | None = None, departs: str = ""
) -> Made:
    folder.mkdir(parents=True, exist_ok=True)
    arguments: dict[str, Any] = {"prompt": prompt, "duration": "1"}
    label = f"s01e01 · s010 · take 1 · {kind}"
    (made,) = carry_out(
        ArtOrder(kind, "e", arguments, files or {}, 5, label, folder, SIZE, departs), (PIP, RUA, MINA)
    )
    return made


def luma(path: Path) -> NDArray[np.int16]:
    """Every frame below the slate."""
    return np.stack([planes.y[24:].astype(np.int16) for planes in read_planes(path)])


def apart(one: NDArray[np.int16], other: NDArray[np.int16]) -> float:
    return float(np.abs(one - other).mean())


@pytest.fixture(scope="module")
def still(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return order(tmp_path_factory.mktemp("still"), "image-edit", PROMPT).path


@pytest.fixture(scope="module")
def film(still: Path, tmp_path_factory: pytest.TempPathFactory) -> Films:
    """A clip of the still that departs, or does not."""
    found: dict[str, NDArray[np.int16]] = {}

    def filmed(departs: str) -> NDArray[np.int16]:
        if departs not in found:
            folder = tmp_path_factory.mktemp("clip")
            made = order(folder, "image-to-video", "Pip nods. static", {"image_url": still}, departs)
            found[departs] = luma(made.path)
        return found[departs]

    return filmed


def test_a_drift_begins_on_model_and_ends_elsewhere(film: Films) -> None:
    """The first frame is on-model, and from there it goes further and further, towards another character."""
    own, drift, off = film(""), film("drift"), film("off")
    path = [apart(drift[index], own[index]) for index in (0, 8, 14, 23)]
    assert path[0] < 1
    assert path[1] < path[2] < path[3]
    assert apart(drift[23], off[23]) < path[3]


def test_a_swap_comes_half_way(film: Films) -> None:
    """Before the middle the character is there, from the middle on the other one."""
    own, swap, off = film(""), film("swap"), film("off")
    assert max(apart(swap[index], own[index]) for index in range(11)) < 1
    assert max(apart(swap[index], off[index]) for index in range(13, 24)) < 1
    assert apart(own[20], off[20]) > 5


def test_a_lost_character_leaves_the_set_as_it_is(film: Films) -> None:
    """Away from the figure the picture is the same; where the figure was, it is not."""
    own, lost = film(""), film("lose")
    assert apart(lost[0], own[0]) > 3
    assert apart(lost[0][:, -20:], own[0][:, -20:]) < 1


def test_the_same_departure_gives_the_same_bytes(still: Path, tmp_path: Path) -> None:
    """Everything follows from the order."""
    clips = [
        order(tmp_path / name, "image-to-video", "Pip nods", {"image_url": still}, "drift").path
        for name in "ab"
    ]
    assert sha256_of_file(clips[0]) == sha256_of_file(clips[1])


@pytest.mark.parametrize("departs", ["drift", "swap", "lose", "off"])
def test_motion_and_style_depart_too(still: Path, tmp_path: Path, departs: str) -> None:
    """A motion transfer and a style pass leave their character as a clip from a still does."""
    clip = order(tmp_path / "clip", "image-to-video", "Pip nods", {"image_url": still}).path
    for kind, files in (
        ("motion-control", {"image_url": still, "video_url": clip}),
        ("video-edit", {"video_url": clip}),
    ):
        own = luma(order(tmp_path / f"{kind}-own", kind, "pencil", files).path)
        other = luma(order(tmp_path / f"{kind}-other", kind, "pencil", files, departs).path)
        assert own.shape == other.shape
        assert apart(own[-1], other[-1]) > 3


def test_pictures_show_another_character(still: Path, tmp_path: Path) -> None:
    """A keyframe and a sheet's view that are off show somebody else in the same place."""
    off = order(tmp_path / "off", "image-edit", PROMPT, departs="picture-off").path
    sheet = "Pip, model sheet, front view, plain background"
    views = [order(tmp_path / name, "image-edit", sheet, departs=name).path for name in ("", "picture-off")]
    for one, other in ((still, off), tuple(views)):
        with Image.open(one) as first, Image.open(other) as second:
            assert apart(np.asarray(first, np.int16), np.asarray(second, np.int16)) > 3


def test_a_picture_that_is_not_ours_departs_to_a_painted_one(tmp_path: Path) -> None:
    """A supplied first frame cannot be painted again; the clip goes over to what its words describe."""
    Image.new("RGB", (320, 180), (220, 30, 30)).save(tmp_path / "own.png")
    files = {"image_url": tmp_path / "own.png"}
    frames = luma(order(tmp_path / "clip", "image-to-video", PROMPT, files, "swap").path)
    assert float(frames[0].std()) < 3 < float(frames[-1].std())


@pytest.mark.parametrize("look", [PIP, RUA, MINA], ids=lambda look: look.id)
def test_the_impostor_is_of_another_sort(look: CharacterLook) -> None:
    """The same one always comes, under the same name, with nothing of the bible's looks left."""
    other, _ = other_look(look)
    assert other == other_look(look)[0]
    assert (other.id, other.name, other.kind) == (look.id, look.name, look.kind)
    assert other.looks != look.looks
    assert not other.always
    assert other.palette != look.palette


def test_only_the_first_character_goes() -> None:
    """With two in the picture the second stays as it is."""
    players = cast_of("Pip and Rua in a garden", (PIP, RUA))
    assert recast(players, "lose") == players[1:]
    assert recast(players, "off")[1:] == players[1:]
    assert recast(players, "") == players


def test_shares_run_as_they_are_called() -> None:
    """A drift rises from nothing to most of it, a swap jumps in the middle, all else is there at once."""
    drift = [share_of("drift", 3)(step / 20) for step in range(21)]
    assert drift == sorted(drift)
    assert drift[0] == 0
    assert drift[-1] >= 0.8
    assert (share_of("swap", 3)(0.49), share_of("swap", 3)(0.5)) == (0, 1)
    assert share_of("off", 3)(0) == 1


def test_a_file_says_what_it_was_painted_from(still: Path, tmp_path: Path) -> None:
    """PNG, JPEG and clip carry their origin; other files carry none, whatever their comment says."""
    origin = Origin(PROMPT, 5, SIZE.width, SIZE.height)
    assert origin_of_picture(still) == origin
    with Image.open(still) as picture:
        picture.convert("RGB").save(tmp_path / "a.jpeg", **origin.options("jpeg"))
        picture.convert("RGB").save(tmp_path / "b.jpeg", comment=b'{"onmodel-rehearsal": {"a": 1}}')
    assert origin_of_picture(tmp_path / "a.jpeg") == origin
    assert origin_of_picture(tmp_path / "b.jpeg") is None
    assert origin_of_picture(tmp_path / "none.png") is None
    clip = order(tmp_path / "clip", "image-to-video", "Pip nods. dolly in", {"image_url": still}).path
    assert read_origin(read_note(clip)) == Origin(PROMPT, 5, SIZE.width, SIZE.height, "dolly in")
