"""Open the spend explorer's default page over ten thousand rows and over many more, beside the same sums from the facts.

The page reads rollups, so it must not slow with the rows beneath it. The many rows are one imported month given further
days of facts in SQL, and rolled up anew; rollups are held against facts before anything is timed, or there is no figure.
`--json` prints ratio_many_to_few, the same of CPU and of the unclaimed inbox, ratio_to_facts, page_ms.
"""

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FEW = 10_000
COPIED = (
    "billing_month, part_id, row_number, share, charge_on, cost_key_id, initiative_id, rule_id, currency, "
    "billed_cost, effective_cost"
)
MULTIPLY = f"""
INSERT INTO projects_spendfact ({COPIED})
SELECT billing_month, part_id, row_number + copy * %(few)s, share, charge_on, cost_key_id, initiative_id, rule_id, currency,
    billed_cost, effective_cost
FROM projects_spendfact, generate_series(1, %(copies)s) AS copy
"""
FROM_FACTS = """
SELECT g.owned_layer, f.initiative_id, sum(f.effective_cost) FROM projects_spendfact f
JOIN projects_costkey k ON k.id = f.cost_key_id JOIN projects_costgroup g ON g.id = k.group_id GROUP BY 1, 2
"""


def measure(rows: int, home: Path) -> dict[str, float]:
    """Time the page over few and over many rows. Raise AssertionError where rollups differ from facts."""
    import django

    django.setup()
    from django.db import connection

    from benchmarks.import_focus import write_month
    from benchmarks.parts.product import reader
    from benchmarks.parts.rounds import in_turn
    from projects.common.clock import now
    from projects.people.services import import_service
    from projects.spend.services import CostFile, import_costs
    from projects.spend.verification import rebuild_rollups, rollup_differences

    write_month(home / "few.csv", FEW)
    import_costs(file=CostFile(home / "few.csv", "few.csv", "cloud"), by=import_service(), at=now())
    client = reader()

    def page() -> None:
        assert client.get("/spend/", secure=True).status_code == 200

    def inbox() -> None:
        assert client.get("/spend/unclaimed/", secure=True).status_code == 200

    def bare() -> None:
        with connection.cursor() as cursor:
            cursor.execute(FROM_FACTS)
            cursor.fetchall()

    few = in_turn({"page": page, "inbox": inbox}, 15, home)
    with connection.cursor() as cursor:
        cursor.execute(MULTIPLY, {"few": FEW, "copies": rows // FEW - 1})
    rebuild_rollups()
    assert rollup_differences() == []
    many, facts = in_turn({"page": page, "inbox": inbox}, 15, home), in_turn({"sum": bare}, 3, home)
    return {
        "rows": rows,
        "ratio_many_to_few": round(many["page"].ms / few["page"].ms, 3),
        "cpu_ratio_many_to_few": round(many["page"].cpu_ms / few["page"].cpu_ms, 3),
        "ratio_inbox_many_to_few": round(many["inbox"].ms / few["inbox"].ms, 3),
        "cpu_ratio_inbox_many_to_few": round(many["inbox"].cpu_ms / few["inbox"].cpu_ms, 3),
        "ratio_to_facts": round(many["page"].ms / facts["sum"].ms, 4),
        "page_ms": round(many["page"].ms, 1),
    }


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    from benchmarks.parts.product import empty_product, say

    with empty_product() as home:
        figures = measure(options.rows, home)
    say(figures, as_json=options.json)


if __name__ == "__main__":
    main()
