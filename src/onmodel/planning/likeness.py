"""Who must be recognisable in a picture, and by which views of their model sheet that is judged."""

from __future__ import annotations

from typing import Literal, NamedTuple

from onmodel.planning.inputs import FileFacts

MOST_VIEWS = 4
"""Views of a sheet that a likeness is judged by. Source: the identity findings, 2026-11: three are the least
that give a threshold of its own, and more than four changed little."""


class Likeness(NamedTuple):
    """A character who must be recognisable."""

    character: str
    """The bible's id."""
    kind: Literal["human", "stylised"]
    """Which measure of identity fits."""
    views: tuple[str, ...] = ()
    """Commission ids of the sheet views that show the character as it should look here."""
    pictures: tuple[FileFacts, ...] = ()
    """Supplied pictures that do so, where there is no sheet yet: the first view is made from them."""
