"""What the pages point at is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "docs/adr").glob("*.md")),
]
LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
OURS = re.compile(r"\b(?:tests|src)/[\w./-]*[\w/]")


def anchors(page: Path) -> set[str]:
    """How the headings of a page are linked to."""
    headings = HEADING.findall(page.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w -]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def nowhere(page: Path) -> list[str]:
    """What a page points at that is not there."""
    text = page.read_text(encoding="utf-8")
    lost = [name for name in OURS.findall(text) if not (ROOT / name).exists()]
    for link in LINK.findall(text):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            lost.append(link)
    return lost


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_what_a_page_points_at_is_there(page: Path) -> None:
    """Every relative link, with its anchor, and every path under tests/ and src/ that a page names."""
    assert nowhere(page) == []


def test_what_is_not_there_is_found(tmp_path: Path) -> None:
    """A page that points nowhere is caught: by link, by anchor, by name."""
    page = tmp_path / "page.md"
    page.write_text(
        "# A b\n[x](none.md) [y](#a-b) [z](#c) `tests/none.py`, `tests/studio/desk/`. [w](https://a.b/c)\n",
        encoding="utf-8",
    )
    assert nowhere(page) == ["tests/none.py", "none.md", "#c"]
