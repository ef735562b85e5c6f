"""What went wrong on the wire, in our words: the one place where errors of httpx and fal-client are mapped.

Messages quote what fal said, cut to one line. They never carry a header, so no key; the wire takes the key
out of what a server may have echoed.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import fal_client
import httpx

from onmodel.errors import (
    AccountLocked,
    FetchFailed,
    InputRejected,
    InputUnreadable,
    JobFailed,
    Moderated,
    ResultGone,
    ServerFailed,
    SubmitNotSent,
    SubmitOutcomeUnknown,
    SubmitRefused,
    UploadFailed,
    WireError,
)

FOREIGN = (
    fal_client.FalClientError,
    httpx.HTTPError,
    httpx.InvalidURL,
    httpx.CookieConflict,
    httpx.StreamError,
    TimeoutError,
)
"""Every error that the two libraries raise on purpose."""

_NOT_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)
"""The request had no connection yet, so no byte of it left."""

_UNCLEAR = {408, 409, 499}
"""Refusals that may come from something in between, after the job was accepted."""

_UNREADABLE = {
    "file_download_error",
    "file_load_error",
    "image_load_error",
    "video_load_error",
    "audio_load_error",
    "unsupported_image_format",
    "unsupported_video_format",
    "unsupported_audio_format",
}
"""Source: fal's model error reference, 2026-11."""

_SERVER = {
    "internal_server_error",
    "generation_timeout",
    "downstream_service_error",
    "downstream_service_unavailable",
}
"""Source: fal's model error reference, 2026-11."""

_LONGEST_DETAIL = 300

_MAY_EXIST = "The job may exist: it counts as bought until fal's history or you say otherwise"
CHECK_TRUST = (
    "Something between this machine and fal opens the encryption: if it is your network's own proxy, name "
    "its certificate in SSL_CERT_FILE; if you know of none, do not go on"
)
CHECK_KEY = "Look at FAL_KEY: create a key at https://fal.ai/dashboard/keys"
CHECK_ACCOUNT = "The account is locked or its balance is spent: see https://fal.ai/dashboard/billing"


def in_one_line(said: object) -> str:
    """What a server said, fit for a message."""
    text = said if isinstance(said, str) else json.dumps(said, ensure_ascii=False, default=str)
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST_DETAIL else text[: _LONGEST_DETAIL - 1] + "…"


def describe(error: BaseException) -> str:
    """A foreign error in a few words: its name says more than its text, which is often empty."""
    if isinstance(error, fal_client.FalClientHTTPError):
        return f"fal answered {error.status_code}: {in_one_line(error.message)}"
    text = in_one_line(str(error))
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _is_distrust(error: BaseException) -> bool:
    """Whether fal's certificate could not be verified."""
    return "CERTIFICATE_VERIFY_FAILED" in str(error)


def of_submit(error: BaseException, endpoint: str) -> WireError:
    """The end of a submit that brought no answer."""
    if isinstance(error, _NOT_SENT):
        return SubmitNotSent(
            f"{endpoint}: fal could not be reached ({describe(error)}); nothing was bought",
            hint=CHECK_TRUST if _is_distrust(error) else "",
        )
    return SubmitOutcomeUnknown(
        f"{endpoint}: the request was sent and its answer was lost ({describe(error)})",
        hint=_MAY_EXIST,
    )


def of_unwritable(error: Exception, endpoint: str) -> SubmitRefused:
    """A request that cannot be written down in JSON, so that fal would never have understood it."""
    said = describe(error)
    return SubmitRefused(
        f"{endpoint}: the request cannot be written as JSON ({said})", status=422, detail=said
    )


def of_submit_answer(response: httpx.Response, body: bytes, endpoint: str) -> WireError | None:
    """What fal's answer to a submit means; None is a job."""
    status = response.status_code
    said = _json_or_text(body)
    detail = in_one_line(said.get("detail", said) if isinstance(said, dict) else said)
    if httpx.codes.is_success(status):
        if isinstance(said, dict) and isinstance(said.get("request_id"), str) and said["request_id"]:
            return None
        return SubmitOutcomeUnknown(
            f"{endpoint}: fal answered {status} without a request id: {detail}", hint=_MAY_EXIST
        )
    if httpx.codes.is_client_error(status) and status not in _UNCLEAR:
        hints = {401: CHECK_KEY, 403: CHECK_ACCOUNT, 429: "Too many requests at once: try again in a minute"}
        return SubmitRefused(
            f"{endpoint}: fal refused the request ({status}): {detail}",
            hint=hints.get(status, ""),
            status=status,
            detail=detail,
        )
    return SubmitOutcomeUnknown(
        f"{endpoint}: fal answered {status}, which does not say whether there is a job: {detail}",
        hint=_MAY_EXIST,
    )


