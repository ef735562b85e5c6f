"""`onmodel produce` and `onmodel cast`: the production's own flow, run and watched."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import typer

from onmodel.cli.edge import INTERRUPTED, NEEDS_PERSON, TERMINATED
from onmodel.cli.interrupts import interruptible
from onmodel.cli.progress import watch
from onmodel.cli.quiet import quiet_prefect
from onmodel.cli.showing import counted, in_columns, print_json, remark, say
from onmodel.planning import CAST, awaiting_in_words
from onmodel.settings import read_settings
from onmodel.stages.ending import Ending
from onmodel.stages.rehearsing import read_rehearsal
from onmodel.stages.script import Call, read_script
from onmodel.stages.season import read_season
from onmodel.studio.rehearsal.trouble_words import LIST, trouble_list
from onmodel.studio.stop import Stop
from onmodel.units import usd

LISTED: Final = 20
"""Takes that are named of those that were not bought: of a long episode there are hundreds."""


def on_purpose(trouble: list[str] | None, answers: Path | None) -> dict[str, Any]:
    """The flow's parameters for what a rehearsal does on purpose; none, as long as nothing is asked for.

    A production's own flow may be older than these, and takes them only where they are used.

    Raises:
        Exit: the list of troubles was asked for, and is shown.
    """
    if any(word in LIST for word in trouble or ()):
        for line in trouble_list():
            say(line)
        say(
            "Behind '@' whom it hits: a shot, a character, a stage, a take: 5xx@s020.keyframe, drift=1@s020.1"
        )
        raise typer.Exit
    asked = {"trouble": trouble or None, "answers": None if answers is None else str(answers.absolute())}
    return {name: value for name, value in asked.items() if value is not None}


def _call(root: Path, scope: str, parameters: dict[str, Any]) -> Call:
    answers = parameters.get("answers")
    return Call(
        root,
        scope,
        parameters["rehearse"],
        characters=tuple(parameters.get("characters") or ()),
        trouble=tuple(parameters.get("trouble") or ()),
        answers=None if answers is None else Path(answers),
    )


def run_episode(root: Path, parameters: dict[str, Any], *, prefect: Any, as_json: bool, quiet: bool) -> int:
    """Produce one episode; return the exit code.

    Raises:
        OnModelError: it could not be begun.
    """
    _look_over(_call(root, parameters["episode"], parameters))
    result = _run(root, "episode", parameters, prefect=prefect, quiet=quiet)
    if as_json:
        print_json({"schema": "onmodel.produce/1", **result.model_dump(mode="json")})
    else:
        if result.cut:
            say(f"{result.episode}: {result.cut}")
        for path in result.deliverables:
            say(f"{result.episode}: {path}")
        if result.sound:
            say(f"Sound: {result.sound}.")
        if result.on_model:
            say(f"{result.on_model}.")
        later = [f"{one.shot} take {one.take}" for one in result.shots if (one.take or 1) > 1]
        if later:
            say(f"Not the first take: {', '.join(later)}.")
        _say_costs(result)
        left_out = [shot.shot for shot in result.shots if shot.state == "left out"]
        if left_out:
            say(f"No cut yet: {', '.join(left_out)} left out, with no take yet.")
        _say_rest(result.ending)
        if result.cut and not result.awaiting:
            again = " --rehearse" if result.rehearsal else ""
            remark(f"Look at every take of it: onmodel dailies {result.episode}{again}")
    return _exit_code(result)


def run_cast(root: Path, parameters: dict[str, Any], *, prefect: Any, as_json: bool, quiet: bool) -> int:
    """Make model sheets; return the exit code.

    Raises:
        OnModelError: it could not be begun.
    """
    _look_over(_call(root, CAST, parameters))
    result = _run(root, "cast", parameters, prefect=prefect, quiet=quiet)
    if as_json:
        print_json({"schema": "onmodel.cast/1", **result.model_dump(mode="json")})
    else:
        for view, path in result.views.items():
            say(f"{view}: {path}")
        _say_costs(result)
        _say_rest(result.ending)
    return _exit_code(result)


def run_season(root: Path, parameters: dict[str, Any], *, prefect: Any, as_json: bool, quiet: bool) -> int:
    """Produce what is due of a season; return the exit code.

    Raises:
        OnModelError: it could not be begun.
    """
    read_season(root.absolute(), parameters["season"], rehearse=parameters["rehearse"])
    if not parameters["rehearse"]:
        read_settings().required_key()
    result = _run(root, "season", parameters, prefect=prefect, quiet=quiet)
    if as_json:
        print_json({"schema": "onmodel.season/1", **result.model_dump(mode="json")})
    else:
        rows = [(one.episode, one.cut or "no cut") for one in result.episodes]
        rows += [(one.episode, f"{one.state}, by a worker") for one in result.elsewhere]
        rows += [*result.left.items(), *((name, "failed") for name in result.failed)]
        rows += [(name, "not begun") for name in result.not_begun]
        for line in in_columns(rows):
            say(line)
        for one in result.episodes:
            _say_costs(one)
    return _season_code(result, rehearse=parameters["rehearse"])


def _season_code(result: Any, *, rehearse: bool) -> int:
    for name, problem in result.needs_person.items():
        remark(f"needs a person · {name}: {problem}")
    for name, words in result.waiting.items():
        remark(f"{name}: {words}\n  onmodel approve {name}{' --rehearse' if rehearse else ''}")
    if result.ending.interrupted:
        return TERMINATED if result.ending.terminated else INTERRUPTED
    # What waits for an approval needs a person too.
    return NEEDS_PERSON if result.needs_person or result.waiting else 0


def run_again(root: Path, flow: str, parameters: dict[str, Any], run: UUID, *, quiet: bool) -> int:
    """Go on with a run of Prefect's under its own id; return the exit code.

    Raises:
        OnModelError: it could not be begun.
    """
    result = _run(root, flow, parameters, prefect="auto", quiet=quiet, resume=run)
    if flow == "season":
        return _season_code(result, rehearse=bool(parameters.get("rehearse")))
    _say_costs(result)
    _say_rest(result.ending)
    return _exit_code(result)


def _look_over(call: Call) -> None:
    """Tell what is wrong at once: before Prefect is loaded, or a server started, for nothing."""
    read_rehearsal(call, read_script(call))
    if not call.rehearse:
        read_settings().required_key()


def _run(
    root: Path,
    name: str,
    parameters: dict[str, Any],
    *,
    prefect: Any,
    quiet: bool,
    resume: UUID | None = None,
) -> Any:
    settings = read_settings()
    quiet_prefect()
    from onmodel.flowkit.running import run_flow  # noqa: PLC0415 (Prefect takes seconds to import)

    folder = root.absolute()
    parameters = {**parameters, "production": str(folder)}
    with watch(quiet=quiet) as watcher:

        async def heard() -> Any:
            stop = Stop()
            with interruptible(stop, watcher.say):
                return await run_flow(
                    folder,
                    name,
                    parameters,
                    prefect=prefect,
                    settings=settings,
                    report=watcher.tell,
                    say=watcher.say,
                    stop=stop,
                    resume=resume,
                )

        try:
            return asyncio.run(heard())
        except BaseExceptionGroup as group:
            # Shots run side by side: of several unexpected errors at once the first is the one to tell.
            raise _first(group) from group


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    first = group.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first


def _say_costs(result: Any) -> None:
    made = f"{counted(result.submitted, 'request')}, {result.reused} current already"
    if result.rehearsal:
        cost = "spent $0: a rehearsal."
        if result.submitted:
            would_cost = usd(result.would_cost_usd)
            cost += f" The same would have cost {would_cost} (prices of {result.prices_of})."
    else:
        cost = f"spent {usd(result.spent_usd)} (prices of {result.prices_of})."
    say(f"{made}; {cost}")


def _say_rest(ending: Ending) -> None:
    """List what was left undone: what the next run brings home, and what it buys."""
    for label in ending.not_home:
        say(f"Not home yet, the next run fetches it: {label}")
    if not ending.not_bought:
        return
    say(f"Not bought: {counted(len(ending.not_bought), 'take')}, {usd(ending.usd)} in all:")
    rows = [(one.subject, one.work, usd(one.usd)) for one in ending.not_bought]
    for line in in_columns(rows[:LISTED], right=(2,)):
        say(f"  {line}")
    if len(rows) > LISTED:
        say(f"  and {len(rows) - LISTED} more: onmodel plan lists them all")


def _exit_code(result: Any) -> int:
    for name, problem in result.needs_person.items():
        remark(f"needs a person · {name}: {problem}")
    waits = awaiting_in_words(result.awaiting)
    if waits:
        scope = result.episode if hasattr(result, "episode") else CAST
        again = " --rehearse" if result.rehearsal else ""
        remark(f"{waits}\n  onmodel dailies {scope}{again} --serve\n  onmodel approve {scope}{again}")
    if result.ending.interrupted:
        return TERMINATED if result.ending.terminated else INTERRUPTED
    return NEEDS_PERSON if result.needs_person or result.awaiting else 0
