"""What waits for a person: everything that they alone, or one of few, can move on. One list, the most pressing first."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q
from django.urls import reverse

from council.delegations.selectors import acts_for, is_asked, undecided
from council.escalations.models import Escalation, EscalationState
from council.meetings.models import Meeting, MeetingState
from council.meetings.selectors import next_meeting
from projects.common import formats
from projects.conditions.models import Condition, ConditionState
from projects.funding.selectors import release_queue
from projects.gates.choices import OWNER_HOLDS
from projects.gates.models import GateRequest, GateTemplate
from projects.gates.sandbox import lanes
from projects.initiatives.joining import waiting_joins
from projects.initiatives.models import Initiative
from projects.initiatives.staffing import absences_for
from projects.limits.models import PolicyAcknowledgement, PolicyState, PolicyVersion
from projects.limits.selectors import version_on
from projects.milestones.models import Milestone, MilestoneState
from projects.people.models import User
from projects.people.permissions import Permission
from projects.people.roles import ROLES, Role
from projects.people.selectors import may, roles_of
from projects.reviews.selectors import queue_of
from projects.rulebook.models import ChangeState, RuleChange
from projects.rulebook.selectors import change_seen
from projects.sources.eyes import Eyes, eyes_of
from projects.spend.models import SwitchOff

ANSWERS = (EscalationState.RAISED, EscalationState.ACKNOWLEDGED, EscalationState.ON_AGENDA)

DECIDING = (Permission.DECIDE_DELEGATED, Permission.CHAIR_ACTION, Permission.WRITE_MINUTES)
DECIDING_WORDS = (
    ("confirm", "Confirm the board's minute on"),
    ("minute", "Record the board's minute on"),
    ("sign", "Sign as the second of two:"),
    ("propose", "Decide with finance and FinOps:"),
    ("act", "Decide between meetings, or leave to the council:"),
)


@dataclass(frozen=True)
class Wait:
    """One thing that waits: its kind in one word, what to do, about what, until when."""

    kind: str
    act: str
    about: str
    url: str
    due_on: date | None = None


def waits_for(user: User, *, at: datetime) -> list[Wait]:
    """Return what waits for a person at a moment, by due day, undated last; a bounded number of queries."""
    roles, on, eyes = roles_of(user), at.date(), eyes_of(user)
    found = [
        *_requests(user),
        *_lanes(user, on),
        *_reviews(user),
        *_answers(user),
        *_handling(user, roles),
        *_conditions(user),
        *_milestones(user, roles),
        *_releases(user, roles, on),
        *_switch_offs(user, eyes),
        *_rule_changes(user, roles, eyes),
        *_decisions(user, roles, on),
        *_absent_owners(user, roles),
        *_joins(user),
        *_meeting(roles, on),
        *_policy(user, roles, on),
        *_templates(user, roles),
    ]
    return sorted(found, key=lambda wait: (wait.due_on or date.max, wait.kind, wait.act))


def owned_by(user: User, prefix: str = "") -> Q:
    """Return the condition that a person is one of the three owners."""
    parts = ("business_owner", "technical_owner", "budget_owner")
    owns = Q()
    for part in parts:
        owns |= Q(**{f"{prefix}{part}": user})
    return owns


def _holds(roles: Iterable[Role], permission: Permission) -> bool:
    return any(permission in ROLES[role].may for role in roles) and Role.AUDITOR not in roles


def _requests(user: User) -> Iterable[Wait]:
    rows = GateRequest.objects.of_owner(user).filter(state__in=OWNER_HOLDS).select_related("initiative").distinct()
    for row in rows.order_by("pk"):
        thing = f"{row.get_kind_display().lower()} {row.key}" if row.came_due else f"request {row.key}"
        act = f"Finish {thing}" if row.state == "draft" else f"Answer what came back on {row.key}"
        yield Wait("Request", act, _named(row.initiative), reverse("projects:request", args=[row.key]), row.due_on)


def _lanes(user: User, on: date) -> Iterable[Wait]:
    own = Initiative.objects.open().filter(owned_by(user), stage="concept").select_related("team").order_by("pk")
    unasked = list(own.exclude(requests__in=GateRequest.objects.open()))
    found = lanes(unasked, on=on)
    for row in unasked:
        lane = found.get(row.pk)
        if lane is not None and lane.asks:
            used = f"{lane.width}% of the sandbox cap is used" if lane.percent is not None else "The sandbox is closed"
            if lane.days > lane.longest_days:
                used = f"{lane.days} days in the sandbox, {lane.longest_days} are allowed"
            yield Wait("Sandbox", f"Ask for a gate: {used}", _named(row), f"/requests/new/?initiative={row.key}")


def _reviews(user: User) -> Iterable[Wait]:
    for row in queue_of(user):
        yield Wait(
            "Review",
            f"Review {row.request.key} for {row.topic}" if row.topic else f"Review {row.request.key}",
            _named(row.request.initiative),
            reverse("projects:review", args=[row.request.key]),
            row.due_at.date(),
        )


def _answers(user: User) -> Iterable[Wait]:
    rows = Escalation.objects.hard().filter(owned_by(user, "initiative__"), state__in=ANSWERS, plan="")
    for row in rows.filter(cleared_at__isnull=True).select_related("initiative").order_by("answer_due_on", "pk"):
        url = reverse("council:escalation", args=[row.key])
        act = f"Answer escalation {row.key}: {row.get_rule_display().lower()}"
        yield Wait("Escalation", act, _named(row.initiative), url, row.answer_due_on)


def _handling(user: User, roles: Iterable[Role]) -> Iterable[Wait]:
    if not _holds(roles, Permission.HANDLE_ESCALATION):
        return
    rows = Escalation.objects.hard().filter(Q(state=EscalationState.RAISED) | Q(state=EscalationState.DECIDED))
    for row in rows.exclude(owned_by(user, "initiative__")).select_related("initiative").order_by("raised_at", "pk"):
        word = "Acknowledge" if row.state == EscalationState.RAISED else "Close"
        url = reverse("council:escalation", args=[row.key])
        yield Wait("Escalation", f"{word} {row.key}: {row.get_rule_display().lower()}", _named(row.initiative), url)


def _conditions(user: User) -> Iterable[Wait]:
    mine = Q(owner=user, state=ConditionState.OPEN) | Q(verifier=user, state=ConditionState.MET)
    for row in Condition.objects.filter(mine).select_related("initiative").order_by("due_on", "pk"):
        word = "Show that it is met" if row.state == ConditionState.OPEN else "Check"
        url = reverse("projects:condition", args=[row.initiative.key, row.number])
        yield Wait("Condition", f"{word}: {row.text}", _named(row.initiative), url, row.due_on)


def _milestones(user: User, roles: Iterable[Role]) -> Iterable[Wait]:
    if not _holds(roles, Permission.ACCEPT_MILESTONE):
        return
    rows = Milestone.objects.filter(state=MilestoneState.DELIVERED).select_related("initiative")
    for row in rows.exclude(owned_by(user, "initiative__")).order_by("delivered_on", "pk"):
        if may(user, Permission.ACCEPT_MILESTONE, initiative=row.initiative):
            url = reverse("projects:milestone", args=[row.initiative.key, row.sequence])
            yield Wait("Milestone", f"Accept “{row.name}” or send it back", _named(row.initiative), url)


def _releases(user: User, roles: Iterable[Role], on: date) -> Iterable[Wait]:
    if not _holds(roles, Permission.RELEASE_TRANCHE):
        return
    for row in release_queue(on=on):
        tranche = row.tranche
        if row.is_ready and user.pk not in {tranche.first_released_by_id, tranche.requested_by_id}:
            amount = formats.money_full(tranche.amount, tranche.currency)
            url = reverse("projects:tranche", args=[tranche.initiative.key, tranche.number])
            act = f"Release {tranche.label}, {amount}"
            yield Wait("Release", act, _named(tranche.initiative), url, tranche.valid_release_until)


def _switch_offs(user: User, eyes: Eyes) -> Iterable[Wait]:
    for row in SwitchOff.objects.filter(owner=user, ended_at__isnull=True).select_related("source"):
        act, about = eyes.text(str(row)), eyes.text(row.reason)
        yield Wait("Switch-off", act, about, reverse("projects:unclaimed"), row.due_on)


def _rule_changes(user: User, roles: Iterable[Role], eyes: Eyes) -> Iterable[Wait]:
    if not _holds(roles, Permission.APPROVE_ATTRIBUTION):
        return
    for row in RuleChange.objects.filter(state=ChangeState.PROPOSED, needs_second=True).exclude(asked_by=user):
        url = reverse("projects:rule-change", args=[row.pk])
        yield Wait("Rules", "Keep or withdraw a change that moves a closed month", change_seen(row, eyes), url)


def _decisions(user: User, roles: Iterable[Role], on: date) -> Iterable[Wait]:
    """Yield what a person may decide outside a meeting: their own row's, second signatures, the board's minutes."""
    if not any(_holds(roles, permission) for permission in DECIDING):
        return
    for row, acts in acts_for(undecided(on=on), user):
        words = next((words for act, words in DECIDING_WORDS if act in acts and is_asked(act, row)), "")
        if words:
            url = reverse("council:decide", args=[row.gate.key])
            yield Wait("Decision", f"{words} {row.gate.key}", _named(row.gate.initiative), url)


def _absent_owners(user: User, roles: Iterable[Role]) -> Iterable[Wait]:
    for row in absences_for(user, sees_all=_holds(roles, Permission.NAME_OWNER)):
        url = reverse("projects:initiative-people", args=[row.initiative.key])
        yield Wait("Owner", f"{row.words}: name who is next", _named(row.initiative), url)


def _joins(user: User) -> Iterable[Wait]:
    for row in waiting_joins(user):
        url = reverse("projects:initiative-people", args=[row.initiative.key])
        yield Wait("People", f"{row.asked_by} asks to join: accept, or say why not", _named(row.initiative), url)


def _meeting(roles: Iterable[Role], on: date) -> Iterable[Wait]:
    sits = {Role.MEMBER, Role.ADVISER, Role.CHAIR, Role.DEPUTY_CHAIR, Role.SECRETARY} & set(roles)
    meeting: Meeting | None = next_meeting(on) if sits else None
    if meeting is None:
        return
    words = {
        MeetingState.DRAFT: "Build the agenda" if Role.SECRETARY in sits else "",
        MeetingState.NOTICE_SENT: "Freeze the pack" if Role.SECRETARY in sits else "Read the agenda and attend",
        MeetingState.PACK_FROZEN: "Read the pack and attend",
        MeetingState.IN_SESSION: "Take your seat, the meeting is in session",
    }
    if act := words.get(MeetingState(meeting.state), ""):
        yield Wait("Meeting", act, meeting.title, reverse("council:meeting", args=[meeting.held_on]), meeting.held_on)


def _policy(user: User, roles: Iterable[Role], on: date) -> Iterable[Wait]:
    if _holds(roles, Permission.APPROVE_POLICY):
        proposed = PolicyVersion.objects.filter(state=PolicyState.PROPOSED).exclude(drafted_by=user)
        for row in proposed.order_by("number"):
            url = reverse("council:policy-version", args=[row.number])
            yield Wait("Policy", f"Approve or return policy version {row.number}", "Thresholds", url)
    version = version_on(on)
    if version is None or not Initiative.objects.open().filter(owned_by(user)).exists():
        return
    if not PolicyAcknowledgement.objects.filter(user=user, version=version).exists():
        act = f"Acknowledge policy version {version.number}"
        yield Wait("Policy", act, "Before your next request", reverse("council:policy"))


def _templates(user: User, roles: Iterable[Role]) -> Iterable[Wait]:
    if not _holds(roles, Permission.APPROVE_TEMPLATE):
        return
    drafts = GateTemplate.objects.filter(state="draft").exclude(reason="")
    for row in drafts.exclude(Q(drafted_by=user) | Q(edited_by=user)):
        url = reverse("projects:template", args=[row.version])
        yield Wait("Template", f"Approve gate template {row.version} or say why not", row.reason, url)


def _named(initiative: Initiative) -> str:
    return f"{initiative.key} {initiative.name}"
