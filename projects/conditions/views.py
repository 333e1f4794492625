"""The page of one condition: say that it is met, confirm it, or ask for more."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from projects.common.clock import now
from projects.conditions import services
from projects.conditions.forms import MeetForm, ReturnForm
from projects.conditions.models import Condition, ConditionState
from projects.initiatives.models import Initiative
from projects.people.views import is_partial, signed_in

ACTS: dict[str, tuple[type[Form], Callable[..., Condition], str]] = {
    "meet": (MeetForm, services.meet_condition, "Condition {} said to be met. {} checks it."),
    "verify": (Form, services.verify_condition, "Condition {} verified."),
    "return": (ReturnForm, services.return_condition, "Condition {} returned."),
}


@login_required
@require_GET
def condition(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """Show a condition with the act that is next."""
    return _page(request, _found(request, key, number), {})


@login_required
@require_POST
def act(request: HttpRequest, key: str, number: int, act: str) -> HttpResponse:
    """Meet, verify or return a condition."""
    found = _found(request, key, number)
    if act not in ACTS:
        raise Http404
    form_class, service, words = ACTS[act]
    form = form_class(request.POST)
    if not form.is_valid():
        return _page(request, found, {act: form}, status=422)
    done = service(condition_id=found.pk, **form.cleaned_data, by=signed_in(request), at=now())
    if is_partial(request):
        response = _page(request, _found(request, key, number), {})
        response["HX-Trigger"] = "conditions-changed"
        return response
    messages.success(request, words.format(done.number, done.verifier))
    return redirect("projects:condition", key=key, number=number)


def _found(request: HttpRequest, key: str, number: int) -> Condition:
    initiative = get_object_or_404(Initiative.objects.visible_to(signed_in(request)), key=key)
    people = Condition.objects.select_related("initiative", "owner", "verifier", "met_by", "verified_by")
    return get_object_or_404(people, initiative=initiative, number=number)


def _page(request: HttpRequest, found: Condition, forms: dict[str, Any], *, status: int = 200) -> HttpResponse:
    user = signed_in(request)
    owes = user.pk == found.owner_id or user.pk in found.initiative.owner_ids
    checks = user.pk == found.verifier_id and not found.initiative.is_interested(user)
    context = {
        "condition": found,
        "initiative": found.initiative,
        "may_meet": found.state == ConditionState.OPEN and owes,
        "may_verify": found.state == ConditionState.MET and checks,
        "meet": forms.get("meet", MeetForm()),
        "back": forms.get("return", ReturnForm()),
    }
    name = "projects/conditions/_condition.html" if is_partial(request) else "projects/conditions/condition.html"
    return render(request, name, context, status=status)
