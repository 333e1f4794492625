import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from projects.sources.readers.interface import UnreadableFile
from projects.sources.readers.pages import MORE_PAGES
from projects.sources.readers.reading import recognise
from tests.projects.sources.readers.samples import COSTS, read, sums

EXAMPLES = json.loads((COSTS / "openai_usage_and_costs.json").read_text())["examples"]
COST_PAGE = EXAMPLES["/organization/costs"]
USAGE_PAGE = EXAMPLES["/organization/usage/completions"]


def write(tmp_path: Path, document: Any, indent: int | None = 1) -> Path:
    path = tmp_path / "page.json"
    path.write_text(document if isinstance(document, str) else json.dumps(document, indent=indent))
    return path


def page(*results: dict[str, Any], more: bool = False) -> dict[str, Any]:
    return {"object": "page", "data": [{"object": "bucket", "start_time": 1730419200, "end_time": 1730505600, "results": list(results)}], "has_more": more}  # fmt: skip


def cost(value: Any, currency: str = "usd", **more: Any) -> dict[str, Any]:
    return {"object": "organization.costs.result", "amount": {"value": value, "currency": currency}, **more}


def test_the_published_example_of_costs_is_six_cents_of_a_day(tmp_path: Path) -> None:
    frame, reader = read(write(tmp_path, COST_PAGE))

    row = frame.row(0, named=True)
    assert (reader.recognised.kind, reader.recognised.role) == ("openai_costs", "fact")
    assert (row["billed_cost"], row["effective_cost"], row["billing_currency"]) == ("0.06", "0.06", "USD")
    assert row["charge_period_start"] == datetime(2024, 11, 1, tzinfo=UTC)
    assert row["charge_period_end"] == datetime(2024, 11, 2, tzinfo=UTC)


@pytest.mark.parametrize("value", ['"0.000001230000000000000001"', "0.000001230000000000000001"])
def test_an_amount_is_exact_whether_number_or_text(tmp_path: Path, value: str) -> None:
    text = json.dumps(page(cost("AMOUNT"))).replace('"AMOUNT"', value)

    frame, _ = read(write(tmp_path, text))

    assert frame["billed_cost"].to_list() == ["0.000001230000000000000001"]


def test_projects_lines_and_quantities_are_kept_where_grouped(tmp_path: Path) -> None:
    grouped = cost(1, line_item="gpt-4o, input", project_id="proj_1", api_key_id="key_1", quantity=3.5, quantity_unit="1000_tokens")  # fmt: skip

    frame, _ = read(write(tmp_path, page(grouped)))

    row = frame.row(0, named=True)
    assert (row["sub_account_id"], row["api_key_id"], row["charge_description"]) == ("proj_1", "key_1", "gpt-4o, input")
    assert (row["consumed_quantity"], row["consumed_unit"]) == ("3.5", "1000_tokens")


@pytest.mark.parametrize("indent", [None, 2])
def test_several_pages_are_one_file(tmp_path: Path, indent: int | None) -> None:
    frame, reader = read(write(tmp_path, [page(cost(1), more=True), page(cost(2), cost(3, "EUR"))], indent))

    assert frame["row_number"].to_list() == [1, 2, 3]
    assert reader.totals.accepted == {"EUR": sums(1, "3", "3"), "USD": sums(2, "3", "3")}
    assert MORE_PAGES not in reader.notes


def test_pages_as_json_lines_are_one_file(tmp_path: Path) -> None:
    frame, reader = read(write(tmp_path, json.dumps(page(cost(1))) + "\n" + json.dumps(page(cost(2))) + "\n"))

    assert reader.recognised.container == "jsonl"
    assert frame["row_number"].to_list() == [1, 2]


def test_a_last_page_that_is_not_the_last_is_told(tmp_path: Path) -> None:
    _, reader = read(write(tmp_path, page(cost(1), more=True)))

    assert MORE_PAGES in reader.notes


def test_a_result_without_amount_is_refused_by_row(tmp_path: Path) -> None:
    _, reader = read(write(tmp_path, page(cost(1), {"object": "organization.costs.result"}, cost("NaN"))))

    assert {(problem.line, problem.reason) for problem in reader.problems} >= {
        (2, "is empty; write 0 where nothing is charged"),
        (3, "is not a finite number"),
    }
    assert (reader.totals.accepted_rows, reader.totals.refused_rows) == (1, 2)


def test_the_published_example_of_usage_is_split_into_buckets_that_do_not_overlap(tmp_path: Path) -> None:
    frame, reader = read(write(tmp_path, USAGE_PAGE))

    row = frame.row(0, named=True)
    assert (reader.recognised.kind, reader.recognised.has_money) == ("openai_usage", False)
    assert (row["input_tokens"], row["cached_read_tokens"], row["cached_write_tokens"]) == (500, 400, 100)
    assert (row["output_tokens"], row["calls"]) == (500, 5)
    assert (row["billed_cost"], row["billing_currency"]) == (None, None)


