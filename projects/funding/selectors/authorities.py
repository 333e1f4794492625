"""Who decides an ask: the row of the authorities, with the sum it was read with."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal

from projects.common.money import ZERO
from projects.funding import rules
from projects.funding.choices import EntryKind
from projects.funding.models import LedgerLine
from projects.funding.selectors.positions import end_of, sums
from projects.initiatives.models import Initiative
from projects.limits.rules import Policy

GIVING = (EntryKind.RELEASE, EntryKind.BAND, EntryKind.RUN_DOWN)


def released_lately(initiative: Initiative, *, on: date) -> Decimal:
    """Return what was released to an initiative in the 90 days that end with a day."""
    return _released([initiative.pk], on).get(initiative.pk, ZERO)


def authority_for(initiative: Initiative, ask: Decimal, *, on: date, policy: Policy) -> rules.Authority:
    """Return who decides an ask of an initiative on a day, under a policy."""
    return _row(initiative, ask, released_lately(initiative, on=on), policy)


def authorities_for(
    asks: Iterable[tuple[Initiative, Decimal]], *, on: date, policy: Policy
) -> Mapping[int, rules.Authority]:
    """Return who decides each of many asks, by initiative; one query."""
    rows = list(asks)
    lately = _released([initiative.pk for initiative, _ in rows], on)
    return {row.pk: _row(row, ask, lately.get(row.pk, ZERO), policy) for row, ask in rows}


def _released(ids: list[int], on: date) -> dict[int, Decimal]:
    since = end_of(on) - timedelta(days=rules.AUTHORITY_DAYS)
    given = LedgerLine.objects.filter(initiative__in=ids, entry__kind__in=GIVING, amount__gt=0)
    return sums("initiative_id", given.filter(entry__at__gte=since, entry__at__lt=end_of(on)))


def _row(initiative: Initiative, ask: Decimal, released: Decimal, policy: Policy) -> rules.Authority:
    return rules.authority_row(
        ask=ask,
        released_lately=released,
        risk_tier=initiative.risk_tier,
        stage=initiative.stage,
        amounts={row: policy.decimal("authority_amounts", row) for row in rules.AUTHORITIES[:-1]},
        currency=initiative.currency,
    )
