"""What the user writes: story files read into models, with file:line:column errors."""

from __future__ import annotations

from onmodel.story.bible import Bible, Sheet
from onmodel.story.episode import Episode, Season
from onmodel.story.production import Format, Gate, Production
from onmodel.story.reading import Story, read_story, require_production
from onmodel.story.shot import Camera, Join, Motion, Restyle, Shot

__all__ = [
    "Bible",
    "Camera",
    "Episode",
    "Format",
    "Gate",
    "Join",
    "Motion",
    "Production",
    "Restyle",
    "Season",
    "Sheet",
    "Shot",
    "Story",
    "read_story",
    "require_production",
]
