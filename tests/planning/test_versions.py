from __future__ import annotations

from fractions import Fraction
from typing import Any

from onmodel.planning.versions import Version, remarks_of, versions_of
from onmodel.units import usd
from onmodel.vault import Job, Likeness, MediaRef, Verdict

S010 = "s010.shoot"


def clip(job: Job) -> MediaRef:
    assert job.delivery is not None
    return job.delivery.media[0]


def versions(desk: Any, job: Job, subject: str = "s010") -> tuple[Version, ...]:
    return versions_of(subject, clip(job), job.slot.n, desk.vault.journal.jobs("s01e01"))


def made(desk: Any) -> None:
    for name in ("pip.default.front.sheet", "pip.default.profile.sheet", "s010.keyframe"):
        desk.shoot(name)


def test_the_take_of_the_cut_comes_first_and_every_other_one_has_its_name(desk: Any) -> None:
    """Takes of the same words keep their numbers; those of other words, and of other shots, are no such."""
    made(desk)
    earlier = desk.shoot(S010)
    desk.change("episode", "action: it blinks", "action: it yawns")
    first, second = desk.shoot(S010, broken="black"), desk.shoot(S010, 2)
    found = versions(desk, second)
    assert [(one.key, one.media) for one in found] == [
        ("take 2", clip(second)),
        ("take 1", clip(first)),
        ("other take 1", clip(earlier)),
    ]
    assert found[1].told["reasons"] == ["black"]
    assert [one.told["verdict"] for one in found] == ["on-model", "broken", "on-model"]


def test_a_renamed_shot_keeps_the_takes_of_its_old_name(desk: Any) -> None:
    """They lie under that name in the archive."""
    made(desk)
    desk.shoot(S010, broken="black")
    assert [one.key for one in versions(desk, desk.shoot(S010, 2), "s015")] == ["take 2", "take 1"]


def test_a_clip_without_records_is_a_take_all_the_same(desk: Any) -> None:
    """The cut has it, so it is handed over; nothing is said about it."""
    ref = MediaRef("0" * 64, 9, ".mp4")
    found = versions_of("s010", ref, 3, ())
    assert found == (Version("take 3", ref),)
    assert remarks_of("s010", found[0], ()) == ()


def test_what_is_said_about_a_take(desk: Any) -> None:
    """How it stands with its price and prompt, where it is worst, and the notes on it alone."""
    made(desk)
    desk.shoot(S010)
    job = desk.deliver(S010, 2)
    pip = Likeness(
        standing="drifting", reason="it falls", score=0.4, threshold=0.5, worst_s=1.25, scorer="test"
    )
    verdict = Verdict(ok=True, identity={"pip": pip}, at=job.intent.made_at)
    desk.vault.journal.record_verdict(job, verdict)
    desk.decide("note", S010, 2, note="one antenna", at_s=2.0)
    desk.decide("note", S010, 1, note="of take 1")
    desk.decide("circle", S010, 2)
    found = remarks_of("s010", versions(desk, job)[0], desk.vault.decisions.of("s01e01"))
    assert [(one.name, one.colour, one.at_s) for one in found] == [
        (f"s010 take 2: drifting, {usd(job.price_usd)}", "YELLOW", None),
        ("pip: drifting", "YELLOW", Fraction(5, 4)),
        ("note by ada", "CYAN", Fraction(2)),
    ]
    assert found[0].words == job.intent.arguments["prompt"]
    assert (found[1].words, found[2].words) == ("it falls", "one antenna")
