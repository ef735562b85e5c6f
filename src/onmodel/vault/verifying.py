"""Looking an archive over: is every record readable, is every medium there as it was archived?

Nothing is changed. Records are read one by one, media are read in pieces: an archive of any size will do.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Final, Literal

from onmodel.errors import RecordBroken, VaultError
from onmodel.vault.archive import Archive
from onmodel.vault.decisions import Decision
from onmodel.vault.derived import Cut, Frame
from onmodel.vault.media import MARK, MediaRef
from onmodel.vault.records import (
    Cancellation,
    Delivery,
    Intent,
    Outcome,
    Record,
    Result,
    Sending,
    Verdict,
    read_record,
)
from onmodel.vault.slots import Slot
from onmodel.vault.store import ObjectMissing
from onmodel.vault.vault import Marker

Kind = Literal["missing", "altered", "unreadable", "foreign", "disagrees"]
"""missing: it is named and not there · altered: other bytes than were archived · unreadable: a record that is
broken, or a file that the store does not give · foreign: nothing that onmodel wrote · disagrees: two records
say what cannot both be."""

AT_ONCE: Final = 4
"""Media that are read at once: enough for two disks' worth, or for a far store's answers."""

JOB_RECORDS: Final[Mapping[str, type[Record]]] = {
    "intent": Intent,
    "sending": Sending,
    "outcome": Outcome,
    "result": Result,
    "media": Delivery,
    "verdict": Verdict,
    "cancel": Cancellation,
}
"""The records of a job by the first word of their names."""

_SHA = "[0-9a-f]{64}"
_SHELVES: Final[Mapping[str, type[Record] | None]] = {
    r"production\.json": Marker,
    r"probe\.json": None,
    rf"cuts/[^/]+/{_SHA}\.json": Cut,
    rf"frames/{_SHA}\.[a-z0-9-]+\.json": Frame,
    r"decisions/[^/]+/\d+\.json": Decision,
    r"ledger/[^/]+\.json": None,
    r"binders/.+\.json\.gz": None,
    rf"media/[0-9a-f]{{2}}/{_SHA}\.[a-z0-9]+": None,
}
"""What else may be in an archive, and how it reads; None for what is looked over in another way."""

BACKUP: Final = "Bring that one back from a backup of the archive; delete nothing."
"""The next step where only a backup helps."""


@dataclass(frozen=True, order=True)
class Flaw:
    """One thing that is wrong with an archive."""

    kind: Kind
    name: str
    """The object."""
    what: str
    hint: str
    """The next step."""


@dataclass(frozen=True)
class Wanted:
    """A medium that a record names."""

    ref: MediaRef
    by: str
    """Who names it, for people: the job's label, or the record."""
    hint: str = BACKUP


@dataclass
class Stock:
    """All records of an archive, or of one episode, read once."""

    flaws: list[Flaw] = field(default_factory=list)
    wanted: dict[str, Wanted] = field(default_factory=dict)
    """The media that records name, by object name; the first who names one stands."""
    spare: list[str] = field(default_factory=list)
    """Media that no record names: what a killed run had just archived. They cost space and nothing else."""
    records: int = 0
    jobs: int = 0

    def want(self, ref: MediaRef, by: str, hint: str = BACKUP) -> None:
        """Note that a record names a medium."""
        self.wanted.setdefault(ref.name, Wanted(ref, by, hint))


def take_stock(archive: Archive, scope: str | None = None) -> Stock:
    """Read every record of an archive, or of one episode with the media that it is made from.

    Raises:
        VaultError: the archive cannot be listed.
    """
    stock = Stock()
    everything = [] if scope else archive.store.names("")
    prefixes = [f"{shelf}/{scope}/" if scope else f"{shelf}/" for shelf in ("jobs", "cuts", "decisions")]
    names = [name for prefix in prefixes for name in archive.store.gather(prefix)]
    for folder, group in groupby(names, key=lambda name: name.rpartition("/")[0]):
        if folder.startswith("jobs/"):
            _look_at_job(archive, stock, list(group))
        else:
            _look_at(archive, stock, group)
    delivered = {wanted.ref.sha256 for wanted in stock.wanted.values()}
    frames = archive.store.gather("frames/")
    _look_at(archive, stock, (name for name in frames if not scope or name[7:71] in delivered))
    seen = {*names, *frames}
    _look_at(archive, stock, (n for n in everything if n not in seen and not n.startswith("media/")))
    _look_at(archive, stock, [] if scope else archive.store.strangers())
    media = {name for name in everything if name.startswith("media/")}
    stock.spare = sorted(name for name in media - stock.wanted.keys() if _shelf(name) is not _NOWHERE)
    _look_at(archive, stock, (name for name in sorted(media) if _shelf(name) is _NOWHERE))
    return stock


def verify_media(
    archive: Archive, wanted: Iterable[Wanted], *, read_back: bool, checked: Callable[[Wanted], None]
) -> Iterator[Flaw]:
    """Hash media, a few at a time, and yield what is wrong.

    Args:
        archive: where they are.
        wanted: which.
        read_back: bring every byte of a far archive here, also where it keeps a checksum that proves them.
        checked: is told of each one that was looked at.
    """

    def look(one: Wanted) -> tuple[Wanted, Flaw | None]:
        return one, _flaw_of(archive, one, read_back=read_back)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        for one, flaw in pool.map(look, wanted):
            checked(one)
            if flaw is not None:
                yield flaw


