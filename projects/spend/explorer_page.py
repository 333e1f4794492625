"""What the spend explorer's page holds: the question an address asks, figures with the way to their rows, the chart."""

import csv
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse, QueryDict

from projects.attribution.models import Purpose
from projects.common import formats
from projects.common.cells import safe_cell
from projects.common.formats import in_a_sentence
from projects.common.marks.columns import mix_bar
from projects.sources.eyes import Eyes
from projects.spend.charge_sums import unused_sums
from projects.spend.explorer import (
    BY,
    IN_TIME,
    LAYER_NAMES,
    Answer,
    Question,
    Row,
    behind,
    currencies,
    environments,
)
from projects.spend.explorer_marks import (
    COLUMNS,
    SHORT,
    is_provisional,
    key_figures,
    layers_chart,
    mix_of,
    rows_url,
    width_of,
)
from projects.spend.narrowing import CLAIMED, DIMENSIONS, NAMES, UNCLAIMED, narrowing_of, word_said
from projects.spend.rules import exact_text, last_day_of, month_before
from projects.spend.selectors import longest_lag
from projects.spend.unclaimed import unclaimed_summary

PERIODS = {"year": "This year to date", "12m": "Last 12 months", "all": "All"}
MOST_CAUSES = 4
TABS = ("layer", "initiative", "team", "model")
LISTED_MONTHS = 13
ALL = "all"
PLURALS = {
    "layer": "Initiatives",
    "initiative": "Initiatives",
    "team": "Teams",
    "unit": "Business units",
    "model": "Models",
    "service": "Technologies",
    "provider": "Providers",
    "source": "Sources",
    "environment": "Environments",
    "purpose": "Purposes",
    "month": "Months",
    "day": "Days",
}


def question_of(said: QueryDict, last: date, own: str) -> Question:
    """Read what an address asks; what it does not say is this year by layer.

    The currency "all" asks for everything in the organisation's own one, and so does who names none while bills come in
    it and in others.
    """
    known = currencies() or [own]
    by, currency = said.get("by", "layer"), said.get("currency", "")
    if currency not in known and own in known and len(known) > 1:
        currency = ALL
    if currency == ALL:
        known = [own]
    by = by if by in BY else "layer"
    since, on = period_of(said.get("period", ""), last)
    if by == "day" and (since.year, since.month) != (on.year, on.month):
        since = on.replace(day=1)
    told = currency if currency in known else known[0]
    return Question(by, since, on, told, narrowing_of(said.dict()).words, is_converted=currency == ALL)


def period_of(period: str, last: date) -> tuple[date, date]:
    """Return the first and last day of a period: a month such as 2026-05, a year or so up to the last charge day."""
    if period == "all":
        return date(2000, 1, 1), last
    if period == "12m":
        return date(last.year - (last.month < 12), last.month % 12 + 1, 1), last
    try:
        month = date.fromisoformat(f"{period}-01")
    except ValueError:
        return date(last.year, 1, 1), last
    return (
        (month, min(last_day_of(month), last)) if date(2000, 1, 1) <= month <= last else (date(last.year, 1, 1), last)
    )


