from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from onmodel.craft import Prompt, compose_keyframe
from onmodel.vault import Outcome

SHEETS = (
    "pip.default.front.sheet",
    "pip.default.profile.sheet",
    "pip.rain.front.sheet",
    "pip.rain.profile.sheet",
    "pip.default.in-pencil-679f.front.sheet",
    "pip.default.in-pencil-679f.profile.sheet",
)
SHOTS = ("s010.keyframe", "s010.shoot", "s020.keyframe", "s020.shoot", "s030.restyle")


def states(desk: Any, *but: tuple[str, str]) -> dict[str, str]:
    """Everything current, but for these."""
    return dict.fromkeys((*SHEETS, *SHOTS), "current") | dict(but)


def test_an_empty_vault_misses_everything_sources_first(desk: Any) -> None:
    """Nothing was ever made: each line is missing with no reason, and comes after what it is made from."""
    plan = desk.plan()
    assert tuple(plan.lines) == (*SHEETS, *SHOTS)
    assert {(line.state, line.why) for line in plan.lines.values()} == {("missing", "")}


def test_the_price_is_the_sum_of_what_is_missing_and_its_retakes(desk: Any) -> None:
    """Base: everything succeeds at once. Worst: every take is broken until none is left. Prices are dated."""
    plan = desk.plan()
    prices = [line.commission.price.usd for line in plan.lines.values()]
    assert plan.base_usd == sum(prices)
    dearest = [line.commission.retake_usd or line.commission.price.usd for line in plan.lines.values()]
    assert plan.worst_usd == sum(prices) + 2 * sum(dearest)
    assert plan.prices_of.year >= 2026
    desk.shoot("pip.default.front.sheet")
    assert desk.plan().base_usd == sum(prices[1:])


def test_bought_seconds_are_the_shortest_sold_that_cover_the_used(desk: Any) -> None:
    """A shot of 4 s is bought as the 5 s that are sold, and priced by those."""
    line = desk.plan().lines["s020.shoot"]
    assert (line.commission.choice.seconds_bought, line.commission.used_s) == (5, 4)
    assert line.base_usd == 5 * line.commission.price.per_unit


def test_what_was_made_is_current_and_costs_nothing(desk: Any) -> None:
    """A second look buys nothing, and holds the take that goes into the cut."""
    desk.shoot_all()
    plan = desk.plan()
    assert {line.state for line in plan.lines.values()} == {"current"}
    assert (plan.base_usd, plan.worst_usd, plan.to_buy) == (0, 0, ())
    assert plan.lines["s010.shoot"].take.n == 1


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("action: it blinks", "action: it nods", "action"),
        ("start: Pip stands at", "start: Pip leans on", "start"),
        ("size: medium", "size: wide", "camera: size"),
        ("setting: a workshop", "setting: a barn", "setting"),
        ("    setting: a workshop\n", "    setting: a workshop\n    avoid: [rain]\n", "avoid"),
    ],
)
def test_a_stale_line_names_what_changed(desk: Any, old: str, new: str, what: str) -> None:
    """The story's own key is named; a keyframe that changes makes its clip, and its style pass, stale."""
    desk.shoot_all()
    desk.change("episode", old, new)
    stale = "s010.shoot" if what == "action" else "s010.keyframe"
    assert desk.why(stale) == ("stale", f"changed: {what}")
    expected = [("s010.shoot", "stale"), ("s030.restyle", "stale")]
    expected += [] if what == "action" else [("s010.keyframe", "stale")]
    assert desk.states() == states(desk, *expected)
    assert desk.why("s030.restyle") == ("stale", "s010 image-to-video is to be made")


def test_a_new_source_is_named_as_the_cause(desk: Any) -> None:
    """Everything is as it was said, but another picture is circled: that is the reason."""
    desk.shoot_all()
    desk.change("episode", "setting: a workshop", "setting: a barn")
    desk.shoot("s010.keyframe")
    assert desk.why("s010.shoot") == ("stale", "changed: the picture it is made from, setting")


