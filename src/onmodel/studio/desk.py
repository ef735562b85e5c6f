"""The order desk: the only place from which a paid request is sent, and only by way of the journal.

A job goes `intent → sending → outcome → result → media`, each step written down before the next is taken, so
that a process may die between any two and another goes on from there:

    intended, not-sent   upload the inputs, reserve the price, claim the slot, send once (`sending.py`)
    sending              another living process is at it: wait for what it writes down
    ambiguous            look it up in fal's history (`history.py`); what is not found stays with a person
    submitted            wait for fal, write the result down (`homecoming.py`)
    finished             fetch the media, verify, archive
    done                 nothing is left to do
    failed               say what fal said (`failures.py`)

A run may have to end: a cap is reached, the account is locked, a disk is full, somebody pressed Ctrl-C. Then
nothing more is sent, and what is paid is seen through all the same.
"""

from __future__ import annotations

import asyncio
from decimal import Decimal
from pathlib import Path
from typing import Final

from onmodel.endpoints import Catalogue
from onmodel.errors import (
    AccountLocked,
    OnModelError,
    OverBudget,
    Stopped,
    SubmitRefused,
    VaultFull,
)
from onmodel.studio.caps import Caps, CapsOfNow
from onmodel.studio.failures import failure_of
from onmodel.studio.homecoming import Homecoming
from onmodel.studio.limits import Limits
from onmodel.studio.sending import Sender, Tell
from onmodel.studio.stop import Stop
from onmodel.studio.wire import Wire
from onmodel.vault import UNSENT, Cap, Job, Vault

__all__ = ["Cap", "Desk", "Limits", "Stop", "Tell", "ends_buying"]

FIRST_PAUSE_S: Final = 1.0
"""Seconds before the second try; doubled each time."""

STOPPED: Final = (401, 403)
"""Refusals that every other purchase would meet too: the key is wrong, or the account is locked."""


def ends_buying(error: BaseException | None) -> bool:
    """Whether an error, or what caused it, is the end of all buying in a run, and no fault of one shot's."""
    while error is not None:
        if isinstance(error, (OverBudget, Stopped, AccountLocked, VaultFull)):
            return True
        if isinstance(error, SubmitRefused) and error.status in STOPPED:
            return True
        error = error.__cause__
    return False


class Desk:
    """Buys what is commissioned, never twice and never over a cap.

    Args:
        wire: the way to fal.
        vault: where journal and media are.
        catalogue: tells which field of an answer holds the media.
        caps: those of the moment; every purchase is reserved under each of them first.
        scratch: a folder of this machine for downloads under way.
        limits: how much of fal this run takes to itself.
        rehearsal: say in a header which job a request is for, as the rehearsal's double wants it.
        pause_s: seconds before a second try; tests shorten it.
        stop: set by whoever hears Ctrl-C; without it, nobody does.
    """

    def __init__(
        self,
        *,
        wire: Wire,
        vault: Vault,
        catalogue: Catalogue,
        caps: CapsOfNow,
        scratch: Path,
        limits: Limits,
        rehearsal: bool,
        pause_s: float = FIRST_PAUSE_S,
        stop: Stop | None = None,
    ) -> None:
        self.stop = stop or Stop()
        """Whether the run is to end."""
        self.pause_s = pause_s
        """Seconds before a second try; doubled each time."""
        self._caps = Caps(caps, vault)
        self.places = asyncio.Semaphore(2 * limits.in_flight)
        """For takes that are begun: those at fal, and as many that are made ready or judged meanwhile. The
        others of a long episode wait outside, where waiting costs no memory and no row of Prefect's."""
        self._room = asyncio.Semaphore(limits.in_flight)
        self._shared = limits.shared
        self._ended: OnModelError | None = None
        self._sender = Sender(
            wire=wire,
            vault=vault,
            caps=self._caps,
            stop=self.stop,
            limits=limits,
            check_open=self.check_open,
            rehearsal=rehearsal,
            pause_s=pause_s,
        )
        self._homecoming = Homecoming(
            wire=wire,
            vault=vault,
            catalogue=catalogue,
            scratch=scratch,
            stop=self.stop,
            interval_s=pause_s / 2,
        )

    @property
    def submitted(self) -> int:
        """Requests that fal accepted from this desk."""
        return self._sender.submitted

    @property
    def spent_usd(self) -> Decimal:
        """What they cost by the price table."""
        return self._sender.spent_usd

    @property
    def ended(self) -> OnModelError | None:
        """Why nothing more is bought in this run; None while it is."""
        return self.stop.reason or self._ended

    def check_open(self, *, fits: bool = False) -> None:
        """Make sure that buying goes on.

        Args:
            fits: for a purchase whose price is set aside under every cap: that another one did not fit is no
                reason to leave it. Else all that are asked for at once would give way to the one too many.

        Raises:
            OnModelError: it does not, for this reason.
        """
        ended = self.ended
        if ended is not None and not (fits and isinstance(ended, OverBudget)):
            raise ended

    async def see_through(self, job: Job, tell: Tell, *, may_send: bool = True) -> Job:
        """Take a job from wherever it is to its end: its media in the vault, whoever began it.

        Args:
            job: the job.
            tell: told what is going on, each thing once.
            may_send: send it, if nobody has; otherwise a job that turns out unsent is left as it is.

        Raises:
            OverBudget: a cap would be passed; nothing was sent.
            Stopped: the run is to end; `spent_usd` says whether the job is paid.
            SubmitRefused: fal said no; nothing was bought.
            SubmitOutcomeUnknown: nobody knows whether a job exists: a person decides.
            JobFailed: fal could not, or would not, do it.
            FetchFailed: it is paid, and not home yet.
            AccountLocked: fal stops this account.
            VaultFull: no space is left for what is paid; nothing more is bought until there is.
        """
        if job.delivery is not None:
            return job
        told = _each_once(tell)
        async with self._room, self._shared():
            try:
                while job.state not in ("done", "withdrawn"):
                    if job.state in UNSENT and not may_send:
                        return job
                    await self._take_further(job, told)
            except OnModelError as error:
                # A cap leaves those that fit under it; whatever else ends buying, ends it for them too.
                if ends_buying(error) and (self._ended is None or isinstance(self._ended, OverBudget)):
                    self._ended = error
                raise
        return job

    async def give_back(self, job: Job) -> None:
        """Release what is reserved for a job of which nothing was bought; it is reserved anew when sent."""
        await self._caps.give_back(job)

    async def _take_further(self, job: Job, tell: Tell) -> None:
        """Take a job one state further."""
        match job.state:
            case "failed":
                raise await self._failure(job)
            case "intended" | "not-sent":
                await self._sender.send(job, tell)
            case "sending":
                tell("waiting", "another process is sending it")
                if self.stop.reason is not None:
                    raise self.stop.reason
                await self.stop.pause(self.pause_s / 2)
                await asyncio.to_thread(job.refresh)
            case "ambiguous":
                await self._sender.find_out(job)
            case "submitted":
                await self._homecoming.await_result(job, tell)
            case "finished":
                await self._homecoming.fetch(job, tell)

    async def _failure(self, job: Job) -> OnModelError:
        """The error of a failed job; what is known to be free is given back."""
        if not job.may_have_cost:
            await self.give_back(job)
        return failure_of(job)


def _each_once(tell: Tell) -> Tell:
    """Tell only what is new: a wait of an hour is one line, not one for each look."""
    last: list[tuple[str, str]] = []

    def told(state: str, detail: str) -> None:
        if last != [(state, detail)]:
            last[:] = [(state, detail)]
            tell(state, detail)

    return told
