"""Delivering: what is made of a finished cut: other shapes and sizes, a poster, stills, a contact sheet.

All of it follows from the cut and can be made again, so nothing of it is archived. What is there and right
stays: the record beside the files says what each was made of.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Final

from onmodel.errors import PlanError
from onmodel.planning.chains import shot_of
from onmodel.planning.delivering import aims_of, is_same_shape
from onmodel.planning.programme import programme_of
from onmodel.post.conform import pieces_of
from onmodel.post.cut import assemble
from onmodel.post.cutlist import Aim, CutList, Piece
from onmodel.post.ffmpeg import written_whole
from onmodel.post.formats import Format, encoder_of
from onmodel.post.probe import probe
from onmodel.stages.conform import bench_of
from onmodel.stages.crew import Crew, Event
from onmodel.stages.gauge import Gauge, Hear, listening, unheard
from onmodel.stages.joining import Bench, render_piece
from onmodel.stages.lettering import FOLDER, letter_episode
from onmodel.stages.recipe import Recipe, read_recipe
from onmodel.stages.stills import Gallery, deliver_pictures
from onmodel.story import Story
from onmodel.story.deliverables import name_of
from onmodel.story.trims import Trim
from onmodel.units import Size, digest_of, sha256_of_file
from onmodel.vault import Cut, Likeness, Vault

SCHEMA: Final = "onmodel.deliverables/1"
_FILE: Final = re.compile(r"[a-z0-9.-]+\.[0-9]+x[0-9]+-[0-9]+x[0-9]+\.mp4")
"""What the files are called that a record lists; nothing else is ever touched by its word."""


@dataclass(frozen=True)
class Order:
    """What is to be delivered, and what that is made with."""

    story: Story
    scope: str
    """The episode's id."""
    trims: Mapping[str, Trim]
    """Which part of its clip each shot shows."""
    wanted: Mapping[str, Size]
    """By what is written; for the pictures alone, empty."""
    vault: Vault
    bench: Bench
    folder: Path
    """For finished episodes."""
    again: str = ""
    """What a command of the same kind ends with."""


@dataclass(frozen=True)
class Delivered:
    """What lies in the folder now."""

    files: tuple[Path, ...]
    """Each deliverable, then the poster, the contact sheet and the folder of the stills."""
    made: int
    """How many of them were made in this run."""


def order_of(crew: Crew) -> Order:
    """What a crew delivers besides the cut."""
    return Order(
        story=crew.story,
        scope=crew.scope,
        trims=crew.plan.trims,
        wanted=crew.story.deliverables(crew.scope),
        vault=crew.vault,
        bench=bench_of(crew),
        folder=crew.folders.deliverables,
        again=crew.again,
    )


async def deliver_besides(crew: Crew, cut: Cut) -> Delivered:
    """Make what an episode delivers besides its cut, where it says so.

    Raises:
        OnModelError: as `deliver_all` does.
    """
    order = order_of(crew)
    if not order.wanted:
        return Delivered((), 0)
    crew.report(Event(crew.scope, "assemble", "cutting", ", ".join(order.wanted)))
    hear = partial(crew.report_share, crew.scope, "assemble", "cutting")
    work = partial(deliver_all, order, cut, hear)
    found = await crew.step(f"{crew.scope} · deliverables", "assemble", work)
    crew.report(Event(crew.scope, "assemble", "done", f"{len(found.files)} deliverables, {found.made} made"))
    return found