def of_upload(error: BaseException, name: str) -> WireError:
    """Why a file did not reach fal."""
    if isinstance(error, fal_client.FalClientHTTPError) and error.status_code == httpx.codes.FORBIDDEN:
        return AccountLocked(f"{name} could not be uploaded: {describe(error)}", hint=CHECK_ACCOUNT)
    hint = CHECK_TRUST if _is_distrust(error) else "Nothing was bought; run the same command again"
    if isinstance(error, fal_client.FalClientHTTPError) and error.status_code == httpx.codes.UNAUTHORIZED:
        hint = CHECK_KEY
    return UploadFailed(f"{name} could not be uploaded: {describe(error)}", hint=hint)


def of_job(error: BaseException, request_id: str) -> WireError:
    """Why an accepted job brings no result, or cannot be asked after.

    An answer that need not be the job's own (a gateway's 502, an interrupted transfer) is `FetchFailed`: the
    job may be fine. Only what fal itself says about the job is a `JobFailed`.
    """
    if not isinstance(error, fal_client.FalClientHTTPError):
        return FetchFailed(
            f"request {request_id}: fal could not be reached ({describe(error)})",
            hint="The job is kept: run the same command again",
            request_id=request_id,
        )
    status, detail = error.status_code, error.message
    items = _items(detail)
    said = in_one_line("; ".join(str(item.get("msg", item)) for item in items) if items else detail)
    if items:
        return _of_items(items, said, request_id, status)
    if status == httpx.codes.UNAUTHORIZED:
        return WireError(f"fal does not accept the key: {said}", hint=CHECK_KEY, request_id=request_id)
    if status == httpx.codes.FORBIDDEN:
        return AccountLocked(f"fal stops this account: {said}", hint=CHECK_ACCOUNT, request_id=request_id)
    return _of_status(error, said, request_id)


def _of_status(error: fal_client.FalClientHTTPError, said: str, request_id: str) -> WireError:
    status = error.status_code
    if status in {httpx.codes.NOT_FOUND, httpx.codes.GONE}:
        return ResultGone(
            f"fal does not know request {request_id} (any more): {said}",
            hint="A result can be read for about an hour after it is made",
            request_id=request_id,
        )
    own_words = error.error_type is not None or "x-fal-request-id" in error.response_headers
    if status >= httpx.codes.INTERNAL_SERVER_ERROR or status == 499:  # noqa: PLR2004 - fal's own code for a client that left, unnamed in httpx
        if own_words:
            return ServerFailed(
                f"fal could not do request {request_id} ({error.error_type or status}): {said}",
                hint="fal does not bill this; it may be ordered again",
                request_id=request_id,
            )
    elif status not in {408, 409, 429} and "in progress" not in said:
        return JobFailed(f"fal rejected request {request_id} ({status}): {said}", request_id=request_id)
    return FetchFailed(
        f"request {request_id}: no result yet ({status}): {said}",
        hint="The job is kept: run the same command again",
        request_id=request_id,
    )


def _of_items(items: Sequence[dict[str, Any]], said: str, request_id: str, status: int) -> JobFailed:
    """The reasons that a model gives; the first one with a meaning of its own decides."""
    kinds = [str(item.get("type", "")) for item in items]
    for item, kind in zip(items, kinds, strict=True):
        field = _field(item.get("loc"))
        if kind == "content_policy_violation":
            what = "prompt" if field in {"", "prompt", "negative_prompt"} else "picture"
            where = f" in {field}" if what == "picture" else ""
            return Moderated(
                f"fal's content policy stopped the {what}{where}: {said}",
                hint=f"Change the {what}; the same request would be stopped again",
                request_id=request_id,
                field=field,
            )
        if kind in _UNREADABLE:
            return InputUnreadable(
                f"fal could not read {field or 'an uploaded file'} ({kind}): {said}",
                hint="It is uploaded again under a new address with the next order",
                request_id=request_id,
                field=field,
            )
        if kind in _SERVER:
            return ServerFailed(
                f"fal could not do request {request_id} ({kind}): {said}", request_id=request_id, field=field
            )
    field = _field(items[0].get("loc"))
    return InputRejected(
        f"fal rejected {field or 'the request'} ({kinds[0] or status}): {said}",
        request_id=request_id,
        field=field,
    )


def of_blackened(payload: dict[str, Any], request_id: str) -> Moderated | None:
    """Flux answers 200 with a black picture where its checker objects: that is moderation, not a result."""
    flags = payload.get("has_nsfw_concepts")
    if isinstance(flags, list) and flags and all(flag is True for flag in flags):
        return Moderated(
            "fal's content checker blackened every picture of the answer",
            hint="Change the prompt; the same request would be stopped again",
            request_id=request_id,
            field="prompt",
        )
    return None


def _items(detail: object) -> list[dict[str, Any]]:
    """The reasons of a model's refusal: a list of `{loc, msg, type}`, where it is one."""
    if isinstance(detail, list) and detail and all(isinstance(item, dict) for item in detail):
        return detail
    return []


def _field(loc: object) -> str:
    """`["body", "elements", 0, "frontal_image_url"]` as `elements.0.frontal_image_url`."""
    if not isinstance(loc, list):
        return ""
    return ".".join(str(part) for part in loc if part not in {"body", "query"})


def _json_or_text(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return body.decode(errors="replace")
