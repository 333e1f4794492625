"""The portfolio's lines, its course over the year and what stands before the next council."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Sum

from council.escalations.models import Escalation
from council.meetings.models import Meeting
from council.meetings.selectors import next_meeting
from council.portfolio.rules import ALERTS, Line, status_of
from projects.common.marks.bullets import Budget
from projects.common.marks.lines import Course, Reading
from projects.common.memo import once
from projects.common.months import ONE_DAY, month_ends, month_starts, months_until
from projects.forecasts.selectors import forecasts
from projects.funding.models import Envelope, LedgerLine
from projects.funding.selectors import first_release_days, funded_spans, headroom, positions
from projects.initiatives.models import Initiative
from projects.limits.rules import Policy
from projects.limits.selectors import policy_on
from projects.milestones.models import Milestone
from projects.people.models import User
from projects.spend.courses import spent_by_month
from projects.spend.selectors import data_to, spend_by_month
from projects.value.selectors import value_by_period_end, verified_value

MONTHS = 12


def lines(user: User, *, on: date, policy: Policy) -> list[Line]:
    """Return every initiative that a person may read, with its figures at the end of a day; few queries for any number."""
    rows = list(Initiative.objects.visible_to(user).select_related("business_owner", "team__parent").order_by("key"))
    ids = [row.pk for row in rows]
    held, ahead, values = positions(ids, on=on), forecasts(ids, on=on), verified_value(ids, on)
    months, tripped = spend_by_month(ids, on=on, since=month_starts(on, MONTHS)[0]), _tripped(ids)
    silent = [pk for pk, alerts in tripped.items() if any(rule == "no_data" for rule, _ in alerts)]
    newest = data_to(silent, on=on) if silent else {}
    upcoming = _upcoming(ids)
    limit = 1 + policy.decimal("over_budget_percent") / 100
    found = []
    for row in rows:
        position, alerts = held[row.pk], tripped.get(row.pk, [])
        soft = frozenset(rule for rule, is_soft in alerts if is_soft)
        hard = [rule for rule, is_soft in alerts if not is_soft]
        seen_to = newest.get(row.pk) if "no_data" in soft else None
        status = status_of(hard=bool(hard), soft_rules=soft, stage=row.stage, spent=position.has_spend)
        milestone = upcoming.get(row.pk)
        due = _due(milestone)
        found.append(
            Line(
                pk=row.pk,
                key=row.key,
                name=row.name,
                owner=str(row.business_owner),
                team=str(row.team.parent or row.team) if row.team else "",
                stage=row.stage,
                stage_name=row.get_stage_display(),
                status=status,
                alert=_alert(status, hard),
                budget=Budget(
                    name=row.name,
                    approved=position.approved,
                    spent=position.spent,
                    limit_ratio=limit,
                    forecast=None if seen_to else ahead.get(row.pk, position.spent),
                    seen_to=seen_to,
                    currency=position.currency,
                ),
                committed=position.committed,
                value=values.get(row.pk),
                months=_months(months.get(row.pk, {}), on),
                next_name=milestone.name if milestone else "",
                next_on=due,
                is_late=due is not None and due < on,
                plus=position.plus,
            )
        )
    return found


def _alert(status: str, hard: Sequence[str]) -> str:
    if status == "escalated":
        return ALERTS.get(hard[0], "Escalated")
    return {"warning": "Watch", "no_data": "No data"}.get(status, "")


def _tripped(ids: Sequence[int]) -> dict[int, list[tuple[str, bool]]]:
    found: dict[int, list[tuple[str, bool]]] = {}
    rows = Escalation.objects.open().filter(initiative__in=ids, cleared_at__isnull=True).order_by("raised_at", "id")
    for pk, rule, is_soft in rows.values_list("initiative_id", "rule", "is_soft"):
        found.setdefault(pk, []).append((rule, is_soft))
    return found


def _upcoming(ids: Sequence[int]) -> dict[int, Milestone]:
    found: dict[int, Milestone] = {}
    for milestone in Milestone.objects.open().filter(initiative__in=ids).order_by("sequence"):
        first = found.get(milestone.initiative_id)
        if first is None or (_due(milestone) or date.max) < (_due(first) or date.max):
            found[milestone.initiative_id] = milestone
    return found


def _due(milestone: Milestone | None) -> date | None:
    return None if milestone is None else milestone.baselined_due_on or milestone.forecast_due_on


def _months(months: Mapping[date, Decimal], on: date) -> tuple[Decimal, ...]:
    return tuple(months.get(first, Decimal(0)) for first in month_starts(on, MONTHS))


def course(found: Sequence[Line], *, on: date, currency: str, envelope: Envelope | None) -> Course:
    """Return cumulative spend, value and approval of one currency since the envelope's first day, month by month."""
    ids = [line.pk for line in found if line.budget.currency == currency]
    first = envelope.starts_on if envelope and envelope.starts_on <= on else on.replace(month=1, day=1)
    ends = [*month_ends(on, months_until(first, on)), on]
    spent, value = _spent(ids, ends, on), _value(ids, ends, on)
    readings = [Reading(end, spent[end], value[end]) for end in ends]
    forecast = sum((line.budget.forecast or Decimal(0) for line in found if line.pk in set(ids)), Decimal(0))
    return Course(
        first=first,
        months=12,
        readings=readings,
        approvals=_approvals(ids, first),
        forecast=(date(first.year + (first.month + 11 > 12), (first.month + 10) % 12 + 1, 28), forecast),
        envelope=(envelope.name, _held(envelope)) if envelope else None,
        currency=currency,
    )


