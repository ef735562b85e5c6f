"""A production's folder to a checked story: every fault of every file at once, nothing half-read."""

from __future__ import annotations

import re
import stat
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeVar, get_args

from pydantic import BaseModel

from onmodel.errors import Finding, Place, SetupError, StoryError
from onmodel.story.bible import Bible
from onmodel.story.deliverables import size_of_deliverable
from onmodel.story.episode import Episode, Season
from onmodel.story.faults import Fault, circles, shot_faults
from onmodel.story.fields import NAME
from onmodel.story.production import Format, Gate, Production
from onmodel.story.recipes import Cookbook, Template, expand_recipes, read_recipe, recipe_faults
from onmodel.story.shot import Shot
from onmodel.story.shots import is_file, references_of, with_defaults
from onmodel.story.sounds import music_faults, sounds_of
from onmodel.story.validation import did_you_mean, validate
from onmodel.story.yaml_tree import Tree, read_tree
from onmodel.units import Size

SHOT_ID: Final = re.compile(NAME)
SEASON_ID: Final = re.compile(r"^season-[0-9]+$")
LARGEST_BYTES: Final = 10_000_000
"""A story file over this is no story file."""

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True)
class Story:
    """A production as it is written, checked as far as words can be."""

    root: Path
    production: Production
    bibles: dict[str, Bible]
    episodes: dict[str, Episode]
    seasons: dict[str, Season]
    trees: dict[str, Tree] = field(repr=False)
    """By file name relative to the root: where everything was written."""
    cookbook: Cookbook = field(default_factory=lambda: Cookbook({}), repr=False)
    """The recipes that shots may name."""

    def shots(self, episode: str) -> dict[str, Shot]:
        """The shots of an episode in order, its defaults filled in; at the end no default join."""
        found = self.episodes[episode]
        shots = {name: with_defaults(shot, found.defaults) for name, shot in found.shots.items()}
        last = next(reversed(shots))
        if found.shots[last].join is None and shots[last].join is not None and found.cards.end is None:
            shots[last] = shots[last].model_copy(update={"join": None})
        return shots

    def format(self, episode: str) -> Format:
        """An episode's picture: the production's, with what the episode says differently."""
        base, own = self.production.format, self.episodes[episode].format
        changed = {name: getattr(own, name) for name in own.model_fields_set} if own else {}
        return base.model_copy(update=changed)

    def gates(self, scope: str) -> tuple[Gate, ...]:
        """What a person must approve in an episode, or of the cast, in the order of the work."""
        own = self.episodes[scope].approve if scope in self.episodes else None
        wanted = self.production.approve if own is None else own
        return tuple(gate for gate in get_args(Gate) if gate in wanted)

    def deliverables(self, episode: str) -> dict[str, Size]:
        """What is made of an episode's cut besides the cut itself: the sizes, by what is written."""
        own, cut = self.episodes[episode].deliver, self.format(episode).size
        wanted = self.production.deliver if own is None else own
        return {written: size_of_deliverable(written, cut) for written in wanted}

    def place(self, episode: str, *path: str | int) -> Place:
        """Where something of an episode is written, or its default."""
        tree = self.trees[f"episodes/{episode}.yaml"]
        if path[:1] == ("shots",) and path[:3] not in tree.values and ("defaults", *path[2:3]) in tree.values:
            return tree.place(("defaults", *path[2:]))
        return tree.place(path)

    def bible_place(self, bible: str, *path: str | int) -> Place:
        """Where something of a bible is written."""
        return self.trees[f"characters/{bible}.yaml"].place(path)


def require_production(root: Path) -> None:
    """Make sure that a folder is a production's.

    Raises:
        SetupError: it has no `production.yaml`.
    """
    if not (root / "production.yaml").is_file():
        raise SetupError(
            f"there is no production.yaml in {root}",
            hint="Go to the production's folder, or make one: onmodel init DIR",
        )


