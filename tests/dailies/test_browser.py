"""The page in a real browser: every key and button, and nothing of it from anywhere but this machine."""

from __future__ import annotations

import importlib.util
import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

pytestmark = pytest.mark.browser

NAMES = ("chromium", "chromium-browser", "google-chrome")
HOSTILE = "<img src=x onerror=alert(1)>"
END_OF_SCRIPT = "</script><script>alert(2)</script>"
CURRENT = ".take[aria-current]"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The system's browser; it resolves no name, so that nothing leaves this machine."""
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        pytest.skip(f"no browser is installed (looked for {', '.join(NAMES)}): apt install chromium")
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]
        browser = playwright.chromium.launch(executable_path=program, args=arguments)
        yield browser
        browser.close()


class Visit:
    """Somebody with the page open; whatever it asks for and complains about is kept."""

    def __init__(self, browser: Browser, **how: Any) -> None:
        self.context = browser.new_context(viewport={"width": 1280, "height": 900}, **how)
        self.context.set_default_timeout(10_000)
        self.page: Page = self.context.new_page()
        self.asked: list[str] = []
        self.trouble: list[str] = []
        self.page.on("request", lambda one: self.asked.append(one.url))
        self.page.on("pageerror", lambda error: self.trouble.append(str(error)))
        self.page.on("console", lambda one: self._hear(one.type, one.text))
        self.page.on("dialog", lambda one: self.trouble.append(one.message))

    def _hear(self, kind: str, text: str) -> None:
        if kind == "error" and "409" not in text and "404" not in text:
            self.trouble.append(text)

    def key(self, *keys: str) -> None:
        """Press keys, one after the other."""
        for one in keys:
            self.page.keyboard.press(one)

    def current(self) -> str | None:
        """The take that is chosen."""
        found = self.page.locator(CURRENT)
        return found.get_attribute("id") if found.count() else None

    def until(self, expression: str) -> None:
        """Wait until something holds in the page, whose policy lets no watching script in."""
        deadline = time.monotonic() + 10
        while not self.page.evaluate(expression):
            assert time.monotonic() < deadline, expression
            self.page.wait_for_timeout(20)

    def said(self, words: str) -> None:
        """Wait until the page says this."""
        expect(self.page.locator("#said.shown")).to_contain_text(words)

    def at_s(self, take: int = 1) -> float:
        """Where a take of s010 is, in seconds."""
        video = self.page.locator("#shot-s010 .take video:not(.frame)").nth(take - 1)
        return float(video.evaluate("one => one.currentTime"))


@pytest.fixture
def visit(chromium: Browser) -> Iterator[Any]:
    """Opens pages; afterwards nothing of them may have come from elsewhere, and no script have failed."""
    visits: list[Visit] = []

    def open_page(url: str, **how: Any) -> Visit:
        visits.append(Visit(chromium, **how))
        visits[-1].page.goto(url)
        return visits[-1]

    yield open_page
    for one in visits:
        one.context.close()
        elsewhere = [url for url in one.asked if not re.match(r"file:|data:|http://127\.0\.0\.1:", url)]
        assert elsewhere == []
        assert one.trouble == []


@pytest.fixture
def served(shot: Any, serving: Any) -> Any:
    return serving(shot)


def static(film_set: Any) -> str:
    return film_set.page()[0].path.as_uri()  # type: ignore[no-any-return]


# -- looking -------------------------------------------------------------------------------------------------


def test_arrows_lead_from_take_to_take_and_from_shot_to_shot(shot: Any, visit: Any) -> None:
    """Left and right within a shot, up and down between shots; the strip says where one is."""
    on = visit(static(shot))
    chosen = []
    for key in ("ArrowDown", "ArrowLeft", "ArrowLeft", "ArrowRight", "ArrowDown", "ArrowDown", "ArrowUp"):
        on.key(key)
        chosen.append(on.current())
    assert chosen == [
        "take-s010.shoot-2",
        "take-s010.shoot-1",
        "take-s010.shoot-1",
        "take-s010.shoot-2",
        "take-s020.shoot-1",
        "take-s030.keyframe-1",
        "take-s020.shoot-1",
    ]
    assert on.page.locator(".strip [aria-current]").get_attribute("href") == "#shot-s020"
    assert on.page.evaluate("document.activeElement.id") == "take-s020.shoot-1"


