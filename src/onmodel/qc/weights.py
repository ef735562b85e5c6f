"""Networks that come with packages: found, checked against their sha256, never fetched."""

from __future__ import annotations

import ast
import hashlib
import json
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from onmodel.errors import SetupError

ROOM = Path(__file__).parent
LISTING = ROOM / "weights" / "weights.json"
DECIDES_NOTHING = ("__init__", "weights", "region")
"""Modules of this room that no score depends on."""

Network = Literal["mobilenetv2", "cohort", "faces", "identities"]


def locate(network: Network) -> Path:
    """The file of a network, after its bytes were checked.

    Raises:
        SetupError: the file is missing, or not the one that scores were measured with.
    """
    entry = json.loads(LISTING.read_text(encoding="utf-8"))[network]
    package = entry["package"]
    hint = f"Install it again: pip install --force-reinstall {package}"
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise SetupError(f"the package {package}, which holds {entry['file']}, is not installed", hint=hint)
    path = Path(next(iter(spec.submodule_search_locations)), entry["folder"], entry["file"])
    try:
        found = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise SetupError(f"{path}: the network cannot be read: {error.strerror}", hint=hint) from error
    if found != entry["sha256"]:
        raise SetupError(
            f"{path}: the network was altered: sha256 {found[:12]}…, expected {entry['sha256'][:12]}…",
            hint=hint,
        )
    return path


def version_of(*networks: Network, without: Sequence[str] = ()) -> str:
    """A short name for all that decides a score: it changes when a network's bytes or this room's code do.

    Nobody can forget to change it. Comments, docstrings and layout decide nothing and leave it as it is, so
    that takes judged before they were edited can still be compared with takes judged after.

    Args:
        networks: those that the scorer looks with.
        without: modules of this room that the scorer does not use.
    """
    listing = json.loads(LISTING.read_text(encoding="utf-8"))
    digest = hashlib.sha256("".join(listing[network]["sha256"] for network in networks).encode())
    for module in sorted(ROOM.glob("*.py")):
        if module.stem not in (*DECIDES_NOTHING, *without):
            digest.update(module.stem.encode() + _statements(module).encode())
    return digest.hexdigest()[:8]


def _statements(module: Path) -> str:
    """What a module does, without what it says; the same under every Python that onmodel runs on."""
    return ast.unparse(_Mute().visit(ast.parse(module.read_bytes())))


class _Mute(ast.NodeTransformer):
    """Takes docstrings and messages out of a module."""

    def visit_Expr(self, node: ast.Expr) -> ast.Expr | None:
        """A string that stands alone is a docstring."""
        said = isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        if said:
            return None
        self.generic_visit(node)
        return node

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.Constant:
        """An f-string is a message, and every Python writes it with other quotes."""
        return ast.copy_location(ast.Constant(""), node)
