"""What a prompt asks to see: the light, the weather, the shot size, the angle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from onmodel.studio.rehearsal.canvas import Canvas, Colour, Ink, Points, ellipse, mix, ribbon, rounded
from onmodel.studio.rehearsal.looks import says
from onmodel.units import Size


@dataclass(frozen=True)
class Light:
    """The light of a scene."""

    name: str
    high: Colour
    """Sky at the top."""
    low: Colour
    """Sky at the horizon."""
    tint: Colour
    """What the set is multiplied by."""
    share: float
    """How far it is."""
    dark: bool = False
    """Lamps and windows are lit."""


LIGHTS: Mapping[str, Light] = {
    light.name: light
    for light in (
        Light("day", (112, 176, 230), (226, 240, 246), (255, 253, 246), 0.2),
        Light("golden", (246, 178, 104), (255, 232, 184), (255, 208, 146), 0.62),
        Light("dusk", (62, 66, 126), (236, 150, 124), (158, 142, 202), 0.7, dark=True),
        Light("night", (14, 20, 52), (48, 62, 112), (104, 124, 192), 0.8, dark=True),
        Light("lamp", (44, 40, 66), (96, 84, 104), (255, 206, 146), 0.6, dark=True),
        Light("blue", (84, 108, 152), (172, 192, 214), (146, 176, 226), 0.7),
        Light("neon", (20, 14, 46), (84, 34, 104), (156, 128, 222), 0.7, dark=True),
        Light("overcast", (148, 158, 172), (208, 214, 218), (206, 214, 224), 0.6),
    )
}
"""Lights by name."""

_LIGHT_WORDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("neon", ("neon", "cyberpunk")),
    (
        "golden",
        (
            "golden hour",
            "golden light",
            "sunset",
            "sunrise",
            "golden sunlight",
            "golden afternoon",
            "amber light",
        ),
    ),
    ("dusk", ("dusk", "twilight", "evening", "blue hour")),
    ("night", ("night", "midnight", "moonlight", "moonlit", "starry")),
    (
        "lamp",
        (
            "lamp light",
            "lamplight",
            "candlelight",
            "candle",
            "firelight",
            "warm light",
            "cosy",
            "cozy",
            "tungsten",
        ),
    ),
    ("blue", ("melancholy", "blue light", "cold light", "moody blue", "cool blue", "sombre", "wistful")),
    ("overcast", ("overcast", "grey sky", "cloudy", "rain", "rainy", "fog", "foggy", "misty", "drizzle")),
    ("golden", ("autumn", "fall leaves", "warm afternoon", "afternoon")),
)

SHOTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("close", ("extreme close-up", "close-up", "close up", "closeup", "headshot", "portrait")),
    (
        "medium",
        ("medium close-up", "medium shot", "medium", "waist-up", "cowboy shot", "waist up", "mid shot"),
    ),
    ("wide", ("extreme wide", "wide shot", "wide", "establishing", "long shot", "panorama", "aerial")),
    ("full", ("full body", "full-body", "full shot", "head to toe")),
)
"""Shot sizes and the words that ask for them; `medium close-up` is read as medium."""


@dataclass(frozen=True)
class Frame:
    """How the camera stands."""

    shot: str
    angle: str
    """eye, low, high or dutch."""


def read_light(text: str) -> Light:
    """The light that a prompt asks for; day when it says nothing."""
    for name, words in _LIGHT_WORDS:
        if says(text, *words):
            return LIGHTS[name]
    return LIGHTS["day"]


def read_frame(text: str) -> Frame:
    """The shot size and camera angle that a prompt asks for."""
    shot = next((name for name, words in reversed(SHOTS) if says(text, *words)), "plain")
    if shot in {"wide", "plain"} and says(text.replace("medium close-up", "medium"), *SHOTS[0][1]):
        shot = "close"
    if says(text, "low angle", "low-angle", "worm's eye", "from below"):
        return Frame(shot, "low")
    if says(text, "high angle", "high-angle", "overhead", "bird's eye", "from above", "top-down"):
        return Frame(shot, "high")
    return Frame(shot, "dutch" if says(text, "dutch angle", "dutch tilt", "canted") else "eye")


def read_weather(text: str) -> tuple[str, ...]:
    """What falls or drifts through the picture: rain, snow, fog, leaves, petals, dust."""
    signs = (
        ("rain", ("rain", "rainy", "raining", "downpour", "drizzle", "storm", "stormy")),
        ("snow", ("snow", "snowy", "snowing", "snowfall", "blizzard", "snowflake")),
        ("fog", ("fog", "foggy", "mist", "misty", "haze", "smoke")),
        (
            "leaves",
            ("autumn leaves", "falling leaves", "fallen leaves", "leaves fall", "swirling leaves", "autumn"),
        ),
        ("petals", ("petal", "cherry blossom", "confetti")),
        ("motes", ("dust", "fireflies", "firefly", "dust motes", "particles")),
    )
    return tuple(name for name, words in signs if says(text, *words))


@dataclass
class Scene:
    """A set that is being painted."""

    canvas: Canvas
    light: Light
    text: str
    horizon: float
    """Where the floor begins, in pixels from the top."""
    dice: np.random.Generator
    weather: tuple[str, ...] = ()

    @property
    def size(self) -> Size:
        """Size of the picture."""
        return self.canvas.size

    @property
    def w(self) -> float:
        """Width in pixels."""
        return float(self.canvas.size.width)

    @property
    def h(self) -> float:
        """Height in pixels."""
        return float(self.canvas.size.height)

    @property
    def u(self) -> float:
        """The shorter side in pixels: things are measured in it."""
        return min(self.w, self.h)

    def put(
        self,
        shapes: list[Points],
        colour: Colour,
        to: Colour | None = None,
        *,
        shade: float = 0.0,
        soft: float = 0.0,
        alpha: float = 1.0,
        edge: float = 0.0,
    ) -> None:
        """Paint shapes given in pixels."""
        self.canvas.paint(shapes, Ink(colour, to, alpha, soft, shade, edge))

    def box(
        self,
        left: float,
        top: float,
        right: float,
        bottom: float,
        colour: Colour,
        to: Colour | None = None,
        *,
        radius: float = 0.0,
        shade: float = 0.0,
        alpha: float = 1.0,
        edge: float = 0.0,
    ) -> None:
        """Paint a box, in pixels."""
        self.put([rounded(left, top, right, bottom, radius)], colour, to, shade=shade, alpha=alpha, edge=edge)

    def disc(
        self,
        x: float,
        y: float,
        rx: float,
        ry: float,
        colour: Colour,
        *,
        alpha: float = 1.0,
        soft: float = 0.0,
        shade: float = 0.0,
    ) -> None:
        """Paint an ellipse, in pixels."""
        self.put([ellipse(x, y, rx, ry)], colour, alpha=alpha, soft=soft, shade=shade)

    def line(
        self, points: list[tuple[float, float]], width: float, colour: Colour, alpha: float = 1.0
    ) -> None:
        """Paint a line, in pixels."""
        self.put(ribbon(points, [width] * len(points)), colour, alpha=alpha)

    def floor(self, near: Colour, far: Colour) -> None:
        """Paint the ground from the horizon to the bottom."""
        self.canvas.gradient(far, near, self.horizon)

    def sky(self) -> None:
        """Paint the sky, its sun or moon and its clouds."""
        self.canvas.gradient(self.light.high, self.light.low, 0, self.horizon)
        x, y, u = self.w * 0.78, self.horizon * 0.42, self.u
        if self.light.name in {"day", "golden"}:
            self.canvas.glow(x, y, u * 0.34, (255, 240, 196), 0.3)
            self.disc(x, y, u * 0.06, u * 0.06, (255, 250, 228), soft=2)
        elif self.light.name in {"night", "neon"}:
            for _ in range(60):
                sx, sy = self.dice.uniform(0, self.w), self.dice.uniform(0, self.horizon * 0.8)
                self.disc(sx, sy, 1.4, 1.4, (235, 238, 255), alpha=float(self.dice.uniform(0.3, 0.9)))
            self.canvas.glow(x, y, u * 0.3, (190, 204, 250), 0.4)
            self.disc(x, y, u * 0.05, u * 0.05, (240, 240, 226), soft=1)
        cloud = mix(self.light.low, (255, 255, 255), 0.15 if self.light.dark else 0.6)
        for _ in range(4):
            cx, cy = self.dice.uniform(0, self.w), self.dice.uniform(0.1, 0.6) * self.horizon
            wide = self.dice.uniform(0.1, 0.2) * u
            puffs = [
                ellipse(
                    cx + k * wide * 0.5,
                    cy - wide * (0.16 if k else 0.3),
                    wide * 0.42,
                    wide * (0.28 if k else 0.36),
                )
                for k in (-1, 0, 1)
            ]
            self.put([*puffs, ellipse(cx, cy, wide * 1.05, wide * 0.24)], cloud, soft=3, alpha=0.7)

    def lamp(self, x: float, y: float, radius: float, strength: float = 0.6) -> None:
        """Light a lamp: warm light about a point."""
        self.canvas.glow(x, y, radius, (255, 214, 140), strength)
