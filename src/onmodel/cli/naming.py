"""What the words of a command line mean."""

from __future__ import annotations

from onmodel.story.reading import SEASON_ID


def season_of(word: str) -> str | None:
    """The season that is meant by `season-1`, `season-1.yaml`, `episodes/season-1.yaml`; else None."""
    name = word.removeprefix("episodes/").removesuffix(".yaml")
    return name if SEASON_ID.fullmatch(name) else None
