"""The pack's page: make it, watch it being made, download it."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from council.meetings.models import Meeting, MeetingState
from council.meetings.selectors import items_for
from council.packs.models import Pack
from council.packs.selectors import full_pack, last_job, left_out_for, open_jobs, pack_for
from council.packs.services import read_pdf, request_copy, request_pack
from council.packs.sheets import CONTENT_TYPES, agenda_figures
from council.rooms.views import readable
from projects.common.clock import now
from projects.jobs.models import Job
from projects.people.models import User
from projects.people.permissions import Permission
from projects.people.selectors import may, require


@login_required
@require_GET
def pack(request: HttpRequest, held_on: date) -> HttpResponse:
    """Show the pack of a meeting: its state, what is being made, its versions."""
    meeting, user = readable(request, held_on)
    return render(request, "council/packs/pack.html", _context(meeting, user))


@login_required
@require_POST
def make(request: HttpRequest, held_on: date) -> HttpResponse:
    """Ask for the whole pack, or for its next version."""
    meeting, user = readable(request, held_on)
    return _asked(request, held_on, request_pack(meeting_id=meeting.pk, by=user, at=now()))


@login_required
@require_POST
def copy(request: HttpRequest, held_on: date) -> HttpResponse:
    """Ask for one's own copy, without the items from which one is recused."""
    meeting, user = readable(request, held_on)
    return _asked(request, held_on, request_copy(meeting_id=meeting.pk, by=user, at=now()))


def _asked(request: HttpRequest, held_on: date, job: Job) -> HttpResponse:
    if job.requested_by_id != request.user.pk:
        messages.info(request, f"{job.requested_by} is having it made already.")
    return redirect("council:pack", held_on=held_on)


@login_required
@require_GET
def download(request: HttpRequest, held_on: date, version: int) -> HttpResponseBase:
    """Hand out a version as its reader may read it; nobody keeps it on the way."""
    meeting, user = readable(request, held_on)
    found = pack_for(meeting, version, left_out_for(meeting, user))
    if found is None:
        raise Http404
    response = FileResponse(
        read_pdf(found), as_attachment=True, filename=found.file_name, content_type="application/pdf"
    )
    response["Cache-Control"] = "no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


@login_required
@require_GET
def asked(request: HttpRequest, held_on: date, form: str) -> HttpResponse:
    """Hand out the agenda's figures as CSV or XLSX."""
    meeting, user = readable(request, held_on)
    require(user, Permission.EXPORT)
    if form not in CONTENT_TYPES or meeting.frozen_at is None:
        raise Http404
    content = agenda_figures(items_for(meeting, user), form)
    response = HttpResponse(content, content_type=CONTENT_TYPES[form])
    response["Content-Disposition"] = f'attachment; filename="agenda-{held_on.isoformat()}.{form}"'
    response["Cache-Control"] = "no-store"
    return response


def _context(meeting: Meeting, user: User) -> dict[str, Any]:
    left_out = left_out_for(meeting, user)
    newest = full_pack(meeting)
    own = Pack.objects.filter(meeting=meeting, left_out=left_out).select_related("built_by").order_by("-version")
    has_newest = newest is not None and any(row.version == newest.version for row in own)
    is_frozen, may_build = meeting.frozen_at is not None, may(user, Permission.BUILD_PACK)
    under_way = open_jobs(meeting, left_out).first() or (open_jobs(meeting, []).first() if may_build else None)
    is_mine = under_way is not None and under_way.requested_by_id == user.pk
    return {
        "meeting": meeting,
        "items": meeting.items.exclude(state="postponed").count(),
        "is_frozen": is_frozen,
        "is_cancelled": meeting.state == MeetingState.CANCELLED,
        "left_out": left_out,
        "newest": newest,
        "packs": own,
        "job": under_way if is_mine else None if under_way else last_job(meeting, user),
        "elsewhere": under_way if under_way and not is_mine else None,
        "may_make": is_frozen and may_build,
        "may_copy": is_frozen and bool(left_out) and newest is not None and not has_newest,
        "may_export": is_frozen and may(user, Permission.EXPORT),
    }
