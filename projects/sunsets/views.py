"""When an initiative ends: its criteria with where they stand, and a form for one more."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from projects.common.clock import now
from projects.initiatives.choices import Condition
from projects.initiatives.models import Initiative
from projects.people.permissions import Permission
from projects.people.selectors import may, require
from projects.people.views import signed_in
from projects.sunsets import services
from projects.sunsets.forms import SunsetForm
from projects.sunsets.models import SunsetCriterion
from projects.sunsets.selectors import sunset_standings


@login_required
@require_http_methods(["GET", "POST"])
def sunset(request: HttpRequest, key: str) -> HttpResponse:
    """Show when an initiative ends; its owner adds what data can prove."""
    user, at = signed_in(request), now()
    initiative = get_object_or_404(Initiative.objects.visible_to(user), key=key)
    form = SunsetForm(request.POST or None, initiative=initiative)
    if request.method == "POST":
        require(user, Permission.EDIT_INITIATIVE, initiative=initiative)
        if form.is_valid():
            try:
                services.set_sunset_criterion(initiative_id=initiative.pk, **form.cleaned_data, by=user, at=at)
            except services.SunsetRefused as refused:
                for blocker in refused.blockers:
                    form.add_error(None, blocker.message)
            else:
                messages.success(request, f"{initiative.key} is held to it from now on.")
                return redirect("projects:initiative-sunset", key=key)
    edits = may(user, Permission.EDIT_INITIATIVE, initiative=initiative) and initiative.condition != Condition.CLOSED
    context = {
        "initiative": initiative,
        "rows": sunset_standings([initiative.pk], on=at.date()).get(initiative.pk, []),
        "form": form if edits else None,
        "crumbs": [{"label": str(initiative), "url": f"/initiatives/{key}/"}, {"label": "When it ends"}],
    }
    return render(request, "projects/sunsets/sunset.html", context, status=422 if request.method == "POST" else 200)


@login_required
@require_POST
def retire(request: HttpRequest, key: str, criterion_id: int) -> HttpResponse:
    """Hold it to a criterion no longer."""
    user = signed_in(request)
    visible = Initiative.objects.visible_to(user)
    found = get_object_or_404(SunsetCriterion, pk=criterion_id, initiative__in=visible, initiative__key=key)
    services.retire_sunset_criterion(criterion_id=found.pk, by=user, at=now())
    messages.success(request, f"{key} is held to it no longer.")
    return redirect("projects:initiative-sunset", key=key)
