"""The guide's own workflow as a script: upload, subscribe, download, one shot after the other, and joined.

`python -m benchmarks.rivals FOLDER SHOTS AT_ONCE PICTURE` films so many shots from a picture, so many of them
at a time: with 1 it is the guide's, with more the same made concurrent. It judges nothing, keeps no journal,
knows no cap, and buys everything again when it is started again: what it takes is filming with none of that.
"""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
from pathlib import Path

import fal_client
import httpx

from onmodel.post.ffmpeg import find_ffmpeg

ENDPOINT = "bench/film/image-to-video"


async def film(folder: Path, shots: int, at_once: int) -> None:
    """Film the shots of `first.png` and join them in `episode.mp4`."""
    client, room = fal_client.AsyncClient(), asyncio.Semaphore(at_once)

    async def shot(number: int) -> Path:
        async with room:
            url = await client.upload_file(folder / "first.png")
            asked = {"prompt": f"workshop {number}", "image_url": url, "duration": "1"}
            found = await client.subscribe(ENDPOINT, arguments=asked)
            async with httpx.AsyncClient() as http:
                answer = await http.get(found["video"]["url"])
            path = folder / f"{number}.mp4"
            path.write_bytes(answer.raise_for_status().content)
            return path

    clips = await asyncio.gather(*map(shot, range(shots)))
    names = folder / "names.txt"
    names.write_text("".join(f"file '{clip.name}'\n" for clip in clips), encoding="utf-8")
    joined = ["-f", "concat", "-i", names.name, "-c", "copy", "episode.mp4"]
    command = [str(find_ffmpeg(None)), "-nostdin", "-v", "error", "-y", *joined]
    await asyncio.to_thread(subprocess.run, command, cwd=folder, check=True)


def main() -> None:
    """Film what is asked for."""
    folder, shots, at_once, first = sys.argv[1:]
    into = Path(folder)
    into.mkdir(parents=True)
    shutil.copy(first, into / "first.png")
    asyncio.run(film(into, int(shots), int(at_once)))


if __name__ == "__main__":
    main()
