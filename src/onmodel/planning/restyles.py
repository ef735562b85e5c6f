"""Style passes as commissions: another shot's clip, changed, or gone by for a new one."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Final

from onmodel.craft import compose_restyle
from onmodel.craft.adherence import advised_for_edit
from onmodel.craft.repair import USUAL_ADHERENCE
from onmodel.endpoints import Choice, Need, Parts
from onmodel.errors import PlanError
from onmodel.planning.board import Board
from onmodel.planning.briefs import shot_brief, shot_content
from onmodel.planning.commission import Commission, Source
from onmodel.planning.pictures import Pictures, pictures_in
from onmodel.planning.requests import with_remarks
from onmodel.story import Restyle, Shot

GOES_BY: Final = ("movement and camera of @Video1",)
"""What of the other clip a new one keeps, where the shot does not say."""


def restyle_of(board: Board, name: str, restyle: Restyle, source_s: Fraction | None) -> Commission:
    """The style pass of a shot.

    Args:
        board: the episode.
        name: the shot.
        restyle: what it says of the pass.
        source_s: seconds of the clip that it gets.

    Raises:
        PlanError: no endpoint can do it, no price is known, or the other shot is filmed in several clips.
    """
    shot = board.shots[name]
    _check_one_clip(board, restyle)
    asking = board.asking(f"{name}.restyle")
    pictures = pictures_in(board, name)
    need = Need(
        "reference" if shot.mode == "reference" else "restyle",
        asking.quality(board.quality(shot)),
        seconds=board.trim(name).needs_s,
        input_s=source_s,
        ratio=board.ratio(name),
        references=len(pictures),
        pinned=shot.endpoint,
    )
    choice = board.choose(need)
    look = restyle.look or ""
    brief = asking.brief(shot_brief(board.filmed(name), board.story.bibles, None), look)
    keep = tuple(restyle.keep) or (GOES_BY if shot.mode == "reference" else ())
    handles, limit = pictures.handles(choice.endpoint), asking.limit(choice.endpoint)
    prompt = compose_restyle(brief, look, keep, handles=handles, limit=limit)
    negative, dropped = board.negative(shot, prompt, choice, asking)
    parts = Parts(
        prompt.text,
        negative,
        adherence=asking.adherence(_adherence(shot, restyle, choice), USUAL_ADHERENCE),
        keep_sound=shot.keep_sound is not False,
        seconds=choice.seconds_bought if choice.endpoint.seconds is not None else None,
    )
    return with_remarks(
        Commission(
            scope=board.episode,
            subject=name,
            stage="restyle",
            mode="style pass",
            content=_content(board, name, shot, restyle, pictures),
            choice=choice,
            price=board.price(need, choice),
            retake_usd=board.retake_usd(need),
            parts=parts,
            shape=board.shape(name),
            sources=(Source(board.last_clip(restyle.shot), "source_video"), *pictures.sources(board)),
            files=pictures.files,
            used_s=board.trim(name).needs_s,
            takes=shot.takes or 1,
            likenesses=board.likenesses(name),
            notes=(*prompt.left_out, *dropped),
        )
    )


def _adherence(shot: Shot, restyle: Restyle, choice: Choice) -> float | None:
    """The shot's own, else what is advised for the largest change, where the endpoint takes it."""
    if shot.adherence is not None or choice.endpoint.adherence is None:
        return shot.adherence
    return advised_for_edit(_largest_change(restyle)).value


def _check_one_clip(board: Board, restyle: Restyle) -> None:
    links = len(board.links(restyle.shot))
    if links > 1:
        raise PlanError(
            f"'{restyle.shot}' is filmed in {links} clips, and a style pass takes one.",
            hint=f"Write `clips: one` into '{restyle.shot}' (up to 10 s), or split it and restyle each part.",
        )


def _largest_change(restyle: Restyle) -> Any:
    if restyle.look:
        return "look"
    return "place" if restyle.setting or restyle.cast else "light"


def _content(board: Board, name: str, shot: Shot, restyle: Restyle, pictures: Pictures) -> dict[str, Any]:
    besides = {
        "keep_sound": None if shot.keep_sound is not False else False,
        "mode": shot.mode if shot.mode == "reference" else None,
        "references": [shows for shows, _ in (*pictures.characters, *pictures.things)] or None,
    }
    return {
        "cast": shot_content(board.filmed(name), board.story.bibles, None)["cast"],
        "look": restyle.look,
        # Not as empty keys: style passes that were bought before there were these stay current.
        **restyle.model_dump(include={"setting", "mood"}, exclude_none=True),
        **{key: value for key, value in besides.items() if value is not None},
        "keep": list(restyle.keep),
        "avoid": list(shot.avoid or ()),
        "adherence": shot.adherence,
        "endpoint": shot.endpoint,
    }
