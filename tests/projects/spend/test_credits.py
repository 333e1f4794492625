"""Credits count in the budget, never in run rate, forecast or the sandbox, and show when they end."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from projects.forecasts.selectors import forecasts
from projects.funding.selectors import positions
from projects.funding.selectors.sandbox import team_cost
from projects.sources.eyes import Eyes
from projects.spend.credits import credits_of
from projects.triggers.selectors import projected_month
from tests.factories import money
from tests.projects.spend.samples import take_in, write_focus

pytestmark = pytest.mark.django_db
ON = date(2026, 6, 30)
BEGAN = datetime(2026, 6, 1, 9, tzinfo=UTC)


@pytest.fixture
def bill(fraud, tmp_path):
    """Take in ten a day of June, with a credit on each day of its first days."""

    def take(credited, to=30):
        tag = {"Tags": f'{{"initiative": "{fraud.key}"}}', "ChargePeriodEnd": "2026-08-01T00:00:00Z"}
        rows = []
        for number in range(1, to + 1):
            day = {"ChargePeriodStart": f"2026-06-{number:02d}T00:00:00Z", **tag}
            rows.append({"EffectiveCost": "10", "BilledCost": "10", **day})
            if number <= credited:
                rows.append({"EffectiveCost": "-4", "ChargeCategory": "Credit", **day})
        take_in(write_focus(tmp_path / "june.csv", *rows), "cloud")

    return take


def test_a_credit_counts_in_the_budget_alone(bill, fraud, fiona, carol):
    tranche = {"starts_on": date(2026, 6, 1), "ends_on": date(2026, 7, 31)}
    money.tranche(fraud, money.envelope(fiona, BEGAN, "100000"), carol, BEGAN, "1000", **tranche)
    bill(credited=30)

    spent = positions([fraud.pk], on=ON)[fraud.pk].spent
    final_on = date(2026, 6, 27)
    with_credits = forecasts([fraud.pk], on=ON)[fraud.pk]

    assert spent == 30 * 6
    assert projected_month(fraud, final_on=final_on, on=ON) == 30 * 10
    assert with_credits == spent + 30 * 10  # July, up to its last day, without the credit
    assert team_cost(fraud, on=ON) == 30 * 10


@pytest.mark.parametrize(("bill_to", "ended"), [("2026-07-30", False), ("2026-07-31", True)])
def test_a_credit_has_ended_once_a_whole_month_came_without_it(bill_to, ended, fraud, tmp_path):
    tag = {"Tags": f'{{"initiative": "{fraud.key}"}}', "ChargePeriodEnd": "2026-08-01T00:00:00Z"}
    cells = [
        {"ChargePeriodStart": "2026-05-03", "EffectiveCost": "-5", "ChargeCategory": "Credit", **tag},
        {"ChargePeriodStart": "2026-06-07", "EffectiveCost": "-3", "ChargeCategory": "Credit", **tag},
        {"ChargePeriodStart": bill_to, "EffectiveCost": "9", **tag},
    ]
    take_in(write_focus(tmp_path / "bill.csv", *cells), "cloud")

    (credit,) = credits_of(fraud.pk, Eyes(sees_people=True))

    assert (credit.amount, credit.first_day, credit.last_day) == (Decimal(-8), date(2026, 5, 3), date(2026, 6, 7))
    assert credit.has_ended is ended
