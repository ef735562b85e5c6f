"""The story of the small productions that are killed, filmed on clusters and filmed apart."""

from __future__ import annotations

from typing import Final

PIP: Final = """\
bible: 1
name: Pip
kind: stylised
looks: a friendly small robot
always: [round blue head, one glowing yellow eye]
palette: {head: "#3b78d8", eye: "#ffd23f", body: "#c9ced6"}
sheet: {views: [front]}
"""

PILOT: Final = """\
episode: 1
title: Pilot
defaults: {cast: pip, seconds: 1, setting: a workshop}
shots:
  s010:
    start: Pip stands at the bench
    action: it blinks
    join: {crossfade: 0.25}
  s020:
    start: Pip stands at the door
    action: it waves
"""
