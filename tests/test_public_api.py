from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

import onmodel

SOURCE = Path(onmodel.__file__).read_text(encoding="utf-8")


def test_every_public_name_is_there() -> None:
    """What `__all__` promises can be imported, and `dir` shows it; it is kept in order."""
    assert sorted(onmodel.__all__) == onmodel.__all__
    assert set(onmodel.__all__) <= set(dir(onmodel))
    for name in onmodel.__all__:
        assert getattr(onmodel, name).__name__ == name


def test_type_checkers_see_what_is_loaded() -> None:
    """The imports for type checkers name the same things, from the same modules, as the lazy ones."""
    block, _ = [node for node in ast.parse(SOURCE).body if isinstance(node, ast.If)]
    seen = {
        node.module: tuple(sorted(one.name for one in node.names))
        for node in block.body
        if isinstance(node, ast.ImportFrom)
    }
    homes = {module: tuple(sorted(names)) for module, names in onmodel._HOMES.items()}
    assert seen == homes
    assert sorted(name for names in homes.values() for name in names) == onmodel.__all__


def test_importing_onmodel_loads_nothing() -> None:
    """`import onmodel` answers at once: no third package, and none of our own rooms."""
    script = (
        "import json, sys; before = set(sys.modules); import onmodel;"
        "print(json.dumps(sorted(set(sys.modules) - before)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded = set(json.loads(done.stdout))
    assert {name for name in loaded if name.startswith("onmodel")} == {"onmodel"}
    assert not loaded & {"pydantic", "httpx", "typer", "av", "numpy"}


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    """As for any module, so that `hasattr` and `from onmodel import nothing` work."""
    with pytest.raises(AttributeError, match="'nothing'"):
        _ = onmodel.nothing
    assert not hasattr(onmodel, "helpers")
