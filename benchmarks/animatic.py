"""How steady and how quick the animatic is: `python -m benchmarks.animatic`.

Each camera move films a painted 720p scene for five seconds. Jitter is what is left between two frames of the
encoded clip once the move itself is taken out, by phase correlation to fractions of a pixel; processor
seconds are of one clip from its still to its file. `zoompan`, ffmpeg's own way, is measured beside.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import cv2
import imageio_ffmpeg
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.measuring import Figure
from onmodel.studio.rehearsal.animator import Shot, animate_still
from onmodel.studio.rehearsal.clip import FPS, read_planes
from onmodel.studio.rehearsal.layers import Layers, flat_layers, split_layers
from onmodel.studio.rehearsal.lens import view_matrix
from onmodel.studio.rehearsal.looks import CharacterLook
from onmodel.studio.rehearsal.moves import camera_moves, path_named
from onmodel.studio.rehearsal.painter import paint_plate, paint_scene
from onmodel.studio.rehearsal.paths import Moment
from onmodel.units import Size

FINE: Final = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
Frame = NDArray[np.float32]

SIZE: Final = Size(1280, 720)
SECONDS: Final = Fraction(5)
PATCH_PX: Final = 256
SEEN: Final = 0.9
"""Radians a pixel up to which phases count: finer texture is what an encoder changes."""
PLACE: Final = "a street in a town, wide shot"
PIP: Final = CharacterLook(
    "pip", "Pip", "stylised", "a small robot", ("round blue head",), {"head": "#3b78d8"}
)


def measure() -> Iterator[Figure]:
    """The unsteadiest move and the dearest one, beside ffmpeg's own push in."""
    cv2.setNumThreads(1)
    peopled = f"Pip stands on {PLACE}, full body"
    street = paint_scene(PLACE, (), SIZE, 3)
    still, plate = paint_scene(peopled, (PIP,), SIZE, 3), paint_plate(peopled, (PIP,), SIZE, 3)
    with TemporaryDirectory() as folder:
        clip = Path(folder) / "clip.mp4"
        most, cpu_s = 0.0, 0.0
        for name in camera_moves():
            film(flat_layers(street), name, clip)
            most = max(most, float(np.abs(jitter([one.y for one in read_planes(clip)], name)).max()))
            cpu_s = max(cpu_s, film(split_layers(still, plate), name, clip))
        Image.fromarray(street).save(Path(folder) / "street.png")
        zoompan(Path(folder) / "street.png", clip)
        bare = float(np.abs(jitter([one.y for one in read_planes(clip)], None)).max())
    what = f"animatic, {len(camera_moves())} camera moves at {SIZE}"
    yield Figure(f"{what}: jitter at most", f"{most:.2f} px", f"{bare:.2f} px, zoompan", "", "under 0.1 px")
    yield Figure(f"{what}: {SECONDS} s take at most", f"{cpu_s:.1f} CPU s", "", "", "at most 4")


def main() -> None:
    """Measure every move, and print."""
    cv2.setNumThreads(1)
    street = paint_scene(PLACE, (), SIZE, 3)
    peopled = f"Pip stands on {PLACE}, full body"
    still, plate = paint_scene(peopled, (PIP,), SIZE, 3), paint_plate(peopled, (PIP,), SIZE, 3)
    print(f"{'move':14} {'jitter px':>20}   CPU s of {SECONDS} s at {SIZE}")
    print(f"{'':14} {'rms':>6} {'99%':>6} {'most':>6}   flat  with depth")
    with TemporaryDirectory() as folder:
        clip = Path(folder) / "clip.mp4"
        for name in camera_moves():
            flat_s = film(flat_layers(street), name, clip)
            left = jitter([frame.y for frame in read_planes(clip)], name)
            deep_s = film(split_layers(still, plate), name, clip)
            print(f"{name:14} {said(left)}   {flat_s:.2f}  {deep_s:.2f}", flush=True)
        Image.fromarray(street).save(Path(folder) / "street.png")
        zoompan(Path(folder) / "street.png", clip)
        print(f"{'ffmpeg zoompan':14} {said(jitter([frame.y for frame in read_planes(clip)], None))}")


