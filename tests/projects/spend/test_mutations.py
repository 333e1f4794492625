"""Every sort of file, spoiled in every way we know, taken in by the command: whole, or refused without a trace."""

import csv
import gzip
import io
import json
import os
import random
from decimal import Context, Decimal
from itertools import count
from pathlib import Path

import pytest
from django.conf import settings

from projects.sources.models import CostGroup, CostKey, Delivery, DeliveryPart, Source
from projects.spend.models import SpendDay, SpendFact, SpendMonth
from projects.spend.verification import rollup_differences
from tests.projects.spend.samples import COSTS, FOCUS, figures, run

pytestmark = pytest.mark.django_db

SOAK = bool(os.environ.get("TOLLGATE_SOAK"))
EXACT = Context(prec=200)
KEPT = (Source, Delivery, DeliveryPart, SpendFact, SpendDay, SpendMonth, CostKey, CostGroup)
TABLES = [
    FOCUS / "synthetic_1_3_azure_25_credits.csv",
    FOCUS / "synthetic_1_2_aws_100.csv",
    FOCUS / "spec_examples" / "simple_saas_agreements_c.csv",
    FOCUS / "spec_examples" / "virtual_currency_pricing_model_a2.csv",
    COSTS / "azure_ea_actual_small.csv",
    COSTS / "azure_ea_cad_anonymised.csv",
]
OTHERS = [
    COSTS / "openai_usage_and_costs.json",
    COSTS / "langfuse_traces_trimmed.json",
    FOCUS / "focus_1_0_aws_map_tags.snappy.parquet",
]
LARGE = [
    FOCUS / "litellm_focus_servegen_m_small.csv",
    FOCUS / "focus_1_0_anonymised_real.csv",
    FOCUS / "synthetic_1_2_aws_4000.csv.gz",
    COSTS / "aws_cur_legacy_anonymised.csv.gz",
    COSTS / "github_copilot_premium_requests_2025_10.csv.gz",
    COSTS / "litellm_spendlogs_code.jsonl.gz",
    FOCUS / "synthetic_1_3_azure_1500.parquet",
]
numbers = count(1)
Table = list[list[str]]


def give(content: bytes, name: str, folder: Path, *arguments: str):
    """Hand a file to the command under a source of its own."""
    path = folder / name
    path.write_bytes(content)
    source = f"spoiled {next(numbers)}"
    code, answer = run("import_costs", path, "--source", source, "--confirm-same-content", *arguments)
    return code, answer, source


def everything():
    folders = sorted(map(str, (Path(settings.MEDIA_ROOT) / "evidence").glob("*/*")))
    drafts = sorted(map(str, (Path(settings.MEDIA_ROOT) / "evidence").glob("draft-*")))
    return {**{model.__name__: model.objects.count() for model in KEPT}, "evidence": folders, "drafts": drafts}


