"""The owner's form of an initiative; a change by somebody else meanwhile keeps both versions to compare."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from council.home.forms import FIELDS, EditForm, changes_of, initial_of
from projects.common.clock import now
from projects.common.outcomes import Conflicted
from projects.initiatives.models import Initiative
from projects.initiatives.services import edit_initiative
from projects.people.permissions import Permission
from projects.people.selectors import require
from projects.people.views import signed_in


@login_required
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, key: str) -> HttpResponse:
    """Show the fields that an owner keeps, and change them."""
    user = signed_in(request)
    initiative = get_object_or_404(Initiative.objects.visible_to(user), key=key)
    require(user, Permission.EDIT_INITIATIVE, initiative=initiative)
    if request.method != "POST":
        return _page(request, initiative, EditForm(initial=initial_of(initiative)))
    form = EditForm(request.POST)
    if not form.is_valid():
        return _page(request, initiative, form, status=422)
    try:
        edit_initiative(
            initiative_id=initiative.pk,
            changes=changes_of(form, initiative),
            revision=form.cleaned_data["revision"],
            by=user,
            at=now(),
        )
    except Conflicted:
        return _conflict(request, Initiative.objects.get(pk=initiative.pk), form)
    except ValidationError as wrong:
        for texts in wrong.message_dict.values():
            for text in texts:
                form.add_error(None, text)
        return _page(request, initiative, form, status=422)
    messages.success(request, f"{initiative.key} changed.")
    return redirect("council:initiative", key=key)


def _conflict(request: HttpRequest, initiative: Initiative, form: EditForm) -> HttpResponse:
    """Keep what was typed, and show beside it what is saved meanwhile; sending again decides."""
    theirs = [
        {"label": form.fields[name].label, "theirs": _shown(initiative, name), "yours": _typed(form, name)}
        for name in changes_of(form, initiative)
    ]
    form.data = form.data.copy()  # type: ignore[attr-defined]
    form.data["revision"] = str(initiative.revision)  # type: ignore[index]
    return _page(request, initiative, form, status=409, theirs=theirs, is_conflict=True)


def _shown(initiative: Initiative, name: str) -> str:
    written = getattr(initiative, f"get_{name}_display", None)
    value = written() if callable(written) else getattr(initiative, name)
    return "" if value is None else str(value)


def _typed(form: EditForm, name: str) -> str:
    value = form.cleaned_data[name]
    choices = dict(getattr(form.fields[name], "choices", ())) if isinstance(value, str) else {}
    return "" if value is None else str(choices.get(value, value))


def _page(
    request: HttpRequest, initiative: Initiative, form: EditForm, status: int = 200, **extra: Any
) -> HttpResponse:
    context = {
        "form": form,
        "initiative": initiative,
        "crumbs": [
            {"label": "Portfolio", "url": "/portfolio/"},
            {"label": initiative.key, "url": f"/initiatives/{initiative.key}/"},
            {"label": "Edit"},
        ],
        "money": ("expected_monthly_cost", "team_cost_per_day"),
        "fields": FIELDS,
    }
    return render(request, "council/home/edit.html", context | extra, status=status)
