"""What S3 and its client library say when something is wrong, in our words: once, for the whole adapter."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from boto3.exceptions import Boto3Error
from botocore import exceptions as boto
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError
from urllib3.exceptions import HTTPError

from onmodel.errors import VaultAway, VaultError, VaultFull

FOREIGN: Final = (BotoCoreError, ClientError, Boto3Error, ResponseParserError, HTTPError)
"""Everything that the client library lets through; `tests/vault/test_s3_faults.py` goes through all of it."""

BROKEN_OFF: Final = (
    boto.IncompleteReadError,
    boto.ResponseStreamingError,
    boto.ReadTimeoutError,
    boto.FlexibleChecksumError,
    boto.ChecksumError,
    HTTPError,
)
"""A body that was cut short or damaged on its way: asking again helps, and the library does not by itself."""

MISSING: Final = frozenset({"NoSuchKey", "404", "NotFound"})
TAKEN: Final = frozenset({"PreconditionFailed", "412"})
CONFLICT: Final = frozenset({"ConditionalRequestConflict", "OperationAborted", "409"})
"""Another write to the same name is under way: S3 asks to try again."""
ENDED: Final = frozenset({"NoSuchUpload"})
"""An upload in parts that was completed or aborted before; the library asks again where an answer is lost."""
EMPTY: Final = frozenset({"InvalidRange", "416"})
DAMAGED: Final = frozenset({"BadDigest", "XAmzContentChecksumMismatch", "InvalidDigest"})
"""What arrived is not what its checksum says."""

_AGAIN: Final = "Nothing that is paid is lost. "
_SAME: Final = "run the same command again."


class _Words(NamedTuple):
    what: str
    hint: str


_DENIED = _Words(
    "access is denied",
    "The bucket may be someone else's, or your keys may not do this: they need s3:ListBucket on the bucket, "
    "s3:GetObject, s3:PutObject and s3:AbortMultipartUpload below the prefix. "
    "`aws sts get-caller-identity` says who you are there; then " + _SAME,
)
_EXPIRED = _Words(
    "the credentials have expired",
    _AGAIN + "Sign in again (`aws sso login`, or new AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and "
    "AWS_SESSION_TOKEN), then " + _SAME,
)
_WRONG_KEYS = _Words(
    "the credentials are not accepted",
    "Check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, and that they belong to this "
    "endpoint; then " + _SAME,
)
_NO_KEYS = _Words(
    "no usable credentials were found",
    "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a profile with AWS_PROFILE, or sign in with "
    "`aws sso login`; then " + _SAME,
)
_NO_BUCKET = _Words(
    "there is no such bucket",
    "Check `archive:` in production.yaml and AWS_ENDPOINT_URL, or make the bucket: `aws s3 mb s3://BUCKET`.",
)
_BUSY = _Words(
    "the store asks to slow down, and did so at every try",
    _AGAIN + "Wait a few minutes, or lower `in_flight:` in production.yaml; then " + _SAME,
)
_TROUBLE = _Words("the store has trouble of its own", _AGAIN + "Wait a few minutes, then " + _SAME)
_NO_CONDITIONS = _Words(
    "the store does not know conditional writes",
    "Without them two processes could buy the same shot twice. Set `archive:` in production.yaml to a "
    "folder, or to a bucket of a store that keeps them, as Amazon S3 and MinIO do.",
)
_UNREACHED = _Words(
    "it cannot be reached",
    _AGAIN + "Check the network, AWS_ENDPOINT_URL and the proxy settings, then " + _SAME,
)
_CUT_OFF = _Words(
    "its answers were cut short or damaged, at every try",
    _AGAIN + "Check the network, then " + _SAME,
)
_NOT_S3 = _Words(
    "what answers there does not speak S3",
    "Check AWS_ENDPOINT_URL, and whether a proxy or a sign-in page stands in between; then " + _SAME,
)
_CONFIG = _Words(
    "the AWS settings of this machine cannot be used",
    "Check AWS_PROFILE, AWS_REGION, AWS_ENDPOINT_URL and ~/.aws/config; `aws configure list` "
    "shows what holds.",
)
_REPLACED = _Words("another wrote there at the same time", _AGAIN + "Now " + _SAME)
_OTHER = _Words("the store refused", _AGAIN + "Check `archive:` in production.yaml, then " + _SAME)

_PASSES: Final = (_BUSY, _TROUBLE, _UNREACHED, _CUT_OFF)
"""What may be over in a minute."""

_BY_CODE: Final[Mapping[str, _Words]] = {
    **dict.fromkeys(("AccessDenied", "403", "Forbidden", "AllAccessDisabled", "AccountProblem"), _DENIED),
    **dict.fromkeys(("ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired"), _EXPIRED),
    **dict.fromkeys(
        ("InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidToken", "401", "NotSignedUp"), _WRONG_KEYS
    ),
    "NoSuchBucket": _NO_BUCKET,
    **dict.fromkeys(("SlowDown", "TooManyRequests", "Throttling", "RequestLimitExceeded", "429"), _BUSY),
    **dict.fromkeys(
        ("503", "500", "502", "504", "InternalError", "ServiceUnavailable", "RequestTimeout"), _TROUBLE
    ),
    **dict.fromkeys(("NotImplemented", "501"), _NO_CONDITIONS),
    **dict.fromkeys(DAMAGED, _CUT_OFF),
    **dict.fromkeys(CONFLICT | TAKEN, _REPLACED),
}

_BY_KIND: Final[tuple[tuple[tuple[type[Exception], ...], _Words], ...]] = (
    (
        (boto.UnauthorizedSSOTokenError, boto.SSOTokenLoadError, boto.TokenRetrievalError, boto.LoginError),
        _EXPIRED,
    ),
    (
        (
            boto.NoCredentialsError,
            boto.PartialCredentialsError,
            boto.CredentialRetrievalError,
            boto.SSOError,
            boto.NoAuthTokenError,
        ),
        _NO_KEYS,
    ),
    ((boto.FlexibleChecksumError, boto.ChecksumError, boto.IncompleteReadError), _CUT_OFF),
    ((boto.ResponseStreamingError, boto.ReadTimeoutError, boto.ConnectionClosedError), _CUT_OFF),
    ((boto.HTTPClientError, boto.ConnectionError, HTTPError), _UNREACHED),
    ((ResponseParserError,), _NOT_S3),
    ((BotoCoreError,), _CONFIG),
)


def code_of(error: ClientError) -> str:
    """The word that S3 refused with; the status where it sent none, as in answers to HEAD."""
    return str(error.response.get("Error", {}).get("Code", ""))


def was_repeated(error: ClientError) -> bool:
    """Whether the library sent the request more than once: the first answer may have been lost."""
    return bool(error.response.get("ResponseMetadata", {}).get("RetryAttempts", 0))


def explained(error: Exception, address: str, doing: str) -> VaultError:
    """The error as a person can act on it.

    Args:
        error: one of `FOREIGN`.
        address: of the archive.
        doing: what was tried: `writing ledger/production.json`.
    """
    where = f"the archive {address}: {doing} failed"
    if isinstance(error, ClientError):
        return _of_answer(error, where)
    words = next((words for kinds, words in _BY_KIND if isinstance(error, kinds)), _OTHER)
    return _as(words)(f"{where}: {words.what} ({_in_one_line(error)})", hint=words.hint)


def _as(words: _Words) -> type[VaultError]:
    return VaultAway if words in _PASSES else VaultError


def _of_answer(error: ClientError, where: str) -> VaultError:
    code = code_of(error)
    said = error.response.get("Error", {})
    if code in {"RequestTimeTooSkewed", "RequestInTheFuture", "RequestExpired"}:
        return VaultError(f"{where}: {_clocks(error)}", hint="Set this machine's clock, then " + _SAME)
    region = _region_of(error)
    if region is not None:
        return VaultError(
            f"{where}: the bucket is in the region {region}",
            hint=f"export AWS_REGION={region}, then {_SAME}" if region != "another" else _CONFIG.hint,
        )
    if code in {"QuotaExceeded", "XMinioStorageFull", "EntityTooLarge"}:
        return VaultFull(f"{where}: no space is left there ({code})", hint="Make room there, then " + _SAME)
    words = _BY_CODE.get(code, _OTHER)
    message = " ".join(str(said.get("Message", "")).split())
    detail = f"{code}: {message}" if message else code
    return _as(words)(f"{where}: {words.what} ({detail or 'no reason given'})", hint=words.hint)


def _clocks(error: ClientError) -> str:
    theirs = error.response.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date", "unknown")
    ours = datetime.now(UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")
    return f"this machine's clock is wrong: here it is {ours}, there it is {theirs}"


def _region_of(error: ClientError) -> str | None:
    """The bucket's region where the refusal is about it; `another` where it does not say which."""
    said: Mapping[str, Any] = error.response.get("Error", {})
    headers = error.response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    wrong = {"PermanentRedirect", "TemporaryRedirect", "IllegalLocationConstraintException", "301"}
    if code_of(error) in wrong or (code_of(error) == "AuthorizationHeaderMalformed" and "Region" in said):
        return str(said.get("Region") or headers.get("x-amz-bucket-region") or "another")
    if code_of(error) == "400" and "x-amz-bucket-region" in headers:
        return str(headers["x-amz-bucket-region"])
    return None


def _in_one_line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
