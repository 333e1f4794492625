"""What the pages of gate templates show."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q

from projects.checks.rules import CHECKS
from projects.gates.choices import TemplateState
from projects.gates.models import Criterion, GateTemplate
from projects.gates.selectors import template_on
from projects.gates.template_forms import says_condition
from projects.gates.template_rules import DERIVED, GATES, TOPIC_NAMES, Wording
from projects.gates.template_selectors import dry_run, interest_in_effect, wording_of
from projects.people.models import User
from projects.people.permissions import Permission
from projects.people.selectors import may

CRUMB = {"label": "Gate templates", "url": "/setup/templates/"}


@dataclass(frozen=True)
class Row:
    """A line of a template beside the template in force: new, changed, removed, or the same."""

    criterion: Criterion | None
    wording: Wording
    change: str
    conditions: tuple[str, ...]
    proved_by: str


def templates_page(user: User, *, on: date) -> dict[str, Any]:
    """Return every version, the one in force, and whether a draft may be begun."""
    open_requests = Count("requests", filter=~Q(requests__state__in=["decided", "withdrawn"]), distinct=True)
    rows = GateTemplate.objects.select_related("drafted_by", "approved_by").annotate(
        lines=Count("criteria", distinct=True), open_requests=open_requests
    )
    versions = list(rows.order_by("-version"))
    current = template_on(on)
    return {
        "versions": versions,
        "current": current,
        "draft": next((row for row in versions if row.state == TemplateState.DRAFT), None),
        "may_draft": may(user, Permission.KEEP_TEMPLATES),
        "today": on,
    }


def template_page(template: GateTemplate, user: User, *, on: date) -> dict[str, Any]:
    """Return one version gate by gate; for a draft what it changes and what it would mean for open requests."""
    is_draft = template.state == TemplateState.DRAFT
    current = template_on(on)
    old = {(row.gate, row.code): wording_of(row) for row in current.criteria.all()} if current and is_draft else {}
    lines = list(template.criteria.all())
    rows = [_row(line, old) for line in lines]
    kept = {(row.wording.gate, row.wording.code) for row in rows}
    gone = [_gone(wording) for key, wording in old.items() if key not in kept]
    keeps, drafted = may(user, Permission.KEEP_TEMPLATES), (template.drafted_by_id, template.edited_by_id)
    may_approve = is_draft and may(user, Permission.APPROVE_TEMPLATE) and user.pk not in drafted
    barred_by = interest_in_effect(template, user, on=on) if may_approve else None
    return {
        "template": template,
        "current": current,
        "groups": [
            (code, name, [row for row in (*rows, *gone) if row.wording.gate == code]) for code, name in GATES.items()
        ],
        "changes": sum(bool(row.change) for row in rows) + len(gone),
        "is_draft": is_draft,
        "may_edit": is_draft and keeps,
        "may_approve": may_approve and barred_by is None,
        "barred_by": barred_by,
        "run": dry_run(template, on=on) if is_draft else None,
        "crumbs": [CRUMB, {"label": f"Version {template.version}"}],
        "today": on,
    }


def _row(line: Criterion, old: dict[tuple[str, str], Wording]) -> Row:
    wording = wording_of(line)
    before = old.get((line.gate, line.code))
    change = "" if not old or before == wording else "changed" if before else "new"
    return Row(line, wording, change, tuple(says_condition(wording.condition)), _proved_by(wording))


def _gone(wording: Wording) -> Row:
    return Row(None, wording, "removed", tuple(says_condition(wording.condition)), _proved_by(wording))


def _proved_by(wording: Wording) -> str:
    if wording.proof == "c":
        known = CHECKS.get(wording.check_name)
        return known.sentence if known else f"No check is named {wording.check_name}."
    if wording.proof == "e":
        return "A file or a text, kept with its hash."
    if wording.check_name == DERIVED:
        return "Every reviewer finds each guardrail met."
    return f"{TOPIC_NAMES.get(wording.topic, 'Any')} reviewers."
