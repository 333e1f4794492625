from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from projects.funding.models import LedgerEntry, Tranche
from projects.funding.selectors import authority_for, funding_panel, headroom, positions, released_lately, tranche_money
from projects.funding.services import cover_late_cost, lapse, open_band, return_rest, shut_band
from projects.limits.models import PolicyVersion
from projects.limits.selectors import policy_on
from tests.factories import money
from tests.factories.initiatives import initiative
from tests.projects.spend.samples import take_in, write_focus

JANUARY = datetime(2026, 1, 12, 9, tzinfo=UTC)


@pytest.fixture
def envelope(fiona):
    return money.envelope(fiona, JANUARY, "100000")


@pytest.fixture
def spend(tmp_path, settings):
    """Import costs of an initiative: one charge a day given."""
    settings.MEDIA_ROOT = tmp_path / "media"
    count = iter(range(1, 100))

    def take(subject, category="Usage", **costs):
        number = next(count)
        rows = []
        for name, cost in costs.items():
            day = date.fromisoformat(name.removeprefix("on_").replace("_", "-"))
            month = day.replace(day=1)
            following = (month + timedelta(days=32)).replace(day=1)
            rows.append(
                {
                    "ChargePeriodStart": day,
                    "ChargePeriodEnd": day + timedelta(days=1),
                    "BillingPeriodStart": month,
                    "BillingPeriodEnd": following,
                    "EffectiveCost": cost,
                    "Tags": f'{{"initiative": "{subject.key}"}}',
                    "ChargeCategory": category,
                }
            )
        take_in(write_focus(tmp_path / f"bill{number}.csv", *rows), f"cloud {number}")

    return take


def position(subject, on):
    return positions([subject.pk], on=on)[subject.pk]


def test_spend_counts_from_the_utc_day_of_the_first_release(fraud, envelope, carol, spend):
    spend(fraud, on_2026_01_11="7000", on_2026_01_12="100", on_2026_01_31="20", on_2026_02_01="3", on_2026_02_02="900")
    money.tranche(fraud, envelope, carol, JANUARY, "1000")

    assert position(fraud, date(2026, 2, 1)).spent == Decimal(123)
    assert position(fraud, date(2026, 1, 12)).spent == Decimal(100)


def test_without_a_release_there_is_no_budget_at_all(fraud, spend):
    spend(fraud, on_2026_01_12="100")

    now = position(fraud, date(2026, 2, 1))

    assert (now.first_released_on, now.approved, now.spent, now.tranche_in_force) == (None, 0, 0, None)


def test_position_of_an_earlier_day_knows_nothing_of_later_acts(fraud, envelope, carol):
    money.tranche(fraud, envelope, carol, JANUARY, "1000")
    money.tranche(fraud, envelope, carol, JANUARY + timedelta(days=20), "500")

    assert position(fraud, date(2026, 1, 11)).first_released_on is None
    assert position(fraud, date(2026, 1, 31)).approved == Decimal(1000)
    assert position(fraud, date(2026, 2, 1)).approved == Decimal(1500)


def test_tranche_in_force_holds_its_own_money_and_spend(fraud, envelope, carol, spend):
    spend(fraud, on_2026_01_20="600", on_2026_02_05="70")
    money.tranche(fraud, envelope, carol, JANUARY, "1000")
    second = money.tranche(fraud, envelope, carol, JANUARY + timedelta(days=20), "500")

    in_force = position(fraud, date(2026, 2, 10)).tranche_in_force

    assert (in_force.id, in_force.label) == (second.pk, "T2")
    assert (in_force.money, in_force.spent) == (Decimal(900), Decimal(70))