def test_going_back_to_an_earlier_text_costs_nothing(desk: Any) -> None:
    """The earlier takes are found again, whatever was made in between."""
    desk.shoot_all()
    desk.change("episode", "action: it blinks", "action: it nods")
    desk.shoot_all()
    desk.change("episode", "action: it nods", "action: it blinks")
    assert (desk.states(), desk.plan().base_usd) == (states(desk), 0)


def test_longer_seconds_than_the_take_covers_are_stale(desk: Any) -> None:
    """Seconds are no content: a take that is long enough stays, one that is too short says both lengths."""
    desk.shoot_all()
    desk.change("episode", "seconds: 4", "seconds: 5")
    assert desk.states()["s020.shoot"] == "current"
    desk.change("episode", "seconds: 5", "seconds: 7\n    clips: one")
    assert desk.why("s020.shoot") == ("stale", "7 s are wanted, take 1 has 5 s")
    desk.shoot("s020.shoot", 2)
    assert desk.plan().lines["s020.shoot"].take.n == 2


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("production", "retakes: 2", "retakes: 2\nquality: draft"),
        ("production", "retakes: 2", "retakes: 0\nbudget_usd: 1\nin_flight: 2"),
        ("production", "title: Reel", "title: Another title"),
        ("episode", "defaults: {cast: pip", "defaults: {quality: master, cast: pip"),
        ("episode", "seconds: 4", "seconds: 3\n    join: {crossfade: 0.5}"),
    ],
)
def test_what_does_not_show_makes_nothing_stale(desk: Any, name: str, old: str, new: str) -> None:
    """Quality, limits, titles, prices and transitions are no content of a picture."""
    desk.shoot_all()
    desk.change(name, old, new)
    desk.prices = {"fal-ai/flux/dev": {"usd": "9", "unit": "image", "source": "ours, 2026-11"}}
    assert desk.states() == states(desk)