async def deliver_all(order: Order, cut: Cut, hear: Hear = unheard) -> Delivered:
    """Make everything that is wanted of a cut, where it is not there already.

    Args:
        order: what.
        cut: the finished episode, as the archive has it.
        hear: told of the share that is done, 0 to 1.

    Raises:
        PlanError: it was cut with other shots or words than there are now: another font, for example.
        VaultError: a clip of it is gone.
        PostError: something cannot be rendered.
    """
    script = await asyncio.to_thread(_read, order, cut)
    known = _read_record(_record_path(order))
    gauge = Gauge(hear)
    parts = [gauge.part(1) for _ in order.wanted]
    files: list[Path] = []
    made: dict[str, Any] = {}
    count = 0
    for (written, size), part in zip(order.wanted.items(), parts, strict=True):
        shape = await asyncio.to_thread(_shaped, order, script, written, size)
        entry = known.get(shape.path.name, {})
        if not await asyncio.to_thread(_is_there, shape, entry):
            entry = await _render(order, script, shape, part)
            count += 1
        part(1)
        made[shape.path.name] = entry
        files.append(shape.path)
    gallery = Gallery(order.scope, order.bench, order.folder, script.recipe.format, script.identity)
    pictures, drawn = await deliver_pictures(gallery, script.cutlist, known.get("pictures"))
    others = await asyncio.to_thread(_still_wanted, order, known)
    record = {**others, **made, "pictures": {"cut": cut.media.sha256, **pictures.told}}
    await asyncio.to_thread(_write_record, _record_path(order), record)
    return Delivered((*files, *pictures.files), count + drawn)


@dataclass(frozen=True)
class _Script:
    """A cut read back from its manifest."""

    cut: Cut
    recipe: Recipe
    cutlist: CutList
    identity: Mapping[str, Mapping[str, Likeness]]
    """Who was recognised in each clip, by its sha256."""


@dataclass(frozen=True)
class _Shaped:
    """A deliverable, before it is rendered."""

    written: str
    path: Path
    form: Format
    cutlist: CutList
    key: str
    """Of all that its bytes depend on."""


def _read(order: Order, cut: Cut) -> _Script:
    recipe = read_recipe(cut.manifest, f"the manifest of {order.scope}")
    paths = {sha256: order.vault.media.path(ref) for sha256, ref in recipe.media.items()}
    cutlist = recipe.cutlist(paths)
    _check_current(order, recipe, cutlist)
    takes: Any = cut.manifest["takes"]
    found = {take["sha256"]: (take["verdict"] or {}).get("identity", {}) for take in takes}
    identity = {
        sha256: {who: Likeness.model_validate(one) for who, one in seen.items()}
        for sha256, seen in found.items()
    }
    return _Script(cut, recipe, cutlist, identity)


def _check_current(order: Order, recipe: Recipe, cutlist: CutList) -> None:
    """Words and cards are drawn anew from the story: it must be the one that the cut was made from."""
    own = letter_episode(order.story, order.scope, order.trims, recipe.format.size, _drawings(order))
    planned = programme_of(order.story, order.scope, order.trims)
    drawn = {name: still.sha256 for name, still in own.cards.items()}
    said = [_told(one, drawn.get(one.shot), own.overlays.get(one.shot, ())) for one in planned.pieces]
    cut = [_told(one, one.sha256 if one.still else None, one.overlays) for one in cutlist.pieces]
    if said != cut:
        raise PlanError(
            f"{order.scope}: its words or its shots are not those that it was cut with",
            hint=f"onmodel produce {order.scope}{order.again} cuts it anew from its takes.",
        )


def _told(piece: Piece, card: str | None, overlays: Sequence[Any]) -> list[Any]:
    times = [piece.frames, piece.begin_frames, piece.speed, piece.hold_frames]
    over = [(one.sha256, one.first_frame, one.frames, one.fade_frames) for one in overlays]
    return [piece.shot, piece.join, times, card, over]


def _shaped(order: Order, script: _Script, written: str, size: Size) -> _Shaped:
    """The cut in another shape: what is seen of each clip, with words and cards drawn for that size."""
    cut = script.recipe.format
    form = replace(cut, size=size)
    lettering = letter_episode(order.story, order.scope, order.trims, size, _drawings(order))
    pieces = []
    for piece in script.cutlist.pieces:
        written_over = replace(piece, overlays=lettering.overlays.get(piece.shot, ()))
        if piece.still:
            still = lettering.cards[piece.shot]
            pieces.append(replace(written_over, sha256=still.sha256, path=still.path))
            continue
        aims = () if is_same_shape(size, cut.size) else _aims(order, script, piece, size)
        pieces.append(replace(written_over, aims=aims))
    cutlist = CutList(tuple(pieces))
    labels = script.recipe.labels
    key = digest_of(
        {
            "pieces": [job.key for job in pieces_of(cutlist, form, encoder_of(order.bench.ffmpeg))],
            "sound": script.cut.media.sha256,
            "labels": [*labels.tags, *([one.frame, one.title] for one in labels.chapters)],
        }
    )
    path = order.folder / f"{order.scope}.{name_of(written, size)}.mp4"
    return _Shaped(written, path, form, cutlist, key)


