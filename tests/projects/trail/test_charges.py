"""Every figure leads to the charges that it adds up, and each page of them costs the same."""

import csv
from datetime import date
from decimal import Decimal
from io import StringIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from projects.attribution.services import RuleDraft, make_rule
from projects.people.models import Team
from projects.people.roles import Role
from projects.spend.answering import behind, behind_series
from projects.spend.asking import BY, Question
from projects.spend.charge_sums import charge_sums
from projects.spend.explorer import explore
from projects.spend.narrowing import Narrowing, narrowing_of
from projects.spend.reattribution import reattribute
from projects.trail import selectors, views
from projects.trail.selectors import charges, place_of
from tests.factories.people import person
from tests.harness.plans import rows_touched
from tests.projects.spend.samples import take_in, write_focus
from tests.projects.trail.conftest import row

pytestmark = pytest.mark.django_db


def walked(narrowing, page=2):
    """Return all charges of a narrowing, page by page."""
    found, after = [], None
    while True:
        part = charges(narrowing, after=after, page=page)
        found += part.charges
        if part.after is None:
            return found
        after = part.after


def effective(narrowing):
    return {line.currency: line.effective_cost for line in charge_sums(narrowing)}


def figures(by):
    """Return each figure that the explorer shows with what narrows to the charges behind it."""
    answer = explore(Question(by, date(2026, 1, 1), date(2026, 6, 30), "USD"))
    rows = [*answer.rows, *([answer.unclaimed] if answer.unclaimed and by not in ("month", "day") else [])]
    yield behind(answer.question), answer.total.total
    for line in rows:
        yield behind(answer.question, line), line.total
        yield from ((behind(answer.question, line, layer), amount) for layer, amount in line.layers.items())
    for series in answer.series:
        for time, amount in zip(answer.times, series.amounts, strict=True):
            if meant := behind_series(answer.question, series, time):
                yield meant, amount


def test_every_figure_of_the_explorer_equals_the_charges_behind_it(bill):
    for by in BY:
        found = list(figures(by))
        assert len(found) > 8
        for narrowing, amount in found:
            again = narrowing_of(narrowing.pairs())
            assert effective(again).get("USD", 0) == amount, (by, narrowing)
            assert sum(charge.effective_cost for charge in walked(again)) == amount, (by, narrowing)


def test_the_sum_of_charges_is_added_up_once_for_all_their_pages_and_anew_where_anything_moves(bill, fiona, now):
    words, other = Narrowing().only(initiative=bill.key), Team.objects.create(name="Another team")
    unclaimed, of_team = Narrowing().only(initiative="unclaimed"), Narrowing().only(team="Another team")
    before = [effective(narrowing) for narrowing in (words, unclaimed, of_team)]

    with CaptureQueriesContext(connection) as again:
        assert [effective(narrowing) for narrowing in (words, unclaimed)] == before[:2]
    bill.team = other
    bill.save(update_fields=["team"])

    assert not [query for query in again if "FROM projects_spendday" in query["sql"]]
    assert effective(of_team) == before[0] != before[2] == {}
    make_rule(draft=RuleDraft("service", "Bedrock", bill), by=fiona, at=now)
    reattribute(by=fiona, at=now)
    assert effective(words)["USD"] > before[0]["USD"]


def test_pages_hold_every_charge_once_the_newest_first(bill):
    found = walked(Narrowing(everything=True))

    places = [(charge.day, charge.part_id, charge.row_number, charge.share) for charge in found]
    assert len(set(places)) == 8
    assert places == sorted(places, key=lambda place: (-place[0].toordinal(), -place[1], *place[2:]))


def test_a_page_that_ends_inside_a_day_goes_on_in_it(fraud, tmp_path):
    cells = [row(date(2026, 5, day), number, ServiceName="Bedrock") for day in (3, 4) for number in range(1, 8)]
    take_in(write_focus(tmp_path / "many.csv", *cells), "cloud")

    sizes = {page: len(walked(Narrowing(), page)) for page in (1, 3, 6, 7, 8, 13, 14, 15)}

    assert set(sizes.values()) == {14}


