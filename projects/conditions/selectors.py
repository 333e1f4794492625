"""Read conditions: what is open, and what it blocks."""

from django.db.models import QuerySet

from projects.common.outcomes import Blocker
from projects.conditions.models import Blocks, Condition
from projects.initiatives.models import Initiative


def open_conditions(initiative: Initiative) -> QuerySet[Condition]:
    """Return the initiative's conditions that are neither verified nor waived, by due date, people at hand."""
    rows = Condition.objects.open().filter(initiative=initiative)
    return rows.select_related("owner", "verifier").order_by("due_on", "number")


def release_blockers(initiative: Initiative, *, decision_reference: str) -> list[Blocker]:
    """Say which conditions of a decision still stand between its tranche and release."""
    rows = open_conditions(initiative).filter(blocks=Blocks.RELEASE, decision_reference=decision_reference)
    return [_blocker("condition_open", row) for row in rows]


def gate_blockers(initiative: Initiative) -> list[Blocker]:
    """Say which conditions of earlier decisions still stand between the initiative and its next gate."""
    rows = open_conditions(initiative).filter(blocks__in=[Blocks.NEXT_GATE, Blocks.RELEASE])
    return [_blocker("condition_open", row) for row in rows]


def _blocker(code: str, row: Condition) -> Blocker:
    step = "Verify" if row.state == "met" else "Meet"
    owes = row.verifier if row.state == "met" else row.owner
    return Blocker(code, f"{step} condition {row.number} of {row.decision_reference}: {row.text}", str(owes))
