"""The policy in force on a date, and the definition of every field."""

import json
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from functools import cache

from django.conf import settings

from projects.common.memo import once
from projects.limits.models import PolicyState, PolicyVersion
from projects.limits.rules import Field, Policy, with_defaults


@cache
def policy_fields() -> dict[str, Field]:
    """Return every policy field by code, as fixtures/policy.json defines it."""
    rows = json.loads((settings.BASE_DIR / "fixtures" / "policy.json").read_text(encoding="utf-8"))["fields"]
    return {row["code"]: _field(row) for row in rows}


def _field(row: dict[str, object]) -> Field:
    low, high = row.get("minimum"), row.get("maximum")
    choices = row.get("choices") or ()
    return Field(
        code=str(row["code"]),
        kind=str(row["kind"]),
        unit=str(row["unit"]),
        sentence=str(row["sentence"]),
        group=str(row["group"]),
        default=row["default"],
        minimum=None if low is None else Decimal(str(low)),
        maximum=None if high is None else Decimal(str(high)),
        choices=tuple(str(choice) for choice in choices) if isinstance(choices, list) else (),
    )


def version_on(day: date) -> PolicyVersion | None:
    """Return the approved version with the latest effective date not after a day; the higher number wins a tie."""
    versions = PolicyVersion.objects.filter(state=PolicyState.APPROVED, effective_on__lte=day)
    return once(("policy", day), versions.order_by("-effective_on", "-number").first)


def policy_on(day: date) -> Policy:
    """Return the policy in force on a day; before the first version the defaults bind as version 0."""
    version = version_on(day)
    return policy_of(version) if version else Policy(number=0, values=with_defaults(policy_fields(), {}))


def policies_on(days: Iterable[date]) -> dict[date, Policy]:
    """Return the policy in force on each of some days; one query."""
    wanted = set(days)
    approved = PolicyVersion.objects.filter(state=PolicyState.APPROVED)
    versions = list(approved.order_by("-effective_on", "-number")) if wanted else []
    standing = Policy(number=0, values=with_defaults(policy_fields(), {}))
    found = {}
    for day in wanted:
        version = next((row for row in versions if row.effective_on and row.effective_on <= day), None)
        found[day] = policy_of(version) if version else standing
    return found


def policy_of(version: PolicyVersion) -> Policy:
    """Return a version's values, completed with defaults, draft or not."""
    return Policy(number=version.number, values=with_defaults(policy_fields(), version.values))
