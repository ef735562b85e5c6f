"""What a supplied file must be, and had better be, before anything is bought with it.

Hard limits of the endpoint are errors, the guide's recommendations warnings. How long a motion reference or a
source clip may be is the choice's question (`endpoints.choose`), and told there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, Literal, NamedTuple

from onmodel.endpoints import Endpoint, Field
from onmodel.planning.inputs import FileFacts
from onmodel.planning.sight import Sight

PICTURE_FORMATS: Final = (".jpg", ".png", ".webp", ".gif", ".avif")
CLIP_FORMATS: Final = (".mp4", ".mov", ".webm", ".m4v", ".gif")
SOURCE_FORMATS: Final = (".mp4", ".mov")
"""What endpoints take. Source: the guide, 2026-01-26; clips to edit: PROTOCOL, 2026-11."""
LEAST_PX: Final = 300
"""Shorter side of a picture that becomes a clip. Source: the published client types, 2026-11."""
ADVISED_PX: Final = 1080
"""Shorter side that keeps the detail. Source: the guide, 2026-01-26."""
LEAST_SUBJECT: Final = 0.05
"""Share of the frame under which a subject's identity is lost. Source: the guide, 2026-01-26."""
DARK: Final = 0.12
BRIGHT: Final = 0.96
"""Mean brightness beyond which light is neither even nor good; a sheet on white has 0.93."""
UNSHARP: Final = 60.0
"""Source: measured 2026-11, see `Sight.sharpness`."""
SHAKY: Final = 0.006
"""Jerks as a share of the width. Source: measured 2026-11: a tripod 0.001 and less, a hand 0.01 and more."""
HASTY: Final = 0.6
"""Widths that a camera may travel in a second. Source: ours, 2026-11; the guide says only not to."""


class InputFault(NamedTuple):
    """What is wrong with a file, or could be better."""

    severity: Literal["error", "warning"]
    message: str
    """Without the file's name, which the caller knows as the story has it."""
    hint: str = ""


def check_inputs(endpoint: Endpoint, files: Mapping[str, FileFacts]) -> Iterator[tuple[str, InputFault]]:
    """Hold all files of a commission against its endpoint; each fault with the role, as `files` has it.

    Args:
        endpoint: who gets them.
        files: facts by role; one of several references is `references.0`.
    """
    for role, facts in files.items():
        for fault in check_input(endpoint, role.partition(".")[0], facts):
            yield role, fault


def check_input(endpoint: Endpoint, role: str, facts: FileFacts) -> Iterator[InputFault]:
    """Hold a supplied file against the endpoint that will get it.

    Args:
        endpoint: who gets it.
        role: as what: `first_frame`, `last_frame`, `references`, `mask`, `motion_video`, `source_video`.
        facts: what is known of the file.
    """
    takes = endpoint.fields.get(endpoint.roles.get(role, ""))
    if takes is None:
        return
    yield from _format_faults(endpoint, role, facts)
    yield from _limit_faults(endpoint, takes.items or takes, facts)
    if facts.sight is None or role == "mask":
        return
    if facts.kind == "image":
        yield from _picture_advice(facts, facts.sight)
    elif role == "motion_video":
        yield from _motion_advice(facts.sight)


def _format_faults(endpoint: Endpoint, role: str, facts: FileFacts) -> Iterator[InputFault]:
    allowed: tuple[str, ...] = PICTURE_FORMATS
    if facts.kind == "video":
        allowed = SOURCE_FORMATS if role == "source_video" else CLIP_FORMATS
    if facts.suffix not in allowed:
        formats = ", ".join(one.removeprefix(".") for one in allowed)
        found = facts.suffix.removeprefix(".")
        message = f"it is {found}; {endpoint.short} takes {formats}."
        yield InputFault("error", message, f"Export it as {allowed[0].removeprefix('.')}.")


def _limit_faults(endpoint: Endpoint, takes: Field, facts: FileFacts) -> Iterator[InputFault]:
    """Sizes, shape, rate and weight against the contract; and the least size of any picture for a clip."""
    limits = dict(takes.limits)
    if facts.kind == "image" and endpoint.output == "video":
        for side in ("min_width_px", "min_height_px"):
            limits[side] = max(limits.get(side, 0), LEAST_PX)
    width, height = facts.size.width, facts.size.height
    measured = {
        "width_px": (width, f"{width} px wide"),
        "height_px": (height, f"{height} px high"),
        "aspect": (width / height, f"{width / height:.2f} times as wide as high"),
        "fps": (float(facts.fps) if facts.fps else None, f"of {float(facts.fps or 0):g} frames a second"),
        "file_mb": (facts.bytes / 1e6 if facts.bytes else None, f"{(facts.bytes or 0) / 1e6:.1f} MB large"),
    }
    for key, (found, said) in measured.items():
        least, most = limits.get(f"min_{key}"), limits.get(f"max_{key}")
        if found is None or ((least is None or found >= least) and (most is None or found <= most)):
            continue
        allowed = _range(least, most)
        yield InputFault(
            "error", f"it is {said}; {endpoint.short} takes {allowed}.", "Make it anew, or scale it."
        )


def _range(least: float | None, most: float | None) -> str:
    if least is None:
        return f"at most {most:g}"
    return f"at least {least:g}" if most is None else f"{least:g} to {most:g}"


def _picture_advice(facts: FileFacts, sight: Sight) -> Iterator[InputFault]:
    if min(facts.size.width, facts.size.height) < ADVISED_PX:
        yield InputFault(
            "warning",
            f"it is {facts.size}: what is small loses detail.",
            f"{ADVISED_PX} px and more are better.",
        )
    if sight.subject is not None and sight.subject < LEAST_SUBJECT:
        share = f"the subject takes {sight.subject:.1%} of the frame"
        message = f"{share}: under {LEAST_SUBJECT:.0%} its identity is lost."
        yield InputFault("warning", message, "Crop the picture closer.")
    yield from _light_advice(sight)


def _light_advice(sight: Sight) -> Iterator[InputFault]:
    if sight.brightness < DARK:
        yield InputFault("warning", "it is very dark: shadows confuse the motion.", "Light it evenly.")
    elif sight.brightness > BRIGHT:
        yield InputFault("warning", "it is overexposed: hardly anything is seen.", "Expose it shorter.")
    if sight.sharpness < UNSHARP:
        yield InputFault("warning", "it is blurred: nothing on it is sharp.", "Take a sharper one.")


def _motion_advice(sight: Sight) -> Iterator[InputFault]:
    yield from _light_advice(sight)
    if sight.shake is not None and sight.shake > SHAKY:
        yield InputFault("warning", "the camera shakes, which hides the pose.", "Stabilise the clip.")
    if sight.travel is not None and sight.travel > HASTY:
        yield InputFault("warning", "the camera moves fast, which hides the pose.", "Take a steadier clip.")
    if max(sight.faces, sight.people) > 1:
        yield InputFault(
            "warning",
            f"{max(sight.faces, sight.people)} people are seen: it is not clear who is to be followed.",
            "Crop the clip to one person.",
        )
    elif not sight.faces and not sight.people:
        yield InputFault(
            "warning",
            "no head was found in the frames that were looked at: head and upper body must be in view.",
            "Where they are, ignore this: a mask, a turned head or a drawn figure is not always found.",
        )
