"""The field names that prompting guides and endpoints have, and what a shot calls the same thing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

SHOT_KEYS: Final[Mapping[str, str]] = {
    "prompt": "start",
    "image_url": "first_frame",
    "start_image_url": "first_frame",
    "video_url": "motion.reference",
    "tail_image_url": "last_frame",
    "end_image_url": "last_frame",
    "duration": "seconds",
    "aspect_ratio": "aspect_ratio",
    "negative_prompt": "avoid",
    "cfg_scale": "adherence",
    "camera_control": "camera.preset",
    "advanced_camera_control": "camera.move",
    "static_mask_url": "mask",
    "dynamic_mask_url": "mask.moving",
    "dynamic_masks": "mask.moving",
    "special_fx": "effect",
    "effect_scene": "effect",
    "input_image_urls": "references",
    "image_urls": "references",
    "elements": "references",
    "character_orientation": "motion.orientation",
    "keep_original_sound": "keep_sound",
    "keep_audio": "keep_sound",
    "keep_sound": "keep_sound",
    "generate_audio": "audio",
    "voice_ids": "voices",
}
"""Source: the guide, 2026-01-26; the published client types, 2026-11."""


def shot_key(field: str) -> str | None:
    """Where in a shot a field of that name is said: `tail_image_url` is `last_frame`; None if nowhere."""
    return SHOT_KEYS.get(field)
