from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from onmodel.units import digest_of
from onmodel.vault import (
    Delivery,
    Intent,
    Outcome,
    Record,
    Result,
    Sending,
    Slot,
    Vault,
    Verdict,
    open_vault,
)

OnModel = Callable[..., Any]

NOW = datetime(2026, 11, 22, 14, 2, tzinfo=UTC)
HEAVY = {"prefect", "fal_client", "boto3", "av", "cv2", "PIL", "numpy", "httpx", "rich"}
SCRIPT = """\
import sys
from onmodel.cli.edge import run
code = run(sys.argv[1:])
print(code, *sorted({name.partition(".")[0] for name in sys.modules}), file=sys.stderr)
"""


def sending(attempt: int) -> Sending:
    return Sending(
        attempt=attempt, nonce="n", session="s", host="h", arguments={"a": 1}, at=NOW, deadline=NOW
    )


def submitted(attempt: int, request_id: str) -> Outcome:
    return Outcome(attempt=attempt, kind="submitted", request_id=request_id, at=NOW)


def buy(vault: Vault, subject: str, **records: Record) -> Slot:
    """A job as the journal has it, with its price set aside."""
    content = {"cast": {"pip": {}, "mina": {}}}
    slot = Slot("full-circle", "s01e01", subject, "shoot", digest_of({**content, "s": subject}), 1)
    intent = Intent(
        slot=slot,
        label=f"s01e01 · {subject} · take 1 · image-to-video",
        endpoint="some/video",
        arguments={},
        price_usd=Decimal("0.35"),
        basis_content=content,
        made_at=NOW,
        onmodel="0",
    )
    for word, record in {"intent": intent, **records}.items():
        vault.store.create(slot.name_of(word.replace("_", ".")), record.to_bytes())
    vault.ledger("production").reserve(slot.key, Decimal("0.35"), None)
    return slot


@pytest.fixture
def bought(production: Path, tmp_path: Path) -> Path:
    """The starter production with an archive: one job done, one ambiguous, one resolved with a late id."""
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(b"a clip")
    with open_vault(
        "archive", root=production, production="full-circle", run_folder=tmp_path / "run"
    ) as vault:
        ref = vault.media.keep(clip, suffix=".mp4")
        buy(
            vault,
            "s010",
            sending_1=sending(1),
            outcome_1=submitted(1, "r-1"),
            result=Result(kind="ok", billed="yes", at=NOW),
            media=Delivery(media=(ref,), at=NOW),
            verdict=Verdict(ok=True, at=NOW),
        )
        buy(vault, "s020", sending_1=sending(1))
        lost = Outcome(attempt=1, kind="resolved", resolution="resubmit", at=NOW)
        slot = buy(
            vault,
            "s030",
            sending_1=sending(1),
            outcome_1=lost,
            outcome_1_late=submitted(1, "r-late"),
            sending_2=sending(2),
            outcome_2=submitted(2, "r-3"),
        )
        vault.ledger("production").reserve(slot.key, Decimal("0.70"), None)
    return production


def test_spend_says_where_the_money_is(bought: Path, onmodel: OnModel) -> None:
    """Each standing with its sum, the total, the caps, and what to do about the ambiguous one."""
    found = onmodel("spend")
    assert (found.code, found.err) == (0, "")
    lines = [line.split("  ") for line in found.out.splitlines()]
    sums = {line[0]: line[-1].strip() for line in lines}
    assert sums["billed, by the price table"] == "$0.35"
    assert sums["ambiguous: sent, and nobody knows"] == "$0.35"
    assert sums["late: a request that came to light"] == "$0.35"
    assert sums["counted as spent"] == "$1.40"
    assert "budget_usd  $1.40  of $20.00" in found.out
    assert "onmodel jobs --state ambiguous" in found.out


@pytest.mark.parametrize("by", ["shot", "character", "endpoint", "day"])
def test_table_csv_and_json_say_the_same(bought: Path, onmodel: OnModel, by: str) -> None:
    """Every way to draw the statement up adds up to the same dollars."""
    document = json.loads(onmodel("spend", "s01e01", "--by", by, "--json").out)
    rows = list(csv.DictReader(io.StringIO(onmodel("spend", "--by", by, "--csv").out)))
    assert [row[by] for row in rows] == [row["name"] for row in document["rows"]]
    total = sum(Decimal(row["counted_usd"]) for row in rows)
    assert total == Decimal(document["counted_usd"]) == Decimal("1.40")
    assert onmodel("spend", "--by", by).out.count("$1.40") >= 2  # the sum, and the cap
    said = "shared equally" in onmodel("spend", "--by", by).out
    assert said == (by == "character")


def test_csv_without_by_has_a_line_a_request(bought: Path, onmodel: OnModel) -> None:
    """For a spreadsheet: when, what, who, where it stands, how much, and fal's id."""
    rows = list(csv.DictReader(io.StringIO(onmodel("spend", "--csv").out)))
    assert [(row["subject"], row["standing"], row["request_id"]) for row in rows] == [
        ("s010", "billed", "r-1"),
        ("s020", "ambiguous", ""),
        ("s030", "late", "r-late"),
        ("s030", "reserved", "r-3"),
    ]
    assert {row["characters"] for row in rows} == {"mina pip"}


