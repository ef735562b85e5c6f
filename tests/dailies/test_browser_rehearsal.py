"""From the order of a retake on the page to its circled take, in a real rehearsal and a real browser."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect, sync_playwright

pytestmark = [pytest.mark.browser, pytest.mark.cluster]

EPISODE = """\
episode: 1
title: One shot
shots:
  s010:
    cast: pip
    seconds: 5
    setting: a cluttered workshop with a wooden bench
    start: Pip stands at the bench
    action: it blinks, then tilts its head to one side
    camera: {size: medium, move: dolly in}
"""
FILMS_WITHIN_MS = 120_000
STARTS_WITHIN_S = 60
ONMODEL = [sys.executable, "-P", "-c", "from onmodel.cli import main; main()"]


class Server:
    """`onmodel dailies --serve` as a user starts it."""

    def __init__(self, folder: Path) -> None:
        command = [*ONMODEL, "dailies", "s01e01", "--rehearse", "--serve", "--as", "Ada"]
        self.process = subprocess.Popen(
            command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self.note = folder / ".onmodel/run/dailies.json"
        self.url = self._read_address()

    def _read_address(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def end(self, how: signal.Signals = signal.SIGINT) -> tuple[int, str]:
        """End it; its exit code and what it said."""
        self.process.send_signal(how)
        _, said = self.process.communicate(timeout=30)
        return self.process.returncode, said


@pytest.fixture(scope="module")
def production(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A production of one shot, rehearsed to its cut, small enough for a test."""
    folder = tmp_path_factory.mktemp("review") / "production"
    run(["init", str(folder)], folder.parent)
    story = folder / "production.yaml"
    story.write_text(story.read_text().replace("720p", "180p") + "approve: [keyframes, cut]\n")
    (folder / "episodes/s01e01.yaml").write_text(EPISODE)
    produce(folder)
    return folder


