import pytest

from projects.sources.readers.pages import apart, buckets_of, is_empty, moment_of, pages_of, results_of, whole

PAGE = {"data": [{"results": [{"a": "1"}, "no", {"b": "2"}]}, "no", {"results": None}, {}]}


@pytest.mark.parametrize(
    ("document", "pages"),
    [
        ({"results": []}, 1),
        ([{"results": []}, {"results": [{}]}], 1),
        ([{"results": []}, {}], 0),
        (PAGE, 1),
        ([PAGE, PAGE], 2),
        ([PAGE, {}], 0),
        ({}, 0),
        ({"data": {}}, 0),
        ("text", 0),
        (None, 0),
        ([], 0),
    ],
)
def test_a_page_holds_a_list_of_data(document: object, pages: int) -> None:
    assert len(pages_of(document)) == pages


def test_what_is_no_bucket_or_result_is_passed_over() -> None:
    assert len(list(buckets_of(PAGE))) == 3
    assert [result for _, result in results_of([PAGE, PAGE])] == [{"a": "1"}, {"b": "2"}] * 2


@pytest.mark.parametrize(
    ("seconds", "moment"),
    [
        ("0", "1970-01-01T00:00:00Z"),
        ("1730419200", "2024-11-01T00:00:00Z"),
        ("99999999999", "5138-11-16T09:46:39Z"),
        ("-1", "-1"),
        ("1730419200.5", "1730419200.5"),
        ("999999999999", "999999999999"),
        (None, None),
    ],
)
def test_seconds_become_a_moment_and_other_text_stays_to_be_refused(seconds: str | None, moment: str | None) -> None:
    assert moment_of(seconds) == moment


@pytest.mark.parametrize(
    ("value", "count"), [("5", 5), ("0", 0), (None, 0), ("-1", 0), ("x", 0), ("1.5", 0), ("9" * 19, 0)]
)
def test_a_count_is_whole_or_nothing(value: object, count: int) -> None:
    assert whole(value) == count


@pytest.mark.parametrize(
    ("total", "parts", "rest"),
    [("10", ("4", "1"), "5"), ("10", (None,), "10"), ("3", ("4",), "0"), (None, ("1",), None), ("x", ("1",), "x")],
)
def test_parts_are_taken_out_of_a_total_that_includes_them(
    total: str | None, parts: tuple[str | None, ...], rest: str | None
) -> None:
    assert apart(total, *parts) == rest


@pytest.mark.parametrize(
    ("document", "empty"),
    [
        ({"data": []}, True),
        ({"data": [{"results": []}]}, True),
        ({"results": []}, True),
        (PAGE, False),
        ({}, False),
        ([], False),
    ],
)
def test_pages_without_results_are_empty_and_other_documents_are_not(document: object, empty: bool) -> None:
    assert is_empty(document) is empty
