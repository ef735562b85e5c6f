"""The whole episode looked over before anything is bought: every fault at once, each at its place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import NamedTuple, TypeVar

from onmodel.endpoints import UnknownEndpoint
from onmodel.errors import Finding, OnModelError, Place, PlanError, PostError, StoryError
from onmodel.planning.board import Board
from onmodel.planning.casting import Guise, sheet_commissions
from onmodel.planning.commission import CAST, Commission
from onmodel.planning.cut_findings import cut_findings, trim_findings
from onmodel.planning.field_findings import camera_findings, endpoint_findings, shot_findings
from onmodel.planning.file_findings import fitness_findings, sheet_file_faults, shot_file_faults
from onmodel.planning.market import Market
from onmodel.planning.programme import programme_of
from onmodel.planning.shotlist import ShotList
from onmodel.planning.sound_findings import sound_file_findings, sound_findings
from onmodel.planning.wording import wording_warnings
from onmodel.story import Gate, Shot, Story
from onmodel.story.shots import source_shot
from onmodel.story.trims import Trim

T = TypeVar("T")


class Prepared(NamedTuple):
    """An episode, or the cast, that can be produced as far as anybody can tell before buying."""

    scope: str
    title: str
    commissions: tuple[Commission, ...]
    """Sources before what is made from them."""
    trims: dict[str, Trim]
    """Which part of its clip each shot shows."""
    gates: tuple[Gate, ...] = ()
    """What a person must approve before it is gone on with."""
    warnings: tuple[Finding, ...] = ()


def prepare_episode(story: Story, episode: str, market: Market) -> Prepared:
    """Look an episode over and say what it asks for.

    Raises:
        StoryError: with every fault.
    """
    shot_list = ShotList(story, episode, market)
    faults = _Faults()
    commissions: dict[str, Commission] = {}
    cast = shot_list.guises()
    faults.add(sheet_file_faults(story, dict.fromkeys(guise.character for guise in cast), market))
    for guise in cast:
        views = sheet_commissions(story, guise, market)
        place = _at(story.bible_place(guise.character))
        commissions |= {one.id: one for one in faults.gather(views, place)}
    trims: dict[str, Trim] = {}
    faults.add(shot_file_faults(shot_list))
    faults.add(sound_file_findings(shot_list))
    for name in _sources_first(shot_list):
        shot = shot_list.shots[name]
        faults.add(camera_findings(shot_list, name))
        faults.add(shot_findings(shot_list, name))
        source = source_shot(name, shot, shot_list.shots)
        if source is not None and source not in trims:
            continue  # what it is made from has a fault, and that is told once
        if wrong := list(trim_findings(shot_list, name)):
            faults.add(wrong)
            continue
        place = partial(_shot_place, story, episode, name, shot)
        of_shot = faults.gather(shot_list.commissions(name), place)
        commissions |= {one.id: one for one in of_shot}
        if of_shot:
            trims[name] = shot_list.trim(name)
            faults.add(endpoint_findings(shot_list, name, of_shot[-1]))
    faults.add(fitness_findings(story, commissions.values()))
    if not faults.errors:
        faults.add(cut_findings(shot_list, trims))
    if not faults.errors:
        faults.add(sound_findings(shot_list, trims))
    if not faults.errors:
        faults.add(_written_findings(shot_list, trims))
    if faults.errors:
        raise StoryError(faults.errors)
    faults.add(_shape_findings(shot_list))
    faults.add(wording_warnings(story, episode, shot_list.shots, commissions))
    ordered = {name: trims[name] for name in shot_list.shots}
    title = story.episodes[episode].title
    # What stands in the defaults is found in every shot, and told once.
    warnings = tuple(dict.fromkeys(finding for finding in faults.findings if finding.severity == "warning"))
    needed = _needed(commissions, episode)
    return Prepared(episode, title, needed, ordered, story.gates(episode), warnings)


def _written_findings(board: Board, trims: Mapping[str, Trim]) -> Iterable[Finding]:
    """Look over what is written in an episode, where anything is."""
    episode, shots = board.story.episodes[board.episode], board.shots.values()
    if not (episode.cards.title or episode.cards.end or episode.captions.file) and not any(
        shot.say or shot.lower_third for shot in shots
    ):
        return ()
    from onmodel.planning.written import written_findings  # noqa: PLC0415 (letters load where there are any)

    return written_findings(board, programme_of(board.story, board.episode, trims))


def _shape_findings(board: Board) -> Iterable[Finding]:
    """Look over an episode's deliverables, where it has any."""
    if not board.story.deliverables(board.episode):
        return ()
    from onmodel.planning.shape_findings import deliverable_findings  # noqa: PLC0415 (as above)

    return deliverable_findings(board)


