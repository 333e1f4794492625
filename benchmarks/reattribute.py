"""Say what the rules in force would move over many keys, and move it, beside the bare sum of the charges by initiative.

Keys are put in by SQL beside one imported month, each a resource of its own with tags and a few charges that nobody has yet;
half of them belong to two hundred applications that rules give to a hundred initiatives. The money that the dry run says would
move is the money put in for those applications to the last digit, the run moves the same, rollups then equal the facts, and a
dry run after it moves nothing: or there is no figure. `--json` prints ratio_to_sum of the dry run and the same of CPU,
ratio_settled_to_sum of a dry run that moves nothing, ratio_run_to_sum of the run, which is timed once, dry_run_ms and sum_ms.
"""

import argparse
import sys
import time
from decimal import Decimal
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CHARGES, IMPORTED, ROUNDS = 3, 5_000, 3
ADD = [
    """
    INSERT INTO projects_costgroup (source_id, digest, provider_name, service_name, service_category, billing_account_id,
        sub_account_id, sub_account_name, charge_category, charge_frequency, cost_centre, environment, layer, owned_layer)
    SELECT s.id, gen_random_uuid(), 'Bench', 'Service ' || n %% 40, 'Compute', 'payer', 'lab-' || n / 40, 'lab-' || n / 40,
        'Usage', 'Usage-Based', 'cc-' || n %% 90, 'prod', 'infrastructure', 'infrastructure'
    FROM projects_source s, generate_series(0, 1999) n WHERE s.name = 'cloud'
    """,
    """
    INSERT INTO projects_costkey (source_id, digest, group_id, resource_id, resource_type, sku_meter, tag_index)
    SELECT g.source_id, gen_random_uuid(), g.id, 'arn:aws:svc:eu-west-1:' || g.sub_account_id || ':resource/i-' || n,
        'Resource', 'Meter ' || n %% 900, jsonb_build_object('application', 'app-' || n %% %(applications)s,
        'environment', 'prod', 'costcenter', 'cc-' || n %% 90, 'owner', 'team-' || n %% 60)
    FROM generate_series(0, %(keys)s - 1) n JOIN (
        SELECT row_number() OVER (ORDER BY id) - 1 AS place, * FROM projects_costgroup WHERE provider_name = 'Bench'
    ) g ON g.place = n * 7 %% 2000
    """,
    """
    INSERT INTO projects_spendfact (billing_month, part_id, row_number, share, charge_on, cost_key_id, currency, billed_cost,
        effective_cost)
    SELECT DATE '2026-05-01', p.id, 1000000 + k.id * %(charges)s + n, 0, DATE '2026-05-01' + (k.id * 11 + n * 7)::int %% 31,
        k.id, 'USD', (k.id * 37 + n) %% 100000 / 1000.0, (k.id * 37 + n) %% 100000 / 1000.0
    FROM projects_deliverypart p, generate_series(0, %(charges)s - 1) n, projects_costkey k
    WHERE k.group_id IN (SELECT id FROM projects_costgroup WHERE provider_name = 'Bench')
    """,
]
OWED = """
SELECT sum(f.effective_cost) FROM projects_spendfact f JOIN projects_costkey k ON k.id = f.cost_key_id
WHERE f.initiative_id IS NULL AND substr(k.tag_index ->> 'application', 5)::int < %(owned)s
"""
SUM = "SELECT initiative_id, currency, sum(effective_cost), count(*) FROM projects_spendfact GROUP BY 1, 2"


def measure(keys: int, home: Path) -> dict[str, float]:
    """Time dry runs, the run and the sum. Raise AssertionError where another sum moves than the generator's."""
    from benchmarks.import_focus import APPLICATIONS, OWNED_APPLICATIONS, make_owners, settle, write_month

    make_owners()
    from django.db import connection

    from benchmarks.parts.rounds import in_turn
    from launch.addresses import embedded_database_url
    from projects.common.clock import now
    from projects.people.services import import_service
    from projects.spend.reattribution import preview_reattribution, reattribute
    from projects.spend.services import CostFile, import_costs
    from projects.spend.verification import rebuild_rollups, rollup_differences

    by, at = import_service(), now()
    write_month(home / "month.csv", IMPORTED)
    import_costs(file=CostFile(home / "month.csv", "month.csv", "cloud"), by=by, at=at)
    with connection.cursor() as cursor:
        for statement in ADD:
            cursor.execute(statement, {"keys": keys, "charges": CHARGES, "applications": APPLICATIONS})
        cursor.execute(OWED, {"owned": OWNED_APPLICATIONS})
        owed: Decimal = cursor.fetchone()[0]
    rebuild_rollups()
    settle(embedded_database_url("superuser"))

    def bare() -> None:
        with connection.cursor() as cursor:
            cursor.execute(SUM)
            cursor.fetchall()

    def dry_run() -> Decimal:
        moved = preview_reattribution(by=by)
        return sum((Decimal(move["effective_cost"]) for move in moved.moves), Decimal(0))

    assert dry_run() == owed
    cost = in_turn({"sum": bare, "dry_run": dry_run}, ROUNDS, home)
    began = time.perf_counter()
    given = reattribute(by=by, at=at)
    run_ms = (time.perf_counter() - began) * 1000
    assert sum((Decimal(move["effective_cost"]) for move in given.moves), Decimal(0)) == owed
    assert rollup_differences() == []
    settle(embedded_database_url("superuser"))
    settled = in_turn({"sum": bare, "dry_run": dry_run}, ROUNDS, home)
    assert dry_run() == 0
    return {
        "keys": keys,
        "charges": keys * CHARGES + IMPORTED,
        "ratio_to_sum": round(cost["dry_run"].ms / cost["sum"].ms, 2),
        "cpu_ratio_to_sum": round(cost["dry_run"].cpu_ms / cost["sum"].cpu_ms, 2),
        "ratio_settled_to_sum": round(settled["dry_run"].ms / settled["sum"].ms, 2),
        "ratio_run_to_sum": round(run_ms / cost["sum"].ms, 2),
        "dry_run_ms": round(cost["dry_run"].ms, 1),
        "sum_ms": round(cost["sum"].ms, 1),
    }


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keys", type=int, default=200_000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    from benchmarks.parts.product import empty_product, say

    with empty_product() as home:
        figures = measure(options.keys, home)
    say(figures, as_json=options.json)


if __name__ == "__main__":
    main()
