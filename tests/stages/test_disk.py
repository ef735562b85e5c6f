from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from onmodel.errors import SetupError
from onmodel.stages.disk import explained_disk
from onmodel.stages.together import side_by_side


def full(file: str, other: str | None = None) -> OSError:
    """What the system says when no space is left."""
    return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), file, None, other)


def test_a_full_disk_names_the_file_that_found_no_space() -> None:
    """Of a copy it is the target; the next step is told."""
    with (
        pytest.raises(SetupError, match=r"no space is left on this machine for b\.mp4") as caught,
        explained_disk(),
    ):
        raise full("a.mp4", "b.mp4")
    assert "run the same command again" in caught.value.hint


def test_other_errors_of_the_system_are_not_called_a_full_disk() -> None:
    """A fault of ours stays one."""
    with pytest.raises(PermissionError), explained_disk():
        raise PermissionError(errno.EACCES, "no")


def test_a_shot_that_finds_no_space_is_flagged_and_the_others_go_on(stage: Any) -> None:
    """No space for one shot's pictures is no crash of the run."""
    done: list[str] = []

    async def finds_none() -> None:
        raise full("piece.mp4")

    async def finds_some() -> None:
        done.append("s020")

    async def scene(crew: Any) -> dict[str, str]:
        await side_by_side(crew, {"s010": finds_none(), "s020": finds_some()})
        return {name: str(error) for name, error in crew.flagged.items()}

    assert "no space is left" in stage.run(scene)["s010"]
    assert done == ["s020"]


def test_no_space_for_the_finished_film_leaves_no_half_of_it(
    stage: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The film is in the archive: with space it is delivered, and nothing is made again."""

    def copy(source: Path, target: Path) -> None:
        target.write_bytes(b"half of it")
        raise full(str(source), str(target))

    with monkeypatch.context() as patch:
        patch.setattr("onmodel.stages.assemble.shutil.copyfile", copy)
        result = stage.produce(["s010", "s020", "s030"])
    assert (result.cut, result.submitted, list(result.needs_person)) == (None, 6, ["s01e01"])
    assert "no space is left" in result.needs_person["s01e01"]
    assert list(stage.folders.deliverables.iterdir()) == []
    assert Path(stage.produce().cut).stat().st_size > 1000
