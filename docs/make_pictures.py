"""`make pictures`: the README's pictures, from the real program: its cut, its dailies, its run in Prefect."""

from __future__ import annotations

import json
import math
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from onmodel.flowkit.server import Server
from onmodel.post.ffmpeg import find_ffmpeg
from onmodel.post.frame import extract_frame

ROOT = Path(__file__).resolve().parents[1]
REHEARSED = ROOT / "deliverables" / "rehearsal"
PICTURES = ROOT / "docs" / "pictures"
EPISODE = "s01e01"
CAUGHT = "s020"
"""The shot whose first take is somebody else halfway: TROUBLE in the Makefile."""
LOADED_MS = 2000
"""Until the dailies show the frames that are least alike."""
WIDTH_PX = 480
GAP_PX = 6
ACROSS = 3
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
SETTLED_MS = 6000
"""Until Prefect's page has drawn the rows of a run."""


def main() -> None:
    """Write the still strip, the dailies page and the run's page to docs/pictures."""
    _strip(_middles()).save(PICTURES / f"{EPISODE}.jpg", quality=88, optimize=True)
    run = Server(ROOT).newest_run(EPISODE)
    if run is None:
        sys.exit("The production's Prefect server knows no run of the episode: make pictures makes one.")
    with _browser() as browser:
        page = _open(browser, (REHEARSED / f"{EPISODE}.dailies.html").as_uri(), 1080)
        page.locator(f".strip a[href='#shot-{CAUGHT}']").click()
        page.wait_for_timeout(LOADED_MS)
        _shoot(page, "dailies")
        page = _open(browser, run, 800)
        page.wait_for_timeout(SETTLED_MS)
        _shoot(page, "prefect")


def _middles() -> list[Image.Image]:
    """The middle frame of every shot of the cut."""
    manifest = json.loads((REHEARSED / f"{EPISODE}.manifest.json").read_text(encoding="utf-8"))
    middles = [shot["starts_at_frame"] + shot["frames"] // 2 for shot in manifest["shots"]]
    with TemporaryDirectory() as scratch:
        return [_still(REHEARSED / f"{EPISODE}.mp4", frame, Path(scratch)) for frame in middles]


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


@contextmanager
def _browser() -> Iterator[Browser]:
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        sys.exit(f"No browser is installed (looked for {', '.join(BROWSERS)}): apt install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


def _open(browser: Browser, address: str, height: int) -> Page:
    page = browser.new_page(viewport={"width": 1280, "height": height})
    page.goto(address)
    return page


def _shoot(page: Page, name: str) -> None:
    """The page as a picture that a README loads at once."""
    with TemporaryDirectory() as scratch:
        path = Path(scratch) / "page.png"
        page.screenshot(path=path)
        with Image.open(path) as picture:
            picture.convert("RGB").save(PICTURES / f"{name}.jpg", quality=85, optimize=True)


if __name__ == "__main__":
    main()
