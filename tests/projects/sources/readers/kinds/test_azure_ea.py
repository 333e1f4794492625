from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from projects.sources.readers.interface import ColumnMapping, UnreadableFile
from projects.sources.readers.kinds.azure_ea import ACTUAL, AMORTISED
from projects.sources.readers.reading import recognise
from tests.projects.sources.readers.samples import COSTS, EXPECTED, money, read

FILES = ["azure_ea_cad_anonymised.csv", "azure_ea_actual_small.csv"]
HEAD = "SubscriptionId,Date,MeterCategory,UnitOfMeasure,CostInBillingCurrency,BillingCurrencyCode,ChargeType,Frequency,Tags"


@pytest.mark.parametrize("file", FILES)
def test_rows_cost_and_currency_equal_the_expected_totals(file: str) -> None:
    expected = EXPECTED[f"native/{file}"]

    frame, reader = read(COSTS / file)

    assert reader.recognised.kind == "azure_ea"
    assert ACTUAL in reader.notes
    assert frame.height == expected["rows"]
    assert money(frame["billed_cost"]) == money(frame["effective_cost"]) == Decimal(expected["cost"])
    assert {code: sums.rows for code, sums in reader.totals.accepted.items()} == expected["currency"]


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize(
    ("key", "column"),
    [
        ("by_meter_category", "service_name"),
        ("by_consumed_service", "resource_type"),
        ("by_charge_type", "charge_category"),
    ],
)
def test_groups_equal_the_expected_totals(file: str, key: str, column: str) -> None:
    frame, _ = read(COSTS / file)

    for value, figures in EXPECTED[f"native/{file}"][key].items():
        part = frame.filter(frame[column] == value)
        assert (part.height, money(part["billed_cost"])) == (figures["rows"], Decimal(figures["sum"])), value


def test_days_are_months_first_and_periods_end_the_day_after_their_last() -> None:
    frame, reader = read(COSTS / "azure_ea_cad_anonymised.csv")

    assert reader.recognised.date_order == "mdy"
    row = frame.row(0, named=True)
    assert (row["billing_period_start"], row["billing_period_end"]) == (date(2023, 9, 1), date(2023, 10, 1))
    assert row["charge_period_start"] == datetime(2023, 9, 2, tzinfo=UTC)
    assert row["charge_period_end"] == datetime(2023, 9, 3, tzinfo=UTC)


def test_tags_without_braces_and_cost_centres_are_kept() -> None:
    frame, _ = read(COSTS / "azure_ea_actual_small.csv")

    tagged = frame.filter(frame["tags"].str.contains("CostCenter"))
    assert tagged.height > 0
    assert '"application":"databricks"' in tagged["tags"][0]
    assert "acm9000" in set(frame["x_cost_center"].drop_nulls().str.to_lowercase())


def test_the_casing_of_a_resource_provider_does_not_change_its_category() -> None:
    frame, _ = read(COSTS / "azure_ea_cad_anonymised.csv")

    compute = frame.filter(frame["resource_type"].str.to_lowercase() == "microsoft.compute")
    assert set(compute["service_category"]) == {"Compute"}


@pytest.mark.parametrize(
    ("kind", "category", "status"),
    [
        ("Usage", "Usage", None),
        ("UnusedReservation", "Usage", "Unused"),
        ("Unused Savings Plan", "Usage", "Unused"),
        ("Purchase", "Purchase", None),
        ("Refund", "Adjustment", None),
        ("RoundingAdjustment", "Adjustment", None),
    ],
)
def test_an_amortised_export_keeps_unused_commitments(
    tmp_path: Path, kind: str, category: str, status: str | None
) -> None:
    path = tmp_path / "amortised.csv"
    path.write_text(f"{HEAD}\ns-1,12/31/2023,Virtual Machines,1 Hour,2.5,EUR,{kind},UsageBased,\n")

    frame, reader = read(path)

    assert reader.recognised.kind == "azure_ea_amortised"
    assert AMORTISED in reader.notes
    found = frame.select("charge_category", "commitment_discount_status", "charge_frequency", "billing_currency").row(0)
    assert found == (category, status, "Usage-Based", "EUR")


def test_where_no_date_tells_the_exporter_s_own_order_is_used_with_a_note(tmp_path: Path) -> None:
    path = tmp_path / "azure.csv"
    path.write_text(f"{HEAD}\ns-1,9/2/2023,Storage,1 GB,1,USD,Usage,UsageBased,\n")

    frame, reader = read(path)

    assert frame["charge_period_start"][0] == datetime(2023, 9, 2, tzinfo=UTC)
    assert "Dates read as month/day/year, as this exporter writes them." in reader.notes


