"""`onmodel init`: the starter production, as the wheel carries it or as this checkout has it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from onmodel.errors import SetupError

STARTER: Final = (
    "production.yaml",
    "flows",
    "characters",
    "episodes",
    "assets",
    "deploy",
    "requirements.lock",
)
"""What a production has; `hatch_build.py` puts the same into the wheel."""

IGNORED: Final = "archive/\ndeliverables/\n.onmodel/\n"


def write_starter(folder: Path) -> list[Path]:
    """Write a production to begin from, into a folder that is new or has only hidden files.

    Returns:
        The files, relative to the folder.

    Raises:
        SetupError: the folder is not empty, or cannot be written.
    """
    source = _source()
    files = [path.relative_to(source) for path in _files(source)]
    try:
        # Hidden files, such as those of git, are nobody's production.
        in_the_way = sorted(one.name for one in folder.glob("*") if not one.name.startswith("."))
        if in_the_way:
            more = f" and {len(in_the_way) - 1} more" if in_the_way[1:] else ""
            raise SetupError(
                f"{folder} is not empty: it has {in_the_way[0]}{more}",
                hint="Name a new or empty folder: onmodel init DIR",
            )
        for name in files:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source / name, folder / name)
        ignore = folder / ".gitignore"
        if not ignore.exists():
            ignore.write_text(IGNORED, encoding="utf-8")
            files.append(Path(".gitignore"))
    except OSError as error:
        raise SetupError(
            f"{folder} cannot be written: {error.strerror}", hint="Name another folder."
        ) from error
    return files


def _source() -> Path:
    package = Path(__file__).parent
    for source in (package / "_starter", package.parents[1]):
        if (source / "production.yaml").is_file():
            return source
    raise SetupError("this installation has no starter files", hint="pip install --force-reinstall onmodel")


def _files(source: Path) -> Iterator[Path]:
    for name in STARTER:
        top = source / name
        if top.is_file():
            yield top
            continue
        for folder, folders, names in os.walk(top):
            folders[:] = sorted(one for one in folders if one != "__pycache__")
            yield from (Path(folder) / one for one in sorted(names) if not one.endswith(".pyc"))
