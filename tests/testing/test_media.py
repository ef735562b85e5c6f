from __future__ import annotations

from pathlib import Path

from onmodel.post.probe import probe
from onmodel.testing import small_clip, small_picture
from onmodel.units import Size


def test_a_small_clip_is_what_was_asked_for(tmp_path: Path) -> None:
    """The clip has the size and length that it was asked for, and sound."""
    found = probe(small_clip(tmp_path / "clips" / "a.mp4", seconds=1, size=Size(160, 90)))
    assert (found.kind, found.size, found.has_audio) == ("video", Size(160, 90), True)
    assert found.seconds is not None
    assert abs(found.seconds - 1) < 1 / 20


def test_a_small_picture_is_a_picture(tmp_path: Path) -> None:
    """The picture has the size that it was asked for."""
    found = probe(small_picture(tmp_path / "pictures" / "a.png", Size(320, 300)))
    assert (found.kind, found.size) == ("image", Size(320, 300))
