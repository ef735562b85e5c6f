"""What a production's flows are written with: the only room that knows Prefect.

A flow in `flows/` opens the set and lets the stages run; every step that a producer wants to see becomes a
Prefect task, named as a producer reads it. Outside a flow run the same steps simply run.
"""

from __future__ import annotations

from onmodel.flowkit.artifacts import hand_over
from onmodel.flowkit.loading import episode_flow
from onmodel.flowkit.on_set import on_set
from onmodel.flowkit.seasons import SeasonResult, one_by_one, produce_due
from onmodel.stages.conform import conform
from onmodel.stages.crew import Crew
from onmodel.stages.settling import settle
from onmodel.stages.shooting import keyframe, model_sheet, restyle, shoot
from onmodel.stages.together import CastResult, EpisodeResult, side_by_side, wrap_up, wrap_up_cast

__all__ = [
    "CastResult",
    "Crew",
    "EpisodeResult",
    "SeasonResult",
    "conform",
    "episode_flow",
    "hand_over",
    "keyframe",
    "model_sheet",
    "on_set",
    "one_by_one",
    "produce_due",
    "restyle",
    "settle",
    "shoot",
    "side_by_side",
    "wrap_up",
    "wrap_up_cast",
]
