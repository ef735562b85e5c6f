"""The whole game: three workers on two machines, an archive, a fal, a clock, and what must always hold."""

from __future__ import annotations

import asyncio
import hashlib
import json
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Final

from onmodel.endpoints import Catalogue
from onmodel.errors import OnModelError
from onmodel.studio.desk import Cap, Desk, Limits
from onmodel.units import digest_of
from onmodel.vault import (
    UNSENT,
    Intent,
    Job,
    Journal,
    Media,
    MediaRef,
    Outcome,
    Slot,
    Vault,
)
from protocol.archive import FailingStore, Objects
from protocol.money import PNG, FailingWire, Fal
from protocol.turns import Ending, Killed, Turns, nothing

PRICE: Final = Decimal(1)
CAPS: Final = {"production": Decimal(3), "s01e01": Decimal(2)}
"""Three jobs of a dollar: the production could pay for all, the episode's cap for two."""

SUBJECTS: Final = ("s010", "s020", "s030")
ENDPOINT: Final = "fal-ai/flux/dev"
LONGEST: Final = 300
"""Moves after which a run with nothing in its way must have ended; it takes some fifty."""

SKEWS_S: Final = (0, 3600, -3600)
"""How far the workers' clocks are off."""

HOSTS: Final = ("one", "one", "another")
OPEN: Final = ("sending", "ambiguous", "submitted", "finished")


@cache
def _catalogue() -> Catalogue:
    return Catalogue.load()


class _Session:
    """A process among the others; what locks tell on a real machine is told by the world."""

    def __init__(self, name: str, host: str, dead: set[str]) -> None:
        self.id = name
        self.host = host
        self._dead = dead

    def is_dead(self, session_id: str, host: str) -> bool:
        """Whether a process of this machine is known to be gone."""
        return host == self.host and session_id in self._dead

    def close(self) -> None:
        """Nothing to release."""


class Worker:
    """One process: the real desk, journal and ledger over ports that fail when they are told to."""

    def __init__(self, world: World, number: int, life: int) -> None:
        self.world = world
        self.turns = Turns()
        self.name = f"worker-{number}-{life}"
        session = _Session(self.name, HOSTS[number], world.dead)
        store = FailingStore(world.objects, self.turns)
        self.journal = Journal(store, "reel", session=session, clock=world.clock(SKEWS_S[number]))
        used: dict[str, Any] = {
            "store": store,
            "media": Media(store),
            "journal": self.journal,
            "session": session,
        }
        # Cuts, frames and whatever else an archive holds are none of the desk's business.
        self.vault = Vault(**{field.name: used.get(field.name) for field in fields(Vault)})

    def produce(self, subject: str) -> None:
        """Begin to see one job through, as a run does after it has settled what was open."""
        intent = self.world.intents[subject]

        async def work(desk: Desk) -> None:
            job = await asyncio.to_thread(self.journal.open, intent)
            await desk.see_through(job, nothing)

        self._begin(work)

    def settle(self) -> None:
        """Begin what a run begins with: bring home what is open, give back what was never sent."""

        async def work(desk: Desk) -> None:
            jobs = await asyncio.to_thread(self.journal.jobs, "s01e01")
            for job in jobs:
                if job.state in UNSENT and not job.may_have_cost:
                    await desk.give_back(job)
            for job in jobs:
                if job.state in OPEN:
                    await _without_trouble(desk, job)

        self._begin(work)

    def rebuild(self) -> None:
        """Begin to make the ledgers again from the journals."""

        async def work(_: Desk) -> None:
            for name in CAPS:
                jobs = await asyncio.to_thread(self.journal.jobs)
                await asyncio.to_thread(self.vault.ledger(name).rebuild, jobs)

        self._begin(work)

    def _begin(self, work: Callable[[Desk], Any]) -> None:
        caps = [Cap(self.vault.ledger(name), most) for name, most in CAPS.items()]

        async def run() -> None:
            desk = Desk(
                wire=FailingWire(self.world.fal, self.turns, self.name),  # type: ignore[arg-type]
                vault=self.vault,
                catalogue=_catalogue(),
                caps=lambda: caps,
                scratch=self.world.folder,
                limits=Limits(in_flight=1),
                rehearsal=True,
                pause_s=0.0,
            )
            await work(desk)

        self.turns.begin(lambda: asyncio.run(run()))


async def _without_trouble(desk: Desk, job: Job) -> None:
    """One job that cannot be settled does not stop the others."""
    try:
        await desk.see_through(job, nothing, may_send=False)
    except OnModelError:
        return


