"""What the funding tab of an initiative shows: the ladder, the tranches, what waits for whom."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from projects.common.marks import ladder as marks
from projects.common.marks.shapes import Widths
from projects.common.money import ZERO, over_by_percent
from projects.funding.choices import RequestState, TrancheKind, TrancheState
from projects.funding.models import FundingRequest, LedgerLine, Tranche
from projects.funding.selectors.positions import ONE_DAY, Position, budget_days, end_of, positions, sums
from projects.initiatives.models import Initiative
from projects.limits.rules import Policy
from projects.milestones.models import MilestoneState
from projects.spend.selectors import data_to

ENDED = {
    TrancheState.EXHAUSTED: ("mute", "none", "Ended"),
    TrancheState.LAPSED: ("mute", "none", "Lapsed"),
    TrancheState.RETURNED: ("mute", "left", "Returned"),
}


@dataclass(frozen=True)
class TrancheRow:
    """One line of the table of tranches; figures are None where they do not apply yet."""

    tranche: Tranche
    purpose: str
    approved: Decimal | None
    spent: Decimal | None
    is_over: bool
    tone: str
    icon: str
    word: str

    @property
    def difference(self) -> Decimal | None:
        """Return spent less approved, or None before the release."""
        return None if self.approved is None or self.spent is None else self.spent - self.approved


@dataclass(frozen=True)
class FundingPanel:
    """All that the tab shows, for one reader on one day."""

    initiative: Initiative
    position: Position
    rows: list[TrancheRow]
    ask: FundingRequest | None
    ladder: Widths | None
    data_to: date | None

    @property
    def plus(self) -> str:
        """Say what is not in the spent amounts for want of a rate, or nothing."""
        return self.position.plus

    @property
    def in_force(self) -> Tranche | None:
        """Return the tranche that is in force or frozen today."""
        number = self.position.tranche_in_force.number if self.position.tranche_in_force else None
        return next((row.tranche for row in self.rows if row.tranche.number == number), None)

    @property
    def difference(self) -> Decimal:
        """Return spent less approved."""
        return self.position.spent - self.position.approved


def funding_panel(initiative: Initiative, *, on: date, policy: Policy) -> FundingPanel:
    """Return the funding tab of an initiative on a day; the number of queries does not grow with its tranches."""
    position = positions([initiative.pk], on=on)[initiative.pk]
    tranches = list(initiative.tranches.filter(decided_at__lt=end_of(on)).select_related("milestone"))
    ask = FundingRequest.objects.filter(initiative=initiative, state=RequestState.OPEN).first()
    first = position.first_released_on
    days = {}
    if first:
        days = budget_days(initiative.pk, since=first, on=on, with_tax=policy.counts_tax)
    percent = policy.decimal("over_budget_percent")
    known_to = data_to([initiative.pk], on=on).get(initiative.pk)
    received = sums(
        "tranche_id", LedgerLine.objects.filter(tranche__in=tranches, amount__gt=0, entry__at__lt=end_of(on))
    )
    drawn = _ladder(initiative, position, tranches, ask, days, known_to, on, percent)
    return FundingPanel(
        initiative=initiative,
        position=position,
        rows=[_row(tranche, days, received.get(tranche.pk, ZERO), on, percent) for tranche in tranches],
        ask=ask,
        ladder=marks.funding_ladder(drawn) if drawn else None,
        data_to=known_to,
    )


def initiative_ladder(
    initiative: Initiative, *, on: date, policy: Policy, request_key: str = ""
) -> marks.Ladder | None:
    """Return an initiative's ladder at the end of a day with the ask of one request; None before any release."""
    position = positions([initiative.pk], on=on)[initiative.pk]
    first = position.first_released_on
    if first is None:
        return None
    tranches = list(initiative.tranches.filter(decided_at__lt=end_of(on)).select_related("milestone"))
    ask = FundingRequest.objects.filter(initiative=initiative, request_key=request_key).first()
    days = budget_days(initiative.pk, since=first, on=on, with_tax=policy.counts_tax)
    known_to = data_to([initiative.pk], on=on).get(initiative.pk)
    return _ladder(initiative, position, tranches, ask, days, known_to, on, policy.decimal("over_budget_percent"))


