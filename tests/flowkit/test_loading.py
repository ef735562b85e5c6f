"""The production's own flow files: what stands there runs, and a slip in one is told with its line."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from prefect import Flow

from onmodel.errors import SetupError
from onmodel.flowkit.loading import episode_flow, load_flow

Write = Callable[[str, str], Path]


def test_the_production_s_own_flow_is_loaded(flow_file: Write) -> None:
    """The function in the production's folder is the one that comes back, edits and all."""
    root = flow_file("episode", "from prefect import flow\n@flow\nasync def episode():\n    return 'mine'\n")
    found = load_flow(root, "episode")
    assert isinstance(found, Flow)
    assert found.fn.__code__.co_filename == str(root / "flows" / "episode.py")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("x = 1\ndef broken(:\n    pass\n", "flows/episode.py:2"),
        ("import nothing_of_this_name\n", "flows/episode.py:1"),
        ("x = 1\n\nnot_defined()\n", "flows/episode.py:3"),
        ("from onmodel.flowkit import not_there\n", "flows/episode.py:1"),
        ("from prefect import flow\n@flow(nonsense=1)\nasync def episode(): ...\n", "flows/episode.py:2"),
    ],
    ids=["syntax", "import", "name", "wrong import", "wrong option"],
)
def test_a_slip_in_a_flow_file_is_told_with_its_line(flow_file: Write, text: str, place: str) -> None:
    """A flow file that does not load: one message with file and line, and no half module stays."""
    with pytest.raises(SetupError, match=f"{place} does not load"):
        load_flow(flow_file("episode", text), "episode")
    assert "onmodel_flows_episode" not in sys.modules


@pytest.mark.parametrize("text", ["", "async def episode(): ...\n"])
def test_a_file_without_the_flow_says_what_it_lacks(flow_file: Write, text: str) -> None:
    """A function that is not decorated is no flow."""
    with pytest.raises(SetupError, match="has no flow called 'episode'"):
        load_flow(flow_file("episode", text), "episode")


def test_a_folder_without_flows_names_the_next_step(tmp_path: Path) -> None:
    """No flow file: the message says where it looked and how a production is made."""
    with pytest.raises(SetupError, match="onmodel init"):
        load_flow(tmp_path, "episode")


def test_outside_a_flow_run_an_episode_is_its_function(flow_file: Write) -> None:
    """A season that runs without Prefect runs its episodes without Prefect."""
    root = flow_file("episode", "from prefect import flow\n@flow\nasync def episode(): ...\n")
    assert not isinstance(episode_flow(str(root)), Flow)
