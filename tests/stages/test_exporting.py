from __future__ import annotations

import hashlib
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest

from onmodel.errors import PostError, VaultError
from onmodel.stages.exporting import Exported, delivered_cut, export
from onmodel.stages.restoring import choose_cut, find_cuts
from onmodel.vault import Cut, Decision, Decisions, LocalStore
from onmodel.vault.archive import Archive, open_to_read

RETAKEN = "s010 · take 1 · image-to-video"


@pytest.fixture(scope="module")
def rehearsed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the first test leaves the episode that it rehearsed, for the others to begin with."""
    return tmp_path_factory.mktemp("exported") / "reel"


@pytest.fixture
def archive(stage: Any, rehearsed: Path) -> Archive:
    """An episode of which one shot was taken twice, and another is long."""
    if rehearsed.exists():
        shutil.copytree(rehearsed, stage.root, dirs_exist_ok=True)
    else:
        stage.artist.black.add(RETAKEN)
        stage.change(
            "episodes/s01e01.yaml", "    action: it walks away", "    action: it walks away\n    seconds: 6"
        )
        stage.produce()
        shutil.copytree(stage.root, rehearsed)
    return open_to_read(".onmodel/rehearsal/archive", root=stage.root)


def newest(archive: Archive) -> Cut:
    return choose_cut(find_cuts(archive, "s01e01", str), "s01e01", None)


def exported(archive: Archive, into: Path, told: list[str] | None = None) -> Exported:
    return export(archive, "s01e01", newest(archive), into, "otio", (told if told is not None else []).append)


def opened(found: Exported) -> Any:
    return otio.adapters.read_from_file(str(found.path))


def clips(timeline: Any) -> dict[str, Any]:
    return {one.name: one for one in timeline.video_tracks()[0] if isinstance(one, otio.schema.Clip)}


def test_the_timeline_is_as_long_as_the_film_and_links_the_very_takes(
    stage: Any, archive: Archive, tmp_path: Path
) -> None:
    """Every link leads from the file to a copy of what was archived, under a name that people can read."""
    found = exported(archive, tmp_path / "out" / "my cut.otio")
    timeline, manifest = opened(found), newest(archive).manifest
    frames = manifest["cut"]["frames"]  # type: ignore[index,call-overload]
    assert (timeline.duration().value, found.frames) == (frames, frames)
    assert list(clips(timeline)) == ["s010_take2.mp4", "s020_take1.mp4", "s020-2_take1.mp4", "s030_take1.mp4"]
    archived = {hashlib.sha256(one.read_bytes()).hexdigest() for one in stage.root.rglob("media/*/*.mp4")}
    for clip in timeline.find_clips():
        for reference in clip.media_references().values():
            linked = found.path.parent / reference.target_url
            assert reference.target_url.startswith("my cut.media/")
            assert hashlib.sha256(linked.read_bytes()).hexdigest() in archived
            assert linked.stat().st_nlink == 1


def test_a_take_that_was_not_circled_is_an_alternate(archive: Archive, tmp_path: Path) -> None:
    """With what is known of it: why it was not taken, and what it cost."""
    clip = clips(opened(exported(archive, tmp_path / "x.otio")))["s010_take2.mp4"]
    assert sorted(clip.media_references()) == ["DEFAULT_MEDIA", "take 1"]
    told = clip.media_references()["take 1"].metadata["onmodel"]
    assert (told["verdict"], bool(told["reasons"]), bool(told["price_usd"])) == ("broken", True, True)
    marker = clip.markers[0]
    assert marker.name.startswith("s010 take 2: ")
    assert marker.comment == clip.metadata["onmodel"]["prompt"] != ""


def test_peoples_notes_are_markers_at_their_moment(stage: Any, archive: Archive, tmp_path: Path) -> None:
    """A note about another take of the shot is on no marker."""
    job = next(
        job
        for job in stage.jobs()
        if job.slot.subject == "s010" and (job.slot.stage, job.slot.n) == ("shoot", 2)
    )
    for n, words in ((2, 'only "one" antenna'), (1, "all black")):
        slot = job.slot
        note = Decision(
            kind="note", subject="s010", stage="shoot", basis=slot.basis, n=n, note=words, at_s=0.5, by="ada",
            at=datetime(2026, 11, 1, tzinfo=UTC),
        )  # fmt: skip
        open_to_write(stage).keep("s01e01", note)
    clip = clips(opened(exported(archive, tmp_path / "x.otio")))["s010_take2.mp4"]
    noted = [one for one in clip.markers if one.metadata["onmodel"]["kind"] == "note"]
    assert [(one.comment, one.marked_range.start_time.value) for one in noted] == [('only "one" antenna', 12)]


def open_to_write(stage: Any) -> Any:
    return Decisions(LocalStore(stage.root / ".onmodel" / "rehearsal" / "archive"))


def test_exporting_again_changes_nothing_and_mends_what_was_changed(archive: Archive, tmp_path: Path) -> None:
    """An editing program may have written into a medium: it is copied anew, the archive was never touched."""
    found = exported(archive, tmp_path / "x.otio")
    before = found.path.read_bytes(), {one.name: one.stat().st_mtime_ns for one in found.media.iterdir()}
    altered = found.media / "s010_take2.mp4"
    whole = altered.read_bytes()
    again = exported(archive, tmp_path / "x.otio")
    assert (
        again.path.read_bytes(),
        {one.name: one.stat().st_mtime_ns for one in again.media.iterdir()},
    ) == before
    altered.write_bytes(whole + b"xmp")
    exported(archive, tmp_path / "x.otio")
    assert altered.read_bytes() == whole


def test_a_lost_alternate_is_told_and_a_lost_take_of_the_cut_is_an_error(
    archive: Archive, tmp_path: Path
) -> None:
    """What is not in the cut may be missing; what is must be there, byte for byte."""
    found = opened(exported(archive, tmp_path / "x.otio"))
    clip = clips(found)["s010_take2.mp4"]
    other = clip.media_references()["take 1"].metadata["onmodel"]["sha256"]
    medium = next(Path(archive.store.address).rglob(f"{other}.mp4"))
    medium.unlink()
    told: list[str] = []
    again = clips(opened(exported(archive, tmp_path / "y.otio", told)))["s010_take2.mp4"]
    assert list(again.media_references()) == ["DEFAULT_MEDIA"]
    assert told[0].startswith("s010: take 1 is left out: ")
    needed = next(Path(archive.store.address).rglob(f"{clip.metadata['onmodel']['sha256']}.mp4"))
    needed.chmod(0o644)
    needed.write_bytes(b"not a clip")
    with pytest.raises(VaultError, match="altered"):
        exported(archive, tmp_path / "z.otio")
    assert not (tmp_path / "z.otio").exists()


def test_a_folder_is_no_file(archive: Archive, tmp_path: Path) -> None:
    """Nothing is brought before that is known."""
    with pytest.raises(PostError, match="there is a folder of this name"):
        exported(archive, tmp_path)
    assert not tmp_path.with_name(f"{tmp_path.name}.media").exists()


def test_the_cut_that_was_delivered_is_exported(stage: Any, archive: Archive, tmp_path: Path) -> None:
    """It may be an older one than the newest; without a manifest there is none."""
    cuts = find_cuts(archive, "s01e01", str)
    assert delivered_cut(stage.folders.deliverables, "s01e01", cuts) == cuts[0]
    assert delivered_cut(tmp_path / "nowhere", "s01e01", cuts) is None