@pytest.mark.parametrize(("cost", "is_over"), [("1725", False), ("1725.01", True)])
def test_panel_holds_spend_against_carried_money_too(fraud, envelope, carol, spend, cost, is_over):
    money.tranche(fraud, envelope, carol, JANUARY, "1000")
    money.tranche(fraud, envelope, carol, JANUARY + timedelta(days=5), "500")
    spend(fraud, on_2026_01_20=cost)
    on = date(2026, 2, 1)

    row = funding_panel(fraud, on=on, policy=policy_on(on)).rows[1]

    assert (row.is_over, row.word) == (is_over, "Over, active" if is_over else "Active")
    assert row.difference == Decimal(cost) - 500


def test_only_the_rest_is_carried_over(fraud, envelope, carol, spend):
    spend(fraud, on_2026_01_20="999.995")
    money.tranche(fraud, envelope, carol, JANUARY, "1000")

    second = money.tranche(fraud, envelope, carol, JANUARY + timedelta(days=20), "500")

    assert tranche_money(second) == Decimal("500.00")  # the half cent that is left is no money
    assert not LedgerEntry.objects.filter(kind="carry").exists()


def test_overspent_tranche_leaves_no_rest_and_no_debt(fraud, envelope, carol, spend):
    spend(fraud, on_2026_01_20="1400")
    first = money.tranche(fraud, envelope, carol, JANUARY, "1000")

    second = money.tranche(fraud, envelope, carol, JANUARY + timedelta(days=20), "500", carry_rest=False)

    assert tranche_money(second) == Decimal(500)
    assert Tranche.objects.get(pk=first.pk).state == "exhausted"
    assert position(fraud, date(2026, 2, 10)).approved == Decimal(1500)


def test_only_the_unspent_is_returned(fraud, envelope, carol, spend):
    spend(fraud, on_2026_01_20="640.25")
    row = money.tranche(fraud, envelope, carol, JANUARY, "1000")

    return_rest(tranche_id=row.pk, decision_reference="AIC-9", by=carol, at=JANUARY + timedelta(days=20))

    assert position(fraud, date(2026, 2, 10)).approved == Decimal("640.25")


def test_headroom_falls_by_what_is_spent_above_what_was_given(fraud, envelope, carol, spend):
    money.tranche(fraud, envelope, carol, JANUARY, "1000")
    assert headroom(envelope, on=date(2026, 2, 1)).left == Decimal(99_000)

    spend(fraud, on_2026_01_20="1400")

    assert headroom(envelope, on=date(2026, 2, 1)).left == Decimal(98_600)
    assert headroom(envelope, on=date(2026, 1, 19)).left == Decimal(99_000)


def test_overspend_is_charged_once_where_two_envelopes_gave(fraud, envelope, fiona, carol, spend):
    other = money.envelope(fiona, JANUARY, "50000", kind="portfolio", name="Claims")
    money.tranche(fraud, envelope, carol, JANUARY, "1000")
    money.tranche(fraud, other, carol, JANUARY + timedelta(days=10), "2000")
    spend(fraud, on_2026_01_13="1000", on_2026_01_25="2600")
    on = date(2026, 2, 1)

    assert headroom(envelope, on=on).charged == Decimal(1000)
    assert headroom(other, on=on).charged == Decimal(2600)


def test_lapse_takes_only_what_is_unspent_and_a_late_cost_takes_it_back(fraud, envelope, carol, spend):
    spend(fraud, on_2026_01_20="600")
    row = money.tranche(fraud, envelope, carol, JANUARY, "1000", ends_on=date(2026, 2, 1))
    lapse(tranche_id=row.pk, at=JANUARY + timedelta(days=40), is_invoiced=True)
    assert position(fraud, date(2026, 3, 1)).approved == Decimal(600)
    late = JANUARY + timedelta(days=50)
    assert cover_late_cost(tranche_id=row.pk, by=None, at=late) is None

    spend(fraud, on_2026_01_25="150.001")
    entry = cover_late_cost(tranche_id=row.pk, by=None, at=late)

    assert (entry.kind, entry.reverses.kind) == ("reversal", "lapse")
    assert position(fraud, late.date()).approved == Decimal("750.01")
    assert cover_late_cost(tranche_id=row.pk, by=None, at=late) is None


