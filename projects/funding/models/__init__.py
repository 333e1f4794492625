"""The tables of money; one module for envelopes, asks, tranches and the ledger each."""

from projects.funding.models.asks import FundingRequest, PlannedEvent
from projects.funding.models.envelopes import Envelope
from projects.funding.models.ledger import LedgerEntry, LedgerLine
from projects.funding.models.tranches import Freeze, Tranche, TranchePart

__all__ = [
    "Envelope",
    "Freeze",
    "FundingRequest",
    "LedgerEntry",
    "LedgerLine",
    "PlannedEvent",
    "Tranche",
    "TranchePart",
]
