"""Measures what pictures usually look like to MobileNetV2, and writes it for `onmodel.qc`.

Run once, by hand, on a folder of kinds of identity folders (each identity counts once)::

    .venv/bin/python tools/make_cohort.py DIR

What is kept is a mean and a spread for each of 1280 numbers, as half floats: a vector is held against them,
so that what all pictures have in common does not make two of them alike.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

import cv2
import numpy as np

from onmodel.qc.appearance import Appearance, measure_cohort

WEIGHTS = Path(__file__).parents[1] / "src/onmodel/qc/weights"


def main() -> None:
    """Write the file, and its sha256 into the list of weights."""
    appearance = Appearance()
    identities = [
        np.stack([appearance.measure_raw(picture)[0] for picture in _pictures(folder)])
        for folder in sorted(Path(sys.argv[1]).glob("*/*/"))
    ]
    target = WEIGHTS / "cohort.npy"
    np.save(target, measure_cohort(identities).astype(np.float16))
    listing = WEIGHTS / "weights.json"
    document = json.loads(listing.read_text(encoding="utf-8"))
    document["cohort"]["sha256"] = hashlib.sha256(target.read_bytes()).hexdigest()
    listing.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    print(f"{target}: {len(identities)} identities")


def _pictures(folder: Path) -> list[np.ndarray]:
    return [cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB) for path in sorted(folder.glob("*.jpg"))]


if __name__ == "__main__":
    main()
