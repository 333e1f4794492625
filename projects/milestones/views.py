"""Pages of one milestone: plan it, deliver it, judge it, say when it is expected."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from projects.common.clock import now
from projects.initiatives.models import Initiative
from projects.milestones import services
from projects.milestones.forms import DeliverForm, ForecastForm, PlanForm, SendBackForm
from projects.milestones.models import Milestone, MilestoneState
from projects.people.permissions import Permission
from projects.people.selectors import may, require
from projects.people.views import is_partial, signed_in

ACTS: dict[str, tuple[type[Form], Callable[..., Milestone], str]] = {
    "deliver": (DeliverForm, services.deliver_milestone, "{} delivered. Somebody without an interest accepts it."),
    "accept": (Form, services.accept_milestone, "{} accepted."),
    "send-back": (SendBackForm, services.send_back_milestone, "{} sent back."),
    "forecast": (ForecastForm, services.forecast_milestone, "Forecast of {} changed."),
}


@login_required
@require_http_methods(["GET", "POST"])
def plan(request: HttpRequest, key: str) -> HttpResponse:
    """Plan a further milestone."""
    initiative, user = _initiative(request, key), signed_in(request)
    require(user, Permission.EDIT_INITIATIVE, initiative=initiative)
    form = PlanForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        planned = services.plan_milestone(initiative_id=initiative.pk, **form.cleaned_data, by=user, at=now())
        messages.success(request, f"{planned.name} planned. A decision sets its due date.")
        return redirect("projects:milestone", key=key, sequence=planned.sequence)
    status = 422 if request.method == "POST" else 200
    name = "projects/milestones/_plan.html" if is_partial(request) else "projects/milestones/plan.html"
    return render(request, name, {"initiative": initiative, "form": form}, status=status)


@login_required
@require_GET
def milestone(request: HttpRequest, key: str, sequence: int) -> HttpResponse:
    """Show a milestone with its dates and the act that is next."""
    return _page(request, _found(request, key, sequence), {})


@login_required
@require_POST
def act(request: HttpRequest, key: str, sequence: int, act: str) -> HttpResponse:
    """Deliver, accept, send back or forecast a milestone."""
    found = _found(request, key, sequence)
    if act not in ACTS:
        raise Http404
    form_class, service, words = ACTS[act]
    form = form_class(request.POST)
    if not form.is_valid():
        return _page(request, found, {act: form}, status=422)
    done = service(milestone_id=found.pk, **form.cleaned_data, by=signed_in(request), at=now())
    if is_partial(request):
        response = _page(request, _found(request, key, sequence), {})
        response["HX-Trigger"] = "milestones-changed"
        return response
    messages.success(request, words.format(done.name))
    return redirect("projects:milestone", key=key, sequence=sequence)


def _initiative(request: HttpRequest, key: str) -> Initiative:
    return get_object_or_404(Initiative.objects.visible_to(signed_in(request)), key=key)


def _found(request: HttpRequest, key: str, sequence: int) -> Milestone:
    people = Milestone.objects.select_related("initiative", "delivered_by", "accepted_by")
    return get_object_or_404(people, initiative=_initiative(request, key), sequence=sequence)


def _page(request: HttpRequest, found: Milestone, forms: dict[str, Any], *, status: int = 200) -> HttpResponse:
    user, initiative = signed_in(request), found.initiative
    planned, delivered = found.state == MilestoneState.PLANNED, found.state == MilestoneState.DELIVERED
    context = {
        "milestone": found,
        "initiative": initiative,
        "baselines": found.baselines.all(),
        "may_deliver": planned and may(user, Permission.EDIT_INITIATIVE, initiative=initiative),
        "may_judge": delivered and may(user, Permission.ACCEPT_MILESTONE, initiative=initiative),
        "may_forecast": found.is_open and may(user, Permission.RECORD_READING, initiative=initiative),
        "deliver": forms.get("deliver", DeliverForm()),
        "send_back": forms.get("send-back", SendBackForm()),
        "forecast": forms.get("forecast", ForecastForm(initial={"due_on": found.forecast_due_on})),
    }
    name = "projects/milestones/_milestone.html" if is_partial(request) else "projects/milestones/milestone.html"
    return render(request, name, context, status=status)
