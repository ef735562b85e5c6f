"""A production that is killed again and again, and the count of what became of its money.

Every run is the real command line in a process of its own, over the real journal and vault; only fal is the
double, and what it draws is kept ready, so that a run takes a second. Nothing in `onmodel` knows of this.
"""
