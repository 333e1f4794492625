from datetime import date
from decimal import Decimal

import pytest

from projects.funding import rules

AMOUNTS = {
    "sandbox": Decimal(25_000),
    "finops": Decimal(100_000),
    "chair": Decimal(250_000),
    "council": Decimal(2_000_000),
}


@pytest.mark.parametrize(
    ("ask", "lately", "risk", "stage", "row"),
    [
        ("24999.99", "0", "low", "concept", "sandbox"),
        ("25000", "0", "low", "concept", "sandbox"),
        ("25000.01", "0", "low", "concept", "finops"),
        ("25000", "0", "low", "mvp", "finops"),
        ("100000", "0", "low", "mvp", "finops"),
        ("100000.01", "0", "medium", "mvp", "chair"),
        ("250000", "0", "low", "scale", "chair"),
        ("250000.01", "0", "low", "scale", "council"),
        ("2000000", "0", "low", "scale", "council"),
        ("2000000.01", "0", "low", "scale", "board"),
        ("60000", "40000", "low", "pilot", "finops"),
        ("60000", "40000.01", "low", "pilot", "chair"),
        ("25000", "0", "high", "concept", "finops"),
        ("100000", "0", "high", "mvp", "chair"),
        ("250000", "0", "high", "mvp", "council"),
        ("2000000", "0", "high", "mvp", "board"),
        ("3000000", "0", "high", "mvp", "board"),
    ],
)
def test_authority_follows_amount_risk_and_stage(ask, lately, risk, stage, row):
    found = rules.authority_row(
        ask=Decimal(ask), released_lately=Decimal(lately), risk_tier=risk, stage=stage, amounts=AMOUNTS, currency="USD"
    )

    assert found.row == row
    assert found.amount == Decimal(ask) + Decimal(lately)


def test_authority_says_its_sum():
    found = rules.authority_row(
        ask=Decimal(60_000),
        released_lately=Decimal(40_000),
        risk_tier="high",
        stage="mvp",
        amounts=AMOUNTS,
        currency="USD",
    )

    assert found.sentence == (
        "USD 100,000 (60,000 asked and 40,000 released in 90 days), one row up for high risk: the chair decides."
    )


LANE = {
    "stage": "concept",
    "risk_tier": "medium",
    "is_customer_facing": False,
    "data_class": "internal",
    "days": 90,
    "longest_days": 90,
    "team_cost": Decimal("25000.00"),
    "cap": Decimal(25000),
    "currency": "USD",
}


@pytest.mark.parametrize(
    ("facts", "codes"),
    [
        ({}, []),
        ({"days": 91}, ["sandbox_days"]),
        ({"team_cost": Decimal("25000.01")}, ["sandbox_cap"]),
        ({"team_cost": Decimal("24999.99")}, []),
        ({"stage": "mvp"}, ["sandbox_stage"]),
        ({"risk_tier": "high"}, ["sandbox_risk"]),
        ({"is_customer_facing": True, "data_class": "restricted"}, ["sandbox_customers", "sandbox_data"]),
    ],
)
def test_the_sandbox_ends_above_its_cap_and_after_its_last_day(facts, codes):
    assert [blocker.code for blocker in rules.lane_blockers(**LANE | facts)] == codes


def test_headroom_charges_the_larger_of_given_and_spent():
    found = rules.headroom(
        envelope=Decimal(1000),
        charges=[(Decimal(300), Decimal(250)), (Decimal(200), Decimal(240)), (Decimal(0), Decimal(0))],
        decided=Decimal(100),
        bands=Decimal(20),
    )

    assert found.charged == Decimal(540)
    assert found.left == Decimal(340)


def test_headroom_falls_below_zero_when_overdrawn():
    assert rules.headroom(
        envelope=Decimal(10), charges=[(Decimal(0), Decimal(11))], decided=Decimal(0), bands=Decimal(0)
    ).left == Decimal(-1)


@pytest.mark.parametrize(
    ("money", "spent", "unit", "rest"),
    [
        ("100", "40", "0.01", "60"),
        ("100", "100", "0.01", "0"),
        ("100", "100.01", "0.01", "0"),
        ("100", "0.001", "0.01", "99.99"),
        ("100", "99.999", "0.01", "0"),
        ("1000", "0.4", "1", "999"),
        ("100", "-5", "0.01", "105"),
    ],
)
def test_rest_is_rounded_down_and_never_negative(money, spent, unit, rest):
    assert rules.rest_of(Decimal(money), Decimal(spent), Decimal(unit)) == Decimal(rest)


@pytest.mark.parametrize(
    ("money", "spent", "unit", "missing"),
    [
        ("100", "99.999", "0.01", "0"),
        ("100", "100", "0.01", "0"),
        ("100", "100.001", "0.01", "0.01"),
        ("100", "100.01", "0.01", "0.01"),
        ("1000", "1000.4", "1", "1"),
    ],
)
def test_what_is_missing_is_rounded_up_and_never_negative(money, spent, unit, missing):
    assert rules.missing_of(Decimal(money), Decimal(spent), Decimal(unit)) == Decimal(missing)


