"""Statements by team and month as page, CSV and PDF; chargeback as CSV where coverage allows it."""

import csv
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from projects.common.cells import safe_cell
from projects.common.clock import now
from projects.common.outcomes import Refused
from projects.initiatives.models import Initiative
from projects.jobs.models import Job
from projects.jobs.services import request_job
from projects.limits.selectors import policy_on
from projects.people.models import User
from projects.people.permissions import Permission
from projects.people.selectors import may, require
from projects.people.views import signed_in
from projects.showback.papers import KIND, path_of
from projects.showback.selectors import Statement, chargeback_refusal, covered_in, statement, teams_for
from projects.showback.sheets import COLUMNS, statement_rows
from projects.sources.eyes import eyes_of
from projects.spend.answering import Answer, Row
from projects.spend.asking import LAYER_NAMES, Question
from projects.spend.explorer import currencies, explore
from projects.spend.explorer_lines import rows_address
from projects.spend.narrowing import NOT_NAMED
from projects.spend.rules import exact_text, is_provisional, last_day_of, month_before
from projects.spend.selectors import last_charge_day, longest_lag

LISTED_MONTHS = 12


class ChargebackRefused(Refused):
    """Too little of the month's spend has an owner."""

    code = "coverage_too_low"


@login_required
@require_GET
def showback(request: HttpRequest) -> HttpResponse:
    """List the statements of a month that the reader may open, with their sums."""
    user = signed_in(request)
    teams = {team.name: team for team in _teams(user)}
    last = last_charge_day() or now().date()
    month, currency = _asked_month(request, last), _currency(request)
    answer = explore(Question("team", month, last_day_of(month), currency))
    charges_back = may(user, Permission.CHARGE_BACK)
    context = {
        "month": month,
        "code": f"{month:%Y-%m}",
        "currency": currency,
        "rows": [(teams[row.name], row) for row in answer.all_rows if row.name in teams],
        "rest": _rest(answer) if may(user, Permission.READ_STATEMENTS) else [],
        "months": [(first, f"?month={first:%Y-%m}&currency={currency}", first == month) for first in _months(last)],
        "currencies": [(code, f"?month={month:%Y-%m}&currency={code}", code == currency) for code in currencies()],
        "is_provisional": is_provisional(last_day_of(month), on=now().date(), lag_days=longest_lag()),
        "charges_back": charges_back,
        "covered": covered_in(month, currency),
        "blockers": chargeback_refusal(month, currency, policy_on(now().date())) if charges_back else [],
    }
    return render(request, "projects/showback/showback.html", context)


@login_required
@require_GET
def team(request: HttpRequest, team_id: int, month: str) -> HttpResponse:
    """Show a team's statement of a month; as CSV where that is asked for."""
    user = signed_in(request)
    found = get_object_or_404(_teams(user), pk=team_id)
    told = statement(found, _month(month), _currency(request), eyes_of(user))
    if request.GET.get("as") == "csv":
        return _csv(told)
    return render(request, "projects/showback/statement.html", _page(told))


@login_required
@require_POST
def paper(request: HttpRequest, team_id: int, month: str) -> HttpResponse:
    """Let the worker make a statement's PDF."""
    user = signed_in(request)
    found = get_object_or_404(_teams(user), pk=team_id)
    first = _month(month)
    asked = request_job(
        kind=KIND,
        label=f"Statement of {found} for {first:%B %Y}",
        arguments={"team": found.pk, "month": first.isoformat(), "currency": _currency(request)},
        by=user,
        at=now(),
    )
    return redirect("projects:job", job_id=asked.pk)


@login_required
@require_GET
def download(request: HttpRequest, job_id: int) -> FileResponse:
    """Send a PDF to who asked for it, while they may still read the statement."""
    user = signed_in(request)
    asked = get_object_or_404(Job, pk=job_id, kind=KIND, requested_by=user, state="succeeded")
    if not teams_for(user).filter(pk=asked.arguments["team"]).exists() or not path_of(asked).is_file():
        raise Http404
    name = f"statement-{asked.arguments['team']}-{asked.arguments['month'][:7]}.pdf"
    return FileResponse(path_of(asked).open("rb"), as_attachment=True, filename=name, content_type="application/pdf")