class World:
    """Everything, and the rules that nothing may break."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="onmodel-world-"))
        self.objects = Objects(self.folder)
        self.now = datetime(2026, 11, 22, 12, tzinfo=UTC)
        self.fal = Fal(lambda: self.now)
        self.dead: set[str] = set()
        self.sent_again: Counter[str] = Counter()
        """How often a person said that a job may be sent again, by job key."""
        self.intents = {subject: self._intent(subject) for subject in SUBJECTS}
        self.is_broken = False
        """Whether a rule was broken: the game is over then."""
        self._lives = 0
        self.workers = [self._born(number) for number in range(len(HOSTS))]
        self.log: list[str] = []

    def clock(self, skew_s: int) -> Callable[[], datetime]:
        """The time as a machine has it."""
        return lambda: self.now + timedelta(seconds=skew_s)

    def _born(self, number: int) -> Worker:
        self._lives += 1
        return Worker(self, number, self._lives)

    def _intent(self, subject: str) -> Intent:
        basis: dict[str, Any] = {"subject": subject}
        arguments: dict[str, Any] = {"prompt": "it blinks"}  # the same words in every shot
        if subject != SUBJECTS[0]:
            content = PNG + subject.encode()
            path = self.folder / "input"
            path.write_bytes(content)
            ref = MediaRef(hashlib.sha256(content).hexdigest(), len(content), ".png")
            self.objects.keep(ref.name, content)
            arguments["image_url"] = ref.as_argument()
        return Intent(
            slot=Slot("reel", "s01e01", subject, "keyframe", digest_of(basis), 1),
            label=f"s01e01 · {subject} · take 1 · keyframe",
            endpoint=ENDPOINT,
            arguments=arguments,
            price_usd=PRICE,
            basis_content=basis,
            made_at=self.now,
            onmodel="0.1.0",
        )

    # -- moves -----------------------------------------------------------------------------------------------

    def begin(self, number: int, what: str) -> None:
        """Give a worker that is at nothing something to do: a subject, `settle` or `rebuild`."""
        worker = self.workers[number]
        if worker.turns.busy:
            return
        self.log.append(f"{worker.name} begins: {what}")
        if what in SUBJECTS:
            worker.produce(what)
        else:
            {"settle": worker.settle, "rebuild": worker.rebuild}[what]()

    def happen(self, event: str) -> None:
        """Let something happen that is no worker's doing."""
        self.log.append(event)
        match event:
            case "history":
                self.fal.history = not self.fal.history
            case "refusal":
                self.fal.refuses = True
            case "trouble at fal":
                self.fal.fails = not self.fal.fails
            case seconds:
                self.now += timedelta(seconds=int(seconds.removesuffix(" s")))

    def move(self, number: int, ending: Ending = "well") -> None:
        """Let a worker make its next move, if it has any; one that dies is born anew, as a new process."""
        worker = self.workers[number]
        if not worker.turns.busy:
            return
        touched = worker.turns.next
        worker.turns.move(ending)
        self.log.append(f"{worker.name}: {touched}: {ending}")
        if ending in {"dies-before", "dies-after"}:
            self.bury(number)
        self._check_end(worker)
        self.check()

    def bury(self, number: int) -> None:
        """The process is gone, and everybody on its machine can tell."""
        worker = self.workers[number]
        while worker.turns.busy:  # code that cleans up on its way out: a killed process does none of it
            worker.turns.dead = True
            worker.turns.move("dies-before")
        self.dead.add(worker.name)
        self.workers[number] = self._born(number)

    def _check_end(self, worker: Worker) -> None:
        error = worker.turns.error
        if error is not None and not isinstance(error, (OnModelError, Killed)):
            raise AssertionError(
                self._told(f"{worker.name} met an error that nobody knows: {error!r}")
            ) from error

    def person(self, subject: str, word: str) -> bool:
        """What a person says about an ambiguous job, true or not; False where nothing is ambiguous."""
        journal = self._onlooker()
        job = next((one for one in journal.jobs() if one.slot.subject == subject), None)
        if job is None or job.state != "ambiguous":
            return False
        attempt = max(job.sendings)
        mine = [
            one
            for one in self.fal.bought
            if one.key == job.slot.key and self._attempt_of(one, job) == attempt
        ]
        said: dict[str, Any] = {"kind": "resolved", "resolution": word}
        if word == "truth":
            said = {"kind": "resolved", "resolution": "resubmit"}
            if mine:
                said = {"kind": "submitted", "request_id": mine[-1].past.request_id}
        if said.get("resolution") == "resubmit":
            self.sent_again[job.slot.key] += 1
        journal.record_outcome(job, Outcome(attempt=attempt, at=self.now, **said))
        self.log.append(f"a person says of {subject}: {said}")
        self.check()
        return True

    def _onlooker(self) -> Journal:
        """Somebody who sees everything at once, and whose clock is right."""
        store = FailingStore(self.objects, _Unhindered())
        return Journal(store, "reel", session=_Session("onlooker", "one", self.dead), clock=self.clock(0))

    # -- what must always hold -------------------------------------------------------------------------------

    def check(self) -> None:
        """Count the money.

        Raises:
            AssertionError: something was paid twice, forgotten, not reserved, or bought over a cap.
        """
        jobs = {job.slot.key: job for job in self._onlooker().jobs()}
        for key, times in self.fal.by_key.items():
            if times > 1 + self.sent_again[key]:
                raise AssertionError(self._told(f"{jobs[key].slot.subject} was bought {times} times"))
        for one in self.fal.bought:
            self._check_reachable(one, jobs[one.key])
        for name, most in CAPS.items():
            self._check_ledger(name, most, jobs)

    def _check_reachable(self, one: Any, job: Job) -> None:
        attempt = self._attempt_of(one, job)
        outcome, late = job.outcomes.get(attempt), job.late_outcomes.get(attempt)
        known = one.past.request_id in {done.request_id for done in (outcome, late) if done}
        if outcome is None or outcome.kind == "resolved" or known:
            return  # open, in a person's hand, or written down
        raise AssertionError(self._told(f"{job.slot.subject}: {one.past.request_id} is forgotten: {outcome}"))

    def _attempt_of(self, one: Any, job: Job) -> int:
        """Which claim a purchase was made by: the last one that its process had."""
        mine = [k for k, sending in job.sendings.items() if sending.session == one.session]
        if not mine:
            raise AssertionError(self._told(f"{job.slot.subject}: {one} was never claimed"))
        same = [k for k in mine if job.sendings[k].arguments == one.past.input]
        return max(same or mine)

    def _check_ledger(self, name: str, most: Decimal, jobs: dict[str, Job]) -> None:
        content = self.objects.content.get(f"ledger/{name}.json")
        entries = {k: Decimal(v) for k, v in json.loads(content)["usd"].items()} if content else {}
        billed = self.fal.billed_by_key
        for key, times in billed.items():
            if entries.get(key, Decimal(0)) < PRICE * times:
                what = f"{jobs[key].slot.subject} was bought {times} times, {name} has {entries.get(key)}"
                raise AssertionError(self._told(what))
        # Not what the ledger holds: one that is made again while others send may hold more than is bought.
        if billed.total() * PRICE > most:
            raise AssertionError(self._told(f"{billed} bought, {name} holds {entries}, its cap is {most}"))

    def _told(self, what: str) -> str:
        self.is_broken = True
        return "\n  ".join([what, "what happened:", *self.log])

    # -- the end ---------------------------------------------------------------------------------------------

    def play_out(self) -> None:
        """Let everybody die, start once more with nothing in the way, and see that nothing was forgotten.

        Raises:
            AssertionError: what was bought is neither home nor known to be ambiguous.
        """
        for number in range(len(self.workers)):
            self.bury(number)
        self.now += timedelta(hours=3)
        self.fal.fails = self.fal.refuses = False
        last = self.workers[0]
        last.settle()
        for _ in range(LONGEST):
            self.move(0)
        if last.turns.busy:
            raise AssertionError(self._told(f"a run with nothing in its way does not end: {last.turns.next}"))
        jobs = {job.slot.key: job for job in self._onlooker().jobs()}
        for key in self.fal.by_key:
            job = jobs[key]
            if job.state not in ("done", "failed", "ambiguous") and not self.sent_again[key]:
                raise AssertionError(self._told(f"{job.slot.subject} was bought and is {job.state}"))

    def close(self) -> None:
        """Send everybody home."""
        for number in range(len(self.workers)):
            self.bury(number)
        shutil.rmtree(self.folder)


class _Unhindered(Turns):
    """Somebody whose every touch happens at once and goes well."""

    def touch(self, what: str, do: Callable[[], Any], *, lost: BaseException, otherwise: Any = None) -> Any:
        """Do it."""
        return do()
