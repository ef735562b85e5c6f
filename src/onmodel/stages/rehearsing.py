"""What a rehearsal is told to do on purpose: trouble, and answers out of a folder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from onmodel.errors import SetupError
from onmodel.settings import Folders
from onmodel.stages.crew import Event, Report
from onmodel.stages.script import Call, Script
from onmodel.studio.rehearsal.answers import AnsweringArtist, check_folder
from onmodel.studio.rehearsal.orders import Artist
from onmodel.studio.rehearsal.trouble import FAULTS, Trouble
from onmodel.studio.rehearsal.trouble_words import check_whom, read_trouble
from onmodel.vault import Store


@dataclass(frozen=True)
class Rehearsal:
    """What goes wrong, and what is answered with."""

    trouble: Trouble
    answers: Path | None

    def store(self, folders: Folders) -> Callable[[Store], Store] | None:
        """What puts the archive's trouble before the archive; None where it has none."""
        if not self.trouble.of("store"):
            return None
        from onmodel.studio.rehearsal.mischief import Mischief  # noqa: PLC0415 (for trouble only)
        from onmodel.vault.troubled import TroubledStore  # noqa: PLC0415 (same)

        mischief = Mischief(self.trouble, folders.fal_double / "trouble")

        def strike(fault: str) -> bool:
            others = [one for one in FAULTS["store"] if one != fault]
            return mischief.strike("store", spared=others) is not None

        return partial(TroubledStore, strike=strike)

    def artist(self, painter: Artist, report: Report) -> Artist:
        """The one who answers: the painter, or before it a folder of answers."""
        if self.answers is None:
            return painter

        def tell(subject: str, stage: str, why: str) -> None:
            report(Event(subject, stage, "painted", why))

        return AnsweringArtist(self.answers, painter, tell)


def read_rehearsal(call: Call, script: Script) -> Rehearsal:
    """What a call asks of its rehearsal.

    Raises:
        SetupError: it asks for what nobody knows, of what is not there, or without a rehearsal.
    """
    asked = [option for option, given in (("--trouble", call.trouble), ("--answers", call.answers)) if given]
    if asked and not call.rehearse:
        raise SetupError(
            f"{' and '.join(asked)}: trouble and answers are for rehearsals only", hint="Add --rehearse."
        )
    names = [commission.id for commission in script.prepared.commissions]
    trouble = read_trouble(call.trouble)
    check_whom(trouble, names)
    if call.answers is not None:
        check_folder(call.answers, names)
    return Rehearsal(trouble, call.answers)
