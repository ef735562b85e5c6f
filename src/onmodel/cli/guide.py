"""The commands about the craft: words, rules, recipes, models, prices, and remedies."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Annotated, Literal, Optional

import typer

from onmodel.cli.options import HERE, Json, MaxUsd, Production, Rehearse, dollars

guide_app = typer.Typer(rich_markup_mode=None)

Kind = Literal["human", "stylised"]
Quality = Literal["draft", "standard", "master"]
Ratio = Literal["9:16", "16:9", "1:1"]
Orientation = Literal["video", "image"]


@guide_app.command()
def recipes(
    words: Annotated[
        Optional[list[str]],  # noqa: UP045 (typer reads it at run time)
        typer.Argument(help="Words to look for, or show and a recipe's name.", metavar="SEARCH|show NAME"),
    ] = None,
    json: Json = False,
    production: Production = HERE,
) -> None:
    """List recipes, or print one as a shot. For that: onmodel recipes show NAME."""
    from onmodel.cli.recipes import list_recipes, show_recipe  # noqa: PLC0415 (the app answers at once)

    match words or []:
        case ["show", name]:
            show_recipe(production, name, as_json=json)
        case ["show", *_]:
            raise typer.BadParameter("say one recipe: onmodel recipes show NAME.")
        case looked_for:
            list_recipes(production, looked_for, as_json=json)


@guide_app.command()
def models(
    words: Annotated[
        Optional[list[str]],  # noqa: UP045 (typer reads it at run time)
        typer.Argument(help="Words to look for, or show and a model's name.", metavar="SEARCH|show NAME"),
    ] = None,
    json: Json = False,
    production: Production = HERE,
) -> None:
    """List the endpoints, or show one. For that: onmodel models show NAME."""
    from onmodel.cli.models import list_models, show_model  # noqa: PLC0415 (the app answers at once)

    match words or []:
        case ["show", name]:
            show_model(production, name, as_json=json)
        case ["show", *_]:
            raise typer.BadParameter("say one model: onmodel models show NAME.")
        case looked_for:
            list_models(production, looked_for, as_json=json)


@guide_app.command()
def prices(
    words: Annotated[
        Optional[list[str]],  # noqa: UP045 (typer reads it at run time)
        typer.Argument(help="Words to look for in a model's name.", metavar="SEARCH"),
    ] = None,
    refresh: Annotated[
        bool, typer.Option("--refresh", help="Ask fal too, and say what differs. Needs FAL_KEY.")
    ] = False,
    json: Json = False,
    production: Production = HERE,
) -> None:
    """List what endpoints cost, and who says so."""
    from onmodel.cli.price_list import list_prices  # noqa: PLC0415 (the app answers at once)

    list_prices(production, words or [], refresh=refresh, as_json=json)


@guide_app.command()
def words(
    topic: Annotated[
        Optional[str],  # noqa: UP045
        typer.Argument(help="Like camera, angle, lens, mood, negative or style.", metavar="[TOPIC]"),
    ] = None,
    search: Annotated[
        Optional[list[str]],  # noqa: UP045
        typer.Argument(help="Only what has these words in it.", metavar="[SEARCH]"),
    ] = None,
    json: Json = False,
) -> None:
    """List the words that prompts are made of. Each comes with what it does."""
    from onmodel.cli.wording import show_words  # noqa: PLC0415 (the app answers at once)

    show_words(topic, " ".join(search or ()), as_json=json)


@guide_app.command()
def rules(
    search: Annotated[
        Optional[list[str]],  # noqa: UP045
        typer.Argument(help="Only rules with these words in them.", metavar="[SEARCH]"),
    ] = None,
    json: Json = False,
) -> None:
    """List what check and lint look for. Each comes with an example."""
    from onmodel.cli.wording import show_rules  # noqa: PLC0415 (the app answers at once)

    show_rules(" ".join(search or ()), as_json=json)


@guide_app.command()
def explain(
    episode: Annotated[str, typer.Argument(help="Its id, like s01e01.")],
    shot: Annotated[str, typer.Argument(help="Its id, like s010.")],
    json: Json = False,
    production: Production = HERE,
) -> None:
    """Say what decides what in a shot. And which words change nothing there."""
    from onmodel.cli.explaining import show_explanation  # noqa: PLC0415 (the app answers at once)

    show_explanation(production, episode, shot, as_json=json)


@guide_app.command()
def lint(
    text: Annotated[str, typer.Argument(help="A prompt; - reads it from stdin.", metavar="TEXT")],
    mode: Annotated[
        str,
        typer.Option(
            "--mode", help="text-to-video, image-to-video, motion-control, edit, or reference-to-video."
        ),
    ],
    image_description: Annotated[
        str, typer.Option("--image-description", help="What the first frame shows.", metavar="TEXT")
    ] = "",
    negative: Annotated[
        str, typer.Option("--negative", help="The negative prompt beside it.", metavar="TEXT")
    ] = "",
    seconds: Annotated[
        Optional[float],  # noqa: UP045
        typer.Option("--seconds", min=0, help="Length of the clip."),
    ] = None,
    ratio: Annotated[str, typer.Option("--ratio", help="Shape of the picture, like 9:16.")] = "",
    people: Annotated[
        Optional[int],  # noqa: UP045
        typer.Option("--people", min=0, help="How many people the motion reference shows."),
    ] = None,
    json: Json = False,
) -> None:
    """Look a prompt over before it is bought. The exit code is 1 where something would spoil the take."""
    from onmodel.cli.wording import Prompted, show_flaws  # noqa: PLC0415 (the app answers at once)

    prompted = Prompted(text, mode, image_description, negative, seconds, ratio, people)
    raise typer.Exit(show_flaws(prompted, as_json=json))


@guide_app.command()
def film(
    character: Annotated[str, typer.Option("--character", help="Who it is, in words.", metavar="TEXT")],
    out: Annotated[Path, typer.Option("--out", help="The clip that is made, an .mp4.", metavar="FILE")],
    motion: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option("--motion", help="A clip whose movement the character takes over.", metavar="FILE"),
    ] = None,
    action: Annotated[str, typer.Option("--action", help="What happens, where no clip says it.")] = "",
    setting: Annotated[str, typer.Option("--setting", help="Where.", metavar="TEXT")] = "",
    look: Annotated[str, typer.Option("--look", help="Its style, like anime.", metavar="TEXT")] = "",
    kind: Annotated[Kind, typer.Option("--kind", help="How its identity is measured.")] = "stylised",
    quality: Annotated[Quality, typer.Option("--quality", help="The tier of endpoint.")] = "standard",
    ratio: Annotated[Ratio, typer.Option("--ratio", help="Shape of the picture.")] = "9:16",
    orientation: Annotated[
        Optional[Orientation],  # noqa: UP045
        typer.Option("--orientation", help="Whether body and framing follow the motion or the picture."),
    ] = None,
    seconds: Annotated[
        Optional[float],  # noqa: UP045
        typer.Option("--seconds", min=1, max=30, help="Length of an action; 5 without it."),
    ] = None,
    retakes: Annotated[
        int,
        typer.Option("--retakes", min=0, max=5, help="How often a bad clip is bought again."),
    ] = 0,
    rehearse: Rehearse = False,
    max_usd: MaxUsd = None,
    json: Json = False,
) -> None:
    """Film one shot from words to a file. No production is needed."""
    from onmodel.cli.filming import run_film  # noqa: PLC0415 (the app answers at once)
    from onmodel.oneshot import Wish  # noqa: PLC0415 (same)

    wish = Wish(
        character,
        out,
        motion,
        action,
        setting,
        look,
        kind,
        quality,
        ratio,
        orientation,
        None if seconds is None else Fraction(str(seconds)),
        retakes,
    )
    raise typer.Exit(run_film(wish, rehearse=rehearse, max_usd=dollars(max_usd), as_json=json))


@guide_app.command()
def mcp(production: Production = HERE) -> None:
    """Serve agents over stdin and stdout. Prompts, check, plan, rehearse. It cannot buy."""
    from onmodel.mcp import serve  # noqa: PLC0415 (the app answers at once)

    serve(production)
