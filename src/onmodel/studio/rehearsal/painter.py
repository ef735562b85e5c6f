"""The painter: model sheets and scenes, drawn from a bible and a prompt.

The same bible gives the same character in every view and every setting; another bible gives another one.
Everything random comes from the seed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from onmodel.studio.rehearsal import indoors, outdoors, town, weather
from onmodel.studio.rehearsal.canvas import Canvas, Ink, Picture, ellipse
from onmodel.studio.rehearsal.casting import Player, bare_text, cast_of
from onmodel.studio.rehearsal.departures import recast
from onmodel.studio.rehearsal.human import draw_creature, draw_human
from onmodel.studio.rehearsal.looks import CharacterLook, Garment, garments_in, says
from onmodel.studio.rehearsal.pen import Pen
from onmodel.studio.rehearsal.pose import Mood, Pose, read_mood, read_pose
from onmodel.studio.rehearsal.robot import draw_robot
from onmodel.studio.rehearsal.staging import LIGHTS, Frame, Scene, read_frame, read_light, read_weather
from onmodel.studio.rehearsal.workshop import workshop
from onmodel.units import Size


@dataclass(frozen=True)
class Place:
    """A set that the painter knows."""

    paint: Callable[[Scene], None]
    words: tuple[str, ...]
    light: str = "day"
    """The light where the prompt names none."""
    roof: bool = False
    """Whether rain, snow and leaves stay outside."""


PLACES: Mapping[str, Place] = {
    "workshop": Place(
        workshop, ("workshop", "garage", "workbench", "laboratory", "lab", "forge"), "lamp", roof=True
    ),
    "kitchen": Place(indoors.kitchen, ("kitchen", "bakery", "cafe", "restaurant"), roof=True),
    "office": Place(indoors.office, ("office", "boardroom", "meeting room"), roof=True),
    "classroom": Place(indoors.classroom, ("classroom", "school", "blackboard", "chalkboard"), roof=True),
    "library": Place(
        indoors.library, ("library", "bookshop", "bookstore", "bookshelves", "archive"), "lamp", roof=True
    ),
    "room": Place(
        indoors.room,
        ("room", "bedroom", "living room", "house", "apartment", "home", "attic", "dojo"),
        roof=True,
    ),
    "garden": Place(
        outdoors.garden, ("garden", "flowers", "meadow", "orchard", "backyard", "field of flowers")
    ),
    "woods": Place(
        outdoors.woods, ("forest", "woods", "woodland", "park", "autumn", "leaves", "jungle", "trees")
    ),
    "street": Place(
        town.street,
        ("street", "kerb", "curb", "alley", "city", "road", "pavement", "sidewalk", "town", "downtown"),
    ),
    "stage": Place(
        town.stage, ("stage", "concert", "arena", "stadium", "theatre", "spotlight", "nightclub"), "stage"
    ),
    "beach": Place(outdoors.beach, ("beach", "sea", "ocean", "shore", "coast", "island", "harbour", "ship")),
    "mountains": Place(
        outdoors.mountains, ("mountain", "snow", "snowy", "peak", "alpine", "cliff", "winter", "valley")
    ),
    "desert": Place(outdoors.desert, ("desert", "dune", "cactus", "sand dunes", "canyon")),
    "space": Place(
        outdoors.space,
        ("space", "moon surface", "planet", "galaxy", "spaceship", "asteroid", "lunar"),
        "stage",
    ),
}
"""Sets by name; `stage` light leaves a set's own colours alone."""

_NOWHERE = Place(outdoors.neutral, ())
_STAGE_LIGHT = replace(LIGHTS["neon"], share=0.0)
FIGURE_FOCUS = 0.03
"""Blur of the set behind figures, in shorter sides. A scorer looks at the whole picture: before a sharp set a
character scored 0.26 to 0.68 against its own sheet, so it scores 0.50 to 0.71; others 0.45 at most.
Source: benchmarks/painter.py, 2026-11-22."""
FALL_FOCUS = 0.008
"""The same for rain, snow and leaves."""
_VIEWS: Mapping[str, float] = {"front": 0, "three-quarter": 38, "profile": 80, "full-body": 14}
"""Views of a model sheet and the degrees that the figure is turned in them."""
_MACHINES = ("robot", "android", "droid", "automaton", "mech", "cyborg", "machine")


def place_of(text: str) -> Place:
    """The set that a text asks for: most words first, then the one named earliest; a plain ground if none."""
    best, rank = _NOWHERE, (0, 0)
    for place in PLACES.values():
        spots = [
            match.start() for word in place.words for match in re.finditer(rf"\b{re.escape(word)}s?\b", text)
        ]
        if spots and (len(spots), -min(spots)) > rank:
            best, rank = place, (len(spots), -min(spots))
    return best


