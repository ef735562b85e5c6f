"""`onmodel circle`, `retake` and `diagnose`: a person's word about a take."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Any

from onmodel.cli.showing import columns, counted, in_columns, print_json, say, wrapped
from onmodel.craft.remedies import problems
from onmodel.stages.deciding import Offer, circle_take, diagnose, order_retake
from onmodel.stages.script import Call
from onmodel.units import usd
from onmodel.vault import Decision


def circle(
    root: Path, scope: str, subject: str, n: int, *, stage: str | None, by: str | None, rehearse: bool
) -> None:
    """Circle a take, and say what that makes stale.

    Raises:
        OnModelError: there is no such take, or the archive cannot be written.
    """
    decided = circle_take(
        Call(root, scope, rehearse=rehearse), subject, n, stage=stage, by=by or whoever_types()
    )
    say(f"{decided.label} is circled.")
    _say_undone(decided.undone, "is not followed any more: the circled take stays")
    stale = [line for line in decided.plan.to_buy if line.state == "stale"]
    if stale:
        names = ", ".join(f"{line.commission.subject} {line.commission.mode}" for line in stale)
        say(f"{counted(len(stale), 'thing')} made from another take: {names}.")
        again = " --rehearse" if rehearse else ""
        say(f"Next: onmodel produce {scope}{again} (buys for {usd(decided.plan.now_usd)})")


def retake(
    root: Path,
    scope: str,
    subject: str,
    *,
    problem: str | None,
    note: str,
    stage: str | None,
    by: str | None,
    rehearse: bool,
) -> None:
    """Order another take, and say what will be different and what it costs.

    Raises:
        OnModelError: there is no such shot or problem, or the archive cannot be written.
    """
    call = Call(root, scope, rehearse=rehearse)
    ordered = order_retake(call, subject, problem=problem, stage=stage, by=by or whoever_types(), note=note)
    words = ordered.remedy.words if ordered.remedy else "asks for the same once more"
    say(f"{ordered.label} is ordered: {words}{f'; {note}' if note else ''}.")
    _say_undone(ordered.undone, "is replaced by this one")
    again = " --rehearse" if rehearse else ""
    say(f"It costs {usd(ordered.usd)}.")
    say(f"Next: onmodel produce {scope}{again} (buys for {usd(ordered.plan.now_usd)} in all)")


def _say_undone(order: Decision | None, becomes: str) -> None:
    """Tell of an earlier order that was not followed yet: nobody's word goes silently."""
    if order is None:
        return
    about = ", ".join(filter(None, (order.problem, order.note)))
    say(f"The retake that {order.by} ordered before{f' ({about})' if about else ''} {becomes}.")


def show_remedies(
    root: Path,
    scope: str,
    subject: str,
    *,
    problem: str | None,
    stage: str | None,
    rehearse: bool,
    as_json: bool,
) -> None:
    """Print what could be done about a problem, in the order in which it would be tried.

    Raises:
        OnModelError: there is no such shot or problem.
    """
    about, found, offers = diagnose(
        Call(root, scope, rehearse=rehearse), subject, problem=problem, stage=stage
    )
    if as_json:
        print_json(
            {
                "schema": "onmodel.diagnose/1",
                "about": about,
                "problem": found,
                "remedies": [_offer_json(one) for one in offers],
            }
        )
        return
    if found is None:
        say(f"{about}: nothing is known to be wrong with it. Name the problem with --problem:")
        for line in in_columns([(f"  {one.id}", one.title) for one in problems().values()]):
            say(line)
        return
    say(f"{about} · {found}: {problems()[found].title}")
    for number, one in enumerate(offers, 1):
        say(f"{number:3}. {one.remedy.words}  {_price_of(one)}")
        for line in wrapped(f"because {one.remedy.cause}{_state_of(one)}", columns(), indent=5):
            say(line)
    of_stage = f" --stage {stage}" if stage else ""
    again = " --rehearse" if rehearse else ""
    order = f"onmodel retake {scope} {subject} --problem {found}{of_stage}{again}"
    say(f"Next: {order} (the first that was not tried)")


def _price_of(offer: Offer) -> str:
    return "" if offer.usd is None else usd(offer.usd)


def _state_of(offer: Offer) -> str:
    if offer.is_tried:
        return "; tried already"
    if offer.remedy.by_hand:
        return "; only a person can do it"
    return f"; not here: {offer.obstacle}" if offer.obstacle else ""


def _offer_json(offer: Offer) -> dict[str, Any]:
    return {
        "remedy": offer.remedy.id,
        "cause": offer.remedy.cause,
        "does": offer.remedy.words,
        "by_hand": offer.remedy.by_hand,
        "obstacle": offer.obstacle or None,
        "tried": offer.is_tried,
        "usd": None if offer.usd is None else str(offer.usd),
    }


def note_line(one: Decision) -> str:
    """A note as one line: `note by ada at 1.5 s, in 0.1,0.2,0.3,0.4: only one antenna`."""
    at = "" if one.at_s is None else f" at {one.at_s:g} s"
    where = "" if one.box is None else f", in {','.join(f'{edge:g}' for edge in one.box)}"
    return f"note by {one.by}{at}{where}: {one.note}"


def whoever_types() -> str:
    """The name under which a decision is written where none was given: the machine's user."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "somebody"  # a machine with no name for its user, such as a bare container
