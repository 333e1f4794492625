from datetime import timedelta
from decimal import Decimal

import pytest

from council.home.waiting import waits_for
from projects.gates.sandbox import lanes
from projects.gates.sandbox_rules import Lane, bars
from projects.people.models import Team
from tests.factories.gates import AT, ON, cast, concept, drafted
from tests.factories.spend import spent


def lane(spent_so_far, days=10, barred=()):
    return Lane(Decimal(spent_so_far), Decimal(25_000), Decimal(80), days, 90, "USD", barred)


@pytest.mark.parametrize(
    ("amount", "asks", "over"),
    [
        ("0", False, False),
        ("19999.99", False, False),
        ("20000", True, False),
        ("25000", True, False),
        ("25000.01", True, True),
    ],
)
def test_owner_is_asked_at_the_share_and_it_escalates_only_above_the_cap(amount, asks, over):
    assert (lane(amount).asks, lane(amount).is_over, lane(amount).is_open) == (asks, over, not over)


@pytest.mark.parametrize(("days", "open_"), [(90, True), (91, False)])
def test_lane_ends_after_its_days(days, open_):
    assert lane("1", days).is_open is open_
    assert lane("1", days).asks is not open_


def test_cap_of_zero_has_no_percentage():
    closed = Lane(Decimal(0), Decimal(0), Decimal(80), 1, 90, "USD")

    assert (closed.percent, closed.width, closed.asks) == (None, 100, True)


def test_risk_customers_and_restricted_data_keep_a_concept_out():
    assert bars(risk_tier="medium", customer_facing=False, data_classification="confidential") == ()
    found = bars(risk_tier="high", customer_facing=True, data_classification="restricted")
    assert found == ("its risk tier is high", "customers use it", "it handles restricted data")
    assert not lane("1", barred=found).is_open


@pytest.fixture
def people(db, settings):
    settings.TOLLGATE_NOW = "2026-11-16T09:00:00Z"
    return cast()


def test_concepts_of_a_team_share_the_cap_and_others_do_not(people):
    team = Team.objects.create(name="Claims")
    first, second = concept(people, team=team), concept(people, "Second", team=team)
    alone = concept(people, "Alone")
    spent(first, ON - timedelta(days=29), "12000", by=people.fay, at=AT)
    spent(second, ON, "9000", by=people.fay, at=AT)
    spent(first, ON - timedelta(days=30), "500", by=people.fay, at=AT)

    found = lanes([first, alone], on=ON)

    assert (found[first.pk].spent, found[alone.pk].spent) == (Decimal(21_000), Decimal(0))
    assert found[first.pk].percent == 84


def test_owner_is_asked_in_the_list_of_what_waits_until_a_request_is_begun(people):
    made = concept(people)
    spent(made, ON, "20000", by=people.fay, at=AT)

    asked = [wait.act for wait in waits_for(people.olga, at=AT) if wait.kind == "Sandbox"]
    assert asked == ["Ask for a gate: 80% of the sandbox cap is used"]

    drafted(people, made)
    assert not [wait for wait in waits_for(people.olga, at=AT) if wait.kind == "Sandbox"]


def test_meter_stands_on_the_concepts_own_page(client, people):
    made = concept(people)
    spent(made, ON, "20000", by=people.fay, at=AT)
    client.force_login(people.olga)

    page = client.get(f"/initiatives/{made.key}/").content.decode()

    assert "80% of the sandbox cap is used" in page
    assert "Ask for a gate" in page
