"""For the tests of your own production: rehearse it, look at what came out, let nothing leave the machine.

::

    def test_the_pilot_can_be_produced(tmp_path: Path) -> None:
        folder = copy_production(Path("."), tmp_path / "pilot")
        result = rehearse(folder, "s01e01")
        assert result.cut and not result.needs_person

Nothing here needs pytest: these are plain functions, and a context manager that refuses sockets. `FalDouble`
is the fal that a rehearsal talks to, for tests of your own code that goes to fal over httpx; `Trouble` says
what goes wrong there.
"""

from __future__ import annotations

from onmodel.stages.together import EpisodeResult
from onmodel.studio.rehearsal.double import REHEARSAL_KEY, FalDouble
from onmodel.studio.rehearsal.guard import refuse_sockets
from onmodel.studio.rehearsal.orders import Artist, ArtOrder, Made
from onmodel.studio.rehearsal.trouble import Rule, Trouble
from onmodel.testing.media import small_clip, small_picture
from onmodel.testing.rehearsing import copy_production, rehearse

__all__ = [
    "REHEARSAL_KEY",
    "ArtOrder",
    "Artist",
    "EpisodeResult",
    "FalDouble",
    "Made",
    "Rule",
    "Trouble",
    "copy_production",
    "refuse_sockets",
    "rehearse",
    "small_clip",
    "small_picture",
]
