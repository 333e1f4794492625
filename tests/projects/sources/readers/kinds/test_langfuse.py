import json
from decimal import Decimal
from pathlib import Path

import pytest

from projects.sources.readers.kinds.langfuse import tokens
from tests.projects.sources.readers.samples import COSTS, EXPECTED, evidence, money, read

FILE = COSTS / "langfuse_traces_trimmed.json"
WANTED = EXPECTED["llm/langfuse_traces_trimmed.json"]


def test_generations_tokens_and_cost_equal_the_expected_totals() -> None:
    frame, reader = read(FILE)

    observations = [entry for trace in json.loads(FILE.read_text()) for entry in trace["observations"]]
    assert (reader.recognised.kind, reader.recognised.role) == ("langfuse", "detail")
    assert len(observations) == WANTED["observations"]
    assert frame.height == WANTED["generations"]
    assert money(frame["billed_cost"]) == Decimal(WANTED["sum_total_cost"])
    given = frame["input_tokens"] + frame["cached_read_tokens"] + frame["cached_write_tokens"]
    assert given.sum() == WANTED["input_tokens"]


def test_output_with_the_reasoning_inside_it_adds_up_to_the_expected_totals() -> None:
    frame, _ = read(FILE)
    usage = [json.loads(text) for text in evidence(FILE)["usageDetails"]]

    outside = sum(
        int(entry.get("completion_details.reasoning", 0))
        for entry in usage
        if "total" in entry and int(entry["total"]) > int(entry.get("input", 0)) + int(entry.get("output", 0))
    )
    answered = (frame["output_tokens"] + frame["reasoning_tokens"]).sum() - outside
    assert answered == WANTED["output_tokens"]


@pytest.mark.parametrize(
    ("usage", "buckets"),
    [
        ({"input": "10", "output": "5", "total": "15"}, ("10", "5", "0", "0", "0")),
        ({"input": "10", "total": "10"}, ("10", "0", "0", "0", "0")),
        ({"input": "10", "output": "5", "total": "15", "prompt_details.cache_read": "4"}, ("6", "5", "4", "0", "0")),
        ({"input": "6", "output": "5", "total": "15", "input_cache_read": "4"}, ("6", "5", "4", "0", "0")),
        (
            {"input": "10", "output": "5", "total": "15", "completion_details.reasoning": "3"},
            ("10", "2", "0", "0", "3"),
        ),
        (
            {"input": "10", "output": "5", "total": "18", "completion_details.reasoning": "3"},
            ("10", "5", "0", "0", "3"),
        ),
        ({"input": "10", "output": "5", "input_cached_tokens": "4"}, ("10", "5", "4", "0", "0")),
        ({}, ("0", "0", "0", "0", "0")),
    ],
)
def test_free_names_become_buckets_that_do_not_overlap(usage: dict[str, str], buckets: tuple[str, ...]) -> None:
    found = tokens(usage)

    names = ("input_tokens", "output_tokens", "cached_read_tokens", "cached_write_tokens", "reasoning_tokens")
    assert tuple(found[name] for name in names) == buckets


def test_a_list_of_observations_is_read_like_traces_and_content_is_left_out(tmp_path: Path) -> None:
    observation = {"id": "o1", "traceId": "t1", "type": "GENERATION", "startTime": "2025-06-11T14:01:32.598Z", "model": "gpt-4o", "usageDetails": {"input": 3, "output": 4, "total": 7}, "totalCost": 1e-05, "input": "SECRET", "output": "SECRET", "userId": "anna", "environment": "prod"}  # fmt: skip
    path = tmp_path / "observations.json"
    path.write_text(json.dumps([observation, {**observation, "type": "SPAN"}]))

    frame, _ = read(path)

    row = frame.row(0, named=True)
    assert frame.height == 1
    assert (row["billed_cost"], row["user_id"], row["tags"]) == ("0.00001", "anna", '{"environment":"prod"}')
    assert "SECRET" not in evidence(path).write_csv()


OBSERVATION = {"id": "o1", "traceId": "t1", "type": "GENERATION", "name": "n", "startTime": "2026-05-03T10:00:00Z",
               "model": "gpt-4o"}  # fmt: skip


