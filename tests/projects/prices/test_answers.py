from decimal import Decimal

import pytest

from projects.prices.answers import NoUsage, extract, served_as
from projects.prices.sheets import Provider

DIRECTIONS = {
    "api_flavor": "default",
    "root": "usage",
    "model_path": "model",
    "mappings": [
        {"path": "fresh", "dest": "input_tokens", "required": True},
        {"path": "cached", "dest": "input_tokens", "required": False},
        {"path": ["details", "cached"], "dest": "cache_read_tokens", "required": False},
        {
            "path": [
                "parts",
                {"type": "array-match", "field": "kind", "match": {"equals": "AUDIO"}},
                "count",
            ],
            "dest": "input_audio_tokens",
            "required": False,
        },
        {"path": "stars", "dest": "moon_dust", "required": False},
    ],
}
ACME = Provider("acme", "Acme", (), extractors=(DIRECTIONS,))


def read(usage: object, **body: object):
    return extract(ACME, "default", {"usage": usage, **body})


def test_counts_from_several_places_add_up():
    assert read({"fresh": 3, "cached": 4}, model="m") == ("m", {"input_tokens": Decimal(7)})


def test_nested_counts_and_items_of_lists_are_found():
    parts = [{"kind": "TEXT", "count": 1}, {"kind": "audio", "count": 2}, {"kind": "AUDIO", "count": 9}]

    _, counts = read({"fresh": 3, "details": {"cached": 1}, "parts": parts})

    assert counts == {
        "input_tokens": Decimal(3),
        "cache_read_tokens": Decimal(1),
        "input_audio_tokens": Decimal(2),
    }


def test_a_fraction_of_a_token_stays_exact():
    assert read({"fresh": Decimal("0.1")})[1] == {"input_tokens": Decimal("0.1")}


def test_an_unnamed_model_is_an_empty_name():
    assert read({"fresh": 1})[0] == ""
    assert read({"fresh": 1}, model=7)[0] == ""


@pytest.mark.parametrize("usage", [None, 5, [], {}, {"fresh": None}, {"fresh": "3"}, {"fresh": True}, {"cached": 3}])
def test_an_answer_of_another_shape_has_no_usage(usage):
    with pytest.raises(NoUsage):
        read(usage)


@pytest.mark.parametrize("count", [-1, Decimal("-0.5"), Decimal("Infinity"), Decimal("NaN")])
def test_a_count_that_is_negative_or_not_finite_is_refused(count):
    with pytest.raises(NoUsage, match="finite and not negative"):
        read({"fresh": count})


def test_an_optional_place_of_another_shape_is_passed_over():
    assert read({"fresh": 1, "details": 5, "parts": [1, {"kind": 2}]})[1] == {"input_tokens": Decimal(1)}


def test_an_unknown_api_is_named():
    with pytest.raises(NoUsage, match="acme has no API called chat"):
        extract(ACME, "chat", {})


@pytest.mark.parametrize(
    ("body", "context"),
    [
        ({"service_tier": "priority"}, {"service_tier": "priority"}),
        ({"usage": {"service_tier": "standard"}}, {"service_tier": "standard"}),
        ({"usage": {"service_tier": "batch"}}, {"processing": "batch"}),
        ({"service_tier": None, "usage": []}, {}),
        ({"service_tier": 3}, {}),
        ({}, {}),
    ],
)
def test_an_answer_says_how_it_was_served(body, context):
    assert served_as(body) == context
