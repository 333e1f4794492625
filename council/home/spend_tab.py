"""The spend tab: what was spent by month, layer and service, from which bills, and the way to the rows behind it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Sum

from council.home.heads import Head
from projects.attribution.models import Purpose
from projects.common.marks.columns import Part, Stack, monthly_columns
from projects.common.marks.shapes import Widths
from projects.harness.models import HarnessLine
from projects.harness.rules import bill_share
from projects.sources.eyes import Eyes
from projects.spend.asking import LAYER_NAMES
from projects.spend.converting import Cost, Tally, tallies
from projects.spend.coverage import tag_coverage
from projects.spend.credits import credits_of
from projects.spend.models import SpendMonth
from projects.spend.narrowing import NOT_NAMED, Narrowing
from projects.spend.rules import last_day_of
from projects.spend.selectors import MonthSpend, in_own_currency, layers_by_month, sources_of

KINDS = {"api_model": "l1", "platform": "l2", "infrastructure": "l3", "embedded_saas": "l4"}
MOST_MONTHS = 12
MOST_SERVICES = 50


@dataclass(frozen=True)
class Month:
    """One month over all layers, in one currency."""

    month: date
    cells: tuple[tuple[str, Decimal], ...]
    billed: Decimal
    effective: Decimal
    rows: int
    query: str


def spend_tab(head: Head, eyes: Eyes) -> dict[str, Any]:
    """Return what the spend tab shows; foreign amounts at their month's rate, the originals and what has none named."""
    pk, currency = head.initiative.pk, head.position.currency
    own, foreign = in_own_currency(layers_by_month(pk), currency)
    layers = [layer for layer in LAYER_NAMES if any(row.layer == layer for row in own)]
    behind = Narrowing(currency="" if foreign else currency, words={"initiative": head.initiative.key})
    months = _months(own, layers, behind)
    return {
        "chart": _chart(own, layers, head) if own else None,
        "full": _full_cost(own),
        "lines": HarnessLine.objects.waiting().filter(initiative=pk).count(),
        "layers": [
            (LAYER_NAMES[layer], _sum(row for row in own if row.layer == layer), KINDS.get(layer, "ln"))
            for layer in layers
        ],
        "layer_names": [LAYER_NAMES[layer] for layer in layers],
        "months": months[::-1],
        "billed": sum((row.billed for row in months), Decimal(0)),
        "effective": sum((row.effective for row in months), Decimal(0)),
        "charges": sum(row.rows for row in months),
        "services": _services(pk, currency, behind, eyes),
        "unused": _unused(pk, currency),
        "unused_query": behind.only(use="unused").query(),
        "purposes": _purposes(pk, currency, behind),
        "foreign": [part for part in foreign if part.converted is not None],
        "missing": [part for part in foreign if part.converted is None],
        "credits": credits_of(pk, eyes),
        "sources": sources_of([pk]).get(pk, []),
        "tags": tag_coverage(on=head.on, initiative_id=pk),
    }


def _sum(rows: Any) -> Decimal:
    return sum((row.effective_cost for row in rows), Decimal(0))


def _months(rows: Sequence[MonthSpend], layers: Sequence[str], all_of_it: Narrowing) -> list[Month]:
    found = []
    for first in sorted({row.month for row in rows}):
        here = [row for row in rows if row.month == first]
        found.append(
            Month(
                month=first,
                cells=tuple((LAYER_NAMES[layer], _sum(row for row in here if row.layer == layer)) for layer in layers),
                billed=sum((row.billed_cost for row in here), Decimal(0)),
                effective=_sum(here),
                rows=sum(row.rows for row in here),
                query=replace(all_of_it, since=first, on=last_day_of(first)).query(),
            )
        )
    return found


def _full_cost(own: Sequence[MonthSpend]) -> dict[str, Any] | None:
    """Return bills, harness lines, their sum over all months, and the share of it that is model usage."""
    if not own:
        return None
    harness = _sum(row for row in own if row.layer == "harness")
    model, cost = _sum(row for row in own if row.layer == "api_model"), _sum(own)
    return {"bills": cost - harness, "harness": harness, "cost": cost, "share": bill_share(model, cost)}


