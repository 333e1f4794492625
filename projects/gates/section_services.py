"""Save a draft section by section; nobody's words are lost when two people write at once."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from projects.audit.services import record
from projects.common.outcomes import NotPermitted, WrongState
from projects.gates.models import GateRequest, RequestSection
from projects.gates.sections import section_named, sections_for
from projects.people.models import User
from projects.people.permissions import Permission
from projects.people.selectors import require

KEPT_ASIDE = 20


@dataclass(frozen=True)
class Saved:
    """A saved section; ``is_conflict`` when somebody else had changed it and the new words were set aside."""

    section: RequestSection
    is_conflict: bool


@transaction.atomic
def save_section(
    *,
    gate_request_id: int,
    code: str,
    answers: dict[str, Any],
    columns: dict[str, Any],
    problems: dict[str, str],
    revision: int,
    finish: bool,
    by: User,
    at: datetime,
) -> Saved:
    """Save what was typed, whole or not; only a section without problems fills the request's columns.

    ``revision`` is the one the writer started from; a later one in the database keeps both. Raise NotPermitted or
    WrongState.
    """
    requests = GateRequest.objects.select_for_update(of=("self",)).select_related("initiative")
    gate = requests.get(pk=gate_request_id)
    require(by, Permission.DRAFT_FOR_OWNER, initiative=gate.initiative)
    if not gate.is_editable:
        raise WrongState(f"{gate.key} is {gate.get_state_display().lower()}: it cannot be edited now.")
    section = section_named(
        code, sections_for(has_milestone=gate.has_milestone, stage=gate.from_stage, gate=gate.gate, sheets=gate.sheets)
    )
    if section is None:
        raise WrongState(f"{gate.key} has no section {code}.")
    if forbidden := set(columns) - set(section.fields):
        raise NotPermitted(f"{section.title} does not fill {', '.join(sorted(forbidden))}.")
    row = RequestSection.objects.filter(request=gate, code=code).first() or RequestSection(
        request=gate, code=code, saved_by=by, saved_at=at
    )
    if row.revision != revision and row.answers != answers:
        return _set_aside(row, answers, by, at)
    row.answers, row.problems, row.is_finished = answers, problems, finish and not problems
    row.revision += 1
    row.saved_by, row.saved_at = by, at
    row.save()
    if not problems and columns:
        for name, value in columns.items():
            setattr(gate, name, value)
        gate.save()
    record(verb="gate_request.section_saved", target=row, by=by, at=at, data={"code": code, "revision": row.revision})
    return Saved(row, is_conflict=False)


def _set_aside(row: RequestSection, answers: dict[str, Any], by: User, at: datetime) -> Saved:
    kept = {"answers": answers, "by": str(by), "at": at.isoformat()}
    row.set_aside = [*[entry for entry in row.set_aside if entry["by"] != str(by)][-KEPT_ASIDE:], kept]
    row.save()
    record(verb="gate_request.section_set_aside", target=row, by=by, at=at, data={"code": row.code})
    return Saved(row, is_conflict=True)
