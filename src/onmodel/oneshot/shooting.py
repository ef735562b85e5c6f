"""One shot made: what stands in the way is told first, then it is bought once and handed over."""

from __future__ import annotations

import asyncio
import multiprocessing
import shutil
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from pathlib import Path

from onmodel.errors import Finding, KeyMissing, OverBudget, PlanError, SetupError
from onmodel.oneshot.wish import Kind, Orientation, Quality, Ratio, Wish
from onmodel.oneshot.writing import CHARACTER, EPISODE, SHOT, write_film
from onmodel.planning import Plan, Take
from onmodel.planning.fitting import fit_of
from onmodel.post.ffmpeg import written_whole
from onmodel.settings import Folders, Settings, read_settings
from onmodel.stages.crew import Crew, Event, Report
from onmodel.stages.opening import open_crew
from onmodel.stages.script import Call, Script, look_into_archive, read_plan, read_script
from onmodel.stages.settling import settle
from onmodel.stages.shooting import shoot
from onmodel.story import read_story
from onmodel.studio.stop import Stop
from onmodel.units import sha256_of_file, usd


@dataclass(frozen=True)
class Film:
    """What was made, and what it cost."""

    path: Path
    """The clip, as it was delivered."""
    sha256: str
    picture: Path
    """The character's picture, in the archive."""
    folder: Path
    """The production: `onmodel plan film -p FOLDER`, `onmodel takes film -p FOLDER`."""
    rehearsal: bool
    submitted: int
    """Requests that fal accepted this time."""
    reused: int
    """Pictures and clips that were paid for before."""
    spent_usd: Decimal
    """What the accepted requests cost by the price table; 0 in a rehearsal."""
    would_cost_usd: Decimal
    """A rehearsal: what the same requests would have cost. Otherwise the same as `spent_usd`."""
    prices_of: str
    """The day of the price table."""
    concern: str = ""
    """What a person should look at: the clip is not known to be on-model, and why."""


def film(
    character: str,
    *,
    out: Path | str,
    motion: Path | str | None = None,
    action: str = "",
    setting: str = "",
    look: str = "",
    kind: Kind = "stylised",
    quality: Quality = "standard",
    ratio: Ratio = "9:16",
    orientation: Orientation | None = None,
    seconds: Fraction | Decimal | float | None = None,
    retakes: int = 0,
    rehearse: bool = False,
    max_usd: Decimal | float | str | None = None,
) -> Film:
    """Films one shot from words: a picture of the character, then a clip that moves as a reference does.

    Not for use inside a running event loop: there, await `film_async`. A script that calls it does so under
    `if __name__ == "__main__":`, since pictures are worked on by further processes. It buys, for which
    FAL_KEY must be set; a rehearsal does not.

    Args:
        character: who it is, in words, most important first.
        out: the clip that is made, an .mp4.
        motion: a clip whose movement the character takes over; else say an action.
        action: what the character does, where no clip says it.
        setting: where.
        look: the style of it all.
        kind: human or stylised.
        quality: draft, standard or master.
        ratio: 9:16, 16:9 or 1:1.
        orientation: video or image.
        seconds: length, where an action is filmed.
        retakes: how often a clip that will not do is bought again by itself.
        rehearse: film with pictures made on this machine, for $0.
        max_usd: the most that this film may have cost in all, earlier runs included; where the price is
            higher nothing is sent.

    Raises:
        PlanError: something cannot be done as it is said.
        OverBudget: the price is over `max_usd`.
        KeyMissing: there is no key, and this is no rehearsal.
        SetupError: the script films when it is imported.
        WireError, VaultError, PostError: as producing raises them.
    """
    _refuse_workers()
    wish = Wish(
        character,
        Path(out),
        None if motion is None else Path(motion),
        action,
        setting,
        look,
        kind,
        quality,
        ratio,
        orientation,
        None if seconds is None else _fraction(seconds),
        retakes,
    )
    return asyncio.run(film_async(wish, rehearse=rehearse, max_usd=max_usd))


def _refuse_workers() -> None:
    """A worker imports the script that it belongs to: a script that films when it is imported never ends."""
    if getattr(multiprocessing.current_process(), "_inheriting", False):
        raise SetupError(
            "a worker process was starting, and the script that it belongs to began to film again.",
            hint='Call film under: if __name__ == "__main__":',
        )