def test_takes_play_in_step(shot: Any, visit: Any) -> None:
    """Space plays all takes of the shot and pauses them at one frame; the curve's line goes along."""
    on = visit(static(shot))
    on.key("ArrowDown", "Space")
    expect(on.page.locator("#shot-s010 .play").first).to_have_text("Pause")
    on.until("document.querySelector('#shot-s010 .take video:not(.frame)').currentTime > 0.2")
    on.key("Space")
    expect(on.page.locator("#shot-s010 .play").first).to_have_text("Play")
    assert on.at_s(1) == pytest.approx(on.at_s(2), abs=0.101)
    head = on.page.locator("#shot-s010 .curve .head").first
    assert float(head.get_attribute("x1") or 0) > 34


def test_one_frame_at_a_time(shot: Any, visit: Any) -> None:
    """`.` and `,` and the buttons step all takes by a frame; the slider and the curve seek."""
    on = visit(static(shot))
    on.key("ArrowDown")
    first = on.page.locator("#shot-s010 .transport").first
    on.until("document.querySelector('#shot-s010 .take video:not(.frame)').duration > 0")
    step_s = 1 / 24  # nobody measured these clips' rate
    on.key(".", ".")
    assert on.at_s(1) == on.at_s(2) == pytest.approx(2.5 * step_s, abs=0.01)
    on.key(",")
    assert on.at_s(1) == pytest.approx(1.5 * step_s, abs=0.01)
    first.get_by_label("One frame on").click()
    first.get_by_label("One frame on").click()
    first.get_by_label("One frame back").click()
    assert on.at_s(1) == pytest.approx(2.5 * step_s, abs=0.01)
    first.locator(".scrub").fill("0.6")
    assert on.at_s(2) == pytest.approx(0.6, abs=0.01)
    on.page.get_by_role("button", name="Go to it").first.click()
    assert on.at_s(1) == pytest.approx(0.2, abs=0.01)
    curve = on.page.locator("#shot-s010 .curve").first
    box = curve.bounding_box()
    assert box is not None
    curve.click(position={"x": box["width"] * 310 / 320, "y": 20})
    assert on.at_s(1) == pytest.approx(0.6, abs=0.02)  # the last score of the curve


def test_the_least_alike_frame_is_shown_beside_the_sheet(shot: Any, visit: Any) -> None:
    """It comes from the clip itself, at its time; a clip that is far from the window is let go of."""
    on = visit(static(shot))
    on.key("ArrowDown")
    on.until("document.querySelector('#shot-s010 .frame').readyState >= 2")
    frame = on.page.locator("#shot-s010 .frame").first
    assert frame.evaluate("one => one.currentTime") == pytest.approx(0.2 + 0.5 / 24, abs=0.01)
    on.page.evaluate("document.querySelector('#spend').style.marginTop = '9000px'")
    on.page.locator("#spend").scroll_into_view_if_needed()
    on.until("!document.querySelector('#shot-s010 .take video:not(.frame)').hasAttribute('src')")
    on.key("ArrowUp", "ArrowUp", "ArrowUp")
    on.until("document.querySelector('#shot-s010 .take video:not(.frame)').readyState >= 1")


def test_a_clip_that_is_gone_is_told(shot: Any, visit: Any) -> None:
    """Words stand in its place; the rest plays."""
    ref = shot.plan().lines["s010.shoot"].take.media
    Path(shot.vault.media.address(ref)).unlink()
    on = visit(static(shot))
    on.key("ArrowDown")
    expect(on.page.locator("#take-s010\\.shoot-2 .lost").first).to_contain_text("not in the archive")
    expect(on.page.locator("#take-s010\\.shoot-1 .lost")).to_have_count(0)
    on.trouble = [one for one in on.trouble if "ERR_FILE_NOT_FOUND" not in one]


