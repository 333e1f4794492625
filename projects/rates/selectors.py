"""Rates in force."""

from collections.abc import Iterable
from datetime import date

from django.db.models import QuerySet

from projects.rates.models import MonthlyRate
from projects.rates.rules import Rate, RateBook


def in_force() -> QuerySet[MonthlyRate]:
    """Return the newest version of every month and currency."""
    return MonthlyRate.objects.order_by("month", "currency", "-version").distinct("month", "currency")


def rate_book(months: Iterable[date]) -> RateBook:
    """Return the rates in force of some months; one query."""
    rows = in_force().filter(month__in=set(months)).values_list("month", "currency", "dollars", "units")
    return RateBook({(month, currency): Rate(dollars, units) for month, currency, dollars, units in rows})


def rates_of(month: date) -> list[MonthlyRate]:
    """Return the rates in force of one month, by currency."""
    return list(in_force().filter(month=month).select_related("entered_by"))


def months_with_rates() -> list[date]:
    """Return the months that have a rate, the newest first."""
    return list(MonthlyRate.objects.order_by("-month").values_list("month", flat=True).distinct())