def _row(tranche: Tranche, days: Mapping[date, Decimal], received: Decimal, on: date, percent: Decimal) -> TrancheRow:
    """Make a tranche's row; it is over once its spend is above all it received, carried money too, by the limit."""
    purpose = tranche.milestone.name if tranche.milestone else TrancheKind(tranche.kind).label
    if tranche.released_at is None:
        tone, icon, word = _waiting(tranche)
        return TrancheRow(tranche, purpose, None, None, False, tone, icon, word)
    spent = sum((cost for day, cost in days.items() if tranche.starts_on <= day < tranche.ends_on), ZERO)
    is_over = over_by_percent(spent, received, percent)
    tone, icon, word = _state(tranche, is_over, on)
    return TrancheRow(tranche, purpose, tranche.amount, spent, is_over, tone, icon, word)


def _waiting(tranche: Tranche) -> tuple[str, str, str]:
    if tranche.state == TrancheState.AWAITING:
        word = "Second signature" if tranche.first_released_by_id else "Awaits conditions"
        return "mute", "clock", word
    word = "Not released" if tranche.state == TrancheState.LAPSED else "Given back"
    return "mute", "none", word


def _state(tranche: Tranche, is_over: bool, on: date) -> tuple[str, str, str]:
    """Say a released tranche's state as tone, icon and word."""
    if tranche.state == TrancheState.FROZEN:
        return "bad", "pause", "Frozen"
    if tranche.state == TrancheState.RELEASED and tranche.starts_on <= on < tranche.ends_on:
        return ("bad", "bad", "Over, active") if is_over else ("", "half", "Active")
    if tranche.milestone and tranche.milestone.state == MilestoneState.ACCEPTED:
        return "ok", "ok", "Milestone met"
    if tranche.state == TrancheState.RELEASED:
        return (
            ("mute", "clock", "Starts later") if on < tranche.starts_on else ("mute", "clock", "Over, days not final")
        )
    return ENDED[TrancheState(tranche.state)]


def _ladder(
    initiative: Initiative,
    position: Position,
    tranches: Sequence[Tranche],
    ask: FundingRequest | None,
    days: Mapping[date, Decimal],
    known_to: date | None,
    on: date,
    percent: Decimal,
) -> marks.Ladder | None:
    """Return what the ladder draws, or None where nothing was released yet."""
    released = [row for row in tranches if row.released_at is not None and row.released_at < end_of(on)]
    if not released:
        return None
    first = released[0].starts_on.replace(day=1)
    step = _asked(ask, max(row.number for row in tranches), on)
    last = max(on, step.due_on if step else on)
    return marks.Ladder(
        name=initiative.name,
        first=first,
        months=(last.year - first.year) * 12 + last.month - first.month + 2,
        rungs=_rungs(initiative, released, on),
        readings=_readings(days, known_to) if known_to else [],
        limit=position.approved * (100 + percent) / 100,
        ask=step,
        currency=position.currency,
    )


def _rungs(initiative: Initiative, released: Sequence[Tranche], on: date) -> list[marks.Rung]:
    """Give each tranche the approved total that stood until the next one was released."""
    lines = list(
        LedgerLine.objects.filter(initiative=initiative, entry__at__lt=end_of(on)).values_list("entry__at", "amount")
    )
    rungs = []
    for position, tranche in enumerate(released):
        later = released[position + 1].released_at if position + 1 < len(released) else None
        total = sum((amount for at, amount in lines if later is None or at < later), ZERO)
        rungs.append(marks.Rung(tranche.label, tranche.starts_on, tranche.amount, total))
    return rungs


def _readings(days: Mapping[date, Decimal], known_to: date) -> list[tuple[date, Decimal]]:
    """Add up spend to the end of each month, and to the last day with data."""
    readings: list[tuple[date, Decimal]] = []
    total, day = ZERO, min(days, default=known_to)
    while day <= known_to:
        total += days.get(day, ZERO)
        if day == known_to or (day + ONE_DAY).day == 1:
            readings.append((day, total))
        day += ONE_DAY
    return readings


def _asked(ask: FundingRequest | None, last_number: int, on: date) -> marks.Ask | None:
    if ask is None or ask.ask is None or ask.milestone_due_on is None:
        return None
    starts_on = max(on, ask.starts_on or on)
    due_on = max(ask.milestone_due_on, starts_on + timedelta(days=1))
    return marks.Ask(f"T{last_number + 1}", starts_on, due_on, ask.ask)
