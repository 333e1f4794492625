"""Quirks of files and their headers (1 and 2) that an importer must survive, one test a quirk, named after it."""

import gzip
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from projects.sources.readers.interface import UnreadableFile
from projects.sources.readers.reading import recognise
from tests.projects.sources.readers.samples import EXPECTED, FOCUS, evidence, money, read
from tests.projects.sources.readers.tables import HEAD, NAMES, ROW, table, write

# 9.1 encodings, line ends, separators, containers


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "windows-1252", "utf-16", "utf-16-le", "utf-16-be"])
def test_quirk_1_encodings_with_and_without_byte_order_mark(tmp_path: Path, encoding: str) -> None:
    frame, _ = read(write(tmp_path, table(ROW, ROW).encode(encoding)))

    assert frame["service_name"].to_list() == ["Bücher", "Bücher"]
    assert money(frame["billed_cost"]) == 3


def test_quirk_1_bytes_invalid_in_both_encodings_are_marked_and_counted(tmp_path: Path) -> None:
    rows = [ROW, ROW.replace("Bücher", "A")]
    content = table(*rows).encode() + "1,1,USD,2025-05-01,B\x81d,\n".encode("latin-1")

    frame, reader = read(write(tmp_path, content))

    assert frame["service_name"].to_list() == ["Bücher", "A", "B\ufffdd"]
    assert "Not UTF-8 and read as Windows-1252: 1 line." in reader.notes


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_quirk_1_line_ends_of_each_system(tmp_path: Path, end: str) -> None:
    frame, _ = read(write(tmp_path, table(ROW, ROW, ROW).replace("\n", end)))

    assert frame.height == 3
    assert frame["row_number"].to_list() == [2, 3, 4]
    assert frame["tags"].to_list() == [None] * 3


def test_quirk_1_mixed_line_ends(tmp_path: Path) -> None:
    frame, _ = read(write(tmp_path, f"{HEAD}\r\n{ROW}\n{ROW}\r\n{ROW}\n"))

    assert frame["row_number"].to_list() == [2, 3, 4]


@pytest.mark.parametrize("separator", [";", "\t", "|"])
def test_quirk_1_other_separators(tmp_path: Path, separator: str) -> None:
    content = (
        table(ROW, ROW.replace("Bücher", '"a,b;c"'))
        .replace(",", separator)
        .replace(f"a{separator}b;c", f"a,b{separator}c")
    )

    frame, reader = read(write(tmp_path, content))

    assert reader.recognised.separator == separator
    assert frame.height == 2


def test_quirk_1_a_spreadsheet_s_separator_line(tmp_path: Path) -> None:
    frame, _ = read(write(tmp_path, "sep=;\n" + table(ROW).replace(",", ";")))

    assert frame["row_number"].to_list() == [3]


def test_quirk_1_no_final_newline(tmp_path: Path) -> None:
    frame, _ = read(write(tmp_path, table(ROW, ROW).rstrip("\n")))

    assert frame.height == 2


def test_quirk_1_newlines_inside_cells_keep_physical_line_numbers(tmp_path: Path) -> None:
    broken = '1,1,USD,2025-05-01,"two\nlines",'

    _, reader = read(write(tmp_path, table(ROW, broken, ROW, "x,1,USD,2025-05-01,s,")))
    frame, _ = read(write(tmp_path, table(ROW, broken, ROW)))

    assert frame["row_number"].to_list() == [2, 3, 5]
    assert frame["service_name"][1] == "two\nlines"
    assert [problem.line for problem in reader.problems] == [6]


def test_quirk_1_blank_lines_between_rows_are_no_rows(tmp_path: Path) -> None:
    frame, _ = read(write(tmp_path, "\n" + table(ROW, "", "", ROW) + "\n\n"))

    assert frame["row_number"].to_list() == [3, 6]


def test_quirk_1_gzip_with_several_members(tmp_path: Path) -> None:
    parts = gzip.compress(table(ROW).encode()) + gzip.compress((ROW + "\n").encode())

    frame, reader = read(write(tmp_path, parts, "costs.csv"))

    assert frame.height == 2
    assert reader.recognised.compression == "gzip"


