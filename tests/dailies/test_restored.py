from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from onmodel.dailies.restored import write_restored_page

TAKE: dict[str, Any] = {
    "label": "s01e01 · s010 · take 2 · image-to-video",
    "endpoint": "fal-ai/kling",
    "request_id": "r-1",
    "request": {"prompt": "Pip </script><img src=x onerror=alert(1)>"},
    "sha256": "a" * 64,
    "price_usd": "0.49",
    "made_at": "2026-11-22T14:00:00Z",
    "change": "asks for the same once more",
    "verdict": {"identity": {"pip": {"standing": "on-model", "reason": "it scores 0.60"}}},
}
MANIFEST: dict[str, Any] = {
    "production": "reel",
    "episode": "s01e01",
    "title": "<b>Pilot</b>",
    "rehearsal": True,
    "cut": {"frames": 48, "sha256": "c" * 64, "fps": "24000/1001"},
    "price_usd": "0.49",
    "prices_of": "2026-11-22",
    "shots": [{"shot": "s010", "link": 2, "starts_at_frame": 24, "frames": 24, "take": 2}],
    "takes": [TAKE, {**TAKE, "verdict": None, "change": None, "request": {}}],
}


def test_the_page_tells_shots_and_takes_and_runs_nothing(tmp_path: Path) -> None:
    """What users wrote stays text, no script may run, and the film is named beside it."""
    film = tmp_path / "a film's #1.mp4"
    path = write_restored_page(MANIFEST, film, datetime(2026, 11, 22, tzinfo=UTC))
    page = path.read_text(encoding="utf-8")
    assert path == tmp_path / "a film's #1.html"
    assert "<script" not in page
    assert "<b>Pilot" not in page
    assert "&lt;img src=x" in page
    assert "default-src &#39;none&#39;" in page
    assert 'src="a%20film%27s%20%231.mp4"' in page
    assert "s010.2" in page
    assert "on-model</span> it scores 0.60" in page
    assert "would have cost $0.49" in page
    assert page.count("<article") == 2


def test_manifests_of_an_older_onmodel_are_told_too(tmp_path: Path) -> None:
    """A take whose manifest knows no identity and no change is listed all the same."""
    old = {key: value for key, value in TAKE.items() if key != "change"} | {"verdict": {"ok": True}}
    page = write_restored_page({**MANIFEST, "takes": [old]}, tmp_path / "f.mp4", datetime.now(UTC))
    assert "take 2" in page.read_text(encoding="utf-8")
