"""Two counts of late milestones in a row, which differ on the same file, each with its rule.

The file's own count looks only at what is finished; the product's also counts what should be finished and is not.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from projects.intake.import_milestones import MilestoneRecord

FINISHED_RULE = (
    "finish slip = start delay + actual duration - planned duration > 0 days, by planned start then id; "
    "milestones that are not finished are skipped and do not break a run"
)
DUE_RULE = (
    "finished after its due date, or due before the date named and not finished, by due date then line; "
    "milestones that are not yet due are skipped and do not break a run"
)


@dataclass(frozen=True)
class Lateness:
    """How many milestones are late, of how many that count, and how many projects have two late ones in a row."""

    counted: int
    late: int
    projects: int
    rule: str


def late_when_finished(milestones: Iterable[MilestoneRecord]) -> Lateness:
    """Count by what is finished: a milestone without a finish neither counts nor breaks a run."""
    finished = [milestone for milestone in milestones if milestone.slip_days is not None]
    return _count(finished, lambda milestone: (milestone.slip_days or 0) > 0, _by_start, FINISHED_RULE)


def late_on(milestones: Iterable[MilestoneRecord], day: date) -> Lateness:
    """Count as the council does on a day: unfinished ones past their due date are late too."""
    due = [milestone for milestone in milestones if milestone.due_on < day or _finished_by(milestone, day)]

    def is_late(milestone: MilestoneRecord) -> bool:
        finished_on = milestone.finished_on if _finished_by(milestone, day) else None
        return (finished_on or day) > milestone.due_on

    return _count(due, is_late, _by_due, f"{DUE_RULE}; on {day.isoformat()}")


def _finished_by(milestone: MilestoneRecord, day: date) -> bool:
    return milestone.finished_on is not None and milestone.finished_on <= day


def _by_start(milestone: MilestoneRecord) -> tuple[date, int, str]:
    number = int(milestone.external_id) if milestone.external_id.isascii() and milestone.external_id.isdigit() else 0
    return (milestone.planned_start or milestone.due_on, number, milestone.external_id)


def _by_due(milestone: MilestoneRecord) -> tuple[date, int, str]:
    return (milestone.due_on, milestone.line, milestone.external_id)


def _count(
    milestones: Sequence[MilestoneRecord],
    is_late: Callable[[MilestoneRecord], bool],
    order: Callable[[MilestoneRecord], tuple[date, int, str]],
    rule: str,
) -> Lateness:
    projects: defaultdict[tuple[str, str], list[bool]] = defaultdict(list)
    for milestone in sorted(milestones, key=order):
        projects[milestone.organisation, milestone.project_id].append(is_late(milestone))
    in_a_row = sum(any(first and second for first, second in pairwise(run)) for run in projects.values())
    return Lateness(len(milestones), sum(map(sum, projects.values())), in_a_row, rule)
