"""Tell the row in which a spreadsheet adds the others up from one that is merely wrong."""

import re

import polars as pl

from projects.sources.readers.canonical import Checked
from projects.sources.readers.interface import RowProblem
from projects.sources.readers.raw import LINE

_SUM = r"(?i)^\s*(?:(?:grand|sub|overall|invoice|report)[ -]?)?(?:totals?|sum|summe|gesamt(?:summe)?)\b[^0-9]{0,40}$"
NOT_A_CHARGE = "is a row of totals, not a charge; leave it out, or import the good rows only"


def says_sum(text: str) -> bool:
    """Say whether a cell announces a sum, such as "Grand Total:"."""
    return re.match(_SUM, text) is not None


def name_sum_rows(raw: pl.DataFrame, checked: Checked) -> list[RowProblem]:
    """Give what is wrong with the rows, one plain reason for each row of totals among the refused.

    Only a row that has no day that can be read is looked at: one that has is a charge, whatever it is called.
    """
    rows = checked.rows
    dayless = rows.filter(checked.refused & rows["charge_period_start"].is_null())[LINE]
    cells = [name for name, dtype in raw.schema.items() if dtype == pl.String]
    if dayless.is_empty() or not cells:
        return checked.problems
    first = pl.coalesce(pl.when(pl.col(name).str.strip_chars() != "").then(name) for name in cells)
    sums = raw.filter(pl.col(LINE).is_in(dayless.to_list())).select(LINE, first.alias("first"))
    sums = sums.filter(pl.col("first").str.contains(_SUM))
    if sums.is_empty():
        return checked.problems
    lines = set(sums[LINE].to_list())
    named = [RowProblem(line, None, text[:80], NOT_A_CHARGE) for line, text in sums.iter_rows()]
    return [*named, *(problem for problem in checked.problems if problem.line not in lines)]