def test_pages_hold_the_same_whether_many_charges_are_meant_or_few(bill, monkeypatch):
    narrowings = [Narrowing(everything=True), Narrowing(currency="USD").only(initiative=bill.key)]
    narrowings += [Narrowing().only(initiative="unclaimed"), Narrowing().only(service="AmazonEC2")]
    walks = [walked(narrowing) for narrowing in narrowings]

    for name, value in (("LARGE", 0), ("FIRST", 1), ("MANY", 0)):
        monkeypatch.setattr(selectors, name, value)
        assert [walked(narrowing) for narrowing in narrowings] == walks
    assert min(map(len, walks)) > 0


def test_a_page_of_a_day_looks_up_the_keys_of_its_own_charges_alone(fraud, tmp_path, monkeypatch):
    cells = [row(date(2026, 5, 4), 1, ResourceId=f"r-{number}") for number in range(600)]
    take_in(write_focus(tmp_path / "many.csv", *cells), "cloud")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE projects_costkey")
    asked = []
    ask = selectors._all
    monkeypatch.setattr(selectors, "_all", lambda *told: asked.append(told) or ask(*told))

    found = charges(Narrowing(date(2026, 5, 4), date(2026, 5, 4)).only(initiative="unclaimed"))

    assert len(found.charges) == selectors.PAGE
    assert max(rows_touched(*told, relation="projects_costkey") for told in asked) == selectors.PAGE + 1


@pytest.mark.parametrize("after", ["", "2026-05-04.{}.1500.0", "2026-05-04.{}.38900.0"])
def test_a_page_of_a_long_day_reads_the_rows_near_it_and_not_the_day(deliver_many, monkeypatch, after):
    part = deliver_many(40_000)
    asked = []
    ask = selectors._all
    monkeypatch.setattr(selectors, "_all", lambda *told: asked.append(told) or ask(*told))
    day = Narrowing(date(2026, 5, 4), date(2026, 5, 4), everything=True)

    found = charges(day, after=place_of(after.format(part))).charges

    rows = [charge.row_number for charge in found]
    first = int(after.split(".")[2]) + 1 if after else 2
    assert rows == list(range(first, first + selectors.PAGE))
    assert len(asked) == 2
    assert max(rows_touched(*told, relation="projects_spendfact_202605") for told in asked) < 4_000


def test_the_end_of_a_long_day_goes_on_with_the_day_before(deliver_many, monkeypatch):
    monkeypatch.setattr(selectors, "LARGE", 0)
    part = deliver_many(120, date(2026, 5, 3))

    found = charges(Narrowing(everything=True), after=place_of(f"2026-05-04.{part}.100.0")).charges

    of_day_4, of_day_3 = [(4, row) for row in range(101, 122)], [(3, row) for row in range(201, 230)]
    assert [(charge.day.day, charge.row_number) for charge in found] == of_day_4 + of_day_3


@pytest.mark.parametrize("rows", [30_000, 800])
def test_a_page_from_one_day_into_a_long_one_reads_neither_whole(rows, deliver_many, monkeypatch):
    part = deliver_many(rows, date(2026, 5, 3), 30_000)
    asked = []
    ask = selectors._all
    monkeypatch.setattr(selectors, "_all", lambda *told: asked.append(told) or ask(*told))

    found = charges(Narrowing(everything=True), after=place_of(f"2026-05-04.{part}.{rows - 19}.0")).charges

    of_day_4, of_day_3 = [(4, row) for row in range(rows - 18, rows + 2)], [(3, row) for row in range(201, 231)]
    assert [(charge.day.day, charge.row_number) for charge in found] == of_day_4 + of_day_3
    assert len(asked) <= 5
    assert max(rows_touched(*told, relation="projects_spendfact_202605") for told in asked) < 4_000


def test_what_is_meant_is_found_behind_many_charges_that_are_not(fraud, tmp_path, monkeypatch):
    others = [row(date(2026, 5, 4), 1, ServiceName="Other") for _ in range(40)]
    take_in(write_focus(tmp_path / "a.csv", row(date(2026, 5, 4), 9, ServiceName="Rare"), *others), "cloud")
    monkeypatch.setattr(selectors, "FIRST", 1)

    assert [charge.effective_cost for charge in walked(Narrowing(everything=True).only(service="Rare"))] == [9]


def test_a_charge_names_the_tranche_in_force_on_its_day(funded, bill):
    found = walked(Narrowing(currency="USD").only(initiative=bill.key))

    assert {charge.day.isoformat(): charge.tranche for charge in found} == {
        "2026-05-03": None,
        "2026-05-04": None,
        "2026-05-20": 1,
        "2026-06-02": 1,
    }


