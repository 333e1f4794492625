import gzip
import json
from decimal import Decimal
from pathlib import Path

import pytest

from tests.projects.sources.readers.samples import COSTS, EXPECTED, evidence, money, read

FILE = COSTS / "litellm_spendlogs_code.jsonl.gz"
WANTED = EXPECTED["llm/litellm_spendlogs_code.jsonl.gz"]
RECORD = {
    "request_id": "r1",
    "call_type": "acompletion",
    "api_key": "k1",
    "spend": 0.0054550000000000006,
    "prompt_tokens": 100,
    "completion_tokens": 40,
    "startTime": "2025-05-01T10:00:00.123Z",
    "endTime": "2025-05-01T10:00:02Z",
    "model": "gpt-4o",
    "custom_llm_provider": "openai",
    "user": "",
    "end_user": "anna",
    "team_id": "team-kb",
    "request_tags": ["initiative:claims", "urgent"],
    "metadata": {
        "user_api_key_team_alias": "Knowledge",
        "usage_object": {
            "prompt_tokens_details": {"cached_tokens": 60},
            "cache_creation_input_tokens": 10,
            "completion_tokens_details": {"reasoning_tokens": 15},
        },
    },
    "messages": [{"role": "user", "content": "SECRET QUESTION"}],
    "response": {"content": "SECRET ANSWER"},
    "proxy_server_request": {"body": "SECRET BODY"},
}


def write(tmp_path: Path, *records: object, name: str = "log.jsonl") -> Path:
    path = tmp_path / name
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


def test_requests_tokens_and_cost_equal_the_expected_totals() -> None:
    frame, reader = read(FILE)

    assert (reader.recognised.kind, reader.recognised.role) == ("litellm_spend_logs", "detail")
    assert frame.height == frame["calls"].sum() == WANTED["rows"]
    assert frame["input_tokens"].sum() == WANTED["prompt_tokens"]
    assert frame["output_tokens"].sum() == WANTED["completion_tokens"]
    assert money(frame["billed_cost"]) == money(frame["effective_cost"]) == Decimal(WANTED["exact_cost_usd"])
    assert frame["tags"].null_count() == WANTED["rows_without_tags"]


def test_teams_equal_the_expected_totals() -> None:
    frame, _ = read(FILE)
    teams = frame["sub_account_id"].fill_null("(none)")

    assert teams.value_counts(sort=False).height == len(WANTED["by_team"])
    for team, figures in WANTED["by_team"].items():
        part = frame.filter(teams == team)
        found = (
            part["calls"].sum(),
            part["input_tokens"].sum(),
            part["output_tokens"].sum(),
            money(part["billed_cost"]),
        )
        expected = (
            *(figures[k] for k in ("requests", "prompt_tokens", "completion_tokens")),
            Decimal(figures["exact_cost_usd"]),
        )
        assert found == expected, team


def test_cached_and_reasoning_tokens_stand_apart_from_input_and_output(tmp_path: Path) -> None:
    frame, _ = read(write(tmp_path, RECORD))

    tokens = frame.select(
        "input_tokens", "cached_read_tokens", "cached_write_tokens", "output_tokens", "reasoning_tokens"
    ).row(0)
    assert tokens == (30, 60, 10, 25, 15)


def test_team_user_model_and_tags_are_read(tmp_path: Path) -> None:
    frame, _ = read(write(tmp_path, RECORD))

    row = frame.row(0, named=True)
    assert (row["sub_account_id"], row["sub_account_name"], row["user_id"]) == ("team-kb", "Knowledge", "anna")
    assert (row["model"], row["service_name"], row["provider_name"]) == ("gpt-4o", "gpt-4o", "openai")
    assert json.loads(row["tags"]) == {"initiative": "claims", "urgent": True}


def test_what_was_asked_and_answered_is_not_in_the_evidence(tmp_path: Path) -> None:
    kept = evidence(write(tmp_path, RECORD, RECORD))

    assert "SECRET" not in kept.write_csv()
    assert kept["request_id"].to_list() == ["r1", "r1"]


@pytest.mark.parametrize(
    ("spend", "cost"),
    [
        (0.0054550000000000006, "0.00545500000000000"),
        (0.1 + 0.2, "0.300000000000000"),
        (1e-7, "0.0000001"),
        (0.01212, "0.01212"),
        (0, "0"),
    ],
)
def test_binary_noise_of_the_gateway_s_arithmetic_is_rounded_at_the_fifteenth_digit(
    tmp_path: Path, spend: float, cost: str
) -> None:
    frame, _ = read(write(tmp_path, {**RECORD, "spend": spend}))

    assert frame["billed_cost"].to_list() == [cost]


