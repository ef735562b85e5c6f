from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any


def test_what_cannot_be_delivered_is_told_with_the_next_command(
    onmodel: Callable[..., Any], production: Path
) -> None:
    """Without a key: nothing is said to be delivered, a shape that is not, an episode that is not cut."""
    nothing = onmodel("deliver", "s01e01")
    assert (nothing.code, nothing.out) == (1, "")
    assert 'deliver: ["9:16 1080x1920", "1:1"]' in nothing.err
    with (production / "production.yaml").open("a", encoding="utf-8") as file:
        file.write('deliver: ["9:16", "1:1"]\n')
    other = onmodel("deliver", "s01e01", "--only", "3:2")
    assert "does not deliver '3:2'; it delivers: 9:16, 1:1." in other.err
    uncut = onmodel("deliver", "s01e01", "--rehearse")
    assert uncut.code == 1
    assert "onmodel produce s01e01 --rehearse" in uncut.err
    assert not (production / "deliverables").exists()


def test_a_wrong_deliverable_stands_at_its_place(onmodel: Callable[..., Any], production: Path) -> None:
    """Each word of the list is judged by itself."""
    with (production / "production.yaml").open("a", encoding="utf-8") as file:
        file.write('deliver: ["16:9", "9:16 1920x1080", "2:1"]\n')
    found = onmodel("check")
    assert found.code == 1
    assert "production.yaml:9:19: found '9:16 1920x1080' for 'deliver': 1920x1080 is not 9:16" in found.err
    assert "production.yaml:9:37: found '2:1' for 'deliver': allowed are 16:9, 9:16, 1:1, 4:5" in found.err