@pytest.mark.parametrize(
    ("measured", "cost", "tokens_in"),
    [
        ({"totalCost": 0.003, "usageDetails": {"input": 10, "output": 5, "total": 15}}, "0.003", 10),
        ({"calculatedTotalCost": "0.003", "promptTokens": 7, "completionTokens": 2, "totalTokens": 9}, "0.003", 7),
        ({"costDetails": {"input": 0.001, "total": 3e-05}, "usageDetails": {"input": 4}}, "0.00003", 4),
        ({"totalCost": None, "usage": {"input": 6, "output": 1, "total": 7, "unit": "TOKENS"}}, "0", 6),
    ],
)
@pytest.mark.parametrize("answer", [False, True])
def test_cost_and_tokens_are_found_under_older_names_too(
    tmp_path: Path, measured: dict[str, object], cost: str, tokens_in: int, answer: bool
) -> None:
    path = tmp_path / "observations.json"
    listed = [{**OBSERVATION, **measured}]
    path.write_text(json.dumps({"data": listed, "meta": {"page": 1}} if answer else listed))

    frame, reader = read(path)

    assert reader.recognised.kind == "langfuse"
    assert frame.select("billed_cost", "input_tokens").rows() == [(cost, tokens_in)]


def test_a_table_of_observations_is_read_like_the_document_and_leaves_spans_out(tmp_path: Path) -> None:
    path = tmp_path / "observations.csv"
    path.write_text(
        "id,traceId,traceName,traceTags,type,name,startTime,endTime,model,input,output,totalCost,usageDetails,userId,"
        "environment\n"
        'o1,t1,claims,"[""team:a""]",GENERATION,n,2026-05-03T10:00:00Z,,gpt-4o,SECRET,SECRET,0.003,'
        '"{""input"":10,""output"":5,""total"":15}",anna,prod\n'
        "o2,t1,claims,,SPAN,n,2026-05-03T10:00:00Z,,,SECRET,,,,anna,prod\n"
        "o3,t1,claims,,TOOL,n,2026-05-03T10:00:00Z,,,,,1e-06,,anna,prod\n"
    )

    frame, reader = read(path)

    assert (reader.recognised.kind, reader.recognised.role) == ("langfuse", "detail")
    assert frame["billed_cost"].to_list() == ["0.003", "0.000001"]
    row = frame.row(0, named=True)
    assert (row["service_name"], row["input_tokens"], row["output_tokens"], row["user_id"]) == ("claims", 10, 5, "anna")
    assert json.loads(row["tags"]) == {"team": "a", "environment": "prod"}
    assert "SECRET" not in evidence(path).write_csv()


def test_a_bad_cost_in_a_table_of_observations_is_told_under_its_column(tmp_path: Path) -> None:
    path = tmp_path / "observations.csv"
    path.write_text("traceId,type,startTime,totalCost\nt,GENERATION,2026-05-03T10:00:00Z,free\n")

    _, reader = read(path)

    assert [(problem.line, problem.column, problem.value) for problem in reader.problems] == [(2, "totalCost", "free")]


def test_the_model_that_was_named_is_read_where_the_export_says_so_only(tmp_path: Path) -> None:
    row = {
        "id": "o", "traceId": "t", "type": "GENERATION", "startTime": "2026-05-01T10:00:00.000Z", "modelId": "cl0",
        "providedModelName": "gpt-4o", "usageDetails": {"input": 3, "output": 2, "total": 5},
        "costDetails": {"input": 0.1, "output": 0.2, "total": 0.3}, "totalCost": 0.3,
    }  # fmt: skip
    path = tmp_path / "events.json"
    path.write_text(json.dumps([row]))
    table = tmp_path / "events.csv"
    cells = [value if isinstance(value, str) else json.dumps(value).replace('"', '""') for value in row.values()]
    table.write_text(",".join(row) + "\n" + ",".join(f'"{cell}"' for cell in cells) + "\n")

    for file in (path, table):
        frame, _ = read(file)
        assert frame.select("model", "billed_cost", "input_tokens", "output_tokens").row(0) == ("gpt-4o", "0.3", 3, 2)
