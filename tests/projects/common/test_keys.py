import pytest

from projects.common.keys import next_key, next_keys, reserve_key

pytestmark = pytest.mark.django_db


def test_many_keys_are_given_out_in_order_and_never_again():
    assert next_key("AI") == "AI-001"
    assert next_keys("AI", 3) == ["AI-002", "AI-003", "AI-004"]
    assert next_key("AI") == "AI-005"


def test_no_keys_are_none_and_leave_no_gap():
    assert next_keys("AI", 0) == []
    assert next_key("AI") == "AI-001"


def test_keys_follow_a_reserved_one_and_grow_past_their_width():
    reserve_key("AI-998")

    assert next_keys("AI", 2) == ["AI-999", "AI-1000"]


def test_prefixes_count_apart():
    assert next_keys("GR", 2) == ["GR-0001", "GR-0002"]
    assert next_key("AIC-2026") == "AIC-2026-001"
