"""Split bills by the logs of gateways: while a bill is loaded, and anew when either of the two comes.

An entry of a log counts for one rule alone, so bills that one log splits are looked at together. Called only inside an
import's transaction. An import of a log, or of one of its bills, holds all bills that the log splits.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.db.models import Q

from projects.attribution.details import cut_by_detail, lay_buckets
from projects.attribution.matching import owners_statement
from projects.attribution.models import AttributionRule, Basis, RuleQuerySet
from projects.audit.services import record
from projects.people.models import User
from projects.signals import spend_reattributed
from projects.sources.models import Delivery, DeliveryPart, Source, SourceRole
from projects.spend.cutting import put_cut_facts
from projects.spend.logged import LOGGED_NOW
from projects.spend.models import Reattribution
from projects.spend.moves import Within, work_out_moves
from projects.spend.reattribution import give_out_shared, keep_moved
from projects.spend.rules import month_after

_LOADED = """
FROM projects_spendfact f WHERE f.part_id = ANY(%(parts)s) AND f.billing_month = ANY(%(months)s)
    AND f.rule_id = ANY(%(rules)s)
"""
_KEYS = f"(SELECT DISTINCT f.cost_key_id {_LOADED})"
_CHARGES = """
CREATE TEMPORARY TABLE detail_charge ON COMMIT DROP AS
SELECT f.billing_month, f.part_id, f.row_number, f.charge_on, f.cost_key_id, f.currency, f.rule_id, o.rest_initiative_id,
    o.rest_rule_id, f.billed_cost AS billed, f.effective_cost AS effective
FROM projects_spendfact f JOIN ({owners}) o
    ON o.cost_key_id = f.cost_key_id AND f.charge_on >= o.starts_on AND f.charge_on < o.ends_on
WHERE f.part_id = ANY(%(parts)s) AND f.billing_month = ANY(%(months)s) AND f.rule_id = ANY(%(rules)s)
"""
_BILLED = """(
    SELECT rule_id, cost_key_id, charge_on, currency, effective_cost AS effective FROM projects_spendfact
    WHERE part_id = ANY(%(counting)s) AND billing_month = ANY(%(counting_months)s) AND rule_id = ANY(%(sharing)s)
        AND charge_on >= %(since)s AND charge_on < %(until)s
)"""
_KEY_OWNERS = "CREATE TEMPORARY TABLE key_owner ON COMMIT DROP AS {owners}"


@dataclass(frozen=True)
class _Parts:
    """Parts of deliveries that say something of a span of days, and the billing months their charges lie in."""

    ids: list[int]
    months: list[date]


def bills_split_with(name: str) -> list[str]:
    """Return the names of the bills that a log of this name splits, and of those that share a log with such a bill."""
    logs = _rules().filter(Q(detail__name=name) | Q(source__name=name)).values("detail")
    return sorted(set(_rules().filter(detail__in=logs).values_list("source__name", flat=True)))


def cut_details(
    source: Source, *, parts: Collection[int], months: Collection[date], replaced: Collection[DeliveryPart]
) -> bool:
    """Split what an import has loaded of a bill by the logs there are; return whether there was any."""
    rules = _sharing(_rules().filter(source=source))
    if not rules:
        return False
    ids = [pk for pk, bill, _ in rules if bill == source.pk]
    since, until = _loaded_days(list(parts), list(months), ids)
    if since is None or until is None:
        return False
    logs = _parts({log for _, _, log in rules}, since, until)
    others = _parts({bill for _, bill, _ in rules}, since, until, without={part.pk for part in replaced})
    parameters: dict[str, Any] = {
        "parts": list(parts),
        "months": list(months),
        "rules": ids,
        "sharing": [pk for pk, _, _ in rules],
        "logs": logs.ids,
        "log_months": logs.months,
        "counting": [*parts, *others.ids],
        "counting_months": sorted({*months, *others.months}),
        "since": since,
        "until": until,
    }
    owners, more = owners_statement(_KEYS)
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS detail_charge")
        cursor.execute(_CHARGES.format(owners=owners), {**parameters, **more})
        lay_buckets(cursor, billed=_BILLED, logged=LOGGED_NOW, parameters=parameters)
        return put_cut_facts(cursor, cut_by_detail("detail_charge"), {})


def split_anew(*, delivery: Delivery, by: User, at: datetime) -> int:
    """Split the bills that a delivery splits or belongs to anew, in its months; return how many charges change.

    Closed months stay as they are. Called when a delivery has taken its place.
    """
    source = delivery.source
    rules = _sharing(_rules().filter(Q(source=source) | Q(detail=source)))
    if not rules:
        return 0
    parts = DeliveryPart.objects.filter(Q(delivery=delivery) | Q(superseded_by__delivery=delivery))
    days = [day for row in parts.values_list("first_day", "last_day") for day in row]
    since, until = min(days).replace(day=1), month_after(max(days))
    bills = _parts({bill for _, bill, _ in rules}, since, until)
    logs = _parts({log for _, _, log in rules}, since, until)
    within = Within([pk for pk, _, _ in rules], bills.ids, bills.months, logs.ids, logs.months, since, until)
    owners, parameters = owners_statement(
        "(SELECT id AS cost_key_id FROM projects_costkey WHERE source_id = ANY(%(bills)s))"
    )
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS key_owner")
        cursor.execute(
            _KEY_OWNERS.format(owners=owners), {**parameters, "bills": sorted({bill for _, bill, _ in rules})}
        )
    moved = work_out_moves([], within)
    touched = give_out_shared()
    if moved.rows:
        made = keep_moved(moved, by=by, at=at)
        record(verb="spend.split_by_detail", target=made, by=by, at=at, data={"delivery": delivery.key})
    if touched:
        spend_reattributed.send(sender=Reattribution, initiative_ids=touched, by=by, at=at)
    return moved.rows


def _rules() -> RuleQuerySet:
    in_force = AttributionRule.objects.in_force()
    return in_force.filter(basis=Basis.DETAIL, detail__role=SourceRole.DETAIL).order_by("pk")


def _sharing(rules: RuleQuerySet) -> list[tuple[int, int, int]]:
    """Return rule, bill and log of these rules and of every other that splits by one of their logs."""
    found = _rules().filter(detail__in=rules.values("detail"), source__isnull=False)
    return [(pk, bill, log) for pk, bill, log in found.values_list("pk", "source_id", "detail_id") if bill and log]


def _parts(sources: set[int], since: date, until: date, *, without: Collection[int] = ()) -> _Parts:
    rows = DeliveryPart.objects.filter(
        source_id__in=sources, is_current=True, first_day__lt=until, last_day__gte=since
    ).exclude(pk__in=without)
    found = list(rows.values_list("pk", "billing_period_start"))
    return _Parts([pk for pk, _ in found], sorted({first.replace(day=1) for _, first in found}))


def _loaded_days(parts: list[int], months: list[date], rules: list[int]) -> tuple[date | None, date | None]:
    """Return the first day and the end of the months in which rules by detail take what was loaded."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT min(f.charge_on), max(f.charge_on) {_LOADED}", {"parts": parts, "months": months, "rules": rules}
        )
        first, last = cursor.fetchone()
    return (None, None) if first is None else (first.replace(day=1), month_after(last))
