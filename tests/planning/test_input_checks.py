from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from onmodel.endpoints import Catalogue
from onmodel.planning.input_checks import check_input, check_inputs
from onmodel.planning.inputs import FileFacts
from onmodel.planning.sight import Sight
from onmodel.units import Size

KLING = "fal-ai/kling-video/"
CATALOGUE = Catalogue.load()
STILL = CATALOGUE.get(KLING + "v2.1/pro/image-to-video")
OMNI = CATALOGUE.get(KLING + "o1/image-to-video")
MOTION = CATALOGUE.get(KLING + "v2.6/pro/motion-control")
EDIT = CATALOGUE.get(KLING + "o1/video-to-video/edit")

GOOD = Sight(brightness=0.5, sharpness=500, subject=0.3)
PICTURE = FileFacts(
    Path("a.png"),
    "ab" * 32,
    "image",
    Size(1920, 1080),
    None,
    has_audio=False,
    suffix=".png",
    bytes=2_000_000,
    sight=GOOD,
)
DANCE = Sight(brightness=0.5, sharpness=500, faces=1, face_height=0.1, people=1, shake=0.0, travel=0.1)
CLIP = FileFacts(
    Path("a.mp4"),
    "cd" * 32,
    "video",
    Size(1280, 720),
    Fraction(5),
    has_audio=True,
    suffix=".mp4",
    bytes=9_000_000,
    fps=Fraction(24),
    sight=DANCE,
)


def test_good_files_give_no_remark() -> None:
    """A sharp picture of a good size and a steady clip of one person pass everywhere."""
    for endpoint in (STILL, OMNI, MOTION):
        assert list(check_input(endpoint, "first_frame", PICTURE)) == []
    assert list(check_input(MOTION, "motion_video", CLIP)) == []
    assert list(check_input(EDIT, "source_video", CLIP)) == []


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"size": Size(1920, 299)}, "299 px high; o1/image-to-video takes at least 300"),
        ({"size": Size(3000, 1100)}, "2.73 times as wide as high; o1/image-to-video takes 0.4 to 2.5"),
        ({"bytes": 10_500_000}, "10.5 MB large; o1/image-to-video takes at most 10"),
        ({"suffix": ".tiff"}, "it is tiff; o1/image-to-video takes jpg, png, webp, gif, avif"),
    ],
)
def test_a_picture_beyond_the_endpoints_limits_is_an_error(changed: dict[str, object], said: str) -> None:
    """What fal would refuse after the upload is refused before, with what was found and what is allowed."""
    faults = list(check_input(OMNI, "first_frame", replace(PICTURE, **changed)))  # type: ignore[arg-type]
    assert [one.severity for one in faults if said in one.message] == ["error"]


def test_any_picture_for_a_clip_has_at_least_300_px() -> None:
    """The contract types it for O1 only; what is smaller is of no use to the others either."""
    small = replace(PICTURE, size=Size(640, 200))
    assert any(one.severity == "error" for one in check_input(STILL, "first_frame", small))
    flux = CATALOGUE.get("fal-ai/flux-pro/kontext")
    assert all(one.severity == "warning" for one in check_input(flux, "references", small))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"size": Size(1280, 700)}, "700 px high; o1/video-to-video/edit takes 720 to 2160"),
        ({"size": Size(3840, 2160)}, "3840 px wide; o1/video-to-video/edit takes 720 to 2160"),
        ({"fps": Fraction(24000, 1001)}, "of 23.976 frames a second; o1/video-to-video/edit takes 24 to 60"),
        ({"bytes": 201_000_000}, "201.0 MB large; o1/video-to-video/edit takes at most 200"),
        ({"suffix": ".webm"}, "it is webm; o1/video-to-video/edit takes mp4, mov"),
    ],
)
def test_a_clip_to_edit_keeps_to_o1s_limits(changed: dict[str, object], said: str) -> None:
    """720 to 2160 px, 24 to 60 frames a second, 200 MB, mp4 or mov."""
    faults = list(check_input(EDIT, "source_video", replace(CLIP, **changed)))  # type: ignore[arg-type]
    assert [one.severity for one in faults if said in one.message] == ["error"]


@pytest.mark.parametrize(
    ("sight", "said"),
    [
        ({"subject": 0.04}, "the subject takes 4.0% of the frame: under 5%"),
        ({"brightness": 0.05}, "very dark"),
        ({"brightness": 0.98}, "overexposed"),
        ({"sharpness": 12.0}, "blurred"),
    ],
)
def test_what_the_guide_recommends_of_a_picture_is_a_warning(sight: dict[str, float], said: str) -> None:
    """It may be bought with all the same."""
    faults = list(check_input(STILL, "first_frame", replace(PICTURE, sight=replace(GOOD, **sight))))  # type: ignore[arg-type]
    assert [(one.severity, said in one.message) for one in faults] == [("warning", True)]


def test_a_picture_under_1080_px_is_advised_against() -> None:
    """Nothing stops it."""
    (fault,) = check_input(STILL, "first_frame", replace(PICTURE, size=Size(1024, 1024)))
    assert (fault.severity, "1080 px" in fault.hint) == ("warning", True)


@pytest.mark.parametrize(
    ("sight", "said"),
    [
        ({"shake": 0.015}, "shakes"),
        ({"travel": 0.8}, "moves fast"),
        ({"faces": 2}, "2 people are seen"),
        ({"people": 3}, "3 people are seen"),
        ({"faces": 0, "people": 0}, "no head was found"),
        ({"sharpness": 12.0}, "blurred"),
    ],
)
def test_what_the_guide_recommends_of_a_motion_reference_is_a_warning(
    sight: dict[str, float], said: str
) -> None:
    """Steady, sharp, one person, head in view."""
    faults = list(check_input(MOTION, "motion_video", replace(CLIP, sight=replace(DANCE, **sight))))  # type: ignore[arg-type]
    assert [(one.severity, said in one.message) for one in faults] == [("warning", True)]


def test_what_could_not_be_measured_is_not_held_against_a_file() -> None:
    """No sight, no remark; and a role that the endpoint has no field for is none of its business."""
    assert list(check_input(STILL, "first_frame", replace(PICTURE, sight=None))) == []
    assert list(check_input(STILL, "motion_video", CLIP)) == []


def test_all_files_of_a_commission_are_held_against_its_endpoint() -> None:
    """Each fault comes with the role of its file, numbered where there are several."""
    small = replace(PICTURE, size=Size(200, 200))
    files = {"first_frame": PICTURE, "motion_video": replace(CLIP, suffix=".avi")}
    assert [role for role, _ in check_inputs(MOTION, files)] == ["motion_video"]
    several = CATALOGUE.get(KLING + "o1/reference-to-video")
    found = list(check_inputs(several, {"references.0": PICTURE, "references.1": small}))
    assert {role for role, fault in found if fault.severity == "error"} == {"references.1"}
