"""The examples of docs/story.md: one small production, told in the order in which it is written."""

from __future__ import annotations

from typing import Final, NamedTuple


class Worked(NamedTuple):
    """One kind of file: what it is for, an example of it, and pieces that may be added."""

    title: str
    text: str
    yaml: str
    pieces: tuple[tuple[str, str], ...] = ()
    """Further explanations, each with a fragment of the file above."""


OPENING: Final = """\
A production is a folder of YAML files: `production.yaml`, a bible for each character in `characters/`, a
shot list for each episode in `episodes/`, seasons that put episodes in order, and, if you like, recipes
for shots that come again in `recipes/`. A file's name is its id:
`characters/pip.yaml` is cast as `pip`, `episodes/s01e01.yaml` is produced as `s01e01`. Ids start with a
letter and have only `a-z`, `0-9` and `-`; the ending is `.yaml`.

`onmodel check` reads every file and lists all that is wrong at once, each with file, line and column, what
was found, what is allowed, and the word that was probably meant. Nothing is bought while a fault is left.

Only plain YAML is read: no tags, no merge keys (`<<`), no key twice, spaces instead of tabs. A text with a
`:` or a `#` in it stands in quotes, and so does a ratio: `"16:9"`.
"""

PRODUCTION: Final = Worked(
    "production.yaml",
    "What holds for the whole series: its name, its picture, how much it may cost.",
    """\
# production.yaml
production: 1
name: full-circle
title: Full Circle
format: {ratio: "16:9", resolution: 720p, fps: 24}
look: soft light and muted colours
budget_usd: 20
retakes: 2
""",
)

BIBLE: Final = Worked(
    "characters/NAME.yaml",
    "A bible says who a character is. What stands in `always` goes into every prompt and is what the\n"
    "finished clips are looked at for, so write what can be seen: shape, colour, number. The wardrobe is\n"
    "what may change.",
    """\
# characters/pip.yaml
bible: 1
name: Pip
kind: stylised
looks: a friendly small robot
always:
  - round blue head
  - one glowing yellow eye
never: [two eyes, rust]
style: warm 3D animation
palette: {head: "#3b78d8", eye: "#ffd23f"}
wardrobe:
  default: bare chrome
  rain: a yellow raincoat
sheet:
  views: [front, three-quarter, profile, full-body]
  expressions: [happy, sad]
""",
)

