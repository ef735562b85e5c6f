from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

HOSTILE = "<img src=x onerror=alert(1)>"


class Page(HTMLParser):
    """The tags of a page, and its text."""

    def __init__(self, text: str) -> None:
        """Read it."""
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep a tag."""
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        """Keep words."""
        self.words.append(data)

    def all(self, tag: str, **having: str) -> list[dict[str, str | None]]:
        """The attributes of every tag of a name, in order."""
        return [
            attrs
            for name, attrs in self.tags
            if name == tag and all(attrs.get(key) == value for key, value in having.items())
        ]

    @property
    def clips(self) -> list[dict[str, str | None]]:
        """What is played: the cut, clips and takes, without the frames that stand still."""
        return [one for one in self.all("video") if one.get("class") != "frame"]

    @property
    def text(self) -> str:
        """What is read."""
        return " ".join(" ".join(self.words).split())


def test_every_take_of_a_shot_is_there_and_one_is_circled(shot: Any) -> None:
    """Takes stand side by side with verdict, change, price and request; the circled one is marked."""
    written, text = shot.page()
    assert written.path == shot.root / "deliverables/s01e01.dailies.html"
    page = Page(text)
    labels = [one["aria-label"] for one in page.clips]
    assert labels == [
        "s01e01 · s010 · take 1 · image-to-video",
        "s01e01 · s010 · take 2 · image-to-video",
        "s01e01 · s020 · take 1 · image-to-video",
    ]
    assert len(page.all("article", **{"class": "take circled", "id": "take-s010.shoot-2"})) == 1
    for said in (
        "asks for less, since take 1 is drifting",
        "it is black from 0.1 s on",
        shot.plan().lines["s010.shoot"].take.job.request_id,
        "least alike, at 0.2 s",
    ):
        assert said in page.text
    assert "<del>slowly.</del><ins>once.</ins>" in text


def test_figures_say_how_the_episode_stands(shot: Any) -> None:
    """On-model, broken and unmade shots, what needs a person, the spend and the prices' date."""
    shot.shoot("s020.shoot", 2, broken="black")
    shot.shoot("s020.shoot", 3, broken="black")
    reel = shot.page()[0].reel
    assert reel.counts == {"on-model": 1, "broken": 1, "not made yet": 1}
    assert [one.id for one in reel.flagged] == ["s020"]
    assert reel.prices_of == shot.plan().prices_of
    jobs = [job for job in shot.vault.journal.jobs("s01e01") if job.delivery]
    assert reel.spent_usd == sum(job.price_usd for job in jobs)
    assert reel.sheets_usd == sum(job.price_usd for job in shot.vault.journal.jobs("cast"))


def test_clips_are_found_from_the_page(shot: Any, tmp_path: Path) -> None:
    """Their addresses lead from the page's folder to the archive, wherever the page is, spaces and all."""
    for into in (None, tmp_path / "a folder #1/with é.html"):
        written, text = shot.page(into)
        sources = [one["src"] for one in Page(text).clips]
        assert len(sources) == 3
        for source in sources:
            assert source is not None
            assert (written.path.parent / unquote(source)).is_file()


def test_pictures_open_in_full(shot: Any) -> None:
    """What is approved is looked at in its own size: each keyframe and each view leads to its file."""
    written, text = shot.page()
    links = [one["href"] for one in Page(text).all("a", target="_blank")]
    wanted = [line.take.media.sha256 for line in shot.plan().lines.values() if not line.commission.is_clip]
    assert sorted(Path(str(link)).stem for link in links) == sorted(wanted)
    assert all((written.path.parent / unquote(str(link))).is_file() for link in links)


def test_a_clip_that_waits_says_for_what(unopened: Any) -> None:
    """A clip that is not bought before somebody approves its keyframe names the keyframe."""
    story = unopened.root / "production.yaml"
    story.write_text(f"{story.read_text()}approve: [keyframes]\n")
    unopened.open()
    unopened.shoot_sheets()
    assert "no take yet, waits for approval of s010 keyframe" in unopened.page()[1]
    unopened.close()


