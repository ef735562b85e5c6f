"""What a scorer is: it says what a picture shows, and how much that is like a character's references.

`human` and `stylised` come with the package. A production may name its own as `package.module:factory`;
docs/identity.md shows one. None is ever used silently instead of another.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Literal, ParamSpec, Protocol, TypeVar, runtime_checkable

from onmodel.errors import SetupError
from onmodel.qc.picture import Box

if TYPE_CHECKING:
    from onmodel.qc.picture import Frame, Vector, Vectors


P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Sighting:
    """One place of a picture that may show a character."""

    measured: Vector | Callable[[], Vector]
    """(n,) float32; or how to measure it once somebody asks: a passer-by's face is seldom asked for."""
    box: Box | None = None
    """Where; None is the whole picture, which may show several characters at once."""
    parts: Vectors | None = None
    """(k, m) float32.

    Closer looks, if the scorer takes any. Only what is judged needs them, references do not.
    """

    @cached_property
    def vector(self) -> Vector:
        """(n,) float32; only its own scorer knows what the numbers mean."""
        return self.measured() if callable(self.measured) else self.measured


@dataclass(frozen=True)
class Seen:
    """All that a scorer found on one picture."""

    sightings: tuple[Sighting, ...] = ()
    why_not: str = ""
    """Why the picture cannot be scored, in words for people; empty where there are sightings."""


@dataclass(frozen=True)
class Limits:
    """Which scores mean what; measured once for a scorer, not for a character."""

    floor: float
    """Least threshold.

    Under it strangers pass. Also the least that views of one character score on each other.
    """
    ceiling: float
    """Greatest threshold: views that are nearly one picture must not make it unreachable."""
    share: float = 0.7
    """The threshold as a share of how alike the character's own views are."""
    handicap: float = 0.0
    """What a closer look takes off its score: it tries more places, so strangers score higher in it, too."""
    drop: float = 0.1
    """Fall of the score from the first to the last third of a clip that counts as drifting."""


@runtime_checkable
class Scorer(Protocol):
    """Recognises characters. One instance may be used by one thread at a time."""

    @property
    def name(self) -> str:
        """As records and messages call it."""

    @property
    def version(self) -> str:
        """Changes whenever scores do; a calibration holds for one version."""

    @property
    def limits(self) -> Limits:
        """Its scale."""

    def look(self, picture: Frame) -> Seen:
        """Find what may be a character. `picture` is (H, W, 3) uint8 RGB, of any size."""

    def likeness(self, sighting: Sighting, references: Sequence[Sighting]) -> float | None:
        """How much a sighting is like one character's references, -1 to 1.

        None if it cannot be this character.
        """


@runtime_checkable
class CloserLook(Protocol):
    """What a scorer may do besides: look again at a picture on which somebody scored too low."""

    def look_closer(self, picture: Frame, seen: Seen) -> Seen:
        """The sightings again, from a look that takes longer and finds more. The higher score counts."""


@runtime_checkable
class Locating(Protocol):
    """What a scorer may do besides: say where a character is that has no face in a picture."""

    def locate(
        self, picture: Frame, sighting: Sighting, references: Sequence[Sighting]
    ) -> tuple[float, float] | None:
        """The middle of it, across and down, as shares of the picture; None where that cannot be told."""


def scorer_for(kind: Literal["human", "stylised"], custom: str | None = None) -> Scorer:
    """The scorer for a bible's kind, or the production's own. Weights are loaded when it first looks.

    Args:
        kind: the bible's `kind`.
        custom: `package.module:factory`, the factory taking no arguments and giving a `Scorer`.

    Raises:
        SetupError: the production's own scorer cannot be had, or is none.
    """
    return _shipped(kind) if custom is None else _own(custom)


@cache
def _shipped(kind: Literal["human", "stylised"]) -> Scorer:
    # One of each for a process: a network is loaded once, however many shots are judged.
    from onmodel.qc.human import HumanScorer  # noqa: PLC0415 - keeps `check` and `plan` quick
    from onmodel.qc.stylised import StylisedScorer  # noqa: PLC0415 - same

    return HumanScorer() if kind == "human" else StylisedScorer()


@cache
def _own(custom: str) -> Scorer:
    module_name, _, factory_name = custom.partition(":")
    hint = "Name it as package.module:factory, importable where onmodel runs; docs/identity.md shows one."
    if not module_name or not factory_name:
        raise SetupError(f"scorer {custom!r}: that is not of the form package.module:factory", hint=hint)
    try:
        factory = getattr(import_module(module_name), factory_name)
        scorer = factory() if callable(factory) else None
    except Exception as error:
        raise SetupError(f"scorer {custom!r} cannot be had: {error}", hint=hint) from error
    if not isinstance(scorer, Scorer):
        raise SetupError(
            f"scorer {custom!r} gave {type(scorer).__name__}, which is no scorer",
            hint="It needs name, version, limits, look(picture) and likeness(sighting, references).",
        )
    return _Foreign(custom, scorer)


class _Foreign:
    """A production's own scorer; whatever it raises becomes an error that names it."""

    _hint = "Mend it, or take it out of `scorers` in production.yaml; the take is paid and kept."

    def __init__(self, custom: str, scorer: Scorer) -> None:
        self._custom = custom
        self._scorer = scorer
        self.look = self._guarded(scorer.look)
        # It can do what the scorer itself can do, and nothing else: whoever judges asks for that.
        if isinstance(scorer, CloserLook):
            self.look_closer = self._guarded(scorer.look_closer)
        if isinstance(scorer, Locating):
            self.locate = self._guarded(scorer.locate)

    @property
    def name(self) -> str:
        return self._scorer.name

    @property
    def version(self) -> str:
        return self._scorer.version

    @property
    def limits(self) -> Limits:
        return self._scorer.limits

    def likeness(self, sighting: Sighting, references: Sequence[Sighting]) -> float | None:
        found = self._guarded(self._scorer.likeness)(sighting, references)
        if found is not None and not math.isfinite(found):
            raise SetupError(f"scorer {self._custom!r} says that a likeness is {found}", hint=self._hint)
        return found

    def _guarded(self, work: Callable[P, T]) -> Callable[P, T]:
        def asked(*args: P.args, **kwargs: P.kwargs) -> T:
            try:
                return work(*args, **kwargs)
            except Exception as error:
                raise SetupError(
                    f"scorer {self._custom!r} failed: {type(error).__name__}: {error}", hint=self._hint
                ) from error

        return asked


def mean_of_two_best(likenesses: Sequence[float]) -> float:
    """The mean of the two highest.

    One lucky reference does not decide, and a view from behind does no harm.
    """
    best = sorted(likenesses, reverse=True)[:2]
    return float(sum(best) / len(best))
