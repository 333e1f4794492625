import json
from pathlib import Path
from typing import Any

import pytest

from projects.sources.readers.interface import UnreadableFile
from projects.sources.readers.reading import recognise
from tests.projects.sources.readers.samples import COSTS


def refusal(path: Path) -> UnreadableFile:
    with pytest.raises(UnreadableFile) as refused:
        recognise(path)
    return refused.value


@pytest.mark.parametrize("name", ["servegen_m_small_hourly.csv.gz", "azure_llm_inference_2023_code.csv.gz"])
def test_real_usage_without_money_is_refused_for_what_it_is(name: str) -> None:
    error = refusal(COSTS / "refused" / name)

    assert error.code == "usage_without_money"
    assert "Import the bill" in error.message


@pytest.mark.parametrize(
    ("head", "code"),
    [
        ("product_name,meter_name,unit_of_measure,retail_price_usd", "price_list"),
        ("Date,Country,Exchange rate", "not_a_cost_file"),
        ("Use Case Name,Agency,Bureau", "portfolio_file"),
        ("Unique Investment Identifier,Project Name,Cost", "portfolio_file"),
        ("project_id,investment_id,name,planned_cost_musd,planned_duration_days", "portfolio_file"),
        ("activity_id,project_id,name", "portfolio_file"),
        ("year,project_name,department", "portfolio_file"),
        ("Project name,Business Bank Project,ICR Monetisation", "turned_table"),
        ("timestamp,value", "not_a_cost_file"),
        ("priority,match_on,pattern,cost_layer", "not_a_cost_file"),
        ("ContractCommitmentId,ContractCommitmentCost,BillingCurrency", "not_a_cost_file"),
        ("BillingPeriodStart,BillingPeriodEnd,BillingPeriodStatus", "not_a_cost_file"),
        ("Timestamp,User,Model,Requests Used,Exceeds Monthly Quota,Total Monthly Quota", "usage_without_money"),
        ("date,username,model,quantity,exceeds_quota,total_monthly_quota", "usage_without_money"),
        ("date,username,model,input,output,cache_read,cache_write", "usage_without_money"),
        ("sku_name,usage_start_time,usage_end_time,usage_unit,usage_quantity", "usage_without_money"),
        ("billing_account_id,service.description,usage_start_time,cost,currency,credits", "summary_not_bill"),
        ("billing_account_id,service_description,usage_start_time,cost,cost_type", "summary_not_bill"),
        ("id,timestamp,name,userId,sessionId,release,version,tags,bookmarked,public", "usage_without_money"),
        ("Service,EC2-Instances($),S3($),Total costs($)", "summary_not_bill"),
        ("Billing account ID,Service description,SKU ID,Usage start date,Cost ($)", "summary_not_bill"),
        ("ResourceType,SingularDisplayName,PluralDisplayName", "unknown_columns"),
        ("version https://git-lfs.github.com/spec/v1", "not_a_cost_file"),
    ],
)
def test_a_table_that_is_known_but_no_bill_gets_its_own_sentence(tmp_path: Path, head: str, code: str) -> None:
    path = tmp_path / "file.csv"
    path.write_text(f"{head}\n{','.join('1' for _ in head.split(','))}\n")

    assert refusal(path).code == code


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ({"gpt-4o": {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": 2.5e-06}}, "price_list"),
        ([{"id": "openai", "api_pattern": "x", "models": []}], "price_list"),
        ([{"modelName": "gpt-4o", "matchPattern": "x", "inputPrice": 1}], "price_list"),
        ([{"body": {}, "extracted": []}], "usage_without_money"),
        ({"a.csv": {"windows": [], "points": []}}, "not_a_cost_file"),
        ({"$schema": "x"}, "not_a_cost_file"),
        ([{"date": "2026-05-01", "total_active_users": 3, "copilot_ide_chat": {}}], "usage_without_money"),
        ([{"day": "2026-05-01", "total_suggestions_count": 3}], "usage_without_money"),
        ({"total_seats": 1, "seats": []}, "usage_without_money"),
        ({"data": [{"core_metrics": {}, "model_breakdown": []}]}, "summary_not_bill"),
        ({"results": [{"date": "2026-05-01", "metrics": {"spend": 1}, "breakdown": {}}]}, "summary_not_bill"),
        ([{"group_by_day": "2026-05-01", "teams": []}], "summary_not_bill"),
        ({"data": [{"date": "2026-05-01", "countTraces": 1, "totalCost": 1.5}]}, "summary_not_bill"),
        (
            {"data": [{"id": "t", "timestamp": "x", "htmlPath": "/t", "totalCost": 1, "observations": ["o"]}]},
            "usage_without_money",
        ),
        ([{"id": "t", "timestamp": "x", "sessionId": None, "bookmarked": False}], "usage_without_money"),
        ({"object": "list", "daily_costs": [], "total_usage": 1}, "summary_not_bill"),
        ({"ResultsByTime": []}, "summary_not_bill"),
        ([{"usage_start_time": "2026-05-01", "sku": {}, "cost": 1, "credits": []}], "summary_not_bill"),
        ({"manifestVersion": "2024-04-01", "blobs": []}, "not_a_cost_file"),
        ({"hello": "world"}, "unknown_document"),
        ("text", "unknown_columns"),
    ],
)
def test_a_document_that_is_known_but_no_bill_gets_its_own_sentence(tmp_path: Path, document: Any, code: str) -> None:
    path = tmp_path / "file.json"
    path.write_text(json.dumps(document, indent=1))

    assert refusal(path).code == code
