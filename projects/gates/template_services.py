"""Install, draft, edit, approve and discard gate templates."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from datetime import date, datetime
from functools import cache
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Max, Q
from django_fsm import can_proceed

from projects.audit.services import record
from projects.checks.rules import CHECKS
from projects.common.outcomes import Blocker, Conflicted, NotPermitted, Refused, WrongState
from projects.gates.choices import TemplateState
from projects.gates.models import Criterion, GateTemplate
from projects.gates.selectors import template_on
from projects.gates.sheet_rules import SHEETS
from projects.gates.template_rules import Wording, wording_blockers
from projects.gates.template_selectors import condition_subjects, interest_in_effect, wording_of
from projects.people.models import User
from projects.people.permissions import Permission
from projects.people.selectors import require

FIELDS = ("gate", "code", "text", "must", "proof", "check_name", "topic", "freshness_days", "waiver", "condition")


class TemplateRefused(Refused):
    """The template's criteria, reason or date do not hold together."""

    code = "template_refused"


@cache
def shipped_criteria() -> tuple[dict[str, Any], ...]:
    """Return the criteria that come with the product."""
    path = settings.BASE_DIR / "fixtures" / "gate_template.json"
    rows = json.loads(path.read_text(encoding="utf-8"))["criteria"]
    return tuple({**{key: row[key] for key in row if key != "check"}, "check_name": row["check"]} for row in rows)


@transaction.atomic
def template_in_force(*, at: datetime) -> GateTemplate:
    """Return the template in force, installing the shipped one on first use."""
    if found := template_on(at.date()):
        return found
    template = GateTemplate.objects.create(
        version=1, is_shipped=True, reason="Comes with the product.", drafted_at=at, drafted_by=None
    )
    _fill(template, shipped_criteria())
    template.approve(by_id=None, at=at, effective_on=date(2000, 1, 1))
    template.save()
    record(verb="gate_template.approved", target=template, by=None, at=at)
    return template


@transaction.atomic
def draft_template(
    *, criteria: list[dict[str, Any]] | None = None, reason: str, by: User, at: datetime
) -> GateTemplate:
    """Draft the next version, from the criteria in force unless others are given.

    Raise NotPermitted, WrongState while another draft is open, or TemplateRefused when a code stands twice in a gate.
    """
    require(by, Permission.KEEP_TEMPLATES)
    current = template_in_force(at=at)
    if open_one := GateTemplate.objects.filter(state=TemplateState.DRAFT).first():
        raise WrongState(f"{open_one} is a draft already. Approve or discard it first.")
    rows = [asdict(wording_of(row)) for row in current.criteria.all()] if criteria is None else criteria
    codes = [(row["gate"], row["code"]) for row in rows]
    if not rows or len(codes) != len(set(codes)):
        raise TemplateRefused("A template needs criteria, and a code may stand only once in a gate.")
    last = GateTemplate.objects.aggregate(last=Max("version"))["last"] or 0
    template = GateTemplate.objects.create(version=last + 1, reason=reason, drafted_by=by, drafted_at=at)
    _fill(template, rows)
    record(verb="gate_template.drafted", target=template, by=by, at=at)
    return template


def _fill(template: GateTemplate, criteria: Iterable[Mapping[str, Any]]) -> None:
    Criterion.objects.bulk_create(
        Criterion(template=template, position=position, **{name: row[name] for name in FIELDS if name in row})
        for position, row in enumerate(criteria, start=1)
    )


@transaction.atomic
def save_criterion(
    *, template_id: int, criterion_id: int | None, wording: Wording, revision: int, by: User, at: datetime
) -> Criterion:
    """Change a line of a draft, or add one at the end of its gate.

    Raise NotPermitted, WrongState, Conflicted when the draft moved on since ``revision``, or TemplateRefused.
    """
    template = _editable(template_id, revision, by)
    blockers = wording_blockers(wording, checks=CHECKS, subjects=condition_subjects())
    if _is_taken(template, wording, criterion_id):
        blockers.append(
            Blocker("code_taken", f"This gate has a criterion {wording.code} already. Choose another code.")
        )
    if blockers:
        raise TemplateRefused(blockers)
    row = template.criteria.filter(pk=criterion_id).first() if criterion_id else None
    if criterion_id and row is None:
        raise WrongState(f"{template} has no such criterion any more.")
    last = template.criteria.aggregate(last=Max("position"))["last"] or 0
    before = asdict(wording_of(row)) if row else {}
    row = row or Criterion(template=template, position=last + 1)
    for name, value in asdict(wording).items():
        setattr(row, name, value)
    row.save()
    after = asdict(wording)
    moved = {name: [before.get(name), after[name]] for name in after if before.get(name) != after[name]}
    _edited(template, by, at, {"gate": wording.gate, "code": wording.code, "changes": moved})
    return row


