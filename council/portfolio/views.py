"""The portfolio page in board and table, and its CSV."""

import csv
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from council.portfolio.rules import CARDS, STATUS_ORDER, Line, board, totals, turned
from council.portfolio.selectors import before_council, company_envelope, course, lines
from council.portfolio.services import kept_query, views_of
from projects.common.cells import safe_cell
from projects.common.clock import now
from projects.common.marks.lines import spend_against_value
from projects.initiatives.choices import Stage
from projects.limits.selectors import policy_on
from projects.people.models import User
from projects.people.permissions import Permission
from projects.people.selectors import may
from projects.people.views import signed_in
from projects.spend.unclaimed import Coverage, coverage
from projects.templatetags.marks import STATUSES

SORTS: dict[str, Callable[[Line], Any]] = {
    "name": lambda line: line.name.lower(),
    "stage": lambda line: Stage.values.index(line.stage),
    "spent": lambda line: line.budget.spent,
    "approved": lambda line: line.budget.approved,
    "variance": lambda line: line.variance,
    "value": lambda line: line.value if line.value is not None else Decimal(-1),
    "status": lambda line: STATUS_ORDER.index(line.status),
}
FILTERS = (("stage", "Stage"), ("status", "Status"), ("unit", "Business unit"), ("owner", "Owner"))
CSV_COLUMNS = (
    "key",
    "name",
    "owner",
    "unit",
    "stage",
    "status",
    "currency",
    "approved",
    "committed",
    "spent",
    "forecast",
    "verified_value",
)


@login_required
@require_GET
def portfolio(request: HttpRequest) -> HttpResponse:
    """Show the portfolio; view, filters and order stand in the query."""
    user, on = signed_in(request), now().date()
    found = lines(user, on=on, policy=policy_on(on))
    shown = _sorted(_filtered(found, request), request.GET.get("sort", "-variance"))
    is_table = request.GET.get("view") == "table"
    page, back, ahead = turned(shown, request.GET.get("after", ""))
    context = {
        "lines": page if is_table else shown,
        "view": "table" if is_table else "board",
        "previous_url": "" if back is None else "?" + _query(request, after=back),
        "next_url": "" if ahead is None else "?" + _query(request, after=ahead),
        "views": list(views_of(user)),
        "shown_query": kept_query((name, one) for name, many in request.GET.lists() for one in many),
        "reader": user,
        "may_register": may(user, Permission.REGISTER_INITIATIVE),
        "lanes": [] if is_table else [_lane(request, *lane) for lane in board(shown, Stage.choices)],
        "filters": _filters(found, request),
        "chips": _chips(request),
        "keep": [(name, request.GET[name]) for name in ("view", "sort") if request.GET.get(name)],
        "columns": _columns(request),
        "board_url": "?" + _query(request, view="board", after=""),
        "table_url": "?" + _query(request, view="table", after=""),
    }
    if _is_fragment(request):
        response = render(request, "council/portfolio/_rows.html", context)
    else:
        response = render(request, "council/portfolio/portfolio.html", {**context, **_frame(request, found, on)})
    response["Vary"] = "HX-Request"
    return response


def _frame(request: HttpRequest, found: Sequence[Line], on: date) -> dict[str, Any]:
    """Return what stands above the rows; filtering, ordering and turning pages never asks for it."""
    user, sums = signed_in(request), totals(found)
    main = sums[0] if sums else None
    envelope = company_envelope(on=on, currency=main.currency) if main else None
    return {
        "count": len(found),
        "main": main,
        "other_sums": sums[1:],
        "covered": _covered(user, on, main.currency) if main else None,
        "envelope": envelope,
        "chart": _chart(found, on, main.currency, envelope) if main else None,
        "ahead": before_council(found, on=on),
        "escalated": sum(line.status == "escalated" for line in found),
        "warned": sum(line.status == "warning" for line in found),
        "may_import": may(user, Permission.IMPORT_PORTFOLIO),
        "csv_url": "export.csv?" + _query(request),
    }


@login_required
@require_GET
def export(request: HttpRequest) -> HttpResponse:
    """Hand out the rows that are shown, with the same filters and order, as CSV."""
    user, on = signed_in(request), now().date()
    shown = _sorted(_filtered(lines(user, on=on, policy=policy_on(on)), request), request.GET.get("sort", "-variance"))
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="portfolio-{on.isoformat()}.csv"'
    writer = csv.writer(response)
    writer.writerow(CSV_COLUMNS)
    for line in shown:
        cells = (
            line.key,
            line.name,
            line.owner,
            line.team,
            line.stage_name,
            STATUSES[line.status][2],
            line.budget.currency,
            line.budget.approved,
            line.committed,
            line.budget.spent,
            line.budget.forecast,
            line.value,
        )
        writer.writerow([safe_cell(cell) for cell in cells])
    return response


