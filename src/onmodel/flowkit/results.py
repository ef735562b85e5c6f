"""What a run came to, in Markdown: shots, verdicts, money, and what needs a person."""

from __future__ import annotations

from onmodel.flowkit.markdown import cell, link, table
from onmodel.flowkit.review import review_address
from onmodel.flowkit.seasons import SeasonResult
from onmodel.planning import CAST, Take, awaiting_in_words, standing_of
from onmodel.stages.crew import Crew
from onmodel.stages.together import CastResult, EpisodeResult
from onmodel.units import usd
from onmodel.vault import Likeness, Standing


def seen(crew: Crew) -> list[str]:
    """The verdict matrix, a row for each clip and a column for each character, and where to look at it."""
    clips = _clips(crew)
    found = {
        subject: take.verdict.identity
        for subject, take in clips.items()
        if take.verdict and take.verdict.identity
    }
    who = sorted({character for identity in found.values() for character in identity})
    rows = [
        (cell(subject), str(clips[subject].n), *(_likeness(found[subject].get(one)) for one in who))
        for subject in found
    ]
    page = review_address(crew.folders, crew.scope)
    look = (
        f"Look at it: {link('dailies', page)}" if page else f"To look at it: `onmodel dailies {crew.scope}`"
    )
    matrix = ["## Who is recognised", "", *table(("shot", "take", *map(cell, who)), rows)] if rows else []
    return ["", *matrix, look]


def standings(crew: Crew) -> set[Standing]:
    """How the circled clips stand, each standing once."""
    return {
        standing_of(take.verdict) for take in _clips(crew).values() if take.verdict and take.verdict.identity
    }


def _clips(crew: Crew) -> dict[str, Take]:
    """The circled clips, by subject."""
    return {
        line.commission.subject: crew.circled[name]
        for name, line in crew.plan.lines.items()
        if line.commission.is_clip and name in crew.circled
    }


def _likeness(found: Likeness | None) -> str:
    """One cell of the matrix: `on-model 0.71`, bold where it is anything else."""
    if found is None:
        return ""
    score = "" if found.score is None else f" {found.score:.2f}"
    return f"on-model{score}" if found.standing == "on-model" else f"**{found.standing}{score}**"


def told(result: EpisodeResult | CastResult | SeasonResult) -> tuple[str, list[str]]:
    """Whose result it is, and the result in Markdown."""
    if isinstance(result, EpisodeResult):
        return result.episode, _episode(result)
    if isinstance(result, SeasonResult):
        return result.season, _season(result)
    return "cast", _cast(result)


def _episode(result: EpisodeResult) -> list[str]:
    shots = [
        (shot.shot, shot.state, str(shot.take or ""), shot.standing or "", cell(shot.problem))
        for shot in result.shots
    ]
    return [
        f"# {result.episode}: {'rehearsed' if result.rehearsal else 'produced'}",
        "",
        *_waits(result.episode, awaiting_in_words(result.awaiting), rehearsal=result.rehearsal),
        f"{_cut(result).capitalize()}: `{result.cut}`, {result.frames} frames"
        if result.cut
        else _no_cut(result),
        "",
        *_costs(result),
        *([f"{result.on_model}.", ""] if result.on_model else []),
        *table(("shot", "state", "take", "identity", "problem"), shots),
        *_needs(result),
    ]


def _no_cut(result: EpisodeResult) -> str:
    if any(shot.take is None and shot.state != "awaiting approval" for shot in result.shots):
        return "No cut: a shot has no take."
    return "No cut before that is approved." if result.awaiting else "No cut: it needs a person."


def _cut(result: EpisodeResult) -> str:
    """What the finished file is called: until a person approved it, it is for review."""
    return "review cut" if result.awaiting.get("cut") else "cut"


def _waits(scope: str, awaiting: str, *, rehearsal: bool) -> list[str]:
    """What waits for a person's approval, and the command that gives it; nothing where nothing waits."""
    command = f"onmodel approve {scope}{' --rehearse' if rehearsal else ''}"
    return [f"**{awaiting.capitalize()}**: `{command}`", ""] if awaiting else []


def _cast(result: CastResult) -> list[str]:
    return [
        f"# Cast: {'rehearsed' if result.rehearsal else 'produced'}",
        "",
        *_waits(CAST, awaiting_in_words(result.awaiting), rehearsal=result.rehearsal),
        *_costs(result),
        *table(("view", "picture"), [(view, f"`{path}`") for view, path in result.views.items()]),
        *_needs(result),
    ]


def _season(result: SeasonResult) -> list[str]:
    rows = [
        (
            one.episode,
            f"{'' if _cut(one) == 'cut' else 'review cut '}`{one.cut}`" if one.cut else "no cut",
            usd(one.spent_usd),
            "",
        )
        for one in result.episodes
    ]
    rows += [(one.episode, cell(one.state), "", cell(one.message)) for one in result.elsewhere]
    rows += [(name, cell(how), "", "") for name, how in result.left.items()]
    failed = [(name, "not produced", "", cell(why)) for name, why in result.failed.items()]
    return [
        f"# {result.season}",
        "",
        *(f"- **{episode}**: {cell(words)}" for episode, words in result.waiting.items()),
        "",
        *table(("episode", "cut", "spent", "problem"), rows + failed),
        *_needs(result),
    ]


def _costs(result: EpisodeResult | CastResult) -> list[str]:
    spent = f"Requests {result.submitted}, reused {result.reused}, spent {usd(result.spent_usd)}"
    instead = f" (it would have cost {usd(result.would_cost_usd)})" if result.rehearsal else ""
    return [f"{spent}{instead}. Prices of {result.prices_of}.", ""]


def _needs(result: EpisodeResult | CastResult | SeasonResult) -> list[str]:
    return [
        f"Needs a person: {len(result.needs_person)}" if result.needs_person else "",
        "",
        *(f"- **{who}**: {cell(why)}" for who, why in result.needs_person.items()),
    ]
