"""What a shot says and its endpoint has no field for, or what is better said otherwise: a line each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from onmodel.craft import check_camera
from onmodel.endpoints import Endpoint, told_instead
from onmodel.errors import Finding
from onmodel.planning.board import Board
from onmodel.planning.commission import Commission
from onmodel.story import Shot

CAMERA_FIELDS: Final = ("size", "move", "angle", "lens")

SAID_AS: Final[Mapping[tuple[str, ...], tuple[str, str]]] = {
    ("adherence",): ("adherence", "cfg_scale"),
    ("avoid",): ("negative", "negative_prompt"),
    ("camera", "preset"): ("camera_preset", "camera_control"),
    ("keep_sound",): ("keep_sound", "keep_original_sound"),
}
"""What a shot may say without being refused: its role in a request, and the field that guides have for it."""


def camera_findings(board: Board, name: str) -> Iterator[Finding]:
    """Words that nobody has tried, and a movement that is said twice."""
    camera = board.shots[name].camera
    if camera is None:
        return
    for key in CAMERA_FIELDS:
        value = getattr(camera, key)
        fault = check_camera(key, value) if value else None
        if fault:
            yield Finding(_at(board, name, "camera", key), *fault, "warning")
    if camera.preset and camera.move:
        message = f"the preset '{camera.preset}' moves the camera already: 'move' is not said."
        yield Finding(_at(board, name, "camera", "move"), message, "Remove one of the two.", "warning")


def shot_findings(board: Board, name: str) -> Iterator[Finding]:
    """What is better said otherwise in a shot, whoever films it."""
    shot = board.shots[name]
    if shot.first_frame == "sheet":
        yield Finding(
            _at(board, name, "first_frame"),
            "the bare model sheet as first frame contradicts any setting.",
            "Leave 'first_frame' out: a keyframe puts the character into the setting.",
            "warning",
        )
    if shot.aspect_ratio and shot.aspect_ratio != board.format.ratio:
        yield Finding(
            _at(board, name, "aspect_ratio"),
            f"the shot is {shot.aspect_ratio} and the episode {board.format.ratio}: it is seen with bars.",
            "For a whole episode in that shape, write it into its 'format'.",
            "warning",
        )


def endpoint_findings(board: Board, name: str, commission: Commission) -> Iterator[Finding]:
    """What a shot says itself and the endpoint of its clip has no field for."""
    endpoint, shot = commission.choice.endpoint, board.shots[name]
    for path, (role, field) in SAID_AS.items():
        if _said(shot, path) in (None, [], False) or role in endpoint.roles:
            continue
        message = told_instead(endpoint, field) or f"{endpoint.short} has no field for '{path[-1]}'"
        yield Finding(_at(board, name, *path), f"{message}.", _hint(endpoint, role), "warning")


def _said(shot: Shot, path: tuple[str, ...]) -> Any:
    value: Any = shot
    for step in path:
        value = getattr(value, step, None)
    return value


def _hint(endpoint: Endpoint, role: str) -> str:
    if role == "camera_preset":
        return "The prompt says the same movement in words."
    others = "onmodel models lists what each endpoint takes."
    return "" if endpoint.kind == "motion-control" else others


def _at(board: Board, name: str, *path: str) -> Any:
    return board.story.place(board.episode, "shots", name, *path)