def test_late_costs_are_covered_up_to_what_lapsed(fraud, envelope, carol, spend):
    spend(fraud, on_2026_01_20="600")
    row = money.tranche(fraud, envelope, carol, JANUARY, "1000", ends_on=date(2026, 2, 1))
    lapse(tranche_id=row.pk, at=JANUARY + timedelta(days=40), is_invoiced=True)
    late = JANUARY + timedelta(days=50)
    spend(fraud, on_2026_01_25="5000")

    cover_late_cost(tranche_id=row.pk, by=None, at=late)

    assert position(fraud, late.date()).approved == Decimal(1000)
    assert cover_late_cost(tranche_id=row.pk, by=None, at=late) is None


def test_shutting_a_band_takes_back_only_what_is_unspent(fraud, envelope, carol, spend):
    spend(fraud, on_2026_01_20="1150")
    row = money.tranche(fraud, envelope, carol, JANUARY, "1000", band_amount=Decimal(200))
    open_band(tranche_id=row.pk, figures={}, by=None, at=JANUARY)

    shut_band(tranche_id=row.pk, figures={}, by=None, at=JANUARY + timedelta(days=20))

    assert position(fraud, date(2026, 2, 1)).approved == Decimal(1150)


@pytest.mark.parametrize(("days", "lately"), [(89, "1000"), (90, "0")])
def test_releases_of_the_last_90_days_count_towards_authority(fraud, envelope, carol, days, lately):
    money.tranche(fraud, envelope, carol, JANUARY, "1000")
    on = JANUARY.date() + timedelta(days=days)

    assert released_lately(fraud, on=on) == Decimal(lately)
    authority = authority_for(fraud, Decimal("99500"), on=on, policy=policy_on(on))
    assert authority.row == ("chair" if lately == "1000" else "finops")


@pytest.mark.parametrize(
    ("choice", "spent"), [({}, 100), ({"tax_in_budget": "no"}, 100), ({"tax_in_budget": "yes"}, 123)]
)
def test_tax_counts_against_the_budget_only_where_the_policy_says_so(
    choice, spent, fraud, envelope, carol, fiona, spend
):
    version = PolicyVersion(number=1, values=choice, drafted_by=fiona, drafted_at=JANUARY)
    version.save()
    version.propose(at=JANUARY)
    version.save()
    version.approve(by_id=carol.pk, at=JANUARY, effective_on=date(2026, 1, 1))
    version.save()
    money.tranche(fraud, envelope, carol, JANUARY, "1000")
    spend(fraud, on_2026_01_13="100")
    spend(fraud, "Tax", on_2026_01_14="23")
    on = date(2026, 1, 20)

    found = position(fraud, on)

    assert (found.spent, found.tranche_in_force.spent) == (spent, spent)
    assert funding_panel(fraud, on=on, policy=policy_on(on)).rows[0].spent == spent


def test_carried_money_is_not_released_again(fraud, envelope, carol):
    money.tranche(fraud, envelope, carol, JANUARY, "1000")
    money.tranche(fraud, envelope, carol, JANUARY + timedelta(days=5), "500")

    assert released_lately(fraud, on=date(2026, 2, 1)) == Decimal(1500)


def test_positions_take_as_many_queries_for_many_as_for_one(olga, carol, envelope, django_assert_num_queries):
    rows = [initiative(olga, "mvp", name=f"Number {number}") for number in range(4)]
    for row in rows:
        money.tranche(row, envelope, carol, JANUARY, "1000")
    on = date(2026, 2, 1)

    with django_assert_num_queries(8):
        found = positions([row.pk for row in rows], on=on)

    assert {row.approved for row in found.values()} == {Decimal(1000)}
    with django_assert_num_queries(8):
        positions([rows[0].pk], on=on)
