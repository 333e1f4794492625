"""What spreadsheets, scripts and other hands do to an export before it arrives."""

import json
from pathlib import Path

import pytest

from projects.sources.readers.interface import ColumnMapping, UnreadableFile
from projects.sources.readers.reading import recognise
from tests.projects.sources.readers.samples import evidence, read, sums

HEAD = "BilledCost,EffectiveCost,BillingCurrency,ChargePeriodStart,ServiceName,Tags,ListCost,x_own"
ROW = "1.5,1.25,USD,2025-05-01,s,,2,a"


def write(tmp_path: Path, text: str, name: str = "costs.csv") -> Path:
    path = tmp_path / name
    path.write_text(text, newline="")
    return path


ONE = {"USD": sums(1, "1.5", "1.25")}


@pytest.mark.parametrize(
    "titles", ["Cost export\n", "# made by a tool\n", "Cost export,,,,,,,\n,,,,,,,\n", "Report: May\nFor: all\n\n"]
)
def test_titles_above_the_header_are_passed_over_and_told(tmp_path: Path, titles: str) -> None:
    frame, reader = read(write(tmp_path, f"{titles}{HEAD}\n{ROW}\n"))

    assert reader.totals.accepted == ONE
    assert frame["row_number"].to_list() == [titles.count("\n") + 2]
    assert any("above it, such as titles, were passed over" in note for note in reader.notes) or titles.count("\n") == 1


def test_below_titles_a_missing_column_is_still_named(tmp_path: Path) -> None:
    head = "SubscriptionGuid,Date,Meter Category,Unit Of Measure,ExtendedCost"
    path = write(tmp_path, f"Usage Data Extract,,,,\n,,,,\n{head}\nguid,05/13/2017,Storage,GB,0.05\n")

    with pytest.raises(UnreadableFile) as refused:
        recognise(path)

    assert refused.value.code == "missing_column"
    assert "name the currency in the mapping" in refused.value.message
    _, reader = read(path, ColumnMapping(values={"currency": "EUR"}))
    assert reader.totals.accepted == {"EUR": sums(1, "0.05", "0.05")}


def test_below_titles_the_columns_that_a_mapping_names_are_found(tmp_path: Path) -> None:
    said = ColumnMapping(columns={"date": "Day", "service": "What", "amount": "Sum"}, values={"currency": "EUR"})
    path = write(tmp_path, "Costs of May,,,\n,,,\nDay,What,Sum,Team\n2025-05-01,s,1.5,x\n")

    _, reader = read(path, said)

    assert reader.totals.accepted == {"EUR": sums(1, "1.5", "1.5")}


def test_lines_that_stand_whole_in_quotes_are_read(tmp_path: Path) -> None:
    lines = [HEAD, ROW.replace("s,,", 's,"{""app"":""x""}",')]
    wrapped = "".join('"' + line.replace('"', '""') + '"\r\n' for line in lines)

    frame, reader = read(write(tmp_path, wrapped))

    assert reader.totals.accepted == ONE
    assert frame["tags"].to_list() == ['{"app":"x"}']


@pytest.mark.parametrize("end", [",\n", ",,,\n", "\n,,,,,,,\n,,,,,,,\n", "\n\x1a", "\n\0\0\0", f"\n{HEAD}\n"])
def test_what_is_spare_at_the_end_of_rows_and_files_is_no_row(tmp_path: Path, end: str) -> None:
    _, reader = read(write(tmp_path, f"{HEAD}\n{ROW}{end}"))

    assert (reader.totals.accepted, reader.totals.refused_rows) == (ONE, 0)


def test_a_cell_too_many_that_holds_something_is_a_bad_row(tmp_path: Path) -> None:
    _, reader = read(write(tmp_path, f"{HEAD}\n{ROW}\n{ROW},b\n"))

    assert (reader.totals.accepted, reader.totals.refused_rows) == (ONE, 1)


def test_a_row_of_totals_is_refused_by_line_not_counted(tmp_path: Path) -> None:
    _, reader = read(write(tmp_path, f"{HEAD}\n{ROW}\n1.5,1.25,,,Total,,2,\n"))

    assert (reader.totals.accepted, reader.totals.refused_rows) == (ONE, 1)
    assert {problem.line for problem in reader.problems} == {3}


@pytest.mark.parametrize("word", ["NaN", "nan", "-", "--", "#N/A", "n.a.", "NA", "(null)", "undefined", "<NA>", "null"])
def test_a_word_for_no_figure_is_none_where_the_figure_is_optional(tmp_path: Path, word: str) -> None:
    frame, reader = read(write(tmp_path, f"{HEAD}\n1.5,1.25,USD,2025-05-01,s,{word},{word},a\n"))

    assert (reader.totals.accepted, reader.totals.refused_rows) == (ONE, 0)
    assert frame.select("list_cost", "tags").row(0) == (None, None)


@pytest.mark.parametrize("word", ["NaN", "-", "#N/A", "undefined"])
def test_a_word_for_no_figure_in_a_cost_refuses_the_row(tmp_path: Path, word: str) -> None:
    _, reader = read(write(tmp_path, f"{HEAD}\n{ROW}\n1.5,{word},USD,2025-05-01,s,,2,a\n"))

    assert (reader.totals.accepted, reader.totals.refused_rows) == (ONE, 1)


RECORD = {
    "BilledCost": 1.5,
    "EffectiveCost": "1.25",
    "BillingCurrency": "USD",
    "ChargePeriodStart": "2025-05-01T00:00:00Z",
    "ServiceName": "s",
    "Tags": [{"key": "app", "value": "x"}],
}


@pytest.mark.parametrize(
    "text",
    [
        json.dumps([RECORD]),
        json.dumps({"data": [RECORD]}),
        json.dumps(RECORD) + "\n" + json.dumps({**RECORD, "BilledCost": 0, "EffectiveCost": 0, "x_own": "b"}) + "\n",
    ],
)
def test_rows_of_focus_may_be_flat_json(tmp_path: Path, text: str) -> None:
    frame, reader = read(write(tmp_path, text, "costs.json"))

    assert (reader.recognised.kind, reader.totals.refused_rows) == ("focus", 0)
    assert sum(float(cost) for cost in frame["effective_cost"]) == 1.25
    assert frame["tags"][0] == '{"app":"x"}'


def test_columns_of_later_json_lines_are_kept_too(tmp_path: Path) -> None:
    path = write(tmp_path, json.dumps(RECORD) + "\n" + json.dumps({**RECORD, "x_own": "b"}) + "\n", "costs.jsonl")

    assert evidence(path)["x_own"].to_list() == [None, "b"]


def test_slashed_dates_in_json_are_settled_from_the_whole_file(tmp_path: Path) -> None:
    rows = [{**RECORD, "ChargePeriodStart": day} for day in ("05/04/2025", "05/13/2025")]

    frame, _ = read(write(tmp_path, json.dumps(rows), "costs.json"))

    assert frame["charge_period_start"].dt.day().to_list() == [4, 13]


def test_the_tokens_of_a_copilot_report_reach_the_evidence(tmp_path: Path) -> None:
    head = "date,username,product,sku,model,quantity,unit_type,gross_amount,discount_amount,net_amount,input,output"
    row = "2026-08-01,ada,copilot,copilot_ai_credit,Claude,9.1,ai-credits,0.09,0.09,0,198,8209"
    path = write(tmp_path, f"{head}\n{row}\n")

    frame, _ = read(path)

    assert frame.select("input_tokens", "output_tokens").row(0) == (198, 8209)
    assert evidence(path).select("input", "output").row(0) == ("198", "8209")