def test_what_other_endpoints_count_is_a_quantity_with_its_unit(tmp_path: Path) -> None:
    images = {"object": "organization.usage.images.result", "images": 7, "num_model_requests": 3}
    searches = {"object": "organization.usage.web_searches.result", "num_requests": 9, "num_model_requests": 4}

    frame, _ = read(write(tmp_path, page(images, searches)))

    assert frame.select("consumed_quantity", "consumed_unit", "calls").rows() == [
        ("7", "Images", 3),
        ("9", "Requests", 4),
    ]


@pytest.mark.parametrize("document", [page(), {"object": "page", "data": []}, [page(), page()]])
def test_a_page_without_results_holds_no_rows(tmp_path: Path, document: Any) -> None:
    with pytest.raises(UnreadableFile) as refused:
        recognise(write(tmp_path, document))

    assert refused.value.code == "no_rows"


def test_the_dashboard_s_csv_of_costs_is_read_like_the_interface(tmp_path: Path) -> None:
    path = tmp_path / "cost_2025.csv"
    path.write_text(
        "start_time,end_time,start_time_iso,end_time_iso,amount_value,amount_currency,line_item,organization_id,project_id\n"
        '1730419200,1730505600,2024-11-01T00:00:00+00:00,2024-11-02T00:00:00+00:00,0.06,usd,"gpt-4o, input",org-1,proj_1\n'
    )

    frame, reader = read(path)

    row = frame.row(0, named=True)
    assert reader.recognised.kind == "openai_costs"
    assert (row["billed_cost"], row["billing_currency"], row["sub_account_id"]) == ("0.06", "USD", "proj_1")
    assert row["charge_period_start"] == datetime(2024, 11, 1, tzinfo=UTC)


def test_the_interface_s_own_description_is_no_export() -> None:
    with pytest.raises(UnreadableFile) as refused:
        recognise(COSTS / "openai_usage_and_costs.json")

    assert refused.value.code == "not_a_cost_file"


@pytest.mark.parametrize(
    "text", ['{"object": "page", "data": [', "[[[" * 100_000, "{}", "[]", '{"a": NaN}', "[1, 2]", '{"\ud800": 1}']
)
def test_a_document_cut_off_or_foreign_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "page.json"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))

    with pytest.raises(UnreadableFile) as refused:
        recognise(path)

    assert refused.value.code in ("damaged_file", "unknown_document")


@pytest.mark.parametrize("lines", [False, True])
def test_buckets_without_their_pages_are_read_too(tmp_path: Path, lines: bool) -> None:
    buckets = [
        {"start_time": 1777766400, "end_time": 1777852800, "results": []},
        {
            "start_time": 1777852800,
            "end_time": 1777939200,
            "results": [{"object": "organization.costs.result", "amount": {"value": "0.25", "currency": "usd"}}],
        },
    ]
    path = tmp_path / "costs.json"
    path.write_text("".join(json.dumps(one) + "\n" for one in buckets) if lines else json.dumps(buckets))

    frame, reader = read(path)

    assert (reader.recognised.kind, frame["billed_cost"].to_list()) == ("openai_costs", ["0.25"])


def test_the_dashboard_s_csv_of_usage_is_usage_without_money(tmp_path: Path) -> None:
    path = tmp_path / "usage.csv"
    path.write_text("start_time,end_time,num_model_requests,model,input_tokens,output_tokens\n1,2,1,m,1,2\n")

    with pytest.raises(UnreadableFile) as refused:
        read(path)

    assert refused.value.code == "usage_without_money"


DASHBOARD = (
    "start_time\tend_time\tstart_time_iso\tend_time_iso\tamount_value\tamount_currency\tline_item\torganization_id\n"
    "1759968000\t1760054400\t2025-10-09T00:00:00+00:00\t2025-10-10T00:00:00+00:00\t\t\t\t\n"
)


def test_days_on_which_nothing_was_charged_are_no_rows(tmp_path: Path) -> None:
    path = tmp_path / "cost.tsv"
    path.write_text(
        DASHBOARD
        + "1760054400\t1760140800\t2025-10-10T00:00:00+00:00\t2025-10-11T00:00:00+00:00\t0.3409\tusd\t\torg-1\n"
        + "1760140800\t1760227200\t2025-10-11T00:00:00+00:00\t2025-10-12T00:00:00+00:00\t\tusd\t\torg-1\n"
    )

    frame, reader = read(path)

    assert frame["billed_cost"].to_list() == ["0.3409"]
    assert [(problem.line, problem.column) for problem in reader.problems] == [
        (4, "amount_value")
    ]  # it says a currency


def test_a_report_of_such_days_alone_has_no_charges(tmp_path: Path) -> None:
    path = tmp_path / "cost.tsv"
    path.write_text(DASHBOARD)

    with pytest.raises(UnreadableFile, match="No row of the file is a charge"):
        read(path)
