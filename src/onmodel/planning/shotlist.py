"""An episode's shot list as commissions: keyframe, clip and style pass of every shot, sources first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
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
from onmodel.craft.negative import MOST_CHARS
from onmodel.endpoints import Choice, Need, Parts, choose, picture_size
from onmodel.planning.briefs import prompt_limit, shot_brief, shot_content
from onmodel.planning.casting import sheet_subject
from onmodel.planning.commission import Commission, Source
from onmodel.planning.inputs import FileFacts
from onmodel.planning.market import Market
from onmodel.story import Format, Motion, Restyle, Shot, Story
from onmodel.story.shots import DEFAULT_S, first_frame_of, is_file, source_shot

MOST_REFERENCES = 4
"""Pictures of the model sheet that go into one keyframe. Source: the endpoints' contract, 2026-11."""


@dataclass(frozen=True)
class ShotList:
    """What building the commissions of one episode needs."""

    story: Story
    episode: str
    market: Market

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
        need = Need("keyframe", self._quality(shot), references=len(sources), ratio=self.format.ratio)
        choice = choose(need, self.market.catalogue)
        brief = shot_brief(shot, self.story.bibles, self.look)
        prompt = compose_keyframe(brief, references=len(sources), limit=prompt_limit(choice.endpoint))
        size = picture_size(self.format.ratio)
        price = self.market.prices.estimate(
            choice.endpoint.name,
            megapixels=Fraction(size.width * size.height, 1024 * 1024),
            references=len(sources),
        )
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
            notes=prompt.left_out,
        )

    def _sheet_views(self, shot: Shot) -> list[str]:
        """The views that a keyframe is made from: every character's first, then the second, and so on."""
        by_character = [
            [sheet_subject(who, wardrobe, view) for view in self.story.bibles[who].sheet.views]
            for who, wardrobe in (shot.cast or {}).items()
        ]
        deepest = max(map(len, by_character), default=0)
        turns = [views[turn] for turn in range(deepest) for views in by_character if turn < len(views)]
        return turns[:MOST_REFERENCES]

    def _clip(self, name: str, shot: Shot) -> Commission:
        sources, files = self._first_frame(name, shot), dict(self._files(shot))
        facts = self._reference(shot.motion) if shot.motion else None
        opened = bool(sources) or "first_frame" in files
        need = Need(
            "shoot",
            self._quality(shot),
            has_start_image=opened,
            has_motion=shot.motion is not None,
            last_frame="last_frame" in files,
            seconds=self.used_s(name),
            input_s=facts.seconds if facts else None,
            orientation=shot.motion.orientation if shot.motion else "video",
            ratio=self.format.ratio,
            pinned=shot.endpoint,
        )
        choice = choose(need, self.market.catalogue)
        brief = shot_brief(shot, self.story.bibles, self.look)
        prompt = _compose(brief, choice, motion=shot.motion is not None, opened=opened)
        negative, dropped = self._negative(shot, prompt, choice)
        parts = Parts(
            prompt.text,
            negative,
            seconds=None if shot.motion else choice.seconds_bought,
            ratio=self.format.ratio,
            adherence=shot.adherence,
            orientation=shot.motion.orientation if shot.motion else None,
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
            name, "shoot", mode, content, choice, parts, sources, files, (*prompt.left_out, *dropped)
        )

    def _restyle(self, name: str, shot: Shot, restyle: Restyle) -> Commission:
        original = self.shots[restyle.shot]
        stage = "restyle" if original.restyle else "shoot"
        sources = (Source(f"{restyle.shot}.{stage}", "source_video"),)
        source_s = self._bought_s(restyle.shot)
        need = Need(
            "restyle",
            self._quality(shot),
            seconds=self.used_s(name),
            input_s=source_s,
            ratio=self.format.ratio,
            pinned=shot.endpoint,
        )
        choice = choose(need, self.market.catalogue)
        brief = shot_brief(self._filmed(name), self.story.bibles, None)
        prompt = compose_restyle(
            brief, restyle.look, tuple(restyle.keep), limit=prompt_limit(choice.endpoint)
        )
        negative, dropped = self._negative(shot, prompt, choice)
        parts = Parts(prompt.text, negative, adherence=shot.adherence, keep_sound=True)
        content = {
            "cast": shot_content(self._filmed(name), self.story.bibles, None)["cast"],
            "look": restyle.look,
            "keep": list(restyle.keep),
            "avoid": list(shot.avoid or ()),
            "adherence": shot.adherence,
            "endpoint": shot.endpoint,
        }
        return self._commission(
            name, "restyle", "style pass", content, choice, parts, sources, {}, (*prompt.left_out, *dropped)
        )

    # -- parts of it -----------------------------------------------------------------------------------------

    def _filmed(self, name: str) -> Shot:
        """The shot that was filmed, behind one or more style passes."""
        shot = self.shots[name]
        return self._filmed(shot.restyle.shot) if shot.restyle else shot

    def _bought_s(self, name: str) -> Fraction | None:
        """Seconds of the clip that a style pass of this shot gets."""
        clip = [one for one in self.commissions(name) if one.is_clip]
        return clip[-1].choice.seconds_bought if clip else None

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

    def _negative(self, shot: Shot, prompt: Prompt, choice: Choice) -> tuple[str, tuple[str, ...]]:
        if choice.endpoint.negative is None:
            return "", ()
        never = tuple(word for who in shot.cast or {} for word in self.story.bibles[who].never)
        found = compose_negative(
            prompt.text,
            look=self.look or "",
            motion_family="identity" if shot.cast else "smooth",
            never=never,
            extra=tuple(shot.avoid or ()),
            limit=choice.endpoint.negative_chars or MOST_CHARS,
        )
        return found.text, found.dropped

    def _commission(
        self,
        name: str,
        stage: Any,
        mode: str,
        content: Mapping[str, Any],
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
            price=self.market.prices.estimate(choice.endpoint.name, seconds=choice.seconds_bought),
            parts=parts,
            shape=self.format.size,
            sources=sources,
            files=files,
            used_s=self.used_s(name),
            notes=notes,
        )


def _compose(brief: ShotBrief, choice: Choice, *, motion: bool, opened: bool) -> Prompt:
    limit = prompt_limit(choice.endpoint)
    if motion:
        return compose_motion_control(brief, limit=limit)
    if opened:
        return compose_image_to_video(brief, limit=limit)
    return compose_text_to_video(brief, limit=limit)
