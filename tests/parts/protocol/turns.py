"""Threads that take turns: a worker moves when it is told to, one touch of the outer world at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Final, Literal, TypeVar

T = TypeVar("T")

Ending = Literal["well", "not-done", "answer-lost", "told-otherwise", "dies-before", "dies-after"]
"""How one touch of the outer world ends.

well · not-done: it fails and nothing happened · answer-lost: it happened, and an error is told ·
told-otherwise: it happened, and its opposite is told (a create that was repeated: the name is taken) · dies:
the worker is killed, before or after it happened.
"""

LONGEST_S: Final = 20.0


class Killed(BaseException):
    """The process is gone: nothing of the program may handle this."""


class Turns:
    """One worker's side of the game."""

    def __init__(self) -> None:
        self._go = threading.Semaphore(0)
        self._rests = threading.Semaphore(0)
        self._ending: Ending = "well"
        self._work: threading.Thread | None = None
        self.next = ""
        """What the worker is about to touch; empty where it has nothing to do."""
        self.error: BaseException | None = None
        """What its last piece of work ended with."""
        self.dead = False

    @property
    def busy(self) -> bool:
        """Whether the worker is in the middle of something."""
        return bool(self.next)

    def begin(self, work: Callable[[], None]) -> None:
        """Start a piece of work, and let it come to its first touch."""

        def run() -> None:
            try:
                work()
            except BaseException as error:  # noqa: BLE001 (a thread ends here; whoever plays looks at it)
                self.error = error
            self.next = ""
            self._rests.release()

        self.error = None
        self._work = threading.Thread(target=run, daemon=True)
        self._work.start()
        self._wait()

    def move(self, ending: Ending) -> None:
        """Let the next touch happen, and end so; returns when the worker is at the one after, or is done."""
        self._ending = ending
        self._go.release()
        self._wait()

    def _wait(self) -> None:
        if not self._rests.acquire(timeout=LONGEST_S):
            raise AssertionError(f"a worker does not come to rest after {self.next}")
        if self._work is not None and not self.next:
            self._work.join(LONGEST_S)

    def touch(self, what: str, do: Callable[[], T], *, lost: BaseException, otherwise: T | None = None) -> T:
        """Called by the worker's ports: stop here, then do it as the player wants it to end.

        Args:
            what: what is touched, for whoever plays.
            do: the touch itself.
            lost: the error of a touch that fails, or whose answer is lost.
            otherwise: the opposite answer, where there is one; without it that ending is a lost answer.
        """
        if self.dead:
            raise Killed
        self.next = what
        self._rests.release()
        self._go.acquire()
        ending = self._ending
        if ending == "dies-before":
            self.dead = True
            raise Killed
        if ending == "not-done":
            raise lost
        answer = do()
        if ending == "dies-after":
            self.dead = True
            raise Killed
        if ending == "told-otherwise" and otherwise is not None:
            return otherwise
        if ending in {"answer-lost", "told-otherwise"}:
            raise lost
        return answer


def nothing(*_: Any) -> None:
    """Tell nobody."""
