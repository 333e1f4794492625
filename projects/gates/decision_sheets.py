"""Bring a decision sheet's criteria into a request once its choice comes up."""

from datetime import datetime

from projects.audit.selectors import fields_edited
from projects.audit.services import record
from projects.gates.choices import Outcome, State
from projects.gates.models import CriterionProof, GateRequest
from projects.gates.sheet_rules import FOLLOWS_FROM, sheets_due
from projects.people.models import User

FIELDS = ("deployment", "purchase_mode", "primary_provider", "fallback_provider")
APPROVED = (Outcome.GO, Outcome.GO_WITH_CONDITIONS)


def due_sheets(gate: GateRequest) -> dict[str, str]:
    """Return the choices that the initiative's fields tell anew, each with the words that say so; two queries at most.

    New is what was edited after the last Go that decided the same choice.
    """
    if not gate.has_milestone:
        return {}
    initiative = gate.initiative
    fields = {name: getattr(initiative, name) for name in FIELDS}
    decided: dict[str, datetime] = {}
    rows = GateRequest.objects.filter(initiative=initiative, state=State.DECIDED, outcome__in=APPROVED)
    for sheets, at in rows.exclude(sheets=[]).order_by("decided_at").values_list("sheets", "decided_at"):
        decided |= {sheet: at for sheet in sheets if at is not None}
    edits = fields_edited(initiative.audit_stream, FIELDS)
    found: dict[str, str] = {}
    for sheet in FOLLOWS_FROM:
        since = decided.get(sheet)
        edited = [name for name, at in edits.items() if since is None or at > since]
        found |= {name: why for name, why in sheets_due(fields, edited=edited).items() if name == sheet}
    return found


def bring_sheets(gate: GateRequest, *, by: User | None, at: datetime) -> None:
    """Add the choices that the fields tell, and the criteria of all choices by the request's own template."""
    if not gate.has_milestone:
        return
    due = [sheet for sheet in due_sheets(gate) if sheet not in gate.sheets]
    if due:
        gate.sheets = sorted([*gate.sheets, *due])
        gate.save(update_fields=["sheets"])
    if not gate.sheets:
        return
    known = set(gate.proofs.values_list("criterion_id", flat=True))
    new = [row for row in gate.template.criteria.filter(gate__in=gate.sheets) if row.pk not in known]
    CriterionProof.objects.bulk_create(CriterionProof(request=gate, criterion=row) for row in new)
    if due or new:
        data = {"sheets": gate.sheets, "criteria": [row.code for row in new]}
        record(verb="gate_request.sheets_brought", target=gate, by=by, at=at, data=data)
