"""Pass over rows that carry nothing: blank ones of a spreadsheet, and the header again where files were joined."""

from dataclasses import replace

import polars as pl

from projects.sources.readers.plans import Plan
from projects.sources.readers.raw import LINE, RawFrame

_BLANK = 1  # bytes a blank cell may have


def without_spare_rows(raw: RawFrame, plan: Plan) -> tuple[RawFrame, int]:
    """Leave out blank rows and repeated headers, and return how many headers these were.

    A row is looked at closely only where its day is blank or is the name of the column itself.
    """
    day = plan.columns.get("charge_period_start")
    if day is None or raw.frame.schema[day] != pl.String:
        return raw, 0
    is_suspect = (pl.col(day).str.len_bytes() <= _BLANK).fill_null(True) | (pl.col(day) == day).fill_null(False)
    suspect = raw.frame.select(is_suspect).to_series()
    if not suspect.any():
        return raw, 0
    lines = raw.frame.filter(suspect)
    cells = [name for name in lines.columns if name != LINE]
    blank = lines.select(pl.all_horizontal(pl.col(cells).str.strip_chars().fill_null("") == "")).to_series()
    header = lines.select(pl.all_horizontal(pl.col(name) == name for name in cells)).to_series()
    spare = lines[LINE].filter(blank | header)
    if spare.is_empty():
        return raw, 0
    return replace(raw, frame=raw.frame.filter(~pl.col(LINE).is_in(spare.to_list()))), int(header.sum())
