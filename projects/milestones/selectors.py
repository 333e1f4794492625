"""Read milestones, and the misses that stand in a row."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import F, Q

from projects.common.among import Among
from projects.common.marks.rows import Milestone as Mark
from projects.common.marks.rows import milestone_rows
from projects.common.marks.shapes import Widths
from projects.initiatives.choices import Condition
from projects.initiatives.models import Initiative, StageMove
from projects.limits.rules import Policy
from projects.milestones.models import Milestone, MilestoneBaseline, MilestoneState
from projects.milestones.rules import Baseline, Hold, MilestoneFacts, MissedRun, missed_run


def next_milestone(initiative: Initiative) -> Milestone | None:
    """Return the open milestone that falls due first: by baselined date, else by the owner's forecast."""
    rows = list(initiative.milestones.open())
    return min(
        rows, key=lambda row: (row.baselined_due_on or row.forecast_due_on or date.max, row.sequence), default=None
    )


def missed_runs(initiative_ids: Iterable[int], *, on: date, policy: Policy) -> dict[int, MissedRun]:
    """Return the misses in a row on a day, absent where no date can have been missed; a handful of queries for any number."""
    grace_days = policy.integer("milestone_grace_days")
    late = _may_have_missed(initiative_ids, on, grace_days)
    zones = {
        pk: ZoneInfo(name) for pk, name in Initiative.objects.filter(pk__in=Among(late)).values_list("pk", "time_zone")
    }
    holds = hold_spells(zones)
    facts: dict[int, list[MilestoneFacts]] = {}
    for milestone in Milestone.objects.filter(initiative__in=Among(late)).prefetch_related("baselines"):
        facts.setdefault(milestone.initiative_id, []).append(_facts(milestone, zones[milestone.initiative_id]))
    return {
        pk: missed_run(
            rows,
            on=on,
            grace_days=grace_days,
            next_miss_days=policy.integer("milestone_next_miss_days"),
            holds=holds.get(pk, ()),
        )
        for pk, rows in facts.items()
    }


def _may_have_missed(initiative_ids: Iterable[int], on: date, grace_days: int) -> list[int]:
    """Return the initiatives with a date whose grace is over and that was surely not kept, whatever their time zone."""
    grace = timedelta(days=grace_days)
    due = MilestoneBaseline.objects.filter(milestone__initiative__in=Among(initiative_ids), due_on__lt=on - grace)
    accepted = Q(
        milestone__state=MilestoneState.ACCEPTED, milestone__accepted_at__lt=datetime.combine(on, time.min, UTC)
    )
    in_time = Q(milestone__rework_count=0, milestone__delivered_on__lte=F("due_on") + grace)
    late = due.exclude(accepted & (in_time | Q(milestone__accepted_at__lt=F("due_on") + grace)))
    return list(late.order_by().values_list("milestone__initiative", flat=True).distinct())


def hold_spells(zones: dict[int, ZoneInfo]) -> dict[int, tuple[Hold, ...]]:
    """Return the spells on hold of each initiative, in days of its own time zone."""
    spells: dict[int, list[Hold]] = {}
    moves = StageMove.objects.filter(initiative__in=Among(zones), field="condition").order_by("moved_at", "id")
    for move in moves:
        day = _day(move.moved_at, zones[move.initiative_id])
        rows = spells.setdefault(move.initiative_id, [])
        if move.after == Condition.ON_HOLD:
            rows.append(Hold(day))
        elif move.before == Condition.ON_HOLD and rows:
            rows[-1] = Hold(rows[-1].since, day)
    return {pk: tuple(rows) for pk, rows in spells.items()}


@dataclass(frozen=True)
class MilestoneRow:
    """One line of the table of milestones, with its result as tone, icon and word."""

    milestone: Milestone
    met_or_expected_on: date | None
    days_late: int | None
    tone: str
    icon: str
    word: str


