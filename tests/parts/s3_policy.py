"""What Amazon lets a user do: requests as IAM's actions, held against a policy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from typing import Any, NamedTuple
from urllib.parse import parse_qs, unquote


class Call(NamedTuple):
    """One request, as a policy sees it."""

    action: str
    resource: str
    prefix: str
    """Of a listing: the names that are asked for."""


def calls_of(requests: Iterable[tuple[str, str]]) -> Iterator[Call]:
    """Requests of an `S3Server` as calls.

    Source: AWS's list of the actions that each operation of S3 needs, 2026-11.
    """
    for line, query in requests:
        method, _, path = line.partition(" ")
        bucket, _, key = unquote(path).lstrip("/").partition("/")
        asked = parse_qs(query, keep_blank_values=True)
        prefix = asked.get("prefix", [""])[0]
        where = f"arn:aws:s3:::{bucket}" + (f"/{key}" if key else "")
        yield Call(_action(method, of_an_object=bool(key), asked=asked), where, prefix)


def _action(method: str, *, of_an_object: bool, asked: dict[str, list[str]]) -> str:
    if not of_an_object:
        known = {
            ("GET", True): "s3:ListBucket",
            ("HEAD", False): "s3:ListBucket",
            ("PUT", False): "s3:CreateBucket",
        }
        return known.get(
            (method, "list-type" in asked), f"unknown: {method} of a bucket with {sorted(asked)}"
        )
    if method == "DELETE":
        return "s3:AbortMultipartUpload" if "uploadId" in asked else "s3:DeleteObject"
    sub = {"acl", "tagging", "retention", "versionId", "legal-hold"} & asked.keys()
    if sub:
        return f"unknown: {method} with {sorted(sub)}"
    return {"GET": "s3:GetObject", "HEAD": "s3:GetObject", "PUT": "s3:PutObject", "POST": "s3:PutObject"}[
        method
    ]


def allows(policy: dict[str, Any], call: Call) -> bool:
    """Whether a statement of the policy allows a call."""
    return any(
        statement["Effect"] == "Allow"
        and call.action in _listed(statement["Action"])
        and any(fnmatchcase(call.resource, one) for one in _listed(statement["Resource"]))
        and _meets(statement.get("Condition", {}), call)
        for statement in policy["Statement"]
    )


def granted(policy: dict[str, Any]) -> set[str]:
    """Every action that the policy allows somewhere."""
    return {action for statement in policy["Statement"] for action in _listed(statement["Action"])}


def _meets(condition: dict[str, Any], call: Call) -> bool:
    assert set(condition) <= {"StringLike"}, "this reader knows no other condition"
    wanted = condition.get("StringLike", {})
    assert set(wanted) <= {"s3:prefix"}, "this reader knows no other key"
    return all(any(fnmatchcase(call.prefix, one) for one in _listed(values)) for values in wanted.values())


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)