async def film_async(
    wish: Wish, *, rehearse: bool = False, max_usd: Decimal | float | str | None = None
) -> Film:
    """Films one shot from words, as `film` does, inside a running event loop; raises as it does."""
    most = None if max_usd is None else dollars(max_usd)
    call = await asyncio.to_thread(write_film, wish, rehearse=rehearse, max_usd=most)
    return await shoot_film(call, wish.out)


def dollars(value: Decimal | float | str) -> Decimal:
    """A cap in US dollars.

    Raises:
        PlanError: it is none.
    """
    try:
        most = Decimal(str(value))
    except InvalidOperation:
        most = Decimal("NaN")
    if not most.is_finite() or most < 0:
        raise PlanError(f"found max_usd={value}; allowed: dollars, like 5 or 2.50.")
    return most


def _fraction(seconds: Fraction | Decimal | float) -> Fraction:
    try:
        return Fraction(str(seconds))
    except ValueError:
        raise PlanError(f"found seconds={seconds}; allowed: seconds, like 5 or 2.5.") from None


async def shoot_film(
    call: Call, out: Path, *, report: Report | None = None, stop: Stop | None = None
) -> Film:
    """Makes a film whose production is written; what was paid for before is not bought again.

    Args:
        call: what `write_film` returned.
        out: the file.
        report: told of every event.
        stop: what the run obeys when Ctrl-C is pressed.

    Raises:
        OverBudget: the price is over the cap; nothing was sent.
        KeyMissing: there is no key, and this is no rehearsal.
        PlanError: a rehearsal would replace a film that was bought, or no take will do.
        WireError, VaultError, PostError: as producing raises them.
    """
    settings = read_settings()
    await asyncio.to_thread(_look_over, call, out, settings)
    async with open_crew(call, settings, report or _unwatched, stop) as crew:
        await settle(crew)
        take = await shoot(crew, SHOT)
        return await asyncio.to_thread(_hand_over, crew, take, out)


def _look_over(call: Call, out: Path, settings: Settings) -> None:
    """Tell what stands in the way before anything is opened that could buy."""
    script = read_script(call)
    plan = read_plan(call, script)
    fit = fit_of(plan, plan.left_usd)
    if fit is not None:
        raise OverBudget(
            f"this film costs {usd(plan.base_usd)}, and {usd(fit.left_usd)} are left under the cap.",
            hint="Nothing was sent. Raise the cap, or take a lower quality.",
        )
    if not call.rehearse and needs_key(plan) and not settings.fal_key.strip():
        raise KeyMissing(
            "FAL_KEY is not set, and a film is bought from fal.ai.",
            hint="export FAL_KEY=..., or rehearse it for $0: the same with --rehearse",
        )
    if call.rehearse and out.is_file() and _is_bought(call, out):
        raise PlanError(
            f"{out} was bought, and a rehearsal would replace it.", hint="Name another file to rehearse into."
        )


def remarks_on(script: Script) -> list[Finding]:
    """What is worth saying of a film before it is made; not that a sheet opens it: nobody chose it."""
    ours = script.story.place(EPISODE, "shots", SHOT, "first_frame")
    return [one for one in script.prepared.warnings if one.place != ours]


def needs_key(plan: Plan) -> bool:
    """Whether anything is left to be bought, or to be brought home."""
    return any(line.take is None for line in plan.lines.values())


def _is_bought(call: Call, out: Path) -> bool:
    production = read_story(call.root, episodes=()).production
    with look_into_archive(production, Folders(call.root, rehearsal=False)) as vault:
        jobs = vault.journal.jobs(EPISODE) if vault else []
        held = {one.sha256 for job in jobs if job.delivery for one in job.delivery.media}
    return bool(held) and sha256_of_file(out) in held


def _hand_over(crew: Crew, take: Take, out: Path) -> Film:
    """Copy the clip from the archive to where it is wanted."""
    with written_whole(out.absolute()) as part:
        shutil.copyfile(crew.vault.media.path(take.media), part)
    view = next(name for name in crew.circled if name.startswith(f"{CHARACTER}."))
    spent = crew.desk.spent_usd
    return Film(
        path=out,
        sha256=take.media.sha256,
        picture=crew.vault.media.path(crew.circled[view].media),
        folder=crew.folders.root,
        rehearsal=crew.folders.rehearsal,
        submitted=crew.desk.submitted,
        reused=crew.reused,
        spent_usd=Decimal(0) if crew.folders.rehearsal else spent,
        would_cost_usd=spent,
        prices_of=crew.plan.prices_of.isoformat(),
        concern="; ".join(error.message for error in crew.flagged.values()),
    )


def _unwatched(event: Event) -> None:
    """Nobody watches."""
