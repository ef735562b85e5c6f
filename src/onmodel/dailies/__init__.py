"""Dailies: the takes of an episode, looked at together, as one page; and continuity over its shots.

    written = write_dailies(Call(folder, "s01e01", rehearse=True), None, print)

The page is read-only: what is decided on it is said with `onmodel circle` and `onmodel retake`.
"""

from onmodel.dailies.page import Written, write_dailies

__all__ = ["Written", "write_dailies"]