def test_a_day_inside_the_lag_or_an_open_month_is_provisional(bill):
    charge = walked(Narrowing())[-1]

    assert charge.day == date(2026, 5, 3)
    assert charge.is_provisional(date(2026, 6, 3))
    assert not charge.is_provisional(date(2026, 6, 4))


def test_the_page_lists_charges_with_their_sum_and_the_way_to_each(client, carol, funded, bill):
    client.force_login(carol)

    answer = client.get(f"/spend/rows/?initiative={bill.key}&currency=USD")

    page = answer.content.decode()
    assert answer.status_code == 200
    assert "$255.75" in page
    assert "5 charges" in page
    assert "/spend/rows/DL-0001/2/" in page
    assert f"/initiatives/{bill.key}/tranches/1/" in page
    assert "Unfunded" in page


def test_an_address_that_cannot_be_read_narrows_nothing(client, carol, bill):
    client.force_login(carol)

    for query in (
        "since=x&on=0001-01-01&currency=dollars&after=9",
        "after=2026-05-03.1.2",
        "since=2026-02-30",
    ):
        answer = client.get(f"/spend/rows/?{query}")
        assert answer.status_code == 200
        assert "7 charges" in answer.content.decode() or "6 charges" in answer.content.decode(), query


def test_places_are_read_or_refused():
    assert str(place_of("2026-05-03.12.100.0")) == "2026-05-03.12.100.0"
    assert place_of("2026-05-33.1.1.1") is None
    assert place_of("2026-05-03.-1.1.1") is None
    assert place_of(f"2026-05-03.{'9' * 30}.1.1") is None


def test_more_charges_cost_no_more_queries(client, carol, bill, tmp_path):
    client.force_login(carol)
    client.get("/spend/rows/")
    with CaptureQueriesContext(connection) as few:
        client.get("/spend/rows/")
    cells = [row(date(2026, 5, day), 1, SubAccountId=f"s{day}") for day in range(1, 30)] * 3
    take_in(write_focus(tmp_path / "more.csv", *cells), "second")
    client.get("/spend/rows/")

    with CaptureQueriesContext(connection) as many:
        page = client.get("/spend/rows/").content.decode()

    assert len(many) == len(few)
    assert "50 charges on this page" in page
    assert "Next" in page


def test_the_export_holds_the_same_charges_and_no_formulas(client, carol, funded, bill):
    client.force_login(carol)

    answer = client.get("/spend/rows.csv?currency=USD&initiative=" + bill.key)

    rows = list(csv.DictReader(StringIO(b"".join(answer.streaming_content).decode())))
    assert sum(Decimal(line["effective_cost"]) for line in rows) == Decimal("255.75")
    assert [line["service"] for line in rows] == ["Bedrock", "Bedrock", "AmazonEC2", "'=cmd()", "Bedrock"]
    assert [line["tranche"] for line in rows] == ["T1", "T1", "T1", "unfunded", "unfunded"]
    assert [line["effective_cost"] for line in rows][:2] == ["7", "-1.5"]


def test_an_export_of_too_many_charges_says_how_to_narrow_it(client, carol, bill, monkeypatch):
    monkeypatch.setattr(views, "MOST_EXPORTED", 6)
    client.force_login(carol)

    assert client.get("/spend/rows.csv?currency=USD").status_code == 200
    answer = client.get("/spend/rows.csv")

    assert answer.status_code == 422
    assert "These are 7 charges" in answer.content.decode()


def test_who_may_not_export_is_refused(client, fraud):
    client.force_login(person("ada", Role.ADMINISTRATOR))

    assert client.get("/spend/rows/").status_code == 200
    assert client.get("/spend/rows.csv").status_code == 403


def test_strangers_find_nothing_and_who_takes_part_finds_their_own(client, sam, max_the_stranger, bill):
    assert client.get("/spend/rows/").url.startswith("/account/login/")
    client.force_login(max_the_stranger)
    assert client.get("/spend/rows/").status_code == 404
    assert client.get("/spend/rows.csv").status_code == 404
    assert client.get("/spend/rows/DL-0001/2/").status_code == 404

    client.force_login(sam)

    assert client.get("/spend/rows/").status_code == 404
    assert client.get(f"/spend/rows/?initiative={bill.key}").status_code == 200
    assert client.get("/spend/rows/DL-0001/2/").status_code == 200
    assert client.get("/spend/rows/DL-0001/7/").status_code == 404
