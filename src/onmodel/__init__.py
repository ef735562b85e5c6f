"""Produce multi-shot series with AI whose characters stay on-model."""
