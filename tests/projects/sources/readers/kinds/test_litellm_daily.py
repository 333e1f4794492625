import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from projects.sources.readers.interface import UnreadableFile
from projects.sources.readers.reading import recognise
from tests.projects.sources.readers.samples import read

HEAD = (
    "id,{who},date,api_key,model,model_group,custom_llm_provider,prompt_tokens,completion_tokens,"
    "cache_read_input_tokens,cache_creation_input_tokens,spend,api_requests,successful_requests,failed_requests"
)
ROW = "u1,{who},2025-05-01,k1,openai/gpt-4o,gpt-4o,openai,1000,200,600,100,0.30000000000000004,12,11,1"


def write(tmp_path: Path, who: str) -> Path:
    path = tmp_path / "daily.csv"
    path.write_text(f"{HEAD.format(who=who)}\n{ROW.format(who='x-1')}\n")
    return path


@pytest.mark.parametrize(("who", "column"), [("team_id", "sub_account_id"), ("user_id", "user_id")])
def test_a_day_of_spend_is_read_with_its_owner(tmp_path: Path, who: str, column: str) -> None:
    frame, reader = read(write(tmp_path, who))

    row = frame.row(0, named=True)
    assert (reader.recognised.kind, reader.recognised.role) == ("litellm_daily", "detail")
    assert row[column] == "x-1"
    assert (row["billed_cost"], row["billing_currency"], row["calls"]) == ("0.300000000000000", "USD", 12)
    assert row["charge_period_end"] == datetime(2025, 5, 2, tzinfo=UTC)


def test_cached_tokens_are_taken_out_of_the_input(tmp_path: Path) -> None:
    frame, _ = read(write(tmp_path, "team_id"))

    tokens = frame.select("input_tokens", "cached_read_tokens", "cached_write_tokens", "output_tokens").row(0)
    assert tokens == (300, 600, 100, 200)


def test_the_tag_table_is_refused_because_it_counts_requests_once_for_each_tag(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile) as refused:
        recognise(write(tmp_path, "tag"))

    assert refused.value.code == "double_counts"


RECORD = {"date": "2026-05-03", "api_key": "h", "team_id": "t", "model": "gpt-4o", "prompt_tokens": 10,
       "cache_read_input_tokens": 2, "completion_tokens": 3, "spend": 0.5, "api_requests": 3}  # fmt: skip


@pytest.mark.parametrize("shape", ["list", "lines", "answer"])
def test_the_table_as_json_is_read_like_the_csv(tmp_path: Path, shape: str) -> None:
    path = tmp_path / "daily.json"
    line = json.dumps(RECORD) + "\n"
    path.write_text(
        {"list": json.dumps([RECORD, RECORD]), "lines": line * 2, "answer": json.dumps({"data": [RECORD, RECORD]})}[
            shape
        ]
    )

    frame, reader = read(path)

    assert reader.recognised.kind == "litellm_daily"
    assert frame.select("billed_cost", "sub_account_id", "input_tokens", "calls").rows() == [("0.5", "t", 8, 3)] * 2


def test_the_tag_table_as_json_is_refused_like_the_csv(tmp_path: Path) -> None:
    path = tmp_path / "daily.json"
    path.write_text(json.dumps([{**RECORD, "tag": "claims"}]))

    with pytest.raises(UnreadableFile) as refused:
        read(path)

    assert refused.value.code == "double_counts"
