from datetime import date
from decimal import Decimal

import pytest

from projects.usage.models import UsageDay
from projects.value.headline import headline
from projects.value.selectors import cards_with_readings
from projects.value.services import (
    Reading,
    create_kpi_card,
    declare_claim,
    import_kpi_reading,
    measure_claim,
    verify_claim,
)
from tests.factories.gates import AT, ON
from tests.factories.spend import spent

SEEN_TO = date(2026, 11, 15)


def told(initiative, **options):
    cards = cards_with_readings(initiative.pk, ON)
    return headline(initiative, cards, on=ON, **{"seen_to": SEEN_TO, "funded_on": date(2026, 9, 1)} | options)


def named(found, label):
    return next(row for row in (*found.returns, *found.units) if row.label == label)


def pay(people, initiative, month, amount, day=5):
    return spent(initiative, date(2026, month, day), amount, by=people.fay, at=AT)


def verified(people, initiative, month, amount, **more):
    claim = declare_claim(
        initiative_id=initiative.pk,
        benefit=f"Benefit {month} {amount}",
        amount=Decimal(amount),
        period_start=date(2026, month, 1),
        period_end=date(2026, month + 1, 1),
        by=people.olga,
        at=AT,
        **more,
    )
    measure_claim(claim_id=claim.pk, amount=Decimal(amount), measured_from="Reports", by=people.tom, at=AT)
    return verify_claim(claim_id=claim.pk, amount=Decimal(amount), by=people.fay, at=AT)


def used(row, day, **counts):
    return UsageDay.objects.create(
        part=row.part,
        initiative=row.initiative,
        provider="OpenAI",
        model="gpt-4o",
        day=day,
        currency="USD",
        stated_cost=Decimal(0),
        unpriced_reason="No price.",
        **counts,
    )


def outcomes(people, initiative, value, start=date(2026, 10, 1), end=date(2026, 11, 1)):
    card = create_kpi_card(
        initiative_id=initiative.pk,
        name="Answers",
        unit="answers",
        direction="up",
        measures="outcomes",
        money_per_unit=Decimal(5),
        realisation_percent=Decimal(80),
        owner=people.olga,
        by=people.olga,
        at=AT,
    )
    import_kpi_reading(card_id=card.pk, reading=Reading(start, end, Decimal(value)), by=people.fay, at=AT)


def test_with_nothing_every_figure_says_what_is_missing(people, initiative):
    found = told(initiative, seen_to=None, funded_on=None)

    assert all(row.result is None and row.because for row in (*found.returns, *found.units))
    assert (found.payback.on, found.payback.because) == (None, "no value is verified")
    assert (found.break_even_days, found.days_to_value) == (None, None)


def test_returns_divide_gain_by_full_cost_of_the_same_days(people, initiative):
    pay(people, initiative, 9, "100")
    pay(people, initiative, 10, "300")
    verified(people, initiative, 9, "500", is_cashable=True)
    verified(people, initiative, 10, "300", share_percent=Decimal(50))

    found = told(initiative)

    assert named(found, "ROI, cumulative").result == Decimal("0.625")  # (650 − 400) ÷ 400
    assert named(found, "ROI, last 12 months").result == Decimal("0.625")
    assert named(found, "ROI, cashable value only").result == Decimal("0.25")
    assert named(found, "Spend without verified value").result == 0
    assert named(found, "Cost-to-value").upper.figure == 400
    assert named(found, "Cost-to-value").lower.figure == 650


def test_value_after_the_last_cost_data_waits_for_its_cost(people, initiative):
    pay(people, initiative, 9, "100")
    verified(people, initiative, 9, "150")
    verified(people, initiative, 10, "900")

    assert named(told(initiative, seen_to=date(2026, 10, 30)), "ROI, cumulative").result == Decimal("0.5")
    assert named(told(initiative, seen_to=date(2026, 10, 31)), "ROI, cumulative").result == Decimal("9.5")


def test_spend_of_months_without_value_is_told(people, initiative):
    pay(people, initiative, 8, "100")
    pay(people, initiative, 9, "300")
    verified(people, initiative, 9, "500")

    assert named(told(initiative), "Spend without verified value").result == Decimal("0.25")


def test_payback_break_even_and_time_to_value(people, initiative):
    initiative.registered_at = AT.replace(month=8, day=1)
    pay(people, initiative, 9, "100", day=1)
    verified(people, initiative, 9, "150")

    found = told(initiative)

    assert found.payback.on == date(2026, 9, 30)
    assert found.break_even_days == 29
    assert found.days_to_value == 60


def test_units_of_the_last_full_month_are_real_divisions(people, initiative):
    pay(people, initiative, 9, "60")
    row = pay(people, initiative, 10, "100")
    pay(people, initiative, 11, "9999")
    used(row, date(2026, 9, 20), calls=10, users=2)
    used(
        row, date(2026, 10, 5), calls=50, failed_calls=10, input_tokens=3000, output_tokens=1000, tool_calls=5, users=3
    )
    used(row, date(2026, 10, 6), users=4)
    used(row, date(2026, 11, 5), calls=9999, users=99)
    outcomes(people, initiative, "25")

    found = told(initiative)

    assert found.month == (date(2026, 10, 1), date(2026, 11, 1))
    results = {row.label: row.result for row in found.units}
    assert results["Cost per call"] == 2
    assert results["Cost per successful call"] == Decimal("2.5")
    assert results["Cost per token"] == Decimal("0.025")
    assert results["Cost per action"] == 20
    assert results["Cost per active user"] == 25
    assert results["Cost per outcome"] == 4
    assert results["Marginal cost per user"] == 20  # (100 − 60) ÷ (4 − 2)
    assert results["Margin per outcome"] == 0  # worth 5 × 80%, costs 4
    assert named(found, "Cost per GPU hour").because == "no source meters GPU hours"


def test_credits_lower_no_unit_cost_but_count_in_full_cost(people, initiative):
    row = pay(people, initiative, 10, "100")
    credit = pay(people, initiative, 10, "-40", day=6)
    credit.group.charge_category = "Credit"
    credit.group.save()
    used(row, date(2026, 10, 5), calls=50)
    verified(people, initiative, 10, "120")

    found = told(initiative)

    assert named(found, "Cost per call").result == 2
    assert named(found, "ROI, cumulative").result == 1


@pytest.mark.parametrize(
    ("start", "end", "known"),
    [
        (date(2026, 10, 1), date(2026, 11, 1), True),
        (date(2026, 10, 2), date(2026, 11, 1), False),
        (date(2026, 9, 1), date(2026, 11, 1), False),
    ],
)
def test_outcomes_must_cover_the_month(people, initiative, start, end, known):
    pay(people, initiative, 10, "100")
    outcomes(people, initiative, "25", start, end)

    assert (named(told(initiative), "Cost per outcome").result is not None) is known


def test_no_call_in_a_month_that_a_gateway_tells_of_is_zero_and_not_unknown(people, initiative):
    used(pay(people, initiative, 10, "100"), date(2026, 10, 5), calls=0)

    assert named(told(initiative), "Cost per call").because == "calls is zero"


def test_foreign_cost_without_a_rate_makes_figures_unknown_and_says_so(people, initiative):
    pay(people, initiative, 10, "100")
    spent(initiative, date(2026, 10, 6), "50", by=people.fay, at=AT, currency="CHF")
    verified(people, initiative, 10, "500")

    found = told(initiative)

    for label in ("ROI, cumulative", "Cost-to-value", "Cost per outcome"):
        assert named(found, label).result is None
        assert "CHF without a rate" in named(found, label).because
    assert "CHF without a rate" in found.payback.because
