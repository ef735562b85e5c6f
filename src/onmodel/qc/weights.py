"""Networks that come with packages: found, checked against their sha256, never fetched."""

from __future__ import annotations

import hashlib
import json
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from onmodel.errors import SetupError

HERE = Path(__file__).parent / "weights"
LISTING = HERE / "weights.json"

Network = Literal["mobilenetv2", "cohort", "faces", "identities"]


def locate(network: Network) -> Path:
    """The file of a network, after its bytes were checked.

    Raises:
        SetupError: the file is missing, or not the one that scores were measured with.
    """
    entry = json.loads(LISTING.read_text(encoding="utf-8"))[network]
    package = entry["package"]
    hint = f"Install it again: pip install --force-reinstall {package}"
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise SetupError(f"the package {package}, which holds {entry['file']}, is not installed", hint=hint)
    path = Path(next(iter(spec.submodule_search_locations)), entry["folder"], entry["file"])
    try:
        found = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise SetupError(f"{path}: the network cannot be read: {error.strerror}", hint=hint) from error
    if found != entry["sha256"]:
        raise SetupError(
            f"{path}: the network was altered: sha256 {found[:12]}…, expected {entry['sha256'][:12]}…",
            hint=hint,
        )
    return path


def version_of(*networks: Network) -> str:
    """A short name for these networks together: it changes when any of their bytes do."""
    listing = json.loads(LISTING.read_text(encoding="utf-8"))
    return hashlib.sha256("".join(listing[network]["sha256"] for network in networks).encode()).hexdigest()[
        :8
    ]
