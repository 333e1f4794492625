from datetime import UTC, datetime
from pathlib import Path

import pytest

from projects.sources.readers.interface import ColumnMapping, UnreadableFile
from projects.sources.readers.mapping import load_mapping
from projects.sources.readers.reading import recognise
from tests.projects.sources.readers.samples import read, sums

GERMAN = (
    "Datum;Anbieter;Dienst;Betrag;Vorhaben\n20.05.2025;ACME;Übersetzung;1.234,50;claims\n03/04/2025;ACME;Suche;0,5;\n"
)
TOML = """
kind = "minimal"
separator = ";"
decimal_mark = ","
date_order = "dmy"
encoding = "windows-1252"
[columns]
date = "Datum"
provider = "Anbieter"
service = "Dienst"
amount = "Betrag"
key = "Vorhaben"
[values]
currency = "EUR"
"""


def write(tmp_path: Path, text: str, encoding: str = "utf-8") -> Path:
    path = tmp_path / "costs.csv"
    path.write_bytes(text.encode(encoding))
    return path


def test_a_saved_mapping_reads_a_table_of_any_shape(tmp_path: Path) -> None:
    saved = tmp_path / "mapping.toml"
    saved.write_text(TOML)

    frame, reader = read(write(tmp_path, GERMAN, "windows-1252"), load_mapping(saved))

    assert (reader.recognised.kind, reader.recognised.separator) == ("minimal", ";")
    assert reader.totals.accepted == {"EUR": sums(2, "1235.00", "1235.00")}
    assert frame["charge_period_start"].to_list() == [
        datetime(2025, 5, 20, tzinfo=UTC),
        datetime(2025, 4, 3, tzinfo=UTC),
    ]
    assert frame["service_name"].to_list() == ["Übersetzung", "Suche"]
    assert frame["tags"].to_list() == ['{"Vorhaben":"claims"}', None]


def test_the_profile_s_own_names_need_no_mapping(tmp_path: Path) -> None:
    frame, _ = read(
        write(tmp_path, "Date,Provider,Service,Amount,Currency,Key\n2025-05-01,OpenAI,API,12.5,USD,claims\n")
    )

    row = frame.row(0, named=True)
    assert (row["billed_cost"], row["provider_name"], row["tags"]) == ("12.5", "OpenAI", '{"Key":"claims"}')


@pytest.mark.parametrize(("header", "tags"), [("Initiative", '{"Initiative":"AI-031"}'), ("Whose", None)])
def test_a_column_named_initiative_is_the_key_where_none_is_said(tmp_path: Path, header: str, tags: str | None) -> None:
    frame, _ = read(write(tmp_path, f"Date,Service,Amount,Currency,{header}\n2025-05-01,API,12.5,USD,AI-031\n"))

    assert frame["tags"].to_list() == [tags]


def test_fixed_values_stand_for_missing_columns(tmp_path: Path) -> None:
    mapping = ColumnMapping(kind="minimal", columns={"date": "day", "amount": "cost"}, values={"service": "Seats", "provider": "ACME", "currency": "GBP"})  # fmt: skip

    frame, _ = read(write(tmp_path, "day,cost\n2025-05-01,3\n"), mapping)

    assert frame.select("service_name", "provider_name", "billing_currency").row(0) == ("Seats", "ACME", "GBP")


@pytest.mark.parametrize(
    ("mapping", "code", "words"),
    [
        (ColumnMapping(kind="minimal", columns={"date": "day"}), "missing_column", "service"),
        (ColumnMapping(kind="minimal", columns={"date": "Tag"}), "missing_column", "Tag"),
        (ColumnMapping(kind="minimal", columns={"colour": "day"}), "bad_mapping", "colour"),
        (ColumnMapping(kind="unheard_of"), "unknown_kind", "unheard_of"),
    ],
)
def test_a_mapping_that_does_not_fit_is_refused(tmp_path: Path, mapping: ColumnMapping, code: str, words: str) -> None:
    with pytest.raises(UnreadableFile) as refused:
        recognise(write(tmp_path, "day,cost\n2025-05-01,3\n"), mapping=mapping)

    assert refused.value.code == code
    assert words in refused.value.message


def test_a_mapping_that_names_columns_need_not_name_the_profile(tmp_path: Path) -> None:
    saved = tmp_path / "mapping.toml"
    saved.write_text(TOML.replace('kind = "minimal"', ""))

    _, reader = read(write(tmp_path, GERMAN, "windows-1252"), load_mapping(saved))

    assert reader.recognised.kind == "minimal"
    assert reader.totals.accepted == {"EUR": sums(2, "1235.00", "1235.00")}
