"""A server that people do use, that speaks S3, and that keeps neither promise that an archive needs."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from onmodel.errors import SetupError
from onmodel.vault import open_vault

RCLONE = Path(sys.executable).with_name("rclone")


@pytest.fixture
def rclone(tmp_path: Path) -> Iterator[str]:
    """`rclone serve s3` over a folder with one bucket; its address."""
    (tmp_path / "served" / "bucket").mkdir(parents=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    argv = [str(RCLONE), "serve", "s3", str(tmp_path / "served"), "--addr", f"127.0.0.1:{port}"]
    argv += ["--auth-key", "testing,testing", "--config", str(tmp_path / "none.conf")]
    with subprocess.Popen(argv, stderr=subprocess.DEVNULL) as server:
        try:
            _wait_for(port)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


def _wait_for(port: int) -> None:
    for _ in range(200):
        with socket.socket() as asking:
            if asking.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    pytest.fail("rclone does not answer")


@pytest.mark.usefixtures("s3")
def test_rclones_server_is_refused(rclone: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """It accepts a second object of the same name without a word: the first time and every time."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", rclone)
    for _ in range(2):
        with pytest.raises(SetupError, match="two processes could buy the same shot twice") as caught:
            open_vault("s3://bucket/reel", root=tmp_path, production="Reel", run_folder=tmp_path / "run")
        assert "Amazon S3" in caught.value.hint
