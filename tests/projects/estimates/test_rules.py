from dataclasses import replace
from decimal import Decimal

import pytest

from projects.estimates.rules import (
    LAYERS,
    LINES,
    Line,
    Prices,
    Usage,
    estimate_blockers,
    full_cost,
    model_usage_cost,
    visible_bill_share,
)


def lines(**likely):
    return [
        Line(code, layer, Decimal(0), Decimal(likely.get(code, 0)), Decimal(likely.get(code, 0)))
        for code, (_, layer) in LINES.items()
    ]


def codes(rows):
    return [blocker.code for blocker in estimate_blockers(rows)]


def test_nine_lines_each_with_a_cost_layer():
    assert len(LINES) == 9
    assert {layer for _, layer in LINES.values()} <= set(LAYERS)


def test_visible_bill_is_model_usage_over_full_cost():
    assert visible_bill_share(lines(model_usage=400, human_review=600)) == Decimal("0.4")
    assert visible_bill_share(lines(human_review=600)) == 0


def test_share_of_nothing_is_unknown():
    assert visible_bill_share(lines()) is None


def test_full_cost_adds_up_each_side():
    whole = full_cost([Line("tooling", "platform", Decimal(1), Decimal(2), Decimal(3))] * 2)

    assert (whole.low, whole.likely, whole.high) == (Decimal(2), Decimal(4), Decimal(6))


def test_usage_is_priced_by_calls_tokens_cache_retries_and_tools():
    usage = Usage(
        requests=Decimal(1000),
        input_tokens=Decimal(2000),
        output_tokens=Decimal(500),
        cached_ratio=Decimal("0.5"),
        retry_ratio=Decimal("0.1"),
        agent_steps=Decimal(2),
        tool_calls=Decimal(3),
    )
    prices = Prices(Decimal(3), Decimal(15), Decimal("0.3"), Decimal("0.01"))

    # 2,200 calls, each 1,000 fresh, 1,000 cached and 500 out; 3,000 tool calls
    assert model_usage_cost(usage, prices) == Decimal(2200) * Decimal("0.0108") + Decimal(30)


def test_nothing_asked_costs_nothing():
    usage = Usage(Decimal(0), Decimal(2000), Decimal(500))

    assert model_usage_cost(usage, Prices(Decimal(3), Decimal(15), Decimal(0))) == 0


def test_all_nine_lines_pass():
    assert codes(lines(model_usage=1)) == []


def test_missing_and_doubled_lines_are_named():
    rows = lines()

    assert codes(rows[1:]) == ["line_missing"]
    assert codes([*rows, rows[0]]) == ["line_missing"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"code": "lunch"}, "line_unknown"),
        ({"layer": "cellar"}, "layer_unknown"),
        ({"low": Decimal("0.01"), "likely": Decimal(0)}, "range_wrong"),
        ({"likely": Decimal(2), "high": Decimal(1)}, "range_wrong"),
        ({"low": Decimal("-0.01")}, "range_wrong"),
        ({"high": Decimal("NaN")}, "range_wrong"),
    ],
)
def test_line_that_does_not_hold_together_is_named(changes, code):
    rows = lines()
    rows[0] = replace(rows[0], **changes)

    assert code in codes(rows)
