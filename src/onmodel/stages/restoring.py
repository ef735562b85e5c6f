"""Restoring an episode from its archive alone: no production, no key, no request; the same bytes as archived.

The archived cut is brought and checked. Where it is gone or altered it is joined once more, from the archived
clips, as its manifest says; what comes out must have the very sha256 of the cut that is missing.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from onmodel.errors import MediaAltered, PlanError, PostError, RecordBroken, SetupError
from onmodel.planning import CAST
from onmodel.post.formats import encoder_of
from onmodel.stages.assemble import deliver
from onmodel.stages.cut_gate import is_approved
from onmodel.stages.joining import Bench, joined
from onmodel.stages.recipe import Recipe, read_recipe
from onmodel.story.validation import did_you_mean
from onmodel.units import sha256_of_file
from onmodel.vault import Cut, Decision, ObjectMissing
from onmodel.vault.archive import Archive

Say = Callable[[str], None]

SHOWN: Final = 12
"""Digits of a sha256 that tell cuts apart for people."""


@dataclass(frozen=True)
class Restored:
    """An episode brought back."""

    path: Path
    cut: Cut
    made_again: bool
    """Whether the file was joined from clips, since the archived one was gone or altered."""


def find_cuts(archive: Archive, scope: str, say: Say) -> list[Cut]:
    """Every archived cut of an episode, the newest first; one that cannot be read is told and passed over.

    Raises:
        PlanError: none is archived.
    """
    cuts = []
    for _, digest in archive.cut_names(scope):
        try:
            cut = archive.cuts.read(scope, digest)
        except RecordBroken as error:
            say(error.message)
            continue
        if cut is not None:
            cuts.append(cut)
    if not cuts:
        known = sorted({episode for episode, _ in archive.cut_names()})
        listed = f"; it has cuts of: {', '.join(known)}" if known else ""
        raise PlanError(
            f"{archive.store.address} has no cut of '{scope}'{listed}",
            hint=did_you_mean(scope, known) or "An episode is archived when `onmodel produce` has cut it.",
        )
    return sorted(cuts, key=lambda cut: cut.at, reverse=True)


def choose_cut(
    cuts: Sequence[Cut], scope: str, wanted: str | None, decisions: Sequence[Decision] = ()
) -> Cut:
    """The newest cut, or the one whose sha256 begins as wanted.

    Args:
        cuts: the newest first.
        scope: the episode.
        wanted: how its sha256 begins; without it, where people approved a cut, the newest of those.
        decisions: what people decided about the episode.

    Raises:
        PlanError: none does, or several do; they are listed.
    """
    if wanted is None:
        return next((cut for cut in cuts if is_approved(cut, decisions)), cuts[0])
    fits = [cut for cut in cuts if re.match(r"[0-9a-f]+$", wanted) and cut.media.sha256.startswith(wanted)]
    if len({cut.media.sha256 for cut in fits}) == 1:
        return fits[0]
    rows = [f"  {cut.media.sha256[:SHOWN]}  {cut.at:%Y-%m-%d %H:%M} UTC" for cut in cuts]
    raise PlanError(
        f"{'several' if fits else 'no'} cuts of {scope} begin with '{wanted}'; archived are, newest first:\n"
        + "\n".join(rows),
        hint=f"Name one of these: --cut {cuts[0].media.sha256[:SHOWN]}",
    )


async def restore(archive: Archive, scope: str, cut: Cut, into: Path, bench: Bench, say: Say) -> Restored:
    """Write an episode and its manifest into a folder, from the archive alone.

    Args:
        archive: where everything is.
        scope: the episode.
        cut: which of its cuts.
        into: for the episode; made when it is not there.
        bench: for joining; nothing of it is used where the archived cut is whole.
        say: is told what was found wrong on the way.

    Raises:
        VaultError: the cut is gone and a clip of it too, or altered.
        SetupError: the cut is gone and this machine's ffmpeg is another than the one that made it.
        PostError: what was joined is not what was archived; nothing is delivered.
    """
    decisions = await asyncio.to_thread(decisions_of, archive, scope, say)
    try:
        path = await asyncio.to_thread(_deliver, archive, scope, cut, into, decisions)
    except (ObjectMissing, MediaAltered) as error:
        say(f"{error.message}\nIt is made again from the archived clips.")
    else:
        return Restored(path, cut, made_again=False)
    recipe = read_recipe(cut.manifest, f"the manifest of {scope} of {cut.at:%Y-%m-%d %H:%M} UTC")
    _check_encoder(recipe, bench)
    paths = {sha: await asyncio.to_thread(archive.media.verify, ref) for sha, ref in recipe.media.items()}
    cutlist, score = recipe.cutlist(paths), recipe.score(paths)
    async with joined(bench, cutlist, recipe.format, recipe.labels, score) as made:
        file = made.path
        found = await asyncio.to_thread(sha256_of_file, file)
        if found != cut.media.sha256:
            raise PostError(
                f"the cut that was made of the archived clips has sha256 {found[:SHOWN]}…, archived was "
                f"{cut.media.sha256[:SHOWN]}…; nothing was delivered",
                hint="With the production at hand, `onmodel produce` makes a new cut of the takes, for $0.",
            )
        path = await asyncio.to_thread(deliver, cut, lambda: file, into, scope, decisions)
    return Restored(path, cut, made_again=True)


def decisions_of(archive: Archive, scope: str, say: Say) -> list[Decision]:
    """What people decided about an episode and its cast; the film comes back without what cannot be read."""
    try:
        return [one for name in sorted({scope, CAST}) for one in archive.decisions.of(name)]
    except RecordBroken as error:
        say(f"{error.message}\nThe manifest comes back without who approved what.")
        return []


def _deliver(archive: Archive, scope: str, cut: Cut, into: Path, decisions: Sequence[Decision]) -> Path:
    whole = archive.media.verify(cut.media)  # also where the episode is there already: it is asked about
    return deliver(cut, lambda: whole, into, scope, decisions)


def _check_encoder(recipe: Recipe, bench: Bench) -> None:
    ours = encoder_of(bench.ffmpeg)
    if ours != recipe.encoder:
        raise SetupError(
            f"the cut was made by {recipe.encoder}, this machine has {ours}: the bytes would differ",
            hint="Set ONMODEL_FFMPEG to that ffmpeg; or, with the production at hand, `onmodel produce` "
            "makes a new cut of the takes, for $0.",
        )