def is_nowhere(text: str) -> bool:
    """Whether a text names no set that the painter knows."""
    return place_of(text) is _NOWHERE


def paint_scene(
    prompt: str, looks: Sequence[CharacterLook], size: Size, seed: int, departs: str = ""
) -> Picture:
    """Paint what a prompt describes: its set, light, weather and characters.

    Args:
        prompt: what the picture shows.
        looks: the production's bibles; the prompt's names pick among them.
        size: of the picture, in pixels.
        seed: everything random comes from it.
        departs: how it leaves its first character on purpose, as `ArtOrder.departs` has it.

    Returns:
        (H, W, 3) uint8 RGB.
    """
    text, cast = bare_text(prompt, looks), cast_of(prompt, looks)
    frame = read_frame(text)
    scene = _paint_set(text, frame, size, seed, behind_figures=bool(cast))
    players = recast(cast, departs)
    for index, player in enumerate(players):
        _perform(scene, frame, player, index, len(players))
    if not players:
        tall = scene.u * 0.62
        weather.props(
            scene, scene.w * 0.5 - tall * 0.3, scene.horizon + (scene.h - scene.horizon) * 0.5, tall
        )
    return _graded(scene)


def paint_plate(
    prompt: str, looks: Sequence[CharacterLook], size: Size, seed: int, *, sharp: bool = False
) -> Picture:
    """Paint the same scene with nobody in it and none of their things: what is seen when they step aside.

    Args:
        prompt: what the scene shows.
        looks: the production's bibles.
        size: of the picture, in pixels.
        seed: everything random comes from it.
        sharp: whether the set is in focus, as it is before nobody.

    Returns:
        (H, W, 3) uint8 RGB.
    """
    text = bare_text(prompt, looks)
    behind = bool(cast_of(prompt, looks)) and not sharp
    return _graded(_paint_set(text, read_frame(text), size, seed, behind_figures=behind))


def _paint_set(text: str, frame: Frame, size: Size, seed: int, *, behind_figures: bool) -> Scene:
    place = place_of(text)
    scene = _open_scene(text, place, frame, size, seed)
    place.paint(scene)
    scene.canvas.tint(scene.light.tint, scene.light.share * 0.6)
    _set_depth(scene, frame, peopled=behind_figures)
    weather.fall(scene)  # behind the figures: a streak across a face is a change of face to whoever measures
    scene.canvas.blur(scene.u * FALL_FOCUS * behind_figures)
    return scene


def _graded(scene: Scene) -> Picture:
    scene.canvas.tint(scene.light.tint, scene.light.share * 0.3)
    scene.canvas.vignette(0.38 if scene.light.dark else 0.22)
    return scene.canvas.picture()


def paint_sheet(look: CharacterLook, view: str, wardrobe_text: str, size: Size, seed: int) -> Picture:
    """Paint one view of a character's model sheet on a plain ground.

    Args:
        look: the character's bible.
        view: front, three-quarter, profile or full-body, or an expression such as happy or sad.
        wardrobe_text: what is worn, in the bible's words.
        size: of the picture, in pixels.
        seed: the same figure for every seed; only the ground's warmth follows it.

    Returns:
        (H, W, 3) uint8 RGB.
    """
    warmth = seed % 7
    canvas = Canvas(size)
    canvas.gradient((226, 226 - warmth * 0.5, 224 - warmth), (246, 244, 240 - warmth))
    mood: Mood = read_mood(view)
    pose = Pose(yaw=_VIEWS.get(view, 0.0), mood=mood)
    share = _shares(look)["full" if view == "full-body" else "close" if mood != "calm" else "medium"]
    crown = _crown(look)
    tall = min(size.height * 0.9 / (share + crown), size.width * 0.9 / (_girth(look) * min(1.0, share * 1.2)))
    foot = size.height * (0.94 if share == 1 else 1.0) + tall * (1 - share)
    x = size.width / 2
    if share == 1:
        shadow = ellipse(x, foot, tall * 0.24, tall * 0.035)
        canvas.paint([shadow], Ink((90, 88, 98), alpha=0.4, soft_px=tall * 0.012))
    draw_figure(Pen(canvas, x, foot, tall), look, pose, garments_in(wardrobe_text))
    return canvas.picture()


def draw_figure(pen: Pen, look: CharacterLook, pose: Pose, worn: tuple[Garment, ...]) -> None:
    """Draw a character of any kind, feet at the pen's origin."""
    if look.kind == "human":
        draw_human(pen, look, pose, worn)
    elif is_machine(look):
        draw_robot(pen, look, pose, worn)
    else:
        draw_creature(pen, look, pose, worn)


