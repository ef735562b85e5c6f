from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from fractions import Fraction
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from onmodel.endpoints import Catalogue, PriceTable
from onmodel.planning import CAST, FileFacts, Line, Market, Plan, Records, make_plan, prepare_episode
from onmodel.story import read_story
from onmodel.units import Size
from onmodel.vault import (
    Decision,
    Delivery,
    Intent,
    Job,
    Likeness,
    MediaRef,
    Outcome,
    Result,
    Slot,
    Vault,
    Verdict,
    open_vault,
)

PRODUCTION = """\
production: 1
name: reel
title: Reel
format: {ratio: "16:9", resolution: 180p, fps: 24}
retakes: 2
"""

PIP = """\
bible: 1
name: Pip
kind: stylised
looks: a friendly small robot
always: [round blue head, one glowing yellow eye]
wardrobe: {default: bare chrome, rain: a yellow raincoat}
sheet: {views: [front, profile]}
"""

EPISODE = """\
episode: 1
title: Pilot
defaults: {cast: pip, mood: warm light}
shots:
  s010:
    setting: a workshop
    start: Pip stands at the bench
    action: it blinks
    camera: {size: medium, move: dolly in}
  s020:
    cast: {pip: rain}
    setting: a street
    start: Pip sits on a kerb
    action: its antenna droops
    seconds: 4
  s030:
    restyle: {shot: s010, look: pencil, keep: [its movement]}
"""

WHERE = {"production": "production.yaml", "pip": "characters/pip.yaml", "episode": "episodes/s01e01.yaml"}


def now() -> datetime:
    return datetime.now(UTC)


def facts_by_name(path: Path) -> FileFacts:
    """Facts that a file's name tells: `sway-40s.mp4` is a clip of 40 s; the digest is the content's."""
    stem = path.stem.rpartition("-")[2]
    seconds = Fraction(stem.removesuffix("s")) if path.suffix == ".mp4" else None
    digest = sha256(path.read_bytes()).hexdigest()
    kind = "image" if seconds is None else "video"
    return FileFacts(path, digest, kind, Size(1920, 1080), seconds, has_audio=False, suffix=path.suffix)


