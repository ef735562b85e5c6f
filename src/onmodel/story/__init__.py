"""What the user writes: story files read into models, with file:line:column errors."""

from __future__ import annotations

from onmodel.story.models import (
    Bible,
    Camera,
    Episode,
    Format,
    Join,
    Motion,
    Production,
    Restyle,
    Season,
    Sheet,
    Shot,
)
from onmodel.story.reading import Story, read_story

__all__ = [
    "Bible",
    "Camera",
    "Episode",
    "Format",
    "Join",
    "Motion",
    "Production",
    "Restyle",
    "Season",
    "Sheet",
    "Shot",
    "Story",
    "read_story",
]
