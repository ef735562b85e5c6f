"""Model sheets as commissions: the first view from words, or from supplied pictures; the others from it."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from onmodel.craft import compose_sheet
from onmodel.endpoints import Need, Parts, choose, picture_size
from onmodel.planning.briefs import brief_of, prompt_limit, traits_of
from onmodel.planning.commission import CAST, Commission, Source
from onmodel.planning.market import Market
from onmodel.story import Bible, Story

TALL_VIEWS = ("full-body",)
"""Views that stand upright; the others are square."""


def sheet_subject(character: str, wardrobe: str, view: str) -> str:
    """The subject of one view: `pip.default.front`."""
    return f"{character}.{wardrobe}.{view.replace(' ', '-')}"


def sheet_commissions(
    story: Story, character: str, wardrobe: str, market: Market, *, expressions: bool = False
) -> Iterator[Commission]:
    """The views of one character in one wardrobe, sources first.

    Views in another wardrobe than the default start from the default's first view, so that the character
    stays the same underneath.

    Args:
        story: the production.
        character: the bible's id.
        wardrobe: which of its wardrobes.
        market: endpoints, prices and facts of files.
        expressions: the expression sheet too.

    Raises:
        PlanError: no endpoint can do it.
    """
    bible = story.bibles[character]
    views = list(bible.sheet.views)
    first = sheet_subject(character, wardrobe, views[0])
    for index, view in enumerate(views):
        sources: tuple[Source, ...] = ()
        if index:
            sources = (Source(f"{first}.sheet", "references"),)
        elif wardrobe != "default":
            default = sheet_subject(character, "default", views[0])
            sources = (Source(f"{default}.sheet", "references"),)
        yield _view(story, character, wardrobe, view, market, sources)
    for expression in bible.sheet.expressions if expressions and wardrobe == "default" else ():
        yield _view(story, character, wardrobe, expression, market, (Source(f"{first}.sheet", "references"),))


def _view(
    story: Story, character: str, wardrobe: str, view: str, market: Market, sources: tuple[Source, ...]
) -> Commission:
    bible = story.bibles[character]
    supplied = () if sources else tuple(market.facts(story.root / one) for one in bible.sheet.references)
    references = len(sources) + len(supplied)
    ratio = "9:16" if view in TALL_VIEWS else "1:1"
    need = Need("sheet-view" if references else "sheet-first", references=references, ratio=ratio)
    choice = choose(need, market.catalogue)
    look = story.production.look
    prompt = compose_sheet(
        brief_of(bible, wardrobe),
        view,
        look or "",
        references=references,
        limit=prompt_limit(choice.endpoint),
    )
    size = picture_size(ratio)
    megapixels = Fraction(size.width * size.height, 1024 * 1024)
    return Commission(
        scope=CAST,
        subject=sheet_subject(character, wardrobe, view),
        stage="sheet",
        mode="model sheet",
        content=_content(bible, wardrobe, view, look),
        choice=choice,
        price=market.prices.estimate(choice.endpoint.name, megapixels=megapixels, references=references),
        parts=Parts(prompt.text, ratio=ratio),
        shape=size,
        sources=sources,
        files={f"references.{index}": facts for index, facts in enumerate(supplied)},
        notes=prompt.left_out,
    )


def _content(bible: Bible, wardrobe: str, view: str, look: str | None) -> dict[str, Any]:
    return {"character": traits_of(bible, wardrobe), "view": view, "look": look}