def test_sound_and_loop(shot: Any, visit: Any) -> None:
    """Silent unless asked; then the chosen take alone is heard. With Loop the takes begin anew."""
    on = visit(static(shot))
    on.key("ArrowDown", "ArrowLeft")
    work = on.page.locator("#shot-s010 .work").first
    work.get_by_label("Loop").check()
    work.get_by_role("button", name="Play").click()
    on.until(
        "() => { const at = document.querySelector('#shot-s010 .take video:not(.frame)').currentTime;"
        " const back = at < (window.before || 0) - 0.3; window.before = at; return back; }"
    )
    heard = "[...document.querySelectorAll('#shot-s010 .take video:not(.frame)')].map((one) => !one.muted)"
    assert on.page.evaluate(heard) == [False, False]
    work.get_by_label("Sound").check()
    assert on.page.evaluate(heard) == [True, False]
    work.get_by_role("button", name="Pause").click()


def test_the_strip_jumps_to_the_shot_and_in_the_cut(shot: Any, visit: Any) -> None:
    """A click shows the shot, and the cut where it begins; while the cut plays the strip follows it."""
    deliverables = shot.root / "deliverables"
    deliverables.mkdir(exist_ok=True)
    clip = next((shot.root / "archive/media").rglob("*.mp4"))
    (deliverables / "s01e01.mp4").write_bytes(clip.read_bytes())
    (deliverables / "s01e01.manifest.json").write_text(
        '{"cut": {"fps": "10", "sha256": "ab"}, "shots": ['
        '{"shot": "s010", "starts_at_frame": 0, "frames": 4, "take": 2, "crossfade_frames": 1},'
        '{"shot": "s020", "starts_at_frame": 3, "frames": 5, "take": 1}]}'
    )
    on = visit(static(shot))
    on.page.locator('.strip a[href="#shot-s020"]').click()
    expect(on.page.locator("#shot-s020")).to_be_in_viewport()
    assert on.current() == "take-s020.shoot-1"
    programme = on.page.locator("video.programme")
    assert programme.evaluate("one => one.currentTime") == pytest.approx(0.35, abs=0.01)
    on.page.locator('.strip a[href="#shot-s010"]').click()
    programme.evaluate("one => { one.muted = true; return one.play(); }")
    expect(on.page.locator('.strip a[href="#shot-s020"]')).to_have_attribute("aria-current", "location")
    assert "dissolve, 1 frames" in on.page.locator("#cut-list").inner_text()


def test_the_filter_leaves_what_needs_a_person(shot: Any, visit: Any) -> None:
    """`f` and the box hide the rest, in the strip too; the arrows pass over what is hidden."""
    for n in (2, 3):
        shot.shoot("s020.shoot", n, broken="black")
    on = visit(static(shot))
    on.key("f")
    assert on.page.locator(".shot:visible").count() == 1
    assert on.page.locator(".strip li:visible").count() == 1
    on.key("ArrowDown", "ArrowDown")
    assert str(on.current()).startswith("take-s020")
    on.page.get_by_label("Needs a person").uncheck()
    assert on.page.locator(".shot:visible").count() == 3


def test_keys_can_be_looked_up_and_turned_off(shot: Any, visit: Any) -> None:
    """`?` and the button show them; with keys off none works, and that is remembered."""
    on = visit(static(shot))
    on.key("?")
    expect(on.page.locator("#keys")).to_be_visible()
    on.page.get_by_role("button", name="Close").click()
    on.page.get_by_role("button", name="Keys").click()
    on.page.get_by_label("Keys are on").uncheck()
    on.key("Escape")
    expect(on.page.locator("#keys")).not_to_be_visible()
    on.key("ArrowDown")
    assert on.current() is None
    on.page.reload()
    on.key("ArrowDown")
    assert on.current() is None


