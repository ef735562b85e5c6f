"""What a character looks like, read from its bible: parts, colours, marks and clothes."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from onmodel.studio.rehearsal.canvas import Colour

COLOURS: Mapping[str, Colour] = {
    "dark": (58, 46, 48), "black": (44, 42, 52), "white": (244, 242, 236), "grey": (146, 150, 158),
    "gray": (146, 150, 158), "silver": (198, 204, 214), "chrome": (201, 206, 214), "gold": (222, 176, 62),
    "golden": (222, 176, 62), "brass": (196, 156, 76), "copper": (190, 112, 72), "bronze": (158, 112, 68),
    "red": (206, 56, 54), "crimson": (168, 34, 56), "scarlet": (214, 48, 42), "orange": (238, 134, 48),
    "amber": (240, 168, 48), "yellow": (250, 204, 54), "mustard": (208, 164, 52), "green": (84, 158, 88),
    "olive": (118, 124, 66), "teal": (46, 140, 142), "turquoise": (64, 190, 186), "mint": (158, 218, 190),
    "cyan": (72, 196, 222), "blue": (64, 122, 212), "navy": (38, 52, 98), "indigo": (70, 66, 148),
    "purple": (128, 82, 176), "violet": (142, 98, 206), "lavender": (182, 164, 220),
    "pink": (240, 142, 176), "magenta": (208, 62, 148), "rose": (222, 112, 132), "brown": (122, 82, 56),
    "chestnut": (122, 68, 44), "auburn": (140, 62, 40), "beige": (222, 202, 170),
    "cream": (246, 232, 202), "tan": (206, 166, 122), "khaki": (176, 162, 116), "blonde": (226, 192, 112),
    "blond": (226, 192, 112), "ginger": (212, 108, 48), "maroon": (118, 36, 48),
}  # fmt: skip
"""Colour words that a bible or a wardrobe may use."""

GARMENTS: Mapping[str, str] = {
    "raincoat": "raincoat", "mackintosh": "raincoat", "anorak": "raincoat", "parka": "raincoat",
    "hoodie": "hoodie", "coat": "coat", "peacoat": "coat", "trenchcoat": "coat", "overcoat": "coat",
    "gown": "dress", "dress": "dress", "kimono": "dress", "robe": "dress", "cloak": "cloak",
    "cape": "cloak", "jacket": "jacket", "blazer": "jacket", "suit": "suit", "tuxedo": "suit",
    "uniform": "suit", "armour": "armour", "armor": "armour", "scarf": "scarf", "apron": "apron",
    "overalls": "overalls", "dungarees": "overalls", "shirt": "shirt", "blouse": "shirt",
    "tunic": "shirt", "sweater": "shirt", "jumper": "shirt", "cardigan": "jacket", "top": "shirt",
    "t-shirt": "shirt", "trousers": "trousers", "jeans": "trousers", "pants": "trousers",
    "leggings": "trousers", "skirt": "skirt", "shorts": "shorts", "boots": "boots",
    "wellingtons": "boots", "shoes": "boots", "sneakers": "boots", "gi": "suit", "hat": "hat",
    "cap": "cap", "beanie": "cap", "helmet": "cap", "crown": "crown", "tie": "tie",
    "backpack": "backpack", "vest": "jacket", "waistcoat": "jacket", "poncho": "cloak",
    "jumpsuit": "suit",
}  # fmt: skip
"""What is worn, by its word, and the shape it is drawn as."""

_DEFAULT_GARMENT_COLOURS: Mapping[str, Colour] = {
    "raincoat": (250, 204, 54), "boots": (70, 60, 66), "trousers": (66, 78, 112), "apron": (222, 202, 170),
    "armour": (150, 158, 172), "crown": (222, 176, 62), "hat": (92, 72, 62), "suit": (52, 60, 84),
}  # fmt: skip


@dataclass(frozen=True)
class CharacterLook:
    """A character as its bible describes it."""

    id: str
    name: str
    kind: Literal["human", "stylised"]
    looks: str
    always: tuple[str, ...] = ()
    """Marks that every picture shows."""
    palette: Mapping[str, str] = field(default_factory=dict)
    """Part of the body to colour, `#rrggbb` or a colour's word."""
    wardrobe: Mapping[str, str] = field(default_factory=dict)
    """Name of an outfit to what it is."""

    @property
    def words(self) -> str:
        """Everything the bible says of the looks, lower case."""
        return " , ".join((self.looks, *self.always)).lower()

    @property
    def default_wardrobe(self) -> str:
        """What is worn when nothing else is said."""
        return self.wardrobe.get("default", "")


