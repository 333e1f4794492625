"""Wallets and unused commitments on one page."""

from datetime import timedelta

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from projects.common.clock import now
from projects.people.permissions import Permission
from projects.people.selectors import may
from projects.people.views import signed_in
from projects.sources.eyes import eyes_of
from projects.wallets.selectors import RECENT_DAYS, unused_commitments, unused_sums, wallets

UNUSED_DAYS = 365
SHOWN = 100


@login_required
@require_GET
def show(request: HttpRequest) -> HttpResponse:
    """Show every balance, and what commitments cost that nobody used in a year."""
    if not may(signed_in(request), Permission.READ):
        raise Http404
    on = now().date()
    since = (on - timedelta(days=UNUSED_DAYS)).replace(day=1)
    unused = unused_commitments(since=since, on=on)
    context = {
        "wallets": wallets(on=on),
        "unused": unused[:SHOWN],
        "unused_sums": unused_sums(unused),
        "since": since,
        "left_out": max(0, len(unused) - SHOWN),
        "recent_days": RECENT_DAYS,
        "eyes": eyes_of(signed_in(request)),
    }
    return render(request, "projects/wallets/wallets.html", context)
