import csv
import io
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from projects.people.roles import Role
from tests.factories.council import noticed
from tests.factories.gates import concept
from tests.factories.initiatives import initiative
from tests.factories.money import tranche
from tests.factories.people import person
from tests.factories.spend import spent

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
MOST_QUERIES = 38
PAGES = ("/portfolio/", "/portfolio/?view=table", "/portfolio/export.csv")


@pytest.fixture(autouse=True)
def clock(settings):
    settings.TOLLGATE_NOW = "2026-11-19T09:00:00Z"


@pytest.fixture
def funded(people, envelope, at):
    found = initiative(people.olga, "pilot", name="Fraud network detection")
    tranche(found, envelope, people.fay, at, "520000")
    return found


def seen(client, user, path, **headers):
    client.force_login(user)
    return client.get(path, headers=headers)


@pytest.mark.parametrize("page", PAGES)
def test_nobody_reads_the_portfolio_unsigned(client, db, page):
    answer = client.get(page)

    assert answer.status_code == 302
    assert "/login/" in answer["Location"]


def test_stranger_sees_no_initiative_and_no_sum(client, people, funded):
    page = seen(client, people.max, "/portfolio/").content.decode()
    rows = seen(client, people.max, "/portfolio/export.csv").content.decode().splitlines()

    assert funded.name not in page
    assert "520" not in page.split('id="main"')[1]
    assert len(rows) == 1


def test_portfolio_opens_with_a_sentence_figures_and_the_board(client, people, funded):
    answer = seen(client, people.reader, "/portfolio/")

    page = answer.content.decode()
    assert answer.status_code == 200
    assert "$520k" in page
    assert 'class="board' in page
    assert funded.name in page


def test_portfolio_names_the_next_council_and_what_is_asked_of_it(client, people, board, ready_request):
    noticed(board)

    page = seen(client, people.reader, "/portfolio/").content.decode()

    assert "Next council" in page
    assert '<b class="b">1 item</b>, $130k requested' in page


def test_only_who_may_register_is_offered_it(client, people, funded):
    assert "/initiatives/new/" in seen(client, people.olga, "/portfolio/").content.decode()
    assert "/initiatives/new/" not in seen(client, people.reader, "/portfolio/").content.decode()


def test_partial_holds_the_rows_and_nothing_of_the_frame(client, people, funded):
    answer = seen(client, people.reader, "/portfolio/?view=table", **HTMX)

    page = answer.content.decode()
    assert answer.status_code == 200
    assert page.lstrip().startswith('<div id="rows">')
    assert "<html" not in page
    assert "HX-Request" in answer["Vary"]


def test_empty_portfolio_says_how_it_fills(client, people):
    assert "No initiative is registered yet" in seen(client, people.reader, "/portfolio/").content.decode()


@pytest.mark.parametrize(("who", "may"), [("olga", True), ("reader", False)])
def test_empty_lists_offer_to_register_to_who_may_own_initiatives(who, may, client, people):
    portfolio = seen(client, getattr(people, who), "/portfolio/").content.decode()
    rows = seen(client, getattr(people, who), "/portfolio/", **HTMX).content.decode()
    requests = seen(client, getattr(people, who), "/requests/").content.decode()

    assert ("Register the first one" in portfolio) is may
    assert ("Register the first one" in rows) is may
    assert ("Register an initiative" in requests) is may
    assert (client.get("/initiatives/new/").status_code == 200) is may


def test_filter_that_leaves_nothing_is_named(client, people, funded):
    page = seen(client, people.reader, "/portfolio/?stage=scale").content.decode()

    assert "No initiative fits" in page
    assert "Stage: Scale" in page