def read_story(root: Path, *, episodes: Collection[str] | None = None) -> Story:
    """Read a production's folder.

    Args:
        root: the folder with `production.yaml`.
        episodes: only these episodes, with all bibles, and every season, for the budgets that it sets them;
            None reads everything.

    Raises:
        SetupError: there is no production here.
        StoryError: with every finding of every file that was read.
    """
    require_production(root)
    reader = _Reader(root)
    production = reader.read("production.yaml", Production)
    bibles = {name: reader.read(f"characters/{name}.yaml", Bible) for name in reader.names("characters")}
    cookbook = reader.cookbook()
    listed = reader.names("episodes")
    wanted = [name for name in listed if episodes is None or name in episodes]
    for name in sorted(set(episodes or ()) - set(listed)):
        # Which file is missing is known, its place in another file is not.
        is_season = bool(SEASON_ID.fullmatch(name))
        there = [one for one in listed if bool(SEASON_ID.fullmatch(one)) == is_season]
        kind = "season" if is_season else "episode"
        reader.findings.append(
            Finding(
                Place(f"episodes/{name}.yaml"),
                f"there is no such {kind}; there are: {', '.join(there) or 'none yet'}.",
                did_you_mean(name, there),
            )
        )
    read: dict[str, Episode | None] = {}
    seasons: dict[str, Season | None] = {}
    for name in listed if wanted else ():
        if SEASON_ID.fullmatch(name):
            seasons[name] = reader.read(f"episodes/{name}.yaml", Season)
        elif name in wanted:
            read[name] = reader.read(
                f"episodes/{name}.yaml", Episode, lambda tree: expand_recipes(tree, cookbook)
            )
    story = Story(
        root,
        production or Production.model_construct(production=1, name="", title=""),
        {name: bible for name, bible in bibles.items() if bible},
        {name: episode for name, episode in read.items() if episode},
        {name: season for name, season in seasons.items() if season},
        reader.trees,
        cookbook,
    )
    reader.findings.extend(_cross_faults(story, bibles.keys(), listed, wanted))
    if reader.findings:
        raise StoryError(reader.findings)
    return story


def read_cookbook(root: Path) -> Cookbook:
    """The shipped recipes, and those of the production if `root` is one.

    Raises:
        StoryError: with every finding of the production's recipes.
    """
    if not (root / "production.yaml").is_file():
        return Cookbook({})
    reader = _Reader(root)
    cookbook = reader.cookbook()
    if reader.findings:
        raise StoryError(reader.findings)
    return cookbook


class _Reader:
    """Reads files and gathers what is wrong with them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.trees: dict[str, Tree] = {}
        self.findings: list[Finding] = []

    def names(self, folder: str) -> list[str]:
        """The ids of a folder's story files; a name with a dot before it belongs to an editor or a system."""
        listed = sorted(path for path in (self.root / folder).glob("*.y*ml") if path.name[0] != ".")
        for path in listed:
            place = Place(f"{folder}/{path.name}")
            if path.suffix == ".yml":
                hint = f"Rename it to {path.stem}.yaml."
                self.findings.append(Finding(place, "only files that end in .yaml are read", hint))
            elif not SHOT_ID.fullmatch(path.stem):
                message = f"'{path.stem}' is no id: it starts with a letter and has only a-z, 0-9 and '-'"
                self.findings.append(Finding(place, message, "Rename the file."))
        return [path.stem for path in listed if path.suffix == ".yaml"]

    def cookbook(self) -> Cookbook:
        """The shipped recipes and those of the folder `recipes`."""
        own: dict[str, Template | None] = {}
        for name in self.names("recipes"):
            tree = self.tree(f"recipes/{name}.yaml")
            own[name] = read_recipe(name, tree)
            self.findings.extend(tree.findings)
        return Cookbook(own)

    def read(self, name: str, model: type[M], prepare: Callable[[Tree], None] | None = None) -> M | None:
        """Read and check a file, once its tree was prepared."""
        tree = self.tree(name)
        found = None
        if prepare is not None:
            prepare(tree)
        if isinstance(tree.value, dict):
            found = validate(tree, model)
        self.findings.extend(tree.findings)
        return found

    def tree(self, name: str) -> Tree:
        """What a file says; a file that is no mapping gets a finding."""
        tree = self.trees[name] = self._tree(name)
        if not tree.findings and not isinstance(tree.value, dict):
            tree.findings.append(
                Finding(tree.place(()), "keys and values are wanted here, like 'title: Full circle'.")
            )
        return tree

    def _tree(self, name: str) -> Tree:
        path = self.root / name
        broken = Tree(name)
        try:
            if not stat.S_ISREG((found := path.stat()).st_mode):
                broken.findings.append(Finding(Place(name), "a file is wanted here"))
                return broken
            if found.st_size > LARGEST_BYTES:
                broken.findings.append(Finding(Place(name), f"the file is over {LARGEST_BYTES:,} bytes"))
                return broken
            return read_tree(path.read_text(encoding="utf-8-sig"), name)
        except UnicodeDecodeError as error:
            before = error.object[: error.start].decode("utf-8-sig").splitlines() or [""]
            place = Place(name, len(before), len(before[-1]) + 1)
            found_byte = f"the byte 0x{error.object[error.start]:02x} is not UTF-8"
            broken.findings.append(Finding(place, found_byte, "Save the file as UTF-8 text."))
        except OSError as error:
            broken.findings.append(Finding(Place(name), f"cannot be read: {error.strerror}"))
        return broken


