"""The inbox of unclaimed charges: claim them, link them, mark them for switch-off."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from projects.common.clock import now
from projects.initiatives.models import Initiative
from projects.limits.selectors import policy_on
from projects.people.models import User
from projects.people.permissions import Permission
from projects.people.selectors import may, require
from projects.people.views import signed_in
from projects.rulebook.models import Act
from projects.rulebook.services import Asked, keep_change, propose_change
from projects.spend.coverage import tag_coverage
from projects.spend.forms import ClaimForm, SwitchOffForm
from projects.spend.models import SwitchOff
from projects.spend.selectors import last_charge_day
from projects.spend.switching_off import ToSwitchOff, end_switch_off, mark_for_switch_off
from projects.spend.unclaimed import coverage, unclaimed_summary
from projects.spend.views import readers_only


@login_required
@require_http_methods(["GET", "POST"])
def unclaimed(request: HttpRequest) -> HttpResponse:
    """List what nobody owns by cause. A claim makes a rule; where it moves closed months, a second person keeps it."""
    readers_only(request)
    user, at = signed_in(request), now()
    form = ClaimForm(request.POST or None)
    if request.method == "POST":
        require(user, Permission.KEEP_ATTRIBUTION)
        if form.is_valid():
            asked = Asked(Act.MAKE, draft=form.draft(on=last_charge_day() or at.date()))
            change = propose_change(asked=asked, by=user, at=at)
            if change.needs_second:
                return redirect("projects:rule-change", change_id=change.pk)
            return redirect("projects:job", job_id=keep_change(change_id=change.pk, by=user, at=at).pk)
    return _inbox(request, form, SwitchOffForm())


@login_required
@require_POST
def switch_off(request: HttpRequest) -> HttpResponse:
    """Mark a heap for switch-off with an owner and a day."""
    readers_only(request)
    user = signed_in(request)
    require(user, Permission.KEEP_ATTRIBUTION)
    form = SwitchOffForm(request.POST)
    if not form.is_valid():
        return _inbox(request, ClaimForm(), form)
    marked = mark_for_switch_off(asked=ToSwitchOff(**form.cleaned_data), by=user, at=now())
    messages.success(request, f"{marked}: {marked.owner} sees to it.")
    return redirect("projects:unclaimed")


@login_required
@require_POST
def switch_off_ended(request: HttpRequest, switch_off_id: int) -> HttpResponse:
    """Say how a switch-off ended."""
    readers_only(request)
    user, marked = signed_in(request), get_object_or_404(SwitchOff, pk=switch_off_id)
    ended = end_switch_off(switch_off_id=marked.pk, outcome=request.POST.get("outcome", ""), by=user, at=now())
    messages.success(request, f"{ended}: {ended.get_outcome_display().lower()}.")
    return redirect("projects:unclaimed")


def _inbox(request: HttpRequest, form: ClaimForm, off_form: SwitchOffForm) -> HttpResponse:
    user, at = signed_in(request), now()
    on = last_charge_day() or at.date()
    since = _first_month(request.GET.get("period", "12m"), on)
    standing = SwitchOff.objects.filter(ended_at__isnull=True).select_related("owner")
    marked = {(row.source_id, row.billing_account, row.sub_account, row.service): row for row in standing}
    causes = unclaimed_summary(since=since, on=on)
    context: dict[str, Any] = {
        "causes": [(cause, [(heap, marked.get(heap.place)) for heap in cause.heaps[:50]]) for cause in causes],
        "coverage": coverage(since=since, on=on),
        "tags": tag_coverage(on=at.date()),
        "initiatives": Initiative.objects.open().only("key", "name").order_by("key"),
        "people": User.objects.filter(is_active=True, is_service=False).order_by("username"),
        "wrong": form if form.errors else off_form,
        "may_claim": may(user, Permission.KEEP_ATTRIBUTION),
        "on": on,
        "today": at.date(),
        "target": policy_on(at.date()).decimal("coverage_percent") / 100,
    }
    status = 422 if form.errors or off_form.errors else 200
    return render(request, "projects/spend/unclaimed.html", context, status=status)


def _first_month(period: str, last: date) -> date:
    if period == "all":
        return date(2000, 1, 1)
    if period == "12m":
        return date(last.year - 1, last.month, 1) if last.month == 12 else date(last.year - 1, last.month + 1, 1)
    return date(last.year, 1, 1)
