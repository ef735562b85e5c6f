"""Dailies: the takes of an episode, looked at together, as one page; and continuity over its shots.

    written = write_dailies(Call(folder, "s01e01", rehearse=True), None, print)

The page in a file only shows; the same page from the review server (`dailies/serving.py`) also decides.
"""

from onmodel.dailies.page import Written, write_dailies

__all__ = ["Written", "write_dailies"]