def test_before_anything_is_bought_nothing_is_made(onmodel: OnModel, production: Path) -> None:
    """`spend` says so and makes no archive; `verify` calls the missing archive an error."""
    assert "Nothing was bought yet." in onmodel("spend").out
    assert onmodel("spend", "--csv").out.startswith("at,job,label")
    assert onmodel("spend", "--reconcile").code == 0
    found = onmodel("verify")
    assert (found.code, "there is no archive at" in found.err) == (1, True)
    assert not (production / "archive").exists()


@pytest.mark.parametrize(
    ("typed", "code", "said"),
    [
        (("spend", "s01e1"), 1, "Did you mean 's01e01'?"),
        (("spend", "--json", "--csv"), 2, "--json and --csv"),
        (("spend", "--by", "month"), 2, "month"),
        (("spend", "--reconcile", "s01e01"), 2, "leave EPISODE"),
        (("spend", "--reconcile"), 1, "ADMIN"),
        (("verify", "s01e1"), 1, "Did you mean 's01e01'?"),
        (("restore", "s01e01"), 1, "no cut of 's01e01'"),
        (("export", "s01e01"), 1, "no cut of 's01e01'"),
        (("export", "s01e01", "--to", "aaf"), 1, "otio, otiod, otioz"),
        (("restore", "s01e01", "--from", "nowhere"), 1, "there is no archive at"),
        (("restore", "s01e01", "--from", "gs://bucket"), 1, "is not a folder"),
        (("jobs", "--state", "lost"), 1, "allowed: intended, sending, ambiguous, submitted"),
        (("jobs", "resolve", "zzz", "--lost"), 1, "0 jobs begin with 'zzz'"),
    ],
)
def test_what_cannot_be_done_is_explained(
    bought: Path, onmodel: OnModel, typed: tuple[str, ...], code: int, said: str
) -> None:
    """What was found, what is allowed, the next step; and nothing is left behind."""
    before = {path.name for path in bought.iterdir()} | {".onmodel"}
    found = onmodel(*typed)
    assert (found.code, found.out) == (code, "")
    assert said in found.err.replace("\n", " ").replace("│", "")
    assert {path.name for path in bought.iterdir()} <= before


def test_jobs_shows_what_came_late(bought: Path, onmodel: OnModel, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside the job's own request; on a narrow terminal its number at least."""
    monkeypatch.setenv("COLUMNS", "200")
    assert "submitted, 1 late" in onmodel("jobs").out
    assert "r-3, late: r-late" in onmodel("jobs").out
    monkeypatch.setenv("COLUMNS", "80")
    assert "submitted, 1 late" in onmodel("jobs", "--state", "submitted").out
    (job,) = json.loads(onmodel("jobs", "--state", "submitted", "--json").out)["jobs"]
    assert (job["request_id"], job["late"]) == ("r-3", ["r-late"])


def test_one_broken_record_hides_no_other(bought: Path, onmodel: OnModel) -> None:
    """`jobs` and `spend` tell of it, show the rest, and end with 4; `verify` names it."""
    (record,) = (bought / "archive/jobs/s01e01/s010").rglob("result.json")
    record.write_text("")
    for typed in (("jobs",), ("spend",)):
        found = onmodel(*typed)
        assert (found.code, "result.json" in found.err, "onmodel verify" in found.err) == (4, True, True)
    assert "2 of 3 jobs." in onmodel("jobs").out
    assert "counted as spent" in onmodel("spend").out
    assert len(json.loads(onmodel("jobs", "--json").out)["unreadable"]) == 1
    found = onmodel("verify", "s01e01")
    assert (found.code, "it is empty" in found.out) == (4, True)


def test_verify_says_what_it_looked_at(bought: Path, onmodel: OnModel) -> None:
    """Whole: counts and exit code 0. Altered: the object, who names it, the next step, exit code 4."""
    document = json.loads(onmodel("verify", "--json").out)
    assert (document["ok"], document["jobs"], document["media"], document["flaws"]) == (True, 3, 1, [])
    assert "3 jobs" in onmodel("verify").out
    (clip,) = (bought / "archive/media").rglob("*.mp4")
    clip.write_bytes(b"A clip")
    found = onmodel("verify")
    assert found.code == 4
    assert found.out.startswith(f"altered: media/{clip.parent.name}/{clip.name}\n")
    assert "s01e01 · s010 · take 1" in found.out
    (flaw,) = json.loads(onmodel("verify", "--json").out)["flaws"]
    assert flaw["kind"] == "altered"
    assert clip.read_bytes() == b"A clip"


@pytest.mark.parametrize("typed", [("spend",), ("jobs",), ("verify",)])
def test_looking_at_money_loads_nothing_heavy(bought: Path, typed: tuple[str, ...]) -> None:
    """They answer at once: no Prefect, no fal, no pictures, no network."""
    found = subprocess.run([sys.executable, "-c", SCRIPT, *typed], capture_output=True, text=True, check=True)
    code, *loaded = found.stderr.splitlines()[-1].split()
    assert (code, HEAVY & set(loaded)) == ("0", set())
