"""One conformance suite over all scorers: the two that ship, and the one that docs/identity.md shows."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from onmodel.errors import SetupError
from onmodel.qc import Scorer, judge, judge_picture, scorer_for
from onmodel.qc.scorer import CloserLook, Locating, Sighting

PAGE = Path(__file__).parents[2] / "docs/identity.md"


def documented() -> Scorer:
    """The scorer of the page's code block, run as it stands."""
    code = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)[0]
    names: dict[str, Any] = {}
    exec(code, names)  # noqa: S102 - the page's own code is what is tested
    scorer = names["make"]()
    assert isinstance(scorer, Scorer)
    return scorer


@pytest.fixture(scope="module", params=["human", "stylised", "docs/identity.md"])
def scorer(request: pytest.FixtureRequest) -> Scorer:
    return documented() if request.param.startswith("docs") else scorer_for(request.param)


@pytest.fixture(scope="module")
def who(scorer: Scorer) -> str:
    return "mina" if scorer.name == "human" else "pip"


@pytest.fixture(scope="module")
def stranger(scorer: Scorer) -> str:
    return "bo" if scorer.name == "human" else "mina"


def test_it_is_a_scorer(scorer: Scorer) -> None:
    """It has a name, a version and a scale."""
    assert isinstance(scorer, Scorer)
    assert scorer.name
    assert scorer.version
    assert 0 < scorer.limits.floor < scorer.limits.ceiling < 1


def test_a_character_is_more_like_itself_than_like_a_stranger(
    scorer: Scorer, who: str, stranger: str, painted: Any
) -> None:
    """In a scene that is on no sheet, the character scores higher than somebody else there."""
    calibration = painted.measured(scorer, who)
    own = judge_picture(painted.scene(who), {who: calibration}, {who: scorer})[who]
    other = judge_picture(painted.scene(stranger), {who: calibration}, {who: scorer})[who]
    assert own.score is not None
    assert other.score is not None
    assert own.score > other.score


def test_the_same_picture_has_the_same_score(scorer: Scorer, who: str, painted: Any) -> None:
    """Nothing is left to chance, and a look changes nothing for the next."""
    calibration = painted.measured(scorer, who)
    readings = [judge_picture(painted.scene(who), {who: calibration}, {who: scorer})[who] for _ in range(2)]
    assert readings[0] == readings[1]


def test_scores_are_cosines(scorer: Scorer, who: str, painted: Any) -> None:
    """Every score lies between -1 and 1, and vectors are numbers."""
    sightings = scorer.look(painted.sheet(who)["front"]).sightings
    for one in sightings:
        assert np.isfinite(one.vector).all()
        score = scorer.likeness(one, [one])
        assert score is None or -1.0001 <= score <= 1.0001


@pytest.mark.parametrize(
    ("picture", "why"),
    [
        (np.zeros((360, 640, 3), np.uint8), "black"),
        (np.full((360, 640, 3), 255, np.uint8), "flat colour"),
        (np.random.default_rng(1).integers(0, 255, (40, 40, 3), np.uint8), "40x40 px"),
    ],
    ids=["black", "white", "tiny"],
)
def test_what_shows_nothing_is_not_scored(scorer: Scorer, picture: Any, why: str) -> None:
    """A picture on which nobody could recognise anything has no sighting, and says why."""
    seen = scorer.look(picture)
    assert not seen.sightings
    assert why in seen.why_not


def test_a_black_clip_is_unscorable(scorer: Scorer, who: str, painted: Any) -> None:
    """Nothing to see is not the wrong character."""
    calibration = painted.measured(scorer, who)
    frames = [np.zeros((360, 640, 3), np.uint8)] * 9
    reading = judge(frames, [number / 2 for number in range(9)], {who: calibration}, {who: scorer})[who]
    assert reading.standing == "unscorable"
    assert "black" in reading.reason
    assert reading.score is None


def test_a_clip_of_two_frames_is_judged(scorer: Scorer, who: str, painted: Any) -> None:
    """A clip that broke off is judged by what there is of it."""
    calibration = painted.measured(scorer, who)
    frames = [painted.scene(who)] * 2
    reading = judge(frames, [0.0, 0.04], {who: calibration}, {who: scorer})[who]
    assert len(reading.curve) == 2
    assert reading.score is not None


@pytest.mark.parametrize(
    ("custom", "said"),
    [
        ("no_colon", "not of the form"),
        ("no_such_module:make", "cannot be had"),
        ("json:no_such_name", "cannot be had"),
        ("builtins:dict", "which is no scorer"),
        ("json:__name__", "which is no scorer"),
    ],
)
def test_a_scorer_that_cannot_be_had_is_no_other_scorer(custom: str, said: str) -> None:
    """The production's own scorer is never silently replaced: what is wrong is said."""
    with pytest.raises(SetupError, match=said):
        scorer_for("stylised", custom)


def test_a_production_names_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """`package.module:factory` is imported and used, whatever the bible's kind."""
    code = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)[0]
    (tmp_path / "our_scorer.py").write_text(code, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert scorer_for("human", "our_scorer:make").name == documented().name


def test_a_productions_own_can_do_what_it_can_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A closer look and a place are asked of whoever has them, and of nobody else."""
    code = "from onmodel.qc.scorer import scorer_for\ndef make():\n    return scorer_for(KIND)\n"
    monkeypatch.syspath_prepend(str(tmp_path))
    for kind in ("stylised", "human"):
        (tmp_path / f"own_{kind}.py").write_text(code.replace("KIND", repr(kind)), encoding="utf-8")
        inner, own = scorer_for(kind), scorer_for(kind, f"own_{kind}:make")
        for skill in (CloserLook, Locating):
            assert isinstance(own, skill) == isinstance(inner, skill)
    assert isinstance(scorer_for("stylised", "own_stylised:make"), Locating)


def test_a_likeness_is_a_number(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Half a division by zero is no verdict: the scorer is named."""
    code = "from onmodel.qc.scorer import scorer_for\n"
    code += "class Odd:\n    name, version, limits = 'odd', '1', scorer_for('human').limits\n"
    code += "    def look(self, picture): return None\n"
    code += "    def likeness(self, sighting, references): return float('nan')\n"
    (tmp_path / "odd_scorer.py").write_text(code, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(SetupError, match=r"'odd_scorer:Odd' says that a likeness is nan"):
        scorer_for("human", "odd_scorer:Odd").likeness(Sighting(np.ones(2, np.float32)), [])
