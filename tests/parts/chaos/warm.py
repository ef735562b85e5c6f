"""Everything a run imports, imported once: a forked run then begins at once."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path
from typing import Final

QUIET: Final = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "FAL_KEY": "rehearsal-needs-no-key"}
"""One thread a library, because a process with threads cannot be forked safely; and no key."""


def warm_up() -> None:
    """Import what runs need."""
    os.environ.update(QUIET)
    for name in ("PREFECT_API_URL", "ONMODEL_FFMPEG", "ONMODEL_CACHE_GB", "AWS_PROFILE"):
        os.environ.pop(name, None)
    from onmodel.cli.quiet import quiet_prefect  # noqa: PLC0415 (Prefect reads it when it is imported)

    quiet_prefect()
    import av  # noqa: F401, PLC0415 (imported to be there)
    import cv2  # noqa: PLC0415 (same)

    import onmodel.cli.app  # noqa: PLC0415 (same)
    import onmodel.cli.listing  # noqa: PLC0415 (same)
    import onmodel.cli.producing  # noqa: PLC0415 (same)
    import onmodel.flowkit.running  # noqa: PLC0415 (same)
    import onmodel.vault.s3  # noqa: F401, PLC0415 (same)

    cv2.setNumThreads(1)
    if threading.active_count() > 1 or len(list(Path("/proc/self/task").glob("*"))) > 1:
        sys.exit("chaos: something started a thread before the first fork")
