"""Sound looked over before anything is rendered: files that are none, music and speech that do not fit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction

from onmodel.errors import Finding, PostError
from onmodel.planning.board import Board
from onmodel.planning.inputs import FileFacts
from onmodel.planning.programme import programme_of
from onmodel.planning.sound_places import Seen, bed_span, samples_in, shots_seen
from onmodel.story.episode import Bed
from onmodel.story.sounds import sounds_of
from onmodel.story.trims import Trim
from onmodel.units import SAMPLE_RATE


def sound_file_findings(board: Board) -> Iterator[Finding]:
    """Files of music and speech must have sound."""
    for where, reference in sounds_of(board.story.episodes[board.episode], board.shots):
        path = board.story.root / reference
        try:
            board.market.sounds(path)
        except PostError as error:
            # As it is written in the story, not as it is called on this machine.
            message = error.message.replace(str(path), f"'{reference}'")
            yield Finding(board.story.place(board.episode, *where), message, error.hint)


def sound_findings(board: Board, trims: Mapping[str, Trim]) -> Iterator[Finding]:
    """Music and speech that do not fit the cut: call it once the cut and the files are known to be sound."""
    fps = board.format.fps
    programme = programme_of(board.story, board.episode, trims)
    samples, seen = programme.samples(fps), shots_seen(programme, fps)
    for index, bed in enumerate(board.story.episodes[board.episode].music):
        yield from _bed_findings(board, index, bed, seen, samples)
    for name in board.shots:
        yield from _speech_findings(board, name, seen[name], samples)


def _bed_findings(
    board: Board, index: int, bed: Bed, seen: Mapping[str, Seen], samples: int
) -> Iterator[Finding]:
    def at(key: str) -> Finding:
        return Finding(board.story.place(board.episode, "music", index, key), message, hint)

    first, last = bed_span(bed, seen, samples)
    has_s = _facts(board, bed.file).seconds
    if first >= samples:
        message = f"the music begins at {_s(first)}, and the episode is over at {_s(samples)}."
        hint = "Begin it earlier; a shot's id is a place too."
        yield at("begin")
    elif last <= first:
        message = f"the music begins at {_s(first)} of the episode and ends at {_s(last)}."
        hint = "Let 'end' be later than 'begin'."
        yield at("end")
    if has_s and bed.in_ >= has_s:
        message = f"{float(bed.in_):g} s of '{bed.file}' are passed over, and it has {float(has_s):.4g} s."
        hint = "Make 'in' smaller."
        yield at("in")


def _speech_findings(board: Board, name: str, place: Seen, samples: int) -> Iterator[Finding]:
    for index, one in enumerate(board.shots[name].speech):
        begin = place.begin + samples_in(one.at)
        has_s = _facts(board, one.file).seconds or Fraction(0)
        end = begin + samples_in(has_s)
        if begin >= place.end:
            yield Finding(
                board.story.place(board.episode, "shots", name, "speech", index, "at"),
                f"the speech begins {float(one.at):g} s after the shot does, and the shot is "
                f"{_s(place.end - place.begin)} long.",
                "Begin it earlier, or let the next shot have it.",
            )
        elif end > place.end:
            what = "it is cut off with the episode" if end > samples else "it goes on under what follows"
            yield Finding(
                board.story.place(board.episode, "shots", name, "speech", index, "file"),
                f"'{one.file}' is {float(has_s):.4g} s long, the shot has {_s(place.end - begin)} left: "
                f"{what}.",
                "Make the shot longer, or 'at' smaller.",
                "warning",
            )


def _facts(board: Board, reference: str) -> FileFacts:
    return board.market.sounds(board.story.root / reference)


def _s(samples: int) -> str:
    return f"{samples / SAMPLE_RATE:.4g} s"
