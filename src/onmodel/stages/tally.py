"""How much of an episode is circled: asked for each second, and counted once a shot."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction


class Tally:
    """Counts the shots of one run that have all their clips.

    What is circled stays so while a run lasts, so a shot that has its clips is not looked at again.

    Args:
        used_s: seconds of each shot in the cut; empty where no episode is made.
        has_clip: whether every clip of a shot is circled.
    """

    def __init__(self, used_s: Mapping[str, Fraction], has_clip: Callable[[str], bool]) -> None:
        self.of = len(used_s)
        """Shots of the episode."""
        self.of_seconds = sum(used_s.values(), Fraction(0))
        """Of the cut."""
        self.done = 0
        """Shots that have all their clips, when it was last looked at."""
        self.seconds = Fraction(0)
        """Of the cut, that these make up."""
        self._missing = dict(used_s)
        self._has_clip = has_clip

    def look(self) -> None:
        """See which of the others have their clips by now."""
        for shot in [shot for shot in self._missing if self._has_clip(shot)]:
            self.done += 1
            self.seconds += self._missing.pop(shot)
