from __future__ import annotations

import asyncio
import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from onmodel.errors import MediaAltered, PlanError, PostError, RecordBroken, SetupError
from onmodel.post.ffmpeg import find_ffmpeg
from onmodel.settings import Settings
from onmodel.stages import restoring
from onmodel.stages.joining import Bench
from onmodel.stages.opening import Cores
from onmodel.stages.recipe import read_recipe
from onmodel.stages.restoring import Restored, choose_cut, find_cuts, restore
from onmodel.stages.spending import read_spending, reconcile_spending
from onmodel.stages.verifying import Audit, verify
from onmodel.vault import ObjectMissing
from onmodel.vault.archive import Archive, open_to_read


@pytest.fixture(scope="module")
def rehearsed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the first test leaves the episode that it rehearsed, for the others to begin with."""
    return tmp_path_factory.mktemp("rehearsed") / "reel"


@pytest.fixture
def archive(stage: Any, rehearsed: Path) -> Archive:
    """The archive of an episode that was rehearsed once."""
    if rehearsed.exists():
        shutil.copytree(rehearsed, stage.root, dirs_exist_ok=True)
    else:
        stage.produce()
        shutil.copytree(stage.root, rehearsed)
    return open_to_read(".onmodel/rehearsal/archive", root=stage.root)


def file_of(archive: Archive, name: str) -> Path:
    return Path(archive.store.address) / name


@pytest.fixture
def bring_back(archive: Archive, tmp_path: Path) -> Callable[..., Restored]:
    """Restores the episode into an empty folder, as where no production is."""

    def bring(*, ffmpeg: Path | None = None, wanted: str | None = None) -> Restored:
        cut = choose_cut(find_cuts(archive, "s01e01", str), "s01e01", wanted)
        with Cores() as cores:
            bench = Bench(cores, tmp_path / "work", ffmpeg or find_ffmpeg(None))
            bench.cache.mkdir(exist_ok=True)
            return asyncio.run(restore(archive, "s01e01", cut, tmp_path / "out", bench, str))

    return bring


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def audit(archive: Archive, scope: str | None = None) -> Audit:
    return verify(archive, scope, read_back=False, report=lambda _: None)


def test_an_episode_comes_back_byte_for_byte(
    stage: Any, archive: Archive, bring_back: Callable[..., Restored]
) -> None:
    """File and manifest are those that were delivered; nothing is joined, nothing asked of fal."""
    before = stage.accepted()
    shutil.rmtree(stage.root / "episodes")
    (stage.root / "production.yaml").unlink()
    found = bring_back()
    delivered = stage.folders.deliverables / "s01e01.mp4"
    assert (found.made_again, found.path.read_bytes()) == (False, delivered.read_bytes())
    manifest = found.path.with_name("s01e01.manifest.json")
    assert manifest.read_bytes() == delivered.with_name("s01e01.manifest.json").read_bytes()
    assert stage.accepted() == before


@pytest.mark.parametrize("damage", ["gone", "altered"])
def test_a_cut_that_is_gone_is_made_again_of_the_clips(
    archive: Archive, bring_back: Callable[..., Restored], damage: str, tmp_path: Path
) -> None:
    """Crossfade, sound, title and all: the same sha256 as the cut that was archived."""
    (cut,) = find_cuts(archive, "s01e01", str)
    file = file_of(archive, cut.media.name)
    file.unlink() if damage == "gone" else file.write_bytes(b"another episode")
    found = bring_back()
    assert (found.made_again, sha256(found.path)) == (True, cut.media.sha256)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "s01e01.manifest.json",
        "s01e01.mp4",
    ]


def test_trims_and_transitions_are_made_again(
    stage: Any, archive: Archive, bring_back: Callable[..., Restored]
) -> None:
    """A dip, slow motion, a hold, an L cut: nothing is bought for them, and the manifest has them all."""
    before = stage.accepted()
    dipped = "join: {dip_to_white: 0.25}\n    in: 0.5\n    speed: 0.5"
    stage.change("episodes/s01e01.yaml", "join: {crossfade: 0.25}", dipped)
    held = "first_frame: previous\n    seconds: 1\n    hold: 0.25\n    join: {wipe: 0.25, towards: down}"
    stage.change("episodes/s01e01.yaml", "first_frame: previous", held)
    sha = stage.produce().cut_sha256
    assert stage.accepted() == before
    cut = find_cuts(archive, "s01e01", str)[0]
    told = [
        {key: one.get(key) for key in ("transition", "begin_frames", "speed", "hold_frames")}
        for one in cut.manifest["shots"]
    ]
    assert told[0] == {"transition": "dip-to-white", "begin_frames": 24, "speed": "1/2", "hold_frames": None}
    assert told[1] == {"transition": "wipe-down", "begin_frames": None, "speed": None, "hold_frames": 6}
    assert told[2] == {**told[0], "transition": None}
    file_of(archive, cut.media.name).unlink()
    found = bring_back()
    assert (found.made_again, sha256(found.path)) == (True, sha)


def test_nothing_is_delivered_that_is_not_the_cut(
    archive: Archive, bring_back: Callable[..., Restored], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Other bytes than archived, a clip that is gone or altered, another ffmpeg: an error, and no file."""
    (cut,) = find_cuts(archive, "s01e01", str)
    file_of(archive, cut.media.name).unlink()
    with monkeypatch.context() as patch:
        patch.setattr(restoring, "sha256_of_file", lambda _: "ab" * 32)
        with pytest.raises(PostError, match="nothing was delivered"):
            bring_back()
    with monkeypatch.context() as patch:
        patch.setattr(restoring, "encoder_of", lambda _: "ffmpeg of tomorrow")
        with pytest.raises(SetupError, match="ffmpeg of tomorrow"):
            bring_back()
    clip = read_recipe(cut.manifest, "it").ingredients[0].clip
    file_of(archive, clip.name).write_bytes(b"x")
    with pytest.raises(MediaAltered):
        bring_back()
    file_of(archive, clip.name).unlink()
    with pytest.raises(ObjectMissing):
        bring_back()
    assert not (tmp_path / "out").exists()


