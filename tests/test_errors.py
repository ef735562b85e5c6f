from __future__ import annotations

import pickle
import re
from decimal import Decimal
from inspect import isclass

import pytest

from onmodel import errors
from onmodel.errors import Finding, OnModelError, Place, StoryError

CLASSES = {
    one for one in vars(errors).values() if isclass(one) and issubclass(one, Exception)
}  # fmt: skip


def drawn_tree() -> dict[str, str | None]:
    """Each class that the docstring draws, with the class that it hangs on."""
    parents: dict[str, str | None] = {}
    way: list[str] = []
    for line in (errors.__doc__ or "").splitlines():
        if match := re.match(r"    ((?:│   |    )*)(├── |└── )?([A-Z]\w+)", line):
            depth = len(match[1]) // 4 + bool(match[2])
            way[depth:] = [match[3]]
            parents[match[3]] = way[depth - 1] if depth else None
    return parents


def test_the_drawn_tree_is_the_real_one() -> None:
    """The tree in the docstring has every class of the module, at its place, and no other."""
    real = {one.__name__: None if one is OnModelError else one.__mro__[1].__name__ for one in CLASSES}
    assert drawn_tree() == real


def test_every_error_says_what_it_means() -> None:
    """Each class has a docstring of its own."""
    assert not [one.__name__ for one in CLASSES if not one.__dict__.get("__doc__")]


def test_the_hint_is_part_of_what_people_read() -> None:
    """`str()` is the message, and the next step below it where there is one."""
    assert str(OnModelError("no ffmpeg", hint="make setup")) == "no ffmpeg\n  make setup"
    assert str(OnModelError("no ffmpeg")) == "no ffmpeg"


def test_what_a_failure_cost_is_unknown_unless_said() -> None:
    """`spent_usd` is None, not 0, where nothing was said about money."""
    assert OnModelError("x").spent_usd is None
    assert errors.FetchFailed("x", spent_usd=Decimal("0.35")).spent_usd == Decimal("0.35")


@pytest.mark.parametrize(
    ("place", "written"),
    [(Place("a.yaml", 3, 5), "a.yaml:3:5"), (Place("a.yaml", 3), "a.yaml:3"), (Place("a.yaml"), "a.yaml")],
)
def test_a_place_is_written_as_editors_read_it(place: Place, written: str) -> None:
    """File, line and column with colons, as far as they are known."""
    assert str(place) == written


def test_a_finding_is_one_line_with_a_full_stop() -> None:
    """Place, message and hint; a message without a full stop gets one, never two."""
    assert (
        str(Finding(Place("a", 1, 2), "found 5", "Put it in quotes.")) == "a:1:2: found 5. Put it in quotes."
    )
    assert str(Finding(Place("a", 1, 2), "found 5.")) == "a:1:2: found 5."


def test_a_story_error_lists_each_finding_once_in_file_order() -> None:
    """Findings are sorted by file, line and column as numbers, and one that was found twice is told once."""
    late, early = Finding(Place("a", 10, 1), "late"), Finding(Place("a", 9, 1), "early")
    other = Finding(Place("b", 1, 1), "other")
    error = StoryError([other, late, early, late])
    assert error.findings == [early, late, other]
    assert str(error).splitlines() == ["a:9:1: early.", "a:10:1: late.", "b:1:1: other."]


def test_only_trouble_of_the_other_side_is_never_billed() -> None:
    """A failed job may have cost its price, except where fal itself was at fault."""
    free = {one.__name__ for one in CLASSES if issubclass(one, errors.JobFailed) and not one.may_be_billed}
    assert free == {"ServerFailed"}


def test_the_journal_can_tell_the_kinds_of_failed_jobs_apart() -> None:
    """Each kind of failed job has its own short word."""
    kinds = [one.kind for one in CLASSES if issubclass(one, errors.JobFailed)]
    assert len(set(kinds)) == len(kinds) == 5


@pytest.mark.parametrize(
    "error",
    [
        errors.StoryError([errors.Finding(errors.Place("a.yaml", 1, 2), "wrong", "mend it")]),
        errors.SubmitRefused("no", hint="ask", status=403, detail="locked"),
        errors.Moderated("stopped", request_id="r1", field="prompt"),
        errors.NotMedia("a page", hint="fetch it again"),
    ],
)
def test_errors_survive_the_way_out_of_a_worker_process(error: errors.OnModelError) -> None:
    """An error that is pickled in a worker comes back whole: message, hint and every field."""
    back = pickle.loads(pickle.dumps(error))  # noqa: S301 (our own bytes)
    assert type(back) is type(error)
    assert (str(back), vars(back)) == (str(error), vars(error))
