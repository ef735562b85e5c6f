"""Opening the day's work: every port of a production, live or in rehearsal, and closing them again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import (
    AbstractAsyncContextManager,
    AbstractContextManager,
    ExitStack,
    asynccontextmanager,
    nullcontext,
)
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from onmodel.planning import CAST, make_plan
from onmodel.post.ffmpeg import find_ffmpeg
from onmodel.post.formats import Format
from onmodel.settings import Folders, Settings
from onmodel.stages.assemble import finished_cut
from onmodel.stages.caps import BuyingUnder, CapRule, caps_of, left_usd
from onmodel.stages.cores import Cores
from onmodel.stages.crew import Crew, Report
from onmodel.stages.disk import explained_disk
from onmodel.stages.rehearsing import Rehearsal, read_rehearsal
from onmodel.stages.script import Call, Script, open_archive, read_records, read_script
from onmodel.stages.sweeping import sweep
from onmodel.stages.telling import Teller, note_path
from onmodel.story import Story
from onmodel.studio.caps import CapsOfNow
from onmodel.studio.desk import Desk, Limits, Stop
from onmodel.studio.rehearsal.orders import ArtOrder, Made
from onmodel.studio.wire import Wire, open_live_wire
from onmodel.vault import Vault


@asynccontextmanager
async def open_crew(
    call: Call,
    settings: Settings,
    report: Report,
    stop: Stop | None = None,
    shared: Callable[[], AbstractAsyncContextManager[Any]] = nullcontext,
) -> AsyncIterator[Crew]:
    """Open everything that producing needs; only one process at a time produces the same episode.

    Args:
        call: what is to be worked on.
        settings: the environment.
        report: told of every event.
        stop: set by whoever hears Ctrl-C; the same one may go through several episodes.
        shared: a slot of a limit that machines share, held while a request is under way.

    Raises:
        StoryError: the story is not acceptable.
        KeyMissing: there is no key, and this is no rehearsal.
        Busy: another process is producing the same.
        SetupError: ffmpeg is missing.
        VaultError: the archive cannot be used.
    """
    script = await asyncio.to_thread(read_script, call)
    rehearsal = read_rehearsal(call, script)
    folders = Folders(call.root, call.rehearse)
    ffmpeg = find_ffmpeg(settings.ffmpeg)
    if not call.rehearse:
        settings.required_key()
    await asyncio.to_thread(_tidy_up, folders.cache, settings.cache_bytes)
    with ExitStack() as stack:
        stack.enter_context(_guard(settings) if call.rehearse else nullcontext())
        # An archive in a bucket answers from afar: whoever interrupts meanwhile is heard.
        opening = open_archive(script.story.production, folders, rehearsal.store(folders))
        vault = await asyncio.to_thread(stack.enter_context, opening)
        stack.enter_context(vault.session.hold(_lock_name(call)))
        cores = stack.enter_context(Cores())
        told = Teller(report, note_path(folders.run, call.scope, rehearse=call.rehearse))
        wire = _open_wire(call, script, settings, cores, rehearsal, told)
        try:
            limits = Limits(
                in_flight=settings.in_flight or script.story.production.in_flight,
                uploads=settings.uploads,
                submits_per_minute=settings.submits_per_minute,
                shared=shared,
            )
            crew = await _gather(call, script, vault, wire, cores, ffmpeg, told, limits, stop)
            with crew.desk.stop.obeyed(), told.noting(crew):
                yield crew
            await asyncio.to_thread(vault.store.close)
        finally:
            await wire.aclose()


async def _gather(
    call: Call,
    script: Script,
    vault: Vault,
    wire: Wire,
    cores: Cores,
    ffmpeg: Path,
    report: Report,
    limits: Limits,
    stop: Stop | None,
) -> Crew:
    """The crew before an open vault, with the plan of this moment."""
    folders = Folders(call.root, call.rehearse)
    rules_at = partial(_caps_at, call, script.story)
    caps = await asyncio.to_thread(BuyingUnder, vault, rules_at)
    records = await asyncio.to_thread(read_records, vault, call.scope)
    plan = make_plan(script.prepared, records, script.story.production, script.market)
    left = await asyncio.to_thread(partial(left_usd, vault, caps.rules, are_mended=True))
    form = _format(script.story, call.scope)
    crew = Crew(
        story=script.story,
        scope=call.scope,
        plan=replace(plan, left_usd=left),
        records=records,
        market=script.market,
        vault=vault,
        desk=_desk(call, script, vault, wire, folders, caps, limits, stop),
        cores=cores,
        folders=folders,
        ffmpeg=ffmpeg,
        report=report,
        format=form,
    )
    crew.circled |= {name: line.take for name, line in plan.lines.items() if line.take}
    if form is not None:
        crew.cut = await finished_cut(crew)
    return crew


def _tidy_up(cache: Path, most_bytes: int) -> None:
    with explained_disk():
        cache.mkdir(parents=True, exist_ok=True)
        sweep(cache, most_bytes)


def _caps_at(call: Call, story: Story, now: datetime) -> tuple[CapRule, ...]:
    return caps_of(story, call.scope, call.max_usd, rehearse=call.rehearse, now=now)


def _lock_name(call: Call) -> str:
    return f"the rehearsal of {call.scope}" if call.rehearse else call.scope


def _desk(
    call: Call,
    script: Script,
    vault: Vault,
    wire: Wire,
    folders: Folders,
    caps: CapsOfNow,
    limits: Limits,
    stop: Stop | None,
) -> Desk:
    return Desk(
        wire=wire,
        vault=vault,
        catalogue=script.market.catalogue,
        caps=caps,
        scratch=folders.cache,
        limits=limits,
        rehearsal=call.rehearse,
        stop=stop,
    )


def _format(story: Story, scope: str) -> Format | None:
    if scope == CAST:
        return None
    wanted = story.format(scope)
    return Format(wanted.size, wanted.fps)


def _open_wire(
    call: Call, script: Script, settings: Settings, cores: Cores, rehearsal: Rehearsal, report: Report
) -> Wire:
    if call.rehearse:
        return open_rehearsal(script, Folders(call.root, rehearsal=True), cores, rehearsal, report)
    return open_live_wire(settings.required_key())


def open_rehearsal(
    script: Script, folders: Folders, cores: Cores, rehearsal: Rehearsal, report: Report
) -> Wire:
    """The wire to a fal of our own: pictures made on this machine, no network, no bill."""
    from onmodel.studio.rehearsal.double import REHEARSAL_KEY, FalDouble  # noqa: PLC0415 (for rehearsals only)

    double = FalDouble(
        folders.fal_double,
        endpoints=script.market.catalogue,
        artist=rehearsal.artist(_LateArtist(script.story, cores), report),
        trouble=rehearsal.trouble,
        concurrency=cores.count,
    )
    return Wire(key=REHEARSAL_KEY, transport=double, absence_is_proof=True)


class _LateArtist:
    """The rehearsal's artist; the tools load with the first order, since most runs have none to make."""

    def __init__(self, story: Story, cores: Cores) -> None:
        self._story = story
        self._cores = cores

    async def make(self, order: ArtOrder) -> list[Made]:
        """Make what was ordered; raises as `RehearsalArtist.make` does."""
        from onmodel.studio.rehearsal.artist import RehearsalArtist  # noqa: PLC0415 (OpenCV takes 0.2 s)
        from onmodel.studio.rehearsal.looks import CharacterLook  # noqa: PLC0415 (same)

        looks = [
            CharacterLook(
                id=name,
                name=bible.name,
                kind=bible.kind,
                looks=bible.looks,
                always=tuple(bible.always),
                palette=dict(bible.palette),
                wardrobe=dict(bible.wardrobe),
            )
            for name, bible in self._story.bibles.items()
        ]
        return await RehearsalArtist(looks, self._cores.run).make(order)


def _guard(settings: Settings) -> AbstractContextManager[None]:
    from onmodel.studio.rehearsal.guard import refuse_sockets  # noqa: PLC0415 (for rehearsals only)

    host = urlsplit(settings.prefect_api_url or "").hostname
    allow: Collection[str] = (host,) if host else ()
    return refuse_sockets(allow)
