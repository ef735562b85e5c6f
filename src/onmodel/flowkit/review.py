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


def review_address(folders: Folders, scope: str) -> str | None:
    """The address of the served dailies of an episode, or of the cast; None where none are served.

    It stands without its token, which would let everybody who may read Prefect's pages decide: it opens for
    the browser that has been there, and that one is on this machine.

    Args:
        folders: of the production, or of its rehearsal.
        scope: the episode's id, or `cast`.
    """
    if urlsplit(PREFECT_API_URL.value() or "").hostname not in LOOPBACK:
        return None
    try:
        noted = json.loads((folders.run / NOTE).read_text(encoding="utf-8"))
        if (noted["scope"], noted["rehearsal"]) != (scope, folders.rehearsal):
            return None
        os.kill(int(noted["pid"]), 0)
        return urlsplit(str(noted["url"]))._replace(query="", fragment="").geturl()
    except (OSError, ValueError, KeyError, TypeError):
        return None
