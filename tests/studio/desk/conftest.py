from __future__ import annotations

import asyncio
import contextlib
import io
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from onmodel.endpoints import Catalogue
from onmodel.studio.desk import Cap, Desk, Limits
from onmodel.studio.rehearsal.double import FalDouble
from onmodel.studio.rehearsal.orders import ArtOrder, Made
from onmodel.studio.rehearsal.trouble import Trouble
from onmodel.studio.wire import Wire
from onmodel.units import digest_of
from onmodel.vault import Intent, Job, Slot, Vault, open_vault

KEY = "rehearsal-S3CRET-k3y"
FLUX, EDIT = "fal-ai/flux/dev", "fal-ai/flux-pro/kontext"
PRICE = Decimal("0.04")
PICTURE = io.BytesIO()
Image.new("RGB", (64, 36), (59, 120, 216)).save(PICTURE, "PNG")


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        """The time it shows."""
        return self.now


@dataclass
class Painter:
    """Answers every order with the same small picture."""

    orders: int = 0

    async def make(self, order: ArtOrder) -> list[Made]:
        """Paint it."""
        self.orders += 1
        path = order.folder / "picture.png"
        path.write_bytes(PICTURE.getvalue())
        return [Made(path, "image/png", 64, 36, None)]


@dataclass
class Day:
    """One process's ports: vault, double, desk."""

    vault: Vault
    double: FalDouble
    wire: Wire
    desk: Desk
    told: list[tuple[str, str]] = field(default_factory=list)

    def job(self, subject: str = "s010", n: int = 1, **changes: Any) -> Job:
        """Freeze a request, or find the frozen one."""
        return self.vault.journal.open(intent(subject, n, **changes))

    async def produce(self, subject: str = "s010", n: int = 1, **changes: Any) -> Job:
        """Freeze a request and see it through."""
        return await self.see_through(self.job(subject, n, **changes))

    async def see_through(self, job: Job) -> Job:
        """See a job through."""
        return await self.desk.see_through(job, lambda state, detail: self.told.append((state, detail)))

    async def something_is_told(self) -> None:
        """Wait for the first word of progress."""
        async with asyncio.timeout(10):
            while not self.told:  # noqa: ASYNC110 - what is told is a plain list, as in production
                await asyncio.sleep(0.005)

    def accepted(self) -> list[str]:
        """The job keys that fal would bill."""
        return [job.job for job in self.double.accepted()]

    def reserved(self, cap: str = "s01e01") -> Decimal:
        """What a cap's ledger says."""
        return self.vault.ledger(cap).total()


Scene = Callable[[Day], Awaitable[Any]]
Act = Callable[..., Any]


def intent(subject: str = "s010", n: int = 1, **changes: Any) -> Intent:
    basis = {"action": "it blinks", "subject": subject}
    slot = Slot("reel", "s01e01", subject, "keyframe", digest_of(basis), n)
    facts: dict[str, Any] = {
        "slot": slot,
        "label": f"s01e01 · {subject} · take {n} · keyframe",
        "endpoint": FLUX,
        "arguments": {"prompt": f"{subject} blinks", "seed": n},
        "price_usd": PRICE,
        "basis_content": basis,
        "made_at": datetime.now(UTC),
        "onmodel": "0.1.0",
    }
    return Intent(**(facts | changes))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def catalogue() -> Catalogue:
    return Catalogue.load()


FOUR = Limits(in_flight=4)


@pytest.fixture
def act(tmp_path: Path, catalogue: Catalogue) -> Act:
    """Play one scene in a process of its own: `act(scene, trouble=[...])`; the folder stays."""

    @contextlib.asynccontextmanager
    async def day(
        trouble: list[dict[str, Any]],
        caps: dict[str, str | None],
        clock: Callable[[], datetime],
        run: str,
        *,
        history: bool,
        proof: bool,
        limits: Limits,
    ) -> AsyncIterator[Day]:
        with open_vault(
            "archive", root=tmp_path, production="reel", run_folder=tmp_path / run, clock=clock
        ) as vault:
            double = FalDouble(
                tmp_path / "fal",
                endpoints=catalogue,
                artist=Painter(),
                trouble=Trouble.read(trouble),
                history=history,
            )
            wire = Wire(key=KEY, transport=double, absence_is_proof=proof)
            desk = Desk(
                wire=wire,
                vault=vault,
                catalogue=catalogue,
                caps=lambda: [
                    Cap(vault.ledger(name), None if most is None else Decimal(most))
                    for name, most in caps.items()
                ],
                scratch=tmp_path / "scratch",
                limits=limits,
                rehearsal=True,
                pause_s=0.01,
            )
            try:
                yield Day(vault, double, wire, desk)
            finally:
                await wire.aclose()

    def play(
        scene: Scene,
        *,
        trouble: list[dict[str, Any]] | None = None,
        caps: dict[str, str | None] | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        run: str = "run",
        history: bool = True,
        proof: bool = True,
        limits: Limits = FOUR,
    ) -> Any:
        async def whole() -> Any:
            known = caps or {"production": None, "s01e01": "1.00"}
            how = {"history": history, "proof": proof, "limits": limits}
            async with day(trouble or [], known, clock, run, **how) as opened:
                return await scene(opened)

        return asyncio.run(whole())

    return play


@pytest.fixture
def key() -> str:
    """The job key of the request that `day.job()` freezes."""
    return intent().slot.key


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """A supplied picture."""
    path = tmp_path / "sheet.png"
    path.write_bytes(PICTURE.getvalue())
    return path
