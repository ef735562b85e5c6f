from __future__ import annotations

import inspect
from typing import Any

import boto3.exceptions
import botocore.exceptions
import pytest
import urllib3.exceptions
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from onmodel.errors import VaultAway, VaultError, VaultFull
from onmodel.vault import s3_faults


def made(kind: type[Exception]) -> Exception:
    """An error of a kind, whatever its constructor wants."""
    if issubclass(kind, ClientError):
        return kind({"Error": {"Code": "X"}}, "PutObject")
    words = {"__init__": lambda _: None, "__str__": lambda _: "one line\nand another"}
    error: Exception = type(kind.__name__, (kind,), words)()
    return error


def kinds_of(module: Any, base: type[Exception]) -> list[type[Exception]]:
    found = [one for _, one in inspect.getmembers(module, inspect.isclass) if issubclass(one, base)]
    return [one for one in found if not issubclass(one, Warning)]


ALL = [
    *kinds_of(botocore.exceptions, BotoCoreError),
    *kinds_of(botocore.exceptions, ClientError),
    *kinds_of(boto3.exceptions, boto3.exceptions.Boto3Error),
    *kinds_of(urllib3.exceptions, urllib3.exceptions.HTTPError),
    ResponseParserError,
]


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: f"{kind.__module__}.{kind.__name__}")
def test_no_error_of_the_library_is_unmapped(kind: type[Exception]) -> None:
    """Whatever the client library raises becomes one of ours, with what was tried and the next step."""
    error = made(kind)
    assert isinstance(error, s3_faults.FOREIGN)
    ours = s3_faults.explained(error, "s3://b/p", "writing a.json")
    assert isinstance(ours, VaultError)
    assert ours.message.startswith("the archive s3://b/p: writing a.json failed: ")
    assert len(ours.message.splitlines()) == 1
    assert ours.hint


def test_errors_that_are_no_client_errors_are_few() -> None:
    """A new family of errors in the library is noticed here; these two speak of its own files."""
    others = [
        one.__name__
        for one in kinds_of(botocore.exceptions, Exception)
        if not issubclass(one, (BotoCoreError, ClientError)) and one.__module__ == "botocore.exceptions"
    ]
    assert sorted(others) == ["MissingServiceIdError", "UndefinedModelAttributeError"]


def test_the_region_of_a_malformed_signature_is_named() -> None:
    """S3 says in its refusal where the bucket is."""
    response: Any = {"Error": {"Code": "AuthorizationHeaderMalformed", "Region": "eu-north-1"}}
    ours = s3_faults.explained(ClientError(response, "PutObject"), "s3://b", "writing a")
    assert ours.hint.startswith("export AWS_REGION=eu-north-1")


@pytest.mark.parametrize(
    ("code", "passes"),
    [("ServiceUnavailable", True), ("502", True), ("SlowDown", True), ("AccessDenied", False)],
)
def test_what_may_pass_by_itself_is_told_from_what_a_person_must_mend(code: str, *, passes: bool) -> None:
    """Runs that nobody watches wait for the one and not for the other."""
    response: Any = {"Error": {"Code": code}}
    ours = s3_faults.explained(ClientError(response, "GetObject"), "s3://b", "reading a")
    assert isinstance(ours, VaultAway) is passes


def test_a_full_store_is_full() -> None:
    """A store that has no room left is told from one that refuses."""
    response: Any = {"Error": {"Code": "QuotaExceeded"}}
    assert isinstance(
        s3_faults.explained(ClientError(response, "PutObject"), "s3://b", "writing a"), VaultFull
    )
