"""The page of an episode that was restored: what went into the cut, told by its manifest alone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from onmodel.dailies.page import page_policy, page_style, page_template
from onmodel.post.ffmpeg import written_whole


def write_restored_page(manifest: Mapping[str, Any], film: Path, cut_at: datetime) -> Path:
    """Write the page beside a restored film: its shots in order, and every take behind them.

    Args:
        manifest: of the cut.
        film: the restored file.
        cut_at: when the cut was made.

    Raises:
        PostError: the page cannot be written.
    """
    style = page_style()
    page = page_template("restored.html").render(
        manifest=manifest,
        film=quote(film.name),
        fps=_rate(manifest),
        style=style,
        policy=page_policy(style),
        cut_at=cut_at,
    )
    path = film.with_suffix(".html")
    with written_whole(path) as part:
        part.write_text(page, encoding="utf-8")
    return path


def _rate(manifest: Mapping[str, Any]) -> float:
    """Frames a second, as a number that times are divided by."""
    over, _, under = str(manifest["cut"]["fps"]).partition("/")
    return float(over) / float(under or 1)
