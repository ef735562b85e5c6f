"""What a production's process does, started by the tests with fal on loopback: no part of it is a rehearsal.

    python child.py SCENE FOLDER '{"given": ...}'

The last line of stdout is what it found, as JSON. Connections that leave this machine are refused.
"""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import fal_client

from onmodel.endpoints import Catalogue
from onmodel.errors import OnModelError
from onmodel.settings import read_settings
from onmodel.studio import wire as wire_module
from onmodel.studio.desk import Cap, Desk, Limits
from onmodel.studio.rehearsal.guard import refuse_sockets
from onmodel.studio.wire import Progress, Wire, open_live_wire
from onmodel.units import digest_of
from onmodel.vault import Intent, Job, Slot, Vault, open_vault

PRICE = Decimal("0.04")


def intent(subject: str, endpoint: str, arguments: dict[str, Any]) -> Intent:
    """A request of the production."""
    basis = {"subject": subject}
    slot = Slot("reel", "s01e01", subject, "keyframe", digest_of(basis), 1)
    return Intent(
        slot=slot,
        label=f"s01e01 · {subject} · take 1 · keyframe",
        endpoint=endpoint,
        arguments=arguments,
        price_usd=PRICE,
        basis_content=basis,
        made_at=datetime.now(UTC),
        onmodel="0.1.0",
    )


def live_desk(folder: Path, wire: Wire, vault: Vault) -> Desk:
    """The order desk as a production opens it, with shorter pauses."""
    caps = [Cap(vault.ledger("production"), None), Cap(vault.ledger("s01e01"), Decimal(1))]
    return Desk(
        wire=wire,
        vault=vault,
        catalogue=Catalogue.load(),
        caps=lambda: caps,
        scratch=folder / "scratch",
        limits=Limits(in_flight=4),
        rehearsal=False,
        pause_s=0.05,
    )


async def produce(wire: Wire, folder: Path, given: dict[str, Any]) -> dict[str, Any]:
    """See requests through, side by side; what each came to."""
    picture = given.get("picture")
    endpoint = given.get("endpoint", "fal-ai/flux/dev")
    told: list[tuple[str, str]] = []
    ends: dict[str, Any] = {}
    with open_vault("archive", root=folder, production="reel", run_folder=folder / "run") as vault:
        desk = live_desk(folder, wire, vault)

        async def one(subject: str) -> None:
            arguments: dict[str, Any] = {"prompt": given.get("prompt", f"{subject} blinks")}
            if picture:
                ref = vault.media.keep(Path(picture), suffix=".png")
                arguments["image_url"] = {"$media": ref.sha256, "size": ref.size, "suffix": ref.suffix}
            job = vault.journal.open(intent(subject, endpoint, arguments))
            try:
                await desk.see_through(job, lambda state, detail: told.append((state, detail)))
            except OnModelError as error:
                ends[subject] = {"state": job.state, "error": type(error).__name__, "message": str(error)}
            else:
                ends[subject] = {"state": job.state, "request_id": job.request_id, "sha256": _sha256s(job)}

        await asyncio.gather(*(one(subject) for subject in given.get("subjects", ["s010"])))
        reserved = str(vault.ledger("s01e01").total())
    return {"ends": ends, "told": told, "submitted": desk.submitted, "reserved": reserved}


def _sha256s(job: Job) -> list[str]:
    return [ref.sha256 for ref in job.delivery.media] if job.delivery else []


async def upload(wire: Wire, folder: Path, given: dict[str, Any]) -> dict[str, Any]:
    """Bring one file to fal."""
    path = folder / "sheet.png"
    with path.open("wb") as file:
        file.write(b"\x89PNG begins")
        file.seek(given["size"] - 7)  # a hole between: it takes no room
        file.write(b"the end")
    try:
        return {"url": await wire.upload(path, "image/png", "sheet.png")}
    except OnModelError as error:
        return {"error": type(error).__name__, "message": str(error)}


async def journey(wire: Wire, _: Path, given: dict[str, Any]) -> dict[str, Any]:
    """Submit, watch with logs, read the result; or cancel instead."""
    endpoint, seen = "fal-ai/flux/dev", []
    request_id = await wire.submit(endpoint, {"prompt": given["prompt"]})
    if given.get("cancel"):
        first = await wire.cancel(endpoint, request_id)
        second = await wire.cancel(endpoint, request_id)
        return {"cancel": [first, second]}

    def note(progress: Progress) -> None:
        seen.append([progress.state, list(progress.logs)])

    await wire.watch(endpoint, request_id, note, 0.02)
    return {"seen": seen, "result": await wire.result(endpoint, request_id)}


async def bare(given: dict[str, Any]) -> dict[str, Any]:
    """The same journey with fal-client as it comes, nothing of ours around it."""
    client = fal_client.AsyncClient(key=read_settings().required_key())
    url = await client.upload_file(Path(given["picture"]))
    states: list[str] = []
    logs: list[str] = []
    handle = await client.submit("fal-ai/flux-pro/kontext", {"prompt": given["prompt"], "image_url": url})
    async for status in handle.iter_events(with_logs=True, interval=0.02):
        states.append(type(status).__name__)
        logs += [entry["message"] for entry in getattr(status, "logs", None) or []]
    result = await handle.get()
    return {"states": states, "logs": logs, "result": result, "url": url}


async def main(scene: str, folder: Path, given: dict[str, Any]) -> dict[str, Any]:
    """Play one scene."""
    if scene == "bare":
        return await bare(given)
    wire_module.STATUS_PATIENCE_S = given.get("patience_s", wire_module.STATUS_PATIENCE_S)
    wire = open_live_wire(read_settings().required_key())
    try:
        play = {"produce": produce, "upload": upload, "journey": journey}[scene]
        return await play(wire, folder, given)
    finally:
        await wire.aclose()


if __name__ == "__main__":
    with refuse_sockets():
        found = asyncio.run(main(sys.argv[1], Path(sys.argv[2]), json.loads(sys.argv[3])))
    print(json.dumps(found))  # noqa: T201 - the answer to the test that waits for it
