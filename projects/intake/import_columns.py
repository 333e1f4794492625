"""Which column of a table feeds which of our fields: what the mapping names, then what is proposed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from projects.intake.import_headers import (
    MONEY_FIELDS,
    Fields,
    bare,
    currency_in,
    find_header,
    normal,
    propose,
    unit_in,
)
from projects.intake.import_mapping import Columns, PortfolioMap
from projects.intake.import_money import Money
from projects.intake.import_values import is_blank
from projects.intake.spreadsheets.refusals import FileRefused, Refusal
from projects.intake.spreadsheets.tables import Line, Table, read_grid, table_of, turned

FIELDS_AT_MOST = 100


@dataclass(frozen=True)
class ColumnPlan:
    """Our field → their headers in order of preference; which were proposed; how each money column is written."""

    header: tuple[str, ...]
    columns: Columns
    proposed: tuple[str, ...]
    money: Mapping[str, Money]
    notes: tuple[str, ...]

    def cell(self, line: Line, field: str) -> tuple[str, str]:
        """Return header and text of the first of a field's columns that says something; ("", "") without a column."""
        headers = self.columns.get(field, ())
        cells = [(name, line.cells[self.header.index(name)]) for name in headers]
        said = (pair for pair in cells if not is_blank(pair[1]))
        return next(said, cells[0] if cells else ("", ""))


def open_table(content: bytes, mapping: PortfolioMap, fields: Fields, named: Columns) -> Table:
    """Return the table of a file, turned where the mapping says so.

    Raise FileRefused, with the remedy, for a transposed table that the mapping does not mention.
    """
    grid = read_grid(content, separator=mapping.separator, encoding=mapping.encoding, sheet=mapping.sheet)
    if mapping.transposed:
        return table_of(turned(grid))
    table = table_of(grid, header_line=mapping.header_line)
    down = [record.cells[0] for record in grid.records[:FIELDS_AT_MOST] if record.cells]
    if mapping.transposed is None and known(down, fields, named) > max(1, known(table.header, fields, named)):
        if mapping.turn_if_needed:
            return table_of(turned(grid))
        names = ", ".join(_short(name) for name in down[:3])
        raise FileRefused(
            "table_transposed",
            f"The table is transposed: its first column holds the names of the fields ({names}, …) and each further "
            "column is one project. Say transposed = true under [options] of the mapping and it is turned.",
        )
    return table


def read_header(content: bytes) -> tuple[str, ...]:
    """Return the header of a file as it stands. Raise FileRefused where there is none."""
    return table_of(read_grid(content)).header


def known(names: Sequence[str], fields: Fields, named: Columns) -> int:
    """Count the fields that a row of names would feed."""
    found = set(propose(names, fields))
    return len(found | {field for field, headers in named.items() if any(find_header(h, names) for h in headers)})


def plan_columns(table: Table, mapping: PortfolioMap, fields: Fields, named: Columns) -> ColumnPlan:
    """Return the plan for a table. Raise FileRefused where neither a name nor an id can be found."""
    columns, missing = _named_columns(table.header, named)
    taken = {header for headers in columns.values() for header in headers}
    open_fields = {field: names for field, names in fields.items() if field not in named or field in missing}
    proposals = propose(table.header, open_fields, taken=taken)
    columns |= {field: (header,) for field, header in proposals.items()}
    if not columns.get("name") and not columns.get("id"):
        raise FileRefused(
            "columns_missing",
            "No column holds a name or an id. Name one under [columns] of the mapping. "
            f"Columns found: {', '.join(_short(name) for name in table.header[:40])}.",
            [Refusal(1, "name", "", "no such column")],
        )
    notes = [f'The mapping names "{" or ".join(named[field])}" for {field}; no such column.' for field in missing]
    notes += [f'Proposed: {field} from "{header}".' for field, header in proposals.items()]
    money = {field: _money(columns[field][0], mapping) for field in MONEY_FIELDS if columns.get(field)}
    return ColumnPlan(table.header, columns, tuple(proposals), money, (*mapping.notes, *notes))


def _named_columns(header: Sequence[str], named: Columns) -> tuple[dict[str, tuple[str, ...]], list[str]]:
    columns: dict[str, tuple[str, ...]] = {}
    missing = []
    for field, wanted in named.items():
        columns[field] = tuple(dict.fromkeys(found for name in wanted if (found := find_header(name, header))))
        if wanted and not columns[field]:
            missing.append(field)
    return columns, missing


def _money(header: str, mapping: PortfolioMap) -> Money:
    factor = mapping.factor if mapping.factor is not None else unit_in(header) or Decimal(1)
    return Money(factor, mapping.currency or currency_in(header), mapping.decimal)


def _short(name: str) -> str:
    return bare(name)[:60] or normal(name)[:60]
