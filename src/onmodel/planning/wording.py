"""An episode's prompts looked over as they would be sent; each remark at the line that has the words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from onmodel.craft.lint import Flaw, lint
from onmodel.craft.lint.flaws import MODES, Mode, flaw
from onmodel.craft.lint.form import LONGEST
from onmodel.errors import Finding, Place
from onmodel.planning.briefs import brief_of
from onmodel.planning.commission import Commission
from onmodel.story import Restyle, Shot, Story

KEYS: Final = ("action", "start", "setting", "mood")
"""The shot's own words, nearest to the prompt first."""

Written = tuple[str, Place]
"""A text of the story, and where it stands."""


def wording_warnings(
    story: Story, episode: str, shots: Mapping[str, Shot], commissions: Mapping[str, Commission]
) -> list[Finding]:
    """Look the prompts of an episode's clips over; what holds for several shots is said once."""
    found: dict[tuple[Place, str, str], Finding] = {}
    is_told_foreign = False
    for one in commissions.values():
        shot = shots.get(one.subject)
        if shot is None or one.scope != episode or not one.is_clip:
            continue
        texts = list(_written(story, episode, one.subject, shot))
        at_shot = story.place(episode, "shots", one.subject)
        for fault in _flaws(story, one, shot, texts):
            if fault.rule == "not-english":
                if is_told_foreign:
                    continue
                is_told_foreign = True
            place = _place_of(story, episode, one.subject, fault, texts) or at_shot
            found.setdefault((place, fault.rule, fault.words), _finding(place, fault))
    return list(found.values())


def _flaws(story: Story, one: Commission, shot: Shot, texts: list[Written]) -> Iterator[Flaw]:
    mode = _mode(one)
    if mode is None:
        return
    bibles = [(story.bibles[who], wardrobe) for who, wardrobe in (shot.cast or {}).items()]
    briefs = [brief_of(bible, wardrobe) for bible, wardrobe in bibles]
    # What two bibles say together holds for neither of the two.
    only = briefs[0] if len(briefs) == 1 else None
    worn = f"wearing {only.wardrobe}" if only and only.wardrobe else ""
    yield from lint(
        one.parts.prompt,
        mode,
        traits=(only.looks, *only.always, worn) if only else (),
        never=only.never if only else (),
        names=[brief.name for brief in briefs],
        negatives=", ".join(shot.avoid or ()),
        seconds=one.choice.seconds_bought if mode in ("text-to-video", "image-to-video") else None,
        people=len(briefs) or None,
        ratio=one.parts.ratio,
    )
    if shot.restyle:
        # The composer puts words before the look, and an order would no longer begin its sentence.
        for text in filter(None, (shot.restyle.look, shot.restyle.setting, shot.restyle.mood)):
            yield from (found for found in lint(text, "edit") if found.rule == "process-not-result")
    if one.parts.ratio == "9:16" and len(briefs) > 1:
        rewrite = "Take 16:9, or a shot for each of them."
        yield flaw(
            "two-people-upright", one.parts.prompt, (0, 0), rewrite, f"The shot has {len(briefs)} in it."
        )
    for text, _ in texts:
        if len(text) > LONGEST:
            rewrite = "Say what this shot needs, and leave the rest out."
            yield flaw("too-long", text, (0, len(text)), rewrite, f"It has {len(text)} characters.")


def _mode(one: Commission) -> Mode | None:
    kind = "edit" if one.stage == "restyle" else one.choice.endpoint.kind
    return next((mode for mode in MODES if mode == kind), None)


def _written(story: Story, episode: str, name: str, shot: Shot) -> Iterator[Written]:
    """The texts that a clip's prompt is made of."""
    for key in KEYS:
        text = getattr(shot, key)
        if text:
            yield text, story.place(episode, "shots", name, key)
    if shot.restyle:
        yield from _written_of_restyle(story, episode, name, shot.restyle)
    for who, wardrobe in (shot.cast or {}).items():
        yield from _of_bible(story, who, wardrobe)
    if story.production.look:
        yield story.production.look, story.trees["production.yaml"].place(("look",))


def _written_of_restyle(story: Story, episode: str, name: str, restyle: Restyle) -> Iterator[Written]:
    for key in ("look", "setting", "mood"):
        text = getattr(restyle, key)
        if text:
            yield text, story.place(episode, "shots", name, "restyle", key)
    for index, text in enumerate(restyle.keep):
        yield text, story.place(episode, "shots", name, "restyle", "keep", index)


def _of_bible(story: Story, who: str, wardrobe: str) -> Iterator[Written]:
    bible = story.bibles[who]
    yield bible.looks, story.bible_place(who, "looks")
    for index, text in enumerate(bible.always):
        yield text, story.bible_place(who, "always", index)
    if wardrobe in bible.wardrobe:
        yield bible.wardrobe[wardrobe], story.bible_place(who, "wardrobe", wardrobe)
    if bible.style:
        yield bible.style, story.bible_place(who, "style")


def _place_of(story: Story, episode: str, name: str, fault: Flaw, texts: list[Written]) -> Place | None:
    """Where the words in question are written."""
    if fault.of == "negative":
        return story.place(episode, "shots", name, "avoid")
    if fault.rule == "long-clip":
        return story.place(episode, "shots", name, "seconds")
    words = fault.words.casefold().removesuffix("…")
    return next((place for text, place in texts if words and words in text.casefold()), None)


def _finding(place: Place, fault: Flaw) -> Finding:
    said = f'"{fault.words}": ' if fault.words else ""
    return Finding(place, f"{fault.rule}: {said}{fault.why}", fault.rewrite, "warning")