def test_a_page_in_a_file_only_shows(shot: Any, visit: Any) -> None:
    """Deciding keys say how to decide; no button for it is there."""
    on = visit(static(shot))
    on.key("ArrowDown")
    for key in ("c", "r", "a", "n"):
        on.key(key)
        on.said("onmodel dailies s01e01 --serve")
    assert on.page.locator("[data-do]").count() == 0


def test_without_script_it_is_still_a_page(shot: Any, visit: Any) -> None:
    """Clips keep the browser's own controls, and no dead button is shown."""
    on = visit(static(shot), java_script_enabled=False)
    assert on.page.locator("video[controls]").count() == 3
    assert on.page.locator(".scripted:visible").count() == 0


# -- deciding ------------------------------------------------------------------------------------------------


def test_c_circles_the_chosen_take(served: Any, visit: Any) -> None:
    """The record is written under the name in the page, and the page shows it without being loaded anew."""
    on = visit(served.url)
    assert "token" not in on.page.url
    on.page.get_by_label("Your name").fill("Grace")
    on.page.evaluate("window.same = true")
    on.page.locator("#shot-s010 h2").click()
    on.key("ArrowDown", "ArrowLeft", "c")
    on.said("take 1 · image-to-video is circled")
    expect(on.page.locator("#take-s010\\.shoot-1 .ring")).to_have_text("circled")
    assert on.current() == "take-s010.shoot-1"
    (kept,) = served.film_set.vault.decisions.of("s01e01")
    assert (kept.kind, kept.n, kept.by) == ("circle", 1, "Grace")
    on.page.locator("#take-s010\\.shoot-2").get_by_role("button", name="Circle").click()
    on.said("take 2 · image-to-video is circled")
    assert on.page.evaluate("window.same")


def test_the_filter_lets_go_when_nobody_is_needed_any_more(shot: Any, serving: Any, visit: Any) -> None:
    """The last decision with the filter on leaves no empty page; the strip still says where one is."""
    for n in (2, 3):
        shot.shoot("s020.shoot", n, broken="black")
    on = visit(serving(shot).url)
    on.key("f", "ArrowDown", "c")
    on.said("is circled")
    expect(on.page.locator(".shot:visible")).to_have_count(3)
    expect(on.page.get_by_label("Needs a person")).not_to_be_checked()
    assert on.page.locator(".strip [aria-current]").get_attribute("href") == "#shot-s020"


def test_r_orders_a_retake_by_its_problem(served: Any, visit: Any) -> None:
    """The dialog says what will change and cost before it is ordered; Cancel and Escape order nothing."""
    on = visit(served.url)
    on.key("ArrowDown", "r")
    dialog = on.page.locator("#retake")
    expect(dialog).to_contain_text("Retake s010 · image-to-video")
    dialog.get_by_label("What is wrong").select_option("face-changing")
    expect(dialog.locator("#remedy")).to_contain_text("$")
    dialog.get_by_role("button", name="Cancel").click()
    on.key("r", "Escape")
    expect(dialog).not_to_be_visible()
    assert served.film_set.vault.decisions.of("s01e01") == ()
    on.page.locator("#shot-s010 [data-do=retake]").first.click()
    dialog.get_by_label("What is wrong").select_option("face-changing")
    dialog.get_by_label("Note").fill(f"calmer {END_OF_SCRIPT}")
    dialog.get_by_role("button", name="Order the retake").click()
    on.said("take 3 · image-to-video is ordered")
    expect(on.page.locator("#desk")).to_contain_text("s010 image-to-video")
    (kept,) = served.film_set.vault.decisions.of("s01e01")
    assert (kept.kind, kept.problem, kept.note) == ("retake", "face-changing", f"calmer {END_OF_SCRIPT}")
    assert END_OF_SCRIPT in on.page.locator("#shot-s010").inner_text()


