"""A file of any kind without any one of its columns is read or refused with a sentence: nothing else may happen."""

import csv
import gzip
import io
from pathlib import Path

import pytest

from projects.sources.readers.interface import UnreadableFile
from projects.sources.readers.reading import recognise
from tests.projects.sources.readers.samples import COSTS, FOCUS, read

FILES = (
    FOCUS / "focus_1_0_anonymised_real.csv",
    FOCUS / "synthetic_1_2_aws_100.csv",
    FOCUS / "synthetic_1_3_azure_25_credits.csv",
    FOCUS / "litellm_focus_servegen_m_small.csv",
    COSTS / "azure_ea_actual_small.csv",
    COSTS / "azure_ea_cad_anonymised.csv",
    COSTS / "aws_cur_legacy_anonymised.csv.gz",
    COSTS / "github_copilot_premium_requests_2025_10.csv.gz",
)
WRITTEN = {
    "litellm_spend_logs": (
        "request_id,call_type,api_key,spend,total_tokens,prompt_tokens,completion_tokens,startTime,endTime,model,user,"
        "metadata,team_id,end_user,request_tags,custom_llm_provider,cache_hit",
        'r,acompletion,k,0.5,3,1,2,2025-05-01T00:00:00Z,2025-05-01T00:00:01Z,gpt-4o,u,{},t,e,"[""a:b""]",openai,False',
    ),
    "litellm_daily": (
        "date,api_key,model,model_group,custom_llm_provider,team_id,prompt_tokens,completion_tokens,"
        "cache_read_input_tokens,cache_creation_input_tokens,spend,api_requests",
        "2025-05-01,k,gpt-4o,g,openai,t,1,2,0,0,0.5,3",
    ),
    "langfuse": (
        "id,traceId,type,name,startTime,endTime,model,usageDetails,costDetails,totalCost,environment,userId,tags",
        'o,t,GENERATION,n,2025-05-01T00:00:00Z,2025-05-01T00:00:01Z,m,"{""input"":1}","{""total"":0.5}",0.5,d,u,[]',
    ),
    "github_metered": (
        "Date,Product,SKU,Quantity,Unit Type,Price Per Unit ($),Multiplier,Owner,Repository Slug,Username",
        "2024-05-01,Actions,Compute - UBUNTU,10,minute,$0.008,1.0,o,r,u",
    ),
    "openai_costs": (
        "start_time_iso,end_time_iso,amount_value,amount_currency,line_item,project_id,organization_id",
        "2025-05-01T00:00:00Z,2025-05-02T00:00:00Z,0.5,usd,x,p,o",
    ),
    "oracle_cost_report": (
        "lineItem/tenantId,lineItem/intervalUsageStart,lineItem/intervalUsageEnd,product/service,product/compartmentId,"
        "usage/billedQuantity,cost/productSku,cost/myCost,cost/currencyCode,lineItem/isCorrection,tags/initiative",
        "t,2025-05-01T00:00Z,2025-05-01T01:00Z,COMPUTE,c,2,B88317,3.60,EUR,false,claims",
    ),
    "minimal": ("date,provider,service,amount,currency,key,account", "2025-05-01,p,s,1,USD,k,a"),
}


def first_rows(path: Path) -> list[list[str]]:
    content = path.read_bytes()
    text = (gzip.decompress(content) if path.suffix == ".gz" else content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))[:4]


def written(path: Path, rows: list[list[str]]) -> Path:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    path.write_text(text.getvalue())
    return path


def without_each_column(tmp_path: Path, rows: list[list[str]]) -> tuple[int, int]:
    """Read the table without each of its columns; return how often it was read and how often refused."""
    taken = refused = 0
    for left_out in range(len(rows[0])):
        path = written(tmp_path / "costs.csv", [row[:left_out] + row[left_out + 1 :] for row in rows])
        try:
            read(path)
            taken += 1
        except UnreadableFile:
            refused += 1
    return taken, refused


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_real_file_without_any_one_column_is_read_or_refused(tmp_path: Path, path: Path) -> None:
    rows = first_rows(path)

    taken, refused = without_each_column(tmp_path, rows)

    assert taken + refused == len(rows[0])
    assert taken > refused


@pytest.mark.parametrize("kind", WRITTEN)
def test_a_file_of_each_other_kind_without_any_one_column_is_read_or_refused(tmp_path: Path, kind: str) -> None:
    rows = list(csv.reader(WRITTEN[kind]))

    taken, refused = without_each_column(tmp_path, rows)

    assert recognise(written(tmp_path / "whole.csv", rows)).kind == kind
    assert taken
    assert refused
    assert taken + refused == len(rows[0])
