"""Register an initiative, see its look-alikes before, and close a Concept that never had money."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from projects.common.clock import now
from projects.initiatives.models import Initiative
from projects.initiatives.services import register_initiative
from projects.intake.closing import close_own_concept
from projects.intake.forms import CloseForm, RegisterForm
from projects.intake.look_alikes import LookAlike, look_alikes
from projects.people.permissions import Permission
from projects.people.selectors import require
from projects.people.views import signed_in


@login_required
@require_http_methods(["GET", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    """Ask for the five fields; where something alike exists, ask first whether to join it or why not."""
    user = signed_in(request)
    require(user, Permission.REGISTER_INITIATIVE)
    if request.method != "POST":
        return render(
            request, "projects/intake/register.html", _context(RegisterForm(initial={"business_owner": user}))
        )
    form = RegisterForm(request.POST)
    if not form.is_valid():
        return render(request, "projects/intake/register.html", _context(form), status=422)
    alike = look_alikes(form.cleaned_data["name"], form.cleaned_data["value_proposition"], user)
    if alike and not form.cleaned_data["look_alike_reason"]:
        if "seen" in request.POST:
            form.add_error("look_alike_reason", "Say why this is not one of them, or join one")
        return render(request, "projects/intake/register.html", _context(form, alike), status=422)
    initiative = register_initiative(registration=form.registration, by=user, at=now())
    messages.success(request, f"{initiative.key} {initiative.name} is registered.")
    return redirect("projects:request-new-for", key=initiative.key)


@login_required
@require_GET
def alike(request: HttpRequest) -> HttpResponse:
    """Show look-alikes while a name is typed."""
    user = signed_in(request)
    require(user, Permission.REGISTER_INITIATIVE)
    found = look_alikes(request.GET.get("name", "")[:200], request.GET.get("value_proposition", "")[:4000], user)
    return render(request, "projects/intake/_alike.html", {"alike": found})


@login_required
@require_http_methods(["GET", "POST"])
def close(request: HttpRequest, key: str) -> HttpResponse:
    """Close one's own Concept that never had money."""
    user = signed_in(request)
    initiative = get_object_or_404(Initiative.objects.visible_to(user), key=key)
    require(user, Permission.EDIT_INITIATIVE, initiative=initiative)
    form = CloseForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        status = 422 if request.method == "POST" else 200
        crumbs = [{"label": str(initiative), "url": f"/initiatives/{key}/"}, {"label": "Close"}]
        return render(request, "projects/intake/close.html", {"form": form, "crumbs": crumbs}, status=status)
    close_own_concept(initiative_id=initiative.pk, **form.cleaned_data, by=user, at=now())
    messages.success(request, f"{initiative} is closed.")
    return redirect(f"/initiatives/{key}/")


def _context(form: RegisterForm, alike: list[LookAlike] | None = None) -> dict[str, Any]:
    return {
        "form": form,
        "alike": alike or [],
        "crumbs": [{"label": "Portfolio", "url": "/portfolio/"}, {"label": "Register an initiative"}],
    }
