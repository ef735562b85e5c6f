from __future__ import annotations

import os
from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from onmodel.studio.caps import Caps
from onmodel.vault import Journal
from protocol.money import FailingWire
from protocol.turns import Ending
from protocol.world import HOSTS, SUBJECTS, World

GAMES = int(os.environ.get("ONMODEL_GAMES", "60"))
"""How many games are played; `make chaos` plays more, and others each time."""

MOVES = 60

BEGINNINGS = (*SUBJECTS, "settle", "rebuild")
ENDINGS: tuple[Ending, ...] = ("not-done", "answer-lost", "told-otherwise", "dies-before", "dies-after")
EVENTS = ("1 s", "400 s", "history", "refusal", "trouble at fal")
WORDS = ("truth", "resubmit", "lost")

workers = st.integers(0, len(HOSTS) - 1)


class Money(RuleBasedStateMachine):
    """Three workers on two machines want the same three pictures, and anything may go wrong at any instant.

    After every single move the world counts: nothing bought twice without a person's word, nothing bought
    forgotten, everything bought reserved, never more bought than a cap allows.
    """

    def __init__(self) -> None:
        super().__init__()
        self.world = World()

    @rule(worker=workers, beginning=st.sampled_from(BEGINNINGS), moves=st.integers(1, 7))
    def works(self, worker: int, beginning: str, moves: int) -> None:
        """A worker goes on with what it does, or begins something, and all goes well."""
        self.world.begin(worker, beginning)
        for _ in range(moves):
            self.world.move(worker)

    @rule(worker=workers, beginning=st.sampled_from(BEGINNINGS), moves=st.integers(1, 7))
    def works_on(self, worker: int, beginning: str, moves: int) -> None:
        """The same once more: most of the time nothing goes wrong."""
        self.works(worker, beginning, moves)

    @rule(worker=workers, ending=st.sampled_from(ENDINGS))
    def meets_trouble(self, worker: int, ending: Ending) -> None:
        """A worker's next touch fails, or its answer is lost, or the worker dies there."""
        self.world.move(worker, ending)

    @rule(event=st.sampled_from(EVENTS))
    def something_happens(self, event: str) -> None:
        """Deadlines come; fal's history stops answering; fal refuses a submit, or fails jobs for nothing."""
        self.world.happen(event)

    @rule(subject=st.sampled_from(SUBJECTS), word=st.sampled_from(WORDS))
    def is_resolved(self, subject: str, word: str) -> None:
        """A person settles an ambiguous job, after a look at fal's dashboard or without one."""
        self.world.person(subject, word)

    def teardown(self) -> None:
        """Whatever happened: with nothing in the way, what was bought comes home or is known to be open."""
        try:
            if not self.world.is_broken:
                self.world.play_out()
        finally:
            self.world.close()


def play(games: int, phases: Sequence[Phase] = tuple(Phase)) -> None:
    """Play the same games every time, but for `make chaos`, which gives a seed."""
    run_state_machine_as_test(
        Money,
        settings=settings(
            max_examples=games,
            stateful_step_count=MOVES,
            deadline=None,
            derandomize="ONMODEL_GAMES" not in os.environ,
            database=None,
            phases=phases,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_the_money_is_right_after_every_move() -> None:
    """Any order of moves, deaths, lost answers and words of a person: the money adds up at every instant."""
    play(GAMES)


async def _nothing(*_: object, **__: object) -> None:
    """Reserve nothing."""


@pytest.mark.parametrize(
    ("where", "what", "wrong", "said"),
    [
        (Caps, "reserve", _nothing, "has None"),
        (Journal, "record_outcome", lambda *_: None, "does not end"),
    ],
)
def test_the_game_is_lost_where_the_program_is_wrong(
    monkeypatch: pytest.MonkeyPatch, where: type, what: str, wrong: object, said: str
) -> None:
    """The world sees what it is there to see: a price that is not reserved, an outcome not written."""
    monkeypatch.setattr(where, what, wrong)
    with pytest.raises(AssertionError, match=said):
        play(20, (Phase.generate,))  # a shorter game that is lost too would take a minute to find


def test_a_program_that_sends_a_lost_submit_again_loses_the_game(monkeypatch: pytest.MonkeyPatch) -> None:
    """A history that lags is no proof: who takes it for one forgets what fal has, or buys it twice."""
    monkeypatch.setattr(FailingWire, "absence_is_proof", True)
    world = World()
    try:
        world.begin(0, SUBJECTS[0])
        while world.workers[0].turns.next != "post":
            world.move(0)
        world.move(0, "answer-lost")
        with pytest.raises(AssertionError, match="bought"):
            _with_a_history_that_lags(world)
    finally:
        world.close()


def _with_a_history_that_lags(world: World) -> None:
    """Let the first worker go on; whenever it asks fal's history, the newest request is not listed yet."""
    for _ in range(MOVES):
        lags = world.workers[0].turns.next == "history"
        world.move(0, "told-otherwise" if lags else "well")
