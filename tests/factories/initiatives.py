"""Initiatives in any stage, later ones by an opening decision that two people signed."""

from datetime import UTC, datetime
from decimal import Decimal

from projects.common.keys import next_key
from projects.initiatives.models import Initiative, OpeningDecision
from projects.initiatives.services import note_participation
from projects.people.models import Organisation, User

REGISTERED_AT = datetime(2026, 1, 6, 9, tzinfo=UTC)


def organisation() -> Organisation:
    """Return the organisation, founded when there is none yet."""
    return Organisation.objects.get_or_create(defaults={"name": "Northmark Group"})[0]


def initiative(owner: User, stage: str = "concept", **fields: object) -> Initiative:
    """Return a new initiative of an owner in a stage."""
    organisation()
    opening = None
    if stage != "concept":
        signers = [
            User.objects.get_or_create(username=name, defaults={"full_name": name.title()})[0]
            for name in ("opening", "countersigning")
        ]
        opening = OpeningDecision.objects.get_or_create(
            reference="OPENING-1",
            defaults={
                "reason": "Running before the council began.",
                "first_signed_by": signers[0],
                "second_signed_by": signers[1],
                "signed_at": REGISTERED_AT,
            },
        )[0]
    values: dict[str, object] = {
        "key": next_key("AI"),
        "name": "Fraud network detection",
        "value_proposition": "Finds rings of fraud before they are paid.",
        "business_owner": owner,
        "cost_centre": "CC-3305",
        "expected_monthly_cost": Decimal(40_000),
        "currency": "USD",
        "stage": stage,
        "stage_since": REGISTERED_AT,
        "opening": opening,
        "registered_by": owner,
        "registered_at": REGISTERED_AT,
    }
    made = Initiative.objects.create(**values | fields)
    note_participation(made, at=REGISTERED_AT)
    return made
