"""Work out ahead what all pages of spend show, so that whoever comes first after a delivery does not wait for it."""

from datetime import date

from projects.spend.addresses import period_of
from projects.spend.explorer import currencies
from projects.spend.kept_coverage import kept_coverage
from projects.spend.kept_figures import kept_for_all
from projects.spend.selectors import last_charge_day
from projects.spend.taken_by_rules import taken_lately
from projects.spend.unclaimed import coverage, unclaimed_summary

PERIODS = ("12m", "year")  # with which the inbox and the explorer open


def fill_kept_figures(*, on: date) -> None:
    """Keep for all processes what nobody owns, how much is owned and tagged, what rules took, and the currencies of bills."""
    last = last_charge_day() or on
    with kept_for_all():
        for period in PERIODS:
            since, until = period_of(period, last)
            unclaimed_summary(since=since, on=until)
            coverage(since=since, on=until)
        currencies()
        kept_coverage(on=on)
        taken_lately(on=last)
