"""The dailies as one page that needs nothing but itself and the clips beside it."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any, Final

from onmodel.craft.remedies import problems
from onmodel.dailies.clips import Clip
from onmodel.dailies.curve import HEIGHT, WIDTH
from onmodel.dailies.links import FileLinks, Links
from onmodel.dailies.reel import Reel
from onmodel.dailies.stills import Stills
from onmodel.dailies.viewing import Viewing, view_episode
from onmodel.post.ffmpeg import written_whole
from onmodel.settings import Folders
from onmodel.stages.script import Call, look_into_archive, read_script
from onmodel.units import usd

HERE: Final = Path(__file__).parent


@dataclass(frozen=True)
class Written:
    """A page that was written."""

    path: Path
    reel: Reel
    expires: bool
    """Whether its clips are shown through signed addresses, which hold for a day."""


@dataclass(frozen=True)
class Desk:
    """What a served page decides with; a page in a file has none."""

    token: str
    """Goes along with every decision."""
    by: str
    """Who decides, as long as they give no other name."""
    films: bool
    """Whether the server films what is ordered when it is told to."""


def write_dailies(call: Call, into: Path | None, remark: Callable[[str], None]) -> Written:
    """Write the review page of an episode, or of the cast; nothing is bought and nothing archived.

    Args:
        call: the production and the episode.
        into: the file; in `deliverables` without one.
        remark: is told what takes long.

    Raises:
        StoryError: the story is not acceptable.
        VaultError: the archive cannot be read.
        PostError: the page cannot be written.
    """
    script = read_script(call)
    folders = Folders(call.root, call.rehearse)
    path = (into or folders.deliverables / f"{call.scope}.dailies.html").absolute()
    with look_into_archive(script.story.production, folders) as vault:
        viewing = view_episode(call, script, vault)
        media = vault.media if vault else None
        found = Stills(media, folders.cache / "dailies").read(viewing.stills, remark)
        links = FileLinks(media, path.parent, found)
        page = render(viewing, links)
    with written_whole(path) as part:
        part.write_text(page, encoding="utf-8")
    return Written(path, viewing.reel, bool(links.origins))


def render(viewing: Viewing, links: Links, desk: Desk | None = None) -> str:
    """The page as text.

    Args:
        viewing: what is shown.
        links: where pictures and clips are found.
        desk: what it decides with; without one it only shows.
    """
    style, script = page_style(), page_script(decides=desk is not None)
    views = dict.fromkeys(view.still for shot in viewing.reel.shots for view in shot.references)
    clips = {clip: links.clip(clip) for clip in _clips(viewing)}
    origins = links.origins if isinstance(links, FileLinks) else ()
    page: str = page_template("page.html").render(
        viewing=viewing,
        reel=viewing.reel,
        programme=viewing.programme,
        starts=viewing.programme.starts if viewing.programme else {},
        at=links.still,
        clips=clips,
        shared={still: f"view-{still.sha256[:16]}" for still in views},
        desk=desk,
        problems=problems(),
        rehearsed=viewing.call.rehearse,
        style=style,
        script=script,
        policy=page_policy(style, script, origins, served=desk is not None),
        chart_width=WIDTH,
        chart_height=HEIGHT,
        written_at=datetime.now(UTC),
        expires=bool(origins),
    )
    return page


def _clips(viewing: Viewing) -> Iterator[Clip]:
    """Whatever is played, or opened in full."""
    for shot in viewing.reel.shots:
        yield from (one.clip for one in shot.beside)
        yield from (take.clip for work in shot.works for take in work.takes)
    yield from (view.clip for sheet in viewing.sheets for view in sheet.views if view.clip)
    if viewing.programme:
        yield viewing.programme.clip


def page_template(name: str) -> Any:
    """A template of this room; whatever users wrote stays text in it."""
    return _environment().get_template(name)


@cache
def _environment() -> Any:
    """Where templates come from, made once: the review server shows a page anew after each decision."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415 (for pages only)

    environment = Environment(
        loader=FileSystemLoader(HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"usd": usd, "seconds": _seconds, "slug": _slug, "clock": _clock}
    return environment


def page_style() -> str:
    """How all pages look."""
    return (HERE / "page.css").read_text(encoding="utf-8")


def page_script(*, decides: bool) -> str:
    """What a page does by itself; deciding only where a server takes the decisions."""
    names = ("together.js", "page.js", *(["deciding.js"] if decides else []))
    return "".join((HERE / name).read_text(encoding="utf-8") for name in names)


def page_policy(style: str, script: str = "", origins: Collection[str] = (), *, served: bool = False) -> str:
    """What the browser may load: this page's own style and script, pictures in it, and clips.

    Args:
        style: the page's.
        script: the page's; without one no script runs at all.
        origins: hosts that clips come from.
        served: whether a server of ours answers the page.
    """
    clips = " ".join(["'self'", *([] if served else ["file:"]), *sorted(origins)])
    rules: Mapping[str, str] = {
        "default-src": "'none'",
        "style-src": _digest(style),
        **({"script-src": _digest(script)} if script else {}),
        **({"connect-src": "'self'"} if served else {}),
        "img-src": "'self' data:" if served else "data:",
        "media-src": clips,
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    return "; ".join(f"{name} {allowed}" for name, allowed in rules.items())


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode('ascii')}'"


def _seconds(value: Fraction | float) -> str:
    return f"{round(float(value), 2):g} s"


def _clock(seconds: float) -> str:
    """Minutes and seconds: `1:05.50`."""
    hundredths = round(seconds * 100)
    return f"{hundredths // 6000}:{hundredths % 6000 / 100:05.2f}"


def _slug(standing: str) -> str:
    """A standing as the name of a class."""
    return standing.replace(" ", "-")
