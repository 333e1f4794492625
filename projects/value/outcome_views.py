"""What one outcome costs, initiative by initiative: a page, and a panel of the spend explorer."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from projects.initiatives.models import Initiative
from projects.people.views import signed_in
from projects.spend.selectors import last_charge_day
from projects.spend.views import readers_only
from projects.value.outcomes import outcome_costs

MOST_ROWS = 200


@login_required
@require_GET
def outcomes(request: HttpRequest) -> HttpResponse:
    """Show cost per outcome in the last full month; alone where a page asks for the panel."""
    readers_only(request)
    seen_to = last_charge_day()
    visible = Initiative.objects.visible_to(signed_in(request))
    found = outcome_costs(visible, seen_to=seen_to) if seen_to else None
    context = {
        "found": found,
        "rows": found.rows[:MOST_ROWS] if found else [],
        "left_out": len(found.rows[MOST_ROWS:]) if found else 0,
    }
    is_panel = request.headers.get("HX-Request") == "true" and request.headers.get("HX-Boosted") != "true"
    page = "projects/value/_outcomes.html" if is_panel else "projects/value/outcomes.html"
    return render(request, page, context)
