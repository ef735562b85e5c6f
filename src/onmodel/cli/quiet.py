"""Prefect's environment: no noise on the terminal, nothing sent to anybody."""

from __future__ import annotations

import os
import warnings
from typing import Final

QUIET: Final = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    # Our own lines say what happens; the run's log keeps everything.
    "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL",
    "PREFECT_LOGGING_INTERNAL_LEVEL": "CRITICAL",
}


def quiet_prefect() -> None:
    """Set what the user has not set; Prefect reads it when it is first imported."""
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    # A machine without a home folder films as well as any other.
    warnings.filterwarnings("ignore", message="Failed to create the Prefect home directory")