def test_the_cut_is_shown_where_there_is_one(shot: Any) -> None:
    """The finished episode lies beside the page."""
    assert len(Page(shot.page()[1]).clips) == 3
    (shot.root / "deliverables/s01e01.mp4").write_bytes(b"cut")
    assert Page(shot.page()[1]).clips[0]["src"] == "s01e01.mp4"


def test_nothing_but_the_page_may_run_or_be_loaded(shot: Any) -> None:
    """No script and no style but the page's own, no address outside; the policy says so and fits both."""
    text = shot.page()[1]
    page = Page(text)
    policy = page.all("meta", **{"http-equiv": "Content-Security-Policy"})[0]["content"]
    assert policy is not None
    for kind in ("style", "script"):
        (inside,) = re.findall(rf"<{kind}>(.*?)</{kind}>", text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}';" in policy
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    assert "connect-src" not in policy
    names = {tag for tag, _ in page.tags}
    assert not names & {"iframe", "object", "embed", "base"}
    assert page.all("link") == [{"rel": "icon", "href": "data:,"}]
    assert all(one.get("method") == "dialog" for one in page.all("form"))
    attributes = {name for _, attrs in page.tags for name in attrs}
    assert not [name for name in attributes if name.startswith("on") or name == "style"]
    outside = [value for _, attrs in page.tags for value in attrs.values() if value and "//" in value]
    assert [one for one in outside if not one.startswith("data:")] == []


def test_what_users_write_stays_text(unopened: Any) -> None:
    """Markup in a bible's name, a shot's words, a prompt, a change or a note is shown as it was written."""
    film_set = unopened
    film_set.write(
        "characters/pip.yaml",
        (film_set.root / "characters/pip.yaml").read_text().replace("name: Pip", f"name: '{HOSTILE}'"),
    )
    film_set.write(
        "episodes/s01e01.yaml",
        (film_set.root / "episodes/s01e01.yaml")
        .read_text()
        .replace("a workshop", "'</style><script>alert(1)</script>'"),
    )
    film_set.open()
    film_set.shoot_sheets()
    film_set.shoot("s010.shoot", 1, prompt="a\"><script src='//x'></script>", change="<b>less</b>")
    film_set.shoot("s010.shoot", 2, prompt="</p><svg onload=alert(1)>")
    film_set.decide("circle", "s010.shoot", 1, note="</script><script>alert(1)</script>")
    _, text = film_set.page()
    film_set.close()
    page = Page(text)
    assert [tag for tag, _ in page.tags].count("script") == 1
    assert not [name for _, attrs in page.tags for name in attrs if name.startswith("on")]
    assert not [attrs for attrs in page.all("img") if attrs["src"] == "x"]
    assert len(page.all("b")) == text.count("<b>")
    for said in (HOSTILE, "</script><script>alert(1)</script>", "<b>less</b>", "</style><script>alert(1)"):
        assert said in page.text


def test_takes_of_an_earlier_text_are_shown_as_such(shot: Any) -> None:
    """A shot that was rewritten keeps its old takes in sight, with what changed; none of them is circled."""
    shot.write(
        "episodes/s01e01.yaml",
        (shot.root / "episodes/s01e01.yaml").read_text().replace("action: it blinks", "action: it waves"),
    )
    shot.close()
    shot.open()
    shot.shoot("s010.shoot", 1)
    page = Page(shot.page()[1])
    takes = [one["class"] for one in page.all("article") if "s010.shoot" in str(one["id"])]
    assert takes == ["take earlier", "take earlier", "take circled"]
    assert page.text.count("changed since: action") == 2


def test_a_persons_word_is_shown(shot: Any) -> None:
    """Who circled, and why; and what was ordered anew."""
    shot.decide("circle", "s010.shoot", 1, note="the better look")
    page = Page(shot.page()[1])
    assert "ada circled take 1 : “the better look”" in page.text.replace("take 1:", "take 1 :")
    assert len(page.all("article", **{"class": "take circled", "id": "take-s010.shoot-1"})) == 1


