from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from onmodel.errors import SetupError, VaultError
from onmodel.stages.rehearsing import read_rehearsal
from onmodel.stages.script import read_script
from onmodel.vault import LocalStore, Store


def read(call: Any, **changes: Any) -> Any:
    call = replace(call, **changes)
    return read_rehearsal(call, read_script(call))


def test_nothing_asked_for_is_nothing_gone_wrong(stage: Any) -> None:
    """A call without trouble has a rehearsal without any, and no store before its archive."""
    rehearsal = read(stage.call)
    assert rehearsal.trouble.rules == ()
    assert rehearsal.store(stage.folders) is None


@pytest.mark.parametrize("asked", [{"trouble": ("429",)}, {"answers": Path()}])
def test_nothing_goes_wrong_on_purpose_where_it_costs_money(stage: Any, asked: dict[str, Any]) -> None:
    """Trouble and answers without a rehearsal are an error, before anything is opened."""
    with pytest.raises(SetupError, match="for rehearsals only"):
        read(stage.live_call, **asked)


def test_whom_it_hits_must_be_made_in_this_episode(stage: Any) -> None:
    """A shot that the episode does not have is told with the ones that it has."""
    with pytest.raises(SetupError, match="'@s999' hits nothing"):
        read(stage.call, trouble=("5xx@s999",))


def test_the_archives_trouble_strikes_once_over_runs(stage: Any, tmp_path: Path) -> None:
    """What the store has met in one run it does not meet in the next, as with fal's."""

    def open_store() -> Store:
        store: Store = read(stage.call, trouble=("s3-put-answer-lost",)).store(stage.folders)(
            LocalStore(tmp_path / "archive")
        )
        return store

    with pytest.raises(VaultError, match="the answer was lost"):
        open_store().create("x/a", b"1")
    assert not open_store().create("x/a", b"1")
