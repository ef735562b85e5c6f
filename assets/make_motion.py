"""Make the motion reference that comes with the repository: `python assets/make_motion.py`.

A figure that sways and raises its arms for four seconds, 720x1280 at 24 frames a second, over a soft tone.
The same file on every run.
"""

from __future__ import annotations

from fractions import Fraction
from math import cos, pi, sin
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT, FPS, SECONDS = 720, 1280, 24, 4
RATE, CHUNK = 48_000, 1024
GROUND, FLOOR, BODY, LIMB = (232, 228, 220), (206, 198, 188), (70, 92, 132), (52, 70, 104)
Picture = NDArray[np.uint8]
Point = tuple[float, float]


def draw_frame(second: float) -> Picture:
    """The figure at one moment, (H, W, 3) uint8 RGB."""
    picture = np.full((HEIGHT, WIDTH, 3), GROUND, np.uint8)
    picture[1000:] = FLOOR
    beat = 2 * pi * second / 2
    sway, bob = 62 * sin(beat), 14 * abs(sin(beat))
    raised = 0.5 - 0.5 * cos(2 * pi * second / SECONDS)
    hip: Point = (360 + 0.45 * sway, 700 + bob)
    neck: Point = (360 + sway, 470 + bob)
    cv2.ellipse(picture, (360, 1062), (170, 26), 0, 0, 360, (176, 168, 160), -1, cv2.LINE_AA)
    for side in (-1, 1):
        foot = (360.0 + side * 74, 1050.0)
        knee = (hip[0] + side * 62 + 0.1 * sway, (hip[1] + foot[1]) / 2 + 4)
        _limb(picture, [(hip[0] + side * 42, hip[1]), knee, foot], 50, LIMB)
    _limb(picture, [hip, neck], 128, BODY)
    for side in (-1, 1):
        lift = raised * (0.9 + 0.1 * sin(beat + side))
        upper, lower = 0.28 + 2.1 * lift, 0.18 + 2.62 * lift
        shoulder = (neck[0] + side * 84, neck[1] + 22)
        elbow = (shoulder[0] + side * 120 * sin(upper), shoulder[1] + 120 * cos(upper))
        hand = (elbow[0] + side * 112 * sin(lower), elbow[1] + 112 * cos(lower))
        _limb(picture, [shoulder, elbow, hand], 38, LIMB)
        _ball(picture, hand, 26, (226, 178, 142))
    _ball(picture, (neck[0] + 0.25 * sway, neck[1] - 104), 74, (226, 178, 142))
    return picture


def _limb(picture: Picture, points: list[Point], width: int, colour: tuple[int, int, int]) -> None:
    corners = np.round(np.array(points) * 16).astype(np.int32)
    cv2.polylines(
        picture, [corners], isClosed=False, color=colour, thickness=width, lineType=cv2.LINE_AA, shift=4
    )
    for point in points:
        _ball(picture, point, width // 2, colour)


def _ball(picture: Picture, middle: Point, radius: int, colour: tuple[int, int, int]) -> None:
    centre = (round(middle[0] * 16), round(middle[1] * 16))
    cv2.circle(picture, centre, radius * 16, colour, -1, cv2.LINE_AA, 4)


def make_tone() -> NDArray[np.float32]:
    """Two soft notes that breathe with the sway, (2, samples) float32."""
    time = np.arange(RATE * SECONDS) / RATE
    swell = 0.5 - 0.5 * np.cos(2 * np.pi * time / 2)
    tone = 0.07 * swell * (np.sin(2 * np.pi * 220 * time) + 0.6 * np.sin(2 * np.pi * 330 * time))
    return np.stack([tone, tone]).astype(np.float32)


def write_reference(into: Path) -> None:
    """Write the motion reference."""
    into.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(into), "w", format="mp4", options={"movflags": "+faststart"}) as container:
        video = container.add_stream("libx264", rate=FPS)
        video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        video.options = {"preset": "slow", "crf": "30", "threads": "1"}
        video.codec_context.thread_count = 1
        audio = container.add_stream("aac", rate=RATE, layout="stereo")
        audio.bit_rate = 48_000
        for index in range(FPS * SECONDS):
            frame = av.VideoFrame.from_ndarray(draw_frame(index / FPS), format="rgb24")
            frame.pts, frame.time_base = index, Fraction(1, FPS)
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        tone = make_tone()
        for start in range(0, tone.shape[1], CHUNK):
            piece = np.ascontiguousarray(tone[:, start : start + CHUNK])
            sound = av.AudioFrame.from_ndarray(piece, format="fltp", layout="stereo")
            sound.sample_rate, sound.pts, sound.time_base = RATE, start, Fraction(1, RATE)
            container.mux(audio.encode(sound))
        container.mux(audio.encode(None))


if __name__ == "__main__":
    target = Path(__file__).parent / "motion" / "sway.mp4"
    write_reference(target)
    print(f"{target.name}: {target.stat().st_size} bytes")
