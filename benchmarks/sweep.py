"""Sweep the escalation rules over many initiatives, beside the bare sum of the days of spend that they judge.

Spend is given to every initiative day by day in SQL; one in fifty spends without funding and must be escalated, and no
other, or there is no figure. Timed are the sweep once everything is raised, all its writes included, the sweep of the two
hundred that an import touched, and the same rules asked initiative by initiative. `--json` prints ratio_to_sum,
ratio_touched_to_full, times_faster_than_one_by_one, sweep_ms.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TOUCHED, ASKED, ONE_IN, OVERSPEND = 200, 20, 50, Decimal(5000)
DAYS = """
INSERT INTO projects_spendday (part_id, group_id, initiative_id, currency, charge_on, rows, billed_cost, effective_cost)
SELECT p.id, g.id, i.id, 'USD', day::date, 1, cost, cost FROM (SELECT min(id) AS id FROM projects_deliverypart) p
CROSS JOIN (SELECT id FROM projects_costgroup ORDER BY id LIMIT %(groups)s) g
CROSS JOIN (SELECT id, CASE WHEN id %% %(one_in)s = 0 THEN %(over)s ELSE 0.01 END::numeric AS cost FROM projects_initiative) i
CROSS JOIN generate_series(%(on)s::date - %(days)s + 1, %(on)s::date, interval '1 day') day
"""
SUM = "SELECT initiative_id, sum(effective_cost) FROM projects_spendday GROUP BY 1"


def make_initiatives(count: int) -> None:
    """Register initiatives like one that a person registered."""
    from projects.initiatives.models import Initiative
    from tests.factories.initiatives import initiative
    from tests.factories.people import person

    first = initiative(person("owner"), "pilot")
    number = int(first.key.rpartition("-")[2])
    fields = {name: getattr(first, name) for name in ("name", "value_proposition", "business_owner", "cost_centre")}
    fields |= {name: getattr(first, name) for name in ("currency", "stage", "stage_since", "opening", "registered_by")}
    more = range(number + 1, number + count)
    Initiative.objects.bulk_create(
        Initiative(key=f"AI-{one:04d}", registered_at=first.registered_at, expected_monthly_cost=1, **fields)
        for one in more
    )


def measure(initiatives: int, rows: int, home: Path) -> dict[str, float]:
    """Time the sweeps and the sum. Raise AssertionError where not exactly those that overspend are escalated."""
    from benchmarks.explorer import median_ms
    from benchmarks.import_focus import start_product, write_month

    start_product()
    from django.db import connection

    from council.escalations.models import Escalation
    from council.escalations.selectors import evaluate
    from council.escalations.services import sweep
    from projects.common.clock import now
    from projects.initiatives.models import Initiative
    from projects.people.services import import_service
    from projects.spend.services import CostFile, import_costs

    at = now()
    make_initiatives(initiatives)
    write_month(home / "month.csv", 5_000)
    import_costs(file=CostFile(home / "month.csv", "month.csv", "cloud"), by=import_service(), at=at)
    days, groups = 100, max(rows // initiatives // 100, 1)
    told = {"groups": groups, "one_in": ONE_IN, "over": OVERSPEND, "on": at.date(), "days": days}
    with connection.cursor() as cursor:
        cursor.execute(DAYS, told)
        made = cursor.rowcount
        cursor.execute("ANALYZE projects_spendday")
    sweep(on=at.date(), at=at)
    ids = list(Initiative.objects.order_by("pk").values_list("pk", flat=True))
    unfunded = set(Escalation.objects.filter(rule="unfunded_spend").values_list("initiative_id", flat=True))
    assert unfunded == {pk for pk in ids if pk % ONE_IN == 0}, len(unfunded)

    def bare() -> None:
        with connection.cursor() as cursor:
            cursor.execute(SUM)
            cursor.fetchall()

    def one_by_one() -> None:
        for pk in ids[:ASKED]:
            evaluate(on=at.date(), initiative_ids=[pk])

    later = at + timedelta(minutes=1)
    full = median_ms(lambda: sweep(on=at.date(), at=later), 3)
    touched = median_ms(lambda: sweep(on=at.date(), at=later, initiative_ids=ids[:TOUCHED]), 3)
    floor, asked = median_ms(bare, 3), median_ms(one_by_one, 3) * len(ids) / ASKED
    return {
        "initiatives": initiatives,
        "rows": made,
        "ratio_to_sum": round(full / floor, 3),
        "ratio_touched_to_full": round(touched / full, 3),
        "times_faster_than_one_by_one": round(asked / full, 1),
        "sweep_ms": round(full, 1),
        "sum_ms": round(floor, 1),
    }


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--initiatives", type=int, default=2_000)
    parser.add_argument("--rows", type=int, default=2_000_000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    with tempfile.TemporaryDirectory(prefix="tollgate-benchmark-", ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        home.chmod(0o711)
        os.environ |= {"TOLLGATE_HOME": str(home), "BROKER_URL": "memory://"}
        for name in ("DATABASE_URL", "DATABASE_OWNER_URL"):
            os.environ.pop(name, None)
        from launch.keeper import database_in_use

        with database_in_use():
            subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, check=True)
            figures = measure(options.initiatives, options.rows, home)
    print(json.dumps(figures) if options.json else "\n".join(f"{name}: {value}" for name, value in figures.items()))


if __name__ == "__main__":
    main()