def test_a_missing_currency_may_come_from_the_mapping(tmp_path: Path) -> None:
    path = tmp_path / "azure.csv"
    path.write_text(f"{HEAD.replace('BillingCurrencyCode', 'x')}\ns-1,2023-09-02,Storage,1 GB,1,,Usage,UsageBased,\n")

    with pytest.raises(UnreadableFile, match="BillingCurrency"):
        recognise(path)
    frame, _ = read(path, ColumnMapping(values={"currency": "CHF"}))
    assert frame["billing_currency"].to_list() == ["CHF"]


def test_an_amortised_export_is_known_by_what_nobody_used_whatever_its_file_is_called(tmp_path: Path) -> None:
    path = tmp_path / "part_1_0001.csv"
    path.write_text(
        "SubscriptionId,Date,MeterCategory,UnitOfMeasure,CostInBillingCurrency,BillingCurrencyCode,ChargeType\n"
        "s,05/13/2026,VM,1 Hour,1.5,CAD,UnusedReservation\ns,05/13/2026,VM,1 Hour,2,CAD,Usage\n"
    )

    frame, reader = read(path)

    assert reader.recognised.kind == "azure_ea_amortised"
    assert frame["commitment_discount_status"].to_list() == ["Unused", None]


def test_the_first_exports_with_spaces_in_their_names_are_read_with_a_currency_from_the_mapping(tmp_path: Path) -> None:
    path = tmp_path / "usage.csv"
    path.write_text(
        "SubscriptionGuid,Subscription Name,Date,Meter Category,Meter Name,Consumed Quantity,ExtendedCost,"
        "Unit Of Measure,Cost Center,Tags\ng,Claims,05/13/2026,VM,D2,3,2.5,1 Hour,C9,\n"
    )

    frame, reader = read(path, ColumnMapping(values={"currency": "USD"}))

    assert reader.recognised.kind == "azure_ea"
    assert frame.select("billed_cost", "billing_currency", "consumed_quantity", "x_cost_center").row(0) == (
        "2.5",
        "USD",
        "3",
        "C9",
    )


def test_the_names_of_a_customer_agreement_are_read_in_two_currencies(tmp_path: Path) -> None:
    path = tmp_path / "mca.csv"
    path.write_text(
        "\ufeffbillingAccountId,billingPeriodEndDate,billingPeriodStartDate,date,meterCategory,SubscriptionId,quantity,"
        "unitOfMeasure,chargeType,billingCurrency,costInBillingCurrency,costInUsd,tags\n"
        'a,05/31/2026,05/01/2026,05/03/2026,VM,s,1,1 Hour,Usage,CAD,1.25,0.9,"""env"": ""prod"""\n'
        "a,05/31/2026,05/01/2026,05/03/2026,VM,s,1,1 Hour,Refund,EUR,-3E-05,0,\n"
    )

    frame, reader = read(path)

    assert frame.select("billed_cost", "billing_currency", "charge_category", "tags").rows() == [
        ("1.25", "CAD", "Usage", '{"env":"prod"}'),
        ("-0.00003", "EUR", "Adjustment", None),
    ]
    assert set(frame["billing_period_end"].dt.to_string("%Y-%m-%d")) == {"2026-06-01"}
    assert reader.totals.refused_rows == 0


def test_headers_of_another_language_are_read_by_the_names_in_brackets(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text(
        "Abonnement-GUID (SubscriptionGuid),UsageDateTime (UsageDateTime),Kategorie der Verbrauchseinheit "
        "(MeterCategory),UsageQuantity (UsageQuantity),PreTaxCost (PreTaxCost),Tags (Tags),Currency,Maßeinheit "
        "(UnitOfMeasure)\n"
        'sub-1,2026-02-13,Load Balancer,3,0.075,"""team"": ""claims""",EUR,1 Hour\n',
        encoding="utf-8",
    )

    frame, reader = read(path)

    assert reader.recognised.kind == "azure_ea"
    assert frame.select(
        "sub_account_id", "service_name", "billed_cost", "billing_currency", "consumed_quantity", "tags"
    ).row(0) == ("sub-1", "Load Balancer", "0.075", "EUR", "3", '{"team":"claims"}')


@pytest.mark.parametrize(("cost", "known"), [("PreTaxCost", True), ("Price", False)])
def test_an_export_without_units_is_known_by_its_cost(tmp_path: Path, cost: str, known: bool) -> None:
    path = tmp_path / "export.csv"
    path.write_text(f"subscriptionGuid,usageDateTime,meterCategory,{cost},currency\nsub-1,2026-02-13,Storage,1.5,USD\n")

    if known:
        assert read(path)[0]["billed_cost"].to_list() == ["1.5"]
    else:
        with pytest.raises(UnreadableFile, match="of no known export"):
            recognise(path)
