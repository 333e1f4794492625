"""Where somebody lands, the list of what waits for them, and the search."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from council.home.searching import search
from council.home.waiting import waits_for
from council.meetings.selectors import next_meeting
from projects.common.clock import now
from projects.people.roles import Role
from projects.people.selectors import roles_of
from projects.people.views import signed_in

SITS = frozenset({Role.CHAIR, Role.DEPUTY_CHAIR, Role.MEMBER, Role.ADVISER, Role.SECRETARY})
LANDINGS = (
    (Role.FINANCE, "projects:spend"),
    (Role.REVIEWER, "projects:reviews"),
    (Role.ADMINISTRATOR, "council:policy"),
    (Role.AUDITOR, "council:portfolio"),
)


@login_required
@require_GET
def land(request: HttpRequest) -> HttpResponse:
    """Send people where their work is: the council to its next meeting, finance to spend, owners to what waits."""
    roles = roles_of(signed_in(request))
    if roles & SITS and next_meeting(now().date()) is not None:
        return redirect("council:next-meeting")
    for role, name in LANDINGS:
        if role in roles:
            return redirect(name)
    return redirect("council:home")


@login_required
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """List what waits for the reader."""
    user, at = signed_in(request), now()
    return render(request, "council/home/home.html", {"waits": waits_for(user, at=at), "today": at.date()})


@login_required
@require_GET
def find(request: HttpRequest) -> HttpResponse:
    """Search by key and words."""
    text = " ".join(request.GET.get("q", "").replace("\x00", "").split())
    groups = search(text, signed_in(request))
    return render(request, "council/home/search.html", {"text": text, "groups": groups})