def test_n_notes_a_box_on_a_frame(served: Any, visit: Any) -> None:
    """With the mouse and with the keyboard; it is shown at its frame, and found again by its button."""
    on = visit(served.url)
    on.key("ArrowDown")
    on.until("document.querySelector('#shot-s010 .take video:not(.frame)').duration > 0")
    on.key(".", ".", "n")
    screen = on.page.locator("#take-s010\\.shoot-2 .screen")
    screen.scroll_into_view_if_needed()
    frame = screen.bounding_box()
    assert frame is not None
    on.page.mouse.move(frame["x"] + frame["width"] * 0.25, frame["y"] + frame["height"] * 0.5)
    on.page.mouse.down()
    on.page.mouse.move(frame["x"] + frame["width"] * 0.5, frame["y"] + frame["height"] * 0.75, steps=3)
    on.page.mouse.up()
    on.page.keyboard.type("the eye is too small")
    on.page.get_by_role("button", name="Keep the note").click()
    on.said("The note is kept with take 2 of s010")
    on.key("n")
    screen.focus()
    on.key("ArrowRight", "Shift+ArrowDown", "Delete", "ArrowUp")
    on.page.get_by_label("What is to be seen").fill("and here")
    on.page.get_by_label("About all of the take").check()
    on.page.get_by_role("button", name="Keep the note").click()
    expect(on.page.locator("#take-s010\\.shoot-2 .notes li")).to_have_count(2)
    one, other = served.film_set.vault.decisions.of("s01e01")
    assert (one.note, one.at_s) == ("the eye is too small", pytest.approx(2.5 / 24, abs=0.01))
    assert one.box == pytest.approx((0.25, 0.5, 0.25, 0.25), abs=0.02)
    assert (other.at_s, other.box) == (None, pytest.approx((0.35, 0.33, 0.3, 0.3), abs=0.01))
    on.page.locator("#take-s010\\.shoot-2 .notes .goto").first.click()
    expect(on.page.locator("#take-s010\\.shoot-2 .box")).to_be_visible()
    on.key("n", "Escape")
    expect(on.page.locator("#note")).not_to_be_visible()


def test_a_opens_the_gates(unopened: Any, serving: Any, visit: Any) -> None:
    """What awaits approval says so, counts as needing a person, and passes by `a` or its button."""
    unopened.write(
        "production.yaml",
        (unopened.root / "production.yaml").read_text() + "approve: [sheet, keyframes, takes]\n",
    )
    unopened.open()
    unopened.shoot_sheets()
    unopened.shoot("s010.shoot", 1)
    served = serving(unopened)
    on = visit(served.url)
    expect(on.page.locator("#desk")).to_contain_text("Awaits approval:")
    on.key("ArrowDown")
    assert on.current() == "take-s010.shoot-1"
    on.key("a")
    on.said("Approved: s01e01 · s010 · take 1 · image-to-video")
    expect(on.page.locator("#take-s010\\.shoot-1 .marks")).to_contain_text("approved")
    on.key("a")
    on.said("Nobody is asked")
    on.page.locator("#shot-s020 [data-do=approve]").first.click()
    on.said("Approved: s01e01 · s020 · take 1 · keyframe")
    on.page.get_by_role("button", name="Approve pip.default.front").click()
    on.said("Approved: cast · pip.default.front")
    kept = [*unopened.vault.decisions.of("s01e01"), *unopened.vault.decisions.of("cast")]
    assert [(one.kind, one.subject, one.stage) for one in kept] == [
        ("approve", "s010", "shoot"),
        ("approve", "s020", "keyframe"),
        ("approve", "pip.default.front", "sheet"),
    ]
    unopened.close()


def test_a_decision_about_what_went_stale_is_refused_with_why(served: Any, visit: Any) -> None:
    """The story was changed under the open page: said so, nothing is written, the page shows what is now."""
    on = visit(served.url)
    on.key("ArrowDown")
    story = served.film_set.root / "episodes/s01e01.yaml"
    story.write_text(story.read_text().replace("action: it blinks", "action: it waves"))
    on.key("c")
    on.said("changed: action")
    assert on.page.locator("#said").get_attribute("class") == "shown trouble"
    expect(on.page.locator("#shot-s010")).to_contain_text("stale: changed: action")
    assert served.film_set.vault.decisions.of("s01e01") == ()
    on.key("c")
    on.said("earlier text")


