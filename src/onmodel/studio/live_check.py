"""One cheap picture bought from fal itself, to see whether fal still speaks as the rehearsal's double does.

`make live-check MAX_USD=0.10`, or `python -m onmodel.studio.live_check --max-usd 0.10`, with FAL_KEY set. A
person starts it; nothing else does. It goes the way of every purchase, wire, desk, journal and cap, then buys
the same from the double, prints what passed over the wire, as shapes, and lists where the two differ.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from PIL import Image, ImageDraw

from onmodel.endpoints import Catalogue, Parts, PriceTable, build
from onmodel.errors import OnModelError, OverBudget
from onmodel.settings import read_settings
from onmodel.studio.desk import FIRST_PAUSE_S, Cap, Desk, Limits
from onmodel.studio.rehearsal.double import REHEARSAL_KEY, FalDouble
from onmodel.studio.rehearsal.orders import ArtOrder, Made
from onmodel.studio.transcript import Exchange, Recorder, differences
from onmodel.studio.transport import Outward
from onmodel.studio.wire import Wire
from onmodel.units import digest_of, usd
from onmodel.vault import Intent, Job, MediaRef, Slot, Vault, open_vault

ENDPOINT: Final = "fal-ai/flux-pro/kontext"
"""A picture made from a picture: the cheapest request that also uploads something."""

PROMPT: Final = "the same round robot, seen from the front, on a plain grey background"
PRODUCTION: Final = "live-check"

OVER: Final = ("done", "failed", "withdrawn")
"""States of a job that is at its end."""

KEPT: Final = Path(".onmodel/live-check")
"""The checks' archive, under the current folder: what is paid and not home yet can be gone on with."""


def _paint(path: Path) -> None:
    picture = Image.new("RGB", (512, 512), (128, 128, 128))
    draw = ImageDraw.Draw(picture)
    draw.ellipse((136, 96, 376, 336), fill=(59, 120, 216))
    draw.ellipse((216, 176, 296, 256), fill=(255, 210, 63))
    draw.rectangle((186, 336, 326, 456), fill=(201, 206, 214))
    picture.save(path)


async def buy(
    wire: Wire, folder: Path, max_usd: Decimal, pause_s: float, say: Callable[[str], object]
) -> str:
    """Buy one picture as every picture is bought, or go on with one; what fal's history says of it.

    Raises:
        OnModelError: as the desk raises it.
    """
    with open_vault("archive", root=folder, production=PRODUCTION, run_folder=folder / "run") as vault:
        _paint(folder / "sheet.png")
        earlier = vault.journal.jobs(PRODUCTION)
        job = next((one for one in earlier if one.state not in OVER), None)
        if job:
            say("An earlier check is not at its end: this one goes on with its job, and buys no other.\n\n")
        else:
            sheet = vault.media.keep(folder / "sheet.png", suffix=".png")
            job = vault.journal.open(_intent(sheet, len(earlier) + 1))
        desk = _desk(wire, vault, folder, max_usd + _spent_before(vault, job), pause_s)
        await desk.see_through(job, lambda _state, _detail: None)
        return await _ask_history(wire, job)


def _spent_before(vault: Vault, job: Job) -> Decimal:
    """What other checks reserved: the cap is for this one."""
    entries = vault.ledger(PRODUCTION).entries()
    return sum((usd for key, usd in entries.items() if key != job.slot.key), Decimal(0))


def _desk(wire: Wire, vault: Vault, folder: Path, max_usd: Decimal, pause_s: float) -> Desk:
    caps = [Cap(vault.ledger(PRODUCTION), max_usd)]
    return Desk(
        wire=wire,
        vault=vault,
        catalogue=Catalogue.load(),
        caps=lambda: caps,
        scratch=folder / "scratch",
        limits=Limits(in_flight=1),
        rehearsal=False,
        pause_s=pause_s,
    )


def _intent(sheet: MediaRef, check: int) -> Intent:
    endpoint, basis = Catalogue.load().get(ENDPOINT), {"prompt": PROMPT, "check": check}
    media = sheet.as_argument()
    arguments = build(endpoint, Parts(PROMPT, references=(media,), ratio="1:1", seed=1)).arguments
    return Intent(
        slot=Slot(PRODUCTION, PRODUCTION, "robot", "sheet", digest_of(basis), 1),
        label="live check",
        endpoint=ENDPOINT,
        arguments=arguments,
        price_usd=price(),
        basis_content=basis,
        made_at=datetime.now(UTC),
        onmodel=version("onmodel"),
    )


