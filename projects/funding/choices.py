"""The words of money: kinds of envelope, tranche, account and entry, and the states of tranche and ask."""

from django.db import models


class EnvelopeKind(models.TextChoices):
    """What an envelope is for."""

    COMPANY = "company", "Company"
    PORTFOLIO = "portfolio", "Portfolio"
    SANDBOX = "sandbox", "Sandbox"


class TrancheKind(models.TextChoices):
    """What a tranche pays for."""

    MILESTONE = "milestone", "Next milestone"
    BRIDGE = "bridge", "Bridge"
    RUN_DOWN = "run_down", "Run-down"
    OPENING = "opening", "Budget taken over"


class TrancheState(models.TextChoices):
    """Where a tranche stands."""

    AWAITING = "awaiting_conditions", "Awaiting conditions"
    RELEASED = "released", "Released"
    FROZEN = "frozen", "Frozen"
    EXHAUSTED = "exhausted", "Exhausted"
    LAPSED = "lapsed", "Lapsed"
    RETURNED = "returned", "Returned"


class Account(models.TextChoices):
    """The sides of the ledger."""

    BUDGET = "budget", "Organisation's budget"
    ENVELOPE = "envelope", "Envelope"
    INITIATIVE = "initiative", "Initiative"
    LAPSE = "lapse", "Lapsed"


class EntryKind(models.TextChoices):
    """What a ledger entry does."""

    ENVELOPE = "envelope", "Envelope opened"
    RELEASE = "release", "Release"
    CARRY = "carry", "Carried to the next tranche"
    RETURN = "return", "Return"
    LAPSE = "lapse", "Lapse"
    REVERSAL = "reversal", "Reversal"
    RUN_DOWN = "run_down", "Run-down amount"
    BAND = "band", "Elastic band"


class RequestState(models.TextChoices):
    """Where an ask for money stands."""

    DRAFT = "draft", "Draft"
    OPEN = "open", "Open"
    DECIDED = "decided", "Decided"
    WITHDRAWN = "withdrawn", "Withdrawn"


TRANCHE_MOVES = (
    ("awaiting_conditions", "released"),
    ("awaiting_conditions", "returned"),
    ("awaiting_conditions", "lapsed"),
    ("released", "frozen"),
    ("released", "exhausted"),
    ("released", "lapsed"),
    ("released", "returned"),
    ("frozen", "released"),
    ("frozen", "returned"),
    ("frozen", "lapsed"),
)
REQUEST_MOVES = (
    ("draft", "open"),
    ("open", "draft"),
    ("open", "decided"),
    ("draft", "withdrawn"),
    ("open", "withdrawn"),
)
