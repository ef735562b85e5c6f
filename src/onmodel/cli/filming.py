"""`onmodel film`: one shot from words to a file; its price first."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from decimal import Decimal

from onmodel.cli.edge import INTERRUPTED, NEEDS_PERSON, TERMINATED
from onmodel.cli.interrupts import interruptible
from onmodel.cli.progress import watch
from onmodel.cli.showing import counted, in_columns, print_findings, print_json, remark, say
from onmodel.errors import OnModelError
from onmodel.oneshot import Film, Wish, remarks_on, shoot_film, write_film
from onmodel.planning import Plan
from onmodel.stages.script import Call, read_plan, read_script
from onmodel.studio.stop import Stop
from onmodel.units import usd


def run_film(wish: Wish, *, rehearse: bool, max_usd: float | None, as_json: bool) -> int:
    """Film one shot; return the exit code.

    Raises:
        OnModelError: it cannot be filmed, or its price is over the cap.
    """
    most = None if max_usd is None else Decimal(str(max_usd))
    call = write_film(wish, rehearse=rehearse, max_usd=most)
    script = read_script(call)
    print_findings(remarks_on(script))
    for line in _price(read_plan(call, script)):
        remark(line)
    stop = Stop()
    try:
        made = _shoot(call, wish, stop)
    except OnModelError:
        if stop.reason is None:
            raise
        return TERMINATED if stop.is_leaving and not stop.cancels else INTERRUPTED
    if as_json:
        print_json({"schema": "onmodel.film/1", **asdict(made)})
    else:
        _say_made(made)
    if made.concern:
        remark(f"needs a person: {made.concern}")
        return NEEDS_PERSON
    return 0


def _price(plan: Plan) -> list[str]:
    """What is to be bought, line by line, and what it comes to."""
    rows = []
    for line in plan.lines.values():
        commission, bought = line.commission, line.commission.choice.seconds_bought
        length = "" if bought is None else f"{float(bought):g} s"
        unpaid = "paid, not home yet" if line.state == "open" else usd(line.base_usd)
        price = "paid already" if line.take else unpaid
        rows.append((f"  {commission.mode}", commission.choice.endpoint.short, length, price))
    worst = f"; at worst, with every retake: {usd(plan.worst_usd)}" if plan.worst_usd > plan.base_usd else ""
    return [*in_columns(rows, right=(2, 3)), f"Price: {usd(plan.base_usd)} (of {plan.prices_of}){worst}."]


def _shoot(call: Call, wish: Wish, stop: Stop) -> Film:
    with watch() as watcher:

        async def heard() -> Film:
            with interruptible(stop, watcher.say):
                return await shoot_film(call, wish.out, report=watcher.tell, stop=stop)

        return asyncio.run(heard())


def _say_made(made: Film) -> None:
    say(f"{made.path}")
    say(f"character: {made.picture}")
    cost = f"spent {usd(made.spent_usd)} (prices of {made.prices_of})."
    if made.rehearsal:
        cost = "spent $0: a rehearsal."
        if made.submitted:
            cost += f" The same would have cost {usd(made.would_cost_usd)} (prices of {made.prices_of})."
    say(f"{counted(made.submitted, 'request')}, {made.reused} current already; {cost}")