def test_quirk_1_parquet_with_map_decimal_and_moments(tmp_path: Path) -> None:
    path = tmp_path / "costs.parquet"
    moments = pl.Series([datetime(2025, 5, 1, 2)]).dt.replace_time_zone("Europe/Berlin")
    pl.DataFrame(
        {
            "BilledCost": pl.Series(["0.12345678901234567890"]).cast(pl.Decimal(38, 20)),
            "EffectiveCost": [0.1],
            "BillingCurrency": ["USD"],
            "ChargePeriodStart": moments,
            "BillingPeriodStart": [date(2025, 5, 1)],
            "ServiceName": pl.Series(["S"], dtype=pl.Categorical),
            "Tags": [[{"key": "team", "value": "kb"}]],
        }
    ).write_parquet(path)

    frame, _ = read(path)

    row = frame.row(0, named=True)
    assert (row["billed_cost"], row["effective_cost"]) == ("0.12345678901234567890", "0.1")
    assert row["charge_period_start"] == datetime(2025, 5, 1, 0, tzinfo=UTC)
    assert row["billing_period_start"] == date(2025, 5, 1)
    assert row["tags"] == '{"team":"kb"}'


def test_quirk_1_parquet_of_a_cloud_with_int96_times_and_a_map_of_tags() -> None:
    frame, _ = read(FOCUS / "focus_1_0_aws_map_tags.snappy.parquet")

    expected = EXPECTED["focus/samples/focus_1_0_aws_map_tags.snappy.parquet"]
    assert frame.height == expected["rows"]
    assert frame["tags"].drop_nulls().len() == expected["rows_with_tags"]
    assert frame["charge_period_start"].null_count() == 0


def test_quirk_1_an_empty_map_of_parquet_is_no_fault(tmp_path: Path) -> None:
    path = tmp_path / "costs.parquet"
    pairs = pl.List(pl.Struct({"key": pl.String, "value": pl.String}))
    pl.DataFrame(
        {
            "BilledCost": [1.5, 2.5],
            "BillingCurrency": ["USD", "USD"],
            "ChargePeriodStart": [date(2025, 5, 1)] * 2,
            "ServiceName": ["S", "S"],
            "Tags": pl.Series([[], None], dtype=pairs),
        }
    ).write_parquet(path)

    frame, reader = read(path)

    assert (frame["tags"].to_list(), reader.totals.refused_rows) == (["{}", None], 0)


# 9.2 headers


def test_quirk_2_a_header_twice_is_kept_where_it_does_not_matter(tmp_path: Path) -> None:
    path = write(tmp_path, table(ROW + ",a,b", head=HEAD + ",If Other,If Other"))

    frame, _ = read(path)

    assert frame.height == 1
    assert evidence(path).select("If Other", "If Other (2)").row(0) == ("a", "b")


def test_quirk_2_columns_in_any_order_and_case(tmp_path: Path) -> None:
    order = [3, 0, 5, 1, 4, 2]
    cells = ROW.split(",")
    content = table(",".join(cells[i] for i in order), head=",".join(NAMES[i].upper() for i in order))

    frame, _ = read(write(tmp_path, content))

    row = frame.row(0, named=True)
    assert (row["billed_cost"], row["effective_cost"], row["billing_currency"]) == ("1.50", "1.25", "USD")


def test_quirk_2_names_of_the_preview(tmp_path: Path) -> None:
    path = tmp_path / "preview.csv"
    path.write_text(
        "BilledCost,BillingCurrency,ChargePeriodStart,ServiceName,Provider,Publisher,InvoiceIssuer,Region,UsageQuantity,"
        "UsageUnit\n1,USD,2025-05-01,S,Oracle,Acme,Reseller,eu,3,Hours\n"
    )

    frame, reader = read(path)

    names = (
        "provider_name",
        "publisher_name",
        "invoice_issuer_name",
        "region_id",
        "consumed_quantity",
        "consumed_unit",
    )
    assert reader.recognised.version == "1.0-preview"
    assert frame.select(names).row(0) == ("Oracle", "Acme", "Reseller", "eu", "3", "Hours")


def test_quirk_2_names_of_1_4_where_provider_name_is_gone(tmp_path: Path) -> None:
    head = f"{HEAD},ServiceProviderName,HostProviderName,InvoiceDetailId"

    frame, reader = read(write(tmp_path, table(ROW + ",Anthropic,AWS,d-1", head=head)))

    assert reader.recognised.version == "1.4"
    assert frame["provider_name"].to_list() == ["Anthropic"]


def test_quirk_2_unknown_and_x_columns_are_kept_as_they_are_in_the_evidence(tmp_path: Path) -> None:
    path = write(tmp_path, table(ROW + ",N/A, 7 ,cc-1", head=HEAD + ",Id,x_Own,x_CostCenter"))

    frame, _ = read(path)

    assert frame["x_cost_center"].to_list() == ["cc-1"]
    assert evidence(path).select("Id", "x_Own", "Tags").row(0) == ("N/A", " 7 ", "")


def test_quirk_2_a_turned_table_is_said_to_be_turned(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="turned"):
        recognise(write(tmp_path, "BilledCost,1,2\nEffectiveCost,1,2\nBillingCurrency,USD,USD\n"))
