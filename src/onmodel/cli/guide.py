"""The commands about the craft: words, rules, recipes, models, prices, and remedies."""

from __future__ import annotations

import typer

guide_app = typer.Typer(rich_markup_mode=None)