def test_a_clip_that_is_gone_does_not_end_the_page(shot: Any) -> None:
    """The rest is shown; nothing of the archive is changed by looking."""
    for name in ("s010.shoot", "s010.keyframe"):
        ref = shot.plan().lines[name].take.media
        Path(shot.vault.media.address(ref)).unlink()
    page = Page(shot.page()[1])
    assert "not in the archive, or it does not decode" in page.text
    assert len(page.clips) == 3


def test_an_episode_that_was_never_made_has_a_page_too(unopened: Any) -> None:
    """Every shot is there, not made yet, and no archive is made by looking."""
    from onmodel.dailies import write_dailies  # noqa: PLC0415 - only here without an archive
    from onmodel.stages.script import Call  # noqa: PLC0415 - same

    written = write_dailies(Call(unopened.root, "s01e01"), None, lambda _: None)
    assert written.reel.counts == {"on-model": 0, "not made yet": 3}
    assert not (unopened.root / "archive").exists()


def test_a_far_archives_clips_come_from_signed_addresses(shot: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The policy names that one host, and the page says that the addresses do not hold for ever."""
    address = "https://reel.s3.example.org/x?X-Amz-Signature=a&b=1"
    monkeypatch.setattr("onmodel.vault.LocalStore.address_of", lambda *_: address)
    written, text = shot.page()
    page = Page(text)
    policy = page.all("meta", **{"http-equiv": "Content-Security-Policy"})[0]["content"]
    assert "media-src 'self' file: https://reel.s3.example.org;" in str(policy)
    assert page.clips[0]["src"] == address
    assert written.expires
    assert "hold for a day" in page.text


def test_readers_and_keyboards_find_their_way(shot: Any) -> None:
    """Landmarks, one first heading, names for what is no text, links in the strip that lead somewhere."""
    page = Page(shot.page()[1])
    names = [tag for tag, _ in page.tags]
    assert all(names.count(one) == 1 for one in ("h1", "main", "nav", "footer"))
    ids = [attrs["id"] for _, attrs in page.tags if attrs.get("id")]
    assert len(ids) == len(set(ids))
    addresses = [str(one["href"]) for one in [*page.all("a"), *page.all("use")]]
    targets = {one[1:] for one in addresses if one.startswith("#")}
    targets |= {str(attrs["aria-labelledby"]) for _, attrs in page.tags if "aria-labelledby" in attrs}
    assert targets <= set(ids)
    assert all("alt" in one for one in page.all("img"))
    assert all(one.get("aria-label") for one in [*page.all("video"), *page.all("svg", role="img")])
    assert [one["content"] for one in page.all("meta", name="viewport")] == [
        "width=device-width, initial-scale=1"
    ]


def test_a_rejected_style_pass_names_what_is_in_the_cut(unopened: Any) -> None:
    """Where every style pass changed who is seen, none is circled, and the take without it is named."""
    film_set = unopened
    text = (film_set.root / "episodes/s01e01.yaml").read_text()
    film_set.write("episodes/s01e01.yaml", text + "  s040: {restyle: {shot: s010, look: pencil}}\n")
    film_set.open()
    film_set.shoot_sheets()
    film_set.shoot("s010.shoot")
    for n in (1, 2, 3):
        film_set.shoot("s040.restyle", n, looks="off-model", score=0.2)
    written, text = film_set.page()
    film_set.close()
    shot = written.reel.shots[-1]
    assert (shot.id, shot.standing, shot.needs_person) == ("s040", "on-model", True)
    assert "In the cut instead: s01e01 · s010 · take 1 · image-to-video" in Page(text).text
    circled = Page(text).all("article", **{"class": "take circled"})
    assert not [one for one in circled if "s040" in str(one["id"])]
