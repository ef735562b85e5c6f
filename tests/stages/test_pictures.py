from __future__ import annotations

from typing import Any

from PIL import Image

LAMP = """\
episode: 1
title: Pilot
defaults: {cast: pip, seconds: 5}
shots:
  s010:
    mode: reference
    references: {a brass lamp: lamp.png}
    setting: a cellar
    start: Pip stands on the stairs
    action: it slowly walks down
"""


def test_a_shot_from_pictures_sends_each_where_it_belongs(stage: Any) -> None:
    """A character goes as an element, a thing as a picture, and the whole is rehearsed like any shot."""
    (stage.root / "episodes/s01e01.yaml").write_text(LAMP, encoding="utf-8")
    Image.effect_noise((1080, 1080), 64).convert("RGB").save(stage.root / "lamp.png")
    result = stage.produce()
    assert [shot.state for shot in result.shots] == ["circled"]
    (job,) = (job for job in stage.jobs() if job.slot.stage == "shoot")
    assert job.intent.endpoint == "fal-ai/kling-video/o1/reference-to-video"
    (element,) = job.intent.arguments["elements"]
    assert element["frontal_image_url"]["suffix"] == ".png"
    assert len(job.intent.arguments["image_urls"]) == 1
    assert "Pip (@Element1)" in job.intent.arguments["prompt"]
    assert "brass lamp as in @Image1" in job.intent.arguments["prompt"]
