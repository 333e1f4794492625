"""Guardrails of an initiative as a checklist, and the output limits that usage is held against."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from projects.guardrails.models import Guardrail, ProofState
from projects.guardrails.rules import DEFINITIONS, TASK_MEASURES, Definition, codes_for, is_fresh
from projects.initiatives.models import Initiative
from projects.sources.evidence import evidence_rows
from projects.usage.rules import OverLimit
from projects.usage.selectors import LongAnswer, long_answers, usage_totals

MOST_ROWS = 50
TELLING = ("model", "token", "time", "period", "date", "spend", "cost", "status", "request_id", "call_type", "duration")


@dataclass(frozen=True)
class Line:
    """One line of the checklist: what is asked, and the guardrail when it was filled in."""

    definition: Definition
    guardrail: Guardrail | None
    is_proved: bool

    @property
    def is_filled(self) -> bool:
        """Say whether the value is known or does not apply."""
        return self.guardrail is not None and self.guardrail.is_filled

    @property
    def applies(self) -> bool:
        """Say whether it applies."""
        return not (self.guardrail and self.guardrail.not_applicable)


def checklist(initiative: Initiative, *, at: datetime, fresh_days: int) -> list[Line]:
    """Return the guardrails that an initiative's stage and autonomy ask for, in order; one query."""
    return checklists([initiative], at=at, fresh_days=fresh_days)[initiative.pk]


def checklists(initiatives: Iterable[Initiative], *, at: datetime, fresh_days: int) -> dict[int, list[Line]]:
    """Return the checklist of each initiative; one query for any number."""
    every = {initiative.pk: initiative for initiative in initiatives}
    rows: dict[int, dict[str, Guardrail]] = {pk: {} for pk in every}
    for row in Guardrail.objects.filter(initiative_id__in=every).select_related("initiative", "judged_by"):
        rows[row.initiative_id][row.code] = row
    found = {}
    for pk, initiative in every.items():
        stage = "mvp" if initiative.stage == "concept" and rows[pk] else initiative.stage
        codes = codes_for(stage, initiative.autonomy)
        found[pk] = [_line(DEFINITIONS[code], rows[pk].get(code), at, fresh_days) for code in codes]
    return found


def _line(definition: Definition, row: Guardrail | None, at: datetime, fresh_days: int) -> Line:
    fresh = row is not None and is_fresh(row.last_proof_at, at=at, days=fresh_days)
    proved = row is not None and (bool(row.not_applicable) or (row.proof_state == ProofState.PROVED and fresh))
    return Line(definition, row, proved)


def output_limits() -> dict[int, int]:
    """Return the limit of output tokens a call of each initiative that set one, rounded down."""
    rows = Guardrail.objects.filter(code="output_limit").exclude(value="")
    return {row.initiative_id: int(row.amount) for row in rows if row.amount is not None}


def last_month(at: datetime) -> tuple[date, date]:
    """Return the last calendar month that is over, half-open: the window in which rows prove a guardrail."""
    end = at.date().replace(day=1)
    return (end - timedelta(days=1)).replace(day=1), end


def measured_by_usage(initiative_id: int, *, at: datetime) -> frozenset[str]:
    """Name the agent limits that imported usage of the window measures."""
    used = usage_totals(initiative_id, *last_month(at))
    return frozenset(code for code, (measure, _) in TASK_MEASURES.items() if measure in used.largest_task)


def over_limit(row: Guardrail, *, at: datetime) -> OverLimit | None:
    """Return how many calls of the window passed an output limit; None for another guardrail or no figure."""
    if row.code != "output_limit" or row.amount is None:
        return None
    return long_answers(row.initiative_id, *last_month(at), int(row.amount))[0]


@dataclass(frozen=True)
class OffendingRow:
    """A call over the output limit, with the telling cells of its row as it was delivered."""

    answer: LongAnswer
    cells: list[tuple[str, str]]


@dataclass(frozen=True)
class Offence:
    """How many calls of a month passed the output limit, and the longest of them, read from the deliveries' evidence."""

    month: tuple[date, date]
    count: int
    is_exact: bool
    rows: list[OffendingRow]


def output_offence(row: Guardrail, *, at: datetime) -> Offence | None:
    """Return the rows that passed an output limit in the last full month; None where no limit in figures is set."""
    if row.code != "output_limit" or row.amount is None:
        return None
    over, answers = long_answers(row.initiative_id, *last_month(at), int(row.amount))
    shown = answers[:MOST_ROWS]
    cells = _cells(shown)
    rows = [OffendingRow(one, cells.get((one.day.part.delivery_id, one.line), [])) for one in shown]
    return Offence(last_month(at), over.count, over.is_exact, rows)


def _cells(answers: Sequence[LongAnswer]) -> dict[tuple[int, int], list[tuple[str, str]]]:
    """Read the rows from each delivery's evidence once; columns that may name people are left out."""
    lines: dict[int, list[int]] = {}
    folders: dict[int, str] = {}
    for one in answers:
        delivery = one.day.part.delivery
        lines.setdefault(delivery.pk, []).append(one.line)
        folders[delivery.pk] = delivery.evidence
    found = {}
    for pk, wanted in lines.items():
        for cells in evidence_rows(folders[pk], wanted).iter_rows(named=True):
            told = [
                (name, str(value)) for name, value in cells.items() if value not in (None, "") and _is_telling(name)
            ]
            found[pk, int(cells["row_number"])] = told
    return found


def _is_telling(column: str) -> bool:
    return column != "row_number" and any(part in column.lower() for part in TELLING)
