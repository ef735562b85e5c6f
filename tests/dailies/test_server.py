from __future__ import annotations

import hmac
import json
import re
import ssl
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from onmodel.errors import SetupError

MEDIA = re.compile(r'src="(/clips/[^"]+)"')
STILL = re.compile(r'src="(/stills/[^"]+)"')


@pytest.fixture
def served(shot: Any, serving: Any) -> Any:
    """The server of a production with three takes."""
    return serving(shot)


def test_whoever_has_no_address_sees_nothing(served: Any) -> None:
    """Without the token, with a wrong one or with somebody else's cookie everything is 403."""
    served.visit()
    clip = MEDIA.findall(served.visit())[0]
    name = next(iter(served.client.cookies))
    for path in ("/", "/?token=", "/?token=wrong", clip, f"{clip}?token=wrong", "/api/film", "/nothing"):
        answer = httpx.get(f"{served.base}{path}")
        assert (answer.status_code, "onmodel dailies" in answer.text) == (403, True)
        assert httpx.get(f"{served.base}{path}", cookies={name: "wrong"}).status_code == 403
        assert httpx.get(f"{served.base}{path}", headers={"cookie": f'{name}="; =='}).status_code == 403
    assert served.client.get("/").status_code == 200


def test_secrets_are_compared_in_constant_time(served: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every secret passes through `hmac.compare_digest`, whatever its length."""
    compared: list[tuple[bytes, bytes]] = []
    real = hmac.compare_digest

    def compare(one: bytes, other: bytes) -> bool:
        compared.append((one, other))
        return real(one, other)

    monkeypatch.setattr("hmac.compare_digest", compare)
    httpx.get(f"{served.base}/?token=short")
    assert compared == [(served.review.secrets.address.encode(), b"short")]


def test_the_cookie_is_for_this_page_alone(served: Any) -> None:
    """No script reads it and no other site sends it; its name has the port, since ports share cookies."""
    told = served.client.get(served.url).headers["set-cookie"]
    assert re.match(rf"onmodel-dailies-{served.base.rpartition(':')[2]}=[\w-]{{43}};", told)
    assert {"Path=/", "HttpOnly", "SameSite=Strict"} <= {one.strip() for one in told.split(";")}
    assert served.review.secrets.address not in told


@pytest.mark.parametrize(
    "other", ['theme={"a":1}', "a b=1", "bad[]=1", "name=\u00e4\u00f6", "=", 'q="a', ";;"]
)
def test_another_apps_cookies_lock_nobody_out(served: Any, other: str) -> None:
    """Ports of a host share cookies, and others may be written in any way, before ours or behind it."""
    served.visit()
    (ours,) = (f"{name}={value}" for name, value in served.client.cookies.items())
    for header in (f"{other}; {ours}", f"{ours}; {other}"):
        answer = httpx.get(f"{served.base}/", headers={"cookie": header.encode("latin-1")})
        assert answer.status_code == 200
    told = {"cookie": f"{other}; {ours}x".encode("latin-1")}
    assert httpx.get(f"{served.base}/", headers=told).status_code == 403


def test_only_our_own_page_decides(served: Any) -> None:
    """The cookie alone decides nothing: the page's own token must come along, and from this origin."""
    served.visit()
    body = served.meant("s010.shoot", 1)
    plain = {"origin": served.base}
    assert served.client.post("/api/circle", json=body, headers=plain).status_code == 403
    for headers in (
        {"x-onmodel-token": "wrong"},
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:1"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ):
        assert served.post("circle", body, **headers).status_code == 403
    assert served.film_set.vault.decisions.of("s01e01") == ()
    assert served.post("circle", body).status_code == 200


def test_nothing_but_the_page_is_served(served: Any, tmp_path: Path) -> None:
    """No path leads out: pictures and clips are known by the names that the page gave them."""
    served.visit()
    secret = tmp_path / "reel/production.yaml"
    for path in (
        "/clips/../production.yaml",
        "/clips/..%2f..%2fproduction.yaml",
        "/clips/%2e%2e/%2e%2e/production.yaml",
        f"/clips/{secret}",
        f"/stills/{secret}",
        "/stills/..%2fproduction.yaml",
        "/production.yaml",
        "//etc/passwd",
        f"/clips/{'0' * 64}.mp4",
        "/api/nothing",
    ):
        assert served.client.get(path).status_code in (404, 405)


def test_clips_come_in_ranges(served: Any) -> None:
    """A browser seeks: a part is 206, past the end 416, nonsense 400; the whole is there too."""
    clip = MEDIA.findall(served.visit())[0]
    whole = served.client.get(clip)
    assert (whole.status_code, whole.headers["content-type"]) == (200, "video/mp4")
    size = len(whole.content)

    def part(wanted: str) -> httpx.Response:
        answer: httpx.Response = served.client.get(clip, headers={"range": wanted})
        return answer

    assert (part("bytes=2-5").status_code, part("bytes=2-5").content) == (206, whole.content[2:6])
    assert part("bytes=-4").content == whole.content[-4:]
    past = part(f"bytes={size}-")
    assert (past.status_code, past.headers["content-range"]) == (416, f"bytes */{size}")
    assert part("bytes=9-2").status_code == 400
    assert part("seconds=1-2").status_code == 400


def test_stills_are_made_when_they_are_asked_for(served: Any) -> None:
    """The page itself makes none; each is a picture, and one whose source is gone is not there."""
    text = served.visit()
    cache = served.film_set.root / ".onmodel/cache/dailies"
    assert not cache.exists()
    first = served.client.get(STILL.findall(text)[0])
    assert (first.status_code, first.content[:2]) == (200, b"\xff\xd8")
    for path in (served.film_set.root / "archive/media").rglob("*.png"):
        path.unlink()
    gone = next(one for one in STILL.findall(text) if not (cache / one[8:10] / one[8:]).is_file())
    assert served.client.get(gone).status_code == 404


def test_headers_keep_the_page_to_itself(served: Any) -> None:
    """No frame, no guess at types, no address told onward, nothing from elsewhere, nothing kept."""
    served.visit()
    told = served.client.get("/").headers
    assert told["x-frame-options"] == "DENY"
    assert told["x-content-type-options"] == "nosniff"
    assert told["referrer-policy"] == "no-referrer"
    assert told["cache-control"] == "no-store"
    policy = told["content-security-policy"]
    for rule in ("default-src 'none'", "connect-src 'self'", "frame-ancestors 'none'", "form-action 'none'"):
        assert rule in policy
    assert "unsafe" not in policy
    assert "http" not in policy


def test_a_circle_a_retake_and_a_note_are_written_down(served: Any) -> None:
    """Each is a record with its name, and the page shows it at once."""
    served.visit()
    take = served.meant("s010.shoot", 1)
    answers = [
        served.post("note", {**take, "text": "the  eye\nis off", "at_s": 0.2, "box": [0.1, 0.2, 0.3, 0.4]}),
        served.post("circle", take),
        served.post("retake", {**take, "problem": "face-changing", "note": "calmer"}),
    ]
    assert [one.status_code for one in answers] == [200, 200, 200]
    assert "take 1 · image-to-video is circled" in answers[1].json()["said"]
    kept = served.film_set.vault.decisions.of("s01e01")
    assert [(one.kind, one.subject, one.n, one.by) for one in kept] == [
        ("note", "s010", 1, "Ada"),
        ("circle", "s010", 1, "Ada"),
        ("retake", "s010", 2, "Ada"),
    ]
    assert (kept[0].note, kept[0].at_s, kept[0].box) == ("the eye is off", 0.2, (0.1, 0.2, 0.3, 0.4))
    text = served.client.get("/").text
    assert "<q>the eye is off</q>" in text
    assert "ordered another after take 2 for face-changing" in text


def test_what_a_retake_would_do_is_told_before(served: Any) -> None:
    """The remedy that comes first, and its price; a problem that is none is refused with those there are."""
    served.visit()
    asked = {"scope": "s01e01", "subject": "s010", "stage": "shoot"}
    told = served.client.get("/api/remedy", params={**asked, "problem": "face-changing"}).json()
    assert told["said"].startswith("the face changes: it ")
    assert "$" in told["said"]
    unknown = served.client.get("/api/remedy", params={**asked, "problem": "face-chaning"})
    assert unknown.status_code == 409
    assert "face-changing" in unknown.text


def test_what_went_stale_meanwhile_is_refused(served: Any) -> None:
    """The text was changed after the page was made: no decision about the old take, and it is said why."""
    served.visit()
    take = served.meant("s010.shoot", 1)
    story = served.film_set.root / "episodes/s01e01.yaml"
    story.write_text(story.read_text().replace("action: it blinks", "action: it waves"))
    for what, more in (
        ("circle", {}),
        ("retake", {"note": "again"}),
        ("note", {"text": "dim"}),
        ("approve", {}),
    ):
        answer = served.post(what, {**take, **more})
        assert answer.status_code == 409
        assert answer.json()["error"]
    assert "changed: action" in served.post("circle", take).json()["error"]
    assert served.film_set.vault.decisions.of("s01e01") == ()


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (b"[]", "not a JSON object"),
        (b"{", "not a JSON object"),
        (b"\xff\xfe", "not a JSON object"),
        (b'{"by": "a", "note": "%s"}' % (b"x" * 70_000), "more than 65536 bytes"),
        (b'{"by": " ", "scope": "s01e01"}', "by:"),
        (
            b'{"by": "a", "scope": "s01e01", "subject": "s010", "stage": "cut", "n": 1, "media": "00"}',
            "stage:",
        ),
        (
            b'{"by": "a", "scope": "s02e09", "subject": "s010", "stage": "shoot", "n": 1, "media": "%s"}'
            % (b"0" * 64),
            "this page is about s01e01",
        ),
    ],
)
def test_nonsense_is_refused_and_nothing_is_written(served: Any, body: bytes, what: str) -> None:
    """Whatever is sent: a 4xx with what is wrong, never a 500."""
    served.visit()
    headers = {"x-onmodel-token": served.review.secrets.deciding}
    answer = served.client.post("/api/circle", content=body, headers=headers)
    assert answer.status_code in (409, 422)
    assert what in answer.json()["error"]
    assert served.film_set.vault.decisions.of("s01e01") == ()


