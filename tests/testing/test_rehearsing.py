from __future__ import annotations

from pathlib import Path

from onmodel.scaffold import write_starter
from onmodel.testing import copy_production


def test_a_copy_has_what_was_written_and_nothing_that_was_made(tmp_path: Path) -> None:
    """Story, flows and supplied files are copied; archive, rehearsals and deliverables are not."""
    ours = tmp_path / "ours"
    write_starter(ours)
    written = {path.relative_to(ours) for path in ours.rglob("*") if path.is_file()}
    for made in (
        "archive/media/x.mp4",
        ".onmodel/rehearsal/archive/x",
        "deliverables/s01e01.mp4",
        ".git/HEAD",
    ):
        (ours / made).parent.mkdir(parents=True, exist_ok=True)
        (ours / made).write_text("made")
    copy = copy_production(ours, tmp_path / "copy")
    assert {path.relative_to(copy) for path in copy.rglob("*") if path.is_file()} == written


def test_a_copy_leaves_out_an_archive_of_another_name(tmp_path: Path) -> None:
    """The archive is the folder that production.yaml names, wherever in the production it is."""
    ours = tmp_path / "ours"
    write_starter(ours)
    settings = ours / "production.yaml"
    settings.write_text(settings.read_text().replace("archive: archive", "archive: media/vault"))
    (ours / "media" / "vault").mkdir(parents=True)
    (ours / "media" / "vault" / "x.mp4").write_text("paid for")
    (ours / "media" / "music.txt").write_text("ours")
    copy = copy_production(ours, tmp_path / "copy")
    assert not (copy / "media" / "vault").exists()
    assert (copy / "media" / "music.txt").is_file()


def test_a_copy_may_lie_inside_the_production(tmp_path: Path) -> None:
    """A copy into a folder of the production itself does not copy itself without end."""
    ours = tmp_path / "ours"
    write_starter(ours)
    copy = copy_production(ours, ours / "copy")
    assert (copy / "production.yaml").is_file()
    assert not (copy / "copy").exists()
