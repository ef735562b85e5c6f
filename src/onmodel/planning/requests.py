"""The request of a commission, tried on its endpoint's contract before anything that goes along exists."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from onmodel.endpoints import build, with_media
from onmodel.planning.commission import Commission

STAND_IN: Final = "file"
"""Stands for a picture or clip that is not made yet."""


def with_remarks(commission: Commission) -> Commission:
    """The commission, with a remark for each part of it that its endpoint has no field for.

    Raises:
        PlanError: the contract would not accept the request.
    """
    parts = with_media(commission.parts, ((role, STAND_IN) for role in commission.media_roles))
    notes = build(commission.choice.endpoint, parts).notes
    return replace(commission, remarks=(*commission.remarks, *notes)) if notes else commission