def unpacked(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


def table_of(path: Path) -> Table:
    return list(csv.reader(io.StringIO(unpacked(path).decode("utf-8-sig"), newline="")))


def text_of(table: Table, separator: str = ",", ends: str = "\r\n") -> bytes:
    written = io.StringIO(newline="")
    csv.writer(written, delimiter=separator, lineterminator=ends).writerows(table)
    return written.getvalue().encode()


def holds(code: int, answer, source: str, before) -> None:
    """Assert that a file was taken whole and adds up everywhere, or that nothing of it is left."""
    if code != 0:
        assert code == 2, answer
        assert answer["error"]["code"], answer
        assert answer["error"]["message"], answer
        assert everything() == before
        return
    assert answer["accepted"] + answer["refused"] == answer["rows"]
    parts = DeliveryPart.objects.filter(source__name=source, is_current=True)
    facts = SpendFact.objects.filter(part__in=parts.values("pk"), share=0)
    assert facts.count() == answer["accepted"]
    sums: dict[str, list[Decimal]] = {}
    for currency, billed, effective in facts.values_list("currency", "billed_cost", "effective_cost"):
        found = sums.setdefault(currency, [Decimal(0), Decimal(0)])
        found[:] = EXACT.add(found[0], billed), EXACT.add(found[1], effective)
    assert money_of(answer["totals"]) == {currency: tuple(pair) for currency, pair in sums.items()}
    _, said = run("cost_totals", "--source", source)
    assert {row["currency"]: figures(row)[1:] for row in said["totals"]} == money_of(answer["totals"])
    assert rollup_differences() == []


def money_of(totals):
    return {
        currency: (Decimal(sums["billed_cost"]), Decimal(sums["effective_cost"])) for currency, sums in totals.items()
    }


# What a file may go through without a figure of it changing.
HARMLESS = {
    "semicolons": lambda table, chance: text_of(table, ";"),
    "tabs": lambda table, chance: text_of(table, "\t"),
    "bars": lambda table, chance: text_of(table, "|"),
    "unix line ends": lambda table, chance: text_of(table, ends="\n"),
    "old line ends": lambda table, chance: text_of(table, ends="\r") if not has_breaks(table) else text_of(table),
    "no final line end": lambda table, chance: text_of(table).rstrip(b"\r\n"),
    "byte order mark": lambda table, chance: b"\xef\xbb\xbf" + text_of(table),
    "utf-16": lambda table, chance: text_of(table).decode().encode("utf-16"),
    "gzip": lambda table, chance: gzip.compress(text_of(table)),
    "blank lines": lambda table, chance: text_of([*table[:1], [], *spread(table[1:], [], chance), [], []]),
    "blank cells": lambda table, chance: text_of(spread(table, [""] * len(table[0]), chance)),
    "header again": lambda table, chance: text_of(spread(table, table[0], chance)),
    "columns in another order": lambda table, chance: text_of(reordered(table, chance)),
    "a column of its own": lambda table, chance: text_of([[*row, "x_own"] for row in table]),
    "titles above": lambda table, chance: text_of([["Costs of the month"], [], *table]),
    "a separator too many": lambda table, chance: text_of([table[0], *([*row, ""] for row in table[1:])]),
    "upper case names": lambda table, chance: text_of([[name.upper() for name in table[0]], *table[1:]]),
}
# What may be wrong with a file, so that it is refused or taken in part.
HARMFUL = {
    "a column missing": lambda table, chance: without(table, chance.randrange(len(table[0]))),
    "a column twice": lambda table, chance: text_of([[*row, row[4]] for row in table]),
    "a column renamed": lambda table, chance: renamed(table, chance),
    "names missing": lambda table, chance: text_of(table[1:]),
    "a NUL": lambda table, chance: in_a_cell(table, chance, "a\0b"),
    "a huge cell": lambda table, chance: in_a_cell(table, chance, "x" * 300_000),
    "a cell larger than a row may be": lambda table, chance: in_a_cell(table, chance, "y" * 5_000_000),
    "no number": lambda table, chance: in_a_cell(table, chance, "NaN"),
    "no finite number": lambda table, chance: in_a_cell(table, chance, "-Infinity"),
    "no amount": lambda table, chance: in_a_cell(table, chance, "1e400"),
    "a fraction too fine": lambda table, chance: in_a_cell(table, chance, "1e-400"),
    "a fine fraction": lambda table, chance: in_a_cell(table, chance, "1e-38"),
    "a formula": lambda table, chance: in_a_cell(table, chance, "=1+1"),
    "half a character": lambda table, chance: in_a_cell(table, chance, "\U0010ffff\ufffe"),
    "an open quote": lambda table, chance: text_of(table).replace(b"\r\n", b'\r\n"', 1),
    "a quote in the middle": lambda table, chance: in_the_middle(text_of(table), b'"'),
    "a row too short": lambda table, chance: text_of([*table, table[-1][:3]]),
    "a row too long": lambda table, chance: text_of([*table, [*table[-1], "1", "2"]]),
    "a row of totals": lambda table, chance: text_of([*table, ["Grand Total", *[""] * (len(table[0]) - 1)]]),
    "another header": lambda table, chance: text_of([*table, ["a", "b"], *table[1:]]),
    "only the header": lambda table, chance: text_of(table[:1]),
    "cut off": lambda table, chance: text_of(table)[: chance.randrange(len(text_of(table)))],
    "gzip cut off": lambda table, chance: cut(gzip.compress(text_of(table)), chance),
    "gzip with junk": lambda table, chance: gzip.compress(text_of(table)) + b"junk",
    "gzip twice": lambda table, chance: gzip.compress(gzip.compress(text_of(table))),
    "bytes flipped": lambda table, chance: flipped(text_of(table), chance),
    "zeros appended": lambda table, chance: text_of(table) + bytes(2000),
    "another code page": lambda table, chance: text_of(table).replace(b"a", b"\xe4").replace(b"e", b"\x81"),
    "two files in one": lambda table, chance: text_of(table) + b'{"a": 1}\n',
}


def has_breaks(table: Table) -> bool:
    return any("\n" in cell for row in table for cell in row)


def spread(table: Table, row: list[str], chance: random.Random) -> Table:
    place = chance.randint(1, len(table))
    return [*table[:place], row, *table[place:]]


def reordered(table: Table, chance: random.Random) -> Table:
    order = chance.sample(range(len(table[0])), len(table[0]))
    return [[row[place] for place in order] for row in table]


def without(table: Table, place: int) -> bytes:
    return text_of([[*row[:place], *row[place + 1 :]] for row in table])


def renamed(table: Table, chance: random.Random) -> bytes:
    place = chance.randrange(len(table[0]))
    return text_of([[*table[0][:place], "Another", *table[0][place + 1 :]], *table[1:]])


def in_a_cell(table: Table, chance: random.Random, cell: str) -> bytes:
    row, place = chance.randrange(1, len(table)), chance.randrange(len(table[0]))
    spoiled = [*table[row][:place], cell, *table[row][place + 1 :]]
    return text_of([*table[:row], spoiled, *table[row + 1 :]])


def in_the_middle(content: bytes, more: bytes) -> bytes:
    return content[: len(content) // 2] + more + content[len(content) // 2 :]


def cut(content: bytes, chance: random.Random) -> bytes:
    return content[: chance.randrange(1, len(content))]


def flipped(content: bytes, chance: random.Random) -> bytes:
    spoiled = bytearray(content)
    for _ in range(chance.randint(1, 12)):
        spoiled[chance.randrange(len(spoiled))] = chance.randrange(256)
    return bytes(spoiled)


def cases(ways, fewest):
    """Pair every way with a file; where there is no time to soak, with a few files in turn."""
    tables = [*TABLES, *(path for path in LARGE if ".csv" in path.name)] if SOAK else TABLES
    return [
        pytest.param(path, way, id=f"{path.name}-{way}")
        for number, way in enumerate(ways)
        for path in (tables if SOAK else [tables[(number + step) % len(tables)] for step in range(fewest)])
    ]


@pytest.mark.parametrize(("path", "way"), cases(HARMLESS, 1))
def test_what_changes_no_figure_changes_no_total(path, way, tmp_path):
    table, before = table_of(path), everything()
    code, untouched, _ = give(text_of(table), "untouched.csv", tmp_path)
    assert code == 0, untouched

    code, answer, source = give(HARMLESS[way](table, random.Random(3)), "spoiled.csv", tmp_path)

    assert code == 0, answer
    assert (answer["kind"], answer["rows"], answer["refused"]) == (untouched["kind"], untouched["rows"], 0)
    assert money_of(answer["totals"]) == money_of(untouched["totals"])
    holds(code, answer, source, before)


@pytest.mark.parametrize(("path", "way"), cases(HARMFUL, 1))
def test_a_spoiled_table_is_taken_whole_or_leaves_no_trace(path, way, tmp_path, rounds):
    table, chance = table_of(path), random.Random(f"{path.name} {way}")

    for _ in range(rounds(1, 12)):
        content, before = HARMFUL[way](table, chance), everything()
        code, answer, source = give(content, "spoiled.csv", tmp_path)
        holds(code, answer, source, before)
        if code == 2 and answer["error"]["code"] == "bad_rows":
            before = everything()
            holds(*give(content, "spoiled.csv", tmp_path, "--good-rows"), before)


@pytest.mark.parametrize("path", [*OTHERS, *(LARGE if SOAK else [])], ids=lambda path: path.name)
@pytest.mark.parametrize(
    "way", [cut, flipped, lambda content, chance: content[:-4] + b"\0\0\0\0"], ids=["cut", "flipped", "end"]
)
def test_another_sort_of_file_that_is_spoiled_is_taken_whole_or_leaves_no_trace(path, way, tmp_path, rounds):
    chance = random.Random(path.name)

    for _ in range(rounds(1, 30)):
        before = everything()
        holds(*give(way(path.read_bytes(), chance), f"spoiled{path.suffix}", tmp_path), before)


@pytest.mark.parametrize("name", ["costs.parquet", "costs.json", "costs.csv.gz", "costs.xlsx", "costs", "costs.zip"])
def test_a_file_is_known_by_what_it_holds_and_not_by_its_name(name, tmp_path):
    before = everything()

    code, answer, source = give(TABLES[0].read_bytes(), name, tmp_path)

    assert code == 0, answer
    holds(code, answer, source, before)


def test_a_folder_a_pipe_and_a_link_to_nowhere_are_no_files(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "nowhere").symlink_to(tmp_path / "gone")
    before = everything()

    for path in (tmp_path, tmp_path / "pipe", tmp_path / "nowhere", tmp_path / "gone"):
        code, answer = run("import_costs", path, "--source", "aws")
        assert (code, answer["error"]["code"]) == (2, "file_unreadable")

    assert everything() == before


def test_a_link_to_a_file_is_that_file(tmp_path):
    (tmp_path / "link.csv").symlink_to(TABLES[0])

    code, answer = run("import_costs", tmp_path / "link.csv", "--source", "aws")

    assert (code, answer["rows"]) == (0, 25)


@pytest.mark.parametrize("path", TABLES[:2], ids=lambda path: path.name)
def test_the_good_rows_above_a_row_of_totals_are_the_untouched_file(path, tmp_path):
    table = table_of(path)
    _, untouched, _ = give(text_of(table), "untouched.csv", tmp_path)
    sums = {
        name: money_of(untouched["totals"])["USD"][place] for place, name in enumerate(("BilledCost", "EffectiveCost"))
    }
    row = ["Grand Total", *(f"{sums[name]:f}" if name in sums else "" for name in table[0][1:])]

    code, answer, source = give(text_of([*table, row]), "totals.csv", tmp_path)
    assert code == 2
    assert [bad["reason"] for bad in answer["error"]["rows"]] == [
        "is a row of totals, not a charge; leave it out, or import the good rows only"
    ]
    before = everything()
    code, answer, source = give(text_of([*table, row]), "totals.csv", tmp_path, "--good-rows")

    assert money_of(answer["totals"]) == money_of(untouched["totals"])
    assert (answer["accepted"], answer["refused"]) == (len(table) - 1, 1)
    holds(code, answer, source, before)


def test_a_trace_that_nobody_saw_end_is_taken_in(tmp_path):
    traces = json.loads(OTHERS[1].read_text())
    for trace in traces:
        for observation in trace["observations"]:
            observation["endTime"] = None
    before = everything()

    code, answer, source = give(json.dumps(traces).encode(), "traces.json", tmp_path)

    assert (code, answer["accepted"]) == (0, 19)
    holds(code, answer, source, before)


@pytest.mark.parametrize("length", [300, 301, 2048])
def test_a_log_of_names_as_long_as_a_cell_may_be_is_taken_in(length, tmp_path):
    long = "n" * length
    names = ("request_id", "api_key", "startTime", "model", "custom_llm_provider", "user", "team_id", "session_id")
    request = {**dict.fromkeys(names, long), "startTime": "2026-05-03T10:00:00Z", "spend": 0.5, "prompt_tokens": 3}
    before = everything()

    code, answer, source = give(json.dumps([request]).encode(), "log.json", tmp_path)

    assert (code, answer.get("accepted")) == (0, 1)
    holds(code, answer, source, before)


LONG = [
    "BillingAccountId",
    "BillingAccountName",
    "PricingCurrency",
    "ChargeClass",
    "ChargeFrequency",
    "ProviderName",
    "PublisherName",
    "InvoiceIssuerName",
    "InvoiceId",
    "ServiceName",
    "ServiceCategory",
    "ServiceSubcategory",
    "SkuId",
    "SkuMeter",
    "ResourceId",
    "ResourceName",
    "ResourceType",
    "RegionId",
    "SubAccountId",
    "SubAccountName",
    "ConsumedUnit",
    "PricingUnit",
    "x_CostCenter",
]


@pytest.mark.parametrize(
    "letters", ["abcdefghijklmnopqrstuvwxyz0123456789", "\U0001f600\U0001f601\U0001f602\U0001f603"]
)
@pytest.mark.parametrize("said", [{"CommitmentDiscountStatus": "Unused"}, {"ChargeCategory": "Purchase"}], ids=str)
def test_a_bill_of_names_and_figures_as_long_as_cells_may_be_is_taken_in(letters, said, tmp_path):
    chance = random.Random(5)
    names = {name: "".join(chance.choices(letters, k=2048 // len(letters[0].encode()))) for name in LONG}
    row = {
        **names, "BillingCurrency": "USD", "BilledCost": "9" * 100 + "." + "1" * 40, "EffectiveCost": "-1e-100",
        "PricingCurrencyEffectiveCost": "9" * 150, "PricingQuantity": "5", "ChargePeriodStart": "2100-12-31",
        "BillingPeriodStart": "2000-01-01", "Tags": json.dumps({"a" * 60_000: "b"}), **said,
    }  # fmt: skip
    before = everything()

    code, answer, source = give(text_of([list(row), list(row.values())]), "long.csv", tmp_path)

    assert (code, answer.get("accepted")) == (0, 1), answer
    holds(code, answer, source, before)
