"""Quorum, tally and what a motion may say. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from projects.common.money import is_decided_amount
from projects.common.outcomes import Blocker

MUST_BE_THERE = ("finance", "risk")


@dataclass(frozen=True)
class Member:
    """One seat at one item: who holds it, as what, and whether they are there and free of interest."""

    term_id: int
    name: str
    seat_id: int
    persona: str
    is_voting: bool
    is_chair: bool = False
    is_deputy_chair: bool = False
    deputy_of: int | None = None
    is_present: bool = False
    is_recused: bool = False

    @property
    def can_act(self) -> bool:
        """Say whether the member is present and not recused."""
        return self.is_present and not self.is_recused


@dataclass(frozen=True)
class Quorum:
    """How many voters are needed and there, and what is missing; ``row_up`` when no finance or risk voice is free."""

    needed: int
    present: int
    blockers: tuple[Blocker, ...]
    row_up: bool

    @property
    def is_met(self) -> bool:
        """Say whether the item can be decided now."""
        return not self.blockers


@dataclass(frozen=True)
class Tally:
    """Votes that count, and how many voters were present."""

    votes_for: int
    against: int
    abstained: int
    present: int

    @property
    def is_carried(self) -> bool:
        """Say whether for exceeds against and reaches a third of those present; a tie is not carried."""
        return self.votes_for > self.against and self.votes_for * 3 >= self.present


def voters(members: Sequence[Member]) -> list[Member]:
    """Return who may vote on an item: voting seats in person, and a deputy where the seat's holder cannot act."""
    acting_seats = {member.seat_id for member in members if member.can_act}
    return [
        member
        for member in members
        if member.can_act
        and (member.is_voting or (member.deputy_of is not None and member.deputy_of not in acting_seats))
    ]


