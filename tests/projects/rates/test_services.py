from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from projects.audit.models import AuditEvent
from projects.common.outcomes import NotPermitted
from projects.people.roles import Role
from projects.rates.models import MonthlyRate
from projects.rates.selectors import rate_book, rates_of
from projects.rates.services import RatesRefused, enter_rate, import_rates
from projects.signals import rates_changed
from projects.sources.models import ClosedPeriod
from tests.factories.people import person
from tests.factories.rates import rate
from tests.projects.spend.samples import run

pytestmark = pytest.mark.django_db
AT = datetime(2026, 6, 20, 9, tzinfo=UTC)
MAY = date(2026, 5, 1)
FED = Path(__file__).parents[3] / "fixtures" / "rates" / "us_fed_monthly_rates_2020_on.csv"


@pytest.fixture
def fay():
    return person("fay", Role.FINANCE)


@pytest.fixture
def heard():
    told = []

    def listen(places, **_):
        told.append(places)

    rates_changed.connect(listen)
    yield told
    rates_changed.disconnect(listen)


def test_a_table_is_taken_whole_and_the_same_again_changes_nothing(fay, heard):
    first = import_rates(content=FED.read_bytes(), source="Federal Reserve", by=fay, at=AT)
    again = import_rates(content=FED.read_bytes(), source="Federal Reserve", by=fay, at=AT)

    assert (first.added, first.changed, first.unchanged, len(first.months)) == (1772, 0, 0, 78)
    assert (again.added, again.changed, again.unchanged) == (0, 0, 1772)
    assert MonthlyRate.objects.count() == 1772
    assert AuditEvent.objects.filter(verb="rates.taken").count() == 1
    assert len(heard) == 1
    assert rate_book([MAY]).convert(Decimal("0.8561"), "EUR", "USD", MAY) == 1


def test_another_figure_is_a_new_version_and_the_old_one_stays(fay, heard):
    rate(MAY, "EUR", "1.17", by=fay, at=AT)
    rate(MAY, "EUR", "1.18", by=fay, at=AT)

    assert [(row.version, row.dollars) for row in MonthlyRate.objects.order_by("version")] == [
        (1, Decimal("1.17")),
        (2, Decimal("1.18")),
    ]
    assert rate_book([MAY]).rate("EUR", MAY).dollars == Decimal("1.18")
    assert [row.version for row in rates_of(MAY)] == [2]
    assert heard == [[(MAY, "EUR")], [(MAY, "EUR")]]


def test_the_same_worth_written_the_other_way_round_is_no_change(fay):
    rate(MAY, "EUR", "1.25", by=fay, at=AT)

    taken = import_rates(
        content=b"Date,Country,Exchange rate\n2026-05-01,United Kingdom,0.75\n2026-05-01,Euro,0.8\n",
        source="x",
        by=fay,
        at=AT,
    )

    assert (taken.added, taken.unchanged) == (1, 1)


def test_the_rate_of_a_closed_month_may_come_but_not_change(fay):
    rate(MAY, "EUR", "1.17", by=fay, at=AT)
    ClosedPeriod.objects.create(month=MAY, closed_by=fay, closed_at=AT)

    rate(MAY, "GBP", "1.35", by=fay, at=AT)
    with pytest.raises(RatesRefused, match="May 2026 is closed") as refused:
        rate(MAY, "EUR", "1.18", by=fay, at=AT)

    assert refused.value.code == "period_closed"
    assert MonthlyRate.objects.count() == 2


@pytest.mark.parametrize(
    ("months", "more"), [(2, "; April 2026 is closed, by Fay"), (3, "May 2026"), (4, "; and 1 more. These rates")]
)
def test_every_closed_month_that_a_table_would_change_is_counted(months, more, fay):
    days = [date(2026, 3 + number, 1) for number in range(months)]
    for day in days:
        rate(day, "EUR", "1.17", by=fay, at=AT)
        ClosedPeriod.objects.create(month=day, closed_by=fay, closed_at=AT)
    table = "".join(f"{day:%Y-%m},EUR,1.2\n" for day in days)

    with pytest.raises(RatesRefused) as refused:
        import_rates(content=f"month,currency,dollars_per_unit\n{table}".encode(), source="x", by=fay, at=AT)

    assert "March 2026 is closed, by Fay" in str(refused.value)
    assert more in str(refused.value)
    assert "what they cost. Have the months opened again first, or leave them out of the table." in str(refused.value)
    assert ("more" in str(refused.value)) is (months > 3)


@pytest.mark.parametrize(("currency", "dollars"), [("USD", "1"), ("EUR", "0"), ("EUR", "-1"), ("EUR", "NaN")])
def test_a_rate_that_is_none_is_refused_and_leaves_nothing(currency, dollars, fay, heard):
    with pytest.raises(RatesRefused):
        enter_rate(month=MAY, currency=currency, dollars=Decimal(dollars), source="x", by=fay, at=AT)

    assert not MonthlyRate.objects.exists()
    assert not AuditEvent.objects.exists()
    assert heard == []


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.REVIEWER, Role.ADMINISTRATOR, Role.SECRETARY])
def test_nobody_but_finance_brings_rates_in(role):
    with pytest.raises(NotPermitted):
        rate(MAY, "EUR", "1.17", by=person("other", role), at=AT)


def test_the_database_refuses_what_no_rate_can_be_and_any_change(fay):
    rate(MAY, "EUR", "1.17", by=fay, at=AT)
    row = MonthlyRate.objects.get()

    for wrong in ({"currency": "USD"}, {"month": date(2026, 5, 2)}, {"dollars": 0}, {"units": -1}, {"source": ""}):
        copy = {"month": MAY, "currency": "GBP", "dollars": 1, "units": 1, "source": "x"} | wrong
        with pytest.raises(IntegrityError), transaction.atomic():
            MonthlyRate.objects.create(quoted_on=MAY, entered_by=fay, entered_at=AT, **copy)
    for act in (row.delete, lambda: MonthlyRate.objects.update(dollars=2)):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()


def test_the_command_says_what_became_of_the_table(settings):
    settings.TOLLGATE_NOW = AT.isoformat()

    code, answer = run("import_rates", FED)

    assert code == 0
    assert (answer["added"], answer["direction"]) == (1772, "units for one dollar")
    assert (answer["months"][0], answer["months"][-1]) == ("2020-01", "2026-06")
    assert answer["left_out"] == {"Venezuela": 22}
    assert run("import_rates", FED)[1]["unchanged"] == 1772


def test_the_command_names_the_lines_at_fault(tmp_path):
    path = tmp_path / "rates.csv"
    path.write_text("Date,Country,Exchange rate\n2026-05-01,Euro,ND\n")

    code, answer = run("import_rates", path)

    assert code == 2
    assert answer["error"]["code"] == "bad_rows"
    assert answer["error"]["rows"] == [
        {"line": 2, "column": "Exchange rate", "value": "ND", "reason": "is not a number above zero"}
    ]
