from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onmodel.errors import SetupError
from onmodel.studio.rehearsal.trouble import FAULTS, Mischief, Rule, Trouble

RULES = st.sampled_from([(on, fault) for on, faults in FAULTS.items() for fault in faults]).flatmap(
    lambda pair: st.builds(Rule, st.just(pair[0]), st.just(pair[1]), st.integers(1, 4))
)


@pytest.mark.parametrize(
    ("written", "allowed"),
    [
        ({"on": "sumbit", "fault": "429"}, "submit"),
        ({"on": "submit", "fault": "html"}, "lost-after"),
        ({"on": "submit", "fault": "429", "often": 2}, "times"),
        ({"on": "submit"}, "`fault`"),
        ({"on": "submit", "fault": "429", "times": 0}, "1 or more"),
        ({"on": "upload", "fault": "5xx", "endpoint": "fal-ai/flux/dev"}, "no endpoint"),
    ],
)
def test_trouble_that_cannot_be_is_refused_with_what_is_allowed(
    written: dict[str, object], allowed: str
) -> None:
    """A typo in a list of trouble is an error that lists the known words, not trouble that never comes."""
    with pytest.raises(SetupError, match=allowed):
        Trouble.read([written])


@given(st.lists(RULES, max_size=6))
def test_trouble_strikes_exactly_as_often_as_it_says(rules: list[Rule]) -> None:
    """Every rule strikes `times` times, in the order written, and then never again."""
    mischief = Mischief(Trouble(tuple(rules)))
    for on in FAULTS:
        struck = []
        for own in (False, True):
            while (fault := mischief.strike(on, "any", of_the_job=own)) is not None:
                struck.append(fault)
        expected = [rule.fault for rule in rules if rule.on == on for _ in range(rule.times)]
        assert sorted(struck) == sorted(expected)


def test_trouble_of_one_endpoint_spares_the_others() -> None:
    """A rule with an endpoint is used up by that endpoint alone."""
    mischief = Mischief(Trouble.read([{"on": "submit", "fault": "429", "endpoint": "a"}]))
    assert mischief.strike("submit", "b") is None
    assert mischief.strike("submit", "a") == "429"
    assert mischief.strike("submit", "a") is None
