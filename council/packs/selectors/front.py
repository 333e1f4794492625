"""The pages before the items: cover, portfolio on one page, what happened since the last meeting."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from council.decisions.models import Decision
from council.escalations.models import Escalation
from council.meetings.models import AgendaItem, Meeting, MeetingState
from council.packs.rules import item_ranges
from council.packs.selectors.basis import Basis
from council.portfolio.rules import STATUS_ORDER, Line, Totals, totals
from council.portfolio.selectors import course
from council.seats.models import SeatTerm
from council.seats.selectors import live_terms
from projects.common import formats
from projects.common.marks.lines import course_on_paper
from projects.funding.models import Tranche

ROWS = 16  # of the portfolio that fit its page
NAMED = 3
NOTHING = Decimal(0)
Figure = dict[str, Any]


def figure(label: str, value: str, context: str = "", *, wide: bool = False) -> Figure:
    """Make one key figure."""
    return {"label": label, "value": value, "context": context, "wide": wide}


def decision_sought(item: AgendaItem) -> str:
    """Say in few words what an item asks the council to decide."""
    request = item.gate_request
    if request is None:
        return item.escalation.get_rule_display() if item.escalation else item.get_kind_display()
    if request.kind == "advance":
        return f"Go to {request.get_to_stage_display()}"
    if request.kind == "stay":
        return "Next milestone"
    return str(request.get_kind_display())


def asked_in(basis: Basis) -> Decimal:
    """Add up what is asked in the organisation's currency; other currencies are never added to it."""
    return sum((item.asked or NOTHING for item in basis.items if item.currency == basis.currency), NOTHING)


def cover(basis: Basis) -> dict[str, Any]:
    """Return the cover: what is asked, what is left, the decisions sought, the members."""
    meeting, terms = basis.meeting, [term for term in live_terms() if term.seat.is_voting]
    starts = basis.local(meeting.starts_at)
    place = f"{meeting.place}. " if meeting.place else ""
    return {
        "organisation": basis.organisation.name,
        "council": basis.organisation.council_name,
        "when": f"{meeting.held_on:%A} {formats.on_day_long(meeting.held_on)}, {starts:%H:%M}",
        "where": f"{place}Members attend themselves; no proxies.",
        "figures": _cover_figures(basis),
        "decisions": [
            {
                "number": item.number,
                "anchor": f"i{item.number}",
                "name": item.initiative.name,
                "decision": decision_sought(item),
                "asked": item.asked or NOTHING,
            }
            for item in basis.items
        ],
        "asked": asked_in(basis),
        "currency": basis.currency,
        "notes": " ".join(_notes(basis)),
        "members": [_member(term) for term in terms],
        "quorum": f"quorum {_quorum(basis, len(terms))} of {len(terms)}",
    }


def _cover_figures(basis: Basis) -> list[Figure]:
    asking = [item for item in basis.items if item.asked]
    escalated = [item.number for item in basis.items if item.escalation_id]
    found = [
        figure(
            "Asked",
            formats.money_full(asked_in(basis), basis.currency),
            f"{formats.counted(len(asking), 'item')}, next milestones only",
        )
    ]
    if basis.envelope:
        envelope, held, left = basis.envelope
        found.append(
            figure(
                f"Uncommitted in {envelope.name}",
                formats.money_full(left, basis.currency),
                f"of {formats.money_full(held, basis.currency)}",
            )
        )
    found.append(figure("Escalations", str(len(escalated)), item_ranges(escalated)))
    return found


def _notes(basis: Basis) -> list[str]:
    notes = [f"Policy version {basis.policy.number} is in force for this meeting."]
    foreign = [item for item in basis.items if item.asked and item.currency != basis.currency]
    notes += [
        f"Item {item.number} asks {formats.money_full(item.asked or NOTHING, item.currency)}, not in the total."
        for item in foreign
    ]
    if basis.left_out:
        notes.append(f"This copy leaves out {item_ranges(basis.left_out)}: its reader is recused.")
    return notes


def _member(term: SeatTerm) -> dict[str, str]:
    return {"name": str(term.user), "seat": term.seat.name}


