"""The way to fal, live and in rehearsal."""
