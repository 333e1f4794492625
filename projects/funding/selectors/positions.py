"""Read where money stands: positions of initiatives, what a tranche holds, who decides an ask."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from django.db.models import Min, Q, QuerySet, Sum

from projects.common.among import Among
from projects.common.memo import once
from projects.common.money import ZERO, minor_unit
from projects.funding import rules
from projects.funding.choices import Account, EntryKind, TrancheKind
from projects.funding.models import Envelope, LedgerEntry, LedgerLine, Tranche
from projects.initiatives.models import Initiative
from projects.limits.selectors import policy_on
from projects.spend.converting import NOTHING, Foreign, Tally, plus_words
from projects.spend.funded import Span, funded_by_day
from projects.spend.selectors import spend_by_day, spending_from

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class InForce:
    """The tranche whose window holds the day: its money (amount, carried and band) and what was spent in it."""

    id: int
    number: int
    state: str
    money: Decimal
    spent: Decimal
    starts_on: date
    ends_on: date
    missing: tuple[Foreign, ...] = ()

    @property
    def plus(self) -> str:
        """Say what is not in the spent amount for want of a rate, or nothing."""
        return plus_words(self.missing)

    @property
    def label(self) -> str:
        """Return its short key: T5."""
        return f"T{self.number}"


@dataclass(frozen=True)
class Position:
    """Where an initiative's money stands at the end of a day, in its own currency."""

    approved: Decimal
    committed: Decimal
    spent: Decimal
    first_released_on: date | None
    tranche_in_force: InForce | None
    currency: str
    foreign: tuple[Foreign, ...] = ()

    @property
    def missing(self) -> tuple[Foreign, ...]:
        """Return what was spent in other currencies and no rate converts: it is not in the spent amount."""
        return tuple(part for part in self.foreign if part.converted is None)

    @property
    def plus(self) -> str:
        """Say what is not in the spent amount for want of a rate, or nothing."""
        return plus_words(self.missing)

    @property
    def has_spend(self) -> bool:
        """Say whether anything was spent, in whatever currency."""
        return bool(self.spent or self.missing)


def positions(initiative_ids: Iterable[int], *, on: date) -> dict[int, Position]:
    """Return the position of each initiative at the end of a day; a handful of queries for any number.

    ``first_released_on`` is None where no money was ever released: no budget at all, which is not a budget of zero.
    """
    ids = list(initiative_ids)
    return once(("positions", frozenset(ids), on), lambda: _positions(ids, on))


def _positions(ids: list[int], on: date) -> dict[int, Position]:
    end = end_of(on)
    currencies = dict(Initiative.objects.filter(pk__in=Among(ids)).values_list("pk", "currency"))
    approved, money = _approved(ids, end)
    rows = waiting(Tranche.objects.filter(initiative__in=Among(ids)), on=on).order_by().values("initiative_id")
    decided = dict(rows.annotate(total=Sum("amount")).values_list("initiative_id", "total"))
    first = first_release_days(ids, on=on)
    running = {row.initiative_id: row for row in _in_force(ids, on)}
    windows = {pk: row.starts_on for pk, row in running.items()}
    spent = _spending_from([*first.items(), *windows.items()], on)
    found = {}
    for pk, currency in currencies.items():
        day, tranche, held = first.get(pk), running.get(pk), approved.get(pk, ZERO)
        tally = NOTHING if day is None else spent.get((pk, day), NOTHING)
        found[pk] = Position(
            approved=held,
            committed=held + decided.get(pk, ZERO),
            spent=tally.amount,
            foreign=tally.foreign,
            first_released_on=day,
            tranche_in_force=_held(tranche, money, spent) if tranche else None,
            currency=currency,
        )
    return found


def _approved(ids: list[int], end: datetime) -> tuple[dict[int, Decimal], dict[int, Decimal]]:
    """Return what was given and not taken back, by initiative and by tranche; each line on an initiative names both."""
    lines = LedgerLine.objects.filter(initiative__in=Among(ids), entry__at__lt=end)
    whole: dict[int, Decimal] = {}
    parts: dict[int, Decimal] = {}
    rows = lines.order_by().values_list("initiative_id", "tranche_id").annotate(total=Sum("amount"))
    for pk, tranche_id, total in rows:
        whole[pk] = whole.get(pk, ZERO) + total
        parts[tranche_id] = total
    return whole, parts


def _in_force(ids: list[int], on: date) -> QuerySet[Tranche]:
    rows = Tranche.objects.filter(initiative__in=Among(ids), released_at__lt=end_of(on)).in_force(on=on).order_by()
    return rows.only("initiative_id", "number", "state", "starts_on", "ends_on")


def _held(tranche: Tranche, money: Mapping[int, Decimal], spent: Mapping[tuple[int, date], Tally]) -> InForce:
    tally = spent.get((tranche.initiative_id, tranche.starts_on), NOTHING)
    return InForce(
        id=tranche.pk,
        number=tranche.number,
        state=tranche.state,
        money=money.get(tranche.pk, ZERO),
        spent=tally.amount,
        missing=tally.missing,
        starts_on=tranche.starts_on,
        ends_on=tranche.ends_on,
    )


def first_release_days(initiative_ids: Iterable[int], *, on: date) -> dict[int, date]:
    """Return the UTC day of each initiative's first release, from which its spend counts.

    A budget that was taken over counts from the first day of its window: it was given before it came.
    """
    ids = frozenset(initiative_ids)
    return once(("first releases", ids, on), lambda: _first_release_days(ids, on))


