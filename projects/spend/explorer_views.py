"""Explore spend, look at what nobody owns, and claim it."""

import csv
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from projects.attribution.models import AttributionRule
from projects.attribution.services import make_rule
from projects.common import formats
from projects.common.cells import safe_cell
from projects.common.clock import now
from projects.common.marks.columns import Part, Stack, mix_bar, monthly_columns
from projects.jobs.services import request_job
from projects.limits.selectors import policy_on
from projects.people.permissions import Permission
from projects.people.selectors import may, require
from projects.people.views import signed_in
from projects.spend.explorer import (
    BY,
    LAYER_NAMES,
    UNCLAIMED,
    Answer,
    Question,
    Row,
    currencies,
    environments,
    explore,
)
from projects.spend.forms import ClaimForm
from projects.spend.rules import exact_text
from projects.spend.selectors import last_charge_day
from projects.spend.unclaimed import coverage, unclaimed_summary
from projects.spend.views import readers_only

COLUMNS = ("api_model", "platform", "infrastructure", "embedded_saas")
COLOURS = {"api_model": "l1", "platform": "l2", "infrastructure": "l3", "embedded_saas": "l4"}
SHORT = {
    "api_model": "Model API",
    "platform": "Platform",
    "infrastructure": "Infrastructure",
    "embedded_saas": "Embedded AI",
}
PERIODS = {"year": "This year to date", "12m": "Last 12 months", "all": "All"}


@login_required
@require_GET
def spend(request: HttpRequest) -> HttpResponse:
    """Show spend by layer, initiative, team or model; as CSV where that is asked for."""
    readers_only(request)
    last = last_charge_day()
    if last is None:
        may_import = may(signed_in(request), Permission.IMPORT_COSTS)
        return render(request, "projects/spend/nothing.html", {"may_import": may_import})
    question = _question(request, last)
    answer = explore(question)
    if request.GET.get("as") == "csv":
        return _csv(answer)
    return render(request, "projects/spend/explorer.html", _explorer(request, answer, last))


@login_required
@require_http_methods(["GET", "POST"])
def unclaimed(request: HttpRequest) -> HttpResponse:
    """List what nobody owns by cause; a claim makes a rule and gives history out again in the worker."""
    readers_only(request)
    user, at = signed_in(request), now()
    form = ClaimForm(request.POST or None)
    if request.method == "POST":
        require(user, Permission.KEEP_ATTRIBUTION)
        if form.is_valid():
            rule = make_rule(draft=form.draft(), by=user, at=at)
            return redirect("projects:job", job_id=_give_out(rule, request).pk)
    on = last_charge_day() or at.date()
    since = _first_month(request.GET.get("period", "12m"), on)
    context = {
        "causes": unclaimed_summary(since=since, on=on),
        "coverage": coverage(since=since, on=on),
        "form": form,
        "may_claim": may(user, Permission.KEEP_ATTRIBUTION),
        "on": on,
        "target": policy_on(at.date()).decimal("coverage_percent") / 100,
    }
    return render(request, "projects/spend/unclaimed.html", context, status=422 if form.is_bound else 200)


def _give_out(rule: AttributionRule, request: HttpRequest) -> Any:
    return request_job(
        kind="reattribute",
        label=f"Give charges to {rule.initiative} by rule {rule.number}",
        arguments={},
        by=signed_in(request),
        at=now(),
    )


def _question(request: HttpRequest, last: date) -> Question:
    known = currencies() or ["USD"]
    by, currency = request.GET.get("by", "layer"), request.GET.get("currency", "")
    environment = request.GET.get("environment", "")
    return Question(
        by=by if by in BY else "layer",
        since=_first_month(request.GET.get("period", "year"), last),
        on=last,
        currency=currency if currency in known else known[0],
        environment=environment if environment in environments() else "",
    )


def _first_month(period: str, last: date) -> date:
    if period == "all":
        return date(2000, 1, 1)
    if period == "12m":
        return date(last.year - 1, last.month, 1) if last.month == 12 else date(last.year - 1, last.month + 1, 1)
    return date(last.year, 1, 1)


