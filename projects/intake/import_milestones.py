"""From the lines of a milestones file to milestones of imported projects; without its project one is refused."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from projects.intake.import_columns import ColumnPlan, open_table, plan_columns
from projects.intake.import_dates import read_date
from projects.intake.import_headers import MILESTONE_FIELDS
from projects.intake.import_mapping import PortfolioMap
from projects.intake.import_money import read_money
from projects.intake.import_records import Draft, Note, refusal_of
from projects.intake.import_values import is_blank, one_line, read_days
from projects.intake.spreadsheets.refusals import FileRefused, Refusal
from projects.intake.spreadsheets.tables import Line

NAME_LIMIT = 200
Projects = Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class MilestoneRecord:
    """One planned activity of a project: when it should begin and end, and when it did."""

    line: int
    organisation: str
    project_id: str
    external_id: str
    name: str
    due_on: date
    planned_start: date | None = None
    planned_days: int | None = None
    delay_days: int | None = None
    actual_days: int | None = None
    finished_on: date | None = None
    status: str = ""
    cost: Decimal | None = None
    notes: tuple[Note, ...] = ()

    @property
    def identity(self) -> tuple[str, str, str]:
        """Return what merges: organisation, project and id."""
        return (self.organisation, self.project_id, self.external_id)

    @property
    def slip_days(self) -> int | None:
        """Return by how many days it finished after its plan, or None while it is not finished."""
        if self.finished_on is None:
            return None
        return (self.finished_on - self.due_on).days


@dataclass(frozen=True)
class MilestoneReading:
    """What a milestones file gave: rows = records + repeats + refusals."""

    rows: int
    records: tuple[MilestoneRecord, ...]
    repeats: tuple[tuple[MilestoneRecord, int], ...]
    refusals: tuple[Refusal, ...]
    notes: tuple[str, ...]


def read_milestones(content: bytes, mapping: PortfolioMap, projects: Projects) -> MilestoneReading:
    """Return every row of a milestones file as record, repeat or refusal. Raise FileRefused for a file as a whole."""
    table = open_table(content, mapping, MILESTONE_FIELDS, mapping.milestones)
    plan = plan_columns(table, mapping, MILESTONE_FIELDS, mapping.milestones)
    if not plan.columns.get("project"):
        raise FileRefused("columns_missing", "No column holds the project of a milestone: name it under [milestones].")
    seen: dict[tuple[str, str, str], int] = {}
    made: Counter[str] = Counter()
    records, repeats, refusals = [], [], []
    for line in table.lines:
        record = read_milestone(line, plan, mapping, projects)
        if isinstance(record, Refusal):
            refusals.append(record)
            continue
        if not record.external_id:
            record = _numbered(record, made)
        first = seen.setdefault(record.identity, line.number)
        if first == line.number:
            records.append(record)
        else:
            repeats.append((record, first))
    notes = (*table.notes, *plan.notes)
    return MilestoneReading(len(table.lines), tuple(records), tuple(repeats), tuple(refusals), notes)


def read_milestone(
    line: Line, plan: ColumnPlan, mapping: PortfolioMap, projects: Projects
) -> MilestoneRecord | Refusal:
    """Return the milestone of one line, or the first problem that refuses it."""
    draft = Draft()
    organisation, project = _project(line, plan, mapping, projects, draft)
    name_column, name = plan.cell(line, "name")
    external_id = one_line(plan.cell(line, "id")[1])
    if is_blank(name) and not external_id:
        draft.problems.append((name_column, name, "has neither a name nor an id"))
    dates = {
        part: _date(line, plan, mapping, part, draft) for part in ("planned_start", "planned_finish", "actual_finish")
    }
    days = {part: _days(line, plan, part, draft) for part in ("planned_days", "delay_days", "actual_days")}
    due = _due(dates, days)
    if due is None and not draft.problems:
        column = plan.columns.get("planned_finish", plan.columns.get("planned_start", ("",)))[0]
        draft.problems.append((column, "", "has no date on which it is due, nor a start and a duration"))
    cost = _cost(line, plan, draft)
    if due is None or draft.problems:
        return refusal_of(line, draft.problems)
    return MilestoneRecord(
        line.number,
        organisation,
        project,
        external_id,
        (one_line(name) or f"Milestone {external_id}")[:NAME_LIMIT],
        due,
        planned_start=dates["planned_start"],
        planned_days=days["planned_days"],
        delay_days=days["delay_days"],
        actual_days=days["actual_days"],
        finished_on=_finished(dates, days),
        status=one_line(plan.cell(line, "status")[1]),
        cost=cost,
        notes=tuple(draft.notes),
    )


def _numbered(record: MilestoneRecord, made: Counter[str]) -> MilestoneRecord:
    words = "\x1f".join((record.organisation, record.project_id, record.name, record.due_on.isoformat())).casefold()
    digest = hashlib.sha256(words.encode()).hexdigest()[:16]
    made[digest] += 1
    return replace(record, external_id=f"row-{digest}-{made[digest]}")


def projects_by_id(identities: Iterable[tuple[str, str]]) -> Projects:
    """Return which organisations have a project of each id."""
    projects: dict[str, frozenset[str]] = {}
    for organisation, project_id in identities:
        projects[project_id] = projects.get(project_id, frozenset()) | {organisation}
    return projects


def _project(line: Line, plan: ColumnPlan, mapping: PortfolioMap, projects: Projects, draft: Draft) -> tuple[str, str]:
    column, text = plan.cell(line, "project")
    project = "" if is_blank(text) else one_line(text)
    said = plan.cell(line, "organisation")[1]
    organisation = mapping.organisation if is_blank(said) else one_line(said)
    having = projects.get(project, frozenset())
    if not project:
        draft.problems.append((column, text, "names no project"))
    elif not having or (organisation and organisation not in having):
        whose = f" of {organisation}" if organisation else ""
        draft.problems.append((column, project, f"is no project{whose} that was imported: import it first"))
    elif not organisation and len(having) > 1:
        draft.problems.append((column, project, "is a project of several organisations: say of which one"))
    return organisation or next(iter(having), ""), project


def _due(dates: dict[str, date | None], days: dict[str, int | None]) -> date | None:
    start, planned = dates["planned_start"], days["planned_days"]
    if dates["planned_finish"]:
        return dates["planned_finish"]
    return start + timedelta(days=planned) if start and planned is not None else None


def _finished(dates: dict[str, date | None], days: dict[str, int | None]) -> date | None:
    start, actual = dates["planned_start"], days["actual_days"]
    if dates["actual_finish"]:
        return dates["actual_finish"]
    return start + timedelta(days=(days["delay_days"] or 0) + actual) if start and actual is not None else None


def _date(line: Line, plan: ColumnPlan, mapping: PortfolioMap, part: str, draft: Draft) -> date | None:
    column, text = plan.cell(line, part)
    read = read_date(text, mapping.date_order)
    draft.keep(column, text, read.note, read.problem)
    return read.value


def _days(line: Line, plan: ColumnPlan, part: str, draft: Draft) -> int | None:
    column, text = plan.cell(line, part)
    read = read_days(text)
    draft.keep(column, text, read.note, read.problem)
    return read.value


def _cost(line: Line, plan: ColumnPlan, draft: Draft) -> Decimal | None:
    column, text = plan.cell(line, "cost")
    if not column:
        return None
    read = read_money(text, plan.money["cost"])
    draft.keep(column, text, read.note, read.problem)
    return read.value[0] if read.value else None
