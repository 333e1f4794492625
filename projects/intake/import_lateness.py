"""Two counts of late milestones in a row, which differ on the same file, each with its rule.

The file's own count looks only at what is finished; the product's also counts what should be finished and is not.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from projects.intake.import_milestones import MilestoneRecord
from projects.milestones.rules import Baseline, MilestoneFacts, missed_run

FINISHED_RULE = (
    "finish slip = start delay + actual duration - planned duration > 0 days, by planned start then id; "
    "milestones that are not finished are skipped and do not break a run"
)
DUE_RULE = (
    "not accepted by its due date, by due date then line; further days without acceptance are the next miss; the run at "
    "the end of the day named counts"
)
TWO = 2


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
    projects: defaultdict[tuple[str, str], list[bool]] = defaultdict(list)
    for milestone in sorted(finished, key=_by_start):
        projects[milestone.organisation, milestone.project_id].append((milestone.slip_days or 0) > 0)
    in_a_row = sum(any(first and second for first, second in pairwise(run)) for run in projects.values())
    return Lateness(len(finished), sum(map(sum, projects.values())), in_a_row, FINISHED_RULE)


def late_on(milestones: Iterable[MilestoneRecord], day: date, *, grace_days: int, next_miss_days: int) -> Lateness:
    """Count as the council does at the end of a day: unfinished ones past their due date are missed too."""
    projects: defaultdict[tuple[str, str], list[MilestoneFacts]] = defaultdict(list)
    for milestone in milestones:
        projects[milestone.organisation, milestone.project_id].append(_facts(milestone))

    def misses(facts: Sequence[MilestoneFacts]) -> int:
        return missed_run(facts, on=day, grace_days=grace_days, next_miss_days=next_miss_days).length

    every = [facts for plan in projects.values() for facts in plan]
    due = sum(facts.baselines[0].due_on <= day for facts in every)
    late = sum(misses([facts]) > 0 for facts in every)
    in_a_row = sum(misses(plan) >= TWO for plan in projects.values())
    return Lateness(due, late, in_a_row, f"{DUE_RULE}: {day.isoformat()}, {grace_days} days of grace")


def _facts(milestone: MilestoneRecord) -> MilestoneFacts:
    return MilestoneFacts(
        milestone.line,
        milestone.name,
        (Baseline(milestone.due_on, date.min),),
        delivered_on=milestone.finished_on,
        accepted_on=milestone.finished_on,
    )


def _by_start(milestone: MilestoneRecord) -> tuple[date, int, str]:
    number = int(milestone.external_id) if milestone.external_id.isascii() and milestone.external_id.isdigit() else 0
    return (milestone.planned_start or milestone.due_on, number, milestone.external_id)
