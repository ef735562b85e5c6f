"""What was made from archived media for free: cuts under their recipe's digest, frames under their clip."""

from __future__ import annotations

from pydantic import JsonValue

from onmodel.vault.media import MediaRef
from onmodel.vault.records import AnyRecord, Moment, Record, read_record
from onmodel.vault.store import ObjectMissing, Store


class Cut(Record):
    """A finished cut of an episode, and what went into it."""

    schema_name = "onmodel.cut/1"

    media: MediaRef
    """The mp4."""
    manifest: dict[str, JsonValue]
    """Every shot, take, request, hash, price and version, as the file beside the mp4 has it."""
    at: Moment


class Cuts:
    """The archive's finished cuts."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def read(self, scope: str, digest: str) -> Cut | None:
        """The cut that was made from exactly this; None when there is none yet.

        Raises:
            RecordBroken: its record cannot be read.
        """
        return _read(self._store, Cut, f"cuts/{scope}/{digest}.json")

    def digests(self, scope: str) -> list[str]:
        """The recipes of every cut of an episode that is archived, in no order."""
        names = (name.rpartition("/")[2] for name in self._store.gather(f"cuts/{scope}/"))
        return [name.removesuffix(".json") for name in names if name.endswith(".json")]

    def keep(self, scope: str, digest: str, cut: Cut) -> Cut:
        """Archive a cut's record; the one that is already there stands and is returned.

        Raises:
            RecordBroken: the one that is there cannot be read.
        """
        if self._store.create(f"cuts/{scope}/{digest}.json", cut.to_bytes()):
            return cut
        return self.read(scope, digest) or cut


class Frame(Record):
    """A frame of an archived clip, itself archived."""

    schema_name = "onmodel.frame/1"

    media: MediaRef


class Frames:
    """The archive's extracted frames: one picture for each clip and frame, whoever asks for it."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def read(self, clip: MediaRef, frame: str) -> MediaRef | None:
        """The picture of a clip's frame; None when it was never extracted.

        Raises:
            RecordBroken: its record cannot be read.
        """
        found = _read(self._store, Frame, f"frames/{clip.sha256}.{frame}.json")
        return found.media if found else None

    def keep(self, clip: MediaRef, frame: str, picture: MediaRef) -> MediaRef:
        """Note a frame's picture; the one that is already there stands and is returned.

        Raises:
            RecordBroken: the one that is there cannot be read.
        """
        if self._store.create(f"frames/{clip.sha256}.{frame}.json", Frame(media=picture).to_bytes()):
            return picture
        return self.read(clip, frame) or picture


def _read(store: Store, model: type[AnyRecord], name: str) -> AnyRecord | None:
    try:
        content = store.read(name)
    except ObjectMissing:
        return None
    return read_record(model, content, f"{name} in {store.address}")
