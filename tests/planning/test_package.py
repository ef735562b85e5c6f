from __future__ import annotations

import ast
from pathlib import Path

import pytest

from onmodel import planning


def test_every_name_is_loaded_from_its_home() -> None:
    """What `__all__` promises is there, and type checkers see it come from where it is loaded from."""
    tree = ast.parse(Path(planning.__file__).read_text(encoding="utf-8"))
    block, _ = [node for node in tree.body if isinstance(node, ast.If)]
    seen = {
        str(node.module).rpartition(".")[2]: {one.name for one in node.names}
        for node in block.body
        if isinstance(node, ast.ImportFrom)
    }
    assert seen == {home: set(names) for home, names in planning._HOMES.items()}
    assert set().union(*seen.values()) == set(planning.__all__)
    assert all(getattr(planning, name) is not None for name in planning.__all__)


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    """As for any module, so that `hasattr` works."""
    with pytest.raises(AttributeError, match="'nothing'"):
        _ = planning.nothing
