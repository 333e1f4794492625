"""Many initiatives with money, promises, quality and years of days of spend, made in sets for the sweep to judge.

In every fifty, one spends without money, four spend a little without money, one has spent twice its money, one missed two
milestones in a row, and one fails its quality gate; the others keep to all of it.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import connection

IN_ALL = 50
UNFUNDED, SPENDTHRIFT, LATE, FAILING, SANDBOX = 0, 5, 6, 7, range(1, 5)
OVERSPEND, DAILY = Decimal(5000), Decimal(10)
FUNDED_DAYS, LEFT_DAYS, GROUPS, BATCH = 200, 60, 2, 1000
# Days lie as imports leave them: month by month, in each by group, initiative and day. One currency, less on weekends.
DAYS = """
INSERT INTO projects_spendday (part_id, group_id, initiative_id, currency, charge_on, rows, billed_cost, effective_cost)
SELECT p.id, g.id, i.id, 'USD', day::date, 3, cost, cost
FROM (SELECT DISTINCT date_trunc('month', day)::date AS first FROM generate_series(%(since)s::date, %(on)s, '1 day') day) m
CROSS JOIN (SELECT id FROM projects_costgroup ORDER BY id LIMIT %(groups)s) g
CROSS JOIN (SELECT id FROM projects_initiative) i
JOIN generate_series(%(since)s::date, %(on)s, '1 day') day ON day >= m.first AND day < m.first + interval '1 month'
CROSS JOIN LATERAL (SELECT CASE WHEN i.id %% 50 = 0 THEN 5000 WHEN i.id %% 50 < 5 THEN 0.01
    WHEN extract(isodow FROM day) > 5 THEN 3.25 ELSE 5 + i.id %% 7 * 0.0625 END::numeric AS cost) c
CROSS JOIN (SELECT min(id) AS id FROM projects_deliverypart) p
ORDER BY m.first, g.id, i.id, day
"""
MONTHS = """
INSERT INTO projects_spendmonth (group_id, initiative_id, currency, month, rows, billed_cost, effective_cost)
SELECT group_id, initiative_id, currency, date_trunc('month', charge_on)::date, sum(rows), sum(billed_cost), sum(effective_cost)
FROM projects_spendday WHERE initiative_id IS NOT NULL GROUP BY 1, 2, 3, 4
"""
MILESTONES = """
INSERT INTO projects_milestone (initiative_id, sequence, name, acceptance_test, measure, baselined_due_on, decision_reference,
    state, evidence, rework_count, rework_reason)
SELECT i.id, n, 'Milestone ' || n, 'Shown to the sponsor', '', %(on)s::date - 200 + n * 60, 'OPENING-1', 'planned', '', 0, ''
FROM projects_initiative i CROSS JOIN generate_series(1, 5) n ORDER BY 1, 2
"""
BASELINES = """
INSERT INTO projects_milestonebaseline (milestone_id, due_on, decision_reference, at)
SELECT id, baselined_due_on, 'OPENING-1', %(at)s::timestamptz - interval '300 days' FROM projects_milestone
"""
DELIVERED = """
UPDATE projects_milestone SET state = 'delivered', delivered_on = baselined_due_on, delivered_by_id = %(by)s
WHERE baselined_due_on <= %(on)s AND initiative_id %% 50 <> 6
"""
ACCEPTED = """
UPDATE projects_milestone SET state = 'accepted', accepted_at = delivered_on, accepted_by_id = %(judge)s WHERE state = 'delivered'
"""
GATES = """
INSERT INTO projects_qualitygate (initiative_id, kind, metric, unit, threshold, direction, cadence_days, created_by_id, created_at)
SELECT i.id, 'quality', 'Metric ' || n, '%%', 92, 'at_least', 30, %(by)s, %(at)s::timestamptz - interval '300 days'
FROM projects_initiative i CROSS JOIN generate_series(1, 2) n
"""
READINGS = """
INSERT INTO projects_qualityreading (gate_id, value, read_on, source, evidence, evidence_hash, is_imported, entered_by_id, entered_at)
SELECT g.id, CASE WHEN g.initiative_id %% 50 = 7 AND n = 0 THEN 91 ELSE 95 END, %(on)s::date - n * 30, 'Holdout', '', '', true,
    %(by)s, %(at)s::timestamptz - make_interval(days => n * 30) FROM projects_qualitygate g CROSS JOIN generate_series(5, 0, -1) n
"""


def make_initiatives(count: int) -> None:
    """Register initiatives like one that a person registered, most of them with money."""
    from projects.common.clock import now
    from projects.funding.services.openings import OpeningBudget, open_budgets
    from projects.initiatives.models import Initiative
    from projects.people.roles import Role
    from tests.factories.initiatives import initiative
    from tests.factories.people import person

    first = initiative(person("owner"), "pilot")
    number = int(first.key.rpartition("-")[2])
    fields = {name: getattr(first, name) for name in ("name", "value_proposition", "business_owner", "cost_centre")}
    fields |= {name: getattr(first, name) for name in ("currency", "stage", "stage_since", "opening", "registered_by")}
    more = range(number + 1, number + count)
    Initiative.objects.bulk_create(
        [
            Initiative(key=f"AI-{one:04d}", registered_at=first.registered_at, expected_monthly_cost=1, **fields)
            for one in more
        ],
        batch_size=BATCH,
    )
    at = now()
    end = at.date() + timedelta(days=LEFT_DAYS)
    budgets = [
        OpeningBudget(row, _given(row.pk), at.date() - timedelta(days=FUNDED_DAYS + row.pk % 30), end)
        for row in Initiative.objects.order_by("pk")
        if row.pk % IN_ALL != UNFUNDED and row.pk % IN_ALL not in SANDBOX
    ]
    assert first.opening is not None
    open_budgets(budgets=budgets, opening=first.opening, by=person("finance", Role.FINANCE), at=at)


def _given(pk: int) -> Decimal:
    """Return what covers an initiative's days with a twentieth to spare, or two fifths of it for the spendthrift."""
    return DAILY * (FUNDED_DAYS // 2 if pk % IN_ALL == SPENDTHRIFT else FUNDED_DAYS + LEFT_DAYS + pk % 30 + 10)


def make_facts(*, rows: int, initiatives: int, on: date, at: datetime) -> int:
    """Give every initiative days of spend, milestones and readings; return how many days were made."""
    from projects.people.models import User
    from tests.factories.people import person

    owner = User.objects.get(username="owner")
    days = max(rows // initiatives // GROUPS, FUNDED_DAYS)
    told = {
        "on": on,
        "at": at,
        "since": on - timedelta(days=days - 1),
        "groups": GROUPS,
        "by": owner.pk,
        "judge": person("judge").pk,
    }
    made = _run([DAYS], told)
    _run([MONTHS, MILESTONES, BASELINES, DELIVERED, ACCEPTED, GATES, READINGS], told)
    _run(["ANALYZE"], {})
    return made


def _run(statements: Iterable[str], told: dict[str, object]) -> int:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement, told or None)
        return cursor.rowcount


def expected(initiative_ids: Iterable[int]) -> set[tuple[int, str]]:
    """Return which rules must trip for which initiatives."""
    rules = {
        UNFUNDED: ["unfunded_spend"],
        SPENDTHRIFT: ["over_budget", "tranche_overspent", "forecast_over"],
        LATE: ["missed_milestones"],
        FAILING: ["quality_failed"],
    }
    return {(pk, rule) for pk in initiative_ids for rule in rules.get(pk % IN_ALL, [])}
