from __future__ import annotations

import asyncio
import json
from decimal import Decimal
from typing import Any

import pytest

from onmodel.errors import AccountLocked, Busy, FetchFailed, KeyMissing
from onmodel.settings import Settings
from onmodel.stages import opening
from onmodel.stages.filming import film
from onmodel.stages.settling import settle
from onmodel.stages.together import side_by_side
from onmodel.studio.wire import Wire
from onmodel.vault import Journal

EDIT = "fal-ai/flux-pro/kontext"


class Killed(BaseException):
    """The process was killed here."""


def killed_at(owner: type, name: str, call: int) -> Any:
    """Die at the n-th call of a method, whoever makes it."""
    real: Any = getattr(owner, name)
    calls: list[int] = []

    def once(self: Any, *args: Any, **named: Any) -> Any:
        calls.append(1)
        if len(calls) == call:
            raise Killed
        return real(self, *args, **named)

    return once


@pytest.mark.parametrize(
    ("record", "call"),
    [
        ("record_outcome", 1),
        ("record_outcome", 4),
        ("record_result", 3),
        ("record_media", 3),
        ("record_verdict", 2),
    ],
)
def test_a_killed_run_is_settled_by_the_next(stage: Any, record: str, call: int) -> None:
    """What was paid comes home before anything is bought, nothing is bought twice, and the episode ends."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Journal, record, killed_at(Journal, record, call))
        with pytest.raises(BaseException) as caught:  # noqa: PT011 - Killed, alone or in a group
            stage.produce()
        assert "Killed" in repr(caught.value)
    bought = stage.accepted()
    result = stage.produce()
    assert result.needs_person == {}
    assert result.cut is not None
    assert len(set(stage.accepted())) == len(stage.accepted()) == len(bought) + result.submitted == 6


def test_what_the_story_no_longer_wants_is_brought_home_too(stage: Any) -> None:
    """The text changed after the kill: the paid take is fetched all the same, and found when it goes back."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Journal, "record_result", killed_at(Journal, "record_result", 3))
        with pytest.raises(BaseException) as caught:  # noqa: PT011 - Killed, alone or in a group
            stage.produce()
        assert "Killed" in repr(caught.value)
    stage.change("episodes/s01e01.yaml", "it blinks", "it nods")
    stage.produce()

    async def states(crew: Any) -> set[str]:
        return {job.state for job in crew.vault.journal.jobs()}

    assert stage.run(states) == {"done"}
    stage.change("episodes/s01e01.yaml", "it nods", "it blinks")
    keyframes = stage.accepted().count("s010 · take 1 · keyframe")
    stage.produce()
    assert stage.accepted().count("s010 · take 1 · keyframe") == keyframes == 1


def test_a_take_that_could_not_be_fetched_at_first_is_no_trouble_in_the_end(stage: Any) -> None:
    """Settling fails to fetch it, filming fetches it a moment later: nothing needs a person."""
    real = Wire.fetch
    for fails in (99, 1):
        left = [FetchFailed("a page came")] * fails

        async def fetch(self: Wire, *args: Any, left: list[Any] = left, **named: Any) -> str:
            if left:
                raise left.pop()
            return await real(self, *args, **named)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Wire, "fetch", fetch)
            result = stage.produce()
    assert stage.told("pip.default.front", "flagged") != []
    assert (result.needs_person, result.cut is not None) == ({}, True)


def test_what_nobody_knows_is_asked_of_a_person_and_does_not_stop_the_others(stage: Any) -> None:
    """An ambiguous sheet: the job and the command are told, in each run, and nothing is sent again."""
    stage.trouble = [{"on": "submit", "fault": "lost-after", "endpoint": EDIT}]
    stage.history, stage.proof = False, False
    for _ in range(2):
        result = stage.produce()
        assert "onmodel jobs resolve" in "".join(result.needs_person.values())
        accepted = stage.accepted()
        assert len(accepted) == len(set(accepted))
        assert "pip.default.front · take 1 · model sheet" in accepted
        stage.trouble = []


def test_a_locked_account_ends_settling_after_what_can_come_home_is_home(stage: Any) -> None:
    """One job's result is refused for the account: the other comes home all the same, then it ends."""
    stage.change(
        "episodes/s01e01.yaml",
        "first_frame: previous",
        "first_frame: none\n    cast: {}\n    setting: a street",
    )
    names = ("pip.default.front.sheet", "s020.shoot")
    with pytest.MonkeyPatch.context() as patch:

        async def gone(self: Any, *args: Any, **named: Any) -> None:
            raise FetchFailed("this machine has no network any more")

        patch.setattr(Wire, "watch", gone)

        async def begin(crew: Any) -> None:
            both = [crew.plan.lines[name].commission for name in names]
            await side_by_side(crew, {one.id: film(crew, one) for one in both})

        stage.run(begin)
    assert len(stage.accepted()) == 2
    stage.trouble = [{"on": "result", "fault": "403", "endpoint": "fal-ai/flux/dev"}]
    with pytest.raises(AccountLocked):
        stage.run(settle)

    async def states(crew: Any) -> list[str]:
        return [job.state for job in crew.vault.journal.jobs()]

    assert stage.run(states) == ["submitted", "done"]


