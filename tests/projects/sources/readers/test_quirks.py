"""Quirks of values and rows (3 to 14) that an importer must survive, one test a quirk, named after it."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from projects.sources.readers.interface import ColumnMapping, UnreadableFile
from projects.sources.readers.reading import read_batches, recognise
from tests.projects.sources.readers.samples import FOCUS, evidence, read, sums
from tests.projects.sources.readers.tables import HEAD, ROW, table, write

# 9.3 nulls


@pytest.mark.parametrize("word", ["", "NULL", "null", "N/A", " ", '"NULL"', '""'])
def test_quirk_3_each_word_for_no_value_is_no_value(tmp_path: Path, word: str) -> None:
    head = f"{HEAD},ListCost,SubAccountId,ChargePeriodEnd"

    frame, _ = read(write(tmp_path, table(f"1,1,USD,2025-05-01,s,{word},{word},{word},{word}", head=head)))

    assert frame.select("tags", "list_cost", "sub_account_id", "charge_period_end").row(0) == (None,) * 4


def test_quirk_3_a_cost_of_zero_is_a_cost(tmp_path: Path) -> None:
    frame, reader = read(write(tmp_path, table("0,0,USD,2025-05-01,s,")))

    assert frame["billed_cost"].to_list() == ["0"]
    assert reader.totals.accepted == {"USD": sums(1, "0", "0")}


# 9.4 numbers


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ('"$10,100.00 "', "10100.00"),
        ("5.64902E-05", "0.0000564902"),
        ("3.6300000000000003", "3.6300000000000003"),
        ("1e-11", "0.00000000001"),
        ("-2.6137", "-2.6137"),
        ("12345678901234567890.123456789012345678", "12345678901234567890.123456789012345678"),
    ],
)
def test_quirk_4_numbers_never_pass_through_binary(tmp_path: Path, text: str, plain: str) -> None:
    frame, reader = read(write(tmp_path, table(f"{text},{text},USD,2025-05-01,s,")))

    assert frame["billed_cost"].to_list() == [plain]
    assert reader.totals.accepted["USD"].billed_cost == Decimal(plain)


# 9.5 times


@pytest.mark.parametrize(
    "text", ["2024-09-12T09:00:00Z", "2024-09-12 09:00:00", "2024-09-12T09:00Z", "12.09.2024 09:00"]
)
def test_quirk_5_times_with_and_without_t_z_and_seconds(tmp_path: Path, text: str) -> None:
    frame, _ = read(write(tmp_path, table(f"1,1,USD,{text},s,")))

    assert frame["charge_period_start"].to_list() == [datetime(2024, 9, 12, 9, tzinfo=UTC)]


@pytest.mark.parametrize(
    ("settling", "first"),
    [("5/31/25", datetime(2025, 5, 1, tzinfo=UTC)), ("31/5/25", datetime(2025, 1, 5, tzinfo=UTC))],
)
def test_quirk_5_swapped_day_and_month_are_settled_by_the_whole_column(
    tmp_path: Path, settling: str, first: datetime
) -> None:
    rows = ["1,1,USD,5/1/25,s,"] * 3000 + [f"1,1,USD,{settling},s,"]

    frame, _ = read(write(tmp_path, table(*rows)))

    assert frame["charge_period_start"][0] == first


def test_quirk_5_a_column_that_proves_both_orders_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile) as refused:
        recognise(write(tmp_path, table("1,1,USD,5/31/25,s,", "1,1,USD,31/5/25,s,")))

    assert refused.value.code == "mixed_dates"


def test_quirk_5_dates_that_settle_nothing_are_asked_about_and_never_guessed(tmp_path: Path) -> None:
    path = write(tmp_path, table("1,1,USD,5/1/25,s,"))

    with pytest.raises(UnreadableFile) as refused:
        recognise(path)
    frame, _ = read(path, ColumnMapping(date_order="dmy"))

    assert refused.value.code == "ambiguous_dates"
    assert frame["charge_period_start"].to_list() == [datetime(2025, 1, 5, tzinfo=UTC)]


def test_quirk_5_inclusive_ends_become_the_moment_after(tmp_path: Path) -> None:
    head = f"{HEAD},BillingPeriodStart,BillingPeriodEnd,ChargePeriodEnd"
    row = "1,1,USD,2025-05-01T00:00Z,s,,2025-05-01T00:00Z,2025-05-31T23:59:59.999Z,2025-05-01T23:59:59Z"

    frame, reader = read(write(tmp_path, table(row, head=head)))

    assert frame["billing_period_end"].to_list() == [date(2025, 6, 1)]
    assert frame["charge_period_end"].to_list() == [datetime(2025, 5, 2, tzinfo=UTC)]
    assert any("last second" in note for note in reader.notes)


def test_quirk_5_a_charge_outside_its_billing_period_is_kept_and_told(tmp_path: Path) -> None:
    head = f"{HEAD},BillingPeriodStart,BillingPeriodEnd"
    rows = [
        f"1,1,USD,{day},s,,2025-10-01,2025-11-01" for day in ("2025-09-30", "2025-10-01", "2025-10-31", "2025-11-01")
    ]

    frame, reader = read(write(tmp_path, table(*rows, head=head)))

    assert frame.height == 4
    assert "The charge period lies outside its billing period in 2 rows." in reader.notes


def test_quirk_5_a_charge_period_of_twelve_months() -> None:
    frame, _ = read(FOCUS / "spec_examples" / "simple_saas_agreements_a1.csv")

    row = frame.row(0, named=True)
    assert (row["billing_period_start"], row["billing_period_end"]) == (date(2025, 4, 1), date(2025, 5, 1))
    assert row["charge_period_start"] == datetime(2025, 4, 1, tzinfo=UTC)
    assert row["charge_period_end"] == datetime(2026, 4, 1, tzinfo=UTC)


# 9.6 tags


@pytest.mark.parametrize(
    "tags",
    [
        {},
        {" org": "a", "org": "b", "Org": "c", "ORG ": "d"},
        {"ms:Department": "x", "aks.managed": "y", "Cost department": "z"},
        {"enabled": True, "none": None},
        {f"key {i}": str(i) for i in range(60)},
    ],
)
def test_quirk_6_tag_keys_keep_their_spelling(tmp_path: Path, tags: dict[str, object]) -> None:
    text = '"' + json.dumps(tags).replace('"', '""') + '"'

    frame, _ = read(write(tmp_path, table(f"1,1,USD,2025-05-01,s,{text}")))

    assert json.loads(frame["tags"][0]) == tags


def test_quirk_6_a_key_that_stands_twice_is_told(tmp_path: Path) -> None:
    frame, reader = read(write(tmp_path, table('1,1,USD,2025-05-01,s,"{""a"":1,""a"":2}"')))

    assert frame["tags"].to_list() == ['{"a":2}']
    assert "A tag key stands twice in 1 row; the last value counts." in reader.notes


# 9.7 refunds, credits, corrections


def test_quirk_7_refunds_credits_and_corrections_are_rows_like_others_and_told(tmp_path: Path) -> None:
    head = f"{HEAD},ChargeCategory,ChargeClass"
    rows = [
        "-5,-5,USD,2025-05-01,s,,Usage,",
        "-3,-3,USD,2025-05-01,s,,Credit,",
        "-2,-2,USD,2025-04-01,s,,Usage,Correction",
        "1,1,USD,2025-05-01,s,,Adjustment,",
    ]

    frame, reader = read(write(tmp_path, table(*rows, head=head)))

    assert reader.totals.accepted == {"USD": sums(4, "-9", "-9")}
    assert frame["charge_class"].to_list() == [None, None, "Correction", None]
    assert "Usage is negative and not marked as a correction in 1 row." in reader.notes
    assert "An earlier billing period is corrected in 1 row." in reader.notes


# 9.8 purchases, covered usage, tax


def test_quirk_8_purchases_covered_usage_and_tax_without_service(tmp_path: Path) -> None:
    head = f"{HEAD},ChargeCategory"
    rows = [
        "100,0,USD,2025-05-01,s,,Purchase",
        "0,10,USD,2025-05-01,s,,Usage",
        "19,19,USD,2025-05-01,,,Tax",
    ]

    frame, reader = read(write(tmp_path, table(*rows, head=head)))

    assert reader.totals.accepted == {"USD": sums(3, "119", "29")}
    assert frame["service_name"].to_list() == ["s", "s", None]
    assert "BilledCost and EffectiveCost differ in 2 rows." in reader.notes
    assert "No service is named in 1 row." in reader.notes


@pytest.mark.parametrize(("left_out", "kept"), [("BilledCost", "EffectiveCost"), ("EffectiveCost", "BilledCost")])
def test_quirk_8_one_cost_stands_for_the_other_with_a_note(tmp_path: Path, left_out: str, kept: str) -> None:
    frame, reader = read(write(tmp_path, table(ROW, head=HEAD.replace(left_out, "x"))))

    assert frame["billed_cost"].to_list() == frame["effective_cost"].to_list()
    assert f"There is no {left_out}: {kept} stands for it." in reader.notes


# 9.9 currencies


def test_quirk_9_several_currencies_are_summed_apart(tmp_path: Path) -> None:
    rows = [
        f"{amount},{amount},{code},2025-05-01,s," for amount, code in ((1, "USD"), (2, "EUR"), (4, "USD"), (8, "JPY"))
    ]

    _, reader = read(write(tmp_path, table(*rows)))

    assert reader.totals.accepted == {"EUR": sums(1, "2", "2"), "JPY": sums(1, "8", "8"), "USD": sums(2, "5", "5")}


def test_quirk_9_virtual_currency_keeps_its_own_amounts() -> None:
    bought, _ = read(FOCUS / "spec_examples" / "virtual_currency_pricing_model_a1.csv")
    used, reader = read(FOCUS / "spec_examples" / "virtual_currency_pricing_model_a2.csv")

    assert bought.select("billed_cost", "effective_cost", "pricing_quantity", "pricing_unit").row(0) == (
        "200000.00",
        "0.00",
        "100000",
        "Token",
    )
    assert used["pricing_currency"].to_list() == ["Token"] * 3
    assert used["pricing_currency_effective_cost"].to_list() == ["245", "10", "360"]
    assert "Priced in a virtual currency (Token): the budget draws on EffectiveCost." in reader.notes


# 9.10 and 9.11 repeated rows, zero rows


def test_quirk_10_rows_that_stand_twice_are_all_kept(tmp_path: Path) -> None:
    _, reader = read(write(tmp_path, table(ROW, ROW, ROW)))

    assert reader.totals.accepted == {"USD": sums(3, "4.50", "3.75")}


def test_quirk_11_rows_of_exactly_zero_are_kept(tmp_path: Path) -> None:
    frame, _ = read(write(tmp_path, table(*["0.0000,0,USD,2025-05-01,s,"] * 5)))

    assert frame.height == 5


# 9.12 closed lists


def test_quirk_12_casing_of_closed_lists_is_mended_and_unknown_words_are_told(tmp_path: Path) -> None:
    head = f"{HEAD},ChargeCategory,ChargeFrequency,ServiceCategory"
    rows = ["1,1,USD,2025-05-01,s,,USAGE,Usage-based,storage", "1,1,USD,2025-05-01,s,,Usage,Recurring,Database",
            "1,1,USD,2025-05-01,s,,Rebate,,No-SQL DB"]  # fmt: skip

    frame, reader = read(write(tmp_path, table(*rows, head=head)))

    assert frame["charge_category"].to_list() == ["Usage", "Usage", "Rebate"]
    assert frame["charge_frequency"].to_list() == ["Usage-Based", "Recurring", None]
    assert frame["service_category"].to_list() == ["Storage", "Database", "No-SQL DB"]
    assert "ServiceCategory 'Database', 'No-SQL DB' is not in the FOCUS list (2 rows)." in reader.notes
    assert "ChargeCategory 'Rebate' is not in the FOCUS list (1 row)." in reader.notes


# 9.13 cells that a spreadsheet would run, content


@pytest.mark.parametrize("cell", ["=1+1", "+5", "-x", "@cmd", "\t=1"])
def test_quirk_13_cells_that_look_like_formulas_are_kept_as_text(tmp_path: Path, cell: str) -> None:
    frame, _ = read(write(tmp_path, table(f'1,1,USD,2025-05-01,"{cell}",')))

    assert frame["service_name"].to_list() == [cell]


def test_quirk_13_columns_of_content_never_reach_the_evidence(tmp_path: Path) -> None:
    path = write(tmp_path, table(ROW + ",SECRET,SECRET,7", head=HEAD + ",x_Prompt,response_body,prompt_tokens"))

    kept = evidence(path)

    assert "SECRET" not in kept.write_csv()
    assert kept["prompt_tokens"].to_list() == ["7"]


# 9.14 bad rows


def test_quirk_14_accepted_and_refused_add_up_to_the_file(tmp_path: Path) -> None:
    rows = [ROW] * 10 + ["7,8,EUR,never,s,", "x,1,USD,2025-05-01,s,", "short"]

    reader = read_batches(path := write(tmp_path, table(*rows)), recognise(path))
    list(reader)

    totals = reader.totals
    assert (totals.accepted_rows, totals.refused_rows, totals.rows) == (10, 3, 13)
    assert totals.accepted == {"USD": sums(10, "15.00", "12.50")}
    assert totals.refused["EUR"] == sums(1, "7", "8")
    assert (totals.refused["USD"].effective_cost, totals.refused["USD"].unreadable) == (1, 1)
    assert totals.refused[""].unreadable == 1
