from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from mcp import Client
from mcp.types import CallToolResult, TextContent, Tool

from onmodel.mcp.server import make_server

TOOLS = {
    "scam_prompt",
    "image_to_video_prompt",
    "negative_prompt",
    "select_model",
    "validate_prompt",
    "check",
    "plan",
    "takes",
    "diagnose",
    "rehearse",
}
OUTSIDE = ["../../etc/passwd", "/etc/passwd", "episodes/../../x.yaml", "~/x", "..", "x\0y", "x" * 5000]
NO_IDS = ["../s01e01", "--help", "/etc/passwd", "s01e01/..", "", "S01", "s01e01\n", "-p"]


def call(root: Path, name: str, **arguments: Any) -> CallToolResult:
    """Call one tool, as an agent would, by the package's own client."""

    async def called() -> CallToolResult:
        async with Client(make_server(root)) as client:
            return await client.call_tool(name, arguments)

    return asyncio.run(called())


def answered(root: Path, name: str, **arguments: Any) -> dict[str, Any]:
    """What a tool answers, which must be no error."""
    result = call(root, name, **arguments)
    assert not result.is_error, result.content
    found: dict[str, Any] | None = result.structured_content
    assert found is not None
    return found


def refused(root: Path, name: str, **arguments: Any) -> str:
    """What an agent is told that a tool will not do."""
    result = call(root, name, **arguments)
    assert result.is_error, result.structured_content
    [said] = result.content
    assert isinstance(said, TextContent)
    return said.text


def test_these_tools_are_there_and_say_what_they_do(production: Path) -> None:
    """Each has a description, typed arguments and a typed answer; only `rehearse` changes anything."""

    async def listed() -> list[Tool]:
        async with Client(make_server(production)) as client:
            return list((await client.list_tools()).tools)

    tools = {tool.name: tool for tool in asyncio.run(listed())}
    assert set(tools) == TOOLS
    for name, tool in tools.items():
        assert tool.description
        assert "\n    " not in tool.description
        assert tool.output_schema
        assert tool.annotations is not None
        assert tool.annotations.read_only_hint is (name != "rehearse")


def test_the_tools_of_the_craft_need_no_production(tmp_path: Path) -> None:
    """Prompts, negatives, choice and validation answer in any folder."""
    made = answered(tmp_path, "scam_prompt", subject="a robot", camera="low angle", action="it waves")
    assert made == {"text": "A robot. Low angle. It waves.", "characters": 29, "left_out": []}
    assert answered(tmp_path, "image_to_video_prompt", image="a robot", motion="it waves")["text"].startswith(
        "A robot. It waves."
    )
    assert "western cartoon style" in answered(tmp_path, "negative_prompt", style="anime")["text"]
    chosen = answered(tmp_path, "select_model", image=True, motion=True, quality="master")
    assert chosen["endpoint"] == "fal-ai/kling-video/v2.6/pro/motion-control"
    looked = answered(tmp_path, "validate_prompt", text="a dancing robot", mode="motion-control")
    assert not looked["ok"]
    assert "motion-in-motion-control" in [one["rule"] for one in looked["flaws"]]


@pytest.mark.parametrize("name", ["check", "plan", "takes", "diagnose", "rehearse"])
def test_without_a_production_the_others_say_how_to_make_one(name: str, tmp_path: Path) -> None:
    """The error is a message with the next command, not a traceback."""
    arguments = {} if name == "check" else {"episode": "s01e01"}
    arguments |= {"shot": "s010"} if name == "diagnose" else {}
    assert "onmodel init DIR" in refused(tmp_path, name, **arguments)


def test_check_tells_every_finding_with_its_place(production: Path) -> None:
    """File and line as `onmodel check` has them; and of one file, if that is asked for."""
    assert answered(production, "check")["errors"] == 0
    bible = production / "characters/pip.yaml"
    bible.write_text(bible.read_text(encoding="utf-8").replace("looks:", "look:"), encoding="utf-8")
    found = answered(production, "check", file="characters/pip.yaml")
    assert not found["ok"]
    assert {one["file"] for one in found["findings"]} == {"characters/pip.yaml"}
    assert any(one["line"] == 4 for one in found["findings"])
    assert answered(production, "check", file="episodes/s01e01.yaml")["findings"] == []


def test_plan_says_what_is_not_current_and_of_a_shot_the_prompts(production: Path) -> None:
    """The whole plan without prompts, so that it stays short; one shot with them."""
    whole = answered(production, "plan", episode="s01e01")
    assert whole["states"] == {"missing": 5}
    assert [line["id"] for line in whole["lines"]] == [
        "pip.default.front.sheet",
        "s010.keyframe",
        "s010.shoot",
        "s020.keyframe",
        "s020.shoot",
    ]
    assert all(line["prompt"] is None for line in whole["lines"])
    shot = answered(production, "plan", episode="s01e01", shot="s010")
    assert [line["id"] for line in shot["lines"]] == ["s010.keyframe", "s010.shoot"]
    assert all("round blue head" in line["prompt"] for line in shot["lines"])
    assert "s010, s020" in refused(production, "plan", episode="s01e01", shot="s090")


