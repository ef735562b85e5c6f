"""Identity, measured: is the character on screen the one of the bible?

    scorer = scorer_for("human")
    calibration = calibrate(scorer, {"front": front, "profile": profile, "smiling": smiling})
    likeness = judge(frames, at_s, {"mina": calibration}, {"mina": scorer})["mina"]

Pictures are arrays, (H, W, 3) uint8 RGB; who decodes them is no concern of this room. Networks are loaded
when a scorer first looks.
"""

from onmodel.qc.calibration import Calibration, View, calibrate
from onmodel.qc.scorer import CloserLook, Limits, Scorer, Seen, Sighting, scorer_for
from onmodel.qc.verdict import LEAST_FRAMES, alike, judge, judge_picture

__all__ = [
    "LEAST_FRAMES",
    "Calibration",
    "CloserLook",
    "Limits",
    "Scorer",
    "Seen",
    "Sighting",
    "View",
    "alike",
    "calibrate",
    "judge",
    "judge_picture",
    "scorer_for",
]
