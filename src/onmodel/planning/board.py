"""What the commissions of an episode are made from: its shots, its characters, endpoints and prices."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

from onmodel.craft import Prompt, compose_negative
from onmodel.craft.negative import MOST_CHARS
from onmodel.endpoints import Choice, Need, Price, choose, picture_size
from onmodel.endpoints.choice import Quality
from onmodel.errors import PlanError
from onmodel.planning.asking import AS_TOLD, Asking, higher
from onmodel.planning.casting import Guise
from onmodel.planning.chains import Link, links_of
from onmodel.planning.inputs import FileFacts
from onmodel.planning.likeness import Likeness
from onmodel.planning.market import Market
from onmodel.story import Format, Motion, Shot, Story
from onmodel.story.shots import DEFAULT_S, seen_after
from onmodel.story.trims import Trim, trim_of
from onmodel.units import Size

MOST_REFERENCES = 4
"""Pictures of the model sheet that go into one keyframe. Source: the endpoints' contract, 2026-11."""


@dataclass(frozen=True)
class Board:
    """What building the commissions of one episode needs."""

    story: Story
    episode: str
    market: Market
    askings: Mapping[str, Asking] = field(default_factory=dict)
    """What is asked for otherwise than the story has it, by commission id."""

    @cached_property
    def shots(self) -> dict[str, Shot]:
        """The shots in order, defaults filled in."""
        return self.story.shots(self.episode)

    @cached_property
    def format(self) -> Format:
        """The episode's picture."""
        return self.story.format(self.episode)

    @property
    def look(self) -> str | None:
        """The look of the series."""
        return self.story.production.look

    # -- one shot --------------------------------------------------------------------------------------------

    def trim(self, name: str) -> Trim:
        """The part of its clip that a shot shows: as it says, else the whole of its reference."""
        shot = self.shots[name]
        if shot.restyle:
            return trim_of(shot, self.trim(shot.restyle.shot))
        whole_s = self.reference(shot.motion).seconds if shot.motion else None
        return trim_of(shot, Trim(Fraction(0), whole_s or DEFAULT_S))

    def links(self, name: str) -> tuple[Link, ...]:
        """The clips that a shot is filmed in."""
        return links_of(name, self.shots[name], self.trim(name), self.format.fps)

    def ratio(self, name: str) -> str:
        """The shape that a shot is filmed in: its own, the episode's, or that of the shot it restyles."""
        shot = self.shots[name]
        if shot.restyle:
            return self.ratio(shot.restyle.shot)
        return shot.aspect_ratio or self.format.ratio

    def shape(self, name: str) -> Size:
        """Width and height that a shot's pictures and clips must have the ratio of."""
        return self.format.model_copy(update={"ratio": self.ratio(name)}).size

    def last_clip(self, name: str) -> str:
        """The id of the commission whose take a shot ends with."""
        return f"{name}.restyle" if self.shots[name].restyle else f"{self.links(name)[-1].subject}.shoot"

    def reference(self, motion: Motion) -> FileFacts:
        """Facts of a motion reference; raises as reading them does."""
        return self.facts(motion.reference)

    def facts(self, reference: str) -> FileFacts:
        """Facts of a supplied file, by its name in the story; raises as reading them does."""
        return self.market.facts(self.story.root / reference)

    def filmed(self, name: str) -> Shot:
        """The shot that was filmed, as the style passes that lie over it show it."""
        shot = self.shots[name]
        return seen_after(self.filmed(shot.restyle.shot), shot.restyle) if shot.restyle else shot

    # -- who is in it ----------------------------------------------------------------------------------------

    def guises_in(self, name: str) -> tuple[Guise, ...]:
        """How everybody is seen in a shot: after a style pass, in its look."""
        restyle = self.shots[name].restyle
        return worn_in(self.filmed(name), restyle.look if restyle else None)

    def likenesses(self, name: str) -> tuple[Likeness, ...]:
        """Who must be recognisable in a shot."""
        return tuple(guise.likeness(self.story) for guise in self.guises_in(name))

    def views_of(self, guise: Guise) -> list[str]:
        """The commissions of a character's sheet views, the first view first."""
        return [f"{guise.subject(view)}.sheet" for view in self.story.bibles[guise.character].sheet.views]

    def sheet_views(self, shot: Shot, most: int = MOST_REFERENCES) -> list[str]:
        """The views that a picture is made from: every character's first, then the second, and so on."""
        by_character = [self.views_of(guise) for guise in worn_in(shot, None)]
        deepest = max(map(len, by_character), default=0)
        turns = [views[turn] for turn in range(deepest) for views in by_character if turn < len(views)]
        return turns[:most]

    # -- how it is asked for ---------------------------------------------------------------------------------

    def asking(self, commission: str) -> Asking:
        """How a commission is asked for."""
        return self.askings.get(commission, AS_TOLD)

    def quality(self, shot: Shot) -> Quality:
        """The tier of a shot."""
        return shot.quality or self.story.production.quality

    def choose(self, need: Need) -> Choice:
        """Who is asked; raises as `endpoints.choose` does."""
        found = self._chosen.get(need)
        if found is None:
            found = self._chosen[need] = choose(need, self.market.catalogue)
        return found

    @cached_property
    def _chosen(self) -> dict[Need, Choice]:
        """By what is needed: most shots of an episode need the same."""
        return {}

    def price(self, need: Need, choice: Choice) -> Price:
        """What it is expected to cost.

        Raises:
            PlanError: no price is known.
        """
        if choice.seconds_bought is not None:
            return self.market.prices.estimate(
                choice.endpoint.name,
                seconds=choice.seconds_bought,
                audio=need.audio or need.voices,
                voices=need.voices,
            )
        size = picture_size(need.ratio)
        return self.market.prices.estimate(
            choice.endpoint.name,
            megapixels=Fraction(size.width * size.height, 1024 * 1024),
            references=need.references,
        )

    def retake_usd(self, need: Need) -> Decimal:
        """The most that one take may cost: in its own tier, or in the next, which a remedy may ask for."""
        wanted = [need, replace(need, quality=higher(need.quality))]
        found = []
        for one in wanted:
            with suppress(PlanError):  # the next tier may not be able to do it; then no remedy asks for it
                found.append(self.price(one, self.choose(one)).usd)
        return max(found)

    def negative(
        self, shot: Shot, prompt: Prompt, choice: Choice, asking: Asking
    ) -> tuple[str, tuple[str, ...]]:
        """What must not be seen, and the terms of it that were dropped; nothing where nobody takes it."""
        if choice.endpoint.negative is None or not asking.avoids:
            return "", ()
        never = tuple(word for who in shot.cast or {} for word in self.story.bibles[who].never)
        found = compose_negative(
            prompt.text,
            look=self.look or "",
            motion_family="identity" if shot.cast else "smooth",
            never=never,
            extra=(*asking.avoid(), *(shot.avoid or ())),
            limit=choice.endpoint.negative_chars or MOST_CHARS,
        )
        return found.text, found.dropped


def worn_in(shot: Shot, look: str | None) -> tuple[Guise, ...]:
    """How everybody in a shot is seen."""
    return tuple(Guise(who, wardrobe, look) for who, wardrobe in (shot.cast or {}).items())
