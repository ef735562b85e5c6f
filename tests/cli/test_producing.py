"""How a season's run ends on the terminal."""

from __future__ import annotations

import pytest

from onmodel.cli.edge import NEEDS_PERSON
from onmodel.cli.producing import _season_code
from onmodel.flowkit import SeasonResult
from onmodel.flowkit.seasons import RunElsewhere

WAITS = "awaiting approval: 2 takes"
WORKER = RunElsewhere(episode="s01e01", state="Awaiting approval", message=WAITS, is_well=True, run="1")


@pytest.mark.parametrize(
    "found",
    [
        SeasonResult(season="season-1", elsewhere=[WORKER]),
        SeasonResult(season="season-1", left={"s01e01": "awaiting approval"}, held={"s01e01": WAITS}),
    ],
    ids=["a worker's", "left alone"],
)
def test_a_season_that_waits_for_approval_needs_a_person(
    found: SeasonResult, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 4, what waits and the command, whoever produced the episode; 0 once nothing waits."""
    assert _season_code(found, rehearse=True) == NEEDS_PERSON
    told = capsys.readouterr().err
    assert "s01e01: awaiting approval: 2 takes" in told
    assert "onmodel approve s01e01 --rehearse" in told
    done = WORKER.model_copy(update={"state": "Completed", "message": ""})
    assert _season_code(SeasonResult(season="season-1", elsewhere=[done]), rehearse=False) == 0
