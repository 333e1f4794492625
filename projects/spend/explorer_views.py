"""Explore spend."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from projects.common.clock import now
from projects.initiatives.selectors import owned_by
from projects.limits.selectors import policy_on
from projects.people.permissions import Permission
from projects.people.selectors import may, own_currency, require
from projects.people.views import signed_in
from projects.sources.eyes import eyes_of
from projects.spend.addresses import question_of
from projects.spend.answering import seen_by
from projects.spend.explorer import explore
from projects.spend.explorer_csv import explorer_csv
from projects.spend.explorer_page import explorer_page
from projects.spend.kept_coverage import kept_coverage
from projects.spend.selectors import last_charge_day
from projects.spend.views import readers_only


@login_required
@require_GET
def spend(request: HttpRequest) -> HttpResponse:
    """Show spend by layer, initiative, team, model and more; as CSV where that is asked for."""
    readers_only(request)
    user, last = signed_in(request), last_charge_day()
    may_import = may(user, Permission.IMPORT_COSTS)
    if last is None:
        return render(request, "projects/spend/nothing.html", {"may_import": may_import})
    own, eyes = own_currency(), eyes_of(user)
    answer = seen_by(explore(question_of(request.GET, last, own)), eyes)
    if request.GET.get("as") == "csv":
        require(user, Permission.EXPORT)
        return explorer_csv(answer)
    context = explorer_page(answer, request.GET, last, now().date(), eyes, own)
    context |= {
        "may_import": may_import,
        "may_export": may(user, Permission.EXPORT),
        "may_claim": may(user, Permission.KEEP_ATTRIBUTION),
        "reads_statements": may(user, Permission.READ_STATEMENTS) or owned_by(user).filter(team__isnull=False).exists(),
    }
    return render(request, "projects/spend/explorer.html", context)


@login_required
@require_GET
def coverage(request: HttpRequest) -> HttpResponse:
    """Say how much of the spend carries every mandatory key: a line of the page, which asks for it once it is shown."""
    readers_only(request)
    if not request.headers.get("HX-Request"):
        return redirect("projects:tags")
    today = now().date()
    context = {"tags": kept_coverage(on=today), "target": policy_on(today).decimal("coverage_percent") / 100}
    return render(request, "projects/spend/_coverage.html", context)