def _needed(commissions: Mapping[str, Commission], episode: str) -> tuple[Commission, ...]:
    """The episode's own commissions, and the views of sheets that one of them is made from or judged by."""
    needed = {name for name, one in commissions.items() if one.scope == episode}
    waiting = list(needed)
    while waiting:
        one = commissions[waiting.pop()]
        sources = {source.commission for source in one.sources}
        views = {view for likeness in one.likenesses for view in likeness.views}
        new = (sources | views) - needed
        needed |= new
        waiting += new
    return tuple(one for name, one in commissions.items() if name in needed)


def prepare_cast(story: Story, characters: Iterable[str], market: Market) -> Prepared:
    """Look the model sheets of some characters over, all wardrobes and expressions included.

    Raises:
        StoryError: with every fault.
    """
    faults = _Faults()
    commissions: dict[str, Commission] = {}
    names = list(characters)
    faults.add(sheet_file_faults(story, names, market))
    for who in names:
        for wardrobe in dict.fromkeys(("default", *story.bibles[who].wardrobe)):
            views = sheet_commissions(story, Guise(who, wardrobe), market, expressions=True)
            commissions |= {one.id: one for one in faults.gather(views, _at(story.bible_place(who)))}
    faults.add(fitness_findings(story, commissions.values()))
    if faults.errors:
        raise StoryError(faults.errors)
    gates = story.gates(CAST)
    return Prepared(CAST, "Model sheets", tuple(commissions.values()), {}, gates, tuple(faults.findings))


class _Faults:
    """Gathers findings, and turns errors of single commissions into such."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []

    @property
    def errors(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.severity == "error"]

    def add(self, findings: Iterable[Finding]) -> None:
        self.findings.extend(findings)

    def gather(self, made: Iterator[T], place: Callable[[OnModelError], Place]) -> list[T]:
        try:
            return list(made)
        except PlanError as error:
            self.findings.append(Finding(place(error), error.message, error.hint))
        except PostError:
            # Of a file that was found unfit at its own place already.
            if not self.errors:
                raise
        return []


def _sources_first(shot_list: ShotList) -> list[str]:
    """The shots in an order in which a shot comes after the one that it is made from."""
    order: dict[str, None] = {}

    def visit(name: str) -> None:
        source = source_shot(name, shot_list.shots[name], shot_list.shots)
        if source is not None and source not in order:
            visit(source)
        order[name] = None

    for name in shot_list.shots:
        visit(name)
    return list(order)


def _shot_place(story: Story, episode: str, name: str, shot: Shot, error: OnModelError) -> Place:
    """Where the cause of an error stands: the pinned endpoint, the file, or the shot."""
    if isinstance(error, UnknownEndpoint) or (isinstance(error, PlanError) and shot.endpoint):
        return story.place(episode, "shots", name, "endpoint")
    if shot.motion:
        return story.place(episode, "shots", name, "motion", "reference")
    return story.place(episode, "shots", name)


def _at(place: Place) -> Callable[[OnModelError], Place]:
    return lambda _: place
