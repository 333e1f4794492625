"""What one outcome costs, initiative by initiative: proven counts only, the unit named, unknown never zero."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from projects.initiatives.models import Initiative
from projects.people.roles import Role
from projects.value.outcomes import outcome_costs
from projects.value.services import Reading, import_kpi_reading, record_kpi_reading
from tests.factories.gates import AT, concept
from tests.factories.people import person
from tests.factories.spend import spent
from tests.projects.value.test_headline import outcomes, pay

SEEN_TO = date(2026, 11, 15)


def told(seen_to=SEEN_TO):
    return outcome_costs(Initiative.objects.all(), seen_to=seen_to)


def only(found):
    (row,) = found.rows
    return row


def test_cost_is_divided_by_proven_outcomes_of_the_last_full_month(people, initiative):
    pay(people, initiative, 9, "900")
    pay(people, initiative, 10, "100")
    pay(people, initiative, 11, "700")
    outcomes(people, initiative, "25")

    found = told()

    assert found.month == (date(2026, 10, 1), date(2026, 11, 1))
    assert (only(found).division.result, only(found).unit, found.known) == (Decimal(4), "answers", 1)


@pytest.mark.parametrize(
    ("seen_to", "cost"), [(date(2026, 10, 30), 900), (date(2026, 10, 31), 100), (date(2026, 11, 29), 100)]
)
def test_a_month_counts_once_it_is_full(seen_to, cost, people, initiative):
    pay(people, initiative, 9, "900")
    pay(people, initiative, 10, "100")

    assert only(told(seen_to)).division.upper.figure == cost


def test_credits_lower_no_unit_cost(people, initiative):
    pay(people, initiative, 10, "100")
    credit = spent(initiative, date(2026, 10, 6), "-40", by=people.fay, at=AT)
    credit.group.charge_category = "Credit"
    credit.group.save()
    outcomes(people, initiative, "25")

    assert only(told()).division.result == 4


@pytest.mark.parametrize(
    ("start", "end", "because"),
    [
        (date(2026, 10, 1), date(2026, 11, 1), ""),
        (date(2026, 10, 2), date(2026, 11, 1), "no proven count of outcomes covers the whole month"),
        (date(2026, 9, 1), date(2026, 10, 1), "no proven count of outcomes covers the whole month"),
    ],
)
def test_a_count_that_does_not_cover_the_month_is_not_known_and_never_zero(start, end, because, people, initiative):
    pay(people, initiative, 10, "100")
    outcomes(people, initiative, "25", start, end)

    row = only(told())

    assert row.division.because == because
    assert (row.division.result is None) is bool(because)


def test_what_the_team_typed_does_not_count(people, initiative):
    pay(people, initiative, 10, "100")
    outcomes(people, initiative, "25", date(2026, 9, 1), date(2026, 10, 1))
    typed = Reading(date(2026, 10, 1), date(2026, 11, 1), Decimal(25))
    record_kpi_reading(card_id=initiative.kpis.get().pk, reading=typed, by=people.olga, at=AT)

    assert only(told()).division.result is None


@pytest.mark.parametrize(
    ("start", "end", "is_known"),
    [
        (date(2026, 10, 1), date(2026, 11, 1), True),
        (date(2026, 10, 1), date(2026, 10, 31), False),
        (date(2026, 9, 1), date(2026, 10, 1), False),
    ],
)
def test_a_proven_reading_of_the_cost_itself_stands_where_nothing_can_be_divided(
    start, end, is_known, people, initiative, card
):
    pay(people, initiative, 10, "100")
    import_kpi_reading(card_id=card.pk, reading=Reading(start, end, Decimal("0.41")), by=people.fay, at=AT)

    row = only(told())

    assert (row.is_known, row.read_in) == (is_known, "USD per answer")
    assert (row.reading.value if row.reading else None) == (Decimal("0.41") if is_known else None)
    assert row.division.because == "no measure counts outcomes"


def test_what_is_divided_goes_before_what_was_read(people, initiative, card):
    pay(people, initiative, 10, "100")
    outcomes(people, initiative, "25")
    october = Reading(date(2026, 10, 1), date(2026, 11, 1), Decimal("0.41"))
    import_kpi_reading(card_id=card.pk, reading=october, by=people.fay, at=AT)

    assert (only(told()).division.result, only(told()).reading) == (4, None)


def test_no_outcome_of_a_whole_month_is_zero_and_divides_nothing(people, initiative):
    pay(people, initiative, 10, "100")
    outcomes(people, initiative, "0")

    assert (only(told()).division.result, only(told()).division.because) == (None, "answers is zero")


def test_a_month_of_which_a_rate_is_missing_is_not_known(people, initiative):
    pay(people, initiative, 10, "100")
    spent(initiative, date(2026, 10, 6), "50", by=people.fay, at=AT, currency="CHF")
    outcomes(people, initiative, "25")

    assert "CHF without a rate" in only(told()).division.because


def test_the_dearest_comes_first_and_who_cost_nothing_is_absent(people, initiative):
    second, third = concept(people, name="Second"), concept(people, name="Third")
    pay(people, initiative, 10, "100")
    pay(people, second, 10, "300")
    pay(people, third, 9, "900")

    assert [row.initiative.pk for row in told().rows] == [second.pk, initiative.pk]


def test_more_initiatives_cost_no_more_queries(people, initiative):
    pay(people, initiative, 10, "100")
    outcomes(people, initiative, "25")
    with CaptureQueriesContext(connection) as one:
        assert len(told().rows) == 1
    second = concept(people, name="Second")
    pay(people, second, 10, "100")
    outcomes(people, second, "25")

    with CaptureQueriesContext(connection) as two:
        assert len(told().rows) == 2

    assert len(one) == len(two) == 4


def test_the_page_and_the_panel_name_figure_unit_and_reason(client, people, initiative):
    second = concept(people, name="Second")
    pay(people, initiative, 10, "100")
    pay(people, second, 10, "90")
    outcomes(people, initiative, "25")
    pay(people, initiative, 11, "1")
    client.force_login(person("outcome-reader", Role.REVIEWER))

    page = client.get("/spend/outcomes/").content.decode()
    panel = client.get("/spend/outcomes/", headers={"HX-Request": "true"}).content.decode()

    for told_here in (page, panel):
        assert "$4.00" in told_here
        assert '<span class="mute">answers</span>' in told_here
        assert "Not known" in told_here
        assert "Because no measure counts outcomes" in told_here
        assert "Known for 1 of 2" in told_here
    assert "<h1>" in page
    assert "<h1>" not in panel


def test_a_reading_is_told_as_read_and_in_its_own_unit(client, people, initiative, card):
    pay(people, initiative, 10, "100")
    pay(people, initiative, 11, "1")
    october = Reading(date(2026, 10, 1), date(2026, 11, 1), Decimal("0.41"))
    import_kpi_reading(card_id=card.pk, reading=october, by=people.fay, at=AT)
    client.force_login(person("outcome-reader", Role.REVIEWER))

    page = client.get("/spend/outcomes/").content.decode()

    assert '<b class="b">0.41</b>' in page
    assert "USD per answer" in page
    assert "Imported as it stands; no measure counts outcomes" in page
    assert "Not known" not in page


def test_the_explorer_asks_for_the_panel_where_initiatives_stand_whole(client, people, initiative):
    pay(people, initiative, 10, "100")
    client.force_login(person("outcome-reader", Role.REVIEWER))

    shown = {
        query: 'hx-get="/spend/outcomes/"' in client.get(f"/spend/{query}").content.decode()
        for query in ("", "?by=initiative", "?by=team", "?environment=prod")
    }

    assert shown == {"": True, "?by=initiative": True, "?by=team": False, "?environment=prod": False}


def test_without_costs_the_page_says_what_would_fill_it(client, people):
    client.force_login(person("outcome-reader", Role.REVIEWER))

    assert "Nothing to divide yet" in client.get("/spend/outcomes/").content.decode()


def test_strangers_find_nothing(client, people):
    assert client.get("/spend/outcomes/").url.startswith("/account/login/")
    client.force_login(person("stranger"))
    assert client.get("/spend/outcomes/").status_code == 404