def _spent(ids: Sequence[int], ends: Sequence[date], on: date) -> dict[date, Decimal]:
    """Add up spend to the end of each month; two queries for any number of months."""
    first, funded = first_release_days(ids, on=on), funded_spans(ids, on=on)
    months = spent_by_month(first, on=on, with_tax=policy_on(on).counts_tax, funded=funded)
    return {end: sum((cost for month, cost in months.items() if month <= end), Decimal(0)) for end in ends}


def _value(ids: Sequence[int], ends: Sequence[date], on: date) -> dict[date, Decimal]:
    """Add up the value of periods that were over by each day; it shows where it arose, not where it was verified."""
    periods = value_by_period_end(ids, on)
    return {end: sum((value for over, value in periods if over <= end + ONE_DAY), Decimal(0)) for end in ends}


def _approvals(ids: Sequence[int], first: date) -> list[tuple[date, Decimal]]:
    rows = (
        LedgerLine.objects.filter(initiative__in=ids).order_by().values("entry__at__date").annotate(sum=Sum("amount"))
    )
    steps: list[tuple[date, Decimal]] = []
    total = Decimal(0)
    for row in sorted(rows, key=lambda row: row["entry__at__date"]):
        total += row["sum"]
        steps.append((max(row["entry__at__date"], first), total))
    return steps


def _held(envelope: Envelope) -> Decimal:
    return once(("held", envelope.pk), lambda: _sum_held(envelope))


def _sum_held(envelope: Envelope) -> Decimal:
    lines = LedgerLine.objects.filter(account="envelope", envelope=envelope, entry__initiative__isnull=True)
    return lines.aggregate(total=Sum("amount"))["total"] or Decimal(0)


def company_envelope(*, on: date, currency: str) -> tuple[Envelope, Decimal, Decimal] | None:
    """Return the company's envelope on a day with its amount and what is left of it."""
    rows = Envelope.objects.filter(kind="company", currency=currency, starts_on__lte=on, ends_on__gt=on)
    envelope = rows.order_by("-starts_on").first()
    return None if envelope is None else (envelope, _held(envelope), headroom(envelope, on=on).left)


def before_council(found: Sequence[Line], *, on: date) -> dict[str, Any]:
    """Return the next meeting, what these initiatives ask of it, and their escalations that stand before it."""
    ids = [line.pk for line in found]
    meeting: Meeting | None = next_meeting(on)
    items = list(meeting.items.exclude(state="postponed").filter(initiative__in=ids)) if meeting else []
    open_rows = Escalation.objects.open().filter(initiative__in=ids, cleared_at__isnull=True).exclude(state="decided")
    return {
        "meeting": meeting,
        "items": len(items),
        "asked": sum((item.asked or Decimal(0) for item in items), Decimal(0)),
        "alerts": list(open_rows.select_related("initiative").order_by("is_soft", "raised_at", "id")[:6]),
    }