def _chart(rows: Sequence[MonthSpend], layers: Sequence[str], head: Head) -> Widths | None:
    """Draw the last twelve months up to the last day with data; refunds larger than a month's cost draw as nothing."""
    until = head.seen_to
    if until is None:
        return None
    shown = _firsts(min(row.month for row in rows), until)[-MOST_MONTHS:]
    amounts = {(row.month, row.layer): row.effective_cost for row in rows}
    parts = []
    rest = [layer for layer in layers if layer not in KINDS]
    for layer in [layer for layer in KINDS if layer in layers]:
        series = [max(amounts.get((first, layer), Decimal(0)), Decimal(0)) for first in shown]
        name = LAYER_NAMES[layer]
        parts.append(Part(KINDS[layer], name, name.split(" ")[0] if layer != "api_model" else name, series))
    if rest:
        other = [
            max(sum((amounts.get((first, layer), Decimal(0)) for layer in rest), Decimal(0)), Decimal(0))
            for first in shown
        ]
        name = LAYER_NAMES[rest[0]] if len(rest) == 1 else "Other"
        parts.append(Part("ln", name, name, other))
    return monthly_columns(Stack(shown[0], until, parts, head.position.currency))


def _firsts(first: date, until: date) -> list[date]:
    found, day = [], first
    while day <= until:
        found.append(day)
        day = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
    return found


def _purposes(pk: int, currency: str, behind: Narrowing) -> list[dict[str, Any]]:
    """Return cost by purpose, in the order in which purposes are named; one query, and one for rates where some are needed."""
    rows = SpendMonth.objects.filter(initiative=pk, group__source__role="fact").order_by()
    grouped = rows.values_list("group__purpose", "currency", "month").annotate(Sum("effective_cost"))
    found = tallies(Cost(purpose, currency, paid_in, month, cost) for purpose, paid_in, month, cost in grouped)
    return [
        {"name": name, "cost": found[code].amount, "plus": found[code].plus, "query": behind.only(purpose=code).query()}
        for code, name in Purpose.choices
        if code in found
    ]


def _unused(pk: int, currency: str) -> Tally | None:
    """Return what of its spend is commitments and capacity bought ahead that nobody used; None where no bill names any."""
    rows = SpendMonth.objects.filter(initiative=pk, group__source__role="fact", group__is_unused=True).order_by()
    found = rows.values_list("currency", "month").annotate(Sum("effective_cost"))
    costs = [Cost("unused", currency, paid_in, month, cost) for paid_in, month, cost in found]
    return tallies(costs).get("unused")


def _services(pk: int, currency: str, behind: Narrowing, eyes: Eyes) -> list[dict[str, Any]]:
    """Return cost by layer, provider and service, the largest first; one query, and one for rates where some are needed."""
    rows = SpendMonth.objects.filter(initiative=pk, group__source__role="fact")
    grouped = rows.order_by().values_list(
        "group__owned_layer", "group__provider_name", "group__service_name", "currency", "month"
    )
    costs, charges = [], Counter[tuple[str, str | None, str | None]]()
    for layer, provider, service, paid_in, month, cost, count in grouped.annotate(Sum("effective_cost"), Sum("rows")):
        what = (layer, provider, service)
        costs.append(Cost(what, currency, paid_in, month, cost))
        charges[what] += int(count)
    dearest = sorted(tallies(costs).items(), key=lambda one: -one[1].amount)[:MOST_SERVICES]
    return [
        {
            "layer": LAYER_NAMES.get(layer, layer),
            "provider": provider or "Not named",
            "service": eyes.text(service) or "Not named",
            "cost": tally.amount,
            "plus": tally.plus,
            "charges": charges[layer, provider, service],
            "query": ""
            if eyes.hides(service)
            else behind.only(layer=layer, provider=provider or NOT_NAMED, service=service or NOT_NAMED).query(),
        }
        for (layer, provider, service), tally in dearest
    ]
