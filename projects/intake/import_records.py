"""From the lines of a table to initiatives: one record, one merge or one refusal for every line."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from projects.intake.import_columns import ColumnPlan, open_table, plan_columns
from projects.intake.import_dates import read_date
from projects.intake.import_headers import INITIATIVE_FIELDS, tells_milestones
from projects.intake.import_mapping import PortfolioMap
from projects.intake.import_money import SYMBOLS, read_money
from projects.intake.import_stages import Stage, normal_label, propose_stage
from projects.intake.import_values import is_blank, many_lines, one_line
from projects.intake.spreadsheets.refusals import FileRefused, Refusal
from projects.intake.spreadsheets.tables import Line, Table

NAME_LIMIT = 200
ID_LIMIT = 200
SHOWN = 200


@dataclass(frozen=True)
class Note:
    """Words kept from a cell where a figure, a date or a stage was expected, or what was done about a cell."""

    column: str
    value: str
    why: str


@dataclass(frozen=True)
class Record:
    """One initiative as a file tells it. ``own_id`` is False where the id was made from the row's words."""

    line: int
    organisation: str
    external_id: str
    own_id: bool
    name: str
    unit: str = ""
    description: str = ""
    stage: Stage = Stage.CONCEPT
    stage_label: str = ""
    owner: str = ""
    cost_centre: str = ""
    start_on: date | None = None
    end_on: date | None = None
    budget: Decimal | None = None
    actual: Decimal | None = None
    forecast: Decimal | None = None
    currency: str = ""
    notes: tuple[Note, ...] = ()

    @property
    def identity(self) -> tuple[str, str]:
        """Return what merges: organisation and id."""
        return (self.organisation, self.external_id)


@dataclass(frozen=True)
class Repeat:
    """A line whose organisation and id stood on an earlier line of the same file."""

    record: Record
    first_line: int


@dataclass(frozen=True)
class Reading:
    """What a whole file gave: rows = records + repeats + refusals."""

    rows: int
    records: tuple[Record, ...]
    repeats: tuple[Repeat, ...]
    refusals: tuple[Refusal, ...]
    notes: tuple[str, ...]
    plan: ColumnPlan
    table: Table


@dataclass
class Draft:
    """What is gathered of a line while it is read."""

    notes: list[Note] = field(default_factory=list)
    problems: list[tuple[str, str, str]] = field(default_factory=list)

    def keep(self, column: str, text: str, note: str, problem: str) -> None:
        """Take down what reading one cell gave beside its value."""
        if problem:
            self.problems.append((column, one_line(text), problem))
        if note:
            self.notes.append(Note(column, note, "Words where a figure or date was expected: kept as a note."))


def read_portfolio(content: bytes, mapping: PortfolioMap) -> Reading:
    """Return every row of a portfolio file as record, repeat or refusal. Raise FileRefused for a file as a whole."""
    table = open_table(content, mapping, INITIATIVE_FIELDS, mapping.columns)
    plan = plan_columns(table, mapping, INITIATIVE_FIELDS, mapping.columns)
    if not mapping.columns and tells_milestones(plan.header):
        raise FileRefused(
            "milestones_given",
            "This is a file of milestones: each row names a project beside a milestone of its own. "
            "Give the portfolio of projects as the file, and this one as its milestones.",
        )
    seen: dict[tuple[str, str], int] = {}
    made: Counter[str] = Counter()
    records, repeats, refusals = [], [], []
    for line in table.lines:
        record = read_line(line, plan, mapping)
        if isinstance(record, Refusal):
            refusals.append(record)
            continue
        if not record.own_id:
            record = _numbered(record, made)
        first = seen.setdefault(record.identity, record.line)
        if first == record.line:
            records.append(record)
        else:
            repeats.append(Repeat(record, first))
    notes = [*table.notes, *plan.notes]
    if mapping.stages and not plan.columns.get("stage"):
        notes.append("The mapping says what stage labels mean, but no column holds one: name it under [columns].")
    return Reading(len(table.lines), tuple(records), tuple(repeats), tuple(refusals), tuple(notes), plan, table)


def read_line(line: Line, plan: ColumnPlan, mapping: PortfolioMap) -> Record | Refusal:
    """Return the record of one line, or the first problem that refuses it, with the number of further ones."""
    draft = Draft()
    if line.beyond:
        draft.problems.append(("", line.beyond[0], f"stands beyond the last of {len(plan.header)} columns"))
    record = _identified(line, plan, mapping, draft)
    stage, label = _stage(line, plan, mapping, draft)
    amounts, currency = _amounts(line, plan, mapping, draft)
    dates = {part: _date(line, plan, mapping, part, draft) for part in ("start", "end")}
    if draft.problems:
        return refusal_of(line, draft.problems)
    return replace(
        record,
        unit=one_line(plan.cell(line, "unit")[1]),
        description=many_lines(plan.cell(line, "description")[1]),
        stage=stage,
        stage_label=label,
        owner=one_line(plan.cell(line, "owner")[1]),
        cost_centre=one_line(plan.cell(line, "cost_centre")[1]),
        start_on=dates["start"],
        end_on=dates["end"],
        budget=amounts.get("budget"),
        actual=amounts.get("actual"),
        forecast=amounts.get("forecast"),
        currency=currency,
        notes=(*record.notes, *draft.notes, *_odd_dates(plan, dates)),
    )