def test_the_newest_of_several_cuts_is_meant(
    stage: Any, archive: Archive, bring_back: Callable[..., Restored]
) -> None:
    """Another one is named by how its sha256 begins; a name that fits none lists them."""
    first = stage.produce().cut_sha256
    stage.change("episodes/s01e01.yaml", "crossfade: 0.25", "crossfade: 0.5")
    second = stage.produce().cut_sha256
    assert sha256(bring_back().path) == second != first
    assert sha256(bring_back(wanted=first[:9]).path) == first
    with pytest.raises(PlanError, match="no cuts of s01e01 begin with 'xyz'") as caught:
        bring_back(wanted="xyz")
    assert f"{second[:12]}" in caught.value.message.splitlines()[1]
    assert f"{first[:12]}" in caught.value.message.splitlines()[2]
    assert caught.value.hint == f"Name one of these: --cut {second[:12]}"  # of `restore` and `export` alike
    with pytest.raises(PlanError, match="no cut of 's01e1'; it has cuts of: s01e01"):
        find_cuts(archive, "s01e1", str)


def test_a_cut_that_cannot_be_read_is_told_and_passed_over(archive: Archive) -> None:
    """A broken record hides no other cut."""
    file_of(archive, f"cuts/s01e01/{'ab' * 32}.json").write_bytes(b"")
    told: list[str] = []
    assert len(find_cuts(archive, "s01e01", told.append)) == 1
    assert "it is empty" in told[0]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("shots", [{"shot": "s010"}]),
        ("made_by", {}),
        ("cut", {"sha256": "x", "format": {"size": "wide", "fps": "24", "crf": 20, "preset": "fast"}}),
        ("schema", "onmodel.manifest/1"),
        ("schema", None),
    ],
)
def test_a_manifest_that_says_too_little_is_refused(archive: Archive, key: str, value: Any) -> None:
    """What is missing is named, and that a production could make the cut anew for nothing."""
    (cut,) = find_cuts(archive, "s01e01", str)
    manifest = {**json.loads(json.dumps(cut.manifest)), key: value}
    with pytest.raises(RecordBroken) as caught:
        read_recipe(manifest, "its manifest")
    assert caught.value.message.startswith("its manifest ")
    assert caught.value.hint


def test_a_whole_archive_verifies(stage: Any, archive: Archive) -> None:
    """All that an episode is made from is looked at, the cast's sheets included, and is right."""
    whole, episode, cast = audit(archive), audit(archive, "s01e01"), audit(archive, "cast")
    assert (whole.flaws, episode.flaws, cast.flaws) == ((), (), ())
    assert (whole.jobs, whole.cuts, whole.spare) == (len(stage.jobs()), 1, ())
    assert whole.media == episode.media > cast.media > 0
    with pytest.raises(PlanError, match="nothing of 's01e10' is in") as caught:
        audit(archive, "s01e10")
    assert "s01e01" in caught.value.hint


def test_a_cut_is_held_against_its_manifest(archive: Archive) -> None:
    """A manifest of another file, of other frames, or with takes that no journal has: each is told."""
    (name,) = [name for name in archive.store.names("cuts/") if name.endswith(".json")]
    file = file_of(archive, name)
    whole = json.loads(file.read_text())

    def kinds(change: Callable[[dict[str, Any]], None]) -> list[tuple[str, str]]:
        altered = json.loads(json.dumps(whole))
        change(altered["manifest"])
        file.write_text(json.dumps(altered))
        return [(flaw.kind, flaw.name) for flaw in audit(archive).flaws]

    assert kinds(lambda manifest: manifest.update(of_no_matter="here")) == []
    assert kinds(lambda manifest: manifest["cut"].update(sha256="ab" * 32)) == [("disagrees", name)]
    assert kinds(lambda manifest: manifest["shots"][0].update(frames=23)) == [("disagrees", name)]
    assert kinds(lambda manifest: manifest["takes"][0].update(sha256="ab" * 32)) == [("missing", name)]
    assert kinds(lambda manifest: manifest.pop("shots")) == [("unreadable", name)]


def test_an_altered_cut_is_made_again_by_produce(stage: Any, archive: Archive) -> None:
    """The archive mends itself from the takes when the episode is wanted; nothing is bought."""
    (cut,) = find_cuts(archive, "s01e01", str)
    file = file_of(archive, cut.media.name)
    file.write_bytes(b"x" * file.stat().st_size)
    shutil.rmtree(stage.folders.deliverables)
    bought = stage.accepted()
    assert stage.produce().cut_sha256 == cut.media.sha256
    assert (sha256(file), stage.accepted()) == (cut.media.sha256, bought)
    assert audit(archive).flaws == ()


def test_a_rehearsal_agrees_with_the_doubles_books(stage: Any, archive: Archive) -> None:
    """`spend --reconcile --rehearse`: every request of ours is in the double's books, and no other is."""
    spending = read_spending(stage.root, rehearse=True)
    assert len(spending.charges) == len(stage.accepted())
    found = asyncio.run(reconcile_spending(stage.root, spending, Settings(), rehearse=True))
    assert found is not None
    assert (found.unknown, found.uncharged) == ((), ())
    assert found.agreeing + found.unpriced + len(found.differing) == len(spending.charges)
