"""Model sheets as commissions: the first view from words, or from supplied pictures; the others from it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any, Final, NamedTuple

from onmodel.craft import ShotBrief, compose_sheet
from onmodel.endpoints import Need, Parts, choose, picture_size
from onmodel.endpoints.choice import Task
from onmodel.planning.asking import AS_TOLD, Asking
from onmodel.planning.briefs import brief_of, traits_of
from onmodel.planning.commission import CAST, Commission, Source
from onmodel.planning.inputs import FileFacts
from onmodel.planning.likeness import MOST_VIEWS, Likeness
from onmodel.planning.market import Market
from onmodel.planning.requests import with_remarks
from onmodel.story import Bible, Story
from onmodel.units import digest_of

_LOOK_CHARS: Final = 14
"""Of a look's words in a subject, whole words only; its digest tells apart what begins alike."""

TALL_VIEWS = ("full-body",)
"""Views that stand upright; the others are square."""


class Guise(NamedTuple):
    """How a character is seen: in which wardrobe, and in which look where it is not the series' own."""

    character: str
    wardrobe: str = "default"
    look: str | None = None
    """The look of a style pass, in the story's words."""

    def subject(self, view: str) -> str:
        """The subject of one view: `pip.default.front`, `pip.default.in-watercolour-4f1c.front`."""
        view = view.replace(" ", "-")
        if self.look is None:
            return f"{self.character}.{self.wardrobe}.{view}"
        words = (
            re.sub(r"[^a-z0-9]+", "-", f"{self.look.lower()} ")[:_LOOK_CHARS].rpartition("-")[0].strip("-")
        )
        named = f"in-{words or 'another-look'}-{digest_of({'look': self.look})[:4]}"
        return f"{self.character}.{self.wardrobe}.{named}.{view}"

    def likeness(self, story: Story) -> Likeness:
        """Who must be recognised, by this guise's views."""
        bible = story.bibles[self.character]
        views = tuple(f"{self.subject(view)}.sheet" for view in bible.sheet.views[:MOST_VIEWS])
        return Likeness(self.character, bible.kind, views)


def sheet_commissions(
    story: Story,
    guise: Guise,
    market: Market,
    *,
    expressions: bool = False,
    askings: Mapping[str, Asking] | None = None,
) -> Iterator[Commission]:
    """The views of one character in one guise, sources first.

    Views in another wardrobe than the default start from the default's first view, so that the character
    stays the same underneath; views in the look of a style pass each from the same view without it.

    Args:
        story: the production.
        guise: who, in which wardrobe and look.
        market: endpoints, prices and facts of files.
        expressions: the expression sheet too.
        askings: what is asked for otherwise than the bible has it, by commission id.

    Raises:
        PlanError: no endpoint can do it.
    """
    bible = story.bibles[guise.character]
    views = list(bible.sheet.views)
    if guise.look is not None:
        worn = guise._replace(look=None)
        for view in views[:MOST_VIEWS]:
            source = Source(f"{worn.subject(view)}.sheet", "references")
            yield _view(story, guise, view, market, (source,), askings or {})
        return
    first = guise.subject(views[0])
    for index, view in enumerate(views):
        sources: tuple[Source, ...] = ()
        if index:
            sources = (Source(f"{first}.sheet", "references"),)
        elif guise.wardrobe != "default":
            default = Guise(guise.character).subject(views[0])
            sources = (Source(f"{default}.sheet", "references"),)
        yield _view(story, guise, view, market, sources, askings or {})
    for expression in bible.sheet.expressions if expressions and guise.wardrobe == "default" else ():
        yield _view(
            story, guise, expression, market, (Source(f"{first}.sheet", "references"),), askings or {}
        )


def _view(
    story: Story,
    guise: Guise,
    view: str,
    market: Market,
    sources: tuple[Source, ...],
    askings: Mapping[str, Asking],
) -> Commission:
    asking = askings.get(f"{guise.subject(view)}.sheet", AS_TOLD)
    bible = story.bibles[guise.character]
    supplied = () if sources else tuple(market.facts(story.root / one) for one in bible.sheet.references)
    references = len(sources) + len(supplied)
    ratio = "9:16" if view in TALL_VIEWS else "1:1"
    task: Task = "sheet-view" if references else "sheet-first"
    need = Need(task, asking.quality("standard"), references=references, ratio=ratio)
    choice = choose(need, market.catalogue)
    look = guise.look or story.production.look
    brief = brief_of(bible, guise.wardrobe)
    prompt = compose_sheet(
        brief,
        view,
        look or "",
        references=references,
        anchors=asking.brief(ShotBrief(characters=(brief,), look=look or "")).anchors,
        limit=asking.limit(choice.endpoint),
    )
    size = picture_size(ratio)
    megapixels = Fraction(size.width * size.height, 1024 * 1024)
    commission = Commission(
        scope=CAST,
        subject=guise.subject(view),
        stage="sheet",
        mode="model sheet",
        content=_content(bible, guise.wardrobe, view, look),
        choice=choice,
        price=market.prices.estimate(choice.endpoint.name, megapixels=megapixels, references=references),
        parts=Parts(prompt.text, ratio=ratio),
        shape=size,
        sources=sources,
        files={f"references.{index}": facts for index, facts in enumerate(supplied)},
        likenesses=_likenesses(bible, guise, sources, supplied),
        notes=prompt.left_out,
    )
    return with_remarks(commission)


def _likenesses(
    bible: Bible, guise: Guise, sources: tuple[Source, ...], supplied: tuple[FileFacts, ...]
) -> tuple[Likeness, ...]:
    """By what a view is judged: the view or the pictures that it is made from, where those show the same.

    A stylised figure is measured as a whole, costume and style included, so in another wardrobe or look there
    is nothing to hold its first view against; a face stays a face.
    """
    views = tuple(source.commission for source in sources)
    made_over = guise.look is not None or any(not _same_guise(guise, view) for view in views)
    if not (views or supplied) or (made_over and bible.kind == "stylised"):
        return ()
    return (Likeness(guise.character, bible.kind, views, supplied),)


def _same_guise(guise: Guise, view: str) -> bool:
    return view.startswith(f"{guise.character}.{guise.wardrobe}.")


def _content(bible: Bible, wardrobe: str, view: str, look: str | None) -> dict[str, Any]:
    return {"character": traits_of(bible, wardrobe), "view": view, "look": look}