def _identified(line: Line, plan: ColumnPlan, mapping: PortfolioMap, draft: Draft) -> Record:
    id_column, id_text = plan.cell(line, "id")
    name_column, name_text = plan.cell(line, "name")
    external_id = "" if is_blank(id_text) else one_line(id_text)
    name = "" if is_blank(name_text) else one_line(name_text)
    organisation_text = plan.cell(line, "organisation")[1]
    organisation = mapping.organisation if is_blank(organisation_text) else one_line(organisation_text)
    if not name and not external_id:
        draft.problems.append((name_column or id_column, name_text, "has neither a name nor an id"))
    if len(external_id) > ID_LIMIT:
        draft.problems.append((id_column, external_id, f"is an id of more than {ID_LIMIT} characters"))
    if not name:
        draft.notes.append(Note(name_column, "", "No name is given: the initiative is called by its id."))
    if len(name) > NAME_LIMIT:
        draft.notes.append(Note(name_column, name, f"The name was cut after {NAME_LIMIT} characters."))
        name = name[: NAME_LIMIT - 1].rstrip() + "…"
    own = bool(external_id)
    return Record(line.number, organisation[:NAME_LIMIT], external_id, own, name or f"Project {external_id}")


def _stage(line: Line, plan: ColumnPlan, mapping: PortfolioMap, draft: Draft) -> tuple[Stage, str]:
    column, text = plan.cell(line, "stage")
    label = one_line(text)
    if is_blank(label):
        stage = mapping.blank_stage
        if stage is None and column:
            draft.notes.append(Note(column, label, "No stage is given: the initiative starts in Concept."))
        return stage or Stage.CONCEPT, ""
    stage = stage_meant(label, mapping)
    if stage is None:
        draft.problems.append((column, label, "is no stage we know: say under [stages] of the mapping which one it is"))
    return stage or Stage.CONCEPT, label


def stage_meant(label: str, mapping: PortfolioMap) -> Stage | None:
    """Return what a label means: by the mapping, else as it is usually meant; None where a person must say."""
    name = normal_label(label)
    if name in mapping.asked:
        return None
    return mapping.stages.get(name) or propose_stage(label) or mapping.other_stage


def _amounts(line: Line, plan: ColumnPlan, mapping: PortfolioMap, draft: Draft) -> tuple[dict[str, Decimal], str]:
    said = _currency(line, plan, draft)
    found = {
        name: amount
        for name in ("budget", "actual", "forecast", "variance")
        if (amount := _amount(line, plan, name, said, draft))
    }
    currencies = {currency for _, currency in found.values() if currency}
    if len(currencies) > 1:
        draft.problems.append(("", ", ".join(sorted(currencies)), "mixes currencies in one row"))
    amounts = {name: amount for name, (amount, _) in found.items()}
    variance = amounts.pop("variance", None)
    sign = mapping.overrun_is_negative
    if "actual" not in amounts and "budget" in amounts and variance is not None and sign is not None:
        amounts["actual"] = amounts["budget"] + (-variance if sign else variance)
    if amounts.get("budget", Decimal(0)) < 0:
        column, text = plan.cell(line, "budget")
        draft.notes.append(
            Note(column, one_line(text), "A budget below zero is kept as a note: no money is released for it.")
        )
    return amounts, next(iter(currencies), said or mapping.currency)


def _amount(line: Line, plan: ColumnPlan, name: str, said: str, draft: Draft) -> tuple[Decimal, str] | None:
    column, text = plan.cell(line, name)
    if not column:
        return None
    money = plan.money[name]
    read = read_money(text, replace(money, currency=said) if said else money)
    draft.keep(column, text, read.note, read.problem)
    return read.value


def _currency(line: Line, plan: ColumnPlan, draft: Draft) -> str:
    column, text = plan.cell(line, "currency")
    if is_blank(text):
        return ""
    code = SYMBOLS.get(text.strip(), one_line(text).upper())
    if not (len(code) == 3 and code.isascii() and code.isalpha()):
        draft.problems.append((column, one_line(text), "is not a currency"))
        return ""
    return code


def _date(line: Line, plan: ColumnPlan, mapping: PortfolioMap, name: str, draft: Draft) -> date | None:
    column, text = plan.cell(line, name)
    read = read_date(text, mapping.date_order)
    draft.keep(column, text, read.note, read.problem)
    return read.value


def _odd_dates(plan: ColumnPlan, dates: dict[str, date | None]) -> Iterator[Note]:
    start, end = dates["start"], dates["end"]
    if start and end and end < start:
        yield Note(plan.columns["end"][0], end.isoformat(), f"Ends before it starts on {start.isoformat()}.")


def _numbered(record: Record, made: Counter[str]) -> Record:
    words = "\x1f".join((record.organisation, record.unit, record.name, record.description)).casefold()
    digest = hashlib.sha256(words.encode()).hexdigest()[:16]
    made[digest] += 1
    return replace(record, external_id=f"row-{digest}-{made[digest]}")


def refusal_of(line: Line, problems: Sequence[tuple[str, str, str]]) -> Refusal:
    """Return the one refusal of a line: its first problem, and where further ones stand."""
    column, value, reason = problems[0]
    more = f"; {len(problems) - 1} more: " + ", ".join(name or "the line" for name, _, _ in problems[1:])
    return Refusal(line.number, column, value[:SHOWN], reason + (more if len(problems) > 1 else ""))