def test_a_long_shot_is_all_of_its_clips(production: Path) -> None:
    """Links of a chain are asked for by the shot's name."""
    episode = production / "episodes/s01e01.yaml"
    episode.write_text(
        episode.read_text(encoding="utf-8").replace("seconds: 5", "seconds: 9"), encoding="utf-8"
    )
    found = answered(production, "plan", episode="s01e01", shot="s010")
    assert [line["id"] for line in found["lines"] if line["id"].endswith("shoot")] == [
        "s010.shoot",
        "s010.2.shoot",
    ]


def test_a_long_list_ends_and_says_so(production: Path) -> None:
    """No answer is longer than an agent can read, and it says how much more there is."""
    episode = production / "episodes/s01e01.yaml"
    shots = "".join(
        f"  s{n}: {{start: Pip stands at the bench, action: it slowly tilts its head}}\n"
        for n in range(1, 51)
    )
    head, _, _ = episode.read_text(encoding="utf-8").partition("  s010")
    episode.write_text(head + shots, encoding="utf-8")
    found = answered(production, "plan", episode="s01e01")
    assert len(found["lines"]) == 60
    assert found["more"] == 101 - 60


def test_takes_of_what_was_never_made_are_none(production: Path) -> None:
    """An episode without takes is no error, and looking makes no archive."""
    assert answered(production, "takes", episode="s01e01")["takes"] == []
    assert answered(production, "takes", episode="cast", rehearse=True)["takes"] == []
    assert not (production / "archive").exists()


@pytest.mark.parametrize("file", OUTSIDE)
def test_no_path_leads_out_of_the_production(file: str, production: Path) -> None:
    """A file outside is refused, whether or not it is there, and nothing of it is told."""
    told = refused(production, "check", file=file)
    assert "outside the production's folder" in told or "no such file" in told or "no name of a file" in told


def test_a_link_that_leads_out_is_refused(production: Path, tmp_path: Path) -> None:
    """What counts is where a link ends."""
    (tmp_path / "secret.yaml").write_text("secret: words", encoding="utf-8")
    (production / "episodes/link.yaml").symlink_to(tmp_path / "secret.yaml")
    assert "outside the production's folder" in refused(production, "check", file="episodes/link.yaml")


@pytest.mark.parametrize("episode", NO_IDS)
@pytest.mark.parametrize("name", ["plan", "takes", "diagnose", "rehearse"])
def test_what_is_no_id_is_no_episode(name: str, episode: str, production: Path) -> None:
    """Neither a path nor an option of a command is taken for one."""
    more = {"shot": "s010"} if name == "diagnose" else {}
    assert "no id" in refused(production, name, episode=episode, **more)


@pytest.mark.parametrize("shots", [["--max-usd=1"], ["s010,--x"], ["../s010"], [""]], ids=repr)
def test_what_is_no_id_is_no_shot(shots: list[str], production: Path) -> None:
    """An agent's words never become an option of the command that rehearses."""
    assert "no id" in refused(production, "rehearse", episode="s01e01", shots=shots)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("scam_prompt", {"subject": ""}),
        ("select_model", {"motion": True}),
        ("plan", {"episode": "s09e09"}),
        ("diagnose", {"episode": "s01e01", "shot": "s0x0"}),
        ("diagnose", {"episode": "s01e01", "shot": "s010", "problem": "fase-changing"}),
        ("rehearse", {"episode": "s09e09"}),
        ("rehearse", {"episode": "s01e01", "shots": ["s0x0"]}),
        ("rehearse", {"episode": "s01e01", "at_most_s": 1e9}),
        ("rehearse", {"episode": "s01e01", "at_most_s": float("nan")}),
    ],
)
def test_a_mistake_is_told_with_what_is_allowed(
    name: str, arguments: dict[str, Any], production: Path
) -> None:
    """Message and hint of our own error; no traceback, and no `unexpected`."""
    told = refused(production, name, **arguments)
    assert told != f"Error executing tool {name}"
    assert "Traceback" not in told


def test_diagnose_lists_problems_where_none_was_measured(production: Path) -> None:
    """Without a take nothing is known to be wrong: the answer says what may be named."""
    found = answered(production, "diagnose", episode="s01e01", shot="s010")
    assert found["problem"] is None
    assert "face-changing" in found["problems"]
    named = answered(production, "diagnose", episode="s01e01", shot="s010", problem="face-changing")
    assert named["problem"] == "face-changing"
    assert named["remedies"][-1]["id"] == "again"
    assert all(one["does"] and one["cause"] for one in named["remedies"])


@pytest.mark.parametrize("tool", [*sorted(TOOLS), "nope"])
def test_arguments_that_nobody_declared_are_an_error(tool: str, production: Path) -> None:
    """A wrong type is told with its field; the server lives on."""
    assert refused(production, tool, episode=3, subject=3, image=3, text=3, style=3, motion=3, file=3)


def test_every_tool_is_called_by_some_test() -> None:
    """The list above is the list of the server; a tool that is added is tested."""
    source = Path(__file__).read_text(encoding="utf-8")
    assert all(f'"{name}"' in source for name in TOOLS)
