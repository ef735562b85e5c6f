from __future__ import annotations

import pytest

from onmodel.studio.homecoming import suffix_of


@pytest.mark.parametrize(
    ("content_type", "url", "suffix"),
    [
        ("video/mp4", "https://v3.fal.media/files/a/b.mp4", ".mp4"),
        ("image/png; charset=x", "https://v3.fal.media/files/a/b", ".png"),
        ("application/octet-stream", "https://v3.fal.media/files/a/B.MP4?token=1", ".mp4"),
        ("", "https://v3.fal.media/files/a/b.jpg", ".jpg"),
        ("", "https://v3.fal.media/files/a/output.a+strange~ending", ".bin"),
        ("nonsense", "https://v3.fal.media/files/a/b", ".bin"),
    ],
)
def test_a_result_is_archived_under_an_ending_that_the_vault_takes(
    content_type: str, url: str, suffix: str
) -> None:
    """Whatever fal calls a paid file, it can be kept, and a clip is called a clip where anything says so."""
    assert suffix_of(content_type, url) == suffix
