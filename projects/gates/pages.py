"""What the pages of a request show, built once for the page and its fragments."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q
from django.urls import reverse

from projects.gates.choices import Kind, State
from projects.gates.models import GateRequest, RequestSection
from projects.gates.rules import Line, Readiness
from projects.gates.sections import Section, sections_for
from projects.gates.selectors import frozen_inputs, held_days, readiness, targets_of
from projects.gates.sheet_rules import SHEETS
from projects.gates.submission import inputs_now, triggers_now
from projects.gates.topics_form import topic_answers
from projects.initiatives.models import Initiative
from projects.initiatives.rules import gate_number
from projects.people.models import User
from projects.people.permissions import Permission
from projects.people.selectors import may

HOMES = {
    "value_proposition": "value",
    "kpi_cards": "value",
    "model_shortlist": "estimate",
    "estimate": "estimate",
    "owners_named": "ownership",
    "cost_baseline": "spend",
    "attribution_live": "spend",
    "unit_economics": "signals",
    "unit_cost_stable": "signals",
    "viable": "signals",
    "quality_met": "signals",
    "margin_met": "signals",
    "case_validated": "signals",
    "control_business_owner": "ownership",
    "control_technical_owner": "ownership",
    "control_cost_centre": "ownership",
    "control_quality_metric": "signals",
    "control_value_metric": "value",
    "control_model_tier": "ownership",
    "control_usage_profile": "value",
}
STATE_TONES = {
    State.DRAFT: ("", "pen"),
    State.SUBMITTED: ("info", "half"),
    State.READINESS_CHECK: ("info", "half"),
    State.EXPERT_REVIEW: ("info", "half"),
    State.RETURNED: ("warn", "warn"),
    State.READY: ("ok", "ok"),
    State.ON_AGENDA: ("ok", "flag"),
    State.STALE: ("warn", "clock"),
    State.WITH_BOARD: ("info", "half"),
    State.DECIDED: ("", "okf"),
    State.WITHDRAWN: ("", "x"),
}

DECIDED_ELSEWHERE = (State.READY, State.READINESS_CHECK, State.WITH_BOARD)


@dataclass(frozen=True)
class Task:
    """One row of the task list, as its component takes it."""

    id: str
    name: str
    url: str
    state: str
    hint: str
    group: str


def home_of(line: Line) -> str:
    """Return the section in which a criterion is mended."""
    if line.gate in SHEETS:
        return "sheets"
    if line.code in HOMES:
        return HOMES[line.code]
    if line.proof == "c" and ("guardrail" in line.code or "agent" in line.code or line.code.startswith("control_")):
        return "guardrails"
    return "guardrails" if line.code == "budgets_set" else "proofs"


def tasks_of(gate: GateRequest, ready: Readiness) -> list[Task]:
    """Return the sections with their state: finished only where nothing that it mends is missing."""
    rows = {row.code: row for row in gate.sections.all()}
    gaps: dict[str, list[Line]] = {}
    for line in ready.missing:
        if line.proof != "j":
            gaps.setdefault(home_of(line), []).append(line)
    sections = sections_for(has_milestone=gate.has_milestone, stage=gate.from_stage, gate=gate.gate, sheets=gate.sheets)
    return [_task(gate, section, rows.get(section.code), gaps.get(section.code, [])) for section in sections]


def _task(gate: GateRequest, section: Section, row: RequestSection | None, gaps: list[Line]) -> Task:
    url = reverse("projects:request-section", args=[gate.key, section.code])
    hint = f"{gaps[0].note or gaps[0].text}" if gaps else _hint(gate, section)
    if row is None:
        state = "problem" if gaps and section.is_computed else "not_started"
    elif row.problems:
        state, hint = "problem", next(iter(row.problems.values()))
    elif row.is_finished and gaps:
        state = "problem"
    else:
        state = "finished" if row.is_finished else "in_progress"
    return Task(f"task-{section.code}", section.title, url, state, hint, section.group)


def _hint(gate: GateRequest, section: Section) -> str:
    if section.code == "ask" and gate.milestone_name:
        return f"{gate.ask:,.0f} {gate.currency} for “{gate.milestone_name}”" if gate.ask else gate.milestone_name
    if section.code == "choices" and gate.sheets:
        return ", ".join(SHEETS[sheet] for sheet in gate.sheets)
    return ""


def task_list(gate: GateRequest, user: User, on: date) -> dict[str, Any]:
    """Return the context of the task list."""
    ready = readiness(gate, on)
    tasks = tasks_of(gate, ready)
    groups: dict[str, list[Task]] = {}
    for task in tasks:
        groups.setdefault(task.group, []).append(task)
    finished = sum(task.state == "finished" for task in tasks)
    saved = max((row.saved_at for row in gate.sections.all()), default=None)
    return {
        **heading(gate),
        "groups": list(groups.items()),
        "finished": finished,
        "total": len(tasks),
        "share": round(100 * finished / len(tasks)),
        "saved_at": saved,
        "readiness": ready,
        "inputs": inputs_now(gate, on=on).five,
        "may_submit": may(user, Permission.SUBMIT_REQUEST, initiative=gate.initiative) and not gate.came_due,
        "people": people_of(gate),
    }


def heading(gate: GateRequest) -> dict[str, Any]:
    """Return what the head of every page of a request shows."""
    tone, icon = STATE_TONES[State(gate.state)]
    number = gate_number(gate.from_stage)
    return {
        "gate": gate,
        "initiative": gate.initiative,
        "gate_label": f"Gate G{number}" if gate.kind == Kind.ADVANCE else gate.get_kind_display(),
        "tone": tone,
        "tone_icon": icon,
        "crumbs": [{"label": "Requests", "url": reverse("projects:requests")}, {"label": gate.key}],
    }


def people_of(gate: GateRequest) -> list[tuple[User, str]]:
    """Return who works on a request: owners first, then contributors."""
    people: dict[User, str] = {}
    for name in ("business_owner", "technical_owner", "budget_owner"):
        if user := getattr(gate.initiative, name):
            people.setdefault(user, name.replace("_", " ").capitalize())
    spells = gate.initiative.participants.filter(part="contributor", until__isnull=True).select_related("user")
    for spell in spells:
        people.setdefault(spell.user, "Contributor")
    return list(people.items())


def whole_request(gate: GateRequest, user: User, on: date) -> dict[str, Any]:
    """Return the context of the page that reads a whole request."""
    frozen = frozen_inputs(gate)
    inputs = frozen.inputs if frozen else inputs_now(gate, on=on).five
    triggers = frozen.triggers if frozen else [vars(row) for row in triggers_now(gate, on=on)]
    owns = may(user, Permission.SUBMIT_REQUEST, initiative=gate.initiative)
    return {
        **heading(gate),
        "readiness": readiness(gate, on),
        "frozen": frozen,
        "inputs": inputs,
        "triggers": triggers,
        "changes": frozen.changes if frozen else {"rows": [], "since": ""},
        "files": gate.files.all(),
        "proofs": gate.proofs.select_related("criterion", "file", "waived_by", "waived_second_by"),
        "explanations": [
            (section.title, row.answers.get("explanation", ""))
            for section in sections_for(
                has_milestone=gate.has_milestone, stage=gate.from_stage, gate=gate.gate, sheets=gate.sheets
            )
            for row in gate.sections.all()
            if row.code == section.code and row.answers.get("explanation")
        ],
        "topics": [
            answers for row in gate.sections.all() if row.code == "topics" for answers in topic_answers(row.answers)
        ],
        "targets": targets_of(gate.initiative_id, on) if gate.is_open else [],
        "moves": gate.moves.select_related("moved_by"),
        "held": held_days(gate, on=on),
        "may_withdraw": gate.is_open and owns and not gate.pack_frozen_at and not gate.came_due,
        "may_waive": gate.is_open and may(user, Permission.WAIVE, initiative=gate.initiative),
        "may_second": gate.is_open and may(user, Permission.VOTE, initiative=gate.initiative),
        "may_see_decider": gate.state in DECIDED_ELSEWHERE and may(user, Permission.READ_PACK),
        "may_recheck": owns and gate.state in (State.STALE, State.READINESS_CHECK) and gate.route != "delegated",
    }


def requests_page(user: User) -> dict[str, Any]:
    """Return own drafts and open requests, then own initiatives without one, then what others ask."""
    visible = GateRequest.objects.visible_to(user).select_related("initiative__business_owner")
    own = list(visible.of_owner(user).order_by("-id")[:50])
    drafts = [row for row in own if row.is_editable]
    running = [row for row in own if row.is_open and not row.is_editable]
    ended = [row for row in own if not row.is_open][:10]
    owned = (
        Initiative.objects.visible_to(user)
        .open()
        .filter(Q(business_owner=user) | Q(technical_owner=user) | Q(budget_owner=user))
    )
    asking = {row.initiative_id for row in own if row.is_open}
    others = visible.open().exclude(pk__in=[row.pk for row in own]).exclude(state=State.DRAFT).order_by("-id")[:50]
    return {
        "may_register": may(user, Permission.REGISTER_INITIATIVE),
        "drafts": drafts,
        "running": running,
        "ended": ended,
        "initiatives": [row for row in owned.order_by("key")[:50] if row.pk not in asking],
        "others": list(others),
    }
