"""What the guide knows, as data and pure functions: camera words, prompts, what to avoid."""

from onmodel.craft.adherence import Advice, advised_adherence
from onmodel.craft.camera import camera_phrase, check_camera, preset_move
from onmodel.craft.negative import Negative, compose_negative
from onmodel.craft.prompt import (
    CameraBrief,
    CharacterBrief,
    Handle,
    ShotBrief,
    compose_image_to_video,
    compose_keyframe,
    compose_motion_control,
    compose_reference_to_video,
    compose_restyle,
    compose_sheet,
    compose_target,
    compose_text_to_video,
)
from onmodel.craft.sentences import Prompt
from onmodel.craft.words import nearest

__all__ = [
    "Advice",
    "CameraBrief",
    "CharacterBrief",
    "Handle",
    "Negative",
    "Prompt",
    "ShotBrief",
    "advised_adherence",
    "camera_phrase",
    "check_camera",
    "compose_image_to_video",
    "compose_keyframe",
    "compose_motion_control",
    "compose_negative",
    "compose_reference_to_video",
    "compose_restyle",
    "compose_sheet",
    "compose_target",
    "compose_text_to_video",
    "nearest",
    "preset_move",
]