def spare_refs(archive: Archive, names: Iterable[str]) -> Iterator[Wanted]:
    """The media that no record names, to be looked at all the same: each must be what its name says."""
    for name in names:
        sha256, _, suffix = name.rpartition("/")[2].partition(".")
        size = archive.store.size(name)
        if size is not None:
            yield Wanted(
                MediaRef(sha256, size, f".{suffix}"), "nobody", "Delete it or leave it: nobody names it."
            )


def _flaw_of(archive: Archive, one: Wanted, *, read_back: bool) -> Flaw | None:
    name = one.ref.name
    try:
        found = archive.store.sha256_of(name, one.ref.sha256, read_back=read_back)
        if found == one.ref.sha256:
            return None
        size = archive.store.size(name)
    except VaultError as error:
        return Flaw("unreadable", name, f"{error.message} (named by {one.by})", error.hint)
    if found is None or size is None:
        return Flaw("missing", name, f"named by {one.by}", one.hint)
    what = f"{size} bytes of sha256 {found[:12]}…, archived were {one.ref.size} bytes; named by {one.by}"
    return Flaw("altered", name, what, one.hint)


def _look_at(archive: Archive, stock: Stock, names: Iterable[str]) -> None:
    """Read records that are no job's."""
    for name in names:
        shelf = _shelf(name)
        if shelf is _NOWHERE:
            stock.flaws.append(_foreign(name))
        elif isinstance(shelf, type):
            record = _read(archive, stock, name, shelf)
            if isinstance(record, Frame):
                stock.want(record.media, f"{name}, a frame of an archived clip")
            elif isinstance(record, Cut):
                scope = name.split("/")[1]
                by = f"the cut of {scope} of {record.at:%Y-%m-%d %H:%M} UTC"
                stock.want(
                    record.media,
                    by,
                    f"onmodel restore {scope} makes it again from the archived clips, for $0.",
                )


def _look_at_job(archive: Archive, stock: Stock, names: list[str]) -> None:
    """Read all records of one job, and hold them against each other."""
    found: dict[str, Record] = {}
    slot: Slot | None = None
    listed = set()
    for name in names:
        parsed = Slot.parse(archive.production, name)
        model = JOB_RECORDS.get(parsed[1].partition(".")[0]) if parsed else None
        if parsed is None or model is None:
            stock.flaws.append(_foreign(name))
            continue
        slot, word = parsed
        listed.add(word)
        record = _read(archive, stock, name, model)
        if record is not None:
            found[word] = record
    if slot is None:
        return
    stock.jobs += 1
    stock.flaws += _gaps(slot, listed)
    intent, delivery = found.get("intent"), found.get("media")
    label = intent.label if isinstance(intent, Intent) else slot.folder
    if isinstance(intent, Intent):
        if intent.slot != slot:
            what = f"it is the request of another slot, {intent.slot.folder}"
            stock.flaws.append(Flaw("disagrees", slot.name_of("intent"), what, BACKUP))
        _want_arguments(stock, intent, slot)
    for ref in delivery.media if isinstance(delivery, Delivery) else ():
        stock.want(ref, label)


def _want_arguments(stock: Stock, intent: Intent, slot: Slot) -> None:
    for value in _media_in(intent.arguments):
        try:
            stock.want(MediaRef.from_argument(value), f"the request of {intent.label}")
        except ValueError as error:
            stock.flaws.append(Flaw("unreadable", slot.name_of("intent"), str(error), BACKUP))


def _gaps(slot: Slot, listed: set[str]) -> Iterator[Flaw]:
    """Records that must be there because a later one is."""
    needed = {"intent"}
    if "media" in listed or "verdict" in listed:
        needed.add("result")
    needed |= {word.replace("outcome", "sending") for word in listed if re.fullmatch(r"outcome\.\d+", word)}
    needed |= {word.removesuffix(".late") for word in listed if word.endswith(".late")}
    if "result" in listed and not any(word.startswith("outcome.") for word in listed):
        needed.add("outcome.1")
    for word in sorted(needed - listed):
        then = ", ".join(sorted(listed))
        yield Flaw("missing", slot.name_of(word), f"and what follows it is there: {then}", BACKUP)


def _read(archive: Archive, stock: Stock, name: str, model: type[Record]) -> Record | None:
    try:
        record = read_record(model, archive.store.read(name), name)
    except ObjectMissing:
        stock.flaws.append(Flaw("missing", name, "it was listed a moment ago", BACKUP))
    except RecordBroken as error:
        stock.flaws.append(Flaw("unreadable", name, error.message.partition(": ")[2], error.hint))
    except VaultError as error:
        stock.flaws.append(Flaw("unreadable", name, error.message, error.hint))
    else:
        stock.records += 1
        return record
    return None


_NOWHERE: Final = "nowhere"


def _shelf(name: str) -> type[Record] | str | None:
    for form, model in _SHELVES.items():
        if re.fullmatch(form, name):
            return model
    return _NOWHERE


def _foreign(name: str) -> Flaw:
    return Flaw(
        "foreign",
        name,
        "onmodel did not write it, and does not read it",
        "Move it out of the archive if it is nobody's; nothing was done to it.",
    )


def _media_in(value: Any) -> Iterator[Mapping[str, Any]]:
    """Every medium that a frozen request names, at any depth."""
    if isinstance(value, Mapping):
        if MARK in value:
            yield value
        else:
            for inner in value.values():
                yield from _media_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _media_in(inner)