def test_a_change_of_the_composer_makes_nothing_stale(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The digest is of the story, never of the prompt that we compose from it."""
    desk.shoot_all()

    def other_words(*args: Any, **named: Any) -> Prompt:
        return replace(compose_keyframe(*args, **named), text="other words")

    monkeypatch.setattr("onmodel.planning.keyframes.compose_keyframe", other_words)
    plan = desk.plan()
    assert plan.lines["s010.keyframe"].commission.parts.prompt == "other words"
    assert {line.state for line in plan.lines.values()} == {"current"}


def test_a_bible_change_makes_sheets_keyframes_and_clips_stale(desk: Any) -> None:
    """The reason is named at the sheet; what is made from it waits for it."""
    desk.shoot_all()
    desk.change("pip", "looks: a friendly small robot", "looks: a grumpy small robot")
    assert set(desk.states().values()) == {"stale"}
    assert desk.why("pip.default.front.sheet") == ("stale", "changed: character: looks")
    assert desk.why("s010.keyframe") == ("stale", "pip.default.front model sheet is to be made")


def test_only_the_wardrobe_that_a_shot_uses_counts(desk: Any) -> None:
    """Another coat in the rain: the shot in the rain and its sheet are stale, the others stay."""
    desk.shoot_all()
    desk.change("pip", "a yellow raincoat", "a red raincoat")
    rain = ("pip.rain.front.sheet", "pip.rain.profile.sheet", "s020.keyframe", "s020.shoot")
    assert desk.states() == states(desk, *((name, "stale") for name in rain))
    assert desk.why(rain[0]) == ("stale", "changed: character: wardrobe")


def test_a_renamed_shot_adopts_its_takes_and_says_so(desk: Any) -> None:
    """The words are the same, only the name is new: nothing is bought, and the plan says whose takes."""
    desk.shoot_all()
    desk.change("episode", "s020:", "s025:")
    assert desk.why("s025.keyframe") == ("current", "adopts the take of s020")
    assert desk.why("s025.shoot") == ("current", "adopts the take of s020")
    assert desk.plan().base_usd == 0


def test_shots_that_are_numbered_anew_keep_their_takes(desk: Any) -> None:
    """A shot put in before the others and all of them numbered again: only the new one is bought."""
    desk.shoot_all()
    renamed = (
        (desk.root / "episodes/s01e01.yaml")
        .read_text()
        .replace("s020:", "s030:")
        .replace("  s030:\n    restyle: {shot: s010", "  s040:\n    restyle: {shot: s020")
        .replace("s010:", "s020:")
        .replace(
            "shots:\n", "shots:\n  s010:\n    setting: a sky\n    start: Pip looks up\n    action: it waves\n"
        )
    )
    desk.write("episode", renamed)
    found = desk.states()
    assert {name for name, state in found.items() if state != "current"} == {"s010.keyframe", "s010.shoot"}
    assert desk.why("s020.shoot") == ("current", "adopts the take of s010")


def test_two_shots_that_say_the_same_have_takes_of_their_own(desk: Any) -> None:
    """A shot that still says what it said keeps its takes for itself: its twin is filmed anew."""
    desk.shoot_all()
    text = (desk.root / "episodes/s01e01.yaml").read_text()
    twin = text[text.index("  s010:") : text.index("  s020:")].replace("s010", "s015")
    desk.write("episode", text.replace("  s020:", f"{twin}  s020:"))
    assert desk.why("s015.keyframe") == ("missing", "")


def test_what_fal_has_is_open_and_not_bought_again(desk: Any) -> None:
    """Accepted and not home: nothing more is paid for it unless the take turns out broken."""
    for name in SHEETS:
        desk.shoot(name)
    desk.submit("s010.keyframe")
    line = desk.plan().lines["s010.keyframe"]
    assert (line.state, line.why, line.base_usd) == ("open", "take 1 is submitted", 0)
    assert line.worst_usd == 2 * line.commission.retake_usd
    desk.deliver("s020.keyframe")
    assert desk.why("s020.keyframe") == ("open", "take 1 is not judged yet")


def test_a_request_that_was_never_sent_is_missing(desk: Any) -> None:
    """An intent alone bought nothing, and makes nothing stale when the text changes after it."""
    for name in SHEETS:
        desk.shoot(name)
    desk.ask("s010.keyframe")
    assert desk.why("s010.keyframe") == ("missing", "")
    desk.change("episode", "setting: a workshop", "setting: a barn")
    assert desk.why("s010.keyframe") == ("missing", "")


def test_an_ambiguous_job_is_flagged_with_the_command(desk: Any) -> None:
    """Nobody knows whether fal has it: a person decides, and what needs it waits."""
    for name in SHEETS:
        desk.shoot(name)
    job = desk.ask("s010.keyframe")
    desk.vault.journal.claim(job, -1, {"prompt": "sent"})
    state, why = desk.why("s010.keyframe")
    assert state == "flagged"
    assert f"onmodel jobs resolve {job.slot.key[:12]}" in why
    assert desk.why("s010.shoot") == ("flagged", "waits for s010 keyframe")
    assert desk.plan().lines["s010.shoot"].worst_usd == 0


@pytest.mark.parametrize(("kind", "billed"), [("moderated", "maybe"), ("input-rejected", "maybe")])
def test_what_fal_would_refuse_again_is_flagged(desk: Any, kind: str, billed: str) -> None:
    """The same request would fail again: nothing is bought by itself; another text is."""
    for name in SHEETS:
        desk.shoot(name)
    desk.fail("s010.keyframe", kind, billed)
    assert desk.why("s010.keyframe") == ("flagged", f"take 1 failed, {kind}: no")
    desk.change("episode", "setting: a workshop", "setting: a barn")
    assert desk.why("s010.keyframe") == ("missing", "")


def test_a_job_written_off_by_a_person_is_made_anew(desk: Any) -> None:
    """The person has decided: it counts towards the retakes, and the next take is bought."""
    for name in SHEETS:
        desk.shoot(name)
    job = desk.ask("s010.keyframe")
    desk.vault.journal.claim(job, -1, {"prompt": "sent"})
    said = Outcome(attempt=1, kind="resolved", resolution="lost", at=datetime.now(UTC) + timedelta(seconds=1))
    desk.vault.journal.record_outcome(job, said)
    line = desk.plan().lines["s010.keyframe"]
    assert (line.state, line.why) == ("missing", "take 1 failed, written off")
    assert line.worst_usd == 2 * line.commission.retake_usd


def test_what_died_at_fal_is_bought_anew_however_often(desk: Any) -> None:
    """Not billed, so it uses up no retake: an hour of trouble at fal does not end a shot for good."""
    for name in SHEETS:
        desk.shoot(name)
    for n in (1, 2, 3, 4):
        desk.fail("s010.keyframe", "server-failed", "no", n)
        assert desk.why("s010.keyframe") == ("missing", f"take {n} failed, server-failed: no")


def test_a_request_that_was_withdrawn_is_bought_as_the_plan_says_now(desk: Any) -> None:
    """A withdrawn request costs nothing and stands in nobody's way."""
    for name in SHEETS:
        desk.shoot(name)
    job = desk.ask("s010.keyframe")
    assert desk.vault.journal.withdraw(job)
    assert (job.state, job.may_have_cost) == ("withdrawn", False)
    assert desk.why("s010.keyframe") == ("missing", "")
    assert desk.shoot("s010.keyframe", 2).slot.n == 2
    assert desk.why("s010.keyframe")[0] == "current"


def test_broken_takes_are_retaken_as_often_as_allowed(desk: Any) -> None:
    """The reason is told; each broken take makes the worst case smaller, and after the last it is flagged."""
    for name in SHEETS:
        desk.shoot(name)
    price = desk.plan().lines["s010.keyframe"].commission.price.usd
    dearest = desk.plan().lines["s010.keyframe"].commission.retake_usd
    worst: list[Decimal] = []
    for n in (1, 2):
        desk.shoot("s010.keyframe", n, broken="it is black")
        line = desk.plan().lines["s010.keyframe"]
        assert (line.state, line.why, line.base_usd) == (
            "missing",
            f"take {n} is broken (it is black)",
            price,
        )
        worst.append(line.worst_usd)
        desk.change("production", "retakes: 2", "retakes: 0")
        few = (
            "its only take is broken: it is black"
            if n == 1
            else "2 takes are broken, the last one: it is black"
        )
        assert desk.why("s010.keyframe") == ("flagged", few)
        desk.change("production", "retakes: 0", "retakes: 2")
    assert worst == [2 * dearest, dearest]
    desk.shoot("s010.keyframe", 3, broken="it is black")
    assert desk.why("s010.keyframe") == ("flagged", "3 takes are broken, the last one: it is black")
    desk.change("production", "retakes: 2", "retakes: 3")
    assert desk.states()["s010.keyframe"] == "missing"


def test_the_newest_take_that_passed_is_circled(desk: Any) -> None:
    """A broken take after a good one does not take its place; what was made from another is stale."""
    for name in SHEETS:
        desk.shoot(name)
    desk.shoot("s010.keyframe", 1, broken="it is black")
    desk.shoot("s010.keyframe", 2)
    assert desk.plan().lines["s010.keyframe"].take.n == 2
    desk.shoot("s010.shoot")
    desk.shoot("s010.keyframe", 3)
    assert desk.plan().lines["s010.keyframe"].take.n == 3
    assert desk.why("s010.shoot") == ("stale", "changed: the picture it is made from")