def _first_release_days(ids: frozenset[int], on: date) -> dict[int, date]:
    rows = Tranche.objects.filter(initiative__in=Among(ids), released_at__lt=end_of(on))
    firsts = (
        rows.order_by()
        .values("initiative_id")
        .annotate(first=Min("released_at"), taken_over=Min("starts_on", filter=Q(kind=TrancheKind.OPENING)))
    )
    return {
        row["initiative_id"]: min(row["first"].astimezone(UTC).date(), row["taken_over"] or date.max) for row in firsts
    }


def tranche_spent(tranche: Tranche, *, on: date) -> Decimal:
    """Return what was spent in a tranche's window up to the end of a day."""
    return tranche_spending(tranche, on=on).amount


def tranche_spending(tranche: Tranche, *, on: date) -> Tally:
    """Return the same with what it holds of other currencies, and what of that no rate converts."""
    days = {tranche.initiative_id: tranche.starts_on}
    return spending_between(days, min(on, tranche.ends_on - ONE_DAY)).get(tranche.initiative_id, NOTHING)


def tranche_money(tranche: Tranche) -> Decimal:
    """Return what a tranche holds in the ledger: released, carried in and opened, less what left it again."""
    return LedgerLine.objects.filter(tranche=tranche).aggregate(total=Sum("amount"))["total"] or ZERO


def tranche_entries(tranche: Tranche) -> QuerySet[LedgerEntry]:
    """Return the entries that moved a tranche's money, oldest first, each with what it ``moved`` in or out."""
    entries = LedgerEntry.objects.filter(lines__tranche=tranche).select_related("by")
    return entries.annotate(moved=Sum("lines__amount", filter=Q(lines__tranche=tranche))).order_by("at", "pk")


def tranche_rest(tranche: Tranche, *, on: date) -> Decimal:
    """Return what is unspent of a tranche at the end of a day, never below zero."""
    return rules.rest_of(tranche_money(tranche), tranche_spent(tranche, on=on), minor_unit(tranche.currency))


def band_opened(tranche: Tranche) -> Decimal:
    """Return how much of a tranche's elastic band is open."""
    lines = LedgerLine.objects.filter(tranche=tranche, entry__kind=EntryKind.BAND)
    return lines.aggregate(total=Sum("amount"))["total"] or ZERO


def envelope_nets(initiative: Initiative) -> list[tuple[Envelope, Decimal]]:
    """Return what each envelope has given an initiative, net of returns and lapses, the latest period first."""
    lines = LedgerLine.objects.filter(
        entry__initiative=initiative, account__in=[Account.ENVELOPE, Account.LAPSE], envelope__isnull=False
    )
    nets = sums("envelope_id", lines)
    envelopes = Envelope.objects.filter(pk__in=nets).order_by("-starts_on", "-pk")
    return [(envelope, -nets[envelope.pk]) for envelope in envelopes if nets[envelope.pk] < 0]


def waiting(tranches: QuerySet[Tranche], *, on: date) -> QuerySet[Tranche]:
    """Narrow tranches to what was decided by the end of a day and was then neither released nor ended."""
    end = end_of(on)
    return (
        tranches.filter(decided_at__lt=end)
        .filter(Q(released_at__isnull=True) | Q(released_at__gte=end))
        .filter(Q(ended_at__isnull=True) | Q(ended_at__gte=end))
    )


def sums(column: str, lines: QuerySet[LedgerLine]) -> dict[int, Decimal]:
    """Add up lines by a column; the caller sees to it that each group holds one currency."""
    return dict(lines.order_by().values_list(column).annotate(total=Sum("amount")))


def end_of(day: date) -> datetime:
    """Return the instant at which a UTC day is over."""
    return datetime.combine(day + ONE_DAY, time.min, UTC)


def spent_between(first_days: Mapping[int, date], on: date) -> dict[int, Decimal]:
    """Return the amounts of `spending_between`: what can be said in the initiative's own currency."""
    return {pk: tally.amount for pk, tally in spending_between(first_days, on).items()}


def spending_between(first_days: Mapping[int, date], on: date) -> dict[int, Tally]:
    """Return what each initiative spent from its own first day to the end of another, in its own currency.

    Tax counts against budgets only where the policy of that day says so, harness lines only where a tranche funds them.
    """
    return {pk: tally for (pk, _), tally in _spending_from(first_days.items(), on).items()}


def _spending_from(places: Iterable[tuple[int, date]], on: date) -> dict[tuple[int, date], Tally]:
    begun = {(pk, day) for pk, day in places if day <= on}
    if not begun:
        return {}
    funded = funded_spans({pk for pk, _ in begun}, on=on)
    return spending_from(sorted(begun), on=on, with_tax=policy_on(on).counts_tax, funded=funded)


def funded_spans(initiative_ids: Iterable[int], *, on: date) -> list[Span]:
    """Return the days on which initiatives' tranches, released by the end of a day, fund harness lines."""
    ids = frozenset(initiative_ids)
    return once(("funded spans", ids, on), lambda: _funded_spans(ids, on))


def _funded_spans(ids: frozenset[int], on: date) -> list[Span]:
    rows = Tranche.objects.filter(initiative__in=Among(ids), funds_harness=True, released_at__lt=end_of(on))
    return [Span(*row) for row in rows.order_by("pk").values_list("initiative_id", "starts_on", "ends_on")]


def budget_days(initiative_id: int, *, since: date, on: date, with_tax: bool) -> dict[date, Decimal]:
    """Return what an initiative's budget paid day by day, with the harness lines that its tranches fund."""
    days = dict(spend_by_day([initiative_id], start=since, on=on, with_tax=with_tax).get(initiative_id, {}))
    for day, cost in funded_by_day(funded_spans([initiative_id], on=on), on=on).get(initiative_id, {}).items():
        if day >= since:
            days[day] = days.get(day, ZERO) + cost
    return days