@dataclass(frozen=True)
class Garment:
    """One piece of clothing."""

    shape: str
    colour: Colour
    sparkles: bool = False


def says(text: str, *words: str) -> bool:
    """Whether any of some words (or phrases) stands in a text as whole words."""
    return any(re.search(rf"(?<!\w){re.escape(word)}(?:s|es)?(?!\w)", text) for word in words)


def one_eyed(look: CharacterLook) -> bool:
    """Whether the bible gives a character one eye."""
    return says(look.words, "cyclops", "one-eyed") or bool(
        re.search(r"\b(?:one|single)\b(?:\s+[\w-]+){0,3}\s+eye\b", look.words)
    )


def parse_colour(text: str) -> Colour | None:
    """The colour that a text names: `#rrggbb`, `#rgb` or a colour's word; None if it names none."""
    short = re.fullmatch(r"\s*#?([0-9a-fA-F])([0-9a-fA-F])([0-9a-fA-F])\s*", text)
    code = "".join(digit * 2 for digit in short.groups()) if short else text.strip().lstrip("#")
    if re.fullmatch(r"[0-9a-fA-F]{6}", code):
        return (int(code[:2], 16), int(code[2:4], 16), int(code[4:], 16))
    named = [COLOURS[word] for word in re.findall(r"[a-z]+", text.lower()) if word in COLOURS]
    return named[-1] if named else None


def colour_of(look: CharacterLook, part: str, *others: str, fallback: Colour | None = None) -> Colour:
    """The colour of a part: from the palette, else from the bible's words, else from the character's name.

    `others` are words that mean the same part here (`top`, `outfit`).
    """
    palette = {key.lower(): value for key, value in look.palette.items()}
    for name in (part, *others):
        found = parse_colour(palette.get(name, ""))
        if found:
            return found
        for phrase in re.split(r"[,;]| and | with ", look.words):
            match = re.search(rf"((?:[\w-]+\s+){{1,4}}){re.escape(name)}s?\b", phrase)
            found = parse_colour(match.group(1)) if match else None
            if found:
                return found
    return fallback or hashed_colour(f"{look.id}/{part}")


def hashed_colour(text: str, saturation: float = 0.5, value: float = 0.78) -> Colour:
    """A pleasant colour that belongs to a text for ever."""
    hue = int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big") / 2**32 * 6
    chroma = value * saturation
    rest = chroma * (1 - abs(hue % 2 - 1))
    low = value - chroma
    table = [(chroma, rest, 0.0), (rest, chroma, 0.0), (0.0, chroma, rest)]
    table += [(0.0, rest, chroma), (rest, 0.0, chroma), (chroma, 0.0, rest)]
    red, green, blue = table[int(hue)]
    return (255 * (red + low), 255 * (green + low), 255 * (blue + low))


def garments_in(text: str) -> tuple[Garment, ...]:
    """The clothes that a wardrobe text names, with the colour that stands before each."""
    worn: dict[str, Garment] = {}
    colour: Colour | None = None
    sparkles = False
    for word in re.findall(r"[a-z][a-z-]*|[,;.]", text.lower().replace("t shirt", "t-shirt")):
        if word in {",", ";", ".", "and", "with", "over", "under"}:
            colour, sparkles = (None, False) if word != "and" else (colour, sparkles)
        elif word in COLOURS:
            colour = COLOURS[word]
        elif word in {"sparkly", "sparkling", "sequin", "sequined", "glittering", "glittery", "shiny"}:
            sparkles = True
        elif (shape := GARMENTS.get(word) or GARMENTS.get(word.rstrip("s"))) and shape not in worn:
            plain = _DEFAULT_GARMENT_COLOURS.get(shape) or hashed_colour(
                f"wardrobe/{text}/{shape}", 0.42, 0.66
            )
            worn[shape] = Garment(shape, colour or plain, sparkles)
            colour, sparkles = None, False
    return tuple(worn.values())
