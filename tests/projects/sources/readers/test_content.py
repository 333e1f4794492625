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


def test_only_content_is_left_out() -> None:
    frame = pl.DataFrame({"row_number": [1], "Prompt": ["secret"], "x_messages": ["secret"], "Tags": ["{}"]})

    assert without_content(frame).columns == ["row_number", "Tags"]