def _explorer(request: HttpRequest, answer: Answer, last: date) -> dict[str, Any]:
    question = answer.question
    chosen = {
        "by": question.by,
        "period": request.GET.get("period", "year"),
        "currency": question.currency,
        "environment": question.environment,
    }
    return {
        "answer": answer,
        "question": question,
        "chart": _chart(answer, last) if len(answer.months) > 0 else None,
        "figures": _figures(answer),
        "columns": [SHORT[layer] for layer in COLUMNS],
        "rows": [_line(row, question.currency) for row in answer.rows],
        "unclaimed": answer.unclaimed,
        "total": _line(answer.total, question.currency),
        "has_other": _other(answer.total) != 0,
        "month_table": [(LAYER_NAMES[layer], amounts) for layer, amounts in answer.by_layer.items()],
        "tabs": [(title, _link(chosen, by=by), by == question.by) for by, title in BY.items()],
        "periods": [(title, _link(chosen, period=code), code == chosen["period"]) for code, title in PERIODS.items()],
        "period": PERIODS.get(chosen["period"], PERIODS["year"]),
        "environments": [("All", _link(chosen, environment=""), not question.environment)]
        + [(name, _link(chosen, environment=name), name == question.environment) for name in environments()],
        "currencies": [(code, _link(chosen, currency=code), code == question.currency) for code in currencies()],
        "csv_url": _link(chosen, **{"as": "csv"}),
        "causes": [cause for cause in unclaimed_summary(since=question.since, on=question.on) if cause.is_ai][:4],
        "may_import": may(signed_in(request), Permission.IMPORT_COSTS),
        "last": last,
    }


def _link(chosen: dict[str, str], **changed: str) -> str:
    return "?" + urlencode({name: value for name, value in {**chosen, **changed}.items() if value})


def _chart(answer: Answer, last: date) -> Any:
    parts = [
        Part(COLOURS[layer], LAYER_NAMES[layer], SHORT[layer], answer.by_layer[layer])
        for layer in COLUMNS
        if layer in answer.by_layer
    ]
    rest = [amounts for layer, amounts in answer.by_layer.items() if layer not in COLUMNS]
    if rest:
        name = LAYER_NAMES[UNCLAIMED] if UNCLAIMED in answer.by_layer and len(rest) == 1 else "Unclaimed and other"
        parts.append(Part("ln", name, name, [sum(month, Decimal(0)) for month in zip(*rest, strict=True)]))
    return monthly_columns(Stack(answer.months[0], last, parts, answer.question.currency))


def _figures(answer: Answer) -> list[dict[str, str]]:
    currency, total = answer.question.currency, answer.total
    claimed, share = answer.claimed_ratio, answer.share("api_model")
    target = policy_on(answer.question.on).decimal("coverage_percent") / 100
    unclaimed_sum = answer.unclaimed.total if answer.unclaimed else Decimal(0)
    month = formats.in_month(answer.question.on.replace(day=1), year=False)
    return [
        {
            "label": "AI spend",
            "value": formats.money_key(total.total, currency),
            "context": f"{month} not over; last full month {formats.money_key(total.last_month, currency)}{_on_before(total)}",
        },
        {
            "label": "Tied to an initiative",
            "value": "n/a" if claimed is None else formats.percent(claimed),
            "context": f"Target {formats.percent(target)}",
            "tone": "is-warn" if claimed is not None and claimed < target else "",
        },
        {
            "label": "Unclaimed",
            "value": formats.money_full(unclaimed_sum, currency),
            "context": _on_before(answer.unclaimed).removeprefix(", ") if answer.unclaimed else "Nothing",
        },
        {
            "label": "Model API share",
            "value": "n/a" if share is None else formats.percent(share),
            "context": "Of what is tied to an initiative and what is not",
        },
    ]


def _on_before(row: Row) -> str:
    return "" if row.growth is None else f", {formats.percent(row.growth, plus=True)} on the month before"


def _line(row: Row, currency: str) -> dict[str, Any]:
    return {
        "key": row.key,
        "name": row.name,
        "cells": [(SHORT[layer], row.layers.get(layer, Decimal(0))) for layer in COLUMNS],
        "other": _other(row),
        "total": row.total,
        "growth": row.growth,
        "mix": mix_bar(
            [(COLOURS.get(layer, "ln"), amount) for layer, amount in row.layers.items() if amount > 0],
            f"Mix of {row.name} by layer, {currency}",
        ),
    }


def _other(row: Row) -> Decimal:
    shown = {*COLUMNS, UNCLAIMED}
    return sum((amount for layer, amount in row.layers.items() if layer not in shown), Decimal(0))


def _csv(answer: Answer) -> HttpResponse:
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="spend-by-{answer.question.by}.csv"'
    writer = csv.writer(response)
    layers = list(answer.by_layer)
    writer.writerow(["key", "name", "currency", *layers, "total"])
    for row in [*answer.rows, *([answer.unclaimed] if answer.unclaimed else []), answer.total]:
        amounts = [exact_text(row.layers.get(layer, Decimal(0))) for layer in layers]
        writer.writerow(
            [safe_cell(row.key or ""), safe_cell(row.name), answer.question.currency, *amounts, exact_text(row.total)]
        )
    return response