def quorum(members: Sequence[Member], *, floor: int) -> Quorum:
    """Return the quorum of an item: the larger of the majority of filled, unrecused voting seats and the floor.

    Chair or deputy, finance and risk must be among those present; their deputies of the same persona count.
    """
    seats = [member for member in members if member.is_voting and not member.is_recused]
    needed = max(len(seats) // 2 + 1, floor)
    present = voters(members)
    blockers = []
    if len(present) < needed:
        blockers.append(
            Blocker("no_quorum", f"{len(present)} voting members are present and {needed} are needed for this item.")
        )
    if not any(member.can_act and (member.is_chair or member.is_deputy_chair) for member in members):
        blockers.append(Blocker("no_chair", "Neither the chair nor the deputy chair is present and free of interest."))
    row_up = False
    for persona in MUST_BE_THERE:
        holders = [member for member in members if member.persona == persona]
        if any(member.can_act for member in holders):
            continue
        if holders and all(member.is_recused for member in holders):
            row_up = True
        else:
            blockers.append(
                Blocker(f"no_{persona}", f"Nobody of persona {persona} is present; the seat or its deputy must be.")
            )
    return Quorum(needed, len(present), tuple(blockers), row_up)


def tally(choices: Iterable[str], *, present: int) -> Tally:
    """Count recorded votes; ``present`` is the number of voters at the item."""
    cast = list(choices)
    return Tally(cast.count("for"), cast.count("against"), cast.count("abstain"), present)


@dataclass(frozen=True)
class Ask:
    """What the item's funding request allows, and what the envelope still has."""

    currency: str
    minimum: Decimal | None
    maximum: Decimal | None
    headroom: Decimal | None
    stage: str


FUNDED = ("go", "go_with_conditions", "recycle")
RUN_DOWN = ("kill", "sunset")


def motion_blockers(
    *, outcome: str, amount: Decimal, reason: str, conditions: Sequence[Mapping[str, object]], ask: Ask, on: date
) -> list[Blocker]:
    """Say why a motion cannot be put: its outcome, amount, reason and conditions against what was asked and is left."""
    blockers = []
    if not reason.strip():
        blockers.append(Blocker("reason_missing", "Give one line of reason."))
    if not is_decided_amount(amount, ask.currency) or amount < 0:
        blockers.append(Blocker("amount_wrong", f"{amount} is not an amount in the minor unit of {ask.currency}."))
        return blockers
    blockers += _amount_blockers(outcome, amount, ask)
    if outcome == "go" and conditions:
        blockers.append(Blocker("conditions_unexpected", "A Go has no conditions. Choose Go with conditions."))
    if outcome == "go_with_conditions" and not conditions:
        blockers.append(Blocker("conditions_missing", "Name at least one condition, or choose Go."))
    if outcome == "sunset" and ask.stage not in ("pilot", "launch", "scale"):
        blockers.append(Blocker("too_early_to_sunset", "Sunset is open from Pilot, Launch and Scale. Choose Kill."))
    for number, condition in enumerate(conditions, start=1):
        due = condition.get("due_on")
        if not str(condition.get("text") or "").strip() or due is None:
            blockers.append(
                Blocker("condition_incomplete", f"Condition {number} needs a text, an owner, a date and a verifier.")
            )
        elif date.fromisoformat(str(due)) < on:
            blockers.append(Blocker("condition_past", f"Condition {number} is due on {due}, which has passed."))
    return blockers


def _amount_blockers(outcome: str, amount: Decimal, ask: Ask) -> list[Blocker]:
    money = f"{ask.currency} {amount:,.2f}"
    if outcome == "hold" and amount:
        return [Blocker("hold_without_money", "A Hold releases no money; the amount must be 0.")]
    blockers = []
    if outcome in ("go", "go_with_conditions") and ask.minimum is not None and ask.maximum is not None:
        if not ask.minimum <= amount <= ask.maximum:
            blockers.append(
                Blocker(
                    "amount_outside_ask",
                    f"{money} lies outside the request's minimum {ask.minimum:,.2f} and maximum {ask.maximum:,.2f}.",
                )
            )
    elif outcome in ("go", "go_with_conditions") and amount and ask.minimum is None:
        blockers.append(Blocker("nothing_asked", "No money was asked for; the amount must be 0."))
    if amount and ask.headroom is not None and amount > ask.headroom:
        blockers.append(
            Blocker("over_headroom", f"{money} is more than the headroom of {ask.currency} {ask.headroom:,.2f}.")
        )
    return blockers


def ratification_blockers(
    *, outcome: str, amount: Decimal, reason: str, action: str, done: tuple[str, Decimal]
) -> list[Blocker]:
    """Say why a motion does not ratify a chair's action: it names another outcome or amount than the chair decided."""
    blockers = [] if reason.strip() else [Blocker("reason_missing", "Give one line of reason.")]
    if (outcome, amount) != done:
        words = f"{done[0].replace('_', ' ')} with {done[1]:,.2f}"
        blockers.append(
            Blocker(
                "ratifies_something_else",
                f"{action} was {words}: ratify exactly that, or let the motion fall. What is not ratified is returned.",
            )
        )
    return blockers


@dataclass(frozen=True)
class Signer:
    """Who signs a delegated decision: their name, and whether as FinOps lead, as finance, or as both."""

    name: str
    is_lead: bool
    is_finance: bool


def pair_blockers(first: Signer, second: Signer) -> list[Blocker]:
    """Say why two people do not make the FinOps lead with finance: one of them must be the one, the other the other."""
    if (first.is_lead and second.is_finance) or (first.is_finance and second.is_lead):
        return []
    missing = "finance" if first.is_lead or second.is_lead else "the FinOps lead"
    return [
        Blocker(
            "pair_incomplete",
            f"{first.name} and {second.name} cannot decide together: the FinOps lead signs with finance, and {missing} "
            "is not among them.",
        )
    ]


def act_blockers(*, limit: Decimal, acted: Decimal, amount: Decimal, currency: str, initiative: str) -> list[Blocker]:
    """Say why a chair's action goes beyond the limit: what was acted and is not ratified counts with it."""
    if acted + amount <= limit:
        return []
    return [
        Blocker(
            "above_chairs_limit",
            f"{currency} {acted + amount:,.2f} ({amount:,.2f} now and {acted:,.2f} not yet ratified for {initiative}) is "
            f"more than the chair's limit of {limit:,.2f}. The council decides it.",
        )
    ]