EPISODE: Final = Worked(
    "episodes/ID.yaml",
    "An episode is its shots, by id, in the order of the cut. `start` says what the first frame shows,\n"
    "`action` what changes after it. What stands in `defaults` holds for every shot that does not say\n"
    "otherwise; a key that a shot gives replaces the default whole.",
    """\
# episodes/s01e01.yaml
episode: 1
title: Full circle
defaults:
  cast: pip
  seconds: 5
  mood: warm lamp light
shots:
  s010:
    setting: a cluttered workshop with a wooden bench
    start: Pip stands at the bench
    action: it blinks, then tilts its head to one side
    camera: {size: medium, move: dolly in, angle: low, lens: 50mm}
""",
    (
        (
            "A character in another wardrobe, and a crossfade of half a second into the next shot:",
            """\
# episodes/s01e01.yaml, among the shots
s020:
  cast: {pip: rain}
  setting: a rainy street at dusk
  start: Pip sits alone on a kerb
  action: its eye dims and drops run down its coat
  mood: melancholy blue light
  join: {crossfade: 0.5}
""",
        ),
        (
            "Going on from the last frame of the shot before; then nobody in the picture, filmed from words:",
            """\
# episodes/s01e01.yaml, among the shots
s030:
  first_frame: previous
  start: Pip still sits on the kerb
  action: it slowly looks up at the sky
s040:
  cast: []
  setting: the sky above the roofs
  start: dark clouds
  action: the clouds part and the sun comes through
  seconds: 2.5
""",
        ),
        (
            "Movement from a clip of your own, which gives action and length, so the shot has neither:",
            """\
# episodes/s01e01.yaml, among the shots
s050:
  setting: a concert stage
  start: Pip stands in a spotlight, head to toe in the picture
  motion: {reference: assets/motion/sway.mp4, orientation: video}
  keep_sound: true
""",
        ),
        (
            (
                "An earlier shot in another look, `setting`, `mood` or wardrobe; the rest is not said\n"
                "again. It keeps the sound unless `keep_sound: false`; with `mode: reference` a new clip\n"
                "goes by the other one's movement and camera instead of being that clip changed:"
            ),
            """\
# episodes/s01e01.yaml, among the shots
s060:
  restyle:
    shot: s010
    look: pencil lines over watercolour
    keep: [its movement, its proportions]
""",
        ),
        (
            "A recipe writes the rest of the shot; its slots say what differs, and the shot's own keys win:",
            """\
# episodes/s01e01.yaml, among the shots
s070:
  recipe: luxury-car
  slots: {car: a long low coupe with frameless doors}
  mood: quiet menace, deep contrast
s080:
  recipe: claymation
  slots: {shot: s010}
""",
        ),
        (
            (
                "A long shot: over 5 s it is filmed in clips of 5 s, each from the frame on which the one\n"
                "before ends, and from three clips on held to the model sheet. `clips: one` asks for one\n"
                "long clip instead; one clip stay shots with a motion reference, an endpoint, references,\n"
                "a mask, an effect, a ladder or sound. A movement may be a preset, which the prompt says\n"
                "in words too:"
            ),
            """\
# episodes/s01e01.yaml, among the shots
s082:
  setting: a lighthouse on a cliff
  start: Pip looks out over the sea
  action: the beam of light passes, Pip slowly lifts its hand to its eye
  seconds: 12
  camera: {size: wide, preset: forward_up}
""",
        ),
        (
            (
                "Somebody and a thing that must look like their pictures, filmed from these instead of a\n"
                "first frame; a file is named by what it shows, and a bible by its id. Sound is made too,\n"
                "and the shot keeps closer to its words:"
            ),
            """\
# episodes/s01e01.yaml, among the shots
s084:
  cast: pip
  mode: reference
  references: {a brass lantern: assets/lantern.png}
  setting: a dark cellar
  start: Pip stands on the stairs and holds the lantern
  action: it slowly goes down step by step
  audio: true
  adherence: 0.7
""",
        ),
        (
            (
                "A picture that hardly moves: what is white in the mask stands still. Then an effect,\n"
                "which needs no action, in another shape, with bars at its sides:"
            ),
            """\
# episodes/s01e01.yaml, among the shots
s086:
  first_frame: assets/window.png
  mask: assets/window-frame.png
  start: rain on a window, a garden behind it
  action: drops run down the glass
s088:
  setting: a bright playroom
  start: Pip stands in the middle
  effect: squish
  aspect_ratio: "9:16"
""",
        ),
        (
            "A shot that asks for the movement alone first, then for the character, the place and the style:",
            """\
# episodes/s01e01.yaml, among the shots
s090:
  setting: a concert stage
  start: Pip stands in a spotlight, head to toe in the picture
  motion: {reference: assets/motion/sway.mp4}
  ladder: motion-control
""",
        ),
    ),
)

RECIPE: Final = Worked(
    "recipes/NAME.yaml",
    "A recipe of your own is a shot with slots; none has the name of a shipped one. A text with a slot\n"
    "stands in quotes. A slot with a default may stay unfilled, and so may one that is only in keys which\n"
    "the shot gives itself. `onmodel recipes` lists the shipped ones too.",
    """\
# recipes/doorway.yaml
recipe: 1
title: Somebody comes in
suits: the arrival of a character
mode: image-to-video
slots:
  who:
    what: a bible's id
    example: pip
  room:
    what: the room and its light
    example: a workshop by night
    default: a bright kitchen
shot:
  cast: "{who}"
  setting: "{room}"
  start: the door stands open, somebody waits on the threshold
  action: they slowly step in and look around
  camera: {size: wide, move: static}
""",
)

SEASON: Final = Worked(
    "episodes/season-N.yaml",
    "A season is a list of episodes.",
    """\
# episodes/season-1.yaml
season: 1
title: Season one
episodes: [s01e01]
""",
)
