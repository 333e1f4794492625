"""The pages after the items: escalations, conditions, unclaimed spend, the list to sign, the appendix."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Max, Q

from council.escalations.models import Escalation
from council.packs.selectors.basis import Basis
from council.packs.selectors.front import NOTHING, asked_in
from council.seats.selectors import live_terms
from projects.common import formats
from projects.conditions.models import Condition
from projects.limits.models import PolicyVersion
from projects.reviews.models import Recommendation
from projects.reviews.selectors import live_reviews
from projects.sources.models import Source
from projects.sources.personal import without_addresses
from projects.spend.unclaimed import coverage, unclaimed_summary

LIST_DAYS = "list_line_valid_days"
ROWS = 40


def escalations(basis: Basis) -> list[dict[str, Any]]:
    """Return the escalations that stood open at the freeze, those on the agenda first."""
    open_then = Q(closed_at__isnull=True) | Q(closed_at__gt=basis.frozen_at)
    rows = Escalation.objects.hard().filter(open_then, raised_at__lte=basis.frozen_at)
    rows = rows.exclude(initiative__in=basis.hidden).select_related("initiative").order_by("raised_at", "pk")
    numbers = {item.escalation_id: item.number for item in basis.items if item.escalation_id}
    found = [_escalation(row, numbers.get(row.pk), basis) for row in rows[:ROWS]]
    return sorted(found, key=lambda row: (row["item"] is None, row["item"] or 0))


def _escalation(row: Escalation, item: int | None, basis: Basis) -> dict[str, Any]:
    return {
        "key": row.key,
        "initiative": row.initiative.name,
        "headline": row.headline,
        "sum": _sum(row.figures),
        "rule": f"Policy version {row.policy_version}.",
        "raised": formats.on_day(basis.local(row.raised_at).date()),
        "state": "On the agenda" if item else _state_then(row, basis),
        "item": item,
    }


def _sum(figures: dict[str, Any]) -> str:
    if not {"spent", "approved", "currency"} <= figures.keys():
        return ""
    spent, approved, currency = Decimal(figures["spent"]), Decimal(figures["approved"]), figures["currency"]
    parts = [formats.money_full(amount, currency) for amount in (spent, approved, spent - approved)]
    return f"Spent {parts[0]} − approved {parts[1]} = {parts[2]} over."


def _state_then(row: Escalation, basis: Basis) -> str:
    if row.plan_at and row.plan_at <= basis.frozen_at:
        return "Plan filed"
    if row.acknowledged_at and row.acknowledged_at <= basis.frozen_at:
        return "Acknowledged"
    return "Raised"


def conditions(basis: Basis) -> list[dict[str, Any]]:
    """Return the conditions that were owed at the freeze, the first due first."""
    owed = Q(verified_at__isnull=True) | Q(verified_at__gt=basis.frozen_at)
    rows = Condition.objects.filter(owed, created_at__lte=basis.frozen_at, waived_by_decision="")
    rows = rows.exclude(initiative__in=basis.hidden).select_related("initiative", "owner", "verifier")
    return [_condition(row, basis) for row in rows.order_by("due_on", "pk")[:ROWS]]


def _condition(row: Condition, basis: Basis) -> dict[str, Any]:
    late = (basis.meeting.held_on - row.due_on).days
    met = row.met_at is not None and row.met_at <= basis.frozen_at
    state = "Met, to be verified" if met else f"{formats.counted(late, 'day')} late" if late > 0 else "Open"
    return {
        "initiative": row.initiative.name,
        "text": row.text,
        "owner": str(row.owner),
        "verifier": str(row.verifier),
        "due": formats.on_day(row.due_on),
        "state": state,
        "is_late": late > 0 and not met,
        "decision": row.decision_reference,
    }


def unclaimed(basis: Basis) -> dict[str, Any] | None:
    """Return unclaimed spend on AI by cause since the envelope's first day, or None where all is claimed."""
    since = basis.envelope[0].starts_on if basis.envelope else basis.on.replace(month=1, day=1)
    causes = [cause for cause in unclaimed_summary(since=since, on=basis.on) if cause.is_ai]
    sums = [(cause, cause.sums.get(basis.currency, NOTHING)) for cause in causes]
    total = sum((amount for _, amount in sums), NOTHING)
    if total <= 0:
        return None
    words = f"{formats.money_full(total, basis.currency)} has no owner"
    covered = next((line for line in coverage(since=since, on=basis.on) if line.currency == basis.currency), None)
    share = (
        f": {formats.covered(covered.ratio)} of what AI cost has one" if covered and covered.ratio is not None else ""
    )
    return {
        "headline": f"{words} since {formats.on_day_long(since)}{share}.",
        "rows": [
            {
                "cause": cause.title,
                "amount": amount,
                "share": amount / total,
                "mostly": without_addresses(cause.heaps[0].service or cause.heaps[0].source),
            }
            for cause, amount in sums
            if amount
        ],
        "total": total,
        "currency": basis.currency,
    }


