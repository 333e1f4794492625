"""Open the inbox of unclaimed charges over a thousand heaps and over many more, and the charges of one unclaimed day.

A heap is one service in one account. Heaps are put in by SQL, each with a key, charges and their rollups, beside one imported
month; rollups are held against facts before anything is timed, or there is no figure. What the inbox shows is added up
by a task after each delivery, which takes `fill_ms`; `first_ms` is the first look of a web process after that, and
`unfilled_ms` one of whoever comes before the task is done. Ratios are of the looks after it. `--json` prints
ratio_many_to_few and the same of CPU, those of the drill into one day, fill_ms, first_ms, unfilled_ms and inbox_ms.
"""

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FEW = 1_000
IMPORTED = 10_000
DAY = "2026-05-17"
ADD = [
    """
    INSERT INTO projects_costgroup (source_id, digest, provider_name, service_name, billing_account_id, sub_account_id,
        charge_category, charge_frequency, layer, owned_layer)
    SELECT s.id, gen_random_uuid(), 'P', 'Service ' || n %% 40, 'payer', 'lab-' || n / 40, 'Usage',
        (ARRAY['Usage-Based', 'Recurring'])[1 + n %% 2],
        (ARRAY['api_model', 'embedded_saas', 'platform', 'infrastructure', 'unclassified'])[1 + n %% 5], 'platform'
    FROM projects_source s, generate_series(%(first)s, %(last)s) n
    """,
    """
    INSERT INTO projects_costkey (source_id, digest, group_id, resource_id, tag_index)
    SELECT g.source_id, g.digest, g.id, 'r-' || g.id, '{}' FROM projects_costgroup g
    WHERE g.provider_name = 'P' AND NOT EXISTS (SELECT FROM projects_costkey k WHERE k.group_id = g.id)
    """,
    f"""
    INSERT INTO projects_spendfact (billing_month, part_id, row_number, share, charge_on, cost_key_id, currency, billed_cost,
        effective_cost)
    SELECT DATE '2026-05-01', p.id, 1000000 + k.id, 0, DATE '{DAY}', k.id, 'USD', k.id %% 1000 + 1, k.id %% 1000 + 1
    FROM projects_deliverypart p, projects_costkey k JOIN projects_costgroup g ON g.id = k.group_id
    WHERE g.provider_name = 'P' AND NOT EXISTS (SELECT FROM projects_spendfact f WHERE f.cost_key_id = k.id)
    """,
]


def measure(heaps: int, home: Path) -> dict[str, float]:
    """Time the inbox and the drill over few and over many heaps. Raise AssertionError where rollups differ from facts."""
    import django

    django.setup()
    from django.core.cache import cache
    from django.db import connection

    from benchmarks.import_focus import settle, write_month
    from benchmarks.parts.product import reader
    from benchmarks.parts.rounds import in_turn
    from launch.addresses import embedded_database_url
    from projects.common.clock import now
    from projects.people.services import import_service
    from projects.spend.filling import fill_kept_figures
    from projects.spend.services import CostFile, import_costs
    from projects.spend.verification import rebuild_rollups, rollup_differences

    write_month(home / "month.csv", IMPORTED)
    import_costs(file=CostFile(home / "month.csv", "month.csv", "cloud"), by=import_service(), at=now())
    client = reader()

    def inbox() -> None:
        assert client.get("/spend/unclaimed/", secure=True).status_code == 200

    def drill() -> None:
        address = f"/spend/rows/?initiative=unclaimed&scope=everything&since={DAY}&on={DAY}"
        assert client.get(address, secure=True).status_code == 200

    def timed(act: Callable[[], object]) -> float:
        """Return the milliseconds of an act in a process that remembers nothing."""
        cache.clear()
        began = time.perf_counter()
        act()
        return round((time.perf_counter() - began) * 1000, 1)

    def with_heaps(first: int, last: int) -> dict[str, float]:
        """Put heaps in and return the milliseconds of the first looks at the inbox, and of the task between them."""
        with connection.cursor() as cursor:
            for statement in ADD:
                cursor.execute(statement, {"first": first, "last": last})
        rebuild_rollups()
        assert rollup_differences() == []
        settle(embedded_database_url("superuser"))
        unfilled = timed(inbox)
        filling = timed(lambda: fill_kept_figures(on=now().date()))
        return {"unfilled_ms": unfilled, "fill_ms": filling, "first_ms": timed(inbox)}

    with_heaps(1, FEW)
    few = in_turn({"inbox": inbox, "drill": drill}, 15, home)
    first = with_heaps(FEW + 1, heaps)
    many = in_turn({"inbox": inbox, "drill": drill}, 15, home)
    return {
        "heaps": heaps,
        "ratio_many_to_few": round(many["inbox"].ms / few["inbox"].ms, 3),
        "cpu_ratio_many_to_few": round(many["inbox"].cpu_ms / few["inbox"].cpu_ms, 3),
        "ratio_drill_many_to_few": round(many["drill"].ms / few["drill"].ms, 3),
        "cpu_ratio_drill_many_to_few": round(many["drill"].cpu_ms / few["drill"].cpu_ms, 3),
        **first,
        "inbox_ms": round(many["inbox"].ms, 1),
    }


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--heaps", type=int, default=100_000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    from benchmarks.parts.product import empty_product, say

    with empty_product() as home:
        figures = measure(options.heaps, home)
    say(figures, as_json=options.json)


if __name__ == "__main__":
    main()
