from __future__ import annotations

import ast
import inspect
from pathlib import Path
from typing import Any

import fal_client
import fal_client.client as source
import httpx
import pytest

from onmodel.errors import SubmitNotSent, SubmitOutcomeUnknown, SubmitRefused
from onmodel.studio.client import OneWireClient
from onmodel.studio.rehearsal.guard import refuse_sockets

WAYS_OUT = {
    "auth._refresh_access_token",  # only where no key is given; ours always is
    "auth._refresh_access_token_async",
    "client.AsyncBackupDomainTransport.__init__",  # around our transport
    "client.AsyncCDNTokenManager._refresh_token",  # replaced
    "client.AsyncClient._cdn_client",  # replaced
    "client.AsyncClient._client",  # replaced
    "client.BackupDomainTransport.__init__",  # the synchronous client is never used
    "client.CDNTokenManager._refresh_token",
    "client.SyncClient._client",
    "client.SyncClient._get_cdn_client",
}
NETWORK = {"requests", "urllib3", "aiohttp", "socket", "http", "websockets", "httpx_sse"}


def modules() -> dict[str, ast.Module]:
    folder = Path(fal_client.__file__).parent
    return {path.stem: ast.parse(path.read_text()) for path in sorted(folder.glob("*.py"))}


def constructions(name: str, tree: ast.AST) -> set[str]:
    """Where `httpx.Client`, `httpx.AsyncClient` or a function of httpx that sends is called."""
    found: set[str] = set()

    def visit(node: ast.AST, place: str) -> None:
        for child in ast.iter_child_nodes(node):
            inside = place
            if isinstance(child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                inside = f"{place}.{child.name}"
            match child:
                case ast.Call(func=ast.Attribute(value=ast.Name(id="httpx"), attr=what)) if what in {
                    "Client",
                    "AsyncClient",
                    "get",
                    "post",
                    "put",
                    "request",
                    "stream",
                    "delete",
                    "patch",
                    "head",
                }:
                    found.add(place)
            visit(child, inside)

    visit(tree, name)
    return found


def test_fal_client_opens_no_other_way_out() -> None:
    """Every place where fal-client makes an httpx client is known, and replaced or never reached."""
    found = set().union(*(constructions(name, tree) for name, tree in modules().items()))
    assert found == WAYS_OUT


def test_fal_client_knows_no_other_network_library() -> None:
    """Only realtime and streaming use anything but httpx; neither is used here."""
    imported = set()
    for tree in modules().values():
        for node in ast.walk(tree):
            match node:
                case ast.Import(names=names):
                    imported |= {alias.name.split(".")[0] for alias in names}
                case ast.ImportFrom(module=str(module), level=0):
                    imported.add(module.split(".")[0])
    assert imported & NETWORK == {"httpx_sse", "websockets"}


def test_the_retry_loop_catches_no_error_of_ours() -> None:
    """The loop that repeats requests catches httpx's errors and its own; a submit ends with neither."""
    loop = ast.parse(inspect.getsource(source._async_maybe_retry_request))
    caught = [
        ast.unparse(node.type) for node in ast.walk(loop) if isinstance(node, ast.ExceptHandler) and node.type
    ]
    assert caught == ["(httpx.HTTPError, FalClientHTTPError)"]
    for ours in (SubmitNotSent, SubmitRefused, SubmitOutcomeUnknown):
        assert not issubclass(ours, httpx.HTTPError | fal_client.FalClientError | OSError)


def test_submit_sends_by_that_loop_and_by_nothing_else() -> None:
    """A submit is one call of the retry loop: a release that sends it in another way must be looked at."""
    tree = ast.parse(inspect.getsource(source.AsyncClient.submit).lstrip())
    awaited = [
        ast.unparse(node.value.func)
        for node in ast.walk(tree)
        if isinstance(node, ast.Await) and isinstance(node.value, ast.Call)
    ]
    assert awaited == ["_async_maybe_retry_request"]


def test_a_whole_journey_uses_the_given_transport_alone(
    perform: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Upload, submit, poll, result and fetch go by our transport; httpx's own is never asked."""
    others: list[object] = []
    monkeypatch.setattr(httpx.AsyncHTTPTransport, "__init__", lambda *_, **options: others.append(options))
    monkeypatch.setenv("FAL_KEY", "another-key")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.invalid:1")

    async def scene(stage: Any) -> None:
        url = await stage.picture()
        answer = await stage.buy_and_wait("fal-ai/flux-pro/kontext", {"prompt": "Pip", "image_urls": [url]})
        await stage.wire.fetch(answer["images"][0]["url"], stage.folder / "got.png", limit_bytes=10**6)

    with refuse_sockets():
        perform(scene)
    assert others == []


def test_the_key_is_the_one_that_was_given() -> None:
    """The environment is never read for the key, and no repr shows it."""
    client = OneWireClient(key="given-S3CRET", transport=httpx.MockTransport(lambda _: httpx.Response(500)))
    assert client.key == "given-S3CRET"
    assert "S3CRET" not in repr(client)
