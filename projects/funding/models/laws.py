"""Laws that several tables of money share."""

from django.contrib.postgres.fields import DateRangeField
from django.db import models
from django.db.models import Func, Q

LARGEST = 10**15  # NaN sorts above every number, so an upper bound refuses it


def currency_iso(name: str) -> models.CheckConstraint:
    """Return the law that a row's currency is a three-letter code."""
    return models.CheckConstraint(name=name, condition=Q(currency__regex=r"^[A-Z]{3}$"))


class DateRange(Func):
    """A half-open range of days made of two columns."""

    function = "DATERANGE"
    output_field = DateRangeField()
