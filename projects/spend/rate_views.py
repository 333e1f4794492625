"""Rates of exchange: what is in force, what is missing, and bringing them in."""

from datetime import date
from decimal import Context, Decimal
from fractions import Fraction
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from projects.common import formats
from projects.common.clock import now
from projects.people.models import User
from projects.people.permissions import Permission
from projects.people.selectors import may, require
from projects.people.views import signed_in
from projects.rates.forms import RateFileForm, RateForm
from projects.rates.models import MonthlyRate
from projects.rates.rules import as_decimal
from projects.rates.selectors import months_with_rates, rates_of
from projects.rates.services import RatesRefused, TakenRates, enter_rate, import_rates
from projects.spend.missing_rates import missing_rates

SHOWN_MONTHS = 24
SHOWN_LINES = 20
LONGEST, SHORT = 12, Context(prec=7)


@login_required
@require_GET
def rates(request: HttpRequest) -> HttpResponse:
    """Show the rates of one month, and what waits for a rate."""
    return _page(request, _reader(request))


@login_required
@require_POST
def bring_in(request: HttpRequest) -> HttpResponse:
    """Take a table of rates whole."""
    user = _reader(request)
    require(user, Permission.KEEP_RATES)
    form = RateFileForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, user, file_form=form, status=422)
    file = form.cleaned_data["file"]
    try:
        taken = import_rates(content=file.read(), source=file.name, by=user, at=now())
    except RatesRefused as refused:
        form.add_error("file", str(refused))
        return _page(request, user, file_form=form, lines=refused.lines, status=422)
    return _done(request, taken)


@login_required
@require_POST
def enter(request: HttpRequest) -> HttpResponse:
    """Take one rate by hand."""
    user = _reader(request)
    require(user, Permission.KEEP_RATES)
    form = RateForm(request.POST)
    if not form.is_valid():
        return _page(request, user, rate_form=form, status=422)
    try:
        taken = enter_rate(**form.cleaned_data, by=user, at=now())
    except RatesRefused as refused:
        form.add_error(None, str(refused))
        return _page(request, user, rate_form=form, status=422)
    return _done(request, taken)


def _reader(request: HttpRequest) -> User:
    user = signed_in(request)
    if not may(user, Permission.READ):
        raise Http404
    return user


def _done(request: HttpRequest, taken: TakenRates) -> HttpResponse:
    words = [
        f"{count:,} {word}"
        for count, word in ((taken.added, "new"), (taken.changed, "changed"), (taken.unchanged, "as before"))
        if count
    ]
    messages.success(request, f"Rates of {formats.counted(len(taken.months), 'month')}: {', '.join(words)}.")
    return redirect(f"{reverse('projects:rates')}?month={taken.months[-1]:%Y-%m}")


def _page(request: HttpRequest, user: User, *, status: int = 200, **shown: Any) -> HttpResponse:
    months = months_with_rates()
    month = _month(request.GET.get("month", ""), months)
    lines = shown.get("lines", [])
    context = {
        "month": month,
        "months": months[:SHOWN_MONTHS],
        "rates": [_row(row) for row in rates_of(month)] if month else [],
        "missing": missing_rates(),
        "may_keep": may(user, Permission.KEEP_RATES),
        "file_form": shown.get("file_form") or RateFileForm(),
        "rate_form": shown.get("rate_form") or RateForm(),
        "lines": lines[:SHOWN_LINES],
        "more_lines": max(0, len(lines) - SHOWN_LINES),
    }
    return render(request, "projects/rates/rates.html", context, status=status)


def _row(row: MonthlyRate) -> dict[str, Any]:
    """Show both ways round."""
    per_unit = row.rate.per_unit
    return {"row": row, "dollars": _written(per_unit), "units": _written(1 / per_unit)}


def _written(value: Fraction) -> Decimal:
    """Return a rate in full where it is short, as quotations are, else to seven figures."""
    exact = as_decimal(value)
    return (exact if len(exact.normalize().as_tuple().digits) <= LONGEST else SHORT.plus(exact)).normalize()


def _month(asked: str, months: list[date]) -> date | None:
    return next((month for month in months if f"{month:%Y-%m}" == asked), months[0] if months else None)
