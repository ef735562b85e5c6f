"""Clips of a shot as commissions: one, or the links of a long shot."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

from onmodel.craft import (
    Prompt,
    ShotBrief,
    compose_image_to_video,
    compose_motion_control,
    compose_reference_to_video,
    compose_text_to_video,
)
from onmodel.craft.ladders import rungs_of
from onmodel.craft.repair import USUAL_ADHERENCE
from onmodel.endpoints import Choice, Endpoint, Need, Orientation, Parts, orientation_for
from onmodel.planning.asking import Asking
from onmodel.planning.board import Board
from onmodel.planning.briefs import adherence_advice, shot_brief, shot_content
from onmodel.planning.chains import Link
from onmodel.planning.commission import Commission, Source, Step
from onmodel.planning.inputs import FileFacts
from onmodel.planning.keyframes import target_of
from onmodel.planning.pictures import Pictures, pictures_in
from onmodel.planning.requests import with_remarks
from onmodel.story import Shot
from onmodel.story.shots import first_frame_of, goes_by_pictures, is_file, source_shot


def clips_of(board: Board, name: str) -> Iterator[Commission]:
    """The clips that a shot is filmed in, each after the picture that it is to end on.

    Raises:
        PlanError: no endpoint can do it, or no price is known.
        NotMedia: a supplied file is not what it should be.
    """
    before: Link | None = None
    for link in board.links(name):
        yield from _Take(board, link, before).commissions()
        before = link


class _Take(NamedTuple):
    """One clip in the making."""

    board: Board
    link: Link
    before: Link | None

    @property
    def shot(self) -> Shot:
        return self.board.shots[self.link.shot]

    @property
    def asking(self) -> Asking:
        return self.board.asking(f"{self.link.subject}.shoot")

    def commissions(self) -> Iterator[Commission]:
        shot, board = self.shot, self.board
        pictures = pictures_in(board, self.link.shot) if goes_by_pictures(shot) else Pictures()
        orientation = _orientation(board, shot)
        files = {**dict(self._files()), **pictures.files}
        first = self._first_frame()
        need = self._need(files, pictures, orientation, opened=bool(first) or "first_frame" in files)
        choice = _with_orientation(board.choose(need), orientation)
        sources = (*first, *pictures.sources(board))
        remarks: tuple[str, ...] = ()
        if self.link.may_drift and shot.cast and "last_frame" not in files:
            if choice.endpoint.last_frame is not None and self.before is not None:
                target = target_of(board, self.before, self.link)
                yield target
                sources = (*sources, Source(target.id, "last_frame"))
            else:
                remarks = (_not_pulled_back(choice.endpoint, self.link),)
        prompt = self._prompt(need, choice, pictures)
        negative, dropped = board.negative(shot, prompt, choice, self.asking)
        yield with_remarks(
            Commission(
                scope=board.episode,
                subject=self.link.subject,
                stage="shoot",
                mode=choice.endpoint.kind,
                content=self._content(pictures, orientation),
                choice=choice,
                price=board.price(need, choice),
                retake_usd=board.retake_usd(need),
                parts=self._parts(need, choice, prompt, negative),
                shape=board.shape(self.link.shot),
                sources=sources,
                files=files,
                used_s=self.link.used_s,
                takes=shot.takes or 1,
                ladder=self._ladder(need),
                likenesses=board.likenesses(self.link.shot),
                notes=(*prompt.left_out, *dropped),
                remarks=remarks,
            )
        )

    def _first_frame(self) -> tuple[Source, ...]:
        shot, board, name = self.shot, self.board, self.link.shot
        if self.before is not None:
            return (Source(f"{self.before.subject}.shoot", "first_frame", "last", self.before.ends_at_s),)
        first = first_frame_of(shot)
        if first == "keyframe":
            return (Source(f"{name}.keyframe", "first_frame"),)
        if first == "sheet":
            return (Source(board.sheet_views(shot)[0], "first_frame"),)
        other = source_shot(name, shot, board.shots)
        return () if other is None else (Source(board.last_clip(other), "first_frame", "last"),)

    def _files(self) -> Iterator[tuple[str, FileFacts]]:
        shot, board = self.shot, self.board
        if self.link.is_first and shot.first_frame and is_file(shot.first_frame):
            yield "first_frame", board.facts(shot.first_frame)
        if self.link.is_last and shot.last_frame:
            yield "last_frame", board.facts(shot.last_frame)
        if shot.motion:
            yield "motion_video", board.reference(shot.motion)
        if shot.mask and shot.mask.still:
            yield "mask", board.facts(shot.mask.still)
        for index, moving in enumerate(shot.mask.moving if shot.mask else ()):
            yield f"moving_masks.{index}", board.facts(moving.area)

    def _need(
        self,
        files: dict[str, FileFacts],
        pictures: Pictures,
        orientation: Orientation | None,
        *,
        opened: bool,
    ) -> Need:
        shot = self.shot
        return Need(
            "shoot",
            self.asking.quality(self.board.quality(shot)),
            has_start_image=opened,
            has_motion=shot.motion is not None,
            # All links of a shot that ends on a picture are filmed by the same endpoint.
            last_frame=bool(shot.last_frame) and (opened or self.link.is_last),
            seconds=self.link.used_s,
            input_s=files["motion_video"].seconds if shot.motion else None,
            orientation=self.asking.orientation(orientation.value) if orientation else "video",
            ratio=self.board.ratio(self.link.shot),
            references=len(pictures),
            audio=bool(shot.audio),
            voices=bool(shot.voices),
            mask="mask" in files,
            moving_masks=bool(shot.mask and shot.mask.moving),
            effect=shot.effect or "",
            camera_preset=(shot.camera.preset or "") if shot.camera else "",
            pinned=shot.endpoint,
        )

    def _prompt(self, need: Need, choice: Choice, pictures: Pictures) -> Prompt:
        told = shot_brief(self.shot, self.board.story.bibles, self.board.look, need.ratio)
        if not self.link.is_first:
            # It opens where the link before ended, and not as the shot began.
            told = replace(told, start="", action=told.action and f"the movement goes on: {told.action}")
        brief, limit = self.asking.brief(told), self.asking.limit(choice.endpoint)
        if len(pictures) and not need.has_motion:
            return compose_reference_to_video(brief, pictures.handles(choice.endpoint), limit=limit)
        return _compose(brief, limit, motion=need.has_motion, opened=need.has_start_image)

    def _parts(self, need: Need, choice: Choice, prompt: Prompt, negative: str) -> Parts:
        shot = self.shot
        moving = shot.mask.moving if shot.mask else []
        return Parts(
            prompt.text,
            negative,
            seconds=None if shot.motion else choice.seconds_bought,
            ratio=need.ratio,
            adherence=self.asking.adherence(_adherence(shot, need, choice.endpoint), USUAL_ADHERENCE),
            orientation=need.orientation if shot.motion else None,
            keep_sound=bool(shot.keep_sound),
            audio=need.audio or need.voices,
            voices=tuple(shot.voices or ()),
            effect=need.effect,
            camera_preset=need.camera_preset,
            moving_masks=tuple({"trajectories": [one.model_dump() for one in area.path]} for area in moving),
        )

    def _content(self, pictures: Pictures, orientation: Orientation | None) -> dict[str, Any]:
        shot, board = self.shot, self.board
        motion = None
        if orientation:
            motion = {"orientation": orientation.value, "keep_sound": bool(shot.keep_sound)}
        return {
            **shot_content(shot, board.story.bibles, board.look),
            "action": shot.action,
            "motion": motion,
            "adherence": shot.adherence,
            "endpoint": shot.endpoint,
            "ratio": board.ratio(self.link.shot),
            **_said_besides(shot, pictures),
            **({} if self.link.is_first else {"link": self.link.number}),
        }

    def _ladder(self, need: Need) -> tuple[Step, ...]:
        """The rungs on which a shot is asked for, each with its price."""
        found = []
        for rung in rungs_of(self.shot.ladder) if self.shot.ladder else ():
            asked = replace(need, quality=rung.quality or need.quality)
            found.append(Step(rung, self.board.price(asked, self.board.choose(asked)).usd))
        return tuple(found)


def _orientation(board: Board, shot: Shot) -> Orientation | None:
    """What body and framing follow: as the shot says, or as its reference was seen to suit."""
    if shot.motion is None:
        return None
    if shot.motion.orientation is not None:
        return Orientation(shot.motion.orientation, "")
    facts = board.reference(shot.motion)
    return orientation_for(
        face_height=facts.sight.face_height if facts.sight else None,
        person_height=facts.sight.person_height if facts.sight else None,
        seconds=facts.seconds,
    )


def _with_orientation(choice: Choice, orientation: Orientation | None) -> Choice:
    if orientation is None or not orientation.why:
        return choice
    return replace(choice, why=f"{choice.why}; orientation {orientation.value}: {orientation.why}")


def _not_pulled_back(endpoint: Endpoint, link: Link) -> str:
    return f"{endpoint.short} takes no last frame: clip {link.number} of {link.of} is not held to the sheet"


def _adherence(shot: Shot, need: Need, endpoint: Endpoint) -> float | None:
    """The shot's own, else what is advised for its kind where the endpoint takes it."""
    if shot.adherence is not None or endpoint.adherence is None:
        return shot.adherence
    return adherence_advice(shot, picture=need.has_start_image, last_frame=need.last_frame).value


def _said_besides(shot: Shot, pictures: Pictures) -> dict[str, Any]:
    """What only some shots say; no empty keys, so that takes from before there were these stay current."""
    moving = [[point.model_dump() for point in one.path] for one in (shot.mask.moving if shot.mask else ())]
    said = {
        "effect": shot.effect,
        "mode": shot.mode,
        "audio": shot.audio,
        "voices": list(shot.voices or ()),
        "mask": moving,
        "references": [*(name for name, _ in pictures.characters), *(shows for shows, _ in pictures.things)],
    }
    return {key: value for key, value in said.items() if value}


def _compose(brief: ShotBrief, limit: int, *, motion: bool, opened: bool) -> Prompt:
    if motion:
        return compose_motion_control(brief, limit=limit)
    if opened:
        return compose_image_to_video(brief, limit=limit)
    return compose_text_to_video(brief, limit=limit)
