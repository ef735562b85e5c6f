"""What a rehearsed picture was painted from, carried inside the file itself.

A clip gets its first frame as bytes and nothing else. To film the same set with somebody else in it, the set
is painted again, and the picture says how.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from PIL import Image, UnidentifiedImageError
from PIL.PngImagePlugin import PngInfo

from onmodel.units import Size

_KEY: Final = "onmodel-rehearsal"


@dataclass(frozen=True)
class Origin:
    """How to paint a picture again."""

    prompt: str
    seed: int
    width: int
    height: int
    move: str = ""
    """Of a clip: how the camera moves over the picture."""

    @property
    def size(self) -> Size:
        """Of the picture, in pixels."""
        return Size(self.width, self.height)

    @property
    def text(self) -> str:
        """As a file carries it."""
        return json.dumps({_KEY: asdict(self)})

    def options(self, kind: str) -> dict[str, Any]:
        """What Pillow's `save` takes so that a picture of this kind, png or jpeg, carries it."""
        if kind == "jpeg":
            return {"comment": self.text.encode()}
        info = PngInfo()
        info.add_text(_KEY, self.text)
        return {"pnginfo": info}


def read_origin(text: str | bytes) -> Origin | None:
    """The origin that a file carries; None where it is none of ours."""
    try:
        return Origin(**json.loads(text)[_KEY])
    except (ValueError, KeyError, TypeError):
        return None


def origin_of_picture(path: Path) -> Origin | None:
    """What a picture was painted from; None where we have not painted it, or where it lost its origin."""
    try:
        with Image.open(path) as picture:
            return read_origin(picture.info.get(_KEY) or picture.info.get("comment") or "")
    except (UnidentifiedImageError, OSError):
        return None
