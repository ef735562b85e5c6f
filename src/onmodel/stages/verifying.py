"""Verifying an archive: records are read, media hashed, and cuts, manifests and ledgers held against them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NamedTuple

from onmodel.errors import PlanError, PostError, RecordBroken
from onmodel.planning import CAST
from onmodel.stages.recipe import OLDER, read_recipe
from onmodel.story.validation import did_you_mean
from onmodel.vault import Cut
from onmodel.vault.archive import Archive
from onmodel.vault.books import verify_books
from onmodel.vault.verifying import BACKUP, Flaw, Stock, Wanted, spare_refs, take_stock, verify_media


class Progress(NamedTuple):
    """How far the media are."""

    media: int
    of_media: int
    size: int
    """Bytes looked at so far."""
    of_size: int


@dataclass(frozen=True)
class Audit:
    """What was looked at, and what is wrong."""

    address: str
    jobs: int
    records: int
    media: int
    size: int
    """Bytes of all media that were looked at."""
    cuts: int
    flaws: tuple[Flaw, ...]
    """In order of their kind and name."""
    spare: tuple[str, ...]
    """Media that no record names, and that are what their name says: nothing is wrong with them."""


def verify(
    archive: Archive, scope: str | None, *, read_back: bool, report: Callable[[Progress], None]
) -> Audit:
    """Look an archive over, or what one episode is made from; nothing is changed, and nothing bought.

    Args:
        archive: what is looked over.
        scope: an episode, or `cast`; None for everything.
        read_back: bring every byte of a far archive here, also where it keeps a checksum that proves them.
        report: is told how far it is, after each medium.

    Raises:
        PlanError: nothing of that episode is archived.
        VaultError: the archive cannot be listed.
    """
    if scope is not None and scope not in (known := archive.scopes()):
        raise PlanError(
            f"nothing of '{scope}' is in {archive.store.address}; it has: {', '.join(known) or 'nothing'}",
            hint=did_you_mean(scope, known),
        )
    stock = take_stock(archive, scope)
    flaws = [*stock.flaws, *verify_books(archive)]
    delivered = {one.ref.sha256: one for one in stock.wanted.values()} | _sheets(archive, scope)
    cuts = 0
    for episode, digest in archive.cut_names(scope):
        with suppress(RecordBroken):  # the stock has told of it
            cut = archive.cuts.read(episode, digest)
            if cut is not None:
                cuts += 1
                flaws += _flaws_of_cut(stock, delivered, f"cuts/{episode}/{digest}.json", cut)
    # What only a cut's manifest names, such as music, is read after the archive's stock is taken.
    stock.spare = [name for name in stock.spare if name not in stock.wanted]
    wanted = [*stock.wanted.values(), *spare_refs(archive, stock.spare)]
    size, of_size = 0, sum(one.ref.size for one in wanted)
    media = 0

    def checked(one: Wanted) -> None:
        nonlocal media, size
        media, size = media + 1, size + one.ref.size
        report(Progress(media, len(wanted), size, of_size))

    flaws += verify_media(archive, wanted, read_back=read_back, checked=checked)
    wrong = {flaw.name for flaw in flaws}
    spare = tuple(name for name in stock.spare if name not in wrong)
    return Audit(
        archive.store.address, stock.jobs, stock.records, media, size, cuts, tuple(sorted(flaws)), spare
    )


def _sheets(archive: Archive, scope: str | None) -> dict[str, Wanted]:
    """What the cast's jobs delivered, by sha256, where one episode is looked over: its cuts name it."""
    found = {}
    for job in archive.jobs(CAST) if scope not in (None, CAST) else ():
        with suppress(RecordBroken):  # of the cast: told where that is looked over
            for ref in job.delivery.media if job.delivery else ():
                found[ref.sha256] = Wanted(ref, job.intent.label)
    return found


def _flaws_of_cut(stock: Stock, delivered: Mapping[str, Wanted], name: str, cut: Cut) -> Iterator[Flaw]:
    """Hold a cut's manifest against its file, its recipe, and the takes that the journals have."""
    facts = cut.manifest.get("cut")
    said = facts.get("sha256") if isinstance(facts, Mapping) else None
    if said != cut.media.sha256:
        what = f"its manifest is of a cut of sha256 {str(said)[:12]}…, its file has {cut.media.sha256[:12]}…"
        yield Flaw("disagrees", name, what, BACKUP)
    if cut.manifest.get("schema") in OLDER:
        return  # it says too little to be held against anything
    try:
        recipe = read_recipe(cut.manifest, name)
        if f"/{recipe.digest}.json" not in name:
            yield Flaw("disagrees", name, "its manifest tells of another cut than its name does", BACKUP)
        for one in recipe.ingredients:
            for ref in one.media:
                stock.want(ref, f"{name} · {one.shot}")
        for sound in recipe.sound.heard if recipe.sound else ():
            stock.want(sound.media, f"{name} · {sound.name}")
    except (RecordBroken, PostError) as error:
        yield Flaw("unreadable", name, error.message, error.hint)
    for sha256, label in _takes_of(cut.manifest):
        if sha256 in delivered:
            stock.want(delivered[sha256].ref, label)
        else:
            yield Flaw("missing", name, f"its manifest names {label}, and no journal does", BACKUP)


def _takes_of(manifest: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    takes = manifest.get("takes")
    for take in takes if isinstance(takes, list) else ():
        if isinstance(take, Mapping):
            yield str(take.get("sha256")), str(take.get("label"))
