"""An episode's shot list as commissions: keyframe, clip and style pass of every shot, sources first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any

from onmodel.craft import (
    Prompt,
    ShotBrief,
    compose_image_to_video,
    compose_keyframe,
    compose_motion_control,
    compose_negative,
    compose_restyle,
    compose_text_to_video,
)
from onmodel.craft.ladders import rungs_of
from onmodel.craft.negative import MOST_CHARS
from onmodel.craft.repair import USUAL_ADHERENCE
from onmodel.endpoints import Choice, Need, Parts, Price, choose, picture_size
from onmodel.errors import PlanError
from onmodel.planning.asking import AS_TOLD, Asking, higher
from onmodel.planning.briefs import shot_brief, shot_content
from onmodel.planning.casting import Guise
from onmodel.planning.commission import Commission, Source, Step
from onmodel.planning.inputs import FileFacts
from onmodel.planning.likeness import Likeness
from onmodel.planning.market import Market
from onmodel.story import Format, Motion, Restyle, Shot, Story
from onmodel.story.shots import DEFAULT_S, first_frame_of, is_file, seen_after, source_shot

MOST_REFERENCES = 4
"""Pictures of the model sheet that go into one keyframe. Source: the endpoints' contract, 2026-11."""


@dataclass(frozen=True)
class ShotList:
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

    @property
    def format(self) -> Format:
        """The episode's picture."""
        return self.story.format(self.episode)

    @property
    def look(self) -> str | None:
        """The look of the series."""
        return self.story.production.look

    def used_s(self, name: str) -> Fraction:
        """Seconds of a shot in the cut: its own, its reference's, or those of the shot it restyles."""
        shot = self.shots[name]
        if shot.seconds is not None:
            return shot.seconds
        if shot.restyle:
            return self.used_s(shot.restyle.shot)
        if shot.motion:
            return self._reference(shot.motion).seconds or DEFAULT_S
        return DEFAULT_S

    def _reference(self, motion: Motion) -> FileFacts:
        return self.market.facts(self.story.root / motion.reference)

    # -- one shot --------------------------------------------------------------------------------------------

    def commissions(self, name: str) -> Iterator[Commission]:
        """The commissions of one shot, sources first.

        Raises:
            PlanError: no endpoint can do it, or no price is known.
            NotMedia: a supplied file is not what it should be.
        """
        shot = self.shots[name]
        if shot.restyle:
            yield self._restyle(name, shot, shot.restyle)
            return
        if first_frame_of(shot) == "keyframe":
            yield self._keyframe(name, shot)
        yield self._clip(name, shot)

    def _keyframe(self, name: str, shot: Shot) -> Commission:
        sources = tuple(Source(f"{subject}.sheet", "references") for subject in self._sheet_views(shot))
        asking = self._asking(f"{name}.keyframe")
        quality = asking.quality(self._quality(shot))
        need = Need("keyframe", quality, references=len(sources), ratio=self.format.ratio)
        choice = choose(need, self.market.catalogue)
        brief = asking.brief(shot_brief(shot, self.story.bibles, self.look, self.format.ratio))
        prompt = compose_keyframe(brief, references=len(sources), limit=asking.limit(choice.endpoint))
        price = self._price(need, choice)
        return Commission(
            scope=self.episode,
            subject=name,
            stage="keyframe",
            mode="keyframe",
            content={**shot_content(shot, self.story.bibles, self.look), "ratio": self.format.ratio},
            choice=choice,
            price=price,
            parts=Parts(prompt.text, ratio=self.format.ratio),
            shape=self.format.size,
            sources=sources,
            retake_usd=self._retake_usd(need),
            takes=shot.takes or 1,
            likenesses=self._likenesses(name),
            notes=prompt.left_out,
        )

    def guises(self) -> list[Guise]:
        """How everybody is seen in the episode; first as in the series, since the others are made from it."""
        wanted = dict.fromkeys(guise for name in self.shots for guise in self._guises_in(name))
        plain = dict.fromkeys(Guise(guise.character) for guise in wanted)
        worn = dict.fromkeys(Guise(guise.character, guise.wardrobe) for guise in wanted)
        return list({**dict.fromkeys(sorted(plain)), **worn, **wanted})

    def _guises_in(self, name: str) -> tuple[Guise, ...]:
        """How everybody is seen in a shot: after a style pass, in its look."""
        restyle = self.shots[name].restyle
        return _guises(self.filmed(name), restyle.look if restyle else None)

    def _likenesses(self, name: str) -> tuple[Likeness, ...]:
        return tuple(guise.likeness(self.story) for guise in self._guises_in(name))

    def _sheet_views(self, shot: Shot) -> list[str]:
        """The views that a keyframe is made from: every character's first, then the second, and so on."""
        by_character = [
            [guise.subject(view) for view in self.story.bibles[guise.character].sheet.views]
            for guise in _guises(shot, None)
        ]
        deepest = max(map(len, by_character), default=0)
        turns = [views[turn] for turn in range(deepest) for views in by_character if turn < len(views)]
        return turns[:MOST_REFERENCES]

    def _clip(self, name: str, shot: Shot) -> Commission:
        asking = self._asking(f"{name}.shoot")
        orientation = asking.orientation(shot.motion.orientation) if shot.motion else None
        sources, files = self._first_frame(name, shot), dict(self._files(shot))
        facts = self._reference(shot.motion) if shot.motion else None
        opened = bool(sources) or "first_frame" in files
        need = Need(
            "shoot",
            asking.quality(self._quality(shot)),
            has_start_image=opened,
            has_motion=shot.motion is not None,
            last_frame="last_frame" in files,
            seconds=self.used_s(name),
            input_s=facts.seconds if facts else None,
            orientation=orientation or "video",
            ratio=self.format.ratio,
            pinned=shot.endpoint,
        )
        choice = choose(need, self.market.catalogue)
        brief = asking.brief(shot_brief(shot, self.story.bibles, self.look, self.format.ratio))
        limit = asking.limit(choice.endpoint)
        prompt = _compose(brief, limit, motion=shot.motion is not None, opened=opened)
        negative, dropped = self._negative(shot, prompt, choice, asking)
        parts = Parts(
            prompt.text,
            negative,
            seconds=None if shot.motion else choice.seconds_bought,
            ratio=self.format.ratio,
            adherence=asking.adherence(shot.adherence, USUAL_ADHERENCE),
            orientation=orientation,
            keep_sound=bool(shot.motion and shot.motion.keep_sound),
        )
        content = {
            **shot_content(shot, self.story.bibles, self.look),
            "action": shot.action,
            "motion": shot.motion.model_dump(exclude={"reference"}) if shot.motion else None,
            "adherence": shot.adherence,
            "endpoint": shot.endpoint,
            "ratio": self.format.ratio,
        }
        mode = choice.endpoint.kind
        return self._commission(
            name, "shoot", mode, content, need, choice, parts, sources, files, (*prompt.left_out, *dropped)
        )

    def _restyle(self, name: str, shot: Shot, restyle: Restyle) -> Commission:
        asking = self._asking(f"{name}.restyle")
        original = self.shots[restyle.shot]
        stage = "restyle" if original.restyle else "shoot"
        sources = (Source(f"{restyle.shot}.{stage}", "source_video"),)
        source_s = self._bought_s(restyle.shot)
        need = Need(
            "restyle",
            asking.quality(self._quality(shot)),
            seconds=self.used_s(name),
            input_s=source_s,
            ratio=self.format.ratio,
            pinned=shot.endpoint,
        )
        choice = choose(need, self.market.catalogue)
        look = restyle.look or ""
        brief = asking.brief(shot_brief(self.filmed(name), self.story.bibles, None), look)
        prompt = compose_restyle(brief, look, tuple(restyle.keep), limit=asking.limit(choice.endpoint))
        negative, dropped = self._negative(shot, prompt, choice, asking)
        adherence = asking.adherence(shot.adherence, USUAL_ADHERENCE)
        parts = Parts(prompt.text, negative, adherence=adherence, keep_sound=True)
        content = {
            "cast": shot_content(self.filmed(name), self.story.bibles, None)["cast"],
            "look": restyle.look,
            # Not as empty keys: style passes that were bought before there were these stay current.
            **restyle.model_dump(include={"setting", "mood"}, exclude_none=True),
            "keep": list(restyle.keep),
            "avoid": list(shot.avoid or ()),
            "adherence": shot.adherence,
            "endpoint": shot.endpoint,
        }
        return self._commission(
            name,
            "restyle",
            "style pass",
            content,
            need,
            choice,
            parts,
            sources,
            {},
            (*prompt.left_out, *dropped),
        )

    # -- parts of it -----------------------------------------------------------------------------------------

    def filmed(self, name: str) -> Shot:
        """The shot that was filmed, as the style passes that lie over it show it."""
        shot = self.shots[name]
        return seen_after(self.filmed(shot.restyle.shot), shot.restyle) if shot.restyle else shot

    def _bought_s(self, name: str) -> Fraction | None:
        """Seconds of the clip that a style pass of this shot gets."""
        clip = [one for one in self.commissions(name) if one.is_clip]
        return clip[-1].choice.seconds_bought if clip else None

    def _price(self, need: Need, choice: Choice) -> Price:
        if choice.seconds_bought is not None:
            return self.market.prices.estimate(choice.endpoint.name, seconds=choice.seconds_bought)
        size = picture_size(self.format.ratio)
        return self.market.prices.estimate(
            choice.endpoint.name,
            megapixels=Fraction(size.width * size.height, 1024 * 1024),
            references=need.references,
        )

    def _retake_usd(self, need: Need) -> Decimal:
        """The most that one take may cost: in its own tier, or in the next, which a remedy may ask for."""
        wanted = [need, replace(need, quality=higher(need.quality))]
        found = []
        for one in wanted:
            with suppress(PlanError):  # the next tier may not be able to do it; then no remedy asks for it
                found.append(self._price(one, choose(one, self.market.catalogue)).usd)
        return max(found)

    def _ladder(self, name: str, need: Need) -> tuple[Step, ...]:
        """The rungs on which a shot is asked for, each with its price."""
        ladder = self.shots[name].ladder
        found = []
        for rung in rungs_of(ladder) if ladder else ():
            asked = replace(need, quality=rung.quality or need.quality)
            found.append(Step(rung, self._price(asked, choose(asked, self.market.catalogue)).usd))
        return tuple(found)

    def _asking(self, commission: str) -> Asking:
        return self.askings.get(commission, AS_TOLD)

    def _quality(self, shot: Shot) -> Any:
        return shot.quality or self.story.production.quality

    def _first_frame(self, name: str, shot: Shot) -> tuple[Source, ...]:
        first = first_frame_of(shot)
        if first == "keyframe":
            return (Source(f"{name}.keyframe", "first_frame"),)
        if first == "sheet":
            return (Source(f"{self._sheet_views(shot)[0]}.sheet", "first_frame"),)
        other = source_shot(name, shot, self.shots)
        if other is None:
            return ()
        stage = "restyle" if self.shots[other].restyle else "shoot"
        return (Source(f"{other}.{stage}", "first_frame", "last"),)

    def _files(self, shot: Shot) -> Iterator[tuple[str, FileFacts]]:
        root = self.story.root
        if shot.first_frame and is_file(shot.first_frame):
            yield "first_frame", self.market.facts(root / shot.first_frame)
        if shot.last_frame:
            yield "last_frame", self.market.facts(root / shot.last_frame)
        if shot.motion:
            yield "motion_video", self._reference(shot.motion)

    def _negative(
        self, shot: Shot, prompt: Prompt, choice: Choice, asking: Asking
    ) -> tuple[str, tuple[str, ...]]:
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

    def _commission(
        self,
        name: str,
        stage: Any,
        mode: str,
        content: Mapping[str, Any],
        need: Need,
        choice: Choice,
        parts: Parts,
        sources: tuple[Source, ...],
        files: Mapping[str, FileFacts],
        notes: tuple[str, ...],
    ) -> Commission:
        return Commission(
            scope=self.episode,
            subject=name,
            stage=stage,
            mode=mode,
            content=content,
            choice=choice,
            price=self._price(need, choice),
            retake_usd=self._retake_usd(need),
            parts=parts,
            shape=self.format.size,
            sources=sources,
            files=files,
            used_s=self.used_s(name),
            takes=self.shots[name].takes or 1,
            ladder=self._ladder(name, need) if stage == "shoot" else (),
            likenesses=self._likenesses(name),
            notes=notes,
        )


def _guises(shot: Shot, look: str | None) -> tuple[Guise, ...]:
    return tuple(Guise(who, wardrobe, look) for who, wardrobe in (shot.cast or {}).items())


def _compose(brief: ShotBrief, limit: int, *, motion: bool, opened: bool) -> Prompt:
    if motion:
        return compose_motion_control(brief, limit=limit)
    if opened:
        return compose_image_to_video(brief, limit=limit)
    return compose_text_to_video(brief, limit=limit)
