"""A cost column that an export has and never fills counts as missing; one that it fills later is never passed over."""

import gzip
import json
from pathlib import Path

import polars as pl
import pytest

from projects.sources.readers.interface import UnreadableFile
from projects.sources.readers.reading import read_batches, recognise
from tests.projects.sources.readers.samples import read, sums

NAMES = ("ServiceName", "ChargePeriodStart", "BilledCost", "BillingCurrency", "EffectiveCost")
EMPTY = "The column EffectiveCost is empty, as if it were not there."
STANDS = "There is no EffectiveCost: BilledCost stands for it."


def rows_of(*costs: tuple[str | None, str | None]) -> list[dict[str, str | None]]:
    return [dict(zip(NAMES, ("s", "2026-05-01", billed, "USD", effective), strict=True)) for billed, effective in costs]


def table(rows: list[dict[str, str | None]]) -> str:
    lines = [",".join(NAMES), *(",".join(cell or "" for cell in row.values()) for row in rows)]
    return "\n".join(lines) + "\n"


def write(tmp_path: Path, rows: list[dict[str, str | None]], form: str) -> Path:
    path = tmp_path / f"costs.{form}"
    if form == "parquet":
        pl.DataFrame(rows, schema=dict.fromkeys(NAMES, pl.String)).write_parquet(path)
    elif form == "json":
        path.write_text(json.dumps(rows))
    elif form == "jsonl":
        path.write_text("\n".join(map(json.dumps, rows)) + "\n")
    else:
        text = table(rows).encode()
        path.write_bytes(gzip.compress(text) if form == "csv.gz" else text)
    return path


@pytest.mark.parametrize("form", ["csv", "csv.gz", "parquet", "json", "jsonl"])
@pytest.mark.parametrize("nothing", [None, "NULL"])
def test_the_other_cost_stands_for_one_that_is_never_filled(tmp_path: Path, form: str, nothing: str | None) -> None:
    path = write(tmp_path, rows_of(("1.25", nothing), ("2", nothing)), form)

    _, reader = read(path)

    assert reader.totals.accepted == {"USD": sums(2, "3.25", "3.25")}
    assert reader.totals.refused_rows == 0
    assert [note for note in reader.notes if "EffectiveCost" in note] == [EMPTY, STANDS]


def test_billed_costs_that_are_never_filled_are_as_good_as_missing_too(tmp_path: Path) -> None:
    _, reader = read(write(tmp_path, rows_of((None, "1.25"), (None, "2")), "csv"))

    assert reader.totals.accepted == {"USD": sums(2, "3.25", "3.25")}


@pytest.mark.parametrize("form", ["csv", "parquet", "json", "jsonl"])
def test_a_cost_that_is_empty_here_and_there_is_a_fault_of_its_row(tmp_path: Path, form: str) -> None:
    _, reader = read(write(tmp_path, rows_of(("1.25", None), ("2", "3")), form))

    assert reader.totals.accepted == {"USD": sums(1, "2", "3")}
    assert [(problem.column, problem.reason) for problem in reader.problems] == [
        ("EffectiveCost", "is empty; write 0 where nothing is charged")
    ]


def test_both_costs_empty_are_two_faults_and_no_stand_in(tmp_path: Path) -> None:
    path = write(tmp_path, rows_of((None, None), (None, None)), "csv")
    reader = read_batches(path, recognise(path))

    assert sum(batch.frame.height for batch in reader) == 0
    assert reader.totals.refused_rows == 2


def test_a_cost_that_is_filled_behind_the_beginning_refuses_the_file_by_line(tmp_path: Path) -> None:
    path = write(tmp_path, rows_of(*[("1", None)] * 60_000, ("2", "2")), "csv")

    with pytest.raises(UnreadableFile) as refused:
        read(path)

    assert refused.value.code == "cost_filled_late"
    assert "from line 60002 on" in refused.value.message
    assert [(problem.line, problem.column) for problem in refused.value.rows] == [(60_002, "EffectiveCost")]


def test_half_a_character_in_a_cost_of_json_is_a_fault_of_its_row(tmp_path: Path) -> None:
    rows = rows_of(("1", "2"), ("1", "3"))
    path = tmp_path / "costs.json"
    path.write_text(json.dumps([rows[0], {**rows[1], "EffectiveCost": "\ud800"}]))

    _, reader = read(path)

    assert [(problem.column, problem.reason) for problem in reader.problems] == [("EffectiveCost", "is not a number")]
