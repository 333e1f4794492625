import json
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from projects.sources.readers.interface import UnreadableFile
from projects.sources.readers.kinds import focus
from projects.sources.readers.plans import Header
from projects.sources.readers.reading import recognise
from tests.projects.sources.readers.samples import EXPECTED, FOCUS, as_decimals, grouped, money, read

SAMPLES = [name for name in EXPECTED if name.startswith("focus/samples/") and "BillingPeriodStart" not in name]
FULL = [name for name in SAMPLES if "by_currency" in EXPECTED[name]]
GROUPS = {
    "by_currency": "billing_currency",
    "by_charge_category": "charge_category",
    "by_charge_class": "charge_class",
    "by_service_category": "service_category",
    "by_service": "service_name",
    "by_sub_account": "sub_account_id",
    "by_provider": "provider_name",
    "by_invoice": "invoice_id",
}


def sample(name: str) -> Path:
    return FOCUS / name.removeprefix("focus/samples/")


@pytest.mark.parametrize("name", SAMPLES)
def test_rows_and_costs_equal_the_expected_totals_to_the_last_digit(name: str) -> None:
    frame, reader = read(sample(name))

    expected = EXPECTED[name]
    assert frame.height == expected["rows"] == reader.totals.accepted_rows
    assert reader.totals.refused_rows == 0
    for column, key in (
        ("billed_cost", "BilledCost"),
        ("effective_cost", "EffectiveCost"),
        ("list_cost", "ListCost"),
        ("contracted_cost", "ContractedCost"),
    ):
        if key in expected:
            assert money(frame[column]) == Decimal(expected[key])


@pytest.mark.parametrize("name", FULL)
def test_each_grouping_equals_the_expected_totals(name: str) -> None:
    frame, reader = read(sample(name))

    expected = EXPECTED[name]
    for key, column in GROUPS.items():
        if key in expected:
            assert grouped(frame, frame[column]) == as_decimals(expected[key]), key
    for code, figures in as_decimals(expected["by_currency"]).items():
        sums = reader.totals.accepted[code]
        assert (sums.rows, sums.billed_cost, sums.effective_cost) == tuple(figures.values())


@pytest.mark.parametrize("name", [name for name in FULL if "by_charge_month_utc" in EXPECTED[name]])
def test_charge_months_and_ends_equal_the_expected_totals(name: str) -> None:
    frame, _ = read(sample(name))

    expected = EXPECTED[name]
    months = frame["charge_period_start"].dt.strftime("%Y-%m")
    assert grouped(frame, months) == as_decimals(expected["by_charge_month_utc"])
    assert f"{frame['charge_period_start'].min():%Y-%m-%d}" == expected["charge_period_first"][:10]
    assert f"{frame['charge_period_end'].max():%Y-%m-%d}" == expected["charge_period_last_end"][:10]


@pytest.mark.parametrize("name", FULL)
def test_negative_rows_and_billing_periods_equal_the_expected_totals(name: str) -> None:
    frame, _ = read(sample(name))

    expected = EXPECTED[name]
    negative = frame.filter(pl.col("billed_cost").str.starts_with("-"))
    assert negative.height == expected["negative_billed_rows"]
    assert money(negative["billed_cost"]) == Decimal(expected["negative_billed_sum"])
    by_period = grouped(frame, frame["billing_period_start"])
    periods = as_decimals(expected["by_billing_period"])
    assert sorted(tuple(figures.values()) for figures in by_period.values()) == sorted(
        tuple(figures.values()) for figures in periods.values()
    )


@pytest.mark.parametrize("name", [name for name in FULL if EXPECTED[name].get("tag_keys")])
def test_tag_keys_keep_their_spelling_and_add_up(name: str) -> None:
    frame, _ = read(sample(name))

    expected = EXPECTED[name]
    keys: dict[str, int] = {}
    by_tag: dict[str, list[Decimal]] = {}
    for tags, billed, effective in zip(frame["tags"], frame["billed_cost"], frame["effective_cost"], strict=True):
        for key, value in json.loads(tags or "{}").items():
            keys[key] = keys.get(key, 0) + 1
            figures = by_tag.setdefault(f"{key}={value}", [Decimal(0)] * 3)
            by_tag[f"{key}={value}"] = [
                a + b for a, b in zip(figures, (1, Decimal(billed), Decimal(effective)), strict=True)
            ]
    assert keys == {key.strip("'"): count for key, count in expected["tag_keys"].items()}
    assert sum(tags is None for tags in frame["tags"]) == expected["rows_without_tags"]
    for tag, figures in as_decimals(expected.get("by_tag", {})).items():
        assert by_tag[tag] == list(figures.values()), tag