@transaction.atomic
def remove_criterion(*, template_id: int, criterion_id: int, revision: int, by: User, at: datetime) -> GateTemplate:
    """Take a line out of a draft. Raise NotPermitted, WrongState, Conflicted, or TemplateRefused for the last one."""
    template = _editable(template_id, revision, by)
    row = template.criteria.filter(pk=criterion_id).first()
    if row is None:
        raise WrongState(f"{template} has no such criterion any more.")
    if template.criteria.count() == 1:
        raise TemplateRefused("A template needs criteria: this is the last one.")
    row.delete()
    _edited(template, by, at, {"gate": row.gate, "removed": row.code})
    return template


@transaction.atomic
def explain_template(*, template_id: int, reason: str, revision: int, by: User, at: datetime) -> GateTemplate:
    """Say why the criteria change. Raise NotPermitted, WrongState, Conflicted or TemplateRefused."""
    template = _editable(template_id, revision, by)
    if not reason.strip() or len(reason) > 2000:
        raise TemplateRefused("Say why the criteria change, in at most 2,000 characters.")
    template.reason = reason.strip()
    _edited(template, by, at, {"reason": template.reason})
    return template


@transaction.atomic
def approve_template(
    *, template_id: int, effective_on: date, by: User, at: datetime, revision: int | None = None
) -> GateTemplate:
    """Approve a draft as a second, uninterested person, from a date on; requests in flight keep theirs.

    ``revision`` is the one that was read. Raise NotPermitted, WrongState, Conflicted or TemplateRefused.
    """
    template = GateTemplate.objects.select_for_update().get(pk=template_id)
    require(by, Permission.APPROVE_TEMPLATE)
    if by.pk in (template.drafted_by_id, template.edited_by_id):
        raise NotPermitted("You drafted this template: a second administrator or the chair approves it.")
    _lawful(template, template.approve, "approved")
    _unchanged(template, revision)
    if touched := interest_in_effect(template, by, on=at.date()):
        raise NotPermitted(
            f"You have an interest in {touched.key}, whose gate this template changes. "
            "Another administrator or the chair approves it."
        )
    if effective_on < at.date():
        raise TemplateRefused("A template binds from today or later, never from a day that is over.")
    if not template.reason.strip():
        raise TemplateRefused("The draft does not say why the criteria change. Whoever drafted it adds the reason.")
    template.approve(by_id=by.pk, at=at, effective_on=effective_on)
    template.save()
    record(
        verb="gate_template.approved", target=template, by=by, at=at, data={"effective_on": effective_on.isoformat()}
    )
    return template


@transaction.atomic
def withdraw_template(*, template_id: int, by: User, at: datetime) -> GateTemplate:
    """Give a draft up. Raise NotPermitted or WrongState."""
    template = GateTemplate.objects.select_for_update().get(pk=template_id)
    require(by, Permission.KEEP_TEMPLATES)
    _lawful(template, template.withdraw, "discarded")
    template.withdraw()
    template.save()
    record(verb="gate_template.withdrawn", target=template, by=by, at=at)
    return template


def _is_taken(template: GateTemplate, wording: Wording, criterion_id: int | None) -> bool:
    """Say whether a code stands already where one request may meet both: in the same gate, or in a gate and a sheet."""
    rivals = template.criteria.filter(code=wording.code).exclude(pk=criterion_id or 0)
    meets = Q(gate=wording.gate) if wording.gate not in SHEETS else Q()
    return rivals.filter(meets | Q(gate__in=SHEETS)).exists()


def _editable(template_id: int, revision: int, by: User) -> GateTemplate:
    template = GateTemplate.objects.select_for_update(of=("self",)).select_related("edited_by").get(pk=template_id)
    require(by, Permission.KEEP_TEMPLATES)
    _lawful(template, template.withdraw, "edited")
    _unchanged(template, revision)
    return template


def _lawful(template: GateTemplate, act: Callable[..., None], word: str) -> None:
    if not can_proceed(act):
        raise WrongState(f"{template} is {template.get_state_display().lower()} and cannot be {word}.")


def _unchanged(template: GateTemplate, revision: int | None) -> None:
    if revision is not None and template.revision != revision:
        raise Conflicted(f"{template} was changed by {template.edited_by} meanwhile. Compare, then do it again.")


def _edited(template: GateTemplate, by: User, at: datetime, data: dict[str, Any]) -> None:
    template.revision += 1
    template.edited_by = by
    template.save()
    record(verb="gate_template.edited", target=template, by=by, at=at, data=data)
