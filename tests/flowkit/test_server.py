"""The production's own server: started once, found again, ended; what it left behind is never mistaken.

A small HTTP server stands in for Prefect here: it takes the same command line and answers at once.
`test_under_server.py` has the real one.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from onmodel.errors import SetupError
from onmodel.flowkit import server as server_module
from onmodel.flowkit.server import Server, answering_url, answers

# The server outlives whoever started it: that is what it is for.
pytestmark = pytest.mark.filterwarnings("ignore:subprocess .* is still running:ResourceWarning")

PYTHON = sys.executable

STAND_IN = """\
#!{python}
import http.server, os, sys, time
class Health(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response({status})
        self.end_headers()
    def log_message(self, *args): pass
print("FAL_KEY" in os.environ, os.environ["PREFECT_HOME"], os.getsid(0) == os.getpid(), flush=True)
time.sleep({late_s})
address = ("127.0.0.1", int(sys.argv[sys.argv.index("--port") + 1]))
http.server.ThreadingHTTPServer(address, Health).serve_forever()
"""


def stand_in(folder: Path, patch: pytest.MonkeyPatch, text: str) -> None:
    program = folder / "python"
    program.write_text(text, encoding="utf-8")
    program.chmod(0o755)
    patch.setattr(sys, "executable", str(program))


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    stand_in(tmp_path, monkeypatch, STAND_IN.format(python=PYTHON, status=200, late_s=0.2))
    monkeypatch.setattr(server_module, "POLL_S", 0.02)
    monkeypatch.setenv("FAL_KEY", "a-key")
    found = Server(tmp_path / "production")
    yield found
    found.stop()


def note(server: Server) -> dict[str, object]:
    found: dict[str, object] = json.loads((server.folder / "server.json").read_text(encoding="utf-8"))
    return found


def test_a_server_is_started_found_and_ended(server: Server) -> None:
    """Start waits until it answers, status finds it, stop ends it; stopping twice is no error."""
    assert server.url() is None
    url = server.start()
    assert answers(url)
    assert server.url() == answering_url(server.root, None) == url
    assert server.start() == url
    assert server.stop() is True
    assert not answers(url)
    assert server.stop() is False
    assert server.url() is None


def test_the_server_stays_without_the_key_and_without_the_terminal(server: Server) -> None:
    """It is in a session of its own, keeps its data in the production, and is not given the fal key."""
    server.start()
    assert server.log.read_text(encoding="utf-8").split() == ["False", str(server.folder.resolve()), "True"]


def test_two_starts_at_once_make_one_server(server: Server) -> None:
    """Two commands that need a server at the same moment end up at the same one."""
    found: list[str] = []
    starts = [threading.Thread(target=lambda: found.append(server.start())) for _ in range(4)]
    for one in starts:
        one.start()
    for one in starts:
        one.join()
    assert len(found) == 4
    assert len(set(found)) == 1


def test_the_note_of_a_killed_server_is_stale(server: Server) -> None:
    """A server that was killed is not found any more, and the next start makes a new one."""
    first = server.start()
    killed = note(server)["pid"]
    assert isinstance(killed, int)
    os.kill(killed, signal.SIGKILL)
    os.waitpid(killed, 0)
    assert server.url() is None
    assert server.start() != first
    assert note(server)["pid"] != killed


def test_a_stale_note_never_ends_another_s_process(server: Server) -> None:
    """After a restart of the machine the noted number may be somebody else's: it is left alone."""
    server.folder.mkdir(parents=True)
    (server.folder / "server.json").write_text(
        json.dumps({"pid": os.getpid(), "url": "http://127.0.0.1:9/api"}), encoding="utf-8"
    )
    assert server.url() is None
    assert server.stop() is False  # or this test run would have been ended
    assert not (server.folder / "server.json").exists()


def test_another_s_server_at_the_noted_address_is_not_ours(server: Server, tmp_path: Path) -> None:
    """A port is given out again, too: a production whose own server is gone does not film under another's."""
    server.start()
    other = Server(tmp_path / "other")
    other.folder.mkdir(parents=True)
    (other.folder / "server.json").write_text(json.dumps(note(server)), encoding="utf-8")
    assert other.url() is None
    assert other.stop() is False
    assert server.url() is not None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": "1"}', '{"pid": 1}'])
def test_a_note_that_cannot_be_read_is_no_note(server: Server, text: str) -> None:
    """A half-written note is as none at all."""
    server.folder.mkdir(parents=True)
    (server.folder / "server.json").write_text(text, encoding="utf-8")
    assert server.url() is None
    assert server.stop() is False


def test_a_server_that_ends_at_once_is_told_with_its_last_words(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A port that was taken, or a broken installation: exit code, last line and the log's place."""
    stand_in(tmp_path, monkeypatch, "#!/bin/sh\necho 'address already in use'\nexit 3\n")
    with pytest.raises(SetupError, match="exit code 3; it said last: address already in use") as raised:
        server.start()
    assert str(server.log) in raised.value.hint
    assert server.url() is None


def test_a_server_that_never_answers_is_given_up_and_ended(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Waiting has an end, and nothing is left running."""
    stand_in(tmp_path, monkeypatch, STAND_IN.format(python=PYTHON, status=500, late_s=0))
    monkeypatch.setattr(server_module, "READY_WITHIN_S", 0.6)
    with pytest.raises(SetupError, match="did not answer within"):
        server.start()
    assert not (server.folder / "server.json").exists()
    deadline = time.monotonic() + 5
    while server._lives() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not server._lives()


def test_looking_makes_nothing(tmp_path: Path) -> None:
    """Asking for a server of a production that never had one leaves no folder behind."""
    assert Server(tmp_path).url() is None
    assert Server(tmp_path).stop() is False
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/api", "not an address", "http://127.0.0.1:99999", ""])
def test_an_address_without_a_server_does_not_answer(url: str) -> None:
    """Nothing there, or no address at all: no answer, and no error."""
    assert answers(url) is False
