"""A production read, looked over and held against its vault, before anything is opened that could buy.

`check` and `plan` need no more than this, so nothing heavy is imported here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

from onmodel.errors import PlanError
from onmodel.planning import (
    CAST,
    Market,
    Plan,
    Prepared,
    Records,
    make_plan,
    prepare_cast,
    prepare_episode,
)
from onmodel.planning.market import open_market
from onmodel.settings import Folders, read_settings
from onmodel.stages.caps import caps_of, left_usd
from onmodel.stages.cut_gate import with_cut
from onmodel.story import Production, Story, read_story
from onmodel.story.validation import did_you_mean
from onmodel.vault import NearMedia, Store, Vault, find_vault, open_vault


@dataclass(frozen=True)
class Call:
    """What is to be worked on, and how."""

    folder: Path
    """The production's folder."""
    scope: str
    """An episode's id, or `cast`."""
    rehearse: bool = False
    max_usd: Decimal | None = None
    """The most that this scope may have cost in all, earlier runs included."""
    characters: tuple[str, ...] = ()
    """For `cast`: which ones; none means all."""
    trouble: tuple[str, ...] = ()
    """What goes wrong in a rehearsal, as it is typed: `429=3`, `drift=0.3`."""
    answers: Path | None = None
    """A folder of files that a rehearsal answers with."""

    @property
    def again(self) -> str:
        """What a command of the same kind ends with: ` --rehearse` where a rehearsal is meant."""
        return " --rehearse" if self.rehearse else ""

    @property
    def root(self) -> Path:
        """The production's folder, whatever the process's folder is by now."""
        return self.folder.absolute()


@dataclass(frozen=True)
class Script:
    """A production read and looked over, before anything is opened that could buy."""

    story: Story
    market: Market
    prepared: Prepared


def read_script(call: Call) -> Script:
    """Read a production and look the wanted part of it over.

    Raises:
        StoryError: with every fault.
        SetupError: there is no production here.
    """
    episodes = () if call.scope == CAST else (call.scope,)
    story = read_story(call.root, episodes=episodes)
    with open_market(story) as market:
        return Script(story, market, _prepare(story, call, market))


def _prepare(story: Story, call: Call, market: Market) -> Prepared:
    if call.scope != CAST:
        if call.scope not in story.episodes:
            raise PlanError(f"'{call.scope}' is a season, not an episode", hint="Name one of its episodes.")
        return prepare_episode(story, call.scope, market)
    for name in call.characters:
        if name not in story.bibles:
            raise PlanError(
                f"unknown character '{name}'; the bibles are: {', '.join(story.bibles) or 'none yet'}.",
                hint=did_you_mean(name, story.bibles),
            )
    return prepare_cast(story, call.characters or tuple(story.bibles), market)


@contextmanager
def open_archive(
    production: Production, folders: Folders, around: Callable[[Store], Store] | None = None
) -> Iterator[Vault]:
    """Open the vault of a production, or of its rehearsals.

    Args:
        production: whose it is.
        folders: where everything of it is.
        around: puts another store before the archive: trouble, in a rehearsal.

    Raises:
        SetupError: the archive is another production's, or no folder.
        VaultError: it cannot be used.
    """
    with open_vault(
        folders.archive(production.archive),
        root=folders.root,
        production=production.name,
        run_folder=folders.run,
        near=_near(folders),
        around=around,
    ) as vault:
        yield vault


@contextmanager
def look_into_archive(production: Production, folders: Folders) -> Iterator[Vault | None]:
    """Open the vault to read; one that was never made is not made for this."""
    found = find_vault(
        folders.archive(production.archive),
        root=folders.root,
        production=production.name,
        run_folder=folders.run,
        near=_near(folders),
    )
    with found or nullcontext() as vault:
        yield vault


def _near(folders: Folders) -> NearMedia:
    return NearMedia(folders.cache / "media", read_settings().cache_bytes)


def read_plan(call: Call, script: Script) -> Plan:
    """Hold a script against its vault.

    Raises:
        VaultError: the archive cannot be read.
    """
    with look_into_archive(script.story.production, Folders(call.root, call.rehearse)) as vault:
        return plan_in(vault, call, script)


def plan_in(vault: Vault | None, call: Call, script: Script) -> Plan:
    """Hold a script against a vault that is open; None is one that was never made."""
    records = read_records(vault, call.scope) if vault else Records(())
    plan = make_plan(script.prepared, records, script.story.production, script.market)
    plan = with_cut(plan, script.story, vault, records)
    rules = caps_of(script.story, call.scope, call.max_usd, rehearse=call.rehearse)
    return replace(plan, left_usd=left_usd(vault, rules))


def read_records(vault: Vault, scope: str) -> Records:
    """The jobs of an episode and of the cast, and what people decided about them."""
    scopes = sorted({scope, CAST})
    decisions = [one for name in scopes for one in vault.decisions.of(name)]
    return Records((job for name in scopes for job in vault.journal.jobs(name)), decisions)
