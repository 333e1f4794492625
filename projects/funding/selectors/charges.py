"""The charges that a tranche pays for: those of its initiative whose charge day is in its window."""

from dataclasses import dataclass
from datetime import date

from projects.funding.models import Tranche
from projects.funding.selectors.positions import ONE_DAY
from projects.limits.selectors import policy_on
from projects.spend.charge_sums import ChargeSum, charge_sums
from projects.spend.narrowing import Narrowing


@dataclass(frozen=True)
class Paid:
    """Which charges a tranche pays for and what they come to, by currency; `query` narrows the list to them."""

    sums: list[ChargeSum]
    query: str

    @property
    def rows(self) -> int:
        """Count the charges."""
        return sum(line.rows for line in self.sums)


def paid_by(tranche: Tranche, *, on: date) -> Paid | None:
    """Return the charges of a tranche's window up to a day; None before its release. Tax as the day's policy says.

    Lines entered by hand are full cost; a tranche pays for them only where it funds them.
    """
    if tranche.released_at is None or tranche.starts_on > on:
        return None
    last = min(on, tranche.ends_on - ONE_DAY)
    narrowing = Narrowing(
        tranche.starts_on,
        last,
        words={"initiative": tranche.initiative.key},
        with_tax=policy_on(last).counts_tax,
        with_harness=tranche.funds_harness,
    )
    return Paid(charge_sums(narrowing), narrowing.query())
