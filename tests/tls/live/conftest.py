"""Processes that take the loopback for fal: they are told of it by their environment alone."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

KEY = "rehearsal-S3CRET-k3y"
CHILD = Path(__file__).with_name("child.py")
PATIENCE_S = 60


@dataclass
class Child:
    """A process that takes the loopback for fal."""

    process: subprocess.Popen[str]

    def end(self) -> dict[str, Any]:
        """Wait for its end; what it found."""
        out, err = self.process.communicate(timeout=PATIENCE_S)
        assert self.process.returncode == 0, err
        assert KEY not in out + err
        found: dict[str, Any] = json.loads(out.splitlines()[-1])
        return found

    def kill(self) -> None:
        """SIGKILL: no line of it runs any more."""
        self.process.send_signal(signal.SIGKILL)
        self.process.communicate(timeout=PATIENCE_S)


@dataclass
class Loose:
    """Starts children in one folder."""

    folder: Path
    environment: dict[str, str]

    def start(self, scene: str, **given: Any) -> Child:
        """Begin a scene of child.py."""
        argv = [sys.executable, str(CHILD), scene, str(self.folder), json.dumps(given)]
        return Child(
            subprocess.Popen(
                argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=self.environment
            )
        )

    def play(self, scene: str, **given: Any) -> dict[str, Any]:
        """Play a scene to its end; what it found."""
        return self.start(scene, **given).end()


@pytest.fixture
def child(tmp_path: Path, fal: Any, ca: Any) -> Loose:
    """The folder of a production, and processes that work in it over TLS."""
    bundle = tmp_path / "ca.pem"
    ca.cert_pem.write_to_path(str(bundle))
    kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    environment = kept | {
        "SSL_CERT_FILE": str(bundle),
        "HTTPS_PROXY": fal.proxy,
        "FAL_KEY": KEY,
        "PYTHONWARNINGS": "error",
    }
    folder = tmp_path / "production"
    folder.mkdir()
    return Loose(folder, environment)


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """A supplied picture."""
    path = tmp_path / "sheet.png"
    Image.new("RGB", (64, 36), (59, 120, 216)).save(path)
    return path
