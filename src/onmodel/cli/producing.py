"""`onmodel produce` and `onmodel cast`: the production's own flow, run and watched."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from onmodel.cli.edge import NEEDS_PERSON
from onmodel.cli.progress import watch
from onmodel.cli.quiet import quiet_prefect
from onmodel.cli.showing import counted, print_json, remark, say
from onmodel.planning import CAST
from onmodel.settings import read_settings
from onmodel.stages.script import Call, read_script
from onmodel.units import usd


def run_episode(root: Path, parameters: dict[str, Any], *, prefect: Any, as_json: bool) -> int:
    """Produce one episode; return the exit code.

    Raises:
        OnModelError: it could not be begun.
    """
    _look_over(Call(root, parameters["episode"], parameters["rehearse"]))
    result = _run(root, "episode", parameters, prefect=prefect)
    if as_json:
        print_json({"schema": "onmodel.produce/1", **result.model_dump(mode="json")})
    else:
        if result.cut:
            say(f"{result.episode}: {result.cut}")
        _say_costs(result)
        left_out = [shot.shot for shot in result.shots if shot.state == "left out"]
        if left_out:
            say(f"No cut yet: {', '.join(left_out)} left out, with no take yet.")
    return _needs_person(result.needs_person)


def run_cast(root: Path, parameters: dict[str, Any], *, prefect: Any, as_json: bool) -> int:
    """Make model sheets; return the exit code.

    Raises:
        OnModelError: it could not be begun.
    """
    _look_over(Call(root, CAST, parameters["rehearse"], characters=tuple(parameters["characters"] or ())))
    result = _run(root, "cast", parameters, prefect=prefect)
    if as_json:
        print_json({"schema": "onmodel.cast/1", **result.model_dump(mode="json")})
    else:
        for view, path in result.views.items():
            say(f"{view}: {path}")
        _say_costs(result)
    return _needs_person(result.needs_person)


def _look_over(call: Call) -> None:
    """Tell what is wrong at once: before Prefect is loaded, or a server started, for nothing."""
    read_script(call)
    if not call.rehearse:
        read_settings().required_key()


def _run(root: Path, name: str, parameters: dict[str, Any], *, prefect: Any) -> Any:
    settings = read_settings()
    quiet_prefect()
    from onmodel.flowkit.running import run_flow  # noqa: PLC0415 (Prefect takes seconds to import)

    parameters = {**parameters, "production": str(root.absolute())}
    with watch() as watcher:
        try:
            return asyncio.run(
                run_flow(
                    root.absolute(),
                    name,
                    parameters,
                    prefect=prefect,
                    settings=settings,
                    report=watcher.tell,
                    say=watcher.say,
                )
            )
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


def _needs_person(problems: dict[str, str]) -> int:
    for name, problem in problems.items():
        remark(f"needs a person · {name}: {problem}")
    return NEEDS_PERSON if problems else 0
