import json
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from projects.sources.readers.kinds import litellm_focus
from projects.sources.readers.plans import Header
from projects.sources.readers.reading import recognise
from tests.projects.sources.readers.samples import EXPECTED, FOCUS, money, read

FILE = FOCUS / "litellm_focus_servegen_m_small.csv"
NAME = "focus/samples/litellm_focus_servegen_m_small.csv"


def test_the_export_is_a_detail_of_the_gateway_and_not_a_bill() -> None:
    _, reader = read(FILE)

    assert (reader.recognised.kind, reader.recognised.version) == ("litellm_focus", "1.2")
    assert reader.recognised.role == "detail"


def test_key_model_and_calls_are_read_beside_the_costs() -> None:
    frame, _ = read(FILE)

    assert set(frame["model"]) == {"dashscope/qwen-turbo"}
    assert frame["api_key_id"].to_list() == frame["billing_account_id"].to_list()
    assert frame["calls"].sum() == sum(int(Decimal(quantity)) for quantity in frame["consumed_quantity"])
    assert (frame["billing_period_end"] - frame["billing_period_start"]).dt.total_days().unique().to_list() == [1]


def test_teams_equal_the_expected_totals_by_tag() -> None:
    frame, _ = read(FILE)
    teams = frame["tags"].map_elements(lambda text: json.loads(text)["team_alias"], return_dtype=str)

    for key, figures in EXPECTED[NAME]["by_tag"].items():
        name, _, team = key.partition("=")
        if name == "team_alias":
            part = frame.filter(teams == team)
            assert (part.height, money(part["billed_cost"])) == (figures["rows"], Decimal(figures["billed"]))


def test_focus_with_skus_is_not_taken_for_the_gateway() -> None:
    columns = tuple(FILE.read_text().partition("\n")[0].split(","))

    assert litellm_focus.version(Header(columns)) == "1.2"
    assert litellm_focus.version(Header((*columns[:-1], "SkuId"))) is None
    assert litellm_focus.version(Header(columns[:-1])) is None


def test_a_further_column_does_not_make_the_gateway_s_export_a_bill(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text("\n".join(line + ",x" for line in FILE.read_text().splitlines()[:3]) + "\n")

    assert recognise(path).kind == "litellm_focus"


def test_the_same_columns_without_the_gateway_s_tags_are_a_bill(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text(FILE.read_text().replace("custom_llm_provider", "provider").replace("api_key_alias", "key"))

    recognised = recognise(path)
    assert (recognised.kind, recognised.role) == ("focus", "fact")


TRIMMED = [
    "ChargeCategory",
    "ChargePeriodStart",
    "BilledCost",
    "ServiceName",
    "BillingCurrency",
    "BillingAccountId",
    "BillingAccountName",
    "ChargePeriodEnd",
    "ChargeDescription",
    "ChargeFrequency",
    "ConsumedQuantity",
    "ConsumedUnit",
    "ContractedCost",
    "EffectiveCost",
    "ListCost",
    "RegionId",
    "RegionName",
    "ResourceId",
    "ResourceName",
    "ResourceType",
    "ServiceCategory",
    "ServiceSubcategory",
    "SubAccountId",
    "SubAccountName",
    "Tags",
]


@pytest.mark.parametrize("form", ["parquet", "json", "trimmed"])
def test_the_export_is_the_gateway_s_in_each_form_that_it_is_sent_in(tmp_path: Path, form: str) -> None:
    rows = pl.read_csv(FILE, infer_schema=False)
    path = tmp_path / form
    if form == "parquet":
        rows.with_columns(pl.col("BilledCost", "EffectiveCost").cast(pl.Decimal(18, 6))).write_parquet(path)
    elif form == "json":
        path.write_text(json.dumps(rows.to_dicts()))
    else:  # what another tool takes of it
        rows.select(TRIMMED).write_csv(path)

    frame, reader = read(path)

    assert (reader.recognised.kind, reader.recognised.role) == ("litellm_focus", "detail")
    assert (frame.height, money(frame["billed_cost"])) == (324, Decimal(EXPECTED[NAME]["BilledCost"]))
    assert set(frame["model"]) == {"dashscope/qwen-turbo"}
    assert reader.tells_a_stretch == (form == "trimmed")
    assert frame["billing_period_start"].n_unique() == 14


def test_parquet_without_the_gateway_s_tags_is_a_bill(tmp_path: Path) -> None:
    path = tmp_path / "export.parquet"
    pl.read_csv(FILE, infer_schema=False).with_columns(pl.lit("{}").alias("Tags")).write_parquet(path)

    assert recognise(path).kind == "focus"


def test_counts_among_the_tags_are_read_and_dollars_are_said(tmp_path: Path) -> None:
    tags = {
        "litellm:model": "gpt-4o", "litellm:api_key_prefix": "sk-1", "litellm:api_requests": "3",
        "litellm:prompt_tokens": "100", "litellm:completion_tokens": "20", "litellm:cache_read_tokens": "40",
    }  # fmt: skip
    row = {
        "BilledCost": 0.0123, "EffectiveCost": 0.0123, "BillingPeriodStart": "2025-11-01T00:00:00",
        "ChargePeriodStart": "2025-11-01T00:00:00", "ChargeCategory": "Usage", "ConsumedQuantity": 120,
        "ConsumedUnit": "Tokens", "ServiceName": "LLM Inference", "SubAccountId": "team-1", "Tags": tags,
    }  # fmt: skip
    path = tmp_path / "export.json"
    path.write_text(json.dumps([row, {**row, "Tags": {**tags, "litellm:prompt_tokens": "n"}}]))

    frame, reader = read(path)

    assert reader.recognised.kind == "litellm_focus"
    assert litellm_focus.DOLLARS in reader.notes
    assert frame.select(
        "billing_currency", "model", "api_key_id", "calls", "input_tokens", "cached_read_tokens", "output_tokens"
    ).row(0) == ("USD", "gpt-4o", "sk-1", 3, 60, 40, 20)
    assert reader.totals.refused_rows == 1  # a count that is none is told, never read as nothing


def test_rows_of_one_sort_of_token_each_are_counted_as_that_sort(tmp_path: Path) -> None:
    rows = pl.read_csv(FILE, infer_schema=False).head(4)
    sorts = ["prompt_token", "completion_token", "cache_read_token", "cache_creation_token"]
    path = tmp_path / "export.csv"
    rows.with_columns(
        pl.Series("ServiceSubcategory", sorts),
        pl.lit("token").alias("ConsumedUnit"),
        pl.Series("ConsumedQuantity", ["100.0", "50.0", "7.0", "3.0"]),
    ).write_csv(path)

    frame, _ = read(path)

    counted = ("input_tokens", "output_tokens", "cached_read_tokens", "cached_write_tokens")
    assert [frame[name].to_list()[place] for place, name in enumerate(counted)] == [100, 50, 7, 3]
    assert [frame[name].sum() for name in counted] == [100, 50, 7, 3]
    assert frame["calls"].null_count() == 4
