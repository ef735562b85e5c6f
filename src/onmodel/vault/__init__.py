"""The archive: media by content, the journal of paid jobs, the ledgers of the caps, finished cuts and frames.

`open_vault` is the door; everything behind it is written once over the `Store` port.
"""

from onmodel.vault.decisions import CUT, Box, Decision, Decisions
from onmodel.vault.derived import Cut, Cuts, Frame, Frames
from onmodel.vault.jobs import CANCELLED, UNSENT, WRITTEN_OFF, Job, State
from onmodel.vault.journal import Journal
from onmodel.vault.ledger import PRODUCTION, Cap, Ledger, ledger_of
from onmodel.vault.local import LocalStore
from onmodel.vault.media import MARK, Media, MediaRef
from onmodel.vault.near import NearMedia
from onmodel.vault.records import (
    Cancellation,
    Delivery,
    Intent,
    Likeness,
    Outcome,
    Record,
    Result,
    Sending,
    Standing,
    Verdict,
)
from onmodel.vault.session import Session
from onmodel.vault.slots import Slot, Stage
from onmodel.vault.store import ObjectMissing, Store
from onmodel.vault.vault import Vault, find_vault, open_vault

__all__ = [
    "CANCELLED",
    "CUT",
    "MARK",
    "PRODUCTION",
    "UNSENT",
    "WRITTEN_OFF",
    "Box",
    "Cancellation",
    "Cap",
    "Cut",
    "Cuts",
    "Decision",
    "Decisions",
    "Delivery",
    "Frame",
    "Frames",
    "Intent",
    "Job",
    "Journal",
    "Ledger",
    "Likeness",
    "LocalStore",
    "Media",
    "MediaRef",
    "NearMedia",
    "ObjectMissing",
    "Outcome",
    "Record",
    "Result",
    "Sending",
    "Session",
    "Slot",
    "Stage",
    "Standing",
    "State",
    "Store",
    "Vault",
    "Verdict",
    "find_vault",
    "ledger_of",
    "open_vault",
]
