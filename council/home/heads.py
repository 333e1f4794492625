"""What stands above every tab of an initiative: status, stage bar, what has tripped, tabs, and what may be done."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.urls import reverse

from council.escalations.models import Escalation, EscalationState
from council.home.rules import Part, Parts, Step, stage_steps, sum_parts
from council.portfolio.rules import ALERTS, status_of
from projects.common import formats
from projects.funding.selectors import Position, positions
from projects.gates.models import GateRequest
from projects.guardrails.selectors import Line as GuardrailLine
from projects.guardrails.selectors import checklist
from projects.initiatives.choices import Condition
from projects.initiatives.models import Initiative
from projects.initiatives.staffing import absences
from projects.limits.rules import Policy
from projects.people.models import User
from projects.people.permissions import Permission
from projects.people.selectors import may
from projects.spend.selectors import data_to

TABS = (
    ("overview", "Overview"),
    ("gates", "Gates"),
    ("funding", "Funding"),
    ("spend", "Spend"),
    ("value", "Value"),
    ("milestones", "Milestones"),
    ("guardrails", "Guardrails"),
    ("history", "History"),
)


@dataclass(frozen=True)
class Alert:
    """One banner: what tripped, its sum, the rule and the one button."""

    id: str
    headline: str
    parts: Parts
    rule: str
    rule_url: str
    url: str
    action: str
    tone: str
    sum: str = ""


@dataclass(frozen=True)
class Head:
    """The part of the page that all tabs share, with the readings that tabs use again."""

    initiative: Initiative
    position: Position
    alerts: list[Alert]
    rules: frozenset[str]
    status: str
    status_word: str
    seen_to: date | None
    steps: list[Step]
    guardrails: list[GuardrailLine]
    open_request: GateRequest | None
    on: date
    may: dict[str, bool] = field(default_factory=dict)

    @property
    def is_silent(self) -> bool:
        """Say whether cost data stopped, so that spend since then is unknown."""
        return "no_data" in self.rules


def head_of(initiative: Initiative, user: User, *, at: datetime, policy: Policy) -> Head:
    """Return the head of an initiative's page for a reader at a moment."""
    on = at.date()
    position = positions([initiative.pk], on=on)[initiative.pk]
    tripped = list(Escalation.objects.open().filter(initiative=initiative).order_by("is_soft", "raised_at", "id"))
    standing = [row for row in tripped if row.cleared_at is None]
    hard = [row.rule for row in standing if not row.is_soft]
    soft = frozenset(row.rule for row in standing if row.is_soft)
    status = status_of(hard=bool(hard), soft_rules=soft, stage=initiative.stage, spent=position.has_spend)
    requests = GateRequest.objects.open().filter(initiative=initiative).order_by("-pk")
    return Head(
        initiative=initiative,
        position=position,
        alerts=[_alert(row) for row in tripped] + _absent(initiative),
        rules=frozenset(row.rule for row in standing),
        status=status,
        status_word=_status_word(initiative, status, hard),
        seen_to=data_to([initiative.pk], on=on).get(initiative.pk),
        steps=_steps(initiative, on),
        guardrails=checklist(initiative, at=at, fresh_days=policy.integer("proof_freshness_days")),
        open_request=requests.first(),
        on=on,
        may=_acts(initiative, user),
    )


def visible_initiative(key: str, user: User) -> Initiative:
    """Return an initiative that a person may read, its people at hand. Raise Initiative.DoesNotExist for strangers."""
    people = ("business_owner", "technical_owner", "budget_owner", "sponsor", "team__parent", "opening")
    return Initiative.objects.visible_to(user).select_related(*people).get(key=key)


def tabs_of(head: Head, current: str) -> list[dict[str, Any]]:
    """Return the tabs as the component prints them."""
    proved = sum(line.is_proved for line in head.guardrails)
    count = f"{proved} of {len(head.guardrails)}" if head.guardrails else ""
    return [
        {
            "label": label,
            "url": tab_url(head.initiative.key, code),
            "is_current": code == current,
            "count": count if code == "guardrails" else "",
        }
        for code, label in TABS
    ]


def tab_url(key: str, tab: str) -> str:
    """Return the address of a tab."""
    if tab == "overview":
        return reverse("council:initiative", args=[key])
    return reverse("council:initiative-tab", args=[key, tab])


def _status_word(initiative: Initiative, status: str, hard: Sequence[str]) -> str:
    if initiative.condition == Condition.CLOSED:
        return f"Closed, {initiative.get_closed_as_display().lower()}"
    if initiative.condition == Condition.ON_HOLD:
        return "On hold"
    return f"Escalated: {ALERTS.get(hard[0], 'rule').lower()}" if status == "escalated" else ""


def _alert(row: Escalation) -> Alert:
    parts: Parts = sum_parts(row.rule, row.figures)
    tone = "warn" if row.is_soft else ""
    if row.cleared_at is not None:
        tone, parts = "info", (*parts, Part(f" The cause cleared on {formats.on_day(row.cleared_at.date())}."))
    elif row.state == EscalationState.DECIDED:
        tone, parts = "info", (*parts, Part(f" Decided by {row.decision_reference}."))
    return Alert(
        id=f"alert-{row.key}",
        headline=row.headline,
        parts=parts,
        rule=f"{row.get_rule_display()}, policy version {row.policy_version}",
        rule_url=reverse("council:policy"),
        url=reverse("council:escalation", args=[row.key]),
        action=f"Open {'warning' if row.is_soft else 'escalation'} {row.key}",
        tone=tone,
    )


def _absent(initiative: Initiative) -> list[Alert]:
    """Alarm where somebody who answers for an open initiative has left."""
    gone = [] if initiative.condition == Condition.CLOSED else absences([initiative])
    if not gone:
        return []
    return [
        Alert(
            id="alert-people",
            headline=f"{gone[0].words[0].upper()}{gone[0].words[1:]}.",
            parts=(*(Part(f"{row.words}. ") for row in gone[1:]), Part("An initiative never has no owner.")),
            rule="",
            rule_url="",
            url=reverse("projects:initiative-people", args=[initiative.key]),
            action="Name who is next",
            tone="warn",
        )
    ]


def _steps(initiative: Initiative, on: date) -> list[Step]:
    left = {
        before: at.date()
        for before, at in initiative.moves.filter(field="stage").values_list("before", "moved_at").order_by("moved_at")
    }
    return stage_steps(initiative.stage, since=initiative.stage_since.date(), left=left, on=on)


def _acts(initiative: Initiative, user: User) -> dict[str, bool]:
    mine = initiative.condition != Condition.CLOSED and bool(initiative.roles_in_it(user))
    return {
        "edit": mine and may(user, Permission.EDIT_INITIATIVE, initiative=initiative),
        "draft": mine and may(user, Permission.DRAFT_FOR_OWNER, initiative=initiative),
    }
