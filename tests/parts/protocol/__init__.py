"""A world in which the money protocol is played move by move: an archive, a fal, workers that die.

Every worker runs the real desk, journal and ledger in a thread of its own and stops before each touch of the
archive or of fal, until whoever plays says how that one touch ends. So any order of moves can be tried,
and any instant is a place to die. Between two moves everybody stands still, and the money can be counted.
"""
