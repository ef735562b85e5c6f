"""An archive in memory that several workers share, each through a port of its own that may fail."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from onmodel.errors import VaultError
from onmodel.vault import ObjectMissing
from protocol.turns import Turns

T = TypeVar("T")


class Objects:
    """What the archive holds."""

    def __init__(self, folder: Path) -> None:
        self.content: dict[str, bytes] = {}
        self.versions: dict[str, int] = {}
        self.folder = folder
        """Where media lie as files."""

    def keep(self, name: str, content: bytes) -> str:
        """Write an object; its tag."""
        self.content[name] = content
        self.versions[name] = self.versions.get(name, 0) + 1
        return str(self.versions[name])

    def tagged(self, name: str) -> tuple[bytes, str] | None:
        """An object and its tag."""
        return (self.content[name], str(self.versions[name])) if name in self.content else None


class FailingStore:
    """A `Store` over shared objects; every touch waits for its worker's turn, and ends as it says."""

    def __init__(self, objects: Objects, turns: Turns) -> None:
        self.address = "memory"
        self._objects = objects
        self._turns = turns

    def _touch(self, what: str, do: Callable[[], T], otherwise: T | None = None) -> T:
        lost = VaultError("rehearsed: the archive did not answer")
        return self._turns.touch(what, do, lost=lost, otherwise=otherwise)

    def create(self, name: str, content: bytes) -> bool:
        """Keep a new object; False when the name is taken."""

        def do() -> bool:
            free = name not in self._objects.content
            if free:
                self._objects.keep(name, content)
            return free

        return self._touch(f"create {name}", do, otherwise=False)

    def read(self, name: str) -> bytes:
        """The whole content of an object."""
        return self._touch(f"read {name}", lambda: self._content(name))

    def _content(self, name: str) -> bytes:
        if name not in self._objects.content:
            raise ObjectMissing(f"memory has no {name}")
        return self._objects.content[name]

    def read_tagged(self, name: str) -> tuple[bytes, str] | None:
        """Content and tag; None when there is no such object."""
        return self._touch(f"read {name}", lambda: self._objects.tagged(name))

    def swap(self, name: str, content: bytes, tag: str | None) -> str | None:
        """Replace an object if it is still the one of `tag`."""
        return self._touch(f"swap {name}", lambda: self._swapped(name, content, tag))

    def _swapped(self, name: str, content: bytes, tag: str | None) -> str | None:
        found = self._objects.tagged(name)
        return self._objects.keep(name, content) if (found[1] if found else None) == tag else None

    def names(self, prefix: str) -> list[str]:
        """All names that begin with `prefix`, sorted; told otherwise, the newest is not among them."""
        now = set(self._listed(prefix))
        older = [name for name in self._objects.content if name in now][:-1]
        return self._touch(f"list {prefix}", lambda: self._listed(prefix), otherwise=sorted(older))

    gather = names

    def _listed(self, prefix: str) -> list[str]:
        return sorted(name for name in self._objects.content if name.startswith(prefix))

    def size(self, name: str) -> int | None:
        """Length of an object in bytes."""
        return len(self._objects.content[name]) if name in self._objects.content else None

    def put_file(self, name: str, path: Path, sha256: str) -> None:
        """Archive a file by its content."""
        content = path.read_bytes()
        if hashlib.sha256(content).hexdigest() != sha256:
            raise AssertionError(f"{path} is not what it was said to be")
        self._touch(f"put {name}", lambda: self._objects.keep(name, content))

    def file(self, name: str, sha256: str) -> Path:
        """A file with an object's content."""
        path = self._objects.folder / sha256
        if not path.exists():
            path.write_bytes(self._content(name))
        return path

    def address_of(self, name: str) -> str:
        """Where a person can look at it."""
        return name

    def close(self) -> None:
        """Nothing waits to be put in order."""
