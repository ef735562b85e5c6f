"""Deliverables looked over: those that are larger than what the cut has, or named twice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from onmodel.errors import Finding
from onmodel.planning.board import Board
from onmodel.post.reframe import enlargement, frame_share
from onmodel.story.deliverables import name_of, ratio_of
from onmodel.units import Size

_WORTH_TELLING: Final = 1.01


def deliverable_findings(board: Board) -> Iterator[Finding]:
    """Deliverables that are larger than what the cut has, or named twice."""
    cut, episode = board.format.size, board.story.episodes[board.episode]
    tree = f"episodes/{board.episode}.yaml" if episode.deliver is not None else "production.yaml"
    names: dict[str, str] = {}
    for index, (written, size) in enumerate(board.story.deliverables(board.episode).items()):
        place = board.story.trees[tree].place(("deliver", index))
        if twice := names.get(name := name_of(written, size)):
            hint = "Remove one of them."
            yield Finding(place, f"'{written}' is the same as '{twice}': both are {size}.", hint, "warning")
        names.setdefault(name, written)
        if min(size.width, size.height) <= min(cut.width, cut.height):
            continue
        times, share = enlargement(cut, size), frame_share(cut, size)
        seen = Size(round(cut.width * share[0]), round(cut.height * share[1]))
        if times > _WORTH_TELLING:
            said = f"'{written}' shows {seen} of the {cut} cut, enlarged {times:.1f} times: it will be soft."
            hint = f"Raise the format's resolution, or deliver {ratio_of(written)} without a size."
            yield Finding(place, said, hint, "warning")
