from __future__ import annotations

from itertools import pairwise
from typing import get_args

import pytest

from onmodel.craft import (
    CameraBrief,
    CharacterBrief,
    ShotBrief,
    compose_image_to_video,
    compose_motion_control,
)
from onmodel.craft.ladders import Rung, ladder_names, rungs_of
from onmodel.story import Shot

PIP = CharacterBrief("Pip", "a small robot", ("round blue head",), style="3D", wardrobe="a raincoat")
SHOT = ShotBrief(
    (PIP,), "a workshop", "Pip stands", "it blinks", CameraBrief("medium", "dolly in"), "lamp light", "anime"
)
EVERY = [rung for name in ladder_names() for rung in rungs_of(name)]


def test_a_shot_may_name_each_ladder() -> None:
    """The story's key takes the ladders that there are, and no other."""
    key = Shot.model_fields["ladder"].annotation
    assert {name for part in get_args(key) for name in get_args(part)} == set(ladder_names())


def test_motion_control_is_climbed_as_the_guide_climbs_it() -> None:
    """Movement, then the character, in the standard tier; the place, then the style, above it."""
    assert [(rung.id, rung.quality) for rung in rungs_of("motion-control")] == [
        ("movement", "standard"),
        ("identity", "standard"),
        ("environment", "master"),
        ("style", "master"),
    ]
    texts = [compose_motion_control(rung.applied(SHOT)).text for rung in rungs_of("motion-control")]
    for rung, words in enumerate(("Pip", "round blue head", "workshop", "anime")):
        assert [words.casefold() in text.casefold() for text in texts] == [at >= rung for at in range(4)]


def test_refinement_goes_from_bare_words_to_balance() -> None:
    """Baseline, S.C.A.M., more of what is weak with what to avoid, then balance."""
    rungs = rungs_of("refinement")
    assert [rung.id for rung in rungs] == ["baseline", "scam", "enhance", "balance"]
    assert [rung.avoids for rung in rungs] == [False, False, True, True]
    assert [rung.adherence for rung in rungs] == [None, None, None, 0.6]
    texts = [compose_image_to_video(rung.applied(SHOT), limit=800).text for rung in rungs]
    assert "lamp light" not in texts[0]
    assert "medium" not in texts[0]
    assert "Lamp light" in texts[1]
    assert texts[2].endswith("Clearly visible: it blinks.")
    assert texts[3].endswith("focus deep enough that the subject stays sharp.")


@pytest.mark.parametrize("rung", EVERY, ids=lambda rung: rung.id)
def test_a_rung_asks_a_question_and_keeps_who_it_is(rung: Rung) -> None:
    """A person reads what its take shows, and the character is named on every rung."""
    assert rung.asks.startswith(("whether", "what"))
    assert [one.name for one in rung.applied(SHOT).characters] == ["Pip"]


@pytest.mark.parametrize("name", ladder_names())
def test_a_rung_never_says_less_than_the_one_below(name: str) -> None:
    """What was judged stays in the prompt."""
    says = [set(rung.says) for rung in rungs_of(name)]
    assert all(below <= above for below, above in pairwise(says))
    assert rungs_of(name)[-1].applied(SHOT).look == "anime"
