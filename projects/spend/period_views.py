"""Billing months: which are closed, by whom; close one, ask for one to be opened again, agree to it."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from projects.common import formats
from projects.common.clock import now
from projects.people.permissions import Permission
from projects.people.selectors import may, require
from projects.people.views import signed_in
from projects.sources.models import ClosedPeriod, DeliveryPart
from projects.sources.services import ask_reopening, close_period, confirm_reopening
from projects.spend.forms import ReopenForm
from projects.spend.views import readers_only


@login_required
@require_GET
def periods(request: HttpRequest) -> HttpResponse:
    """List billing months, the newest first, with what may be done to each."""
    readers_only(request)
    return render(request, "projects/spend/periods.html", _page(request, ReopenForm()))


@login_required
@require_POST
def act(request: HttpRequest, month: str, act: str) -> HttpResponse:
    """Close a month, ask for it to be opened again, or agree to that as a second person."""
    readers_only(request)
    user, first = signed_in(request), _month(month)
    require(user, Permission.CLOSE_PERIOD)
    words = formats.in_month(first)
    if act == "close":
        close_period(month=first, by=user, at=now())
        messages.success(request, f"{words} closed. Deliveries that would change it are refused.")
    elif act == "ask":
        form = ReopenForm(request.POST)
        if not form.is_valid():
            return render(request, "projects/spend/periods.html", _page(request, form, first), status=422)
        ask_reopening(month=first, reason=form.cleaned_data["reason"], by=user, at=now())
        messages.success(request, f"Asked for {words} to be opened. A second person of finance confirms it.")
    elif act == "confirm":
        confirm_reopening(month=first, by=user, at=now())
        messages.success(request, f"{words} is open again.")
    else:
        raise Http404
    return redirect("projects:periods")


def _page(request: HttpRequest, form: ReopenForm, asked: date | None = None) -> dict[str, Any]:
    user, today = signed_in(request), now().date()
    parts = DeliveryPart.objects.filter(is_current=True, source__role="fact").order_by()
    counted = parts.values("billing_period_start__year", "billing_period_start__month").annotate(parts=Count("pk"))
    counts = {
        date(row["billing_period_start__year"], row["billing_period_start__month"], 1): row["parts"] for row in counted
    }
    closed = {
        row.month: row
        for row in ClosedPeriod.objects.filter(reopened_at__isnull=True).select_related("closed_by", "reopen_asked_by")
    }
    return {
        "rows": [
            {
                "month": month,
                "code": f"{month:%Y-%m}",
                "parts": counts.get(month, 0),
                "closed": closed.get(month),
                "is_over": month < today.replace(day=1),
                "is_own": month in closed and closed[month].reopen_asked_by_id == user.pk,
                "form": form if month == asked else ReopenForm(),
            }
            for month in sorted({*counts, *closed}, reverse=True)
        ],
        "form": form,
        "reopened": ClosedPeriod.objects.filter(reopened_at__isnull=False).select_related(
            "reopened_by", "reopen_confirmed_by"
        )[:20],
        "may_close": may(user, Permission.CLOSE_PERIOD),
    }


def _month(code: str) -> date:
    try:
        return date.fromisoformat(f"{code}-01")
    except ValueError as wrong:
        raise Http404 from wrong
