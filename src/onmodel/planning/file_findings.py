"""Supplied files looked over: each must be of its kind, and fit for the endpoint that will get it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from onmodel.errors import Finding, Place, PostError
from onmodel.planning.board import Board
from onmodel.planning.chains import shot_of
from onmodel.planning.commission import CAST, Commission
from onmodel.planning.input_checks import check_inputs
from onmodel.planning.inputs import FileFacts
from onmodel.planning.market import Market
from onmodel.story import Story
from onmodel.story.shots import references_of


def sheet_file_faults(story: Story, characters: Iterable[str], market: Market) -> Iterator[Finding]:
    """Supplied pictures of a character must be pictures, and of people show one face."""
    for who in characters:
        bible = story.bibles[who]
        for index, reference in enumerate(bible.sheet.references):
            place = story.bible_place(who, "sheet", "references", index)
            faults = list(_kind_fault(story.root / reference, reference, "image", place, market))
            yield from faults
            if not faults and bible.kind == "human":
                yield from _face_advice(market.facts(story.root / reference), reference, place)


def shot_file_faults(board: Board) -> Iterator[Finding]:
    """Pictures must be pictures, and motion references clips."""
    story, episode, shots = board.story, board.episode, board.shots
    for name, shot in shots.items():
        for path, reference in references_of(shot, shots):
            kind = "video" if path[0] == "motion" else "image"
            place = story.place(episode, "shots", name, *path)
            yield from _kind_fault(story.root / reference, reference, kind, place, board.market)


def fitness_findings(story: Story, commissions: Iterable[Commission]) -> Iterator[Finding]:
    """What endpoints and good practice ask of the supplied files of some commissions, each said once."""
    told: set[tuple[Place, str]] = set()
    for commission in commissions:
        for role, fault in check_inputs(commission.choice.endpoint, commission.files):
            place, reference = _place_of(story, commission, role)
            if (place, fault.message) not in told:
                told.add((place, fault.message))
                yield Finding(place, f"'{reference}': {fault.message}", fault.hint, fault.severity)


def _place_of(story: Story, commission: Commission, role: str) -> tuple[Place, str]:
    """Where a file of a commission is named, and how."""
    facts = commission.files[role]
    kind, _, index = role.partition(".")
    if commission.scope == CAST:
        who = shot_of(commission.subject)
        return story.bible_place(who, "sheet", "references", int(index)), _named(story, facts)
    path: Mapping[str, tuple[str | int, ...]] = {
        "motion_video": ("motion", "reference"),
        "references": ("references",),
        "moving_masks": ("mask", "moving", int(index or 0), "area"),
    }
    place = story.place(commission.scope, "shots", shot_of(commission.subject), *path.get(kind, (kind,)))
    return place, _named(story, facts)


def _face_advice(facts: FileFacts, reference: str, place: Place) -> Iterator[Finding]:
    """A person is recognised by the face: said before views are bought that nobody can be judged by."""
    faces = facts.sight.faces if facts.sight else 0
    if faces != 1:
        seen = f"{faces} faces are seen, and it is not clear whose is meant" if faces else "no face is seen"
        said = f"'{reference}': {seen}: a person is recognised by the face."
        yield Finding(place, said, "Crop it to one person, large and from the front.", "warning")


def _named(story: Story, facts: FileFacts) -> str:
    """A file as the story has it, not as it is called on this machine."""
    return facts.path.relative_to(story.root).as_posix()


def _kind_fault(path: Path, reference: str, kind: str, place: Place, market: Market) -> Iterator[Finding]:
    try:
        found = market.facts(path).kind
    except PostError as error:
        # As it is written in the story, not as it is called on this machine.
        yield Finding(place, error.message.replace(str(path), reference), error.hint)
        return
    if found != kind:
        names = {"image": "a picture", "video": "a clip"}
        yield Finding(place, f"'{reference}' is {names[found]}, and {names[kind]} is wanted here.")
