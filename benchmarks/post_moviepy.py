"""The same episode by MoviePy 2, run by the python of a venv that has it.

`post_moviepy.py INTO FPS LENGTH FADE CLIP...`, lengths in seconds.
"""

from __future__ import annotations

import sys

from moviepy import CompositeVideoClip, VideoFileClip, afx, vfx


def main(into: str, fps: int, length: float, fade: float, names: list[str]) -> None:
    """Lay the clips over each other with fades, as MoviePy's own guide does it."""
    laid = []
    for number, name in enumerate(names):
        clip = VideoFileClip(name).subclipped(0, length).with_start(number * (length - fade))
        if number:
            clip = clip.with_effects([vfx.CrossFadeIn(fade), afx.AudioFadeIn(fade)])
        if number + 1 < len(names):
            clip = clip.with_effects([afx.AudioFadeOut(fade)])
        laid.append(clip)
    options = {"codec": "libx264", "preset": "fast", "audio_codec": "aac", "audio_bitrate": "192k"}
    whole = CompositeVideoClip(laid)
    whole.write_videofile(into, fps=fps, ffmpeg_params=["-crf", "20"], logger=None, **options)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4]), sys.argv[5:])
