"""What cannot be cut as a shot list says it: trims and joins that do not fit, each at its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import pairwise

from onmodel.errors import Finding, Place, PostError
from onmodel.planning.board import Board
from onmodel.planning.chains import shot_of
from onmodel.planning.programme import programme_of
from onmodel.story import Shot
from onmodel.story.trims import Trim, trim_fault


def trim_findings(board: Board, name: str) -> Iterator[Finding]:
    """A trim that leaves nothing of a shot whose length its reference gives, or the shot it restyles."""
    shot = board.shots[name]
    if not (shot.motion or shot.restyle):
        return  # told when the story was read
    try:
        trim = board.trim(name)
        whole_s = board.reference(shot.motion).seconds if shot.motion else None
    except PostError:
        return  # the file is unfit, and that is told at its own place
    fault = trim_fault(shot, trim, whole_s)
    if fault:
        key, message, hint = fault
        yield Finding(_at(board, name, key), message, hint)


def cut_findings(board: Board, trims: Mapping[str, Trim]) -> Iterator[Finding]:
    """Joins that do not fit; the arithmetic is the cut's own, with clips that do not exist yet."""
    found = [*_ending_findings(board), *_sound_findings(board, trims)]
    yield from found
    if found:
        return
    shots = board.shots
    try:
        programme_of(board.story, board.episode, trims)
    except PostError as error:
        named = shot_of(error.message.split(":", 1)[0])
        in_seconds = _transition_fault(named, shots, trims) if named in shots else None
        # A card has no join of its own: what goes over into it is the last shot's.
        joining = named if named in shots else next(reversed(shots))
        yield Finding(_at(board, joining, "join"), *(in_seconds or (error.message, error.hint)))


def _ending_findings(board: Board) -> Iterator[Finding]:
    """A join after which nothing comes, or only a card, which is silent."""
    last = next(reversed(board.shots))
    join, card = board.shots[last].join, board.story.episodes[board.episode].cards.end
    if join and card and join.audio_lead:
        message = "after the last shot comes the end card, which is silent: it cannot be heard earlier."
        yield Finding(_at(board, last, "join", "audio_lead"), message, "Remove 'audio_lead'.")
    if join and not card and (join.overlap_s or join.audio_lead or join.audio_lag):
        message = f"'{last}' is the last shot: nothing comes that its {_called(board.shots[last])} leads to."
        yield Finding(_at(board, last, "join"), message, "Remove its join.")


def _sound_findings(board: Board, trims: Mapping[str, Trim]) -> Iterator[Finding]:
    """Leads and lags for which there is no sound, or no room."""
    for left, right in pairwise(board.shots):
        join = board.shots[left].join
        if join is None:
            continue
        before_s = trims[right].begin_s / trims[right].speed
        if join.audio_lead and before_s < join.audio_lead:
            yield Finding(
                _at(board, left, "join", "audio_lead"),
                f"'{right}' is to be heard {_s(join.audio_lead)} before it is seen, and it begins at "
                f"{_s(trims[right].begin_s)} of its clip: there is no sound before.",
                f"Write `in: {float(join.audio_lead * trims[right].speed):g}` into '{right}', or shorten "
                "'audio_lead'.",
            )
        elif join.audio_lead and join.audio_lead > trims[left].used_s:
            yield _longer(board, left, "audio_lead", join.audio_lead, left, trims)
        if join.audio_lag and trims[left].hold_s:
            message = "the shot is held at its end, so there is no sound that could go on under the next one."
            yield Finding(_at(board, left, "join", "audio_lag"), message, "Remove 'hold' or 'audio_lag'.")
        elif join.audio_lag and join.audio_lag > trims[right].used_s:
            yield _longer(board, left, "audio_lag", join.audio_lag, right, trims)


def _longer(
    board: Board, name: str, key: str, found_s: Fraction, beside: str, trims: Mapping[str, Trim]
) -> Finding:
    most = _s(trims[beside].used_s)
    message = f"'{key}' is {_s(found_s)}, and '{beside}', under which it is heard, has {most}."
    return Finding(_at(board, name, "join", key), message, f"Make it at most {most}.")


def _transition_fault(
    name: str, shots: Mapping[str, Shot], trims: Mapping[str, Trim]
) -> tuple[str, str] | None:
    """Message and hint of a transition that is too long, in seconds as the story has them, not in frames."""
    order, has_s = list(shots), trims[name].used_s
    before = order[: order.index(name)][-1:]
    into_s = _overlap_s(shots[before[0]]) if before else Fraction(0)
    out_s, has = _overlap_s(shots[name]), _s(has_s)
    if max(into_s, out_s) > has_s:
        side, there = ("into", shots[before[0]]) if into_s > has_s else ("out of", shots[name])
        kind = _called(there)
        return (
            f"the {kind} {side} this shot is {_s(max(into_s, out_s))}, the shot has {has}.",
            f"Make the {kind} at most {has}, or the shot longer.",
        )
    if into_s + out_s > has_s:
        kinds = {_called(shots[before[0]]), _called(shots[name])}
        these = f"{kinds.pop()}s" if len(kinds) == 1 else "transitions"
        return (
            f"the {these} here ({_s(into_s)} and {_s(out_s)}) overlap, the shot has {has}.",
            f"Together they may have {has}.",
        )
    return None  # what is wrong is less than a frame, no length, or in one clip of several


def _overlap_s(shot: Shot) -> Fraction:
    return shot.join.overlap_s if shot.join else Fraction(0)


def _called(shot: Shot) -> str:
    return next(iter(shot.join.transitions if shot.join else ()), "cut").replace("_", " ")


def _at(board: Board, name: str, *path: str) -> Place:
    return board.story.place(board.episode, "shots", name, *path)


def _s(seconds: Fraction) -> str:
    return f"{float(seconds):g} s"
