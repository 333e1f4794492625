"""Read milestones, and the misses that stand in a row."""

from collections.abc import Iterable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from projects.initiatives.choices import Condition
from projects.initiatives.models import Initiative, StageMove
from projects.limits.rules import Policy
from projects.milestones.models import Milestone, MilestoneState
from projects.milestones.rules import Baseline, Hold, MilestoneFacts, MissedRun, missed_run


def next_milestone(initiative: Initiative) -> Milestone | None:
    """Return the open milestone that falls due first: by baselined date, else by the owner's forecast."""
    rows = list(initiative.milestones.open())
    return min(
        rows, key=lambda row: (row.baselined_due_on or row.forecast_due_on or date.max, row.sequence), default=None
    )


def missed_runs(initiative_ids: Iterable[int], *, on: date, policy: Policy) -> dict[int, MissedRun]:
    """Return the misses in a row of each initiative that has milestones, on a day; four queries for any number."""
    ids = list(initiative_ids)
    zones = {pk: ZoneInfo(name) for pk, name in Initiative.objects.filter(pk__in=ids).values_list("pk", "time_zone")}
    holds = hold_spells(zones)
    facts: dict[int, list[MilestoneFacts]] = {}
    for milestone in Milestone.objects.filter(initiative_id__in=ids).prefetch_related("baselines"):
        facts.setdefault(milestone.initiative_id, []).append(_facts(milestone, zones[milestone.initiative_id]))
    return {
        pk: missed_run(
            rows,
            on=on,
            grace_days=policy.integer("milestone_grace_days"),
            next_miss_days=policy.integer("milestone_next_miss_days"),
            holds=holds.get(pk, ()),
        )
        for pk, rows in facts.items()
    }


def hold_spells(zones: dict[int, ZoneInfo]) -> dict[int, tuple[Hold, ...]]:
    """Return the spells on hold of each initiative, in days of its own time zone."""
    spells: dict[int, list[Hold]] = {}
    moves = StageMove.objects.filter(initiative_id__in=zones, field="condition").order_by("moved_at", "id")
    for move in moves:
        day = _day(move.moved_at, zones[move.initiative_id])
        rows = spells.setdefault(move.initiative_id, [])
        if move.after == Condition.ON_HOLD:
            rows.append(Hold(day))
        elif move.before == Condition.ON_HOLD and rows:
            rows[-1] = Hold(rows[-1].since, day)
    return {pk: tuple(rows) for pk, rows in spells.items()}


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
