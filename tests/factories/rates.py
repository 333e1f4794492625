"""Rates of exchange as finance enters them."""

from datetime import date, datetime
from decimal import Decimal

from projects.people.models import User
from projects.rates.services import enter_rate


def rate(month: date, currency: str, dollars: str, *, by: User, at: datetime) -> None:
    """Let one unit of a currency be worth so many dollars in a month."""
    enter_rate(month=month, currency=currency, dollars=Decimal(dollars), source="Treasury", by=by, at=at)
