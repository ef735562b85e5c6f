"""One endpoint of the catalogue: what it takes, what it sells, what it is good for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from onmodel.endpoints.models import Request

KINDS: Final[Mapping[str, tuple[str, ...]]] = {
    "text-to-image": ("prompt",),
    "image-edit": ("prompt", "references"),
    "image-variation": ("first_frame",),
    "text-to-video": ("prompt",),
    "image-to-video": ("first_frame",),
    "reference-to-video": ("prompt", "references"),
    "motion-control": ("first_frame", "motion_video", "orientation"),
    "video-edit": ("prompt", "source_video"),
    "video-reference": ("prompt", "source_video"),
    "effects": ("effect", "references"),
    "avatar": ("first_frame", "spoken"),
    "lipsync": ("source_video",),
    "voice": (),
    "sound": ("source_video",),
    "other": (),
}
"""Every kind of work, and the roles that an endpoint of it cannot do without."""

ROLES: Final[Mapping[str, str]] = {
    "prompt": "prompt",
    "first_frame": "first frame",
    "last_frame": "last frame",
    "references": "reference pictures",
    "elements": "elements",
    "motion_video": "motion reference",
    "orientation": "orientation",
    "source_video": "source clip",
    "keep_sound": "keeps the input's sound",
    "audio": "native sound",
    "voices": "chosen voices",
    "voice": "a voice by name",
    "spoken": "spoken sound",
    "said": "a line to say",
    "voice_sample": "a sample of a voice",
    "sound_effects": "sound effects",
    "music": "music",
    "mask": "still mask",
    "moving_masks": "moving masks",
    "effect": "effects",
    "camera_preset": "camera presets",
    "camera_exact": "exact camera",
    "several_shots": "several shots in one clip",
    "seconds": "chosen length",
    "ratio": "aspect ratio",
    "size": "exact size",
    "adherence": "adherence",
    "negative": "negative prompt",
    "seed": "seed",
}
"""Our neutral words for what a field is for, and how they are said to people."""

_UNSTATED_REFERENCES = 4
"""Pictures we send at most where the contract names no maximum: a model sheet's useful views."""


class Field(NamedTuple):
    """One field of a request, as the contract states it."""

    type: str
    """string, number, integer, boolean, array, object, any or union."""
    required: bool = False
    enum: tuple[Any, ...] | None = None
    """The allowed values; None where any value of the type will do."""
    default: Any = None
    """What the endpoint assumes when the field is absent; None where the contract says nothing."""
    format: str = ""
    """`file-url` for pictures, clips and sounds."""
    items: Field | None = None
    """The members of an array."""
    properties: dict[str, Field] | None = None
    """The members of an object."""
    any_of: tuple[Field, ...] = ()
    """The alternatives of a union."""
    max_items: int | None = None
    max_items_with: tuple[str, ...] = ()
    """Other fields whose members count towards `max_items` too."""
    limits: Mapping[str, float] = MappingProxyType({})
    """max_chars, min, max; for files max_s, min_s, min_width_px, max_file_mb, min_aspect and kin."""


@dataclass(frozen=True)
class Endpoint:
    """One endpoint: what it takes, what it sells, what it is good for."""

    name: str
    short: str
    """The name as people say it, without the owner: `v2.6/pro/image-to-video`."""
    kind: str
    """The kind of work: one of `KINDS`."""
    tier: str
    """draft, standard or master."""
    output: str
    """images, video, audio or voice_id: the field of the answer that holds the result."""
    fields: dict[str, Field]
    roles: Mapping[str, str]
    """Our neutral word to the endpoint's field: `{"first_frame": "start_image_url", ...}`."""
    seconds: tuple[Fraction, ...] | None
    """The lengths it sells in seconds, shortest first; None where the length follows an input."""
    follows_s: Mapping[str, tuple[Fraction, Fraction]]
    """Motion control: orientation to the shortest and longest reference, in seconds."""
    notes: str = ""

    @cached_property
    def request_model(self) -> type[Request]:
        """The typed model of its requests; made when first asked for."""
        from onmodel.endpoints.models import make_model  # noqa: PLC0415 (models are made of endpoints)

        return make_model(self)

    @property
    def first_frame(self) -> str | None:
        """The field of the picture that opens the clip."""
        return self.roles.get("first_frame")

    @property
    def last_frame(self) -> str | None:
        """The field of the picture that ends the clip."""
        return self.roles.get("last_frame")

    @property
    def references(self) -> str | None:
        """The field of the reference pictures."""
        return self.roles.get("references")

    @property
    def max_references(self) -> int:
        """How many reference pictures, or elements where it takes only those, one request may carry."""
        takes = self.fields.get(self.references or self.roles.get("elements", ""))
        if takes is None:
            return 0
        return (takes.max_items or _UNSTATED_REFERENCES) if takes.type == "array" else 1

    @property
    def capabilities(self) -> tuple[str, ...]:
        """What it can do, in the words of `ROLES` and their order."""
        return tuple(words for role, words in ROLES.items() if role in self.roles)

    def offers(self, role: str) -> tuple[Any, ...]:
        """The values that the field of a role allows, like effect scenes; empty where any will do."""
        takes = self.fields.get(self.roles.get(role, ""))
        return (takes.enum or ()) if takes is not None else ()

    @property
    def adherence(self) -> str | None:
        """The field for how strictly the prompt is followed (cfg_scale)."""
        return self.roles.get("adherence")

    @property
    def negative(self) -> str | None:
        """The field of the negative prompt."""
        return self.roles.get("negative")

    @property
    def audio(self) -> str | None:
        """The field that asks for generated sound."""
        return self.roles.get("audio")

    @property
    def ratio(self) -> str | None:
        """The field of the aspect ratio."""
        return self.roles.get("ratio")

    @property
    def prompt_chars(self) -> int | None:
        """Characters that the prompt may have; None where nobody says."""
        return self._max_chars("prompt")

    @property
    def negative_chars(self) -> int | None:
        """Characters that the negative prompt may have; None where nobody says."""
        return self._max_chars("negative")

    def _max_chars(self, role: str) -> int | None:
        takes = self.fields.get(self.roles.get(role, ""))
        most = None if takes is None else takes.limits.get("max_chars")
        return None if most is None else int(most)
