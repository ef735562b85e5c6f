"""The score in a manifest: every sound of a cut with its file, so that the same sound is mixed again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from onmodel.post.mastering import State
from onmodel.post.score import Coder, Heard, Score
from onmodel.stages.pieces import Media
from onmodel.vault import MediaRef


class SoundRecord(BaseModel):
    """One sound of a cut, as a manifest has it; what is not said is as `Heard` has it."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    name: str
    media: Media
    """The file in the archive."""
    begin: int = Field(ge=0)
    samples: int = Field(ge=0)
    skip: int = Field(default=0, ge=0)
    speed: Fraction = Field(default=Fraction(1), gt=0)
    late: int = Field(default=0, ge=0)
    fade_in: int = Field(default=0, ge=0)
    fade_out: int = Field(default=0, ge=0)
    level_db: float = 0
    loop: bool = False
    ducked_db: float = 0
    speech: tuple[tuple[int, int], ...] = ()

    def heard(self, paths: Mapping[str, Path]) -> Heard:
        """The sound, once its file is on this machine."""
        said = {name: getattr(self, name) for name in type(self).model_fields if name != "media"}
        return Heard(sha256=self.media.sha256, path=paths[self.media.sha256], **said)


class ScoreRecord(BaseModel):
    """Every sound of a cut, as its manifest has it."""

    model_config = ConfigDict(frozen=True, defer_build=True)  # what else it tells is for people

    target_lufs: float | None = None
    heard: tuple[SoundRecord, ...]
    coder: Coder = "twoloop"

    def score(self, samples: int, paths: Mapping[str, Path]) -> Score:
        """The score of a programme of so many samples, once its files are on this machine."""
        return Score(samples, tuple(one.heard(paths) for one in self.heard), self.target_lufs, self.coder)


class SoundResult(BaseModel):
    """How loud a finished cut is, as its manifest has it."""

    model_config = ConfigDict(frozen=True)

    integrated_lufs: float | None
    """Of the whole; None for silence."""
    true_peak_dbtp: float | None
    """Of the finished file as it decodes; None for silence."""
    target_lufs: float | None
    """What was asked for; None for `as-is`."""
    state: State
    """What came of that."""

    def __str__(self) -> str:
        """`-14 LUFS, true peak -5.25 dBTP`, for people, with what came of the target."""
        if self.integrated_lufs is None:
            return "silent"
        known = self.true_peak_dbtp is not None
        peak = f", true peak {self.true_peak_dbtp:zg} dBTP" if known else ""  # z: full scale is no -0
        said = f"{self.integrated_lufs:g} LUFS{peak}"
        if self.state == "silent":
            return f"nearly silent ({said}): left as it is"
        return f"{said}; its peaks allow no {self.target_lufs:g} LUFS" if self.state == "limited" else said

    @classmethod
    def of(cls, manifest: Mapping[str, Any]) -> SoundResult | None:
        """What a cut's manifest says; None where it says nothing of the kind."""
        try:
            return cls.model_validate(manifest.get("sound"))
        except ValidationError:
            return None


@dataclass(frozen=True)
class Scored:
    """A cut's score, and what its files are called in the archive."""

    score: Score
    media: Mapping[str, MediaRef]
    """By sha256."""

    def as_record(self) -> dict[str, Any]:
        """What the manifest says of it, as JSON values."""
        return {
            "target_lufs": self.score.target_lufs,
            **_coded(self.score),
            "heard": [
                {"name": one.name, "media": self.media[one.sha256].as_argument(), **_told(one)}
                for one in self.score.heard
            ],
        }


def key_of(score: Score) -> dict[str, Any]:
    """All that the sound of a cut depends on, as JSON values for its digest."""
    heard = [{"of": one.sha256, **_told(one)} for one in score.heard]
    return {"target_lufs": score.target_lufs, **_coded(score), "heard": heard}


def _coded(score: Score) -> dict[str, str]:
    # Without a further key for what was the only way once: cuts from then keep their names.
    return {"coder": score.coder} if score.coder != "twoloop" else {}


_PLAIN: Final = {field.name: field.default for field in fields(Heard)}
"""What is not told, since it is so where nothing is said."""


def _told(heard: Heard) -> dict[str, Any]:
    names = [name for name in _PLAIN if name not in ("name", "sha256", "path")]
    told = {name: getattr(heard, name) for name in names if getattr(heard, name) != _PLAIN[name]}
    for level in told.keys() & {"level_db", "ducked_db"}:
        told[level] = float(told[level])  # a whole number, read back, would be another one in a digest
    if "speed" in told:
        told["speed"] = str(heard.speed)
    if "speech" in told:
        told["speech"] = [list(span) for span in heard.speech]
    return told
