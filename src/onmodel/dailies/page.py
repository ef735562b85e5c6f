"""The dailies as one page that needs nothing but itself and the clips beside it."""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlsplit

from onmodel.dailies.curve import HEIGHT, WIDTH
from onmodel.dailies.reel import Reel, reel_of
from onmodel.dailies.stills import Still, Stills
from onmodel.dailies.takes import TakeShown
from onmodel.planning import CAST, Records, make_plan
from onmodel.post.ffmpeg import written_whole
from onmodel.settings import Folders
from onmodel.stages.script import Call, look_into_archive, read_script
from onmodel.units import usd
from onmodel.vault import Media, MediaRef

HERE: Final = Path(__file__).parent


@dataclass(frozen=True)
class Written:
    """A page that was written."""

    path: Path
    reel: Reel
    expires: bool
    """Whether its clips are shown through signed addresses, which hold for a day."""


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
        scopes = sorted({call.scope, CAST}) if vault else []
        # One reading for the plan and the takes: they are of the same moment, and no record is read twice.
        jobs = [job for scope in scopes for job in vault.journal.jobs(scope)] if vault else []
        decisions = [one for scope in scopes for one in vault.decisions.of(scope)] if vault else []
        records = Records(jobs, decisions)
        plan = make_plan(script.prepared, records, script.story.production, script.market)
        reel = reel_of(script.story, plan, jobs)
        media = vault.media if vault else None
        links = _Links(media, path.parent)
        stills = Stills(media, folders.cache / "dailies")
        found = stills.read((still for shot in reel.shots for still in shot.stills), remark)
        cut = folders.deliverables / f"{call.scope}.mp4"
        page = render(reel, found, links, rehearsed=call.rehearse, cut=cut if cut.is_file() else None)
    with written_whole(path) as part:
        part.write_text(page, encoding="utf-8")
    return Written(path, reel, bool(links.origins))


class _Links:
    """Where the page finds clips: beside itself, or at a signed address.

    Args:
        media: the archive's; None where there is none yet.
        folder: the page's.
    """

    def __init__(self, media: Media | None, folder: Path) -> None:
        self._media = media
        self._folder = folder
        self.origins: set[str] = set()
        """Outside hosts that a signed address names."""

    def of(self, ref: MediaRef) -> str:
        """The address of an archived clip."""
        address = self._media.address(ref) if self._media else ""
        if address.startswith(("https://", "http://")):
            parts = urlsplit(address)
            self.origins.add(f"{parts.scheme}://{parts.netloc}")
            return address
        return self.to(Path(address))

    def to(self, path: Path) -> str:
        """The address of a file on this machine, from the page's folder."""
        return quote(os.fsencode(os.path.relpath(path.absolute(), self._folder)))


def render(reel: Reel, stills: dict[Still, str], links: _Links, *, rehearsed: bool, cut: Path | None) -> str:
    """The page as text.

    Args:
        reel: what is shown.
        stills: pictures as `data:` addresses; what has none is shown as missing.
        links: where clips are found.
        rehearsed: whether nothing was paid.
        cut: the finished episode on this machine.
    """
    style = page_style()
    shared = {view.still: f"view-{view.still.sha256[:16]}" for shot in reel.shots for view in shot.references}
    sources = {take.media: links.of(take.media) for take in _takes(reel) if take.is_clip}
    page: str = page_template("page.html").render(
        reel=reel,
        stills=stills,
        shared=shared,
        sources=sources,
        cut=links.to(cut) if cut else None,
        rehearsed=rehearsed,
        style=style,
        policy=page_policy(style, links.origins),
        chart_width=WIDTH,
        chart_height=HEIGHT,
        written_at=datetime.now(UTC),
        expires=bool(links.origins),
    )
    return page


def _takes(reel: Reel) -> Iterator[TakeShown]:
    return (take for shot in reel.shots for work in shot.works for take in work.takes)


def page_template(name: str) -> Any:
    """A template of this room; whatever users wrote stays text in it."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415 (for pages only)

    environment = Environment(
        loader=FileSystemLoader(HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"usd": usd, "seconds": _seconds, "slug": _slug}
    return environment.get_template(name)


def page_style() -> str:
    """How all pages look."""
    return (HERE / "page.css").read_text(encoding="utf-8")


def page_policy(style: str, origins: Collection[str] = ()) -> str:
    """What the browser may load: this page's own style, pictures in it, and clips; no script at all."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii")
    clips = " ".join(["'self'", "file:", *sorted(origins)])
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; media-src {clips}; "
        "base-uri 'none'; form-action 'none'"
    )


def _seconds(value: Fraction | float) -> str:
    return f"{round(float(value), 2):g} s"


def _slug(standing: str) -> str:
    """A standing as the name of a class."""
    return standing.replace(" ", "-")
