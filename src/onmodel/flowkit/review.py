"""Where the dailies are served, if they are: `onmodel dailies --serve` leaves a note while it runs."""

from __future__ import annotations

import json
import os
from typing import Final
from urllib.parse import urlsplit

from prefect.settings import PREFECT_API_URL

from onmodel.settings import Folders

NOTE: Final = "dailies.json"
LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")


def review_address(folders: Folders) -> str | None:
    """The address of the served dailies; None where none are served.

    The address lets whoever has it decide, so it is told to a Prefect server of this machine only.
    """
    if urlsplit(PREFECT_API_URL.value() or "").hostname not in LOOPBACK:
        return None
    try:
        noted = json.loads((folders.run / NOTE).read_text(encoding="utf-8"))
        url, pid = str(noted["url"]), int(noted["pid"])
        os.kill(pid, 0)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return url
