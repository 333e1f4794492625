"""The inbox of escalations and the acts on one."""

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from council.escalations import services
from council.escalations.models import OPEN_STATES, Escalation, EscalationQuerySet, EscalationState, Rule
from council.inbox.forms import ClosingForm, PlanForm, SnoozeForm
from council.meetings.selectors import next_meeting
from projects.common.clock import now
from projects.common.outcomes import Refused
from projects.initiatives.models import Initiative
from projects.people.models import User
from projects.people.permissions import Permission
from projects.people.selectors import may
from projects.people.views import signed_in

ANSWERED = (EscalationState.PLAN_FILED, EscalationState.DECIDED)


@login_required
@require_GET
def inbox(request: HttpRequest, key: str = "") -> HttpResponse:
    """List escalations, those that go to council first, with the open one beside; all state is in the address."""
    return _page(request, key)


@login_required
@require_POST
def act(request: HttpRequest, key: str, act: str) -> HttpResponse:
    """Acknowledge, answer, snooze or close one escalation."""
    user = signed_in(request)
    row = get_object_or_404(_visible(user), key=key)
    forms: dict[str, Any] = {"plan": PlanForm, "snooze": SnoozeForm, "close": ClosingForm}
    form = forms[act](request.POST) if act in forms else None
    if act not in {*forms, "acknowledge"}:
        raise Http404
    if form is not None and not form.is_valid():
        return _page(request, key, status=422, **{f"{act}_form": form})
    try:
        said = _do(act, row, form, user)
    except Refused as refused:
        return _page(request, key, status=refused.status, refused=refused)
    messages.success(request, said)
    return redirect("council:escalation", key=key)


def _do(act: str, row: Escalation, form: Any, by: User) -> str:
    at = now()
    if act == "acknowledge":
        services.acknowledge_escalation(escalation_id=row.pk, by=by, at=at)
        return f"{row.key} acknowledged."
    if act == "plan":
        services.file_plan(escalation_id=row.pk, plan=form.cleaned_data["plan"], by=by, at=at)
        return f"Plan filed on {row.key}. The council reads it."
    if act == "snooze":
        services.snooze_escalation(
            escalation_id=row.pk,
            until=form.cleaned_data["until"],
            reason=form.cleaned_data["reason"],
            latest=_latest(at.date()),
            by=by,
            at=at,
        )
        return f"{row.key} waits until {form.cleaned_data['until']:%d %b %Y}."
    services.close_escalation(escalation_id=row.pk, note=form.cleaned_data["note"], by=by, at=at)
    return f"{row.key} closed."


def _latest(on: date) -> date:
    """Return the next meeting's day, until which an escalation may wait; a month where none is planned."""
    meeting = next_meeting(on + timedelta(days=1))
    return meeting.held_on if meeting else on + timedelta(days=31)


def _visible(user: User) -> EscalationQuerySet:
    rows = Escalation.objects.filter(initiative__in=Initiative.objects.visible_to(user).values("pk"))
    return rows.select_related("initiative__business_owner", "initiative__team", "plan_by", "acknowledged_by")


def _page(request: HttpRequest, key: str, status: int = 200, **extra: Any) -> HttpResponse:
    user = signed_in(request)
    rows = _visible(user)
    state, rule = request.GET.get("state", "open"), request.GET.get("rule", "")
    listed = rows.filter(state=EscalationState.CLOSED) if state == "closed" else rows.open()
    if state == "answered":
        listed = listed.filter(state__in=ANSWERED)
    if rule in Rule.values:
        listed = listed.filter(rule=rule)
    found = list(listed.order_by("is_soft", "raised_at", "id"))
    chosen = get_object_or_404(rows, key=key) if key else (found[0] if found else None)
    context = {
        "rows": found,
        "groups": [
            (title, part)
            for title, soft in (("Goes to council", False), ("Early warnings", True))
            if (part := [row for row in found if row.is_soft is soft])
        ],
        "chosen": chosen,
        "state": state,
        "rule": rule,
        "rules": Rule.choices,
        "rule_word": Rule(rule).label if rule in Rule.values else "Any",
        "states": [("open", "Open"), ("answered", "Answered"), ("closed", "Closed")],
        "today": now().date(),
        "open_count": rows.open().count(),
    }
    if chosen is not None:
        context |= _acts(chosen, user)
    return render(request, "council/escalations/inbox.html", context | extra, status=status)


def _acts(row: Escalation, user: User) -> dict[str, Any]:
    may_handle = may(user, Permission.HANDLE_ESCALATION, initiative=row.initiative)
    waits = row.state in OPEN_STATES[:3]
    return {
        "may_plan": may(user, Permission.FILE_PLAN, initiative=row.initiative) and row.state in OPEN_STATES[:4],
        "may_acknowledge": may_handle and row.state == EscalationState.RAISED,
        "may_snooze": may_handle and waits,
        "may_close": may_handle
        and (row.state == EscalationState.DECIDED or (waits and (row.cleared_at is not None or row.is_soft))),
        "plan_form": PlanForm(initial={"plan": row.plan}),
        "snooze_form": SnoozeForm(),
        "close_form": ClosingForm(),
    }