def test_search_that_leaves_nothing_is_named(client, people, funded):
    page = seen(client, people.reader, "/portfolio/?q=walrus").content.decode()

    assert "No initiative fits" in page
    assert "walrus" in page


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("stage=pilot", ["Fraud network detection"]),
        ("stage=concept", ["Policy wording answers"]),
        ("stage=pilot&stage=concept", ["Fraud network detection", "Policy wording answers"]),
        ("q=FRAUD", ["Fraud network detection"]),
        ("status=no_spend", ["Fraud network detection", "Policy wording answers"]),
        ("owner=Nobody", []),
        ("sort=name", ["Fraud network detection", "Policy wording answers"]),
        ("sort=-name", ["Policy wording answers", "Fraud network detection"]),
        ("sort=-approved", ["Fraud network detection", "Policy wording answers"]),
        ("sort=stage", ["Policy wording answers", "Fraud network detection"]),
        ("sort=nonsense", ["Fraud network detection", "Policy wording answers"]),
    ],
)
def test_export_holds_the_rows_that_are_shown_in_their_order(client, people, funded, query, names):
    concept(people)

    rows = list(
        csv.DictReader(io.StringIO(seen(client, people.reader, f"/portfolio/export.csv?{query}").content.decode()))
    )

    found = [row["name"] for row in rows]
    assert sorted(found) == sorted(names)
    if "sort=" in query and "nonsense" not in query:
        assert found == names


def test_export_writes_amounts_as_decimals_and_disarms_formulas(client, people, funded):
    funded.name = "=HYPERLINK(1)"
    funded.save()

    row = next(csv.DictReader(io.StringIO(seen(client, people.reader, "/portfolio/export.csv").content.decode())))

    assert Decimal(row["approved"]) == 520000
    assert row["name"] == "'=HYPERLINK(1)"


def test_number_of_queries_does_not_grow_with_initiatives(client, people, funded, django_assert_max_num_queries):
    client.force_login(person("ruth", Role.MEMBER))
    initiative(people.olga, "pilot", name="Without money")
    client.get("/portfolio/")

    with CaptureQueriesContext(connection) as few:
        client.get("/portfolio/")
    assert len(few) <= MOST_QUERIES
    for number in range(6):
        initiative(people.olga, "pilot", name=f"Initiative {number}")
    with django_assert_max_num_queries(len(few)):
        client.get("/portfolio/")


def test_spend_without_a_rate_is_named_beside_the_sum_that_leaves_it_out(client, people, funded, at):
    spent(funded, at.date(), "1200", by=people.fay, at=at, currency="EUR")

    page = seen(client, people.reader, "/portfolio/").content.decode()

    assert f"{funded.key} plus 1,200.00 EUR without a rate for November 2026" in page


def test_the_portfolio_says_how_much_of_the_years_spend_has_an_owner(client, people, funded, at):
    spent(funded, at.date(), "300", by=people.fay, at=at)

    assert "100.0% of this year’s spend on AI" in seen(client, people.reader, "/portfolio/").content.decode()
    assert "spend on AI" not in seen(client, people.max, "/portfolio/").content.decode()


@pytest.mark.parametrize(("count", "cards", "more"), [(20, 20, ""), (21, 20, "1 more in Pilot")])
def test_a_lane_shows_twenty_cards_and_leads_to_the_table_for_the_rest(client, people, count, cards, more):
    for number in range(count):
        initiative(people.olga, "pilot", name=f"Initiative {number}")

    page = seen(client, people.reader, "/portfolio/?owner=Olga&stage=pilot&stage=mvp", **HTMX).content.decode()

    assert page.count('<article class="card">') == cards
    assert (more in page) if more else (" more in " not in page)
    assert ('href="?owner=Olga&amp;view=table&amp;stage=pilot"' in page) is bool(more)


def test_filters_order_and_pages_ask_for_nothing_that_stands_above_the_rows(client, people, funded):
    client.force_login(people.reader)
    client.get("/portfolio/")
    with CaptureQueriesContext(connection) as whole:
        client.get("/portfolio/?sort=name")
    with CaptureQueriesContext(connection) as rows:
        client.get("/portfolio/?sort=name", headers=HTMX)

    assert len(rows) < len(whole) - 5