def test_a_server_that_ended_is_told(served: Any, visit: Any) -> None:
    """A decision that reaches nobody is no silent one."""
    on = visit(served.url)
    on.key("ArrowDown")
    on.page.route("**/api/**", lambda route: route.abort())
    on.key("c")
    on.said("does not answer any more")
    on.trouble = [one for one in on.trouble if "ERR_FAILED" not in one]


# -- for everybody, and for nobody else ----------------------------------------------------------------------


def test_what_users_write_stays_text(unopened: Any, serving: Any, visit: Any) -> None:
    """Markup in a bible's name and in notes is shown as it was written, on the file and from the server."""
    bible = unopened.root / "characters/pip.yaml"
    bible.write_text(bible.read_text().replace("name: Pip", f"name: '{HOSTILE}'"))
    unopened.open()
    unopened.shoot_sheets()
    unopened.shoot("s010.shoot", 1, prompt=f"{HOSTILE} blinks", change=END_OF_SCRIPT)
    unopened.decide("note", "s010.shoot", 1, note=END_OF_SCRIPT, at_s=0.2)
    for url in (static(unopened), serving(unopened).url):
        on = visit(url)
        on.page.locator("#shot-s010").scroll_into_view_if_needed()
        text = on.page.locator("#shot-s010").inner_text()
        assert HOSTILE in text
        assert text.count(END_OF_SCRIPT) == 2
        assert on.page.locator("script").count() == 1
        assert on.page.locator('img[src="x"]').count() == 0
    unopened.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(served: Any, visit: Any, scheme: str) -> None:
    """Names, landmarks, contrast: checked in both schemes, with a dialog and a note open, and on a phone."""
    found = importlib.util.find_spec("axe_playwright_python")
    if found is None or found.origin is None:
        pytest.skip("axe-playwright-python is not installed: pip install -e '.[dev]'")
    axe = (Path(found.origin).parent / "axe.min.js").read_text(encoding="utf-8")
    on = visit(served.url, color_scheme=scheme)
    served.film_set.decide("note", "s010.shoot", 2, note="dim", at_s=0.2)
    on.page.reload()
    on.page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true;")
    on.page.evaluate(axe)
    # A scheme changes colours and nothing else: one of them is held against every rule.
    wanted = {"resultTypes": ["violations"]} | ({"runOnly": ["color-contrast"]} if scheme == "dark" else {})
    for prepare in ("", "n", "Escape r", "Escape ?"):
        on.key(*(prepare.split() or ["ArrowDown"]))
        bad = on.page.evaluate(
            "(wanted) => axe.run(document, wanted).then((found) => found.violations"
            ".filter((one) => ['serious', 'critical'].includes(one.impact))"
            ".map((one) => [one.id, one.nodes.map((node) => node.html)]))",
            wanted,
        )
        assert bad == []


def test_it_fits_a_phone(served: Any, visit: Any) -> None:
    """No sideways scrolling at 390 px, and what is pressed is large enough for a thumb."""
    on = visit(served.url)
    on.page.set_viewport_size({"width": 390, "height": 844})
    assert on.page.evaluate("document.documentElement.scrollWidth") <= 390
    for button in on.page.locator("#shot-s010 button:visible").all()[:8]:
        box = button.bounding_box()
        assert box is not None
        assert box["height"] >= 24


def test_motion_is_reduced_where_that_is_asked(served: Any, visit: Any) -> None:
    """Jumps do not glide: the shot is there at once."""
    on = visit(served.url, reduced_motion="reduce")
    on.page.locator('.strip a[href="#shot-s030"]').click()
    top = on.page.evaluate("document.querySelector('#shot-s030').getBoundingClientRect().top")
    assert top < 500
