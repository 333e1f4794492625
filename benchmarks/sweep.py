"""Sweep the escalation rules over many initiatives, beside the bare sum of the days of spend that they judge.

The world is made in sets (`parts/sweep_world.py`): exactly those that break a rule must be escalated, and for that rule alone, or
there is no figure. Timed in turn are the bare sum, the full sweep once everything is raised, the sweep of the two hundred that
an import touched, the whole code asked initiative by initiative, and a loop of plain queries an initiative; the first sweep,
which writes everything, is timed once. `--json` prints ratios of time and, as `cpu_…`, of CPU. At full size:
`--initiatives 10000 --rows 10000000`.
"""

import argparse
import sys
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TOUCHED, ASKED, ROUNDS = 200, 20, 3
SUM = "SELECT initiative_id, sum(effective_cost) FROM projects_spendday GROUP BY 1"


def measure(initiatives: int, rows: int, home: Path) -> dict[str, float]:
    """Time the sweeps and the sum. Raise AssertionError where not exactly those that break a rule are escalated."""
    from benchmarks.import_focus import start_product, write_month

    start_product()

    from benchmarks.parts.rounds import in_turn
    from benchmarks.parts.sweep_world import expected, make_facts, make_initiatives
    from council.escalations.models import Escalation
    from council.escalations.sweeps import sweep
    from projects.common.clock import now
    from projects.initiatives.models import Initiative
    from projects.people.services import import_service
    from projects.spend.services import CostFile, import_costs

    at = now()
    on = at.date()
    write_month(home / "month.csv", 5_000)
    import_costs(file=CostFile(home / "month.csv", "month.csv", "cloud"), by=import_service(), at=at)
    make_initiatives(initiatives)
    made = make_facts(rows=rows, initiatives=initiatives, on=on, at=at)
    began = time.perf_counter()
    sweep(on=on, at=at)
    first = (time.perf_counter() - began) * 1000
    ids = list(Initiative.objects.order_by("pk").values_list("pk", flat=True))
    found = set(Escalation.objects.open().values_list("initiative_id", "rule"))
    assert found == expected(ids), sorted(found ^ expected(ids))[:5]
    cost = in_turn(_works(ids, on, at + timedelta(minutes=1)), ROUNDS, home)
    assert set(Escalation.objects.open().values_list("initiative_id", "rule")) == expected(ids)
    share = len(ids) / ASKED
    return {
        "initiatives": initiatives,
        "rows": made,
        "ratio_to_sum": round(cost["steady"].ms / cost["sum"].ms, 3),
        "ratio_first_to_sum": round(first / cost["sum"].ms, 3),
        "ratio_touched_to_full": round(cost["touched"].ms / cost["steady"].ms, 3),
        "ratio_touched_to_sum": round(cost["touched"].ms / cost["sum"].ms, 3),
        "times_faster_than_one_by_one": round(cost["one_by_one"].ms * share / cost["steady"].ms, 1),
        "times_faster_than_orm_loop": round(cost["orm_loop"].ms * share / cost["steady"].ms, 1),
        "cpu_ratio_to_sum": round(cost["steady"].cpu_ms / cost["sum"].cpu_ms, 3),
        "cpu_ratio_touched_to_full": round(cost["touched"].cpu_ms / cost["steady"].cpu_ms, 3),
        "sweep_ms": round(cost["steady"].ms, 1),
        "sum_ms": round(cost["sum"].ms, 1),
    }


def _works(ids: list[int], on: date, at: datetime) -> dict[str, Callable[[], object]]:
    from django.db import connection

    from council.escalations.selectors import evaluate
    from council.escalations.sweeps import sweep

    def bare() -> None:
        with connection.cursor() as cursor:
            cursor.execute(SUM)
            cursor.fetchall()

    return {
        "sum": bare,
        "steady": lambda: sweep(on=on, at=at),
        "touched": lambda: sweep(on=on, at=at, initiative_ids=ids[:TOUCHED]),
        "one_by_one": lambda: [evaluate(on=on, initiative_ids=[pk]) for pk in ids[:ASKED]],
        "orm_loop": lambda: [_plain_queries(pk, on) for pk in ids[:ASKED]],
    }


def _plain_queries(pk: int, on: date) -> list[object]:
    """Ask what the rules need of one initiative as one would write it first: by the ORM, from the days of spend."""
    from django.db.models import Max, Sum

    from projects.funding.models import LedgerLine, Tranche
    from projects.milestones.models import Milestone
    from projects.quality.models import QualityGate
    from projects.spend.models import SpendDay

    days = SpendDay.objects.filter(initiative=pk, charge_on__lte=on, part__source__role="fact")
    tranche = Tranche.objects.filter(initiative=pk).in_force(on=on).first()
    since = tranche.starts_on if tranche else on - timedelta(days=30)
    return [
        LedgerLine.objects.filter(initiative=pk).aggregate(Sum("amount")),
        days.filter(charge_on__gte=since).aggregate(Sum("effective_cost"), Max("charge_on")),
        list(days.filter(charge_on__gt=on - timedelta(days=56)).values("charge_on").annotate(Sum("effective_cost"))),
        list(Milestone.objects.filter(initiative=pk).prefetch_related("baselines")),
        [gate.readings.order_by("-read_on", "-id").first() for gate in QualityGate.objects.filter(initiative=pk)],
    ]


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--initiatives", type=int, default=2_000)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    from benchmarks.parts.product import empty_product, say

    with empty_product() as home:
        figures = measure(options.initiatives, options.rows, home)
    say(figures, as_json=options.json)


if __name__ == "__main__":
    main()