def price() -> Decimal:
    """What the check costs, in dollars of the price table."""
    return PriceTable.load().estimate(ENDPOINT, references=1).usd


async def _ask_history(wire: Wire, job: Job) -> str:
    _, sending = max(job.sendings.items())
    past = await wire.history(ENDPOINT, sending.at - timedelta(minutes=1))
    if past is None:
        return "does not answer: a lost answer would stay with a person"
    found = [one for one in past if one.request_id == job.request_id]
    if not found:
        return "does not list the request (yet)"
    same = found[0].input == sending.arguments
    return f"lists the request, its input {'as it was sent' if same else 'not as it was sent'}"


@dataclass
class _Painter:
    """The double's painter: each order waits until a state of the queue has been seen, so none is missing."""

    happened: defaultdict[str, asyncio.Event]
    waits_for: Iterator[str] = field(default_factory=lambda: iter(("status IN_QUEUE", "status IN_PROGRESS")))

    async def make(self, order: ArtOrder) -> list[Made]:
        """Paint a plain picture, in time."""
        await self.happened[next(self.waits_for)].wait()
        path = order.folder / "picture.png"
        await asyncio.to_thread(_paint, path)
        return [Made(path, "image/png", 512, 512, None)]


async def rehearse(folder: Path) -> list[Exchange]:
    """Buy the same from the double, where another job stands before it in the queue."""
    happened: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)
    double = FalDouble(folder / "fal", endpoints=Catalogue.load(), artist=_Painter(happened), concurrency=1)
    recorder = Recorder(double, happened)
    wire = Wire(key=REHEARSAL_KEY, transport=recorder)
    try:
        await Wire(key=REHEARSAL_KEY, transport=double).submit("fal-ai/flux/dev", {"prompt": "another"})
        await buy(wire, folder, price(), pause_s=0.05, say=lambda _: None)
    finally:
        await wire.aclose()
    return recorder.exchanges


async def check(
    key: str, max_usd: Decimal, say: Callable[[str], object], pause_s: float = FIRST_PAUSE_S
) -> None:
    """Buy one picture, and say what was seen.

    Args:
        key: fal's.
        max_usd: the most that it may cost.
        say: is given the text, piece by piece.
        pause_s: the desk's; tests shorten it.

    Raises:
        OverBudget: it costs more than `max_usd`; nothing was sent.
        OnModelError: the purchase failed; what was seen until then has been said.
    """
    table = PriceTable.load()
    if price() > max_usd:
        raise OverBudget(
            f"The live check buys one picture of {ENDPOINT} for {usd(price())} (prices of {table.date}), "
            f"and MAX_USD is {usd(max_usd)}; nothing was sent",
            hint=f"make live-check MAX_USD={price()}",
        )
    say(f"Buying one picture of {ENDPOINT} for {usd(price())} (prices of {table.date}).\n")
    say(f"It is kept in {KEPT}: should it fail half way, the same command goes on with it.\n\n")
    recorder = Recorder(Outward())
    wire = Wire(key=key, transport=recorder)
    KEPT.mkdir(parents=True, exist_ok=True)
    try:
        history = await buy(wire, KEPT.absolute(), max_usd, pause_s, say)
    finally:
        await wire.aclose()
        say("".join(f"{line}\n" for one in recorder.exchanges for line in one.lines()))
    with TemporaryDirectory(prefix="onmodel-live-check-") as folder:
        found = differences(recorder.exchanges, await rehearse(Path(folder)))
    say(f"\nfal's history {history}.\n\nDifferences from the double: {len(found) or 'none'}\n")
    say("".join(f"  {one}\n" for one in found))


def main(words: Sequence[str]) -> int:
    """Runs the check: 0 when it is done, whatever it found; 1 when it was refused or failed."""
    asked = argparse.ArgumentParser(prog="live_check", description="Buy one cheap picture, compare the wire.")
    asked.add_argument("--max-usd", required=True, type=_dollars, help="the most that it may cost")
    max_usd: Decimal = asked.parse_args(words).max_usd
    try:
        asyncio.run(check(read_settings().required_key(), max_usd, sys.stdout.write))
    except OnModelError as error:
        cost = f"\n  It may have cost {usd(error.spent_usd)}." if error.spent_usd else ""
        sys.stderr.write(f"live-check: {error}{cost}\n")
        return 1
    return 0


def _dollars(text: str) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or amount < 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no amount of dollars, such as 0.10")
    return amount


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
