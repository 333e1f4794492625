from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from projects.audit.selectors import first_break
from projects.funding.models import Envelope, LedgerEntry, LedgerLine, Tranche
from projects.funding.selectors import headroom, positions
from projects.initiatives.choices import Stage
from projects.initiatives.models import Initiative
from projects.intake.import_budgets import window
from projects.intake.import_records import Record
from projects.intake.import_writes import Placed
from projects.intake.services import Delivered, Order, import_portfolio
from projects.people.models import User

HEADER = "id,org,name,stage,start date,end date,budget,actual\n"
ROWS = (
    "P1,DOE,Over,Pilot,2026-02-01,2026-09-30,$100,$115.01\n"
    "P2,DOE,At the limit,Pilot,2026-02-01,2027-01-31,$100,$115.00\n"
    "P3,DOE,Zero,Pilot,,,$0,$5\n"
    "P4,DOE,Unfunded,Pilot,,,,\n"
    "P5,DOE,Abroad,Pilot,,,£7.125,\n"
)
TODAY = date(2026, 11, 2)


def imported(at, *, by, second, owner, rows=ROWS):
    order = Order(Delivered("portfolio.csv", (HEADER + rows).encode()), owner=owner)
    return import_portfolio(order=order, by=by, second=second, at=at).as_dict()


def position(name, on=TODAY):
    initiative = Initiative.objects.get(name=name)
    return positions([initiative.pk], on=on)[initiative.pk]


@pytest.mark.django_db
def test_signed_budgets_are_released_out_of_an_envelope_of_each_currency(fiona, frank, olga, organisation, at):
    report = imported(at, by=fiona, second=frank, owner=olga)

    assert report["opening"]["budgets"] == {"taken_over": 3, "beside": 1}
    assert [(row.initiative.name, row.kind, row.state, row.amount) for row in Tranche.objects.order_by("pk")] == [
        ("Over", "opening", "released", Decimal(100)),
        ("At the limit", "opening", "released", Decimal(100)),
        ("Abroad", "opening", "released", Decimal("7.12")),
    ]
    reference = report["opening"]["reference"]
    assert set(Tranche.objects.values_list("decision_reference", "decided_by", "released_by")) == {
        (reference, fiona.pk, frank.pk)
    }
    assert list(Envelope.objects.order_by("currency").values_list("name", "currency")) == [
        (f"Taken over by {reference}, GBP", "GBP"),
        (f"Taken over by {reference}, USD", "USD"),
    ]
    assert LedgerEntry.objects.filter(kind="release", decision_reference=reference).count() == 3
    assert sum(LedgerLine.objects.filter(currency="USD").values_list("amount", flat=True)) == 0
    assert all(first_break(row.initiative.audit_stream) is None for row in Tranche.objects.select_related("initiative"))


@pytest.mark.django_db
def test_spend_of_before_the_import_counts_against_a_budget_taken_over(fiona, frank, olga, organisation, at):
    imported(at, by=fiona, second=frank, owner=olga)

    assert (position("Over").approved, position("Over").spent) == (Decimal(100), Decimal("115.01"))
    assert (position("At the limit").approved, position("At the limit").spent) == (Decimal(100), Decimal("115.00"))
    assert position("Over").first_released_on == date(2026, 2, 1)


@pytest.mark.django_db
def test_no_budget_and_a_budget_of_zero_release_nothing(fiona, frank, olga, organisation, at):
    imported(at, by=fiona, second=frank, owner=olga)

    assert [position(name).first_released_on for name in ("Zero", "Unfunded")] == [None, None]


@pytest.mark.django_db
def test_headroom_of_a_budget_taken_over_is_what_was_not_overspent(fiona, frank, olga, organisation, at):
    imported(at, by=fiona, second=frank, owner=olga)

    assert headroom(Envelope.objects.get(currency="USD"), on=TODAY).left == Decimal("-30.01")


@pytest.mark.django_db
def test_without_a_second_signature_no_money_moves(fiona, olga, organisation, at):
    report = imported(at, by=fiona, second=None, owner=olga)

    assert report["opening"]["budgets"] == {"taken_over": 0, "beside": 4}
    assert (Tranche.objects.count(), Envelope.objects.count(), LedgerEntry.objects.count()) == (0, 0, 0)


@pytest.mark.django_db
def test_the_budget_of_an_initiative_in_which_a_signer_is_interested_stays_beside(fiona, frank, olga, organisation, at):
    report = imported(at, by=fiona, second=frank, owner=frank)

    assert report["opening"]["budgets"] == {"taken_over": 0, "beside": 4}
    assert Tranche.objects.count() == 0


@pytest.mark.django_db
def test_statements_do_not_grow_with_the_number_of_budgets(
    fiona, frank, olga, organisation, at, django_assert_max_num_queries
):
    rows = "".join(f"B{number},DOE,Budget {number},Pilot,,,$10,\n" for number in range(60))

    with django_assert_max_num_queries(90):
        imported(at, by=fiona, second=frank, owner=olga, rows=rows)

    assert Tranche.objects.count() == 60


def placed(start_on=None, end_on=None):
    record = replace(Record(2, "DOE", "P1", True, "Grid"), start_on=start_on, end_on=end_on)
    return Placed(record, User(), Stage.PILOT, is_signed=True)


@pytest.mark.parametrize(
    ("start_on", "end_on", "starts_on", "ends_on"),
    [
        (date(2026, 2, 1), date(2026, 9, 30), date(2026, 2, 1), date(2026, 10, 1)),
        (date(2026, 2, 1), date(2027, 1, 31), date(2026, 2, 1), date(2027, 2, 1)),
        (date(2027, 2, 1), date(2027, 3, 1), TODAY, date(2027, 3, 2)),
        (date(2026, 10, 1), date(2026, 9, 1), date(2026, 9, 1), date(2026, 9, 2)),
        (None, None, TODAY, date(2027, 11, 3)),
        (date(1900, 1, 1), date(1950, 1, 1), TODAY, date(2026, 11, 3)),
    ],
)
def test_a_window_holds_the_day_of_the_actual_cost(start_on, end_on, starts_on, ends_on):
    assert window(placed(start_on, end_on), TODAY) == (starts_on, ends_on)