@dataclass(frozen=True)
class MilestonePanel:
    """What the milestones tab shows on a day."""

    initiative: Initiative
    rows: list[MilestoneRow]
    run: MissedRun
    limit: int
    chart: Widths | None


def milestone_panel(initiative: Initiative, *, on: date, policy: Policy) -> MilestonePanel:
    """Return the milestones tab of an initiative on a day."""
    zone = ZoneInfo(initiative.time_zone)
    rows = list(initiative.milestones.order_by("sequence"))
    grace = policy.integer("milestone_grace_days")
    run = missed_runs([initiative.pk], on=on, policy=policy).get(initiative.pk, MissedRun(()))
    return MilestonePanel(
        initiative=initiative,
        rows=[_row(row, zone, on, grace) for row in rows],
        run=run,
        limit=policy.integer("missed_milestones"),
        chart=_chart(rows, zone, on),
    )


def _row(milestone: Milestone, zone: ZoneInfo, on: date, grace: int) -> MilestoneRow:
    met_on = _met_on(milestone, zone)
    due_on = milestone.baselined_due_on
    day = met_on or milestone.forecast_due_on
    late = (met_on - due_on).days if met_on and due_on else None
    return MilestoneRow(milestone, day, late, *_result(milestone, late, on, grace))


def _result(milestone: Milestone, late: int | None, on: date, grace: int) -> tuple[str, str, str]:
    """Say how a milestone stands: tone, icon and word."""
    if milestone.state == MilestoneState.CANCELLED:
        return "mute", "none", "Cancelled"
    if milestone.state == MilestoneState.ACCEPTED:
        if late is None or late <= 0:
            return "ok", "ok", "Met"
        if late <= grace:
            return "ok", "ok", f"Met, within {grace} days’ grace"
        return "warn", "warn", "Met, late"
    due_on = milestone.baselined_due_on
    if due_on is not None and (on - due_on).days > grace:
        return "bad", "bad", "Missed"
    if milestone.state == MilestoneState.DELIVERED:
        return "", "clock", "Delivered, to be accepted"
    return ("", "half", "In progress") if due_on else ("mute", "none", "Not baselined")


def _met_on(milestone: Milestone, zone: ZoneInfo) -> date | None:
    """Return the day that counts: of delivery, or after rework of acceptance."""
    if milestone.state != MilestoneState.ACCEPTED:
        return None
    return _day(milestone.accepted_at, zone) if milestone.rework_count else milestone.delivered_on


def _chart(milestones: list[Milestone], zone: ZoneInfo, on: date) -> Widths | None:
    marks = [
        Mark(row.name, due_on, _met_on(row, zone), None if _met_on(row, zone) else row.forecast_due_on)
        for row in milestones
        if row.state != MilestoneState.CANCELLED and (due_on := row.baselined_due_on or row.forecast_due_on)
    ]
    if not marks:
        return None
    days = [day for mark in marks for day in (mark.due_on, mark.met_on, mark.expected_on) if day] + [on]
    first, last = min(days).replace(day=1), max(days)
    count = (last.year - first.year) * 12 + last.month - first.month + 2
    return milestone_rows(marks, first, count, on)


def _facts(milestone: Milestone, zone: ZoneInfo) -> MilestoneFacts:
    return MilestoneFacts(
        sequence=milestone.sequence,
        name=milestone.name,
        baselines=tuple(Baseline(row.due_on, _day(row.at, zone)) for row in milestone.baselines.all()),
        delivered_on=milestone.delivered_on,
        accepted_on=_day(milestone.accepted_at, zone) if milestone.accepted_at else None,
        is_reworked=milestone.rework_count > 0,
        cancelled_on=_day(milestone.cancelled_at, zone) if milestone.state == MilestoneState.CANCELLED else None,
    )


def _day(moment: datetime | None, zone: ZoneInfo) -> date:
    assert moment is not None
    return moment.astimezone(zone).date()
