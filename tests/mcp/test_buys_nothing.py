"""The server as an agent starts it: a process, spoken to over its stdin and stdout, with a key at hand."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.types import CallToolResult

KEY = "0123456789-this-is-no-key:abcdef"

WALL = '''\
"""Every Python process of this test writes down whom it wants to reach, and which keys it was given."""
import os, socket

def _told(line):
    with open(os.environ["ONMODEL_TEST_LOG"], "a", encoding="utf-8") as log:
        log.write(line + "\\n")

def _wall(name):
    real = getattr(socket.socket, name)
    def reached(self, address, *more):
        if self.family != socket.AF_UNIX:
            _told(f"{name} {address}")
            raise OSError("nothing may leave this machine")
        return real(self, address, *more)
    setattr(socket.socket, name, reached)

def _asked(host, *more, **named):
    _told(f"getaddrinfo {host}")
    raise socket.gaierror("nobody is known here")

for name in ("connect", "connect_ex", "sendto"):
    _wall(name)
socket.getaddrinfo = _asked
_told("a process began" + (" with a key" if os.environ.get("FAL_KEY") else ""))
'''

CALLS: dict[str, dict[str, Any]] = {
    "scam_prompt": {"subject": "a small blue robot"},
    "image_to_video_prompt": {"image": "a robot", "motion": "it nods"},
    "negative_prompt": {"style": "anime"},
    "select_model": {"image": True},
    "validate_prompt": {"text": "a dancing robot", "mode": "motion-control"},
    "check": {},
    "plan": {"episode": "s01e01"},
    "diagnose": {"episode": "s01e01", "shot": "s010", "problem": "face-changing"},
    "rehearse": {"episode": "s01e01", "shots": ["s010"]},
    "takes": {"episode": "s01e01", "rehearse": True},
}


class Day:
    """What one agent did with the server."""

    def __init__(self) -> None:
        self.tools: set[str] = set()
        self.results: dict[str, CallToolResult] = {}
        self.progress: list[str] = []
        self.log: list[str] = []


@pytest.fixture(scope="module")
def day(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Day:
    """Every tool called once, over stdio, with FAL_KEY set; who reaches for the network is written down."""
    folder = tmp_path_factory.mktemp("wall")
    log = folder / "log"
    (folder / "sitecustomize.py").write_text(WALL, encoding="utf-8")
    environment = {
        **os.environ,
        "FAL_KEY": KEY,
        "PYTHONPATH": str(folder),
        "ONMODEL_TEST_LOG": str(log),
    }
    environment.pop("PREFECT_API_URL", None)
    server = StdioServerParameters(
        command=sys.executable,
        args=["-P", "-c", "from onmodel.cli import main; main()", "mcp", "-p", str(shared)],
        env=environment,
    )
    found = Day()

    async def told(progress: float, total: float | None, message: str | None) -> None:
        found.progress.append(message or "")

    async def lived() -> None:
        with (folder / "stderr").open("w", encoding="utf-8") as errors:
            async with Client(stdio_client(server, errlog=errors)) as client:
                found.tools = {tool.name for tool in (await client.list_tools()).tools}
                for name, arguments in CALLS.items():
                    found.results[name] = await client.call_tool(name, arguments, progress_callback=told)

    asyncio.run(lived())
    found.log = log.read_text(encoding="utf-8").splitlines()
    return found


def test_every_tool_of_the_server_was_called(day: Day) -> None:
    """What follows holds for all of them."""
    assert set(CALLS) == day.tools
    failed = {name: result.content for name, result in day.results.items() if result.is_error}
    assert failed == {}


def test_nothing_is_sent(day: Day) -> None:
    """With a key at hand, no process of the server, and none that it starts, reaches for the network."""
    assert [line for line in day.log if not line.startswith("a process began")] == []


def test_what_a_rehearsal_runs_in_has_no_key(day: Day) -> None:
    """Only the server was started with one; the process that runs the production's own flow has none."""
    assert day.log.count("a process began with a key") == 1
    assert day.log.count("a process began") >= 1


def test_nothing_is_bought(day: Day, shared: Path) -> None:
    """There is no archive and no cut but those of the rehearsal, which has made the shot."""
    rehearsed = day.results["rehearse"].structured_content
    assert rehearsed is not None
    assert rehearsed["made"] == 3
    assert [shot["state"] for shot in rehearsed["shots"]] == ["circled", "left out"]
    assert not (shared / "archive").exists()
    assert (shared / ".onmodel/rehearsal/archive").is_dir()


def test_progress_is_told_as_it_goes(day: Day) -> None:
    """Sheet, keyframe and clip, each by its name."""
    assert any("s010" in line and "circled" in line for line in day.progress)


def test_takes_are_told_as_seen_from_the_production(day: Day, shared: Path) -> None:
    """No path of this machine: an agent reads them from the folder that it was given."""
    takes = day.results["takes"].structured_content
    assert takes is not None
    assert len(takes["takes"]) == 2
    for take in takes["takes"]:
        assert not Path(take["file"]).is_absolute()
        assert (shared / take["file"]).is_file()


def test_the_server_imports_nothing_that_could_buy() -> None:
    """Neither the wire nor fal's client, nor Prefect, is loaded by the server and its tools."""
    script = (
        "import sys, onmodel.mcp.server;"
        "print(sorted(n for n in sys.modules if n.startswith(('onmodel.studio', 'fal_client', 'prefect'))))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