def test_a_cap_ends_the_run_in_order(stage: Any) -> None:
    """Room for sheet and keyframe: the reason once, the rest with its prices; a higher cap goes on."""
    stage.change(
        "episodes/s01e01.yaml", "  s030:\n    restyle: {shot: s010, look: pencil, keep: [its movement]}\n", ""
    )

    async def prices(crew: Any) -> list[Decimal]:
        return [line.commission.price.usd for line in crew.plan.lines.values()]

    sheet, keyframe, *rest = stage.run(prices)
    result = stage.produce(max_usd=str(sheet + keyframe))
    assert (result.submitted, result.would_cost_usd) == (2, sheet + keyframe)
    assert list(result.needs_person) == ["s01e01"]
    assert "would pass the cap 's01e01'" in result.needs_person["s01e01"]
    assert "--max-usd" in result.needs_person["s01e01"]
    assert [one.state for one in result.shots] == ["not bought", "not bought"]
    assert [(one.subject, one.work, one.usd) for one in result.ending.not_bought] == [
        ("s010", "image-to-video", rest[0]),
        ("s020", "image-to-video", rest[1]),
    ]
    assert (result.ending.usd, result.ending.interrupted) == (sum(rest), False)

    async def ledgers(crew: Any) -> tuple[Decimal, Decimal]:
        return crew.vault.ledger("s01e01").total(), crew.vault.ledger("production").total()

    assert stage.run(ledgers) == (sheet + keyframe, sheet + keyframe)
    whole = sheet + keyframe + sum(rest)
    again = stage.produce(max_usd=str(whole))
    assert (again.needs_person, again.ending.reason, again.cut is not None) == ({}, None, True)
    assert stage.run(ledgers) == (whole, whole)


@pytest.mark.parametrize("damage", ["gone", "unreadable"])
def test_a_lost_ledger_is_made_again_before_anything_is_bought(stage: Any, damage: str) -> None:
    """Without it a cap would forget what was spent: it is rebuilt from the journals when the crew meets."""
    stage.produce(["s010"])
    folder = stage.root / ".onmodel/rehearsal/archive/ledger"
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    for path in folder.iterdir():
        path.unlink() if damage == "gone" else path.write_bytes(b"{")

    async def read(crew: Any) -> tuple[dict[str, Decimal], dict[str, Decimal]]:
        return crew.vault.ledger("production").entries(), crew.vault.ledger("s01e01").entries()

    production, episode = stage.run(read)
    kept = {name: json.loads(content)["usd"] for name, content in before.items()}
    assert {path.name: json.loads(path.read_bytes())["usd"] for path in folder.iterdir()} == kept
    assert production == episode != {}  # model sheets that the episode's run bought among them
    assert stage.produce(["s010"]).submitted == 0


def test_money_set_aside_for_what_was_never_sent_is_given_back(stage: Any) -> None:
    """Killed between ledger and sending, and the text changed: the old reservation does not eat the cap."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Journal, "claim", killed_at(Journal, "claim", 1))
        with pytest.raises(BaseException) as caught:  # noqa: PT011 - Killed, alone or in a group
            stage.produce()
        assert "Killed" in repr(caught.value)

    async def total(crew: Any) -> Decimal:
        found: Decimal = crew.vault.ledger("production").total()
        return found

    assert stage.run(total) > 0
    stage.change("characters/pip.yaml", "a friendly small robot", "a grumpy small robot")
    spent = stage.produce().would_cost_usd
    assert stage.run(total) == spent


def test_only_one_process_produces_an_episode(stage: Any) -> None:
    """The second is told who has it and what to do, before it has bought anything."""

    async def scene(crew: Any) -> None:
        with pytest.raises(Busy, match="is being produced by process") as caught:
            async with opening.open_crew(stage.call, Settings(), stage.events.append):
                pass
        assert "run the same command again" in caught.value.hint

    stage.run(scene)
    assert stage.accepted() == []


def test_without_a_key_nothing_is_opened(stage: Any) -> None:
    """Not in rehearsal, and no FAL_KEY: the message names the variable and the free way."""

    async def scene() -> None:
        async with opening.open_crew(stage.live_call, Settings(), stage.events.append):
            pass

    with pytest.raises(KeyMissing, match="FAL_KEY is not set") as caught:
        asyncio.run(scene())
    assert "--rehearse" in caught.value.hint
    assert not (stage.root / "archive").exists()
