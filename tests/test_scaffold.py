from __future__ import annotations

import importlib.util
import shutil
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from onmodel import scaffold
from onmodel.errors import SetupError
from onmodel.scaffold import STARTER, write_starter
from onmodel.story import read_story

ROOT = Path(__file__).parents[1]


def files_in(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_the_starter_is_a_production(tmp_path: Path) -> None:
    """What `init` writes is read without a fault, and is this repository's own production, byte for byte."""
    written = write_starter(tmp_path / "new")
    assert {path.as_posix() for path in written} == files_in(tmp_path / "new")
    assert set(read_story(tmp_path / "new").episodes) == {"s01e01", "s01e02"}
    for name in written:
        if name.as_posix() != ".gitignore":
            assert (tmp_path / "new" / name).read_bytes() == (ROOT / name).read_bytes()


def test_what_is_made_is_not_for_git(tmp_path: Path) -> None:
    """The archive, deliverables and rehearsals of a new production are ignored by git."""
    write_starter(tmp_path / "new")
    ignored = (tmp_path / "new" / ".gitignore").read_text().split()
    assert {"archive/", "deliverables/", ".onmodel/"} <= set(ignored)


def test_nothing_of_ours_is_overwritten(tmp_path: Path) -> None:
    """A folder that has anything visible in it is refused, and nothing is written into it."""
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(SetupError, match=r"is not empty: it has notes\.txt"):
        write_starter(tmp_path)
    assert files_in(tmp_path) == {"notes.txt"}


def test_a_repository_just_made_is_empty_enough(tmp_path: Path) -> None:
    """Hidden files may be there, and stay as they are."""
    (tmp_path / ".git").mkdir()
    (tmp_path / ".gitignore").write_text("*.bak\n")
    write_starter(tmp_path)
    assert (tmp_path / ".gitignore").read_text() == "*.bak\n"
    assert (tmp_path / "production.yaml").is_file()


def test_compiled_files_stay_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What Python left in the flows' folder is not part of a new production."""
    source = tmp_path / "source"
    write_starter(source)
    (source / "flows" / "__pycache__").mkdir()
    (source / "flows" / "__pycache__" / "episode.cpython-311.pyc").write_bytes(b"x")
    monkeypatch.setattr(scaffold, "_source", lambda: source)
    assert not [name for name in write_starter(tmp_path / "new") if "__pycache__" in name.parts]


def test_an_installation_without_its_starter_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A broken installation is told with the command that mends it."""
    monkeypatch.setattr(scaffold, "__file__", str(tmp_path / "lib" / "onmodel" / "scaffold.py"))
    with pytest.raises(SetupError, match="no starter files") as caught:
        write_starter(tmp_path / "new")
    assert "pip install" in caught.value.hint


# -- the wheel -----------------------------------------------------------------------------------------------


@pytest.fixture
def hook(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """`hatch_build.py`, loaded with a stand-in for hatchling, which only a build has."""

    class Interface:
        root: str

    interface = ModuleType("hatchling.builders.hooks.plugin.interface")
    interface.BuildHookInterface = Interface  # type: ignore[attr-defined]
    parts = interface.__name__.split(".")
    for length in range(1, len(parts)):
        name = ".".join(parts[:length])
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    monkeypatch.setitem(sys.modules, interface.__name__, interface)
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def built(hook: ModuleType, root: Path, version: str) -> dict[str, str]:
    starter = hook.StarterHook()
    starter.root = str(root)
    build_data: dict[str, Any] = {"force_include": {}}
    starter.initialize(version, build_data)
    included: dict[str, str] = build_data["force_include"]
    return included


def test_a_wheel_carries_the_same_starter_as_a_checkout(
    hook: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`init` from a wheel writes the very files that `init` from a checkout writes."""
    assert hook.STARTER == STARTER
    from_checkout = write_starter(tmp_path / "checkout")
    package = tmp_path / "site-packages" / "onmodel"
    for source, inside in built(hook, ROOT, "standard").items():
        into = package.parent / inside
        into.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, into)
    monkeypatch.setattr(scaffold, "__file__", str(package / "scaffold.py"))
    assert write_starter(tmp_path / "wheel") == from_checkout
    for name in files_in(tmp_path / "checkout"):
        assert (tmp_path / "wheel" / name).read_bytes() == (tmp_path / "checkout" / name).read_bytes()


def test_a_wheel_carries_nothing_compiled(hook: ModuleType, tmp_path: Path) -> None:
    """No `__pycache__` and no `.pyc` gets into the wheel."""
    write_starter(tmp_path)
    for stray in ("flows/__pycache__/episode.cpython-311.pyc", "assets/old.pyc"):
        (tmp_path / stray).parent.mkdir(exist_ok=True)
        (tmp_path / stray).write_bytes(b"x")
    included = built(hook, tmp_path, "standard").values()
    assert "onmodel/_starter/production.yaml" in included
    assert not [inside for inside in included if inside.endswith(".pyc")]


def test_an_editable_install_reads_the_repository(hook: ModuleType) -> None:
    """An editable install carries no copy that could grow old."""
    assert built(hook, ROOT, "editable") == {}
