"""What the spend explorer's page holds: the question an address asks, figures with the way to their rows, the chart."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.http import QueryDict

from projects.attribution.models import Purpose
from projects.common.formats import in_a_sentence
from projects.common.marks.columns import mix_bar
from projects.sources.eyes import Eyes
from projects.spend.addresses import ALL, chips, currencies_to_choose, link, period_code, period_words, periods
from projects.spend.answering import Answer, behind
from projects.spend.asking import BY, IN_TIME, Question
from projects.spend.charge_sums import unused_sums
from projects.spend.explorer import currencies, environments
from projects.spend.explorer_lines import columns_of, line_of, other_name, time_table, time_totals, total_line
from projects.spend.explorer_marks import SHORT, bars_of, is_provisional, key_figures, key_of, rows_url, spend_chart
from projects.spend.narrowing import UNCLAIMED
from projects.spend.selectors import longest_lag
from projects.spend.unclaimed import unclaimed_summary

MOST_CAUSES = 4
TABS = ("layer", "initiative", "team", "model")
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


def explorer_page(answer: Answer, said: QueryDict, last: date, today: date, eyes: Eyes, own: str) -> dict[str, Any]:
    """Return what the page shows; every figure with the address of the charges behind it."""
    question = answer.question
    known = currencies()
    chosen = {
        "by": question.by,
        "period": period_code(question, said),
        "currency": ALL if question.is_converted else question.currency,
        **question.words,
    }
    columns, lag_days = columns_of(question), longest_lag()
    unused, unused_url = _unused(question)
    names = [] if "environment" in question.words else environments()
    return {
        "answer": answer,
        "question": question,
        "chart": spend_chart(answer, today, lag_days) if answer.times and answer.series else None,
        "key": key_of(answer),
        "stacked_by": "cost layer" if question.is_stacked_by_layer else BY[question.by].lower(),
        "figures": key_figures(answer),
        "columns": [SHORT[layer] for layer in columns],
        "rows": [
            line_of(answer, row, bar, chosen, today, lag_days)
            for row, bar in zip(answer.rows, bars_of(answer), strict=True)
        ],
        "unclaimed": answer.unclaimed if question.by not in IN_TIME else None,
        "unclaimed_left_out": sorted(answer.unclaimed.left_out.items()) if answer.unclaimed else [],
        "unclaimed_url": rows_url(behind(question).only(initiative=UNCLAIMED)),
        "total": total_line(answer),
        "other_name": other_name(answer.total, columns),
        "time_table": time_table(answer),
        "time_totals": time_totals(answer),
        "times": [(time, is_provisional(question, time, today, lag_days)) for time in answer.times],
        "tabs": [(BY[by], link(chosen, by=by), by == question.by) for by in TABS],
        "more_tabs": [(title, link(chosen, by=by), by == question.by) for by, title in BY.items() if by not in TABS],
        "more_by": "" if question.by in TABS else BY[question.by],
        "by_name": BY[question.by] if question.by != "layer" else "Initiative",
        "plural": PLURALS[question.by],
        "periods": [(title, link(chosen, period=code), code == chosen["period"]) for code, title in periods(last)],
        "period": period_words(chosen["period"]),
        "compares": question.by not in IN_TIME,
        "environments": [("All", link(chosen, environment=""), True)]
        + [(name, link(chosen, environment=name), False) for name in names if not eyes.hides(name)],
        "purposes": []
        if "purpose" in question.words
        else [("All", link(chosen, purpose=""), True)]
        + [(title, link(chosen, purpose=code), False) for code, title in Purpose.choices],
        "currencies": currencies_to_choose(known, chosen, own),
        "currency_words": f"All, in {own}" if question.is_converted else question.currency,
        "apart": [code for code in known if code != question.currency] if not question.is_converted else [],
        "all_url": link(chosen, currency=ALL),
        "own": own,
        "converted": (converted := _converted(answer)),
        "gaps": [gap for *_, gaps in converted for gap in gaps],
        "chips": chips(chosen, question, eyes),
        "unused": unused,
        "unused_url": unused_url,
        "csv_url": link(chosen, **{"as": "csv"}),
        "causes": _causes(question),
        "provisional_from": next((t for t in answer.times if is_provisional(question, t, today, lag_days)), None),
        "last": last,
        "shows_outcomes": question.by in {"layer", "initiative"} and not question.words,
    }


def _unused(question: Question) -> tuple[list[tuple[str, Decimal]], str]:
    """Return by currency what was bought ahead and used by nobody, whoever owns it, and the way to its charges."""
    rollup, day = question.rollup
    sums = unused_sums(question.narrowing, rollup=rollup, day=day)
    meant = replace(question.narrowing.only(use="unused"), everything=True)
    return [(code, amount) for code, amount in sums.items() if amount], rows_url(meant)


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