def _cross_faults(
    story: Story, bibles: Collection[str], listed: Collection[str], wanted: Collection[str]
) -> Iterator[Finding]:
    """What is wrong between files: ids, names, wardrobes, references."""
    for name, bible in story.bibles.items():
        for index, reference in enumerate(bible.sheet.references):
            place = story.bible_place(name, "sheet", "references", index)
            yield from _file_fault(story.root, reference, place)
    for name, season in story.seasons.items():
        for index, due in enumerate(season.episodes):
            episode = due.id
            # A season may list what is not written yet, as long as nobody asks for the season itself, or it
            # is to be shown some day.
            if episode not in listed and name in wanted and due.airs is None:
                place = story.trees[f"episodes/{name}.yaml"].place(("episodes", index))
                hint = did_you_mean(episode, listed)
                yield Finding(place, f"there is no episodes/{episode}.yaml.", hint)
    if story.production.font:
        place = story.trees["production.yaml"].place(("font",))
        yield from _file_fault(story.root, story.production.font, place)
    for name, written in story.episodes.items():
        yield from _episode_faults(story, name, bibles)
        if written.captions.file:
            yield from _file_fault(story.root, written.captions.file, story.place(name, "captions", "file"))


def _episode_faults(story: Story, episode: str, bibles: Collection[str]) -> Iterator[Finding]:
    shots = story.shots(episode)
    tree = story.trees[f"episodes/{episode}.yaml"]
    # Where a whole shot or the defaults are wrong, what leans on them would be called wrong too.
    whole = tree.is_sound(("defaults",)) and not any(
        path[0] == "shots" and path[2:] == () for path in tree.broken
    )
    faults: list[tuple[str, Fault]] = list(circles(shots)) if whole else []
    for name, shot in shots.items():
        if not SHOT_ID.fullmatch(name):
            hint = f"Write s{name}." if name[:1].isdigit() else ""
            yield Finding(
                tree.key_place(("shots", name)),
                f"'{name}' is no shot id: it starts with a letter and has only a-z, 0-9 and '-'.",
                hint,
            )
        yield from _cast_faults(story, episode, name, shot, bibles)
        if whole and tree.is_sound(("shots", name)):
            faults.extend((name, fault) for fault in shot_faults(name, shot, shots))
            faults.extend((name, fault) for fault in recipe_faults(shot, story.cookbook))
        for path, reference in references_of(shot, shots):
            yield from _file_fault(story.root, reference, story.place(episode, "shots", name, *path))
    for where, reference in sounds_of(story.episodes[episode], shots):
        yield from _file_fault(story.root, reference, story.place(episode, *where))
    for where, fault in music_faults(story.episodes[episode], shots) if tree.is_sound(("shots",)) else ():
        yield Finding(story.place(episode, *where), fault.message, fault.hint)
    for name, fault in faults:
        yield Finding(story.place(episode, "shots", name, *fault.path), fault.message, fault.hint)


def _cast_faults(
    story: Story, episode: str, name: str, shot: Shot, bibles: Collection[str]
) -> Iterator[Finding]:
    worn: list[tuple[tuple[str, ...], str, str]] = [
        (("cast",), who, wardrobe) for who, wardrobe in (shot.cast or {}).items()
    ]
    if shot.restyle and shot.restyle.cast:
        worn += [(("restyle", "cast"), who, wardrobe) for who, wardrobe in shot.restyle.cast.items()]
    for shows, reference in (shot.references or {}).items():
        if not is_file(reference):
            worn.append((("references", shows), reference, "default"))
    for path, who, wardrobe in worn:
        place = story.place(episode, "shots", name, *path, who)
        if who not in bibles:
            known = ", ".join(sorted(bibles)) or "none yet"
            hint = did_you_mean(who, bibles)
            if path[0] == "references":
                hint = hint or "A file has a folder or an ending: assets/lantern.png."
            yield Finding(place, f"unknown character '{who}'; the bibles are: {known}.", hint)
        elif who in story.bibles and wardrobe not in {"default", *story.bibles[who].wardrobe}:
            allowed = ["default", *story.bibles[who].wardrobe]
            yield Finding(
                place,
                f"'{who}' has no wardrobe '{wardrobe}'; allowed: {', '.join(dict.fromkeys(allowed))}.",
                did_you_mean(wardrobe, allowed),
            )


def _file_fault(root: Path, reference: str, place: Place) -> Iterator[Finding]:
    path = root / reference
    try:
        inside, there = path.resolve().is_relative_to(root.resolve()), path.is_file()
    except (OSError, RuntimeError) as error:  # too long a name, no permission; a circle of links
        yield Finding(place, f"'{reference}' cannot be read: {error}.")
        return
    if not inside:
        yield Finding(place, f"'{reference}' is outside the production's folder.", "Copy it into assets/.")
    elif path.is_dir():
        yield Finding(place, f"'{reference}' is a folder.", "Name a file in it.")
    elif not there:
        near = sorted(
            one.relative_to(root).as_posix() for one in (root / "assets").rglob("*") if one.is_file()
        )
        yield Finding(place, f"there is no file '{reference}'.", did_you_mean(reference, near))
