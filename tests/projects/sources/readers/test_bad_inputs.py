"""Files that must be refused in plain words, or read without harm; never anything but UnreadableFile."""

import gzip
import io
import json
import zipfile
from pathlib import Path

import polars as pl
import pytest

from projects.sources.readers.interface import Limits, UnreadableFile
from projects.sources.readers.reading import read_batches, recognise
from tests.projects.sources.readers.samples import money, read, sums

HEAD = "BilledCost,EffectiveCost,BillingCurrency,ChargePeriodStart,ChargePeriodEnd,ServiceName,Tags"
ROW = "1.50,1.25,USD,2025-05-01T00:00:00Z,2025-05-02T00:00:00Z,Bedrock,"
SMALL = Limits(block_bytes=4096, max_record_bytes=50_000)


def write(tmp_path: Path, content: bytes | str, name: str = "costs.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def csv_of(*rows: str, head: str = HEAD) -> str:
    return "\n".join([head, *rows]) + "\n"


def refusal(path: Path, limits: Limits | None = None) -> UnreadableFile:
    with pytest.raises(UnreadableFile) as refused:
        take_whole(path, limits)
    return refused.value


def take_whole(path: Path, limits: Limits | None) -> None:
    reader = read_batches(path, recognise(path, limits=limits), limits=limits)
    for _ in reader:
        pass
    reader.raise_for_problems()


def zipped() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(zipfile.ZipInfo("xl/workbook.xml"), "<workbook/>")
    return buffer.getvalue()


def packed(content: bytes) -> bytes:
    """Pack without the hour: bytes name a case, and everybody who runs the cases must name them alike."""
    return gzip.compress(content, mtime=0)


@pytest.mark.parametrize(
    ("content", "code", "words"),
    [
        (b"", "empty_file", "empty"),
        (b"\n\n \n", "empty_file", "blank"),
        (packed(b""), "empty_file", "unpacked"),
        (HEAD.encode() + b"\n", "no_rows", "no rows"),
        (HEAD.encode(), "no_rows", "no rows"),
        (b"\x89PNG\r\n\x1a\n" + bytes(64), "not_a_cost_file", "PNG"),
        (b"%PDF-1.7\n", "not_a_cost_file", "PDF"),
        (b"<!DOCTYPE html><html></html>", "not_a_cost_file", "web page"),
        (b"\n  <html><body>BilledCost,BillingCurrency", "not_a_cost_file", "web page"),
        (zipped(), "not_a_cost_file", "workbook"),
        (packed(b"%PDF-1.7\n"), "not_a_cost_file", "PDF"),
        (packed(packed(b"a,b")), "not_a_cost_file", "packed twice"),
        (packed(HEAD.encode() * 1000)[:-40], "damaged_file", "cut off"),
        (b"\x1f\x8b\x08\x00garbage", "damaged_file", "damaged"),
        (b"PAR1" + b"x" * 100 + b"PAR1", "damaged_file", "Parquet"),
        (b"PAR1", "damaged_file", "Parquet"),
        (b"PARE" + bytes(50), "not_a_cost_file", "encrypted"),
        (bytes(range(1, 256)) * 40, "not_a_cost_file", "not text"),
        (bytes(5000), "not_a_cost_file", ""),
        (ROW.encode() + b"\n" + ROW.encode(), "no_header", "header"),
        (b"name,colour,weight\na,b,c\n", "unknown_columns", "mapping"),
        (b"just some words\n", "unknown_columns", "mapping"),
        ((HEAD + ",BilledCost\n" + ROW + ",3\n").encode(), "duplicate_column", "BilledCost"),
        ((HEAD + ",billedcost \n" + ROW + ",3\n").encode(), "duplicate_column", "BilledCost"),
        (b"BilledCost,1,2\nBillingCurrency,USD,USD\nServiceName,a,b\n", "turned_table", "Transpose"),
    ],
)
def test_a_file_that_is_no_cost_file_is_refused_by_its_content(
    tmp_path: Path, content: bytes, code: str, words: str
) -> None:
    error = refusal(write(tmp_path, content))

    assert error.code == code
    assert words in error.message


@pytest.mark.parametrize(
    ("cell", "column", "reason"),
    [
        ("NaN,1,USD,2025-05-01,,s,", "BilledCost", "is not a finite number"),
        ("1,Infinity,USD,2025-05-01,,s,", "EffectiveCost", "is not a finite number"),
        ("1e400,1,USD,2025-05-01,,s,", "BilledCost", "is larger or finer than any amount of money"),
        ("1_000,1,USD,2025-05-01,,s,", "BilledCost", "is not a number"),
        ("5 USD,1,USD,2025-05-01,,s,", "BilledCost", "carries a currency or unit; amounts are figures only"),
        (",1,USD,2025-05-01,,s,", "BilledCost", "is empty; write 0 where nothing is charged"),
        ("1,NULL,USD,2025-05-01,,s,", "EffectiveCost", "is empty; write 0 where nothing is charged"),
        ("1,1,,2025-05-01,,s,", "BillingCurrency", "is empty; every amount needs its currency"),
        ("1,1,XXX,2025-05-01,,s,", "BillingCurrency", "is not a currency code of ISO 4217"),
        ("1,1,Token,2025-05-01,,s,", "BillingCurrency", "is not a currency code of ISO 4217"),
        ("1,1,USD,2025-02-30,,s,", "ChargePeriodStart", "is no day or time of the calendar"),
        ("1,1,USD,,,s,", "ChargePeriodStart", "is empty; every charge needs its day"),
        ("1,1,USD,0001-01-01,,s,", "ChargePeriodStart", "lies outside the years 2000 to 2100"),
        ("1,1,USD,2025-05-02,2025-05-01,s,", "ChargePeriodEnd", "ends before it starts"),
        ('1,1,USD,2025-05-01,,s,"[1]"', "Tags", "is not a JSON object"),
        ("1,1,USD,2025-05-01,," + "s" * 2049 + ",", "ServiceName", "is longer than 2,048 bytes"),
        ("1,1,USD,2025-05-01,,a\0b,", "ServiceName", "contains the NUL character"),
        ("1,1,USD", None, "has 3 cells where the header has 7"),
        ("1,1,USD,2025-05-01,,s,,extra", None, "has 8 cells where the header has 7"),
        ("\\.", None, "has 1 cell where the header has 7"),
    ],
)
def test_a_bad_row_in_the_middle_is_named_by_line_column_value_and_reason(
    tmp_path: Path, cell: str, column: str | None, reason: str
) -> None:
    error = refusal(write(tmp_path, csv_of(ROW, ROW, cell, ROW)))

    assert error.code == "bad_rows"
    (problem,) = error.rows
    assert (problem.line, problem.column, problem.reason) == (4, column, reason)
    assert error.totals.accepted == {"USD": sums(3, "4.50", "3.75")}
    assert error.totals.refused_rows == 1
    assert error.totals.rows == 4


def test_a_row_may_have_several_problems_and_is_refused_once(tmp_path: Path) -> None:
    error = refusal(write(tmp_path, csv_of(ROW, "x,y,EURO,later,,s,no")))

    assert [problem.column for problem in error.rows] == [
        "BilledCost", "EffectiveCost", "ChargePeriodStart", "Tags", "BillingCurrency",
    ]  # fmt: skip
    assert {problem.line for problem in error.rows} == {3}
    assert [problem.value for problem in error.rows] == ["x", "y", "later", "no", "EURO"]
    assert error.totals.refused[""].unreadable == 1


def test_refused_money_is_counted_where_it_can_be_read(tmp_path: Path) -> None:
    error = refusal(write(tmp_path, csv_of(ROW, "10,20,USD,never,,s,", "7,8,EUR,never,,s,")))

    assert error.totals.refused == {"EUR": sums(1, "7", "8"), "USD": sums(1, "10", "20")}


def test_the_list_of_problems_ends_at_its_limit_and_the_count_goes_on(tmp_path: Path) -> None:
    limits = Limits(max_problems=5, block_bytes=200)

    error = refusal(write(tmp_path, csv_of(*["x,1,USD,2025-05-01,,s,"] * 50)), limits)

    assert len(error.rows) == 5
    assert error.totals.refused_rows == 50


@pytest.mark.parametrize("shape", ["plain", "gzip"])
def test_more_rows_than_the_limit_are_too_large(tmp_path: Path, shape: str) -> None:
    text = csv_of(*[ROW] * 11).encode()
    path = write(tmp_path, text if shape == "plain" else gzip.compress(text))

    assert refusal(path, Limits(max_rows=10)).code == "too_large"
    assert read(path, limits=Limits(max_rows=11))[0].height == 11


def test_a_bomb_of_one_endless_line_has_no_header(tmp_path: Path) -> None:
    bomb = write(tmp_path, gzip.compress(b"0" * 50_000_000, compresslevel=1))

    assert refusal(bomb).code == "no_header"


def test_a_gzip_bomb_is_stopped_before_it_unpacks(tmp_path: Path) -> None:
    bomb = write(tmp_path, gzip.compress((HEAD + "\n").encode() + b"1," * 50_000_000, compresslevel=1))

    assert refusal(bomb, Limits(max_unpacked_bytes=20_000_000)).code == "too_large"
    assert refusal(bomb).code in ("too_large", "unclosed_quote")


def test_a_parquet_of_too_many_rows_is_refused_from_its_footer(tmp_path: Path) -> None:
    path = tmp_path / "bomb.parquet"
    columns = {name: pl.lit("1") for name in HEAD.split(",")}
    pl.select(pl.int_range(0, 2_000_000).alias("n")).select(**columns, n="n").select(list(columns)).write_parquet(path)

    error = refusal(path, Limits(max_rows=1_000_000))

    assert error.code == "too_large"
    assert "2,000,000" in error.message
    assert path.stat().st_size < 100_000


def test_a_parquet_without_rows_and_one_cut_off_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "costs.parquet"
    pl.DataFrame({name: [] for name in HEAD.split(",")}).write_parquet(path)
    assert refusal(path).code == "no_rows"

    pl.DataFrame({name: ["1"] * 5000 for name in HEAD.split(",")}).write_parquet(path)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert refusal(path).code == "damaged_file"


def test_parquet_with_wrong_and_nested_types_names_the_row(tmp_path: Path) -> None:
    path = tmp_path / "costs.parquet"
    pl.DataFrame(
        {
            "BilledCost": [[1.0], [2.0]],
            "EffectiveCost": [float("nan"), 1.5],
            "BillingCurrency": ["USD", "USD"],
            "ChargePeriodStart": [True, False],
            "ServiceName": [1, 2],
        }
    ).write_parquet(path)

    error = refusal(path)

    assert {problem.column for problem in error.rows} == {"BilledCost", "EffectiveCost", "ChargePeriodStart"}
    assert {problem.line for problem in error.rows} == {1, 2}


def test_a_quote_that_is_never_closed_is_refused_with_its_line(tmp_path: Path) -> None:
    opened = '1,1,USD,2025-05-01,,"s,'

    error = refusal(write(tmp_path, csv_of(ROW, opened, ROW, ROW)))

    assert error.code == "unclosed_quote"
    assert error.rows[0].line == 3


def test_a_quote_never_closed_in_a_large_file_is_refused_without_reading_on_for_ever(tmp_path: Path) -> None:
    error = refusal(write(tmp_path, csv_of(ROW, '1,1,USD,2025-05-01,,"s,', *[ROW] * 5000)), SMALL)

    assert error.code == "unclosed_quote"
    assert error.rows[0].line == 3


def test_an_inch_mark_inside_a_cell_is_no_open_quote(tmp_path: Path) -> None:
    odd = '1,1,USD,2025-05-01,,5" disk,'

    frame, reader = read(write(tmp_path, csv_of(ROW, odd, *[ROW] * 3000)), limits=SMALL)

    assert frame.height == 3002
    assert frame["service_name"][1] == '5" disk'
    assert frame["row_number"].to_list() == list(range(2, 3004))
    assert reader.problems == []


def test_a_line_of_many_megabytes_is_too_large(tmp_path: Path) -> None:
    error = refusal(write(tmp_path, HEAD + "\n" + "x" * 300_000), SMALL)

    assert error.code in ("too_large", "unclosed_quote")


def test_tags_of_great_depth_or_size_are_refused_by_row(tmp_path: Path) -> None:
    deep = '"' + ('{"a":' * 9000 + "1" + "}" * 9000).replace('"', '""') + '"'
    large = '"' + json.dumps({"a": "x" * 1_000_000}).replace('"', '""') + '"'

    error = refusal(write(tmp_path, csv_of(f"1,1,USD,2025-05-01,,s,{deep}", f"1,1,USD,2025-05-01,,s,{large}")))

    assert [(problem.line, problem.reason) for problem in error.rows] == [
        (2, "is nested too deep"),
        (3, "is longer than 65,536 characters"),
    ]
    assert all(len(problem.value or "") <= 80 for problem in error.rows)


def test_markup_emoji_and_formulas_are_text_and_nothing_else(tmp_path: Path) -> None:
    names = ["=cmd|' /C calc'!A0", "<script>alert(1)</script>", "{{7*7}}", "🧾 𝒞", "ＡＩ", "a\u202eb"]
    rows = [f'1,1,USD,2025-05-01,,"{name}",' for name in names]

    frame, _ = read(write(tmp_path, csv_of(*rows)))

    assert frame["service_name"].to_list() == names


def test_two_currencies_of_one_file_stay_apart(tmp_path: Path) -> None:
    frame, reader = read(write(tmp_path, csv_of(ROW, ROW.replace("USD", "eur "), ROW)))

    assert frame["billing_currency"].to_list() == ["USD", "EUR", "USD"]
    assert reader.totals.accepted == {"EUR": sums(1, "1.50", "1.25"), "USD": sums(2, "3.00", "2.50")}


def test_the_same_row_twice_is_two_rows(tmp_path: Path) -> None:
    frame, _ = read(write(tmp_path, csv_of(ROW, ROW)))

    assert money(frame["billed_cost"]) == 3


def test_a_file_that_grows_while_it_is_read_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    path = write(tmp_path, csv_of(*[ROW] * 500))
    recognised = recognise(path)
    reader = read_batches(path, recognised, limits=Limits(block_bytes=1000))
    next(reader)

    with path.open("a") as file:
        file.write(ROW[:20])
    rows = list(reader)

    assert sum(batch.refused_rows for batch in rows) == 1
    assert reader.totals.accepted_rows == 500
