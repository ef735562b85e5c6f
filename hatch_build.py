"""The wheel carries the starter production as `onmodel/_starter`; an editable install reads the checkout."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

STARTER = ("production.yaml", "flows", "characters", "episodes", "assets", "deploy", "requirements.lock")


class StarterHook(BuildHookInterface):  # type: ignore[type-arg]  # hatchling's generic needs no argument here
    """Maps the production in the repository's root into the package."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the starter's files to a real wheel."""
        if version == "editable":
            return
        root = Path(self.root)
        for name in STARTER:
            top = root / name
            for path in [top] if top.is_file() else sorted(top.rglob("*")):
                if path.is_file() and path.suffix != ".pyc":
                    inside = path.relative_to(root).as_posix()
                    build_data["force_include"][str(path)] = f"onmodel/_starter/{inside}"