@login_required
@require_GET
def chargeback(request: HttpRequest, month: str) -> HttpResponse:
    """Send what each cost centre is charged for a month. Raise ChargebackRefused below the policy's coverage."""
    user, first = signed_in(request), _month(month)
    if not teams_for(user).exists() and not may(user, Permission.READ):
        raise Http404
    require(user, Permission.CHARGE_BACK)
    currency = _currency(request)
    if blockers := chargeback_refusal(first, currency, policy_on(now().date())):
        raise ChargebackRefused(blockers)
    answer = explore(Question("initiative", first, last_day_of(first), currency))
    owed = {row.key: row.total for row in answer.all_rows}
    initiatives = Initiative.objects.filter(key__in=owed).select_related("team").order_by("cost_centre", "key")
    response, writer = _sheet(f"chargeback-{first:%Y-%m}-{currency}.csv")
    writer.writerow(["cost_centre", "team", "initiative", "name", "month", "currency", "effective_cost"])
    for one in initiatives:
        cells = [one.cost_centre, one.team or "", one.key, one.name, f"{first:%Y-%m}", currency]
        writer.writerow([*map(safe_cell, cells), exact_text(owed[one.key])])
    return response


def _rest(answer: Answer) -> list[tuple[str, Decimal, str]]:
    """Return what belongs to no team's statement and the total of all, each with the way to its charges."""
    lost = [("No team", row) for row in answer.all_rows if row.key == NOT_NAMED]
    lost += [("Unclaimed", answer.unclaimed)] if answer.unclaimed else []
    told = [(name, row.total, rows_address(answer.question, row)) for name, row in lost]
    return [*told, ("Total", answer.total.total, f"{reverse('projects:charges')}?{answer.question.narrowing.query()}")]


def _teams(user: User) -> Any:
    """Return the teams whose statements the reader may open. Raise Http404 where there are none to be seen."""
    teams = teams_for(user)
    if not may(user, Permission.READ_STATEMENTS) and not teams.exists():
        raise Http404
    return teams


def _page(told: Statement) -> dict[str, Any]:
    rows_url = reverse("projects:charges")
    lists = [
        (
            "Initiative",
            [(row, _application(told, row)) for row in told.by_initiative.all_rows],
            told.by_initiative,
        ),
        ("Model or service", [(row, "") for row in told.by_model.all_rows], told.by_model),
        ("Environment", [(row, "") for row in told.by_environment.all_rows], told.by_environment),
    ]
    address = reverse("projects:showback-team", args=[told.team.pk, f"{told.month:%Y-%m}"])
    return {
        "told": told,
        "lists": [
            (title, [(row, more, rows_address(answer.question, row)) for row, more in rows])
            for title, rows, answer in lists
        ],
        "layers": [
            (LAYER_NAMES[layer], amount, f"{rows_url}?{told.narrowing.only(layer=layer).query()}")
            for layer, amount in told.layers
        ],
        "total_url": f"{rows_url}?{told.narrowing.query()}",
        "others": [line for line in told.sums if line.currency != told.currency],
        "is_provisional": is_provisional(last_day_of(told.month), on=now().date(), lag_days=longest_lag()),
        "csv_url": f"{address}?as=csv&currency={told.currency}",
        "paper_url": f"{address}pdf/?currency={told.currency}",
    }


def _application(told: Statement, row: Row) -> str:
    """Return an initiative's application where it says more than the name."""
    named = told.applications.get(row.key or "", "")
    return "" if named == row.name else named


def _csv(told: Statement) -> HttpResponse:
    response, writer = _sheet(f"statement-{told.team.pk}-{told.month:%Y-%m}.csv")
    writer.writerow(COLUMNS)
    writer.writerows(statement_rows(told))
    return response


def _sheet(name: str) -> tuple[HttpResponse, Any]:
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response, csv.writer(response)


def _asked_month(request: HttpRequest, last: date) -> date:
    try:
        month = _month(request.GET.get("month", ""))
    except Http404:
        return last.replace(day=1)
    return month if month <= last else last.replace(day=1)


def _months(last: date) -> list[date]:
    months = [last.replace(day=1)]
    for _ in range(LISTED_MONTHS - 1):
        months.append(month_before(months[-1]))
    return months


def _month(code: str) -> date:
    try:
        month = date.fromisoformat(f"{code}-01")
    except ValueError as wrong:
        raise Http404 from wrong
    if not date(2000, 1, 1) <= month < date(2100, 1, 1):
        raise Http404
    return month


def _currency(request: HttpRequest) -> str:
    known = currencies() or ["USD"]
    asked = request.GET.get("currency", "")
    return asked if asked in known else known[0]
