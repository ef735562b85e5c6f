"""Measures what the README promises. It prints and writes figures, and asserts nothing about time."""
