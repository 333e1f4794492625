"""The lines of the explorer's tables: each figure with the way to its charges."""

from datetime import date
from decimal import Decimal
from typing import Any

from projects.common import formats
from projects.common.marks.shapes import Drawing
from projects.spend.addresses import link, period_words
from projects.spend.answering import Answer, Row, behind
from projects.spend.asking import IN_TIME, LAYER_NAMES, Question
from projects.spend.explorer_marks import COLUMNS, SHORT, is_provisional, rows_url, series_url
from projects.spend.narrowing import UNCLAIMED


def rows_address(question: Question, row: Row) -> str:
    """Return where the charges of a row stand; nowhere where its key names somebody whom the reader does not see."""
    return "" if row.is_masked else rows_url(behind(question, row))


def line_of(
    answer: Answer, row: Row, bar: Drawing, chosen: dict[str, str], today: date, lag_days: int
) -> dict[str, Any]:
    """Return a line of the table."""
    question = answer.question
    columns = columns_of(question)
    return {
        "name": _row_name(question, row),
        "url": "" if row.is_masked else _row_url(question, row, chosen),
        "cells": [_cell(question, row, layer) for layer in columns],
        "other": _other(row, columns),
        "total": row.total,
        "total_url": rows_address(question, row),
        "originals": sorted(row.originals.items()),
        "left_out": sorted(row.left_out.items()),
        "growth": row.growth if question.by not in IN_TIME else None,
        "is_provisional": question.by in IN_TIME
        and is_provisional(question, date.fromisoformat(f"{row.key}-01"[:10]), today, lag_days),
        "bar": bar,
    }


def total_line(answer: Answer) -> dict[str, Any]:
    """Return the last line of the table."""
    question, total, columns = answer.question, answer.total, columns_of(answer.question)
    cells = [
        (
            SHORT[layer],
            amount := total.layers.get(layer, Decimal(0)),
            rows_url(behind(question, layer=layer)) if amount else "",
        )
        for layer in columns
    ]
    return {
        "cells": cells,
        "other": _other(total, columns),
        "total": total.total,
        "total_url": rows_url(behind(question)),
        "growth": total.growth if question.by not in IN_TIME else None,
        "left_out": sorted(total.left_out.items()),
    }


def _cell(question: Question, row: Row, layer: str) -> tuple[str, Decimal, str]:
    amount = row.layers.get(layer, Decimal(0))
    return SHORT[layer], amount, rows_url(behind(question, row, layer)) if amount and not row.is_masked else ""


def _row_name(question: Question, row: Row) -> str:
    if question.by == "month" and row.key:
        return period_words(row.key)
    return formats.on_day(date.fromisoformat(row.key)) if question.by == "day" and row.key else row.name


def _row_url(question: Question, row: Row, chosen: dict[str, str]) -> str:
    """Return where a row's name leads: to the initiative, or to the same page narrowed to it."""
    key = row.key or ""
    if question.by in {"layer", "initiative"}:
        return f"/initiatives/{key}/spend/"
    if question.by == "month":
        return link(chosen, by="day", period=key)
    return "" if question.by == "day" else link(chosen, by="initiative", **{question.by: key})


def time_table(answer: Answer) -> list[dict[str, Any]]:
    """Return the chart's amounts, a line a colour, each with the way to its charges where an address may say it."""
    question = answer.question
    return [
        {
            "name": series.name,
            "cells": [
                (amount, series_url(question, series, time) if amount else "")
                for time, amount in zip(answer.times, series.amounts, strict=True)
            ],
            "total": series.total,
            "url": series_url(question, series),
        }
        for series in answer.series
    ]


def time_totals(answer: Answer) -> list[Decimal]:
    """Return what all colours of the chart add up to, by month or day."""
    columns = zip(*(series.amounts for series in answer.series), strict=True)
    return [sum(amounts, Decimal(0)) for amounts in columns]


def other_name(total: Row, columns: tuple[str, ...]) -> str:
    """Name the column of what has none of its own: by its layer where it is one, empty where there is nothing."""
    layers = [layer for layer, amount in total.layers.items() if amount and layer not in {*columns, UNCLAIMED}]
    return LAYER_NAMES.get(layers[0], "Other") if len(layers) == 1 else "Other" if layers else ""


def _other(row: Row, columns: tuple[str, ...]) -> Decimal:
    shown = {*columns, UNCLAIMED}
    return sum((amount for layer, amount in row.layers.items() if layer not in shown), Decimal(0))


def columns_of(question: Question) -> tuple[str, ...]:
    """Return which layers have a column of their own."""
    return (*COLUMNS, UNCLAIMED) if question.by in IN_TIME else COLUMNS