def _aims(order: Order, script: _Script, piece: Piece, size: Size) -> tuple[Aim, ...]:
    shot = order.story.shots(order.scope)[shot_of(piece.shot)]
    identity = script.identity.get(piece.sha256, {})
    return aims_of(shot, piece, probe(piece.path).size, size, script.recipe.format.fps, identity)


async def _render(order: Order, script: _Script, shape: _Shaped, hear: Hear) -> dict[str, Any]:
    """Render a deliverable; the sound is the cut's own, copied."""
    bench, form = order.bench, shape.form
    jobs = pieces_of(shape.cutlist, form, encoder_of(bench.ffmpeg))
    gauge = Gauge(hear)
    parts = [gauge.part(job.frames) for job in jobs]
    to_join = gauge.part(shape.cutlist.frames / 10)
    pieces = await asyncio.gather(*map(partial(render_piece, bench), jobs, parts))
    sound = await asyncio.to_thread(order.vault.media.path, script.cut.media)
    with listening(to_join) as tell:
        join = partial(assemble, fps=form.fps, labels=script.recipe.labels, ffmpeg=bench.ffmpeg, tell=tell)
        join = partial(join, conform=form.conform)
        facts = await bench.cores.run(join, shape.cutlist, list(pieces), sound, shape.path)
    return {
        "deliverable": shape.written,
        "cut": script.cut.media.sha256,
        "size": str(form.size),
        "frames": facts.frames,
        "fps": str(facts.fps),
        "sha256": await asyncio.to_thread(sha256_of_file, shape.path),
        "key": shape.key,
        "framing": {piece.shot: _framed(piece) for piece in shape.cutlist.pieces if piece.aims},
    }


def _framed(piece: Piece) -> list[list[float]]:
    """Where the middle of the frame is, for people: frame, x, y."""
    return [[aim.frame, aim.x, aim.y] for aim in piece.aims]


def _is_there(shape: _Shaped, entry: Mapping[str, Any]) -> bool:
    is_same = entry.get("key") == shape.key and shape.path.is_file()
    return is_same and sha256_of_file(shape.path) == entry.get("sha256")


def _still_wanted(order: Order, known: Mapping[str, Any]) -> dict[str, Any]:
    """What the record says of files that were not asked for now; those that nobody wants any more go."""
    wanted = order.story.deliverables(order.scope).items()
    names = {f"{order.scope}.{name_of(written, size)}.mp4" for written, size in wanted}
    found = {name: entry for name, entry in known.items() if _FILE.fullmatch(name) and "sha256" in entry}
    for name in found.keys() - names:
        path = order.folder / name
        if path.is_file() and sha256_of_file(path) == found[name]["sha256"]:
            path.unlink()
    return {name: entry for name, entry in found.items() if (order.folder / name).is_file()}


def _drawings(order: Order) -> Path:
    return order.bench.cache / FOLDER


def _record_path(order: Order) -> Path:
    return order.folder / f"{order.scope}.deliverables.json"


def _read_record(path: Path) -> dict[str, Any]:
    """What an earlier run made; nothing where that cannot be read, and all is made anew."""
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    files = found.get("files") if isinstance(found, dict) and found.get("schema") == SCHEMA else None
    return {name: entry for name, entry in files.items() if isinstance(entry, dict)} if files else {}


def _write_record(path: Path, files: Mapping[str, Any]) -> None:
    told = {"schema": SCHEMA, "ai_generated": True, "files": dict(sorted(files.items()))}
    with written_whole(path) as part:
        part.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
