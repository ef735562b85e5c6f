"""How fast the review page of a long episode is written, how large it is, and how soon a browser shows it."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from PIL import Image

from benchmarks.measuring import ONMODEL, PYTHON, Figure, in_turn, run
from onmodel.planning import Line
from onmodel.settings import Folders
from onmodel.stages.script import Call, open_archive, plan_in, read_script
from onmodel.testing import small_clip
from onmodel.units import Size
from onmodel.vault import Delivery, Intent, Likeness, MediaRef, Outcome, Result, Slot, Vault, Verdict

SHOTS = 100
TAKES = 2
ROUNDS = 5
PICTURE = Size(1280, 720)
GRAIN = 12
"""Of a picture: how far its levels scatter, of 256."""
BARE = [PYTHON, "-c", "import jinja2, numpy, pydantic, ruamel.yaml, typer"]


def measure() -> Iterator[Figure]:
    """The figures, beside a bare import in the same run."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "production"
        run([ONMODEL, "init", str(folder)], Path(scratch))
        _write_episode(folder)
        _film(folder, Path(scratch))
        command = [ONMODEL, "dailies", "s01e01"]
        first = run(command, folder)
        page = folder / "deliverables/s01e01.dailies.html"
        yield Figure(
            f"dailies of {SHOTS} shots with {TAKES} takes each, stills made",
            f"{first.wall_s:.1f} s",
            target="at most 2 s",
        )
        ours, bare, ratio = in_turn(command, BARE, folder, ROUNDS)
        yield Figure(
            f"the same, written again: {page.stat().st_size / 1e6:.1f} MB",
            f"{ours:.2f} s",
            f"{bare:.2f} s, bare import of jinja2, numpy, pydantic, ruamel.yaml, typer",
            f"{ratio:.2f}",
            "at most 2 s",
        )
        yield from _first_paint(page, Path(scratch))


def _first_paint(page: Path, scratch: Path) -> Iterator[Figure]:
    """When Chromium first shows something of the page, beside a page with one word; nothing without one."""
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if program is None:
        return
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 (only where there is a browser)

    empty = scratch / "empty.html"
    empty.write_text("<!doctype html><title>empty</title><p>word", encoding="utf-8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        pairs = [(_paint_s(browser, page), _paint_s(browser, empty)) for _ in range(ROUNDS + 1)][1:]
        browser.close()
    ours, bare = median(one for one, _ in pairs), median(other for _, other in pairs)
    yield Figure(
        "its first paint in Chromium, from disk",
        f"{ours:.2f} s",
        f"{bare:.2f} s, a page with one word",
        f"{median(one / other for one, other in pairs):.2f}",
        "at most 1 s",
    )


def _paint_s(browser: Any, page: Path) -> float:
    tab = browser.new_page()
    tab.goto(page.as_uri())
    paints = "performance.getEntriesByName('first-contentful-paint').map((one) => one.startTime)"
    while not (found := tab.evaluate(paints)):
        tab.wait_for_timeout(20)
    tab.close()
    return float(found[0]) / 1000


def _write_episode(folder: Path) -> None:
    shots = "".join(
        f"  s{number:03}0: {{setting: street {number}, start: Pip stands still, action: it waves}}\n"
        for number in range(1, SHOTS + 1)
    )
    text = f"episode: 1\ntitle: Long\ndefaults: {{cast: pip, seconds: 5}}\nshots:\n{shots}"
    (folder / "episodes/s01e01.yaml").write_text(text, encoding="utf-8")


def _film(folder: Path, scratch: Path) -> None:
    """Fill the archive by hand: filming it in a rehearsal would take an hour."""
    call = Call(folder, "s01e01")
    script = read_script(call)
    # A PNG with grain, as the stills that are asked for: one of a single colour is read in no time.
    Image.effect_noise((PICTURE.width, PICTURE.height), GRAIN).convert("RGB").save(scratch / "picture.png")
    picture = (scratch / "picture.png").read_bytes()
    clip = small_clip(scratch / "clip.mp4", 5, PICTURE).read_bytes()
    sha256s: dict[str, str] = {}
    with open_archive(script.story.production, Folders(folder, rehearsal=False)) as vault:
        for name, line in plan_in(vault, call, script).lines.items():
            for n in range(1, TAKES + 1 if line.commission.is_clip else 2):
                # What follows the end is not looked at, and makes every file another one.
                file = scratch / ("one.mp4" if line.commission.is_clip else "one.png")
                file.write_bytes((clip if line.commission.is_clip else picture) + f"{name} {n}".encode())
                ref = vault.media.keep(file, suffix=file.suffix)
                _take(vault, line, n, ref, sha256s)
                sha256s[name] = ref.sha256


def _take(vault: Vault, line: Line, n: int, ref: MediaRef, made: dict[str, str]) -> None:
    commission, now = line.commission, datetime.now(UTC)
    basis = commission.basis(made)
    slot = Slot(
        "full-circle", commission.scope, commission.subject, commission.stage, commission.digest(made), n
    )
    job = vault.journal.open(
        Intent(
            slot=slot,
            label=commission.label(n),
            endpoint=commission.choice.endpoint.name,
            arguments={"prompt": f"{commission.parts.prompt} Take {n}."},
            price_usd=commission.price.usd,
            seconds=commission.choice.seconds_bought,
            basis_content=basis,
            made_at=now,
            onmodel="0",
        )
    )
    vault.journal.claim(job, 300, job.intent.arguments)
    vault.journal.record_outcome(job, Outcome(attempt=1, kind="submitted", request_id=slot.key, at=now))
    vault.journal.record_result(job, Result(kind="ok", billed="yes", at=now))
    vault.journal.record_media(job, Delivery(media=(ref,), at=now))
    last = n == TAKES or not commission.is_clip
    likeness = Likeness(
        standing="on-model" if last else "drifting",
        reason="the score falls from 0.72 to 0.41 over the clip",
        score=0.6,
        threshold=0.5,
        curve=tuple((at * 0.6, 0.7 - 0.03 * at) for at in range(9)) if commission.is_clip else (),
        worst_s=4.8 if commission.is_clip else None,
        signature="AAAA" * 600,
        scorer="bench 1",
    )
    vault.journal.record_verdict(job, Verdict(ok=True, identity={"pip": likeness}, at=now))


if __name__ == "__main__":
    try:
        for one in measure():
            print(one.what, one.figure, one.baseline, one.ratio, one.target, sep=" | ")
    except subprocess.CalledProcessError as error:
        raise SystemExit(error.output) from error
