from decimal import Decimal

import pytest

from projects.showback.rules import DayUsers, chargeback_blockers, estimate, per_unit, per_user_day


def test_a_unit_figure_is_a_division_with_both_its_sides():
    figure = per_unit("Per call", Decimal("10"), 4, "calls", "nobody tells")

    assert (figure.amount, figure.sides, figure.reason) == (Decimal("2.5"), "10.00 ÷ 4 calls", "")


@pytest.mark.parametrize(("count", "reason"), [(None, "nobody tells"), (0, "no calls in the month")])
def test_a_figure_without_a_denominator_says_why(count, reason):
    figure = per_unit("Per call", Decimal("10"), count, "calls", "nobody tells")

    assert (figure.amount, figure.reason) == (None, reason)


@pytest.mark.parametrize(
    ("days", "amount", "most", "says"),
    [
        ([], None, None, "no source tells of users"),
        ([DayUsers(2, 0, 0, 0)], None, None, "no source tells of users"),
        ([DayUsers(1, 1, 4, 4), DayUsers(3, 2, 4, 4)], None, None, "1 of 4 lines of usage name no users"),
        ([DayUsers(1, 1, 0, 0)], None, None, "no user days in the month"),
        ([DayUsers(1, 1, 4, 4), DayUsers(1, 1, 6, 6)], Decimal(12), None, "120.00 ÷ 10 user days"),
        ([DayUsers(1, 1, 4, 4), DayUsers(2, 2, 8, 6)], Decimal(10), Decimal(12), "120.00 ÷ 10 to 12 user days"),
    ],
)
def test_user_days_are_exact_or_a_span_or_said_to_be_unknown(days, amount, most, says):
    figure = per_user_day("Per user and day", Decimal(120), days)

    assert (figure.amount, figure.most) == (amount, most)
    assert (figure.sides or figure.reason).startswith(says)


def test_an_estimate_of_nothing_known_is_not_zero():
    assert estimate("Retry cost", None, "x", "nobody tells").reason == "nobody tells"
    assert estimate("Retry cost", Decimal(0), "x", "nobody tells").amount == 0


@pytest.mark.parametrize(
    ("claimed", "codes"),
    [("97.99", ["coverage_too_low"]), ("98", []), ("98.01", []), ("0", ["coverage_too_low"])],
)
def test_a_month_is_charged_back_from_the_policys_coverage_on(claimed, codes):
    blockers = chargeback_blockers(
        month="May 2026", currency="USD", claimed=Decimal(claimed), total=Decimal(100), percent=Decimal(98)
    )

    assert [blocker.code for blocker in blockers] == codes


def test_a_refusal_names_the_figures_and_what_to_do():
    blocker = chargeback_blockers(
        month="May 2026", currency="USD", claimed=Decimal(900), total=Decimal(1000), percent=Decimal("98.0")
    )[0]

    assert blocker.message == (
        "90.0% of the USD 1,000.00 spent on AI in May 2026 has an owner; the policy charges back from 98%. "
        "Claim USD 80.00 more, then charge back."
    )


def test_a_refusal_by_less_than_a_cent_names_neither_the_limit_nor_nothing():
    blocker = chargeback_blockers(
        month="May 2026", currency="USD", claimed=Decimal("979.995"), total=Decimal(1000), percent=Decimal(98)
    )[0]

    assert "97.9% of the USD 1,000.00" in blocker.message
    assert "Claim USD 0.01 more" in blocker.message


def test_a_month_without_spend_has_nothing_to_charge():
    blockers = chargeback_blockers(
        month="May 2026", currency="USD", claimed=Decimal(0), total=Decimal(0), percent=Decimal(98)
    )

    assert [blocker.code for blocker in blockers] == ["nothing_to_charge"]
