import pytest

from projects.sources.readers.documents import (
    load_document,
    looks_like_json,
    parse,
    read_lines,
    shape_of,
    text_of,
    unwrapped,
)
from projects.sources.readers.interface import Limits, UnreadableFile
from projects.sources.readers.kinds.litellm_spend_logs import KIND

LINE = b'{"request_id":"r","spend":1,"startTime":"2025-05-01"}'


@pytest.mark.parametrize(
    "number", ["0.1", "1e-30", "12345678901234567890.123456789", "-0", "NaN", "100000000000000000000000"]
)
def test_a_number_keeps_its_text(number: str) -> None:
    assert parse(f'{{"a": {number}}}') == {"a": number}


def test_json_of_any_depth_is_json_or_an_error() -> None:
    with pytest.raises(ValueError, match="deep"):
        parse("[" * 100_000)


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, None), ("a", "a"), (True, "true"), (False, "false"), (["é"], '["é"]'), ({"a": None}, '{"a": null}')],
)
def test_a_value_becomes_one_cell(value: object, text: str | None) -> None:
    assert text_of(value) == text


@pytest.mark.parametrize(("head", "json"), [("{", True), (" \n[", True), ("a,b", False), ('"a"', False), ("", False)])
def test_json_begins_with_a_bracket(head: str, json: bool) -> None:
    assert looks_like_json(head) == json


@pytest.mark.parametrize(
    ("head", "shape"),
    [
        ('{"a": 1}\n{"a": 2}\n', "jsonl"),
        ('{"a": 1}\n\n', "json"),
        ('{"a": 1}', "json"),
        ('{\n "a": 1\n}\n', "json"),
        ('[{"a": 1},\n{"a": 2}]', "json"),
        ('\n{"a": 1}\nbroken', "jsonl"),
    ],
)
def test_lines_are_told_from_one_document(head: str, shape: str) -> None:
    assert shape_of(head)[0] == shape


@pytest.mark.parametrize("size", [9, 10])
def test_a_document_may_be_as_large_as_its_limit(size: int) -> None:
    blocks = iter([b'{"a": ', b'"b"}'])
    limits = Limits(max_document_bytes=size)

    if size == 10:
        assert load_document(blocks, limits) == {"a": "b"}
    else:
        with pytest.raises(UnreadableFile, match="9 bytes"):
            load_document(blocks, limits)


@pytest.mark.parametrize("size", [1, 7, 60, 1000])
def test_lines_are_numbered_as_they_stand_wherever_blocks_end(size: int) -> None:
    data = LINE + b"\n\n" + b"broken\n" + LINE + b"\r\n" + LINE
    blocks = iter([data[start : start + size] for start in range(0, len(data), size)])

    (raw,) = read_lines(blocks, KIND, Limits())

    assert raw.frame["row_number"].to_list() == [1, 4, 5]
    assert [(problem.line, problem.value) for problem in raw.problems] == [(3, "broken")]


def test_a_line_without_end_is_too_large() -> None:
    with pytest.raises(UnreadableFile) as refused:
        list(read_lines(iter([b"x" * 60, b"x" * 60]), KIND, Limits(max_record_bytes=100)))

    assert refused.value.code == "too_large"


def test_half_characters_are_replaced_because_no_database_takes_them() -> None:
    line = b'{"request_id":"\\ud800","spend":1,"startTime":"2025-05-01","model":"\xc3\xa9"}\n'

    (raw,) = read_lines(iter([line]), KIND, Limits())

    assert raw.frame.select("request_id", "model").row(0) == ("?", "é")


def test_the_first_line_that_holds_something_tells_what_the_lines_are() -> None:
    shape, document = shape_of('{"data": []}\n{"results": []}\n{"a": 1}\n{"b": 2}\n')

    assert (shape, document) == ("jsonl", {"a": "1"})


@pytest.mark.parametrize(
    ("document", "records"),
    [
        ({"data": [{"a": 1}], "meta": {}}, [{"a": 1}]),
        ([{"data": [{"a": 1}]}, {"data": [{"b": 2}]}], [{"a": 1}, {"b": 2}]),
        ({"data": [{"results": []}]}, {"data": [{"results": []}]}),
        ({"data": []}, {"data": []}),
        ({"data": [1]}, {"data": [1]}),
        ([{"data": [{"a": 1}]}, {"a": 1}], [{"data": [{"a": 1}]}, {"a": 1}]),
        ([{"a": 1}], [{"a": 1}]),
        ([], []),
        ("text", "text"),
    ],
)
def test_records_are_taken_out_of_an_answer_s_envelope_and_pages_stay_pages(document: object, records: object) -> None:
    assert unwrapped(document) == records