def test_two_hundred_clients_at_once(served: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """All have the page and a clip; the page is not made two hundred times for it."""
    clip = MEDIA.findall(served.visit())[0]
    made = []
    real = served.review._render
    monkeypatch.setattr(served.review, "_render", lambda: made.append(1) or real())
    gate = threading.Barrier(200)
    cookies, plain = dict(served.client.cookies), ssl.create_default_context()  # made once: it takes a while

    def visit(number: int) -> tuple[int, int]:
        with httpx.Client(base_url=served.base, cookies=cookies, timeout=60, verify=plain) as client:
            gate.wait()
            page = client.get("/")
            part = client.get(clip, headers={"range": f"bytes={number}-{number}"})
            return page.status_code, len(part.content)

    with ThreadPoolExecutor(200) as pool:
        assert set(pool.map(visit, range(200))) == {(200, 1)}
    assert 1 <= len(made) < 20


def test_the_page_is_never_older_than_the_decision(served: Any) -> None:
    """Whoever asks after a decision sees it, though others have the page made at the same time."""
    served.visit()
    cookies = dict(served.client.cookies)
    with ThreadPoolExecutor(4) as pool:
        others = [pool.submit(httpx.get, f"{served.base}/", cookies=cookies, timeout=30) for _ in range(8)]
        assert served.post("circle", served.meant("s010.shoot", 1)).status_code == 200
        assert "Ada circled take 1" in served.client.get("/").text
        assert {one.result().status_code for one in others} == {200}


def test_a_live_production_goes_on_where_a_deployment_is_known(shot: Any, serving: Any) -> None:
    """Its run is started, and its page named; without a deployment the command is shown."""
    for go_on, said in (
        (lambda: "The deployment goes on with it.", "The deployment goes on with it."),
        (lambda: None, "Next, on the terminal: onmodel produce s01e01"),
    ):
        served = serving(shot, go_on=go_on)
        served.visit()
        assert said in served.post("film", {}).json()["said"]


def test_a_port_that_is_taken_is_told(served: Any) -> None:
    """Nobody can listen there: says where, and what to do."""
    from onmodel.dailies.serving import serve_dailies  # noqa: PLC0415 - only here without a server

    port = int(served.base.rpartition(":")[2])
    with pytest.raises(SetupError, match=f"port {port}.*in use"):
        serve_dailies(
            served.call, host="127.0.0.1", port=port, by="ada", go_on=lambda: None, say=lambda _: None
        )
    assert not (served.film_set.root / ".onmodel/run/dailies.json").exists()


def test_the_note_of_the_address_is_for_this_user_alone(tmp_path: Path, shot: Any) -> None:
    """Mode 0600 as long as it runs, and gone afterwards; another server's note is left alone."""
    from onmodel.dailies.serving import _noted  # noqa: PLC0415 - the one place that writes it

    path = tmp_path / "run/dailies.json"
    with _noted(path, "http://127.0.0.1:1/?token=x", shot.call):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert json.loads(path.read_text())["url"].endswith("token=x")
    assert not path.exists()
    with _noted(path, "a", shot.call):
        path.write_text('{"pid": 1, "url": "b"}')
    assert path.exists()
