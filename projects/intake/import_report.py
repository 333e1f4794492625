"""What an import answers: counts that add up, refusals, and everything a person should look at."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from projects.intake.import_lateness import Lateness, late_on, late_when_finished
from projects.intake.import_milestones import MilestoneReading
from projects.intake.import_records import Reading, Record
from projects.intake.import_totals import by_stage, in_words, measured, over_plan, sum_of
from projects.intake.spreadsheets.refusals import Refusal

MONEY_PARTS = ("budget", "actual", "forecast")


@dataclass(frozen=True)
class Here:
    """What the register holds already under an organisation and id."""

    key: str
    name: str
    stage: str
    budget: Decimal | None = None
    actual: Decimal | None = None


@dataclass(frozen=True)
class Limits:
    """What the policy in force says of plans and milestones."""

    over_budget_percent: Decimal
    grace_days: int
    next_miss_days: int


@dataclass(frozen=True)
class MilestoneCounts:
    """What became of a milestones file: accepted are new, merged were here or repeated."""

    reading: MilestoneReading
    accepted: int
    merged: int


@dataclass(frozen=True)
class Report:
    """One import or preview; ``new`` are the records that became or would become initiatives."""

    file: str
    reading: Reading
    new: Sequence[Record]
    here: Mapping[tuple[str, str], Here]
    limits: Limits
    on: date
    milestones: MilestoneCounts | None = None
    look_alikes: Sequence[Mapping[str, Any]] = ()
    opening: Mapping[str, Any] = field(default_factory=dict)
    opening_spend: Mapping[str, Any] = field(default_factory=dict)
    owners: Mapping[str, int] = field(default_factory=dict)
    notes: Sequence[str] = ()

    @property
    def accepted(self) -> int:
        """Return how many rows are new initiatives."""
        return len(self.new)

    @property
    def merged(self) -> int:
        """Return how many rows are initiatives that are here, or stood on an earlier line."""
        return self.reading.rows - self.accepted - self.refused

    @property
    def refused(self) -> int:
        """Return how many rows were refused."""
        return len(self.reading.refusals)

    def as_dict(self) -> dict[str, Any]:
        """Return the whole report for JSON."""
        kept = [*self.reading.records, *(repeat.record for repeat in self.reading.repeats)]
        return {
            "file": self.file,
            "rows": self.reading.rows,
            "accepted": self.accepted,
            "merged": self.merged,
            "refused": self.refused,
            "by_stage": by_stage(kept),
            "refusals": refusals_of(self.reading.refusals),
            "repeated": [
                {"line": repeat.record.line, "first_line": repeat.first_line, "id": repeat.record.external_id,
                 "name": repeat.record.name}
                for repeat in self.reading.repeats
            ],
            "differences": list(self._differences()),
            "look_alikes": list(self.look_alikes),
            "opening": dict(self.opening),
            "opening_spend": dict(self.opening_spend),
            "owners": dict(self.owners),
            "totals": totals_of(self.reading.records, self.limits.over_budget_percent),
            "milestones": None if self.milestones is None else milestones_of(self.milestones, self.on, self.limits),
            "row_notes": list(row_notes(kept)),
            "notes": [*self.reading.notes, *self.notes],
        }  # fmt: skip

    def _differences(self) -> Iterable[dict[str, Any]]:
        for record in self.reading.records:
            here = self.here.get(record.identity)
            if here is None:
                continue
            pairs = (
                ("name", here.name, record.name),
                ("stage", here.stage, record.stage.value),
                ("budget", here.budget, record.budget),
                ("actual", here.actual, record.actual),
            )
            for part, ours, theirs in pairs:
                if ours != theirs and (part != "stage" or record.stage_label):
                    yield {"line": record.line, "key": here.key, "field": part, "here": ours, "file": theirs}


def refusals_of(refusals: Iterable[Refusal]) -> list[dict[str, Any]]:
    """Return refusals for JSON."""
    return [
        {"line": refusal.line, "column": refusal.column, "value": refusal.value, "reason": refusal.reason}
        for refusal in refusals
    ]


def row_notes(records: Iterable[Record]) -> Iterable[dict[str, Any]]:
    """Yield every note of every record for JSON."""
    for record in records:
        for note in record.notes:
            yield {"line": record.line, "column": note.column, "value": note.value, "why": note.why}


def totals_of(records: Sequence[Record], percent: Decimal) -> dict[str, Any]:
    """Return sums per currency, and how many projects stand more than the policy's percent over their plan."""
    sums = {part: sum_of(records, part) for part in MONEY_PARTS}
    compared = [record for record in records if (record.budget or 0) > 0 and measured(record) is not None]
    return {
        **{
            part: {"rows": found.rows, "zero": found.zero, "sums": _named(found.by_currency)}
            for part, found in sums.items()
        },
        "without_budget": sum(record.budget is None for record in records),
        "compared_with_plan": len(compared),
        "over_plan": {"percent": percent, "projects": over_plan(records, percent)},
        "in_words": dict(Counter(in_words(record).split(" by ")[0] for record in records if record.budget is not None)),
    }


def _named(sums: Mapping[str, Decimal]) -> dict[str, Decimal]:
    return {currency or "currency not told": amount for currency, amount in sums.items()}


def milestones_of(counts: MilestoneCounts, on: date, limits: Limits) -> dict[str, Any]:
    """Return counts, refusals and both counts of late milestones in a row."""
    reading = counts.reading
    records = [*reading.records, *(record for record, _ in reading.repeats)]
    return {
        "rows": reading.rows,
        "accepted": counts.accepted,
        "merged": counts.merged,
        "refused": len(reading.refusals),
        "refusals": refusals_of(reading.refusals),
        "late_when_finished": _lateness(late_when_finished(records)),
        "late_on_the_day": _lateness(
            late_on(records, on, grace_days=limits.grace_days, next_miss_days=limits.next_miss_days)
        ),
        "notes": list(reading.notes),
    }


def _lateness(lateness: Lateness) -> dict[str, Any]:
    return {
        "milestones": lateness.counted,
        "late": lateness.late,
        "projects_with_two_in_a_row": lateness.projects,
        "rule": lateness.rule,
    }
