from pathlib import Path

import pytest

from onmodel.errors import KeyMissing, SetupError
from onmodel.settings import VARIABLES, Folders, Settings, read_settings

PAGE = Path(__file__).parents[1] / "docs" / "settings.md"


def test_every_variable_is_on_its_page_in_these_words() -> None:
    """docs/settings.md has a row for each variable that onmodel reads, and no other."""
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    assert rows == [f"| `{name}` | {meaning} |" for name, meaning in VARIABLES.items()]


def test_every_variable_is_read() -> None:
    """What the page lists is what `read_settings` looks at."""
    asked: list[str] = []

    class Environment(dict[str, str]):
        def get(self, name: str, default: object = None) -> object:  # type: ignore[override]
            asked.append(name)
            return default

    read_settings(Environment())
    assert set(asked) == set(VARIABLES)


def test_the_key_is_never_shown() -> None:
    """A repr of the settings does not have the key; the key itself comes without the spaces around it."""
    settings = read_settings({"FAL_KEY": " secret \n"})
    assert "secret" not in repr(settings)
    assert settings.required_key() == "secret"


@pytest.mark.parametrize("key", ["", "  "])
def test_a_missing_key_says_how_to_go_on(key: str) -> None:
    """Without a key the message names the variable and the rehearsal."""
    with pytest.raises(KeyMissing, match="FAL_KEY") as caught:
        Settings(fal_key=key).required_key()
    assert "--rehearse" in caught.value.hint


def test_a_rehearsal_has_places_of_its_own() -> None:
    """Nothing rehearsed lies where bought things lie, whatever the production calls its archive."""
    live, rehearsed = Folders(Path("p"), rehearsal=False), Folders(Path("p"), rehearsal=True)
    assert rehearsed.archive("archive") != live.archive("archive")
    assert rehearsed.archive("s3://bucket/prefix") == rehearsed.archive("archive")
    assert rehearsed.deliverables != live.deliverables


def test_a_workers_quota_is_read() -> None:
    """Counts are whole numbers from 1; without them a run is limited by its production alone."""
    given = {"ONMODEL_IN_FLIGHT": "5", "ONMODEL_UPLOADS": " 2 ", "ONMODEL_SUBMITS_PER_MINUTE": "30"}
    found = read_settings(given)
    assert (found.in_flight, found.uploads, found.submits_per_minute) == (5, 2, 30)
    bare = read_settings({"ONMODEL_PREFECT_LIMIT": " "})
    assert (bare.in_flight, bare.uploads, bare.submits_per_minute, bare.prefect_limit) == (
        None,
        4,
        None,
        None,
    )


@pytest.mark.parametrize("given", ["0", "-1", "many", "1.5", "100000"])
def test_a_count_that_is_none_is_refused(given: str) -> None:
    """The message names the variable, what was found and what is allowed."""
    with pytest.raises(SetupError, match=f"ONMODEL_IN_FLIGHT is {given!r}, it takes a whole number from 1"):
        read_settings({"ONMODEL_IN_FLIGHT": given})
