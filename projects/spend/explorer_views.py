"""Explore spend, look at what nobody owns, and claim it."""

from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from projects.attribution.models import AttributionRule
from projects.attribution.services import make_rule
from projects.common.clock import now
from projects.jobs.services import request_job
from projects.limits.selectors import policy_on
from projects.people.permissions import Permission
from projects.people.selectors import may, require
from projects.people.views import signed_in
from projects.spend.explorer import explore
from projects.spend.explorer_page import explorer_csv, explorer_page, question_of
from projects.spend.forms import ClaimForm
from projects.spend.selectors import last_charge_day
from projects.spend.unclaimed import coverage, unclaimed_summary
from projects.spend.views import readers_only


@login_required
@require_GET
def spend(request: HttpRequest) -> HttpResponse:
    """Show spend by layer, initiative, team, model and more; as CSV where that is asked for."""
    readers_only(request)
    user, last = signed_in(request), last_charge_day()
    may_import = may(user, Permission.IMPORT_COSTS)
    if last is None:
        return render(request, "projects/spend/nothing.html", {"may_import": may_import})
    answer = explore(question_of(request.GET, last))
    if request.GET.get("as") == "csv":
        require(user, Permission.EXPORT)
        return explorer_csv(answer)
    context = explorer_page(answer, request.GET, last, now().date())
    context |= {"may_import": may_import, "may_export": may(user, Permission.EXPORT)}
    return render(request, "projects/spend/explorer.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def unclaimed(request: HttpRequest) -> HttpResponse:
    """List what nobody owns by cause; a claim makes a rule and gives history out again in the worker."""
    readers_only(request)
    user, at = signed_in(request), now()
    form = ClaimForm(request.POST or None)
    if request.method == "POST":
        require(user, Permission.KEEP_ATTRIBUTION)
        if form.is_valid():
            rule = make_rule(draft=form.draft(), by=user, at=at)
            return redirect("projects:job", job_id=_give_out(rule, request).pk)
    on = last_charge_day() or at.date()
    since = _first_month(request.GET.get("period", "12m"), on)
    context = {
        "causes": unclaimed_summary(since=since, on=on),
        "coverage": coverage(since=since, on=on),
        "form": form,
        "may_claim": may(user, Permission.KEEP_ATTRIBUTION),
        "on": on,
        "target": policy_on(at.date()).decimal("coverage_percent") / 100,
    }
    return render(request, "projects/spend/unclaimed.html", context, status=422 if form.is_bound else 200)


def _give_out(rule: AttributionRule, request: HttpRequest) -> Any:
    return request_job(
        kind="reattribute",
        label=f"Give charges to {rule.initiative} by rule {rule.number}",
        arguments={},
        by=signed_in(request),
        at=now(),
    )


def _first_month(period: str, last: date) -> date:
    if period == "all":
        return date(2000, 1, 1)
    if period == "12m":
        return date(last.year - 1, last.month, 1) if last.month == 12 else date(last.year - 1, last.month + 1, 1)
    return date(last.year, 1, 1)
