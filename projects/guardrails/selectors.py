"""Guardrails of an initiative as a checklist, and the output limits that usage is held against."""

from dataclasses import dataclass
from datetime import datetime

from projects.guardrails.models import Guardrail, ProofState
from projects.guardrails.rules import DEFINITIONS, Definition, codes_for, is_fresh
from projects.initiatives.models import Initiative


@dataclass(frozen=True)
class Line:
    """One line of the checklist: what is asked, and the guardrail when it was filled in."""

    definition: Definition
    guardrail: Guardrail | None
    is_proved: bool

    @property
    def is_filled(self) -> bool:
        """Say whether the value is known or does not apply."""
        return self.guardrail is not None and self.guardrail.is_filled

    @property
    def applies(self) -> bool:
        """Say whether it applies."""
        return not (self.guardrail and self.guardrail.not_applicable)


def checklist(initiative: Initiative, *, at: datetime, fresh_days: int) -> list[Line]:
    """Return the guardrails that an initiative's stage and autonomy ask for, in order; one query."""
    rows = {row.code: row for row in Guardrail.objects.filter(initiative=initiative).select_related("initiative")}
    stage = "mvp" if initiative.stage == "concept" and rows else initiative.stage
    return [_line(DEFINITIONS[code], rows.get(code), at, fresh_days) for code in codes_for(stage, initiative.autonomy)]


def _line(definition: Definition, row: Guardrail | None, at: datetime, fresh_days: int) -> Line:
    fresh = row is not None and is_fresh(row.last_proof_at, at=at, days=fresh_days)
    proved = row is not None and (bool(row.not_applicable) or (row.proof_state == ProofState.PROVED and fresh))
    return Line(definition, row, proved)


def output_limits() -> dict[int, int]:
    """Return the limit of output tokens a call of each initiative that set one, rounded down."""
    rows = Guardrail.objects.filter(code="output_limit").exclude(value="")
    return {row.initiative_id: int(row.amount) for row in rows if row.amount is not None}