def _covered(user: User, on: date, currency: str) -> Coverage | None:
    """Return how much of this year's spend on AI has an owner, for who reads spend."""
    if not may(user, Permission.READ):
        return None
    return next((line for line in coverage(since=on.replace(month=1, day=1), on=on) if line.currency == currency), None)


def _is_fragment(request: HttpRequest) -> bool:
    return bool(request.headers.get("HX-Request")) and not request.headers.get("HX-Boosted")


def _value(line: Line, name: str) -> str:
    return {"stage": line.stage, "status": line.status, "unit": line.team, "owner": line.owner}[name]


def _word(name: str, value: str) -> str:
    if name == "stage":
        return str(Stage(value).label) if value in Stage.values else value
    return STATUSES[value][2] if name == "status" and value in STATUSES else value


def _filtered(found: Sequence[Line], request: HttpRequest) -> list[Line]:
    wanted = {name: set(request.GET.getlist(name)) - {""} for name, _ in FILTERS}
    text = request.GET.get("q", "").strip().lower()
    return [
        line
        for line in found
        if all(not values or _value(line, name) in values for name, values in wanted.items())
        and (not text or text in f"{line.key} {line.name} {line.owner} {line.team}".lower())
    ]


def _sorted(found: list[Line], order: str) -> list[Line]:
    key = SORTS.get(order.lstrip("-"), SORTS["variance"])
    return sorted(sorted(found, key=lambda line: line.key), key=key, reverse=order.startswith("-"))


def _filters(found: Sequence[Line], request: HttpRequest) -> list[dict[str, Any]]:
    rows = []
    for name, label in FILTERS:
        counts: dict[str, int] = {}
        for line in found:
            counts[_value(line, name)] = counts.get(_value(line, name), 0) + 1
        on = set(request.GET.getlist(name))
        options = [
            {"value": value, "label": _word(name, value), "count": count, "is_on": value in on}
            for value, count in sorted(counts.items())
            if value
        ]
        rows.append({"name": name, "label": label, "options": options, "chosen": f"{len(on)} chosen" if on else "Any"})
    return rows


def _chips(request: HttpRequest) -> list[dict[str, str]]:
    chips = []
    if text := request.GET.get("q", "").strip():
        rest = [(key, one) for key, many in request.GET.lists() for one in many if key != "q"]
        chips.append({"label": f"Search: {text}", "url": "?" + urlencode(rest)})
    for name, label in FILTERS:
        for value in request.GET.getlist(name):
            rest = [(key, one) for key, many in request.GET.lists() for one in many if (key, one) != (name, value)]
            chips.append({"label": f"{label}: {_word(name, value)}", "url": "?" + urlencode(rest)})
    return chips


def _columns(request: HttpRequest) -> list[dict[str, str]]:
    now_by = request.GET.get("sort", "-variance")
    heads = (
        ("name", "Initiative and owner", "nm"),
        ("stage", "Stage", "c-stage"),
        ("", "Spend against approved", "c-bul"),
        ("spent", "Spent", "num c-num"),
        ("approved", "Approved", "num c-num"),
        ("variance", "Variance", "num c-numw"),
        ("value", "Verified value", "num c-numw"),
        ("", "Monthly spend", "c-spark"),
        ("status", "Status", "last c-st"),
    )
    columns = []
    for code, label, css in heads:
        is_now = bool(code) and now_by.lstrip("-") == code
        opposite = code if now_by.startswith("-") and is_now else f"-{code}"
        columns.append(
            {
                "label": label,
                "css": css,
                "sort_url": "?" + _query(request, sort=opposite, after="") if code else "",
                "sorted": ("descending" if now_by.startswith("-") else "ascending") if is_now else "",
            }
        )
    return columns


def _query(request: HttpRequest, **changes: str) -> str:
    pairs = [(key, one) for key, many in request.GET.lists() for one in many if key not in changes]
    return urlencode([*pairs, *((name, value) for name, value in changes.items() if value)])


def _lane(request: HttpRequest, stage: str, name: str, lane: Sequence[Line]) -> dict[str, Any]:
    """Return one lane with as many cards as fit; the table holds the rest."""
    return {
        "name": name,
        "count": len(lane),
        "sum": _lane_sum(lane),
        "cards": lane[:CARDS],
        "more": max(len(lane) - CARDS, 0),
        "url": "?" + _query(request, view="table", stage=stage, after=""),
    }


def _lane_sum(lane: Sequence[Line]) -> tuple[Decimal, str] | None:
    currencies = {line.budget.currency for line in lane}
    if len(currencies) != 1:
        return None
    return sum((line.budget.approved for line in lane), Decimal(0)), currencies.pop()


def _chart(found: Sequence[Line], on: date, currency: str, envelope: Any) -> Any:
    return spend_against_value(course(found, on=on, currency=currency, envelope=envelope[0] if envelope else None))