def said(left: NDArray[np.float64]) -> str:
    """Root mean square, 99 of 100, and the most."""
    most = np.abs(left)
    return f"{np.sqrt((left**2).mean()):6.3f} {np.quantile(most, 0.99):6.3f} {most.max():6.3f}"


def film(layers: Layers, name: str, into: Path) -> float:
    """Write one clip, and say how many processor seconds it took."""
    begin = time.process_time()
    animate_still(layers, Shot(f"camera {name}", "benchmark", SECONDS, 1), into)
    return time.process_time() - begin


def zoompan(still: Path, into: Path) -> None:
    """The same slow push in as ffmpeg's own filter makes it."""
    frames = int(SECONDS * FPS)
    move = (
        f"zoompan=z='1+0.15*on/{frames}':x='iw/2-iw/zoom/2':y='ih/2-ih/zoom/2':d={frames}:s={SIZE}:fps={FPS}"
    )
    program = imageio_ffmpeg.get_ffmpeg_exe()
    encode = ["-c:v", "libx264", "-preset", "ultrafast", "-tune", "stillimage", "-crf", "18"]
    order = [program, "-v", "error", "-y", "-i", still, "-vf", move, "-pix_fmt", "yuv420p", *encode, into]
    subprocess.run([str(word) for word in order], check=True)


def jitter(frames: Sequence[NDArray[np.uint8]], name: str | None) -> NDArray[np.float64]:
    """What two frames are apart besides the move, in pixels; `name` None is the push of `zoompan`."""
    height, width = frames[0].shape
    last = len(frames) - 1
    # Fixed phases of ours start at the still; zoompan's push goes up evenly.
    matrices = [_matrix(name, index, last, width, height) for index in range(len(frames))]
    left, top = (width - PATCH_PX) // 2, (height - PATCH_PX) // 2
    spot = (slice(top, top + PATCH_PX), slice(left, left + PATCH_PX))
    found = []
    for index in range(last):
        back = np.linalg.inv(matrices[index]) @ matrices[index + 1]
        before = cv2.warpAffine(frames[index].astype(np.float32), back[:2], (width, height), flags=FINE)
        found.append(shift(np.asarray(before, np.float32)[spot], frames[index + 1].astype(np.float32)[spot]))
    return np.array(found)


def _matrix(name: str | None, index: int, last: int, width: int, height: int) -> NDArray[np.float64]:
    moment = Moment(index / last, float(index / FPS))
    if name is None:
        zoom = 1 + 0.15 * index / (last + 1)
        rows = np.array(
            [[1 / zoom, 0, width / 2 - width / zoom / 2], [0, 1 / zoom, height / 2 - height / zoom / 2]]
        )
    else:
        rows = view_matrix(width, height, path_named(name, deep=False)(moment))
    return np.vstack([rows, [0, 0, 1]])


def shift(one: Frame, other: Frame) -> NDArray[np.float64]:
    """How far two patches are apart, in pixels: the slope of their cross spectrum's phase, by its power.

    OpenCV's own `phaseCorrelate` calls a shift of 0.1 px 0.01; this one calls it 0.1.
    """
    window = cv2.createHanningWindow((PATCH_PX, PATCH_PX), cv2.CV_32F)
    cross = np.fft.rfft2((one - one.mean()) * window) * np.conj(np.fft.rfft2((other - other.mean()) * window))
    down, across = np.meshgrid(
        2 * np.pi * np.fft.fftfreq(PATCH_PX), 2 * np.pi * np.fft.rfftfreq(PATCH_PX), indexing="ij"
    )
    counts = (np.hypot(down, across) < SEEN) & (np.hypot(down, across) > 0)
    at = np.stack([across[counts], down[counts]])
    weight, phase = np.abs(cross)[counts], np.angle(cross)[counts]
    return np.asarray(np.linalg.solve((at * weight) @ at.T, (at * weight) @ phase))


if __name__ == "__main__":
    main()