def explorer_page(answer: Answer, said: QueryDict, last: date, today: date, eyes: Eyes, own: str) -> dict[str, Any]:
    """Return what the page shows; every figure with the address of the charges behind it."""
    question = answer.question
    known = currencies()
    chosen = {
        "by": question.by,
        "period": _period_code(question, said),
        "currency": ALL if question.is_converted else question.currency,
        **question.words,
    }
    columns, lag_days = _columns(question), longest_lag()
    widest = max((width_of(row) for row in answer.rows), default=Decimal(0))
    unused, unused_url = _unused(question)
    names = [] if "environment" in question.words else environments()
    return {
        "answer": answer,
        "question": question,
        "chart": layers_chart(answer, today, lag_days) if answer.times and answer.by_layer else None,
        "figures": key_figures(answer),
        "columns": [SHORT[layer] for layer in columns],
        "rows": [_line(answer, row, chosen, today, lag_days, widest) for row in answer.rows],
        "unclaimed": answer.unclaimed if question.by not in IN_TIME else None,
        "unclaimed_left_out": sorted(answer.unclaimed.left_out.items()) if answer.unclaimed else [],
        "unclaimed_url": rows_url(behind(question).only(initiative=UNCLAIMED)),
        "total": _total(answer),
        "other_name": _other_name(answer.total, columns),
        "time_table": _time_table(answer),
        "times": [(time, is_provisional(question, time, today, lag_days)) for time in answer.times],
        "tabs": [(BY[by], _link(chosen, by=by), by == question.by) for by in TABS],
        "more_tabs": [(title, _link(chosen, by=by), by == question.by) for by, title in BY.items() if by not in TABS],
        "more_by": "" if question.by in TABS else BY[question.by],
        "by_name": BY[question.by] if question.by != "layer" else "Initiative",
        "plural": PLURALS[question.by],
        "periods": [(title, _link(chosen, period=code), code == chosen["period"]) for code, title in _periods(last)],
        "period": _period_words(chosen["period"]),
        "compares": question.by not in IN_TIME,
        "environments": [("All", _link(chosen, environment=""), True)]
        + [(name, _link(chosen, environment=name), False) for name in names if not eyes.hides(name)],
        "purposes": []
        if "purpose" in question.words
        else [("All", _link(chosen, purpose=""), True)]
        + [(title, _link(chosen, purpose=code), False) for code, title in Purpose.choices],
        "currencies": _currencies(known, chosen, own),
        "currency_words": f"All, in {own}" if question.is_converted else question.currency,
        "apart": [code for code in known if code != question.currency] if not question.is_converted else [],
        "all_url": _link(chosen, currency=ALL),
        "own": own,
        "converted": _converted(answer),
        "chips": _chips(chosen, question, eyes),
        "unused": unused,
        "unused_url": unused_url,
        "csv_url": _link(chosen, **{"as": "csv"}),
        "causes": _causes(question),
        "provisional_from": next((t for t in answer.times if is_provisional(question, t, today, lag_days)), None),
        "last": last,
    }


def _unused(question: Question) -> tuple[list[tuple[str, Decimal]], str]:
    """Return by currency what was bought ahead and used by nobody, whoever owns it, and the way to its charges."""
    rollup, day = question.rollup
    sums = unused_sums(question.narrowing, rollup=rollup, day=day)
    meant = replace(question.narrowing.only(use="unused"), everything=True)
    return [(code, amount) for code, amount in sums.items() if amount], rows_url(meant)


def rows_address(question: Question, row: Row) -> str:
    """Return where the charges of a row stand; nowhere where its key names somebody whom the reader does not see."""
    return "" if row.is_masked else rows_url(behind(question, row))


def explorer_csv(answer: Answer) -> HttpResponse:
    """Return the table as CSV: the same rows, exact, and nothing that a spreadsheet would run."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="spend-by-{answer.question.by}.csv"'
    writer = csv.writer(response)
    layers, foreign = list(answer.by_layer), sorted({part.currency for part in answer.foreign})
    beside = [f"{what}_{code}" for code in foreign for what in ("original", "left_out")]
    writer.writerow(["key", "name", "currency", *layers, "total", *beside])
    nobody = [answer.unclaimed] if answer.unclaimed and answer.question.by not in IN_TIME else []
    for row in [*answer.all_rows, *nobody, answer.total]:
        amounts = [exact_text(row.layers.get(layer, Decimal(0))) for layer in layers]
        kept = [exact_text(sums.get(code, Decimal(0))) for code in foreign for sums in (row.originals, row.left_out)]
        name, key = safe_cell(row.name), safe_cell(row.name if row.is_masked else row.key or "")
        writer.writerow([key, name, answer.question.currency, *amounts, exact_text(row.total), *kept])
    return response


def _columns(question: Question) -> tuple[str, ...]:
    return (*COLUMNS, UNCLAIMED) if question.by in IN_TIME else COLUMNS


def _periods(last: date) -> Iterable[tuple[str, str]]:
    yield from PERIODS.items()
    month = last.replace(day=1)
    for _ in range(LISTED_MONTHS):
        yield f"{month:%Y-%m}", _period_words(f"{month:%Y-%m}")
        month = month_before(month)


def _period_code(question: Question, said: QueryDict) -> str:
    if question.since == question.on.replace(day=1) and said.get("period", "year") not in PERIODS:
        return f"{question.since:%Y-%m}"
    if question.by == "day":
        return f"{question.since:%Y-%m}"
    code = str(said.get("period", ""))
    return code if code in PERIODS else "year"


def _period_words(code: str) -> str:
    if code in PERIODS:
        return PERIODS[code]
    return f"{formats.MONTHS[int(code[5:]) - 1]} {code[:4]}"


def _link(chosen: dict[str, str], **changed: str) -> str:
    return "?" + urlencode({name: value for name, value in {**chosen, **changed}.items() if value})


def _chips(chosen: dict[str, str], question: Question, eyes: Eyes) -> list[dict[str, str]]:
    words = {UNCLAIMED: "Unclaimed", CLAIMED: "Claimed"}
    return [
        {
            "label": f"{NAMES[name]}: {eyes.text(words.get(word, word_said(name, word)))}",
            "url": _link(chosen, **{name: ""}),
        }
        for name, word in question.words.items()
        if name in DIMENSIONS
    ]


def _currencies(known: list[str], chosen: dict[str, str], own: str) -> list[tuple[str, str, bool]]:
    """Return each currency of bills, and all of them in the organisation's own where one is foreign to it."""
    listed = [(code, code) for code in known]
    if any(code != own for code in known):
        listed.insert(0, (ALL, f"All, in {own}"))
    return [(title, _link(chosen, currency=code), code == chosen["currency"]) for code, title in listed]


