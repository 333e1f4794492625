import polars as pl
import pytest

from projects.sources.readers.content import is_content, without_content


@pytest.mark.parametrize(
    "column",
    ["prompt", "Prompts", "messages", "response", "Request Body", "x_Prompt", "x_response-body", "input", "OUTPUT",
     "proxy_server_request", "metadata", "completion"],
)  # fmt: skip
def test_what_people_or_models_wrote_is_content(column: str) -> None:
    assert is_content(column)


@pytest.mark.parametrize(
    "column",
    ["prompt_tokens", "completion_tokens", "Tags", "input_tokens", "ChargeDescription", "request_id", "request_tags",
     "total_response_time_ms", "InvoiceId", "x_CostCenter"],
)  # fmt: skip
def test_what_a_bill_says_is_no_content(column: str) -> None:
    assert not is_content(column)


def test_counts_of_tokens_stay_and_text_in_their_column_does_not() -> None:
    frame = pl.DataFrame({"input": ["198", "tell me a secret", None, "1,234"], "output": ["8", "9", "1", "2"]})

    kept = without_content(frame, frozenset({"input"}))

    assert kept.to_dict(as_series=False) == {"input": ["198", None, None, "1,234"]}


def test_only_content_is_left_out() -> None:
    frame = pl.DataFrame({"row_number": [1], "Prompt": ["secret"], "x_messages": ["secret"], "Tags": ["{}"]})

    assert without_content(frame).columns == ["row_number", "Tags"]