def test_rest_goes_back_to_the_first_giver_first():
    given = [(7, Decimal(30)), (3, Decimal(50))]

    assert rules.split_back(Decimal(20), given) == [(7, Decimal(20))]
    assert rules.split_back(Decimal(30), given) == [(7, Decimal(30))]
    assert rules.split_back(Decimal(80), given) == [(7, Decimal(30)), (3, Decimal(50))]
    assert rules.split_back(Decimal(0), given) == []


def test_nobody_gets_back_more_than_they_gave():
    with pytest.raises(ValueError, match="more than"):
        rules.split_back(Decimal("80.01"), [(7, Decimal(30)), (3, Decimal(50))])


@pytest.mark.parametrize(
    ("amount", "currency", "code"),
    [
        ("0", "USD", "amount_not_positive"),
        ("-0.01", "USD", "amount_not_positive"),
        ("NaN", "USD", "amount_not_positive"),
        ("Infinity", "USD", "amount_not_positive"),
        ("0.001", "USD", "amount_too_fine"),
        ("1.5", "JPY", "amount_too_fine"),
        ("1.001", "KWD", "amount_too_fine"),
    ],
)
def test_undecidable_amounts_are_named(amount, currency, code):
    assert [blocker.code for blocker in rules.amount_blockers(Decimal(amount), currency)] == [code]


@pytest.mark.parametrize(("amount", "currency"), [("0.01", "USD"), ("1", "JPY"), ("148000", "EUR")])
def test_whole_minor_units_can_be_decided(amount, currency):
    assert rules.amount_blockers(Decimal(amount), currency) == []


@pytest.mark.parametrize(
    ("minimum", "ask", "maximum", "codes"),
    [
        ("100", "150", "200", []),
        ("100", "100", "100", []),
        ("150.01", "150", "200", ["ask_out_of_order"]),
        ("100", "200.01", "200", ["ask_out_of_order"]),
        ("0", "150", "200", ["amount_not_positive"]),
    ],
)
def test_ask_lies_between_its_least_and_largest(minimum, ask, maximum, codes):
    found = rules.ask_blockers(Decimal(minimum), Decimal(ask), Decimal(maximum), "USD")

    assert [blocker.code for blocker in found] == codes


def test_ask_with_a_gap_is_incomplete():
    assert [row.code for row in rules.ask_blockers(None, Decimal(1), Decimal(2), "USD")] == ["ask_incomplete"]


FY26 = rules.Period("FY26", date(2026, 1, 1), date(2027, 1, 1))
FY27 = rules.Period("FY27", date(2027, 1, 1), date(2028, 1, 1))
FY28 = rules.Period("FY28", date(2028, 1, 1), date(2029, 1, 1))


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "periods", "codes"),
    [
        (date(2026, 11, 1), date(2027, 1, 1), [FY26], []),
        (date(2026, 11, 1), date(2027, 1, 2), [FY26], ["envelope_missing"]),
        (date(2026, 11, 1), date(2027, 1, 2), [FY27, FY26], []),
        (date(2026, 11, 1), date(2028, 2, 1), [FY26, FY28], ["envelope_missing"]),
        (date(2025, 12, 31), date(2026, 2, 1), [FY26], ["envelope_missing"]),
        (date(2026, 2, 1), date(2026, 2, 1), [FY26], ["window_empty"]),
    ],
)
def test_every_day_of_a_window_has_an_envelope(starts_on, ends_on, periods, codes):
    assert [row.code for row in rules.period_blockers(starts_on, ends_on, periods)] == codes


@pytest.mark.parametrize(
    ("on", "is_invoiced", "due"),
    [
        (date(2026, 4, 2), True, False),
        (date(2026, 4, 3), True, True),
        (date(2026, 4, 3), False, False),
        (date(2026, 5, 14), False, False),
        (date(2026, 5, 15), False, True),
    ],
)
def test_days_are_final_once_invoiced_after_the_lag_or_at_the_latest_day(on, is_invoiced, due):
    ends_on = date(2026, 3, 31)

    assert rules.lapse_due(ends_on=ends_on, on=on, lag_days=3, latest_days=45, is_invoiced=is_invoiced) is due


@pytest.mark.parametrize(
    ("spent", "told"),
    [("49.99", []), ("50", [50]), ("74.99", [50]), ("75", [50, 75]), ("90", [50, 75, 90]), ("100", [50, 75, 90, 100])],
)
def test_budget_notice_is_due_when_a_share_is_reached_exactly(spent, told):
    found = rules.budget_notices(
        money=Decimal(100), spent=Decimal(spent), forecast=None, thresholds=map(Decimal, (100, 50, 90, 75))
    )

    assert [(row.percent, row.by) for row in found] == [(share, "spent") for share in told]


def test_forecast_gives_notice_of_its_own():
    found = rules.budget_notices(
        money=Decimal(100), spent=Decimal(10), forecast=Decimal(90), thresholds=[Decimal(90), Decimal(100)]
    )

    assert found == [rules.Notice(Decimal(90), "forecast")]


def test_without_money_there_is_nothing_to_give_notice_of():
    assert rules.budget_notices(money=Decimal(0), spent=Decimal(9), forecast=None, thresholds=[Decimal(50)]) == []
