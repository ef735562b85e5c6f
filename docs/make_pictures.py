"""`make pictures`: the README's still strips, from the real program's rehearsal of the demo."""

from __future__ import annotations

import json
import math
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image

from onmodel.post.ffmpeg import find_ffmpeg
from onmodel.post.frame import extract_frame

ROOT = Path(__file__).resolve().parents[1]
WIDTH_PX = 480
GAP_PX = 6
ACROSS = 3


def main() -> None:
    """Write docs/pictures/s01e01.jpg: the middle frame of every shot, three in a row."""
    folder = ROOT / "deliverables" / "rehearsal"
    manifest = json.loads((folder / "s01e01.manifest.json").read_text(encoding="utf-8"))
    middles = [shot["starts_at_frame"] + shot["frames"] // 2 for shot in manifest["shots"]]
    with TemporaryDirectory() as scratch:
        stills = [_still(folder / "s01e01.mp4", frame, Path(scratch)) for frame in middles]
        _strip(stills).save(ROOT / "docs" / "pictures" / "s01e01.jpg", quality=88, optimize=True)


def _still(cut: Path, frame: int, scratch: Path) -> Image.Image:
    path = extract_frame(cut, frame, scratch / f"{frame}.png", find_ffmpeg())
    with Image.open(path) as picture:
        size = (WIDTH_PX, WIDTH_PX * picture.height // picture.width)
        return picture.resize(size, Image.Resampling.LANCZOS)


def _strip(stills: list[Image.Image]) -> Image.Image:
    height = stills[0].height
    down = math.ceil(len(stills) / ACROSS)
    size = (ACROSS * (WIDTH_PX + GAP_PX) - GAP_PX, down * (height + GAP_PX) - GAP_PX)
    strip = Image.new("RGB", size, "white")
    for index, still in enumerate(stills):
        strip.paste(still, (index % ACROSS * (WIDTH_PX + GAP_PX), index // ACROSS * (height + GAP_PX)))
    return strip


if __name__ == "__main__":
    main()
