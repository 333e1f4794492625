"""Estimates and the bills that supersede them."""

from datetime import timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from projects.common import formats
from projects.common.clock import now
from projects.people.permissions import Permission
from projects.people.selectors import may
from projects.people.views import signed_in
from projects.spend.superseding import (
    GatewayShare,
    Superseded,
    estimates_and_bills,
    gateway_shares,
    split_bills,
    waiting_for_bills,
)
from projects.spend.unmatched_logs import unmatched_logs

DAYS = 365
SHOWN = 200


@login_required
@require_GET
def estimates(request: HttpRequest) -> HttpResponse:
    """Show what models cost by estimate and by bill, provider by provider and month by month."""
    if not may(signed_in(request), Permission.READ):
        raise Http404
    on = now().date()
    since = (on - timedelta(days=DAYS)).replace(day=1)
    rows = estimates_and_bills(since=since, on=on)
    told = [row for row in rows if not _is_bill_alone(row)]
    alone = [row for row in rows if _is_bill_alone(row)]
    context = {
        "rows": told[:SHOWN],
        "left_out": max(0, len(told) - SHOWN),
        "alone": alone[:SHOWN],
        "alone_count": len(alone),
        "since": since,
        "figures": _figures(rows),
        "covers": split_bills(since=since, on=on),
        "unmatched": unmatched_logs(),
    }
    return render(request, "projects/spend/estimates.html", context)


def _is_bill_alone(row: Superseded) -> bool:
    """Say whether no estimate was ever made of what a bill says, so that there is nothing to compare."""
    return row.bill is not None and row.estimate is None and not row.unpriced and not row.is_unmatched


def _figures(rows: list[Superseded]) -> list[dict[str, Any]]:
    strip = [
        {
            "label": f"Gateway share, {share.currency}",
            "value": "n/a" if share.ratio is None else formats.percent(share.ratio),
            "context": _share_words(share),
        }
        for share in gateway_shares(rows)[:3]
    ]
    for currency, amount in list(waiting_for_bills(rows).items())[:3]:
        strip.append(
            {
                "label": f"Estimated, {currency}",
                "value": formats.money_key(amount, currency),
                "context": "No bill has come; not in what is spent",
            }
        )
    return strip


def _share_words(share: GatewayShare) -> str:
    if share.ratio is None:
        return "No bill names a model"
    told = f"{formats.money_key(share.detailed, share.currency)} of {formats.money_key(share.bills, share.currency)} "
    told += "of model spend has gateway detail"
    if share.split == share.detailed:
        return told
    return f"{told}; {formats.money_key(share.split, share.currency)} is split by it"
