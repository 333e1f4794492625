"""Install, draft and approve gate templates."""

import json
from datetime import date, datetime
from functools import cache
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django_fsm import can_proceed

from projects.audit.services import record
from projects.common.outcomes import NotPermitted, Refused, WrongState
from projects.gates.models import Criterion, GateTemplate
from projects.gates.selectors import template_on
from projects.people.models import User
from projects.people.permissions import Permission
from projects.people.selectors import require

FIELDS = ("gate", "code", "text", "must", "proof", "check_name", "topic", "freshness_days", "condition")


class TemplateRefused(Refused):
    """The template's criteria or date do not hold together."""

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
def draft_template(*, criteria: list[dict[str, Any]], reason: str, by: User, at: datetime) -> GateTemplate:
    """Draft the next version. Raise NotPermitted, or TemplateRefused when a code stands twice in a gate."""
    require(by, Permission.KEEP_TEMPLATES)
    codes = [(row["gate"], row["code"]) for row in criteria]
    if not criteria or len(codes) != len(set(codes)):
        raise TemplateRefused("A template needs criteria, and a code may stand only once in a gate.")
    last = GateTemplate.objects.aggregate(last=Max("version"))["last"] or 0
    template = GateTemplate.objects.create(version=last + 1, reason=reason, drafted_by=by, drafted_at=at)
    _fill(template, criteria)
    record(verb="gate_template.drafted", target=template, by=by, at=at)
    return template


def _fill(template: GateTemplate, criteria: Any) -> None:
    Criterion.objects.bulk_create(
        Criterion(template=template, position=position, **{name: row.get(name, "") for name in FIELDS if name in row})
        for position, row in enumerate(criteria, start=1)
    )


@transaction.atomic
def approve_template(*, template_id: int, effective_on: date, by: User, at: datetime) -> GateTemplate:
    """Approve a draft as a second person, from a date on. Raise NotPermitted, WrongState or TemplateRefused."""
    template = GateTemplate.objects.select_for_update().get(pk=template_id)
    require(by, Permission.KEEP_TEMPLATES)
    if template.drafted_by_id == by.pk:
        raise NotPermitted("You drafted this template: a second administrator approves it.")
    if not can_proceed(template.approve):
        raise WrongState(f"{template} is approved already.")
    if effective_on < at.date():
        raise TemplateRefused("A template binds from today or later, never from a day that is over.")
    template.approve(by_id=by.pk, at=at, effective_on=effective_on)
    template.save()
    record(verb="gate_template.approved", target=template, by=by, at=at)
    return template