def run(arguments: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {
        name: value for name, value in os.environ.items() if name not in ("FAL_KEY", "PREFECT_API_URL")
    }
    return subprocess.run(
        [*ONMODEL, *arguments], cwd=folder, env=environment, check=False, capture_output=True, text=True
    )


def produce(folder: Path) -> None:
    done = run(["produce", "s01e01", "--rehearse", "--prefect", "off"], folder)
    assert done.returncode in (0, 4), done.stderr


@pytest.fixture
def server(production: Path) -> Iterator[Server]:
    begun = Server(production)
    yield begun
    if begun.process.poll() is None:
        begun.end()


@pytest.fixture
def page() -> Iterator[Page]:
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if program is None:
        pytest.skip("no browser is installed: apt install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser.new_page()
        browser.close()


def test_approved_retaken_and_filmed_from_the_page(server: Server, production: Path, page: Page) -> None:
    """`a` opens the last gate, so the run goes on; `r` orders a retake, which ends in a new circled take."""
    page.goto(server.url)
    shot = page.locator("#shot-s010")
    expect(shot).to_contain_text("awaits approval")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("a")
    expect(page.locator("#said.shown")).to_contain_text("Approved: s01e01 · s010 · take 1 · keyframe")
    expect(page.locator("#filming")).to_contain_text("Filming:")
    expect(shot.locator(".take video:not(.frame)")).to_have_count(1, timeout=FILMS_WITHIN_MS)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("r")
    dialog = page.locator("#retake")
    dialog.get_by_label("What is wrong").select_option("motion-jerky")
    dialog.get_by_label("Note").fill("slower")
    dialog.get_by_role("button", name="Order the retake").click()
    expect(page.locator("#said.shown")).to_contain_text("take 2 · image-to-video is ordered")
    film(page)
    expect(page.locator("#take-s010\\.shoot-2 .ring")).to_have_text("circled", timeout=FILMS_WITHIN_MS)
    expect(page.locator("#take-s010\\.shoot-2")).to_contain_text("slower")
    expect(page.locator("video.programme")).to_have_count(1)
    expect(page.locator("#desk")).not_to_have_class(re.compile("busy"))
    page.get_by_role("button", name="Approve the cut").click()
    expect(page.locator("#said.shown")).to_contain_text("Approved: s01e01 · cut")
    final = production / "deliverables/rehearsal/s01e01.mp4"
    page.wait_for_timeout(200)
    expect(page.locator("#desk")).to_contain_text("Nothing is to be filmed", timeout=FILMS_WITHIN_MS)
    assert final.is_file()
    verdicts = sorted(
        (production / ".onmodel/rehearsal/archive/jobs/s01e01/s010").glob("shoot-*-2/verdict.json")
    )
    assert len(verdicts) == 1


def film(page: Page) -> None:
    page.locator("#desk").get_by_role("button", name="Film now").click()
    expect(page.locator("#filming")).to_contain_text("Filming:")


def test_the_server_ends_in_order(server: Server) -> None:
    """Ctrl-C: exit code 0, and its note goes with it."""
    assert json.loads(server.note.read_text())["url"] == server.url
    code, said = server.end()
    assert (code, said.splitlines()[-1]) == (0, "Ended.")
    assert not server.note.exists()


def test_a_server_that_is_told_to_end_while_it_films(server: Server, page: Page) -> None:
    """The rehearsal that it began ends too: no process is left behind."""
    page.goto(server.url)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("r")
    page.locator("#retake").get_by_role("button", name="Order the retake").click()
    film(page)
    (child,) = children(server.process.pid)
    code, _ = server.end(signal.SIGTERM)
    assert code == 0
    assert not Path(f"/proc/{child}").exists()


def children(pid: int) -> list[int]:
    deadline = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < deadline:
        found = [
            int(one)
            for path in Path(f"/proc/{pid}/task").glob("*/children")
            for one in path.read_text().split()
        ]
        if found:
            return found
        time.sleep(0.05)
    return []


@pytest.mark.process
def test_a_server_killed_in_mid_decision_left_whole_records(production: Path) -> None:
    """Killed again and again while decisions pour in: each that was answered is there, and none is half."""
    import httpx  # noqa: PLC0415 - only this test speaks to it without a browser

    from onmodel.settings import Folders  # noqa: PLC0415 - same
    from onmodel.stages.script import Call, look_into_archive, read_script  # noqa: PLC0415 - same

    answered = 0
    for round_number in range(3):
        server = Server(production)
        with httpx.Client(base_url=server.url.partition("/?")[0], timeout=10) as client:
            text = client.get(server.url).text
            body = _note_of(text)
            headers = {"x-onmodel-token": str(re.findall(r'data-token="([^"]+)"', text)[0])}
            deadline = time.monotonic() + 0.4 + 0.3 * round_number
            killed = False
            while not killed:
                if time.monotonic() > deadline:
                    _kill_soon(server)
                    killed = True
                try:
                    answered += client.post("/api/note", json=body, headers=headers).status_code == 200
                except httpx.TransportError:
                    break
        server.process.communicate()
    call = Call(production, "s01e01", rehearse=True)
    script = read_script(call)
    with look_into_archive(script.story.production, Folders(production, rehearsal=True)) as vault:
        assert vault is not None
        notes = [one for one in vault.decisions.of("s01e01") if one.kind == "note"]
    assert answered > 0
    assert answered <= len(notes) <= answered + 3
    assert {one.note for one in notes} == {"half a word"}


def _kill_soon(server: Server) -> None:
    import threading  # noqa: PLC0415 - only here

    threading.Timer(0.05, server.process.kill).start()


def _note_of(text: str) -> dict[str, Any]:
    found = re.search(r'id="take-s010\.keyframe-1"[^>]*data-media="(\w+)"', text)
    assert found is not None
    return {
        "by": "Ada",
        "scope": "s01e01",
        "subject": "s010",
        "stage": "keyframe",
        "n": 1,
        "media": found[1],
        "text": "half a word",
    }
