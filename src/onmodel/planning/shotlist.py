"""An episode's shot list as commissions: keyframe, clips and style pass of every shot, sources first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from onmodel.planning.board import Board
from onmodel.planning.casting import Guise
from onmodel.planning.clips import clips_of
from onmodel.planning.commission import Commission
from onmodel.planning.keyframes import keyframe_of
from onmodel.planning.pictures import shown_in
from onmodel.planning.restyles import restyle_of
from onmodel.story.shots import first_frame_of


@dataclass(frozen=True)
class ShotList(Board):
    """The shots of one episode, and what each of them asks for."""

    def commissions(self, name: str) -> Iterator[Commission]:
        """The commissions of one shot, sources first.

        Raises:
            PlanError: no endpoint can do it, or no price is known.
            NotMedia: a supplied file is not what it should be.
        """
        shot = self.shots[name]
        if shot.restyle:
            yield restyle_of(self, name, shot.restyle, self._bought_s(shot.restyle.shot))
            return
        if first_frame_of(shot) == "keyframe":
            yield keyframe_of(self, name)
        yield from clips_of(self, name)

    def guises(self) -> list[Guise]:
        """How everybody is seen in the episode; first as in the series, since the others are made from it."""
        seen = dict.fromkeys(guise for name in self.shots for guise in self.guises_in(name))
        shown = (guise for shot in self.shots.values() for guise in shown_in(shot))
        wanted = {**seen, **dict.fromkeys(shown)}
        plain = dict.fromkeys(Guise(guise.character) for guise in wanted)
        worn = dict.fromkeys(Guise(guise.character, guise.wardrobe) for guise in wanted)
        return list({**dict.fromkeys(sorted(plain)), **worn, **wanted})

    def _bought_s(self, name: str) -> Fraction | None:
        """Seconds of the clip that a style pass of this shot gets."""
        clip = [one for one in self.commissions(name) if one.is_clip]
        return clip[-1].choice.seconds_bought if clip else None