def _quorum(basis: Basis, seats: int) -> int:
    return max(seats // 2 + 1, basis.policy.integer("quorum_floor"))


def portfolio(basis: Basis) -> dict[str, Any]:
    """Return the portfolio on one page: totals, course, and the initiatives, trouble first."""
    sums = next((row for row in totals(basis.lines) if row.currency == basis.currency), None)
    own = [line for line in basis.lines if line.budget.currency == basis.currency and line.pk not in basis.hidden]
    own.sort(key=lambda line: (STATUS_ORDER.index(line.status), -line.budget.approved, line.key))
    escalated = sum(line.status == "escalated" for line in basis.lines)
    course_of = course(
        basis.lines,
        on=basis.on,
        currency=basis.currency,
        envelope=basis.envelope[0] if basis.envelope else None,
    )
    return {
        "headline": _headline(sums, basis.currency),
        "summary": f"{escalated} of {formats.counted(len(basis.lines), 'initiative')} escalated.",
        "figures": _portfolio_figures(sums, basis),
        "course": course_on_paper(course_of),
        "rows": [_row(line) for line in own[:ROWS]],
        "more": _more(len(own) - ROWS, basis, sums),
        "totals": _totals(sums, basis),
        "currency": basis.currency,
        "limit": formats.percent(1 + basis.policy.decimal("over_budget_percent") / 100, 0),
    }


def _headline(sums: Totals | None, currency: str) -> str:
    if sums is None or sums.spent <= 0:
        return "Nothing has been spent yet."
    value, spent = formats.money_key(sums.value, currency), formats.money_key(sums.spent, currency)
    return f"{value} of verified value on {spent} spent."


def _portfolio_figures(sums: Totals | None, basis: Basis) -> list[Figure]:
    if sums is None:
        return [figure("Approved", formats.money_key(NOTHING, basis.currency))]
    share = ""
    if basis.envelope and basis.envelope[1]:
        held = basis.envelope[1]
        share = f"{formats.percent(sums.approved / held)} of {formats.money_key(held, basis.currency)}"
    per_unit = sums.value_per_unit
    over = formats.variance_words(sums.spent / sums.approved - 1) if sums.approved else ""
    ahead = formats.variance_words(sums.forecast / sums.approved - 1) if sums.approved else ""
    earned = "" if per_unit is None else f"{formats.grouped(per_unit, 2)} per 1 spent"
    return [
        figure("Approved", formats.money_key(sums.approved, basis.currency), share),
        figure("Spent", formats.money_key(sums.spent, basis.currency), _lacking(over, sums)),
        figure("Forecast", formats.money_key(sums.forecast, basis.currency), ahead),
        figure("Verified value", formats.money_key(sums.value, basis.currency), earned),
    ]


def _lacking(words: str, sums: Totals) -> str:
    """Say beside a figure of spend that it is not all, where a rate is missing."""
    return "; ".join(filter(None, [words, "not all: a rate is missing" if sums.without_rate else ""]))


def _row(line: Line) -> dict[str, Any]:
    tone = {"escalated": "bad"}.get(line.status, "sub st0")
    status = f"Escalated: {line.alert.lower()}" if line.status == "escalated" else line.alert
    return {
        "name": f"{line.name}, {line.plus}" if line.plus else line.name,
        "status": status,
        "tone": tone,
        "stage": line.stage_name,
        "budget": line.budget,
        "value": line.value,
        "per_unit": line.value_per_unit,
        "monthly": list(line.months),
    }


def _more(rest: int, basis: Basis, sums: Totals | None) -> str:
    words = [f"{rest} more with less approved stand in the totals."] if rest > 0 else []
    if basis.hidden:
        words.append("Initiatives of items left out of this copy stand in the totals only.")
    if lacking := sums.without_rate if sums else ():
        others = f"; and {len(lacking) - NAMED} more" if len(lacking) > NAMED else ""
        words.append(f"Spent leaves out what has no rate: {'; '.join(lacking[:NAMED])}{others}.")
    return " ".join(words)


def _totals(sums: Totals | None, basis: Basis) -> dict[str, Any]:
    if sums is None:
        return {"label": "Total", "spent": NOTHING, "approved": NOTHING, "value": NOTHING}
    count = sum(line.budget.currency == basis.currency for line in basis.lines)
    return {
        "label": formats.counted(count, "initiative"),
        "spent": sums.spent,
        "approved": sums.approved,
        "variance": sums.spent / sums.approved - 1 if sums.approved else None,
        "value": sums.value,
        "per_unit": sums.value_per_unit,
    }


def changes(basis: Basis) -> dict[str, Any] | None:
    """Return what happened between the last meeting and the freeze, or None where there was no meeting before."""
    over = (MeetingState.ADJOURNED, MeetingState.MINUTES_APPROVED)
    last = Meeting.objects.filter(held_on__lt=basis.meeting.held_on, state__in=over).order_by("-held_on").first()
    if last is None or last.frozen_at is None:
        return None
    since, until = last.frozen_at, basis.frozen_at
    return {
        "since": formats.on_day_long(last.held_on),
        "groups": [
            {"title": "Decided", "lines": _decided(basis, since, until)},
            {"title": "Money released", "lines": _released(basis, since, until)},
            {"title": "Escalations raised", "lines": _raised(basis, since, until)},
            {"title": "Escalations closed or cleared", "lines": _cleared(basis, since, until)},
        ],
    }


def _decided(basis: Basis, since: datetime, until: datetime) -> list[str]:
    rows = Decision.objects.filter(decided_at__gt=since, decided_at__lte=until).exclude(initiative__in=basis.hidden)
    return [
        f"{row.initiative.name}: {row.get_outcome_display()}"
        + (f", {formats.money_full(row.amount, row.currency)}" if row.amount else "")
        + f" ({row.reference})."
        for row in rows.select_related("initiative")
    ]


def _released(basis: Basis, since: datetime, until: datetime) -> list[str]:
    rows = Tranche.objects.filter(released_at__gt=since, released_at__lte=until).exclude(initiative__in=basis.hidden)
    return [
        f"{row.initiative.name}: {row.label}, {formats.money_full(row.amount, row.currency)}."
        for row in rows.select_related("initiative").order_by("released_at", "pk")
    ]


def _raised(basis: Basis, since: datetime, until: datetime) -> list[str]:
    rows = Escalation.objects.hard().filter(raised_at__gt=since, raised_at__lte=until)
    return _named(basis, rows.order_by("raised_at", "pk"))


def _cleared(basis: Basis, since: datetime, until: datetime) -> list[str]:
    rows = Escalation.objects.hard().filter(cleared_at__gt=since, cleared_at__lte=until)
    return _named(basis, rows.order_by("cleared_at", "pk"))


def _named(basis: Basis, rows: Any) -> list[str]:
    shown = rows.exclude(initiative__in=basis.hidden).select_related("initiative")
    return [f"{row.key}, {row.initiative.name}: {row.headline}" for row in shown]
