"""Every error that onmodel raises on purpose, in one tree.

::

    OnModelError                    exit code 1
    ├── StoryError                  what the user wrote; carries every finding at once
    ├── PlanError                   the plan cannot be carried out as it stands
    │   ├── OverBudget              the next purchase would pass a cap
    │   ├── Stopped                 the run was asked to end: nothing more is bought
    │   └── AwaitsApproval          a person must approve first what it is made from
    ├── SetupError                  a tool, key, server or folder is missing
    ├── Busy                        another process is producing the same thing
    ├── VaultError                  the archive
    │   ├── VaultFull               no space left
    │   ├── VaultAway               no answer, or none now
    │   ├── RecordBroken            a record that cannot be read
    │   └── MediaAltered            bytes that are not what their sha256 says
    ├── WireError                   the way to fal, and back
    │   ├── KeyMissing              no FAL_KEY
    │   ├── SubmitNotSent           the submit never left this machine: may be tried again
    │   ├── SubmitRefused           fal said no: there is no job
    │   ├── SubmitOutcomeUnknown    sent, and nobody knows: never sent again by itself
    │   ├── AccountLocked           fal stops this account: the production stops
    │   ├── JobFailed               fal accepted the job and could not do it
    │   │   ├── InputRejected       a field of the request is not acceptable
    │   │   ├── Moderated           content policy; says prompt or picture
    │   │   ├── InputUnreadable     fal could not read an uploaded file
    │   │   └── ServerFailed        fal's own trouble; not billed
    │   ├── UploadFailed
    │   └── FetchFailed             a paid result that could not be brought home yet
    │       └── ResultGone          fal no longer has it
    ├── ReferenceUnusable           a model sheet, or its calibration, that nobody can be judged by
    └── PostError                   ffmpeg and the pictures
        └── NotMedia                the file is not the picture or clip that it should be

Off-model is a verdict, not an error. A message says what and where; `hint` is the next step.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from onmodel.units import usd


@dataclass(frozen=True, order=True)
class Place:
    """Where something was written."""

    file: str
    """Path as the user would type it, relative to the production's folder."""
    line: int = 0
    """Line, from 1; 0 means the file as a whole."""
    column: int = 0
    """Column, from 1; 0 means the line as a whole."""

    def __str__(self) -> str:
        return ":".join([self.file, *(str(n) for n in (self.line, self.column) if n)])


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, or worth saying, about what the user wrote."""

    place: Place
    message: str
    """What was found, and what is allowed."""
    hint: str = ""
    """The nearest match or the next step."""
    severity: Literal["error", "warning"] = "error"

    def __str__(self) -> str:
        end = "" if self.message.endswith((".", "?", ":")) else "."
        return f"{self.place}: {self.message}{end}" + (f" {self.hint}" if self.hint else "")


class OnModelError(Exception):
    """The root. `str()` is the message for people, hint included."""

    def __init__(self, message: str, *, hint: str = "", spent_usd: Decimal | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        """The next step, as a command or an instruction."""
        self.spent_usd = spent_usd
        """What this failure may have cost by the price table; None where nothing was bought."""

    def __str__(self) -> str:
        cost = "" if self.spent_usd is None else "It cost nothing."
        if self.spent_usd:
            cost = f"Counted as spent: {usd(self.spent_usd)}."
        return "\n  ".join(filter(None, (self.message, cost, self.hint)))

    def __reduce__(self) -> tuple[Any, ...]:
        # An exception is pickled as a call with its args; ours take other arguments than these.
        return _restored, (type(self), self.args, self.__dict__)


def _restored(kind: type[OnModelError], args: tuple[Any, ...], fields: dict[str, Any]) -> OnModelError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(fields)
    return error


class StoryError(OnModelError):
    """The story files are not acceptable; every finding is listed at once."""

    def __init__(self, findings: list[Finding]) -> None:
        self.findings = sorted(set(findings), key=lambda finding: (finding.place, finding.message))
        super().__init__("\n".join(map(str, self.findings)))


class PlanError(OnModelError):
    """The plan cannot be carried out as it stands."""


class OverBudget(PlanError):
    """The next purchase would pass a cap; nothing was sent."""


class Stopped(PlanError):
    """The run was asked to end: nothing more is bought in it."""


class AwaitsApproval(PlanError):
    """A person must approve first what it is made from; nothing was sent."""


class SetupError(OnModelError):
    """A tool, key, server or folder is missing on this machine."""


class Busy(OnModelError):
    """Another process is producing the same thing."""


class VaultError(OnModelError):
    """The archive could not do what was asked."""


class VaultFull(VaultError):
    """No space is left where the archive lives."""


class VaultAway(VaultError):
    """The archive does not answer, or not now: it may be back in a minute."""


class RecordBroken(VaultError):
    """A record in the archive cannot be read."""


class MediaAltered(VaultError):
    """Archived bytes are not what their sha256 says."""


class WireError(OnModelError):
    """The way to fal, and back."""

    def __init__(
        self, message: str, *, hint: str = "", spent_usd: Decimal | None = None, request_id: str = ""
    ) -> None:
        super().__init__(message, hint=hint, spent_usd=spent_usd)
        self.request_id = request_id
        """fal's id of the request, where one is known."""


class KeyMissing(WireError):
    """FAL_KEY is not set."""


class SubmitNotSent(WireError):
    """The submit never left this machine; it may be tried again."""


class SubmitRefused(WireError):
    """Fal answered the submit with a refusal: there is no job."""

    def __init__(self, message: str, *, hint: str = "", status: int, detail: str = "") -> None:
        super().__init__(message, hint=hint)
        self.status = status
        """HTTP status of the refusal: 401, 403, 422 or 429 among others."""
        self.detail = detail


class SubmitOutcomeUnknown(WireError):
    """The submit was sent and nobody knows whether a job exists."""


class AccountLocked(WireError):
    """Fal stops this account (locked, or its balance is spent)."""


class JobFailed(WireError):
    """Fal accepted the job and could not, or would not, do it."""

    kind: str = "failed"
    """Short word for the journal."""
    may_be_billed: bool = True
    """Source: fal's documentation, 2026-11."""

    def __init__(self, message: str, *, hint: str = "", request_id: str = "", field: str = "") -> None:
        super().__init__(message, hint=hint, request_id=request_id)
        self.field = field
        """The field of the request that was at fault, where fal named one."""


class InputRejected(JobFailed):
    """A field of the request is not acceptable to the endpoint."""

    kind = "input-rejected"


class Moderated(JobFailed):
    """The content policy stopped the prompt or a picture."""

    kind = "moderated"


class InputUnreadable(JobFailed):
    """Fal could not read an uploaded file."""

    kind = "input-unreadable"


class ServerFailed(JobFailed):
    """Fal's own trouble; never billed."""

    kind = "server-failed"
    may_be_billed = False


class UploadFailed(WireError):
    """A file could not be brought to fal."""


class FetchFailed(WireError):
    """A paid result that could not be brought home yet."""


class ResultGone(FetchFailed):
    """Fal no longer has a paid result, or its media."""


class ReferenceUnusable(OnModelError):
    """A model sheet, or what was measured on it, cannot be judged by."""


class PostError(OnModelError):
    """Pictures and sound could not be worked on."""


class NotMedia(PostError):
    """The file is not the picture or clip that it should be."""
