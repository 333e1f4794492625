"""The route of an initiative, and the answers that set it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from council.home.forms import ROUTE_FIELDS, RouteForm
from council.home.route import route_of
from projects.common.clock import now
from projects.initiatives.choices import Condition
from projects.initiatives.models import Initiative
from projects.initiatives.services import edit_initiative
from projects.limits.selectors import policy_on
from projects.people.permissions import Permission
from projects.people.selectors import may, require
from projects.people.views import signed_in


@login_required
@require_http_methods(["GET", "POST"])
def route(request: HttpRequest, key: str) -> HttpResponse:
    """Show which route an initiative takes and why; its owner says here what sets it."""
    user, at = signed_in(request), now()
    initiative = get_object_or_404(Initiative.objects.visible_to(user), key=key)
    form = RouteForm(request.POST or None, initial=_told(initiative))
    if request.method == "POST":
        require(user, Permission.EDIT_INITIATIVE, initiative=initiative)
        if form.is_valid():
            data = form.cleaned_data
            changes = {name: data[name] for name in ROUTE_FIELDS if data[name] != getattr(initiative, name)}
            edit_initiative(initiative_id=initiative.pk, changes=changes, revision=data["revision"], by=user, at=at)
            messages.success(request, f"The route of {initiative.key} follows from your answers.")
            return redirect("council:initiative-route", key=key)
    on = at.date()
    edits = may(user, Permission.EDIT_INITIATIVE, initiative=initiative) and initiative.condition != Condition.CLOSED
    context = {
        "initiative": initiative,
        "steps": route_of(initiative, on=on, policy=policy_on(on)),
        "form": form if edits else None,
        "crumbs": [{"label": str(initiative), "url": f"/initiatives/{key}/"}, {"label": "Route"}],
    }
    return render(request, "council/home/route.html", context, status=422 if request.method == "POST" else 200)


def _told(initiative: Initiative) -> dict[str, object]:
    return {name: getattr(initiative, name) for name in ROUTE_FIELDS} | {"revision": initiative.revision}
