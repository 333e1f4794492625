import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from projects.sources.readers.interface import UnreadableFile
from projects.sources.readers.kinds.anthropic_costs import CENTS, from_cents
from tests.projects.sources.readers.samples import read, sums


def write(tmp_path: Path, *results: dict[str, Any]) -> Path:
    bucket = {"starting_at": "2025-08-01T00:00:00Z", "ending_at": "2025-08-02T00:00:00Z", "results": list(results)}
    path = tmp_path / "report.json"
    path.write_text(json.dumps({"data": [bucket], "has_more": False, "next_page": None}, indent=2))
    return path


@pytest.mark.parametrize(
    ("cents", "units"),
    [
        ("123.78912", "1.2378912"),
        ("0", "0.00"),
        ("5", "0.05"),
        ("-250", "-2.50"),
        ("12345678901234567890123456789012345678.9", "123456789012345678901234567890123456.789"),
        ("NaN", "NaN"),
        ("1_0", "1_0"),
        (None, None),
    ],
)
def test_cents_become_units_exactly_and_other_text_is_left_to_be_refused(cents: str | None, units: str | None) -> None:
    assert from_cents(cents) == units


def test_the_cost_report_is_read_in_dollars(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        {
            "amount": "123.78912",
            "currency": "USD",
            "workspace_id": None,
            "model": "claude-opus-4",
            "token_type": "output_tokens",
            "description": "Claude Opus 4 Usage - Output Tokens",
        },
        {"amount": "100", "currency": "USD", "workspace_id": "wrk_1", "cost_type": "web_search"},
    )

    frame, reader = read(path)

    assert (reader.recognised.kind, reader.recognised.role) == ("anthropic_costs", "fact")
    assert reader.totals.accepted == {"USD": sums(2, "2.2378912", "2.2378912")}
    assert frame["sub_account_id"].to_list() == ["default", "wrk_1"]
    assert frame["charge_period_start"][0] == datetime(2025, 8, 1, tzinfo=UTC)
    assert CENTS in reader.notes


def test_an_amount_that_is_no_figure_is_refused_as_it_stood(tmp_path: Path) -> None:
    _, reader = read(write(tmp_path, {"amount": "1", "currency": "USD"}, {"amount": "12 cents", "currency": "USD"}))

    assert {(problem.line, problem.value) for problem in reader.problems} == {(2, "12 cents")}


def test_usage_keeps_fresh_cached_and_written_tokens_apart(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        {
            "uncached_input_tokens": 1500,
            "cache_read_input_tokens": 200,
            "cache_creation": {"ephemeral_5m_input_tokens": 500, "ephemeral_1h_input_tokens": 1000},
            "output_tokens": 700,
            "server_tool_use": {"web_search_requests": 10},
            "model": "claude-sonnet-4",
            "workspace_id": None,
            "api_key_id": "apikey_1",
        },
    )

    frame, reader = read(path)

    row = frame.row(0, named=True)
    assert (reader.recognised.kind, reader.recognised.has_money) == ("anthropic_usage", False)
    assert (row["input_tokens"], row["cached_read_tokens"], row["cached_write_tokens"]) == (1500, 200, 1500)
    assert (row["output_tokens"], row["model"], row["api_key_id"]) == (700, "claude-sonnet-4", "apikey_1")
    assert row["billed_cost"] is None


@pytest.mark.parametrize(
    ("cents", "dollars"),
    [("1e3", "10"), ("1e-05", "0.0000001"), (".5", "0.005"), ("1,234.50", "12.345"), ("-7", "-0.07")],
)
def test_cents_are_divided_however_they_are_written(cents: str, dollars: str) -> None:
    assert Decimal(from_cents(cents) or "0") == Decimal(dollars)


@pytest.mark.parametrize("text", ["abc", "NaN", "1,5"])
def test_text_that_is_no_figure_is_left_to_be_refused(text: str) -> None:
    assert from_cents(text) == text


def test_the_console_s_export_is_in_dollars(tmp_path: Path) -> None:
    path = tmp_path / "cost.csv"
    path.write_text(
        "usage_date_utc,model,workspace,api_key,usage_type,context_window,token_type,cost_usd,list_price_usd,cost_type\n"
        "2026-05-03,Claude Sonnet 4.5,Claims,key-1,message,≤ 200k,input_no_cache,18.71,19,token\n",
        encoding="utf-8",
    )

    frame, reader = read(path)

    assert reader.recognised.kind == "anthropic_console"
    names = ("billed_cost", "effective_cost", "billing_currency", "sub_account_id", "api_key_id", "model", "sku_meter")
    assert frame.select(names).row(0) == (
        *("18.71", "18.71", "USD", "Claims", "key-1", "Claude Sonnet 4.5", "input_no_cache"),
    )


def test_the_console_s_export_of_tokens_is_usage_without_money(tmp_path: Path) -> None:
    path = tmp_path / "tokens.csv"
    path.write_text("usage_date_utc,model_version,usage_input_tokens_no_cache,usage_output_tokens\n2026-05-03,m,1,1\n")

    with pytest.raises(UnreadableFile) as refused:
        read(path)

    assert refused.value.code == "usage_without_money"


def test_a_day_without_cost_among_json_lines_is_no_bad_line(tmp_path: Path) -> None:
    full = {"data": [{"starting_at": "2026-05-03T00:00:00Z", "results": [{"currency": "USD", "amount": "150.5"}]}]}
    empty = {"data": [{"starting_at": "2026-05-02T00:00:00Z", "results": []}]}
    path = tmp_path / "costs.jsonl"
    path.write_text("".join(json.dumps(page) + "\n" for page in (empty, full, empty)))

    frame, reader = read(path)

    assert (reader.recognised.kind, frame["billed_cost"].to_list(), reader.problems) == (
        "anthropic_costs",
        ["1.505"],
        [],
    )


def test_the_console_s_dashes_stand_for_nothing(tmp_path: Path) -> None:
    path = tmp_path / "cost.csv"
    path.write_text(
        "usage_date_utc,model,workspace,api_key,usage_type,context_window,token_type,cost_usd,list_price_usd,cost_type,"
        "inference_geo,speed\n2026-05-03,--,--,--,--,--,--,0.50,--,web_search,--,--\n"
    )

    frame, _ = read(path)

    assert frame.select("billed_cost", "charge_description").row(0) == ("0.50", "web_search")
    assert frame.select("model", "sub_account_id", "api_key_id", "region_id", "list_cost").row(0) == (None,) * 5
