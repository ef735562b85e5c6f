from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onmodel.errors import SetupError
from onmodel.studio.rehearsal.mischief import Mischief
from onmodel.studio.rehearsal.trouble import FAULTS, About, Rule, Trouble

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
    with TemporaryDirectory() as folder:
        mischief = Mischief(Trouble(tuple(rules)), Path(folder))
        for on in FAULTS:
            struck = []
            for own in (False, True):
                job = 0
                while (
                    fault := mischief.strike(on, About("any", request_id=str(job)), of_the_job=own)
                ) is not None:
                    struck.append(fault)
                    job += 1
            expected = [rule.fault for rule in rules if rule.on == on for _ in range(rule.times)]
            assert sorted(struck) == sorted(expected)


def test_trouble_of_one_endpoint_spares_the_others(tmp_path: Path) -> None:
    """A rule with an endpoint is used up by that endpoint alone."""
    mischief = Mischief(Trouble.read([{"on": "submit", "fault": "429", "endpoint": "a"}]), tmp_path)
    assert mischief.strike("submit", About("b")) is None
    assert mischief.strike("submit", About("a")) == "429"
    assert mischief.strike("submit", About("a")) is None


def test_a_run_that_is_started_again_meets_only_what_is_left(tmp_path: Path) -> None:
    """What has struck is on disk: of three, one strikes the first process and two the next."""
    trouble = Trouble((Rule("submit", "429", times=3),))
    assert Mischief(trouble, tmp_path).strike("submit") == "429"
    again = Mischief(trouble, tmp_path)
    assert [again.strike("submit") for _ in range(3)] == ["429", "429", None]


def test_what_is_not_asked_for_is_forgotten(tmp_path: Path) -> None:
    """After one run without it the same trouble comes again; what is still asked for stays used up."""
    kept, dropped = Rule("submit", "429"), Rule("upload", "5xx")
    both = Mischief(Trouble((kept, dropped)), tmp_path)
    assert (both.strike("submit"), both.strike("upload")) == ("429", "5xx")
    Mischief(Trouble((kept,)), tmp_path).forget_the_rest()
    both = Mischief(Trouble((kept, dropped)), tmp_path)
    assert (both.strike("submit"), both.strike("upload")) == (None, "5xx")


def test_a_fault_of_a_job_stays_with_it(tmp_path: Path) -> None:
    """A job whose process was killed before its answer was written down is struck again, and no other is."""
    trouble = Trouble((Rule("result", "moderate-prompt"),))
    for _ in range(2):
        mischief = Mischief(trouble, tmp_path)
        assert mischief.strike("result", About(request_id="one"), of_the_job=True) == "moderate-prompt"
    assert mischief.strike("result", About(request_id="two"), of_the_job=True) is None


@given(st.floats(0, 0.5), st.floats(0, 0.5))
@settings(max_examples=20)
def test_shares_are_of_all_jobs(one: float, other: float) -> None:
    """Each fault hits its share of many jobs, none is hit twice, and the same job is hit in the same way."""
    trouble = Trouble((Rule("result", "drift", share=one), Rule("result", "swap", share=other)))
    mischief = Mischief(trouble, Path("/nowhere"))
    abouts = [About(key=f"job {n}") for n in range(1500)]
    hits = [mischief.strike("result", about, of_the_job=True) for about in abouts]
    assert abs(hits.count("drift") / len(hits) - one) < 0.05
    assert abs(hits.count("swap") / len(hits) - other) < 0.05
    assert hits == [mischief.strike("result", about, of_the_job=True) for about in reversed(abouts)][::-1]


def test_trouble_that_begins_later_lasts_to_the_end_of_the_run_and_comes_once(tmp_path: Path) -> None:
    """`after` lets so many steps go well; then every one is struck, and the next run is spared."""
    trouble = Trouble((Rule("store", "denied", after=2),))
    mischief = Mischief(trouble, tmp_path)
    assert [mischief.strike("store") for _ in range(5)] == [None, None, "denied", "denied", "denied"]
    again = Mischief(trouble, tmp_path)
    assert [again.strike("store") for _ in range(5)] == [None] * 5


@pytest.mark.parametrize(
    ("where", "meant"),
    [
        ("", True),
        ("s020", True),
        ("s020.2", True),
        ("s020.shoot", True),
        ("s020.shoot.2", True),
        ("shoot", True),
        ("shoot.2", True),
        ("s02", False),
        ("s020.1", False),
        ("s020.keyframe", False),
        ("keyframe", False),
        ("s010", False),
    ],
)
def test_whom_trouble_is_meant_for(where: str, *, meant: bool) -> None:
    """A shot, a stage, a take and their joins name a job; half a name does not."""
    about = About("any", label="s01e01 · s020 · take 2 · image-to-video")
    assert about.is_meant(where) is meant


def test_a_character_means_all_views_of_its_sheet() -> None:
    """`pip` is every view of Pip's model sheet, `pip.rain` those of one wardrobe, and no shot."""
    view = About("any", label="cast · pip.rain.front · take 1 · model sheet")
    assert view.is_meant("pip")
    assert view.is_meant("pip.rain")
    assert view.is_meant("sheet")
    assert not view.is_meant("pip.default")
    assert not About("any", label="no slate").is_meant("pip")
