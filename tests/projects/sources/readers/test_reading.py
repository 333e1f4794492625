import gzip
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from projects.sources.readers.interface import ColumnMapping, Limits, UnreadableFile
from projects.sources.readers.reading import read_batches, recognise
from projects.sources.readers.schema import CANONICAL
from tests.projects.sources.readers.samples import FOCUS, read, sums

HEAD = "BilledCost,EffectiveCost,BillingCurrency,ChargePeriodStart,ServiceName,x_Own"
ROW = "1,2,USD,2025-05-01,s,mine"
SMALL = Limits(block_bytes=500)


@pytest.fixture
def costs(tmp_path: Path) -> Path:
    path = tmp_path / "costs.csv"
    path.write_text("\n".join([HEAD, *[ROW] * 100, "x,2,USD,2025-05-01,s,mine", *[ROW] * 99]) + "\n")
    return path


def test_what_a_file_is_can_be_said_before_it_is_read(costs: Path) -> None:
    recognised = recognise(costs, file_name="may.csv")

    assert (recognised.kind, recognised.version, recognised.title) == ("focus", "1.0", "FOCUS cost and usage 1.0")
    assert (recognised.encoding, recognised.separator, recognised.container) == ("utf-8", ",", "table")
    assert (recognised.compression, recognised.role, recognised.has_money) == (None, "fact", True)
    assert recognised.columns == tuple(HEAD.split(","))


def test_batches_are_small_and_together_the_file(costs: Path) -> None:
    reader = read_batches(costs, recognise(costs), limits=SMALL)

    batches = list(reader)

    assert len(batches) > 5
    assert max(batch.frame.height for batch in batches) < 30
    assert [row for batch in batches for row in batch.frame["row_number"]] == [n for n in range(2, 202) if n != 102]
    assert all(dict(batch.frame.schema) == dict(CANONICAL) for batch in batches)


def test_the_evidence_has_every_row_also_the_refused_one(costs: Path) -> None:
    rows = [batch.as_it_stood() for batch in read_batches(costs, recognise(costs), limits=SMALL)]

    assert sum(frame.height for frame in rows) == 200
    assert {tuple(frame.columns) for frame in rows} == {("row_number", *HEAD.split(","))}


def test_totals_grow_with_the_batches_and_progress_reaches_the_end(costs: Path) -> None:
    reader = read_batches(costs, recognise(costs), limits=SMALL)

    first = next(reader)

    assert reader.totals.rows == first.frame.height
    last = list(reader)[-1]
    assert last.bytes_read == costs.stat().st_size
    assert reader.totals.accepted == {"USD": sums(199, "199", "398")}


def test_progress_counts_the_packed_bytes(costs: Path, tmp_path: Path) -> None:
    packed = tmp_path / "costs.csv.gz"
    packed.write_bytes(gzip.compress(costs.read_bytes()))

    batches = list(read_batches(packed, recognise(packed), limits=SMALL))

    assert batches[-1].bytes_read == packed.stat().st_size


def test_problems_are_raised_only_when_asked_for(costs: Path) -> None:
    reader = read_batches(costs, recognise(costs))
    refused = sum(batch.refused_rows for batch in reader)

    with pytest.raises(UnreadableFile) as raised:
        reader.raise_for_problems()

    assert refused == 1
    assert raised.value.code == "bad_rows"
    assert raised.value.message.startswith("1 row of 200 cannot be read, so nothing was imported.")
    assert raised.value.totals.accepted_rows == 199
    assert [problem.line for problem in raised.value.rows] == [102]


def test_a_file_without_problems_raises_nothing() -> None:
    _, reader = read(FOCUS / "synthetic_1_2_aws_100.csv")

    reader.raise_for_problems()
    assert reader.problems == []


def test_a_reader_left_early_leaves_no_thread(costs: Path) -> None:
    reader = read_batches(costs, recognise(costs), limits=SMALL)
    next(reader)
    reader.close()

    assert not [thread for thread in threading.enumerate() if thread.name.startswith("reader")]


def test_a_role_and_a_kind_may_be_said_by_the_mapping(costs: Path) -> None:
    assert recognise(costs, mapping=ColumnMapping(role="detail")).role == "detail"
    assert recognise(costs, mapping=ColumnMapping(kind="focus")).kind == "focus"


def test_a_kind_that_went_away_is_refused(costs: Path) -> None:
    recognised = replace(recognise(costs), kind="gone")

    with pytest.raises(UnreadableFile) as refused:
        read_batches(costs, recognised)

    assert refused.value.code == "unknown_kind"


def test_a_table_of_too_many_columns_is_too_large(tmp_path: Path) -> None:
    path = tmp_path / "wide.csv"
    path.write_text(HEAD + "".join(f",c{n}" for n in range(20)) + "\n")

    with pytest.raises(UnreadableFile) as refused:
        recognise(path, limits=Limits(max_columns=25))

    assert refused.value.code == "too_large"
