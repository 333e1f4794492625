"""The page of an initiative's harness lines: enter, propose, confirm, decline, take back."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from projects.common import formats
from projects.common.clock import now
from projects.common.outcomes import Refused
from projects.harness import services
from projects.harness.forms import LineForm, TakeBackForm
from projects.harness.models import HarnessLine
from projects.harness.selectors import harness_rows, harness_total
from projects.initiatives.models import Initiative
from projects.people.permissions import Permission
from projects.people.selectors import may, require
from projects.people.views import signed_in

ACTS = {"confirm": services.confirm_line, "decline": services.decline_line}
DONE = {"confirm": "counts in the full cost", "decline": "was left out"}


@login_required
@require_http_methods(["GET", "POST"])
def lines(request: HttpRequest, key: str) -> HttpResponse:
    """Show the lines; finance enters one, an owner proposes one."""
    initiative, user = _initiative(request, key), signed_in(request)
    keeps = may(user, Permission.KEEP_HARNESS, initiative=initiative)
    proposes = may(user, Permission.EDIT_INITIATIVE, initiative=initiative)
    form = LineForm(request.POST or None)
    if request.method == "POST":
        require(user, Permission.EDIT_INITIATIVE if proposes else Permission.KEEP_HARNESS, initiative=initiative)
        if form.is_valid():
            enter = services.enter_line if keeps else services.propose_line
            try:
                line = enter(initiative_id=initiative.pk, draft=form.draft(), by=user, at=now())
            except Refused as refused:
                form.add_error(None, str(refused))
            else:
                messages.success(request, f"{line}: {_amount(line)} {'entered' if keeps else 'proposed to finance'}.")
                return redirect("projects:harness", key=key)
    return _page(request, initiative, form=form, keeps=keeps, proposes=proposes)


@login_required
@require_POST
def act(request: HttpRequest, key: str, line_id: int, act: str) -> HttpResponse:
    """Confirm or decline a line that waits."""
    if act not in ACTS:
        raise Http404
    line = get_object_or_404(HarnessLine, pk=line_id, initiative=_initiative(request, key))
    done = ACTS[act](line_id=line.pk, by=signed_in(request), at=now())
    messages.success(request, f"{done}: {_amount(done)} {DONE[act]}.")
    return redirect("projects:harness", key=key)


@login_required
@require_http_methods(["GET", "POST"])
def take_back(request: HttpRequest, key: str, line_id: int) -> HttpResponse:
    """Ask for a line to be taken back; a second person confirms."""
    initiative, user = _initiative(request, key), signed_in(request)
    line = get_object_or_404(HarnessLine, pk=line_id, initiative=initiative)
    require(user, Permission.KEEP_HARNESS, initiative=initiative)
    form = TakeBackForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        services.take_back_line(line_id=line.pk, note=form.cleaned_data["note"], by=user, at=now())
        messages.success(request, f"{line}: asked to be taken back. Another person in finance confirms it.")
        return redirect("projects:harness", key=key)
    context = {"initiative": initiative, "line": line, "form": form}
    return render(request, "projects/harness/take_back.html", context, status=422 if request.method == "POST" else 200)


def _page(request: HttpRequest, initiative: Initiative, **shown: Any) -> HttpResponse:
    rows = harness_rows(initiative)
    context = {"initiative": initiative, "rows": rows, "total": harness_total(rows), **shown}
    return render(request, "projects/harness/lines.html", context, status=422 if request.method == "POST" else 200)


def _amount(line: HarnessLine) -> str:
    return formats.money_minor(line.amount, line.currency)


def _initiative(request: HttpRequest, key: str) -> Initiative:
    return get_object_or_404(Initiative.objects.visible_to(signed_in(request)), key=key)
