"""Envelopes and tranches, opened and decided by the services that do so."""

from datetime import date, datetime
from decimal import Decimal

from projects.funding.models import Envelope, Tranche
from projects.funding.services import decide_tranche, open_envelope
from projects.initiatives.models import Initiative
from projects.milestones.models import Milestone
from projects.people.models import User
from tests.factories.initiatives import organisation

FY26 = (date(2026, 1, 1), date(2027, 1, 1))


def envelope(by: User, at: datetime, amount: str = "1000000", **fields: object) -> Envelope:
    """Return an envelope of a year that finance opened."""
    organisation()
    values: dict[str, object] = {
        "kind": "company",
        "name": "FY26",
        "currency": "USD",
        "starts_on": FY26[0],
        "ends_on": FY26[1],
    }
    return open_envelope(**values | fields, amount=Decimal(amount), by=by, at=at)


def milestone(initiative: Initiative, name: str = "Precision on holdout", **fields: object) -> Milestone:
    """Return a planned milestone at the end of the plan."""
    sequence = initiative.milestones.count() + 1
    values: dict[str, object] = {"acceptance_test": "Precision at or above 92%", "forecast_due_on": date(2026, 12, 4)}
    return Milestone.objects.create(initiative=initiative, sequence=sequence, name=name, **values | fields)


def tranche(
    initiative: Initiative, out_of: Envelope, by: User, at: datetime, amount: str = "100000", **fields: object
) -> Tranche:
    """Return a tranche for a new milestone, released at once unless told to await its conditions."""
    values: dict[str, object] = {
        "decision_reference": f"AIC-2026-{initiative.tranches.count() + 1:03d}",
        "starts_on": at.date(),
        "ends_on": date(2026, 12, 31),
        "awaits_conditions": False,
        "carry_rest": True,
    }
    values |= fields
    if "milestone" not in values:
        values["milestone"] = milestone(initiative, f"Milestone {initiative.milestones.count() + 1}")
    return decide_tranche(initiative=initiative, amount=Decimal(amount), envelope=out_of, by=by, at=at, **values)