def _converted(answer: Answer) -> list[tuple[str, Decimal, Decimal, list[str]]]:
    """Return, by foreign currency, what was converted as billed and in the own one, and the months without a rate."""
    found: dict[str, tuple[Decimal, Decimal, list[str]]] = {}
    for part in answer.foreign:
        billed, worth, gaps = found.get(part.currency, (Decimal(0), Decimal(0), []))
        if part.converted is None:
            gaps.append(f"{part.words}")
            found[part.currency] = (billed, worth, gaps)
        else:
            found[part.currency] = (billed + part.amount, worth + part.converted, gaps)
    return [(currency, *sums) for currency, sums in sorted(found.items())]


def _line(
    answer: Answer, row: Row, chosen: dict[str, str], today: date, lag_days: int, widest: Decimal
) -> dict[str, Any]:
    question = answer.question
    columns = _columns(question)
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
        "mix": mix_of(row, question.currency, widest),
    }


def _total(answer: Answer) -> dict[str, Any]:
    question, total, columns = answer.question, answer.total, _columns(answer.question)
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
        return _period_words(row.key)
    return formats.on_day(date.fromisoformat(row.key)) if question.by == "day" and row.key else row.name


def _row_url(question: Question, row: Row, chosen: dict[str, str]) -> str:
    """Return where a row's name leads: to the initiative, or to the same page narrowed to it."""
    key = row.key or ""
    if question.by in {"layer", "initiative"}:
        return f"/initiatives/{key}/spend/"
    if question.by == "month":
        return _link(chosen, by="day", period=key)
    return "" if question.by == "day" else _link(chosen, by="initiative", **{question.by: key})


def _time_table(answer: Answer) -> list[tuple[str, list[tuple[Decimal, str]]]]:
    question = answer.question
    return [
        (
            LAYER_NAMES[layer],
            [
                (amount, rows_url(behind(question, layer=layer, time=time)) if amount else "")
                for time, amount in zip(answer.times, amounts, strict=True)
            ],
        )
        for layer, amounts in answer.by_layer.items()
    ]


def _causes(question: Question) -> list[dict[str, Any]]:
    """Return the largest causes of what nobody claims, each with a bar beside the largest."""
    found = [cause for cause in unclaimed_summary(since=question.since, on=question.on) if cause.is_ai][:MOST_CAUSES]
    sizes = [cause.sums.get(question.currency, Decimal(0)) for cause in found]
    widest = max(sizes, default=Decimal(0))
    return [
        {
            "title": cause.title,
            "words": in_a_sentence(cause.title),
            "sums": cause.sums,
            "count": cause.count,
            "bar": mix_bar([("ln", size)], f"{cause.title} beside the largest", 6, whole=widest) if size > 0 else None,
        }
        for cause, size in zip(found, sizes, strict=True)
    ]


def _other_name(total: Row, columns: tuple[str, ...]) -> str:
    """Name the column of what has none of its own: by its layer where it is one, empty where there is nothing."""
    layers = [layer for layer, amount in total.layers.items() if amount and layer not in {*columns, UNCLAIMED}]
    return LAYER_NAMES.get(layers[0], "Other") if len(layers) == 1 else "Other" if layers else ""


def _other(row: Row, columns: tuple[str, ...]) -> Decimal:
    shown = {*columns, UNCLAIMED}
    return sum((amount for layer, amount in row.layers.items() if layer not in shown), Decimal(0))
