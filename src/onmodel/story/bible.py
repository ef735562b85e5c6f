"""`characters/NAME.yaml`: who a character is."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from onmodel.story.fields import Colour, FilePath, Name, Part, Text, Words


class Sheet(Part):
    """What the model sheet shows."""

    views: Annotated[
        list[Literal["front", "three-quarter", "profile", "back", "full-body"]], Field(min_length=1)
    ] = Field(default=["front", "three-quarter", "profile", "full-body"])
    """Turnaround views; the first is made from the words, the others from the first."""
    expressions: list[Text] = Field(default=[])
    """Faces of the expression sheet, a word or two each."""
    references: list[FilePath] = Field(default=[])
    """Pictures of the character that you already have; the views are then made from them."""


class Bible(Part):
    """`characters/NAME.yaml`: who the character is, and what never changes."""

    bible: Literal[1]
    """Version of this file's form."""
    name: Text
    """The name, as prompts say it."""
    kind: Literal["human", "stylised"]
    """Which measure of identity fits: a human face, or a drawn or built figure."""
    looks: Text
    """What the character is, in a few words."""
    always: Annotated[Words, Field(min_length=1)]
    """Marks that are in every prompt, most important first."""
    never: Words = Field(default=[])
    """What must not be seen."""
    style: Text | None = None
    """The style in which the character is drawn."""
    palette: dict[Name, Colour] = Field(default={})
    """Colours of its parts, as #rrggbb."""
    wardrobe: dict[Name, Text] = Field(default={})
    """What it wears, by name; a shot without a choice uses `default`."""
    sheet: Sheet = Sheet()
    """What the model sheet shows."""
