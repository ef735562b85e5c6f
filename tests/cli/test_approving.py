from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from onmodel.cli import approving
from onmodel.cli.edge import run
from onmodel.scaffold import write_starter

OnModel = Callable[..., Any]
REHEARSE = ("produce", "s01e03", "--rehearse", "--prefect", "off")

EPISODE = """\
episode: 1
title: Two shots
approve: [takes, cut]
defaults: {seconds: 3}
shots:
  s010: {setting: a quiet beach at dawn, start: mist over the water, action: the mist lifts}
  s020: {setting: the same beach at noon, start: sun over the water, action: a gull flies by}
"""


@pytest.fixture(scope="module")
def rehearsed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A production whose episode was rehearsed up to its first gate, once for all tests."""
    folder = tmp_path_factory.mktemp("gated")
    write_starter(folder)
    settings = folder / "production.yaml"
    settings.write_text(settings.read_text(encoding="utf-8").replace("720p", "180p"), encoding="utf-8")
    (folder / "episodes" / "s01e03.yaml").write_text(EPISODE, encoding="utf-8")
    assert run([*REHEARSE, "--production", str(folder)]) == 4
    return folder


@pytest.fixture
def gated(production: Path, rehearsed: Path) -> Path:
    """The rehearsed production, copied to where the test stands."""
    shutil.copytree(rehearsed, production, dirs_exist_ok=True)
    return production


def test_awaiting_approval_is_exit_code_4_and_says_what_to_type(gated: Path, onmodel: OnModel) -> None:
    """The run ends in order: no cut, nothing that needs a person, and the whole next command."""
    done = onmodel(*REHEARSE)
    assert done.code == 4
    assert done.err.endswith(
        "awaiting approval: 2 takes\n"
        "  onmodel dailies s01e03 --rehearse --serve\n"
        "  onmodel approve s01e03 --rehearse\n"
    )
    assert "needs a person" not in done.err
    result = json.loads(onmodel(*REHEARSE, "--json").out)
    assert (result["awaiting"], result["cut"]) == ({"takes": 2}, None)
    assert {shot["state"] for shot in result["shots"]} == {"awaiting approval"}


def test_the_plan_and_the_list_say_what_waits(gated: Path, onmodel: OnModel) -> None:
    """Both name it, nothing is decided by looking, and `plan --json` has it line by line."""
    page = onmodel("plan", "s01e03", "--rehearse").out
    assert page.count("awaits approval") == 2
    assert "Awaiting approval: 2 takes: onmodel approve s01e03 --rehearse" in page
    listed = onmodel("approve", "s01e03", "--rehearse", "--list")
    assert "takes  s01e03 · s010 · take 1 · text-to-video" in listed.out
    assert "nothing was decided" in listed.out
    plan = json.loads(onmodel("plan", "s01e03", "--rehearse", "--json").out)
    assert (plan["gates"], plan["awaiting"], plan["held_usd"]) == (["takes", "cut"], {"takes": 2}, "0")
    waits = {"gate": "takes", "by": None, "at": None, "why": None}
    assert [line["approval"] for line in plan["lines"]] == [waits, waits]


def test_approving_goes_gate_by_gate_to_the_delivered_cut(gated: Path, onmodel: OnModel) -> None:
    """The takes, then the cut for review, then the delivery; each answer says what is next."""
    one = onmodel("approve", "s01e03", "--shots", "s010", "--rehearse", "--as", "ada", "--note", "yes")
    assert one.out.endswith(
        "1 approved; still awaiting approval: 1 take.\n"
        "Next: onmodel produce s01e03 --rehearse (nothing is to be bought)\n"
    )
    assert onmodel("approve", "s01e03", "--rehearse", "--as", "bo").code == 0
    cut = onmodel(*REHEARSE)
    assert cut.code == 4
    assert "s01e03.review.mp4" in cut.out
    assert "awaiting approval: 1 cut" in cut.err
    answer = json.loads(onmodel("approve", "s01e03", "--rehearse", "--as", "cy", "--json").out)
    assert [one["id"] for one in answer["approved"]] == ["s01e03.cut"]
    assert (answer["awaiting"], answer["goes_on"]) == ({}, None)
    done = onmodel(*REHEARSE)
    assert done.code == 0
    assert "s01e03.mp4" in done.out
    assert "The cut was approved by cy on " in onmodel("plan", "s01e03", "--rehearse").out
    manifest = json.loads((gated / "deliverables/rehearsal/s01e03.manifest.json").read_text(encoding="utf-8"))
    assert [(one["of"], one["by"]) for one in manifest["decisions"]] == [
        ("shoot", "ada"),
        ("shoot", "bo"),
        ("cut", "cy"),
    ]


def test_what_nobody_is_asked_about_is_said(gated: Path, onmodel: OnModel) -> None:
    """With nothing to approve, the answer says whether there are gates at all."""
    none = onmodel("approve", "s01e01", "--rehearse")
    assert none.out == "s01e01 asks nobody: `approve` in production.yaml names no gate.\n"
    onmodel("approve", "s01e03", "--rehearse")
    again = onmodel("approve", "s01e03", "--rehearse")
    assert again.out.startswith("Nothing of s01e03 waits for approval (gates: takes, cut).")
    twice = onmodel("approve", "s01e03", "--rehearse", "--shots", "s010")
    assert twice.out.startswith("approved before: s010.shoot by ")
    assert onmodel("approve", "s01e03", "--rehearse", "--shots", "s999").code == 1


def test_a_known_deployment_goes_on_with_it(
    gated: Path, onmodel: OnModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a deployment films it, its run is named instead of the next command; --list starts none."""
    monkeypatch.setattr(approving, "go_on_with", lambda call: f"run of {call.scope}{call.again}")
    assert "run of" not in onmodel("approve", "s01e03", "--rehearse", "--list").out
    assert onmodel("approve", "s01e03", "--rehearse").out.endswith("2 approved.\nrun of s01e03 --rehearse\n")
    assert "run of" not in onmodel("approve", "s01e03", "--rehearse").out


