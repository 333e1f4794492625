import json

import polars as pl
import pytest

from projects.sources.readers import tags as tags_module
from projects.sources.readers.tags import LONGEST_TAGS, NotTags, TagBook, read_tags


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("{}", "{}"),
        ('{"b": "2", "a": "1"}', '{"a":"1","b":"2"}'),
        ('{" org": "x", "ms:Department": "y", "aks.node": true}', '{" org":"x","aks.node":true,"ms:Department":"y"}'),
        ('{"team": "Bücher"}', '{"team":"Bücher"}'),
        ('{"deep": {"z": 1, "a": [1, null]}}', '{"deep":{"a":[1,null],"z":1}}'),
        ('{"version": 1.10}', '{"version":"1.10"}'),
        ('{"size": 1e400}', '{"size":"1e400"}'),
        ('"tagA": "valueA","tagB": "valueB"', '{"tagA":"valueA","tagB":"valueB"}'),
        ('[{"key": "app", "value": "claims"}, {"key": "n", "value": 1}]', '{"app":"claims","n":1}'),
        ('[{"key": "app", "value": "claims", "x_type": "label"}]', '{"app":"claims"}'),
        (
            '[{"key": "app", "value": "mine", "x_inherited": false}, '
            '{"key": "app", "value": "theirs", "x_inherited": true}]',
            '{"app":"mine"}',
        ),
        ('[{"Key": "app", "Value": "claims"}]', '{"app":"claims"}'),
        ("[]", "{}"),
        ("{'app': 'claims', 'env': None, 'x': True}", '{"app":"claims","env":null,"x":true}'),
        ("app=claims;env=prod", '{"app":"claims","env":"prod"}'),
        ("{app=claims, cost centre=9}", '{"app":"claims","cost centre":"9"}'),
        ("app=", '{"app":""}'),
    ],
)
def test_tags_are_one_object_with_sorted_keys_as_they_are_spelled(text: str, canonical: str) -> None:
    assert read_tags(text) == (canonical, False)


def test_a_key_that_stands_twice_keeps_its_last_value_and_is_told() -> None:
    assert read_tags('{"a": "1", "a": "2"}') == ('{"a":"2"}', True)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[1, 2]", "is not a JSON object"),
        ("true", "is not a JSON object"),
        ("prod;web", "is not a JSON object"),
        ('{"a": ', "is not a JSON object"),
        ('{"a": "\\u0000"}', "contains the NUL character"),
        ('{"a": "\\ud800"}', "contains half a character (a lone surrogate)"),
        ('{"a": NaN}', "contains NaN, which is no JSON value"),
        ('{"a":' * 9000 + "1" + "}" * 9000, "is nested too deep"),
        (json.dumps({"a": "x" * LONGEST_TAGS}), "is longer than 65,536 characters"),
    ],
)
def test_what_is_no_object_of_tags_is_refused_with_its_reason(text: str, reason: str) -> None:
    with pytest.raises(NotTags) as refused:
        read_tags(text)

    assert str(refused.value) == reason


def test_a_column_gives_its_tags_its_reasons_and_what_stands_twice() -> None:
    tags, reasons, repeated = TagBook().normalise(pl.Series(['{"a": 1}', None, "no", '{"b":1,"b":2}']))

    assert tags.to_list() == ['{"a":1}', None, None, '{"b":2}']
    assert reasons == {"no": "is not a JSON object"}
    assert repeated == {'{"b":1,"b":2}'}


def test_a_column_without_any_tags_has_none() -> None:
    tags, reasons, repeated = TagBook().normalise(pl.Series([None, None]))

    assert tags.to_list() == [None, None]
    assert not reasons
    assert not repeated


def test_a_text_of_an_earlier_batch_is_not_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    book, read = TagBook(), []
    book.normalise(pl.Series(['{"a": 1}', "no", " "]))
    monkeypatch.setattr(tags_module, "read_tags", lambda text: (read.append(text), read_tags(text))[1])

    tags, reasons, _ = book.normalise(pl.Series(["no", '{"a": 1}', '{"c": 3}', " "]))

    assert tags.to_list() == [None, '{"a":1}', '{"c":3}', None]
    assert reasons == {"no": "is not a JSON object"}
    assert read == ['{"c": 3}']


def test_more_texts_than_are_kept_are_read_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tags_module, "KEPT_TEXTS", 2)
    book = TagBook()
    batches = [pl.Series([f'{{"n": 1{batch}{n}}}' for n in range(3)] + ["no"]) for batch in range(3)]

    read = [book.normalise(batch) for batch in batches]

    assert [tags.to_list() for tags, _, _ in read] == [
        [f'{{"n":1{batch}{n}}}' for n in range(3)] + [None] for batch in range(3)
    ]
    assert all(reasons == {"no": "is not a JSON object"} for _, reasons, _ in read)