class Desk:
    """A production whose vault a test fills by hand."""

    def __init__(self, root: Path, vault: Vault) -> None:
        self.root = root
        self.vault = vault
        self.facts: Callable[[Path], FileFacts] = facts_by_name
        self.prices: dict[str, dict[str, str]] = {}
        for name, text in (("production", PRODUCTION), ("pip", PIP), ("episode", EPISODE)):
            self.write(name, text)

    def write(self, name: str, text: str) -> None:
        """Write a story file."""
        path = self.root / WHERE[name]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def change(self, name: str, old: str, new: str) -> None:
        """Change words of a story file."""
        text = (self.root / WHERE[name]).read_text(encoding="utf-8")
        assert old in text
        self.write(name, text.replace(old, new))

    def plan(self) -> Plan:
        """Hold the story against the vault."""
        story = read_story(self.root, episodes=("s01e01",))
        market = Market(Catalogue.load(), PriceTable.load(self.prices), self.facts)
        prepared = prepare_episode(story, "s01e01", market)
        jobs = [job for scope in (CAST, "s01e01") for job in self.vault.journal.jobs(scope)]
        decisions = [one for scope in (CAST, "s01e01") for one in self.vault.decisions.of(scope)]
        return make_plan(prepared, Records(jobs, decisions), story.production, market)

    def states(self) -> dict[str, str]:
        """The state of every line, by commission id."""
        return {name: line.state for name, line in self.plan().lines.items()}

    def why(self, name: str) -> tuple[str, str]:
        """State and reason of one line."""
        line = self.plan().lines[name]
        return line.state, line.why

    def ask(self, name: str, n: int = 1) -> Job:
        """Freeze the request of a line."""
        plan = self.plan()
        line = plan.lines[name]
        commission = line.commission
        made = {one.commission: _sha(plan.lines[one.commission]) for one in commission.sources}
        basis = commission.digest(made)
        slot = Slot("reel", commission.scope, commission.subject, commission.stage, basis, n)
        return self.vault.journal.open(
            Intent(
                slot=slot,
                label=commission.label(n),
                endpoint=commission.choice.endpoint.name,
                arguments={"prompt": commission.parts.prompt},
                price_usd=commission.price.usd,
                seconds=commission.choice.seconds_bought,
                basis_content=commission.basis(made),
                made_at=now(),
                onmodel="0",
            )
        )

    def submit(self, name: str, n: int = 1) -> Job:
        """Have fal accept a line's request."""
        job = self.ask(name, n)
        assert self.vault.journal.claim(job, 300, job.intent.arguments)
        said = Outcome(attempt=1, kind="submitted", request_id=f"r-{job.slot.key[:8]}", at=now())
        self.vault.journal.record_outcome(job, said)
        return job

    def fail(self, name: str, kind: str, billed: Any, n: int = 1) -> Job:
        """Have fal fail at a line's request."""
        job = self.submit(name, n)
        result = Result(kind="failed", error_kind=kind, error_message="no", billed=billed, at=now())
        self.vault.journal.record_result(job, result)
        return job

    def deliver(self, name: str, n: int = 1) -> Job:
        """Bring a line's media home, not judged yet."""
        job = self.submit(name, n)
        self.vault.journal.record_result(job, Result(kind="ok", billed="yes", at=now()))
        suffix = ".png" if job.slot.stage in ("sheet", "keyframe") else ".mp4"
        ref = MediaRef(sha256(f"{job.slot.key}".encode()).hexdigest(), 9, suffix)
        self.vault.journal.record_media(job, Delivery(media=(ref,), at=now()))
        return job

    def shoot(
        self, name: str, n: int = 1, *, broken: str = "", looks: Any = "on-model", score: float = 0.8
    ) -> Job:
        """Bring a take home and judge it: by the gates, and by whether Pip is still Pip."""
        job = self.deliver(name, n)
        pip = Likeness(standing=looks, reason=f"{score} of 0.5", score=score, threshold=0.5, scorer="test")
        verdict = Verdict(
            ok=not broken,
            reasons=(broken,) if broken else (),
            identity={} if broken else {"pip": pip},
            at=now(),
        )
        self.vault.journal.record_verdict(job, verdict)
        return job

    def decide(self, kind: Any, name: str, n: int, **said: Any) -> None:
        """Have Ada decide about the takes of a line."""
        slot = max(self.jobs_of(name), key=lambda one: one.slot.n).slot
        decision = Decision(
            kind=kind,
            subject=slot.subject,
            stage=slot.stage,
            basis=slot.basis,
            n=n,
            by="ada",
            at=now(),
            **said,
        )
        self.vault.decisions.keep(slot.scope, decision)

    def jobs_of(self, name: str) -> list[Job]:
        """The jobs of a line, from whatever basis."""
        commission = self.plan().lines[name].commission
        every = self.vault.journal.jobs(commission.scope)
        what = (commission.subject, commission.stage)
        return [one for one in every if (one.slot.subject, one.slot.stage) == what]

    def shoot_all(self) -> None:
        """Make everything that the plan would buy."""
        for name in list(self.plan().lines):
            if self.plan().lines[name].state != "current":
                self.shoot(name)


def _sha(line: Line) -> str:
    assert line.take is not None
    return line.take.media.sha256


@pytest.fixture(autouse=True)
def _no_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """No power cut is tested here, and a plan needs dozens of records."""
    monkeypatch.setattr("os.fsync", lambda _: None)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with open_vault("archive", root=tmp_path, production="reel", run_folder=tmp_path / "run") as vault:
        yield Desk(tmp_path, vault)
