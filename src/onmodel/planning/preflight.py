"""The whole episode looked over before anything is bought: every fault at once, each at its place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import TypeVar

from onmodel.endpoints import UnknownEndpoint
from onmodel.errors import Finding, OnModelError, Place, PlanError, PostError, StoryError
from onmodel.planning.casting import Guise, sheet_commissions
from onmodel.planning.chains import shot_of
from onmodel.planning.commission import CAST, Commission
from onmodel.planning.cutting import Clip, cut_list
from onmodel.planning.field_findings import camera_findings, endpoint_findings, shot_findings
from onmodel.planning.file_findings import fitness_findings, sheet_file_faults, shot_file_faults
from onmodel.planning.market import Market
from onmodel.planning.shotlist import ShotList
from onmodel.planning.wording import wording_warnings
from onmodel.story import Shot, Story
from onmodel.story.shots import source_shot

T = TypeVar("T")


@dataclass(frozen=True)
class Prepared:
    """An episode, or the cast, that can be produced as far as anybody can tell before buying."""

    scope: str
    title: str
    commissions: tuple[Commission, ...]
    """Sources before what is made from them."""
    used_s: dict[str, Fraction]
    """Seconds in the cut, by shot."""
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
    used_s: dict[str, Fraction] = {}
    faults.add(shot_file_faults(shot_list))
    for name in _sources_first(shot_list):
        shot = shot_list.shots[name]
        faults.add(camera_findings(shot_list, name))
        faults.add(shot_findings(shot_list, name))
        source = source_shot(name, shot, shot_list.shots)
        if source is not None and source not in used_s:
            continue  # what it is made from has a fault, and that is told once
        place = partial(_shot_place, story, episode, name, shot)
        of_shot = faults.gather(shot_list.commissions(name), place)
        commissions |= {one.id: one for one in of_shot}
        if of_shot:
            used_s[name] = shot_list.used_s(name)
            faults.add(endpoint_findings(shot_list, name, of_shot[-1]))
    faults.add(fitness_findings(story, commissions.values()))
    if not faults.errors:
        faults.add(_cut_faults(story, episode, shot_list, used_s))
    if faults.errors:
        raise StoryError(faults.errors)
    faults.add(wording_warnings(story, episode, shot_list.shots, commissions))
    ordered = {name: used_s[name] for name in shot_list.shots}
    title = story.episodes[episode].title
    # What stands in the defaults is found in every shot, and told once.
    warnings = tuple(dict.fromkeys(finding for finding in faults.findings if finding.severity == "warning"))
    return Prepared(episode, title, _needed(commissions, episode), ordered, warnings)


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
    return Prepared(CAST, "Model sheets", tuple(commissions.values()), {}, tuple(faults.findings))


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


def _cut_faults(
    story: Story, episode: str, shot_list: ShotList, used_s: dict[str, Fraction]
) -> Iterator[Finding]:
    """Transitions that do not fit; the arithmetic is the cut's own, with clips that do not exist yet."""
    shots = shot_list.shots
    unmade = {name: [Clip("", Path())] * len(shot_list.links(name)) for name in shots}
    try:
        cut_list(shots, unmade, used_s, shot_list.format.fps)
    except PostError as error:
        named = shot_of(error.message.split(":", 1)[0])
        place = (
            story.place(episode, "shots", named, "join")
            if named in shots
            else Place(f"episodes/{episode}.yaml")
        )
        in_seconds = _crossfade_fault(named, shots, used_s) if named in shots else None
        yield Finding(place, *(in_seconds or (error.message, error.hint)))


def _crossfade_fault(
    name: str, shots: Mapping[str, Shot], used_s: Mapping[str, Fraction]
) -> tuple[str, str] | None:
    """Message and hint of a crossfade that is too long, in seconds as the story has them, not in frames."""
    order, has_s = list(shots), used_s[name]
    before = order[: order.index(name)][-1:]
    into_s, out_s = (sum(map(_crossfade_s, ones)) for ones in ([shots[one] for one in before], [shots[name]]))
    has = f"{float(has_s):g} s"
    if max(into_s, out_s) > has_s:
        side = "into" if into_s > has_s else "out of"
        return (
            f"the crossfade {side} this shot is {float(max(into_s, out_s)):g} s, the shot has {has}.",
            f"Make the crossfade at most {has}, or the shot longer.",
        )
    if into_s + out_s > has_s:
        return (
            f"the crossfades here ({float(into_s):g} s and {float(out_s):g} s) overlap, the shot has {has}.",
            f"Together they may have {has}.",
        )
    return None  # what is wrong is less than a frame, or no length


def _crossfade_s(shot: Shot) -> Fraction:
    return Fraction(shot.join.crossfade or 0) if shot.join else Fraction(0)
