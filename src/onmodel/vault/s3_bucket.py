"""One prefix of one bucket: the requests that an archive needs, each with what S3 means by its refusals.

Every write carries the sha256 of its bytes: S3 verifies it before it accepts them, the client library on
reading. The library repeats requests whose answer was lost; so a write that was repeated, and is refused
because the name is taken, is read back: it may be one's own.
"""

from __future__ import annotations

import base64
import hashlib
import os
import random
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Final, NamedTuple

import boto3.session
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError

from onmodel.errors import MediaAltered, VaultError
from onmodel.vault import s3_faults as faults
from onmodel.vault.s3_parts import PART_BYTES, Part, composite_of, parts_of, sha256_b64_of
from onmodel.vault.s3_patience import Patience

AT_ONCE: Final = 16
"""Requests of one process that are under way at once."""

PARTS_AT_ONCE: Final = 3
"""Parts of one large file that are under way at once."""

READS: Final = 4
"""How often a body is asked for that does not arrive whole."""

CONFLICTS: Final = 8
"""How often a write is tried again while another write to the same name is under way."""

LONGEST_LOOK_S: Final = 7 * 24 * 3600
"""Source: AWS's documentation of presigned addresses, 2026-11: a week, if the keys last."""

_CHUNK_BYTES: Final = 1 << 20
_NEW: Final[Mapping[str, str]] = {"IfNoneMatch": "*"}


class Object(NamedTuple):
    """What a listing or a HEAD says of an object."""

    size: int
    """Length in bytes."""
    tag: str
    checksum: str = ""
    """As `composite_of` has it; empty where the store keeps none."""


SETTINGS: Final = Config(
    signature_version="s3v4",  # addresses that are signed the old way are refused in most regions
    retries={"mode": "standard", "total_max_attempts": 5},
    connect_timeout=10,
    read_timeout=60,
    max_pool_connections=AT_ONCE,
    tcp_keepalive=True,
)
"""How the client library behaves: `standard` repeats what may pass by itself, lost answers included."""


def connect(address: str, patience: Patience | None = None) -> Any:
    """The client, as the usual AWS places say: endpoint, region, keys; nothing is asked yet.

    Args:
        address: of the archive, for errors.
        patience: with a bucket that is away for a while; tests shorten it.

    Raises:
        VaultError: they cannot be used.
    """
    try:
        client = boto3.session.Session().client("s3", config=SETTINGS)
        (patience or Patience()).attach(client)
    except faults.FOREIGN as error:
        raise faults.explained(error, address, "opening it") from error
    except ValueError as error:
        raise VaultError(
            f"the archive {address}: {error}", hint="Check AWS_ENDPOINT_URL: https://HOST[:PORT]."
        ) from error
    return client


