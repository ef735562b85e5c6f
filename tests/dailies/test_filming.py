"""What is filmed from the page: whatever becomes of it, the page says so and the server ends."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from onmodel.dailies.filming import Filming, Progress
from onmodel.dailies.server import Review
from onmodel.stages import apart
from onmodel.stages.script import Call


async def filmed(root: Path) -> Progress:
    """Film once, to the end; then end as the server does."""
    crew = Filming(Call(root, "s01e01", rehearse=True))
    crew.start()
    async with asyncio.timeout(20):
        while crew.progress.running:  # noqa: ASYNC110 (as the page does: it asks again and again)
            await asyncio.sleep(0.01)
        await crew.stop()
    return crew.progress


def test_what_cannot_be_begun_is_told(tmp_path: Path) -> None:
    """A folder that is gone: the page says so instead of "filming" for ever, and the server can end."""
    found = asyncio.run(filmed(tmp_path / "gone"))
    assert (found.running, found.failed) == (False, True)
    assert "could not be filmed" in found.said
    assert "No such file" in found.said


@pytest.mark.parametrize("code", [0, 1])
def test_a_line_that_nobody_could_read_ends_no_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    """Longer than what is kept of a line: the run goes on, and its end is told as ever."""
    script = (
        "import sys; print('begun', file=sys.stderr, flush=True); print('x' * 5_000_000, file=sys.stderr);"
        f"print('at the end', file=sys.stderr); print('1 of 1 shot is on-model'); sys.exit({code})"
    )
    monkeypatch.setattr(apart, "PROGRAM", (sys.executable, "-c", script))
    found = asyncio.run(filmed(tmp_path))
    said = "It ended with exit code 1: at the end" if code else "1 of 1 shot is on-model"
    assert found == Progress(running=False, said=said, failed=bool(code))


def test_the_archive_is_closed_whatever_filming_says(tmp_path: Path) -> None:
    """The server lets go of the archive even where ending the run fails."""
    review = Review(Call(tmp_path, "s01e01", rehearse=True), "ada", lambda: None)
    closed: list[str] = []
    review._open.callback(closed.append, "archive")

    async def end() -> None:
        async def broken() -> None:
            raise PermissionError("no")

        review.filming._task = asyncio.create_task(broken())
        await asyncio.sleep(0)
        await review.close()

    with pytest.raises(PermissionError):
        asyncio.run(end())
    assert closed == ["archive"]
