"""Pictures of a shot as commissions: its keyframe, and the pictures that hold a long shot to the sheet."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from onmodel.craft import Prompt, ShotBrief, compose_keyframe, compose_target
from onmodel.endpoints import Need, Parts
from onmodel.planning.board import MOST_REFERENCES, Board
from onmodel.planning.briefs import shot_brief, shot_content
from onmodel.planning.chains import Link
from onmodel.planning.commission import Commission, Source
from onmodel.planning.requests import with_remarks


def keyframe_of(board: Board, name: str) -> Commission:
    """The picture that opens a shot: the model sheet's characters in its setting.

    Raises:
        PlanError: no endpoint can do it, or no price is known.
    """
    sources = tuple(Source(view, "references") for view in board.sheet_views(board.shots[name]))

    def compose(brief: ShotBrief, limit: int) -> Prompt:
        return compose_keyframe(brief, len(sources), limit=limit)

    return _picture(board, name, name, sources, {}, compose)


def target_of(board: Board, before: Link, link: Link) -> Commission:
    """The picture that a link of a long shot ends on: the frame it starts from, as the sheet has everybody.

    Raises:
        PlanError: no endpoint can do it, or no price is known.
    """
    frame = Source(f"{before.subject}.shoot", "references", "last", before.ends_at_s)
    views = board.sheet_views(board.shots[link.shot], MOST_REFERENCES - 1)
    sources = (frame, *(Source(view, "references") for view in views))
    return _picture(
        board,
        link.shot,
        link.subject,
        sources,
        {"link": link.number},
        lambda brief, limit: compose_target(brief, limit=limit),
    )


def _picture(
    board: Board,
    name: str,
    subject: str,
    sources: tuple[Source, ...],
    more: Mapping[str, Any],
    compose: Callable[[ShotBrief, int], Prompt],
) -> Commission:
    shot, ratio = board.shots[name], board.ratio(name)
    asking = board.asking(f"{subject}.keyframe")
    need = Need("keyframe", asking.quality(board.quality(shot)), references=len(sources), ratio=ratio)
    choice = board.choose(need)
    brief = asking.brief(shot_brief(shot, board.story.bibles, board.look, ratio))
    prompt = compose(brief, asking.limit(choice.endpoint))
    return with_remarks(
        Commission(
            scope=board.episode,
            subject=subject,
            stage="keyframe",
            mode="keyframe",
            content={**shot_content(shot, board.story.bibles, board.look), "ratio": ratio, **more},
            choice=choice,
            price=board.price(need, choice),
            parts=Parts(prompt.text, ratio=ratio),
            shape=board.shape(name),
            sources=sources,
            retake_usd=board.retake_usd(need),
            takes=shot.takes or 1,
            likenesses=board.likenesses(name),
            notes=prompt.left_out,
        )
    )
