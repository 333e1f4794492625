from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from projects.guardrails.rules import (
    AGENT,
    CORE,
    codes_for,
    is_fresh,
    number_of,
    output_limit_proof,
    share_proof,
    token_budget_proof,
    value_blockers,
)

AT = datetime(2026, 11, 16, 9, tzinfo=UTC)


def test_six_guardrails_and_eight_agent_limits():
    assert (len(CORE), len(AGENT)) == (6, 8)


@pytest.mark.parametrize(
    ("stage", "autonomy", "count"),
    [
        ("concept", "autonomous", 0),
        ("mvp", "assistive", 6),
        ("mvp", "", 6),
        ("pilot", "supervised", 14),
        ("scale", "autonomous", 14),
    ],
)
def test_stage_and_autonomy_say_which_are_needed(stage, autonomy, count):
    assert len(codes_for(stage, autonomy)) == count


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ("38,000,000", 38000000),
        ("0.5", Decimal("0.5")),
        ("1", 1),
        ("0", None),
        ("-1", None),
        ("NaN", None),
        ("1e9", None),
        ("١٢", None),
        ("many", None),
        ("", None),
        ("1.2.3", None),
    ],
)
def test_number_is_plain_and_above_zero(value, number):
    assert number_of(value) == number


@pytest.mark.parametrize(
    ("code", "value", "reason", "found"),
    [
        ("token_budget", "38000000", "", []),
        ("token_budget", "plenty", "", ["not_a_number"]),
        ("token_budget", "", "", ["value_missing"]),
        ("token_budget", "", "Not ours.", ["always_applies"]),
        ("prompt_caching", "", "No prompt repeats.", []),
        ("routing_policy", "Small first.", "", []),
        ("horoscope", "1", "", ["unknown_guardrail"]),
    ],
)
def test_value_fits_its_guardrail(code, value, reason, found):
    assert [row.code for row in value_blockers(code, value, reason)] == found


@pytest.mark.parametrize(("days", "fresh"), [(89, True), (90, True), (91, False)])
def test_proof_is_fresh_up_to_its_last_day(days, fresh):
    assert is_fresh(AT - timedelta(days=days), at=AT, days=90) is fresh


def test_no_proof_is_not_fresh():
    assert not is_fresh(None, at=AT, days=90)


@pytest.mark.parametrize(("tokens", "holds"), [("99", True), ("100", True), ("101", False)])
def test_budget_holds_up_to_itself(tokens, holds):
    assert token_budget_proof(Decimal(tokens), Decimal(100)).holds is holds


@pytest.mark.parametrize(("largest", "over", "holds"), [("350", 0, True), ("351", 0, False), ("350", 1, False)])
def test_output_limit_holds_without_a_call_above_it(largest, over, holds):
    assert output_limit_proof(Decimal(largest), over, Decimal(350)).holds is holds


@pytest.mark.parametrize(("part", "holds"), [("19.9", False), ("20", True), ("20.1", True)])
def test_share_holds_from_the_policy_on(part, holds):
    assert share_proof(Decimal(part), Decimal(100), Decimal(20), "read from cache").holds is holds


def test_share_of_nothing_is_unknown():
    assert share_proof(Decimal(0), Decimal(0), Decimal(20), "read from cache") is None
