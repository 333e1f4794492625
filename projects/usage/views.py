"""The page of models in use: what was called, what it should have cost, and which models raise an alarm."""

from datetime import timedelta

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from projects.common.clock import now
from projects.prices.views import reader, tabs
from projects.usage.selectors import models_in_use, open_alarms

DAYS = 30


@login_required
@require_GET
def usage(request: HttpRequest) -> HttpResponse:
    """Show the models of the last thirty days and the alarms whose cause holds."""
    reader(request)
    tomorrow = now().date() + timedelta(days=1)
    context = {
        "tabs": tabs("usage"),
        "alarms": open_alarms(),
        "models": models_in_use(tomorrow - timedelta(days=DAYS), tomorrow),
        "days": DAYS,
    }
    return render(request, "projects/usage/usage.html", context)