def is_machine(look: CharacterLook) -> bool:
    """Whether a stylised character is drawn as a robot."""
    return look.kind == "stylised" and says(look.words, *_MACHINES)


def _shares(look: CharacterLook) -> Mapping[str, float]:
    """How much of the figure, from the top, each shot size shows."""
    return (
        {"close": 0.34, "medium": 0.56, "full": 1.0}
        if look.kind == "human"
        else {"close": 0.58, "medium": 0.8, "full": 1.0}
    )


def _crown(look: CharacterLook) -> float:
    """What stands above a figure's head, in heights: an antenna, ears, a hat."""
    return 0.13 if is_machine(look) else 0.06


def _girth(look: CharacterLook) -> float:
    """Width of a figure, in heights."""
    return 0.46 if look.kind == "human" else 0.64


def _open_scene(text: str, place: Place, frame: Frame, size: Size, seed: int) -> Scene:
    light = read_light(text)
    if place.light == "stage":
        light = _STAGE_LIGHT
    elif light.name == "day":
        light = LIGHTS[place.light]
    horizon = {"low": 0.72, "high": 0.46}.get(frame.angle, 0.62) * size.height
    return Scene(Canvas(size), light, text, horizon, np.random.default_rng(seed), _weather_in(place, text))


def _weather_in(place: Place, text: str) -> tuple[str, ...]:
    return tuple(sign for sign in read_weather(text) if not place.roof or sign in {"fog", "motes", "petals"})


def _set_depth(scene: Scene, frame: Frame, *, peopled: bool) -> None:
    """Bring the set nearer as the shot gets closer, and out of focus behind figures; tilt a dutch angle."""
    zoom, focus = {"close": (1.5, 0.009), "medium": (1.2, 0.005)}.get(frame.shot, (1.0, 0.0012))
    focus = FIGURE_FOCUS if peopled else focus
    turn = 6.0 if frame.angle == "dutch" else 0.0
    if zoom > 1 or turn:
        centre = (scene.w * 0.5, scene.horizon * 0.8)
        change = cv2.getRotationMatrix2D(centre, turn, zoom + (0.2 if turn else 0))
        size = (scene.size.width, scene.size.height)
        moved = cv2.warpAffine(
            scene.canvas.pixels, change, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101
        )
        scene.canvas.pixels = np.asarray(moved, np.float32)
    scene.canvas.blur(scene.u * focus)


def _perform(scene: Scene, frame: Frame, player: Player, index: int, players: int) -> None:
    """Place one character in the set, with its seat, its shadow and its props."""
    look, pose = player.look, read_pose(player.does)
    room = scene.w / players
    x = scene.w * (0.46 if players == 1 else (index + 0.5) / players)
    if index % 2 and players > 1:
        pose = replace(pose, yaw=-pose.yaw)
    tall, foot = _framing(scene, frame, look, room, seated=pose.seated)
    ground = ellipse(
        x + tall * 0.05, foot + tall * 0.004, tall * (0.3 if pose.seated else 0.23), tall * 0.035
    )
    scene.canvas.paint([ground], Ink((24, 18, 34), alpha=0.42, soft_px=tall * 0.014))
    if pose.seated:
        weather.seat(scene, x, foot, tall)
    draw_figure(Pen(scene.canvas, x, foot, tall, np.radians(pose.lean)), look, pose, player.worn)
    if index == 0:
        weather.props(scene, x, foot, tall)


def _framing(
    scene: Scene, frame: Frame, look: CharacterLook, room: float, *, seated: bool
) -> tuple[float, float]:
    """A figure's height as it stands, and its ground line, in pixels; the top is left to the slate."""
    h = scene.h
    widest = room * 0.94 / _girth(look)
    if frame.shot in {"close", "medium"}:
        share = _shares(look)[frame.shot]
        girth = _girth(look) * (0.62 if frame.shot == "close" else 0.95)
        # A move that begins or ends near (x 1.24) must not push the crown of a medium shot under the slate.
        high = 0.795 if frame.shot == "medium" else 0.87
        tall = min(h * high / (share + _crown(look)), room * 0.92 / girth)
        return tall, h * 0.985 - tall * share + tall
    share = {"wide": 0.56, "full": 0.74}.get(frame.shot, 0.66) * (1.08 if frame.angle == "low" else 1.0)
    if seated and frame.shot == "wide":
        share *= 1.3  # who sits is lower, and is to be recognised all the same
    tall = min(h * share, widest)
    foot = scene.horizon + (h - scene.horizon) * (0.45 if frame.shot == "wide" else 0.72)
    return tall, max(foot, h * 0.11 + tall * (1 + _crown(look)))