def spend_list(basis: Basis) -> dict[str, Any]:
    """Return the list that the chair signs, empty where the council writes."""
    held_on = basis.meeting.held_on
    until = held_on + timedelta(days=basis.policy.integer(LIST_DAYS))
    asking = [item for item in basis.items if item.asked and item.currency == basis.currency]
    return {
        "valid": f"Valid from {formats.on_day_long(held_on)} to {formats.on_day_long(until)}.",
        "currency": basis.currency,
        "rows": [
            {
                "number": item.number,
                "name": item.initiative.name,
                "key": item.initiative.key,
                "milestone": item.gate_request.milestone_name if item.gate_request else "",
                "asked": item.asked,
                "review": _recommendation(item.gate_request),
                "approved": None,
            }
            for item in asking
        ],
        "asked": asked_in(basis),
        "approved": None,
        "headroom": basis.envelope[2] if basis.envelope else NOTHING,
        "signatories": [
            {"name": str(term.user), "seat": term.seat.name}
            for term in live_terms()
            if term.seat.is_voting and (term.seat.is_chair or term.seat.persona == "finance")
        ],
    }


def _recommendation(request: Any) -> str:
    given = {review.recommendation for review in live_reviews(request)} if request else set()
    worst = next((code for code in ("not_ready", "conditions", "ready") if code in given), "")
    return str(Recommendation(worst).label) if worst else "Not reviewed"


def appendix(basis: Basis) -> dict[str, Any]:
    """Return policy, sources with their last day, and the heads of the audit record."""
    version = PolicyVersion.objects.filter(number=basis.policy.number).first()
    since = f", in force since {formats.on_day_long(version.effective_on)}" if version and version.effective_on else ""
    return {
        "policy": f"Version {basis.policy.number}{since}. It binds every figure and every decision of this meeting.",
        "sources": _sources(basis),
        "heads": basis.heads,
        "notes": [
            "Spent is effective cost of current deliveries since an initiative's first release. Approved is what was "
            "released, less what lapsed or was returned.",
            "Figures are those at the end of the day of the freeze. Unknown is never shown as zero.",
        ],
    }


def _sources(basis: Basis) -> list[dict[str, str]]:
    current = Q(parts__is_current=True, parts__delivery__imported_at__lte=basis.frozen_at)
    rows = Source.objects.annotate(last=Max("parts__last_day", filter=current)).order_by("name")
    return [
        {
            "name": row.name,
            "to": formats.on_day(min(row.last, basis.on)) if row.last else "No delivery yet",
            "state": _rhythm(row, basis),
        }
        for row in rows
    ]


def _rhythm(source: Any, basis: Basis) -> str:
    if source.last is None:
        return "Unknown"
    patience = source.rhythm_days + basis.policy.integer("silent_source_days")
    return "Silent" if source.last + timedelta(days=patience) < basis.on else "On time"