def test_the_log_as_a_json_list_and_as_csv_gives_the_same(tmp_path: Path) -> None:
    listed = tmp_path / "log.json"
    listed.write_text(json.dumps([RECORD, RECORD], indent=1))
    table = tmp_path / "log.csv"
    names = [name for name in RECORD if name not in ("messages", "response")]
    cells = [
        json.dumps(RECORD[name]) if isinstance(RECORD[name], (dict, list)) else str(RECORD[name]) for name in names
    ]
    quoted = ",".join('"' + cell.replace('"', '""') + '"' for cell in cells)
    table.write_text(",".join([*names, "messages"]) + "\n" + (quoted + ',"SECRET"\n') * 2)

    lines, _ = read(write(tmp_path, RECORD, RECORD))
    document, _ = read(listed)
    csv, reader = read(table)

    assert reader.recognised.kind == "litellm_spend_logs"
    assert document.drop("row_number").equals(lines.drop("row_number"))
    same = ["billed_cost", "tags", "input_tokens", "cached_read_tokens", "reasoning_tokens", "user_id", "service_name"]
    assert csv.select(same).equals(lines.select(same))
    assert "SECRET" not in evidence(table).write_csv()


def test_a_line_that_is_cut_off_is_a_row_that_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl.gz"
    text = json.dumps(RECORD) + "\n" + json.dumps(RECORD)[:50] + "\n" + json.dumps({"other": 1}) + "\n"
    path.write_bytes(gzip.compress(text.encode()))

    frame, reader = read(path)

    assert frame["row_number"].to_list() == [1]
    assert [(problem.line, problem.reason) for problem in reader.problems] == [
        (2, "is not a line of LiteLLM spend log"),
        (3, "is not a line of LiteLLM spend log"),
    ]
    assert reader.totals.refused_rows == 2


def test_a_log_of_the_least_columns_is_read_without_users_models_or_tokens(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("request_id,api_key,spend,startTime\nr1,k1,0.25,2025-05-01 10:00:00\n")

    frame, _ = read(path)

    row = frame.row(0, named=True)
    assert (row["billed_cost"], row["api_key_id"], row["service_name"]) == ("0.25", "k1", None)


def test_a_bad_amount_is_told_once_under_the_column_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("request_id,api_key,spend,startTime\nr1,k1,abc,2025-05-01 10:00:00\n")

    _, reader = read(path)

    assert [(problem.column, problem.value) for problem in reader.problems] == [("spend", "abc")]


@pytest.mark.parametrize("wrapped", [{"data": ["RECORD"], "total": 1}, [{"data": ["RECORD"]}, {"data": []}]])
def test_the_interface_s_answers_are_read_without_their_envelope(tmp_path: Path, wrapped: object) -> None:
    record = {"request_id": "r1", "api_key": "h", "spend": 0.00123, "startTime": "2026-05-03T10:00:00Z"}
    path = tmp_path / "spend.json"
    path.write_text(json.dumps(wrapped).replace('"RECORD"', json.dumps(record)))

    frame, reader = read(path)

    assert (reader.recognised.kind, frame["billed_cost"].to_list()) == ("litellm_spend_logs", ["0.00123"])


@pytest.mark.parametrize("spend", ["1.2345678901234567e999999", "9.9999999999999999e999999999", "nan"])
def test_an_amount_beyond_money_is_refused_by_row(tmp_path: Path, spend: str) -> None:
    path = tmp_path / "log.csv"
    path.write_text(f"request_id,api_key,spend,startTime\nr1,k1,{spend},2025-05-01 10:00:00\n")

    _, reader = read(path)

    assert [(problem.column, problem.value) for problem in reader.problems] == [("spend", spend)]


@pytest.mark.parametrize(("cached", "refused"), [(10**30, 1), ("1e999999999", 0), (10**11, 0), (-5, 0), ("many", 0)])
def test_cached_tokens_beyond_counts_are_refused_and_no_error(tmp_path: Path, cached: object, refused: int) -> None:
    usage = {"prompt_tokens_details": {"cached_tokens": cached}}

    _, reader = read(write(tmp_path, {**RECORD, "metadata": {"usage_object": usage}}))

    assert reader.totals.refused_rows == refused
