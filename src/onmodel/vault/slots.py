"""Where one purchase stands in a production: a slot, its key, and its folder in the archive.

The folder spells the slot out, so that one listing of an episode says which slots exist and how far each job
is, without opening a single record.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Final, Literal, cast, get_args

from onmodel.units import digest_of

Stage = Literal["sheet", "keyframe", "shoot", "restyle"]

_FOLDER: Final = "jobs/{scope}/{subject}/{stage}-{basis}-{n}"  # flat: each folder more costs an fsync
_RECORD: Final = _FOLDER + "/{record}.json"
"""The one template: `Slot.name_of` fills it in, `Slot.parse` reads it back."""

_FORMS: Final = {
    "scope": r"[A-Za-z0-9_-]+",
    "subject": r"[A-Za-z0-9_-][A-Za-z0-9._-]*",
    "stage": "|".join(get_args(Stage)),
    "basis": r"[0-9a-f]{64}",
    "n": r"[1-9][0-9]*",
    "record": r"[a-z]+(?:\.[1-9][0-9]*(?:\.late)?)?",
}
_TEMPLATE = re.compile(
    re.escape(_RECORD)
    .replace(r"\{", "{")
    .replace(r"\}", "}")
    .format(**{field: f"(?P<{field}>{form})" for field, form in _FORMS.items()}),
)
_OLDER = re.compile(r"jobs/[^/]+/[^/]+/(?:" + _FORMS["stage"] + r")/[0-9a-f]{64}/[1-9][0-9]*/[^/]+")
_RECORD_WORD = re.compile(_FORMS["record"])
_CHECKED = {field: re.compile(_FORMS[field]) for field in ("scope", "subject", "stage", "basis", "n")}


def is_older(name: str) -> bool:
    """Whether an object's name is a job's record where onmodel 0.1 kept it, a folder for each word."""
    return _OLDER.fullmatch(name) is not None


@dataclass(frozen=True)
class Slot:
    """One place for one paid result: what it is for, and which try it is.

    Raises:
        ValueError: a field is not of its form.
    """

    production: str
    """The production's name, as production.yaml has it."""
    scope: str
    """`s01e01` for an episode, `cast` for model sheets."""
    subject: str
    """`s010` for a shot, `pip.default.front` for a view of a model sheet."""
    stage: Stage
    basis: str
    """Digest of the story content that shows on screen, 64 hex digits."""
    n: int
    """The how-manieth try of the same basis, from 1; the second is the first retake."""

    def __post_init__(self) -> None:
        if not self.production:
            raise ValueError("a slot's production is empty, it takes the production's name")
        for field, form in _CHECKED.items():
            value = str(getattr(self, field))
            if not form.fullmatch(value):
                raise ValueError(f"a slot's {field} is {value!r}, it takes {form.pattern}")

    @property
    def key(self) -> str:
        """The job key: sha256 of the six fields, 64 hex digits."""
        return digest_of(asdict(self))

    @property
    def order(self) -> tuple[str, str, str, str, int]:
        """What jobs are sorted by: takes of one shot stand together, the first one first."""
        return self.scope, self.subject, self.stage, self.basis, self.n

    @property
    def folder(self) -> str:
        """The folder of the job's records in the archive."""
        return _FOLDER.format_map(vars(self))

    def name_of(self, record: str) -> str:
        """The object's name of one record of this job: `intent`, `sending.1`, `outcome.1.late` and so on."""
        return _RECORD.format(**vars(self), record=record)

    def records_among(self, names: Iterable[str]) -> frozenset[str]:
        """Which records of this job a listing of its folder shows; other files are passed over."""
        skip = len(self.folder) + 1
        words = (name[skip:].removesuffix(".json") for name in names if name.endswith(".json"))
        return frozenset(filter(_RECORD_WORD.fullmatch, words))

    @classmethod
    def parse(cls, production: str, name: str) -> tuple[Slot, str] | None:
        """The slot and record that an object's name stands for; None when it is not a job's record."""
        found = _TEMPLATE.fullmatch(name)
        if found is None:
            return None
        fields = found.groupdict()
        slot = cls(
            production=production,
            scope=fields["scope"],
            subject=fields["subject"],
            stage=cast("Stage", fields["stage"]),
            basis=fields["basis"],
            n=int(fields["n"]),
        )
        return slot, fields["record"]