def test_the_map_of_parquet_gives_the_same_tags_as_json_text() -> None:
    parquet, _ = read(FOCUS / "focus_1_0_aws_map_tags.snappy.parquet")
    text, _ = read(FOCUS / "focus_1_0_anonymised_real.csv")

    aws = text.filter(pl.col("provider_name") == "AWS")
    assert (
        parquet["tags"].drop_nulls().len()
        == EXPECTED["focus/samples/focus_1_0_aws_map_tags.snappy.parquet"]["rows_with_tags"]
    )
    assert parquet["tags"].to_list() == aws["tags"].to_list()
    assert parquet["charge_period_start"].to_list() == aws["charge_period_start"].to_list()


@pytest.mark.parametrize(
    ("columns", "version"),
    [
        ("BilledCost BillingCurrency InvoiceDetailId ServiceProviderName", "1.4"),
        ("BilledCost BillingCurrency ServiceProviderName ServiceName", "1.4"),
        ("BilledCost BillingCurrency ServiceProviderName ProviderName", "1.3"),
        ("BilledCost BillingCurrency InvoiceId", "1.2"),
        ("BilledCost BillingCurrency PricingCurrency", "1.2"),
        ("BilledCost BillingCurrency BillingAccountType SkuMeter", "1.2"),
        ("BilledCost BillingCurrency SkuMeter", "1.1"),
        ("BilledCost BillingCurrency ServiceSubcategory", "1.1"),
        ("BilledCost BillingCurrency UsageQuantity", "1.0-preview"),
        ("BilledCost BillingCurrency Provider", "1.0-preview"),
        ("billedcost BILLINGCURRENCY ServiceName", "1.0"),
        ("date service amount currency", None),
    ],
)
def test_the_version_is_told_by_the_columns(columns: str, version: str | None) -> None:
    assert focus.version(Header(tuple(columns.split()))) == version


@pytest.mark.parametrize(
    ("old", "new", "provider"), [("AWS", "Anthropic", "AWS"), ("", "Anthropic", "Anthropic"), ("NULL", "N/A", None)]
)
def test_a_provider_that_moved_to_its_new_column_is_found_there(
    tmp_path: Path, old: str, new: str, provider: str | None
) -> None:
    path = tmp_path / "focus.csv"
    path.write_text(
        "BilledCost,BillingCurrency,ChargePeriodStart,ServiceName,ProviderName,ServiceProviderName\n"
        f"1,USD,2026-05-01,s,{old},{new}\n"
    )

    frame, reader = read(path)

    assert reader.recognised.version == "1.3"
    assert frame["provider_name"].to_list() == [provider]


@pytest.mark.parametrize(
    ("subcategory", "category"), [("Credit", "Credit"), ("Refund", "Adjustment"), ("", "Adjustment")]
)
def test_a_credit_of_the_preview_is_a_credit(tmp_path: Path, subcategory: str, category: str) -> None:
    path = tmp_path / "preview.csv"
    path.write_text(
        "BilledCost,BillingCurrency,ChargePeriodStart,ServiceName,ChargeCategory,ChargeSubcategory,UsageUnit,Provider\n"
        f"-1,USD,2024-05-01,s,Adjustment,{subcategory},,OCI\n"
    )

    frame, reader = read(path)

    assert reader.recognised.version == "1.0-preview"
    assert frame["charge_category"].to_list() == [category]


@pytest.mark.parametrize(
    ("file", "column"),
    [
        ("scenario_correction_set.csv", "ChargePeriodStart or BillingPeriodStart"),
        ("scenario_split_allocation_negative.csv", "BillingCurrency"),
        *((f"spec_examples/commitment_discount_purchase_scenario_{n}.csv", "BillingCurrency") for n in (1, 2, 3)),
        *((f"spec_examples/commitment_discount_usage_scenario_{n}.csv", "BillingCurrency") for n in (1, 2, 3, 4)),
    ],
)
def test_a_file_without_a_needed_column_is_refused_and_the_column_named(file: str, column: str) -> None:
    with pytest.raises(UnreadableFile) as refused:
        recognise(FOCUS / file)

    assert refused.value.code == "missing_column"
    assert column in refused.value.message


def test_the_contract_commitment_dataset_is_refused_for_what_it_is() -> None:
    with pytest.raises(UnreadableFile) as refused:
        recognise(FOCUS / "synthetic_1_3_azure_contract_commitment.csv")

    assert refused.value.code == "not_a_cost_file"
    assert "Contract Commitment" in refused.value.message
