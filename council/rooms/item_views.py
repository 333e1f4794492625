"""The room itself: the item in hand, and each act on it."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from council.decisions import services
from council.decisions.models import Choice, Motion, MotionState, Outcome
from council.decisions.selectors import policy_of_meeting, ratification_of
from council.escalations.models import Rule
from council.escalations.rules import headline
from council.meetings.models import AgendaItem, Meeting
from council.meetings.selectors import items_for
from council.meetings.services import call_item, postpone_item
from council.rooms.forms import ConditionFormSet, MotionForm
from council.rooms.selectors import room_context
from council.rooms.views import readable
from projects.common.clock import now
from projects.common.form_fields import written
from projects.common.outcomes import NotPermitted, Refused, WrongState
from projects.people.models import User


@login_required
@require_GET
def room(request: HttpRequest, held_on: date) -> HttpResponse:
    """Show the room: agenda, case and list."""
    meeting, user = readable(request, held_on)
    return _room(request, meeting, user, _number(request))


@login_required
@require_GET
def live(request: HttpRequest, held_on: date) -> HttpResponse:
    """Answer what changed since a revision: nothing (204), or the parts of the room that nobody types in."""
    meeting, user = readable(request, held_on)
    if request.GET.get("revision") == str(meeting.revision):
        return HttpResponse(status=204)
    context = room_context(meeting, user, now(), _number(request)) | _choices()
    context["ballot_moved"] = context.get("ballot_key") != request.GET.get("ballot")
    return render(request, "council/rooms/_live.html", context)


@login_required
@require_POST
def item_act(request: HttpRequest, held_on: date, number: int, act: str) -> HttpResponse:
    """Do one act on an item: call, postpone, conflict, view, vote, withdraw, declare."""
    meeting, user = readable(request, held_on)
    item = get_object_or_404(items_for(meeting, user), number=number)
    try:
        said = _do(act, item, request, user, now())
    except NotPermitted:
        raise
    except Refused as refused:
        return _room(request, meeting, user, number, refused=refused, status=refused.status)
    messages.success(request, said)
    left = act in {"conflict", "postpone"}
    return redirect(f"/meetings/{held_on}/room/" + ("" if left else f"?item={number}"))


def _do(act: str, item: AgendaItem, request: HttpRequest, by: User, at: datetime) -> str:
    given = request.POST
    motion = item.motions.order_by("-round").first()
    if act == "call":
        call_item(item_id=item.pk, by=by, at=at)
        return f"{item} is called."
    if act == "postpone":
        postpone_item(item_id=item.pk, reason=given.get("reason", ""), by=by, at=at)
        return f"{item} waits for another meeting."
    if act == "conflict":
        services.declare_conflict(item_id=item.pk, reason=given.get("reason", ""), by=by, at=at)
        return f"You are recused from {item}."
    if act == "view":
        services.give_straw_view(item_id=item.pk, outcome=given.get("outcome", ""), note="", by=by, at=at)
        return "Your view is noted. Nobody sees it until the item closes."
    if motion is None:
        raise Http404
    if act == "vote":
        vote = services.cast_vote(motion_id=motion.pk, choice=given.get("choice", ""), by=by, at=at)
        return f"Your vote is recorded: {vote.get_choice_display().lower()}."
    if act == "withdraw":
        services.withdraw_motion(motion_id=motion.pk, by=by, at=at)
        return "The motion is withdrawn."
    if act == "declare":
        decision = services.declare_result(motion_id=motion.pk, by=by, at=at)
        return f"Carried: {decision.reference}." if decision else _undecided(motion.pk)
    raise Http404


def _undecided(motion_id: int) -> str:
    """Say why no decision came of a motion: it fell, or it only recommends."""
    if Motion.objects.get(pk=motion_id).state == MotionState.CARRIED:
        return "Carried as a recommendation. The executive board decides; the secretary records its minute."
    return "Not carried. Another motion may be put."


@login_required
@require_POST
def motion(request: HttpRequest, held_on: date, number: int) -> HttpResponse:
    """Put a motion with its conditions; an incomplete one comes back with what is missing."""
    meeting, user = readable(request, held_on)
    item = get_object_or_404(items_for(meeting, user), number=number)
    form = MotionForm(request.POST)
    conditions = ConditionFormSet(request.POST, prefix="conditions")
    if not (form.is_valid() and conditions.is_valid()):
        return _room(request, meeting, user, number, form=form, conditions=conditions, status=422)
    try:
        _put(item, form, conditions, user)
    except (NotPermitted, WrongState):
        raise
    except Refused as refused:
        form.refuse(refused)
        return _room(request, meeting, user, number, form=form, conditions=conditions, status=refused.status)
    messages.success(request, "The motion is put. Members may vote.")
    return redirect(f"/meetings/{held_on}/room/?item={number}")


def _put(item: AgendaItem, form: MotionForm, conditions: Any, by: User) -> None:
    services.put_motion(
        item_id=item.pk,
        outcome=form.cleaned_data["outcome"],
        amount=form.cleaned_data["amount"] or Decimal(0),
        reason=form.cleaned_data["reason"],
        conditions=[row for part in conditions if (row := part.as_condition())],
        details=form.details(),
        by=by,
        at=now(),
    )


def _room(
    request: HttpRequest, meeting: Meeting, user: User, number: int | None, status: int = 200, **forms: Any
) -> HttpResponse:
    at = now()
    context = room_context(meeting, user, at, number)
    context |= _choices() | {
        "form": MotionForm(initial=_prefilled(context["item"], at)),
        "conditions": ConditionFormSet(prefix="conditions"),
        "leave_url": f"/meetings/{meeting.held_on}/",
        **forms,
    }
    context["problems"] = [row for part in context["conditions"] for row in part.problems()]
    context["has_problems"] = bool(context["form"].errors or context["problems"] or context.get("refused"))
    return render(request, "council/rooms/room.html", context, status=status)


def _prefilled(item: AgendaItem | None, at: datetime) -> dict[str, Any]:
    """Return what the chair's form begins with: the ask, and the last day on which its money may be released."""
    if item is None:
        return {}
    if ratified := ratification_of(item):
        return {"amount": written(ratified.decision.amount), "outcome": ratified.decision.outcome}
    tripped = item.escalation
    if tripped is not None and tripped.rule == Rule.SUNSET and item.gate_request_id is None:
        reason = headline(tripped.rule, tripped.figures)[:300]
        return {"amount": written(Decimal(0)), "outcome": Outcome.SUNSET, "reason": reason}
    days = policy_of_meeting(item, at).integer("list_line_valid_days")
    return {
        "amount": written(item.asked or Decimal(0)),
        "outcome": Outcome.GO,
        "release_by": at.date() + timedelta(days=days),
    }


def _choices() -> dict[str, Any]:
    return {
        "outcomes": [{"value": value, "label": label} for value, label in Outcome.choices],
        "vote_choices": Choice.choices,
    }


def _number(request: HttpRequest) -> int | None:
    given = request.GET.get("item", "")
    return int(given) if given.isdigit() else None
