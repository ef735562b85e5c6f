"""Pictures that go along with a clip: of everybody in it as elements, and of things as files."""

from __future__ import annotations

from typing import NamedTuple

from onmodel.craft import Handle
from onmodel.endpoints import Endpoint
from onmodel.planning.board import Board
from onmodel.planning.casting import Guise
from onmodel.planning.commission import Source
from onmodel.planning.inputs import FileFacts
from onmodel.story import Shot
from onmodel.story.shots import is_file

MOST_VIEWS = 4
"""Views of a character in one element, the best one first. Source: the endpoints' contract, 2026-11."""


class Pictures(NamedTuple):
    """What goes along, and by which names the prompt may speak of it."""

    characters: tuple[tuple[str, Guise], ...] = ()
    """Names as prompts say them, and how each is seen."""
    things: tuple[tuple[str, FileFacts], ...] = ()
    """What each file shows."""

    def __len__(self) -> int:
        return len(self.characters) + len(self.things)

    @property
    def files(self) -> dict[str, FileFacts]:
        """The files by their role."""
        return {f"references.{index}": facts for index, (_, facts) in enumerate(self.things)}

    def sources(self, board: Board) -> tuple[Source, ...]:
        """The views of each character's sheet."""
        return tuple(
            Source(view, f"elements.{guise.character}")
            for _, guise in self.characters
            for view in board.views_of(guise)[:MOST_VIEWS]
        )

    def handles(self, endpoint: Endpoint) -> tuple[Handle, ...]:
        """The names in the order of the request, which `endpoints.build` makes of elements and pictures."""
        names = [name for name, _ in self.characters]
        shown = [shows for shows, _ in self.things]
        if "elements" not in endpoint.roles:
            return _tagged("Image", [*shown, *names])
        if endpoint.references is None:
            return _tagged("Element", [*names, *shown])
        return (*_tagged("Element", names), *_tagged("Image", shown))


def pictures_in(board: Board, name: str) -> Pictures:
    """Everybody in a shot and what else it has pictures of; in a style pass only the latter."""
    shot = board.shots[name]
    cast = {} if shot.restyle else dict(shot.cast or {})
    given = shot.references or {}
    others = {guise.character: guise.wardrobe for guise in shown_in(shot)}
    guises = [Guise(who, wardrobe) for who, wardrobe in {**others, **cast}.items()]
    characters = tuple((board.story.bibles[guise.character].name, guise) for guise in guises)
    files = ((shows, reference) for shows, reference in given.items() if is_file(reference))
    return Pictures(characters, tuple((shows, board.facts(reference)) for shows, reference in files))


def shown_in(shot: Shot) -> list[Guise]:
    """The characters whose sheets a shot names as references."""
    return [Guise(one) for one in (shot.references or {}).values() if not is_file(one)]


def _tagged(kind: str, shown: list[str]) -> tuple[Handle, ...]:
    return tuple(Handle(f"@{kind}{number}", one) for number, one in enumerate(shown, 1))
