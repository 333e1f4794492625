"""Files that nobody wrote, taken in by the command: sums reconcile in the database, and what is refused leaves no trace."""

import os
import random
from collections import defaultdict
from decimal import Context, Decimal
from itertools import count
from tempfile import NamedTemporaryFile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from projects.sources.models import CostGroup, CostKey, Delivery, DeliveryPart, Source
from projects.spend.models import SpendDay, SpendFact, SpendMonth
from projects.spend.verification import rollup_differences
from tests.projects.sources.readers.test_properties import focus_files
from tests.projects.spend.samples import COSTS, FOCUS, figures, run

pytestmark = pytest.mark.django_db

SOAK = bool(os.environ.get("TOLLGATE_SOAK"))
EXACT = Context(prec=200)
KEPT = (Source, Delivery, DeliveryPart, SpendFact, SpendDay, SpendMonth, CostKey, CostGroup)
REAL = [FOCUS / "synthetic_1_3_azure_25_credits.csv", COSTS / "azure_ea_actual_small.csv",
        COSTS / "openai_usage_and_costs.json", FOCUS / "focus_1_0_aws_map_tags.snappy.parquet"]  # fmt: skip
HEAD = b"BilledCost,EffectiveCost,BillingCurrency,ChargePeriodStart,ServiceName,Tags\n"
numbers = count(1)


def few(examples):
    """Try a few cases, and a thousand where there is time to soak."""
    return settings(
        max_examples=1000 if SOAK else examples,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )


def give(content):
    """Hand a file to the command under a source of its own."""
    with NamedTemporaryFile() as file:
        file.write(content)
        file.flush()
        source = f"source {next(numbers)}"
        code, answer = run("import_costs", file.name, "--source", source, "--confirm-same-content")
    return code, answer, source


def everything():
    return {model.__name__: model.objects.count() for model in KEPT}


def summed(rows, column):
    found = defaultdict(Decimal)
    for row in rows:
        code = row["BillingCurrency"].strip().upper()
        found[code] = EXACT.add(found[code], row[column])
    return dict(found)


@few(8)
@given(focus_files())
def test_what_a_file_says_is_what_the_database_adds_up(file):
    content, rows = file

    code, answer, source = give(content)

    assert code == 0, answer
    assert answer["accepted"] == len(rows)
    _, said = run("cost_totals", "--source", source)
    totals = {total["currency"]: figures(total) for total in said["totals"]}
    assert sum(total[0] for total in totals.values()) == len(rows)
    assert {code: total[1] for code, total in totals.items()} == summed(rows, "BilledCost")
    assert {code: total[2] for code, total in totals.items()} == summed(rows, "EffectiveCost")
    assert rollup_differences() == []


@few(25)
@given(
    st.binary(max_size=300) | st.text(st.sampled_from('0123456789.,-$\n";USD{}[]:/ TZ'), max_size=200).map(str.encode),
    st.sampled_from([b"", HEAD, HEAD + b"1,1,USD,2026-05-03,S,\n", b"{", b"[{", b"PAR1", b"\x1f\x8b", b"\xff\xfe"]),
)
def test_bytes_that_are_no_bill_leave_no_trace(noise, start):
    before = everything()

    code, answer, _ = give(start + noise)

    assert code in (0, 2)
    if code == 2:
        assert answer["error"]["code"]
        assert answer["error"]["message"]
        assert everything() == before


@pytest.mark.parametrize("path", REAL, ids=lambda path: path.name)
def test_a_real_file_with_spoiled_bytes_is_taken_whole_or_leaves_no_trace(path, rounds):
    original, chance = path.read_bytes(), random.Random(7)

    for _ in range(rounds(4, 200)):
        spoiled = bytearray(original)
        for _ in range(chance.randint(1, 12)):
            spoiled[chance.randrange(len(spoiled))] = chance.randrange(256)
        before = everything()
        code, answer, source = give(bytes(spoiled[: chance.choice([len(spoiled), chance.randrange(len(spoiled))])]))
        if code == 2:
            assert answer["error"]["message"]
            assert everything() == before
        else:
            kept = SpendFact.objects.filter(part__in=DeliveryPart.objects.filter(source__name=source).values("pk"))
            assert kept.count() == answer["accepted"] == answer["rows"]