class Bucket:
    """A prefix of a bucket.

    Args:
        client: as `connect` makes it; threads may share it.
        name: of the bucket.
        prefix: before every name; without a slash at its end, empty for the whole bucket.
    """

    def __init__(self, client: Any, name: str, prefix: str) -> None:
        self.address = f"s3://{name}/{prefix}" if prefix else f"s3://{name}"
        self._client = client
        self._bucket = name
        self._prefix = f"{prefix}/" if prefix else ""

    # -- small objects ---------------------------------------------------------------------------------------

    def put(self, name: str, content: bytes, condition: Mapping[str, str] = _NEW) -> str | None:
        """Write a small object under a condition: that there is none yet. Its tag; None where that fails."""
        with self._explained(f"writing {name}"):
            try:
                answer = self._put_once_settled(name, content, hashlib.sha256(content).digest(), condition)
            except ClientError as error:
                code = faults.code_of(error)
                if code in faults.MISSING and "IfMatch" in condition:
                    return None
                if code not in faults.TAKEN:
                    raise
                lost = faults.was_repeated(error)
            else:
                return _tag(answer)
        found = self.get(name) if lost else None
        return found[1] if found and found[0] == content else None

    def get(self, name: str) -> tuple[bytes, str] | None:
        """A small object and its tag; None where there is none."""
        with self._explained(f"reading {name}"):
            for attempt in range(READS):
                try:
                    answer = self._client.get_object(**self._at(name), ChecksumMode="ENABLED")
                except ClientError as error:
                    if faults.code_of(error) in faults.MISSING:
                        return None
                    raise
                try:
                    with closing(answer["Body"]) as body:  # its own `with` hands out the unchecked stream
                        return bytes(body.read()), _tag(answer)
                except faults.BROKEN_OFF:
                    if attempt == READS - 1:
                        raise
                    _pause(attempt)
        return None

    def head(self, name: str) -> Object | None:
        """What is known of an object without reading it; None where there is none."""
        with self._explained(f"looking for {name}"):
            try:
                answer = self._client.head_object(**self._at(name), ChecksumMode="ENABLED")
            except ClientError as error:
                if faults.code_of(error) in faults.MISSING:
                    return None
                raise
            checksum = str(answer.get("ChecksumSHA256", "")).partition("-")[0]  # the count of parts is behind
            return Object(size=_size(answer), tag=_tag(answer), checksum=checksum)

    def listing(self, prefix: str) -> dict[str, Object]:
        """All objects whose names begin with `prefix`: a request for each thousand."""
        with self._explained(f"listing {prefix or 'everything'}"):
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self._bucket, Prefix=self._prefix + prefix
            )
            return {
                one["Key"][len(self._prefix) :]: Object(one["Size"], one["ETag"].strip('"'))
                for page in map(_listed, pages)
                for one in page.get("Contents", ())
            }

    def link(self, name: str, expires_s: int) -> str:
        """An address that opens an object in a browser, for that many seconds; no request is made."""
        with self._explained(f"signing an address of {name}"):
            return str(
                self._client.generate_presigned_url(
                    "get_object", Params=self._at(name), ExpiresIn=min(expires_s, LONGEST_LOOK_S)
                )
            )

    # -- files -----------------------------------------------------------------------------------------------

    def upload(self, name: str, path: Path, *, only_new: bool) -> bool:
        """Write a file that does not change meanwhile, in parts where it is large; False: the name is taken.

        A file that S3 refuses for its checksum was damaged on its way, and is sent again by the library.
        """
        with self._explained(f"writing {name}"):
            condition = _NEW if only_new else {}
            try:
                if path.stat().st_size > PART_BYTES:
                    self._upload_parts(name, path, condition)
                else:
                    with path.open("rb") as file:
                        digest = hashlib.file_digest(file, "sha256").digest()
                        file.seek(0)
                        self._put_once_settled(name, file, digest, condition)
            except ClientError as error:
                code = faults.code_of(error)
                if code in faults.ENDED and self.holds(name, path):
                    return True
                if code not in faults.TAKEN:
                    raise
                return False
        return True

    def holds(self, name: str, path: Path) -> bool | None:
        """Whether an object is this file, by the checksum that the store keeps; None where there is none."""
        found = self.head(name)
        if found is None:
            return None
        return found.size == path.stat().st_size and found.checksum == composite_of(path)

    def download(self, name: str, file: BinaryIO) -> bool:
        """Read an object into a file from its beginning, large ones side by side; False: there is none."""
        with self._explained(f"reading {name}"):
            try:
                size, tag = self._read_range(name, file, Part(0, PART_BYTES), {})
            except ClientError as error:
                code = faults.code_of(error)
                if code in faults.MISSING or code in faults.EMPTY:
                    return code in faults.EMPTY
                raise
            with ThreadPoolExecutor(PARTS_AT_ONCE) as pool:
                same = {"IfMatch": tag}
                list(pool.map(lambda part: self._read_range(name, file, part, same), parts_of(size)[1:]))
        return True

    # -- inside ----------------------------------------------------------------------------------------------

    def _put_once_settled(
        self, name: str, body: bytes | BinaryIO, digest: bytes, condition: Mapping[str, str]
    ) -> Mapping[str, Any]:
        """One write, tried again while S3 says that another to the same name is under way."""
        checksum = {"ChecksumAlgorithm": "SHA256", "ChecksumSHA256": base64.b64encode(digest).decode()}
        for attempt in range(CONFLICTS):
            try:
                answer: Mapping[str, Any] = self._client.put_object(
                    **self._at(name), Body=body, **checksum, **condition
                )
            except ClientError as error:
                passes = faults.code_of(error) in faults.CONFLICT | faults.DAMAGED
                if not passes or attempt == CONFLICTS - 1:
                    raise
                _pause(attempt)
                if not isinstance(body, bytes):
                    body.seek(0)
            else:
                break
        return answer

    def _upload_parts(self, name: str, path: Path, condition: Mapping[str, str]) -> None:
        at = self._at(name)
        begun = self._client.create_multipart_upload(**at, ChecksumAlgorithm="SHA256")["UploadId"]

        def send(numbered: tuple[int, Part]) -> dict[str, Any]:
            number, part = numbered
            checksum = sha256_b64_of(path, part)
            with part.opened(path) as body:
                answer = self._client.upload_part(
                    **at,
                    UploadId=begun,
                    PartNumber=number,
                    Body=body,
                    ChecksumAlgorithm="SHA256",
                    ChecksumSHA256=checksum,
                )
            return {"PartNumber": number, "ETag": answer["ETag"], "ChecksumSHA256": checksum}

        try:
            with ThreadPoolExecutor(PARTS_AT_ONCE) as pool:
                sent = list(pool.map(send, enumerate(parts_of(path.stat().st_size), start=1)))
            self._client.complete_multipart_upload(
                **at, UploadId=begun, MultipartUpload={"Parts": sent}, **condition
            )
        except BaseException:
            # Parts that nothing completes are stored, and billed, until somebody aborts them.
            self._abort(at, begun)
            raise

    def _abort(self, at: Mapping[str, str], upload: str) -> None:
        try:
            self._client.abort_multipart_upload(**at, UploadId=upload)
        except faults.FOREIGN:
            return  # what went wrong before is the news; a lifecycle rule tidies parts too

    def _read_range(
        self, name: str, file: BinaryIO, part: Part, condition: Mapping[str, str]
    ) -> tuple[int, str]:
        """Write a part of an object to its place in the file; length and tag of the whole object.

        What broke off goes on where it was, as long as it is still the same object.
        """
        done = 0
        for attempt in range(READS):
            wanted = f"bytes={part.start + done}-{part.start + part.length - 1}"
            answer = self._client.get_object(**self._at(name), Range=wanted, **condition)
            size, tag = _size(answer), _tag(answer)
            last = min(part.start + part.length, size)
            try:
                with closing(answer["Body"]) as body:  # its own `with` hands out the unchecked stream
                    for chunk in body.iter_chunks(_CHUNK_BYTES):
                        os.pwrite(file.fileno(), chunk, part.start + done)
                        done += len(chunk)
            except faults.BROKEN_OFF:
                if attempt == READS - 1:
                    raise
            if part.start + done >= last:
                return size, tag
            condition = {"IfMatch": tag}
            _pause(attempt)
        raise MediaAltered(
            f"{name} in {self.address}: {done} bytes came where {last - part.start} are listed"
        )

    def _at(self, name: str) -> dict[str, str]:
        return {"Bucket": self._bucket, "Key": self._prefix + name}

    @contextmanager
    def _explained(self, doing: str) -> Iterator[None]:
        """Foreign errors become ours here, once for the whole adapter."""
        try:
            yield
        except faults.FOREIGN as error:
            raise faults.explained(error, self.address, doing) from error


def _size(answer: Mapping[str, Any]) -> int:
    """Length of the whole object, also where a part of it was asked for."""
    whole = str(answer.get("ContentRange", "")).rpartition("/")[2]
    return int(whole) if whole.isdigit() else int(answer.get("ContentLength", 0))


def _tag(answer: Mapping[str, Any]) -> str:
    """The version of an object; what answers without one is a sign-in page, whatever its status."""
    if not answer.get("ETag"):
        raise ResponseParserError("the answer names no version of the object")
    return str(answer["ETag"]).strip('"')


def _listed(page: Mapping[str, Any]) -> Mapping[str, Any]:
    """A page of a listing: the library takes any other document for an empty one; all is bought anew."""
    if "IsTruncated" not in page:
        raise ResponseParserError("the answer is no listing")
    return page


def _pause(attempt: int) -> None:
    time.sleep(random.uniform(0, 0.05 * 2**attempt))  # noqa: S311 - jitter between writers, not a secret