def test_prefect_is_not_loaded_where_no_server_can_be(gated: Path) -> None:
    """Without a server's note or address, approving does not wait for Prefect's import."""
    from onmodel.stages.script import Call  # noqa: PLC0415 (beside the one that is tested)

    assert approving.go_on_with(Call(gated, "s01e03", rehearse=True)) is None


def test_a_note_is_kept_and_listed_with_its_take(gated: Path, onmodel: OnModel) -> None:
    """Time, place and words stand with the take, in words and as JSON; the next command is whole."""
    kept = onmodel(
        "note",
        "s01e03",
        "s010",
        "1",
        "no gull",
        "--at",
        "1.5",
        "--box",
        "0,0,0.5,1",
        "--rehearse",
        "--as",
        "ada",
    )
    line = "note by ada at 1.5 s, in 0,0,0.5,1: no gull"
    assert kept.out == f"s01e03 · s010 · take 1: {line}\n"
    assert kept.err.endswith("onmodel retake s01e03 s010 --rehearse\n")
    assert f"     {line}\n" in onmodel("takes", "s01e03", "--rehearse").out
    rows = json.loads(onmodel("takes", "s01e03", "--rehearse", "--json").out)["takes"]
    assert [row["said"] for row in rows] == [[line], []]


@pytest.mark.parametrize("box", ["1,2,3", "a,b,c,d", "", "0,0,2,2", "nan,0,1,1", "0,0,1,1,1"])
def test_a_box_that_is_none_is_refused(gated: Path, onmodel: OnModel, box: str) -> None:
    """The message says what was found and what is allowed."""
    done = onmodel("note", "s01e03", "s010", "1", "x", "--box", box, "--rehearse")
    assert done.code == 1
    assert "allowed: " in done.err
    assert "The left half is 0,0,0.5,1." in done.err


def test_nobodys_order_goes_silently(gated: Path, onmodel: OnModel) -> None:
    """Who orders over an earlier order, or circles over one, is told what becomes of it."""
    ordered = ("retake", "s01e03", "s010", "--rehearse", "--as")
    assert "before" not in onmodel(*ordered, "bo", "--note", "slower").out
    replaced = onmodel(*ordered, "cy").out
    assert "The retake that bo ordered before (slower) is replaced by this one." in replaced
    circled = onmodel("circle", "s01e03", "s010", "1", "--rehearse").out
    assert "The retake that cy ordered before is not followed any more: the circled take stays." in circled


def test_a_remedys_command_is_whole(gated: Path, onmodel: OnModel) -> None:
    """The command that `diagnose` ends with names stage and rehearsal, as they were asked about."""
    asked = ("diagnose", "s01e03", "s010", "--problem", "face-changing", "--rehearse")
    assert "--problem face-changing --rehearse (the first" in onmodel(*asked).out
    assert (
        "--problem face-changing --stage shoot --rehearse (the first"
        in onmodel(*asked, "--stage", "shoot").out
    )
