"""A small production under a real Prefect server: what a producer sees there, and what nobody ever sees.

The tests go on from each other in the order they stand in: one server, one production, little time.
"""

from __future__ import annotations

import http.server
import json
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import httpx
import pytest

from onmodel.flowkit.rows import VERDICTS

pytestmark = [
    pytest.mark.server,
    pytest.mark.cluster,
    # The server outlives whoever started it: that is what it is for.
    pytest.mark.filterwarnings("ignore:subprocess .* is still running:ResourceWarning"),
]

T = TypeVar("T")

RECORDED_WITHIN_S = 30.0


def runs(filmed: Any, name: str) -> list[dict[str, Any]]:
    return filmed.ask("flow_runs", flow_runs={"name": {"any_": [name]}}, sort="START_TIME_ASC")  # type: ignore[no-any-return]


def rows(filmed: Any, run: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """A run's rows as they are recorded so far: state and tags by name."""
    wanted = {"flow_runs": {"id": {"any_": [run["id"]]}}, "sort": "EXPECTED_START_TIME_ASC"}
    return {
        row["name"]: {"state": row["state_name"], "type": row["state_type"], "tags": set(row["tags"])}
        for row in filmed.ask("task_runs", **wanted)
    }


def _soon(ask: Callable[[], T], enough: Callable[[T], bool]) -> T:
    """What the server says once it says enough: it writes events and rows down a moment after they happen."""
    deadline = time.monotonic() + RECORDED_WITHIN_S
    while not enough(found := ask()) and time.monotonic() < deadline:
        time.sleep(0.3)
    return found


def _events(filmed: Any, prefix: str) -> set[str]:
    """What was told to automations: the names of events, behind a prefix."""
    asked = {"filter": {"event": {"prefix": [prefix]}}, "limit": 50}

    def told() -> set[str]:
        answer = httpx.post(f"{filmed.api}/events/filter", json=asked, timeout=30).raise_for_status().json()
        return {event["event"].removeprefix(prefix) for event in answer["events"]}

    return _soon(told, bool)


def artifacts(filmed: Any, key: str) -> list[dict[str, Any]]:
    return filmed.ask("artifacts", artifacts={"key": {"any_": [key]}})  # type: ignore[no-any-return]


def test_an_episode_is_shown_as_a_producer_reads_it(filmed: Any) -> None:
    """`auto` finds the production's server: a tagged run, a named and tagged row a step, plan and result."""
    done = filmed.onmodel("produce", "s01e01", "--rehearse", "--json")
    assert done.returncode == 0, done.stderr
    assert "Under Prefect: http://127.0.0.1:" in done.stderr
    result = json.loads(done.stdout)
    (run,) = runs(filmed, "s01e01")
    assert run["state_name"] == "Completed"
    assert set(run["tags"]) >= {"rehearsal", "s01e01", "pip"}
    found = _until_recorded(filmed, run, 8)
    clip = found["s01e01 · s010 · take 1 · image-to-video"]
    assert clip["tags"] >= {"shoot", "s01e01", "s010", "pip", "rehearsal"}
    assert clip["tags"] & VERDICTS.keys() == {
        state for state, name in VERDICTS.items() if name == clip["state"].partition(",")[0]
    }
    assert any("image-to-video" in tag for tag in clip["tags"])
    assert found["cast · pip.default.front · take 1 · model sheet"]["tags"] >= {"sheet", "cast", "pip"}
    assert {"s01e01 · s010 · take 1 · keyframe", "s01e01 · s010 · conform", "s01e01 · cut"} <= found.keys()
    (plan,) = artifacts(filmed, "s01e01-plan")
    assert {row["state"] for row in json.loads(plan["data"])} == {"missing"}
    (told,) = artifacts(filmed, "s01e01-result")
    assert result["cut"] in told["data"]
    assert "## Who is recognised" in told["data"]
    assert "finished" in _events(filmed, "onmodel.episode.")


def test_progress_is_shown_to_its_end(filmed: Any) -> None:
    """The progress artifact of a finished run says so: all shots, seconds, and money against the plan."""
    (progress,) = artifacts(filmed, "s01e01-progress")
    assert progress["data"] == 100
    assert "1 of 1 shots · 1.0 of 1.0 s of the cut · requests of $" in progress["description"]
    assert "| s01e01 | assemble |  | done |" in progress["description"]


def test_what_everything_was_made_from_is_shown(filmed: Any) -> None:
    """Lineage leads from the bible over sheet, keyframe and take to the episode."""
    (lineage,) = artifacts(filmed, "s01e01-lineage")
    made = {row["what"]: row["made from"] for row in json.loads(lineage["data"])}
    assert made["bible · pip"] == ""
    assert made["model sheet · pip.default.front · take 1"] == "bible · pip"
    assert "pip.default.front.sheet" in made["keyframe · s010 · take 1"]
    assert made["image-to-video · s010 · take 1"] == "s010.keyframe"
    assert made["episode · s01e01"] == "s010.shoot"


def test_pictures_are_shown_by_the_server_itself(filmed: Any) -> None:
    """Contact sheet and model sheet are images at an address of the server's own; nothing else is served."""
    server = filmed.api.removesuffix("/api")
    for key in ("s01e01-contact-sheet", "pip-default-model-sheet"):
        (shown,) = artifacts(filmed, key)
        assert shown["type"] == "image"
        picture = httpx.get(server + shown["data"], timeout=30)
        assert (picture.status_code, picture.headers["content-type"]) == (200, "image/jpeg")
    for path in ("../prefect.db", "..%2fprefect.db", "none.jpg"):
        assert httpx.get(f"{server}/onmodel/pictures/{path}", timeout=30).status_code in (400, 404)


@pytest.mark.parametrize("page", ["/dashboard", "/v2/dashboard"])
def test_its_pages_may_ask_no_other_host(filmed: Any, page: str) -> None:
    """Both of Prefect's pages come under a policy by which a browser asks nobody but this server."""
    found = httpx.get(filmed.api.removesuffix("/api") + page, headers={"accept": "text/html"}, timeout=30)
    assert found.status_code == 200
    policy = dict(
        part.strip().partition(" ")[::2] for part in found.headers["content-security-policy"].split(";")
    )
    assert policy["default-src"] == policy["connect-src"] == "'self'"
    assert not [part for part in policy.values() if "http" in part or "*" in part]


def _until_recorded(filmed: Any, run: dict[str, Any], count: int) -> dict[str, dict[str, Any]]:
    """A run's rows, once so many have ended under the names that we give them, with dots."""
    return _soon(
        lambda: rows(filmed, run),
        lambda found: (
            sum(" · " in name and row["type"] == "COMPLETED" for name, row in found.items()) >= count
        ),
    )


def test_what_needs_a_person_says_so(filmed: Any) -> None:
    """A flagged shot: exit code 4 with the whole result, and a run that is named for it."""
    path = filmed.root / "episodes" / "s01e01.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("it blinks", "it waves"), encoding="utf-8")
    done = filmed.onmodel("produce", "s01e01", "--rehearse", "--json", "--max-usd", "0.01")
    path.write_text(text, encoding="utf-8")
    assert done.returncode == 4, done.stderr
    assert json.loads(done.stdout)["needs_person"]["s01e01"]
    run = runs(filmed, "s01e01")[-1]
    assert (run["state_type"], run["state_name"]) == ("COMPLETED", "Needs a person")
    assert "s01e01: " in run["state"]["message"]


def test_a_known_error_is_one_message(filmed: Any) -> None:
    """A known error: exit code 1, and our message once, with nothing of Prefect's around it."""
    done = filmed.onmodel("produce", "s01e01", "--rehearse", "--shots", "s999")
    assert done.returncode == 1
    assert done.stderr.count("has no shot 's999'") == 1
    assert "Traceback" not in done.stderr
    assert len([line for line in done.stderr.splitlines() if not line.startswith("Under Prefect")]) <= 2


def test_the_home_folder_stays_empty(filmed: Any) -> None:
    """The command line leaves no database and no stored errors of Prefect in the home folder."""
    left = [path.name for path in Path(filmed.home).rglob("*") if path.is_file()]
    assert left == []


RETRIES = """
import asyncio
from types import SimpleNamespace
from prefect import flow
from onmodel.errors import FetchFailed, SubmitOutcomeUnknown
from onmodel.flowkit import steps

class Nobody:
    def begin(self, *_): pass
    end = begin

steps._do = steps._do.with_options(retry_delay_seconds=0)
crew = SimpleNamespace(
    scope="s01e01", plan=SimpleNamespace(lines={}), folders=SimpleNamespace(rehearsal=False)
)
step = steps.WatchedSteps(crew, Nobody())
tried = []

async def fetch():
    tried.append("fetch")
    if tried.count("fetch") < 3:
        raise FetchFailed("the connection broke")
    return "here"

async def submit():
    tried.append("submit")
    raise SubmitOutcomeUnknown("nobody knows")

@flow
async def both():
    try:
        await step("s01e01 \u00b7 s010 \u00b7 take 1 \u00b7 {x}", "shoot", submit)
    except SubmitOutcomeUnknown:
        return await step("s01e01 \u00b7 s020 \u00b7 take 1 \u00b7 x", "shoot", fetch)

print(asyncio.run(both()), *tried)
"""


def test_only_transport_is_retried_by_prefect(filmed: Any, tmp_path: Path) -> None:
    """A download that failed is fetched twice more; a submit that nobody knows of is never sent again."""
    script = tmp_path / "retries.py"
    script.write_text(RETRIES, encoding="utf-8")
    done = filmed.python(str(script), PREFECT_API_URL=filmed.api)
    assert done.stdout.split() == ["here", "submit", "fetch", "fetch", "fetch"], done.stderr


def test_a_failed_row_says_what_a_person_has_to_do(filmed: Any) -> None:
    """An ambiguous submit is a row of that name, in red, with no traceback in the run's log."""
    wanted = {"state": {"name": {"any_": ["Needs a person"]}}}
    (failed,) = _soon(lambda: filmed.ask("task_runs", task_runs=wanted), bool)
    assert failed["name"] == "s01e01 · s010 · take 1 · {x}"
    assert failed["state_type"] == "FAILED"
    assert failed["state"]["message"] == "ambiguous submit: nobody knows"
    logs = filmed.ask("logs", logs={"flow_run_id": {"any_": [failed["flow_run_id"]]}})
    assert not [line for line in logs if "Traceback" in line["message"]]


BLOCK = """
import sys
from prefect.blocks.notifications import CustomWebhookNotificationBlock as Block
json = {"subject": "{{subject}}", "body": "{{body}}"}
print(Block(name="producer", url=sys.argv[1], json_data=json).save("producer"))
"""

TAKE = """
from types import SimpleNamespace
from prefect import flow
from onmodel.flowkit.signals import signal_take
from onmodel.stages.crew import Event

crew = SimpleNamespace(
    story=SimpleNamespace(production=SimpleNamespace(name="small")),
    scope="s01e01",
    folders=SimpleNamespace(rehearsal=False),
)

@flow
def take():
    signal_take(crew, Event("s010", "shoot", "circled", "", 1))
    signal_take(crew, Event("s010", "shoot", "off-model", "pip: it scores 0.37", 2))

take()
"""


class _Listener(http.server.BaseHTTPRequestHandler):
    """A producer's chat: keeps what it is sent."""

    heard: ClassVar[list[dict[str, str]]] = []

    def do_POST(self) -> None:
        """Keep a message."""
        length = int(self.headers["content-length"])
        self.heard.append(json.loads(self.rfile.read(length)))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Stay quiet."""


def test_a_producer_is_told_of_a_take_that_is_off_model(filmed: Any, tmp_path: Path) -> None:
    """`deploy/automation-off-model.yaml`, with the id of a notification block: the message names the take."""
    listener = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Listener)
    threading.Thread(target=listener.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{listener.server_address[1]}/"
    made = filmed.python("-c", BLOCK, address, PREFECT_API_URL=filmed.api)
    assert made.returncode == 0, made.stderr
    text = (filmed.root / "deploy" / "automation-off-model.yaml").read_text(encoding="utf-8")
    wanted = tmp_path / "automation.yaml"
    wanted.write_text(text.replace("NOTIFICATION-BLOCK", made.stdout.split()[-1]), encoding="utf-8")
    made = filmed.prefect("automation", "create", "--from-file", str(wanted))
    assert made.returncode == 0, made.stdout + made.stderr
    told = filmed.python("-c", TAKE, PREFECT_API_URL=filmed.api)
    assert told.returncode == 0, told.stderr
    _wait_until(lambda: bool(_Listener.heard))
    listener.shutdown()
    listener.server_close()
    assert [one["subject"] for one in _Listener.heard] == [
        "onmodel: s01e01 · s010 · shoot · take 2 is not on-model"
    ]
    assert "pip: it scores 0.37" in _Listener.heard[0]["body"]


def _wait_until(there: Callable[[], bool]) -> None:
    """Wait for what the server does by itself a moment later.

    Raises:
        AssertionError: it does not.
    """
    deadline = time.monotonic() + RECORDED_WITHIN_S
    while not there():
        assert time.monotonic() < deadline
        time.sleep(0.3)


def test_the_key_is_nowhere(filmed: Any, key: str) -> None:
    """After all this the fal key stands in no database, log, artifact, parameter, manifest or error."""
    files = [path for path in filmed.root.rglob("*") if path.is_file()]
    assert any(path.name == "prefect.db" for path in files)
    assert [path for path in files if key.encode() in path.read_bytes()] == []
