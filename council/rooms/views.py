"""The council's meetings: list, agenda page, and its acts."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from council.meetings import services
from council.meetings.models import Meeting
from council.meetings.selectors import next_meeting
from council.rooms.forms import MeetingForm
from council.rooms.selectors import meeting_context
from projects.common.clock import now
from projects.people.models import User
from projects.people.permissions import Permission
from projects.people.selectors import may
from projects.people.views import signed_in

Act = Callable[..., Any]
ACTS: dict[str, tuple[Act, str]] = {
    "agenda": (services.build_agenda, "Agenda built."),
    "notice": (services.send_notice, "Notice sent."),
    "freeze": (services.freeze_meeting, "Pack frozen. Figures no longer move."),
    "open": (services.open_meeting, "The meeting is open."),
    "adjourn": (services.adjourn_meeting, "The meeting is adjourned."),
    "cancel": (services.cancel_meeting, "The meeting is cancelled. Its items wait for the next one."),
}


def readable(request: HttpRequest, held_on: date) -> tuple[Meeting, User]:
    """Return a meeting and its reader, or answer 404 to whoever may not read packs."""
    user = signed_in(request)
    if not may(user, Permission.READ_PACK):
        raise Http404
    return get_object_or_404(Meeting, held_on=held_on), user


@login_required
@require_http_methods(["GET", "POST"])
def meetings(request: HttpRequest) -> HttpResponse:
    """List the meetings, the newest first, and plan another."""
    user = signed_in(request)
    if not may(user, Permission.READ_PACK):
        raise Http404
    form = MeetingForm(request.POST or None)
    status = 200
    if request.method == "POST":
        if form.is_valid():
            meeting = services.plan_meeting(
                held_on=form.cleaned_data["held_on"],
                starts_at=form.starts(),
                title=form.cleaned_data["title"],
                place=form.cleaned_data["place"],
                by=user,
                at=now(),
            )
            messages.success(request, f"{meeting.title} planned.")
            return redirect("council:meeting", held_on=meeting.held_on)
        status = 422
    context = {
        "meetings": Meeting.objects.order_by("-held_on"),
        "next": next_meeting(now().date()),
        "form": form,
        "may_plan": may(user, Permission.BUILD_AGENDA),
    }
    return render(request, "council/meetings/meetings.html", context, status=status)


@login_required
@require_GET
def upcoming(request: HttpRequest) -> HttpResponse:
    """Go to the meeting in session or the next one."""
    meeting = next_meeting(now().date())
    return redirect("council:meeting", held_on=meeting.held_on) if meeting else redirect("council:meetings")


@login_required
@require_GET
def meeting(request: HttpRequest, held_on: date) -> HttpResponse:
    """Show one meeting's agenda with what can be done next."""
    found, user = readable(request, held_on)
    return render(request, "council/meetings/meeting.html", meeting_context(found, user, now()))


@login_required
@require_POST
def act(request: HttpRequest, held_on: date, act: str) -> HttpResponse:
    """Build the agenda, send notice, freeze, open, adjourn or cancel."""
    found, user = readable(request, held_on)
    if act not in ACTS:
        raise Http404
    service, said = ACTS[act]
    service(meeting_id=found.pk, by=user, at=now())
    messages.success(request, said)
    target = "council:room" if act == "open" else "council:meeting"
    return redirect(target, held_on=held_on)


@login_required
@require_POST
def attendance(request: HttpRequest, held_on: date) -> HttpResponse:
    """Note who is in the room."""
    found, user = readable(request, held_on)
    present = [int(pk) for pk in request.POST.getlist("present") if pk.isdigit()]
    services.take_attendance(meeting_id=found.pk, present=present, by=user, at=now())
    messages.success(request, f"{len(present)} noted as present.")
    return redirect((request.POST.get("back") == "room" and "council:room") or "council:meeting", held_on=held_on)
