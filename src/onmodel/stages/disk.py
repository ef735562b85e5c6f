"""A full disk is told as such, wherever on this machine it was met."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from onmodel.errors import SetupError

FULL: Final = (errno.ENOSPC, errno.EDQUOT)


@contextmanager
def explained_disk() -> Iterator[None]:
    """Turn a write that found no space into a message with the next step.

    Raises:
        SetupError: no space was left for what is made on this machine.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in FULL:
            raise
        file = error.filename2 or error.filename  # a copy that fails names its source first
        where = f" for {file}" if file else ""
        raise SetupError(
            f"no space is left on this machine{where}",
            hint="Make room there and run the same command again: what is paid is not lost.",
        ) from error
