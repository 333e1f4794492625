"""A bad file is refused whole, unless a person chooses its good rows: then nothing is lost, and the choice is recorded."""

import csv
from decimal import Decimal
from io import StringIO

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError
from django.test.utils import CaptureQueriesContext

from projects.audit.models import AuditEvent
from projects.jobs.models import Job
from projects.people.roles import Role
from projects.sources.models import Delivery
from projects.spend import refusals
from projects.spend.models import SpendFact
from tests.factories.people import person
from tests.projects.spend.samples import run, take_in, totals, write_focus
from tests.projects.spend.test_import_pages import perform, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def bad(tmp_path):
    """Five rows, of which two cannot be read: one has no amount, one no day."""
    return write_focus(
        tmp_path / "bad.csv",
        {"EffectiveCost": "10.5"},
        {"EffectiveCost": "=ann@example.com", "BilledCost": "3"},
        {"EffectiveCost": "20"},
        {"EffectiveCost": "7", "ChargePeriodStart": "yesterday"},
        {"EffectiveCost": "1", "BillingCurrency": "EUR"},
    )


def test_a_bad_file_is_refused_whole_unless_its_good_rows_are_chosen(bad):
    code, refused = run("import_costs", bad, "--source", "cloud")
    assert (code, refused["error"]["code"]) == (2, "bad_rows")
    assert (Delivery.objects.count(), SpendFact.objects.count()) == (0, 0)

    answer = take_in(bad, "cloud", "--good-rows")

    assert (answer["rows"], answer["accepted"], answer["refused"]) == (5, 3, 2)
    assert totals()[1] == {"USD": (2, Decimal(2), Decimal("30.5")), "EUR": (1, Decimal(1), Decimal(1))}
    assert answer["refused_totals"]["USD"]["rows"] == 2
    assert Decimal(answer["refused_totals"]["USD"]["effective_cost"]) == 7
    assert answer["refused_totals"]["USD"]["unreadable"] == 1


def test_what_was_left_out_stays_on_the_delivery_with_line_column_value_and_reason(bad):
    take_in(bad, "cloud", "--good-rows")

    delivery = Delivery.objects.get()
    rows = [(row.line, row.column, row.value) for row in delivery.refused_rows.all()]
    assert rows == [(3, "EffectiveCost", "=ann@example.com"), (5, "ChargePeriodStart", "yesterday")]
    event = AuditEvent.objects.get(verb="delivery.imported")
    assert event.data["good_rows_only"] is True
    assert event.data["refused"] == 2


def test_a_good_file_loads_the_same_whatever_was_chosen(tmp_path):
    path = write_focus(tmp_path / "good.csv", {}, {"EffectiveCost": "2"})

    answer = take_in(path, "cloud", "--good-rows")
    again = take_in(path, "cloud")

    assert (answer["refused"], answer["refused_totals"]) == (0, {})
    assert (again["delivery"], again["unchanged"]) == (answer["delivery"], True)


def test_a_file_without_a_good_row_is_refused_whatever_was_chosen(tmp_path):
    path = write_focus(tmp_path / "worst.csv", {"EffectiveCost": "x"})

    assert run("import_costs", path, "--source", "cloud", "--good-rows")[0] == 2
    assert Delivery.objects.count() == 0


@pytest.mark.parametrize(("most", "taken"), [(2, False), (3, True)])
def test_more_refusals_than_can_be_kept_refuse_the_file(most, taken, bad, monkeypatch):
    monkeypatch.setattr("projects.spend.services.MOST_REFUSALS", most)
    monkeypatch.setattr(refusals, "MOST_REFUSALS", most)

    code, _ = run("import_costs", bad, "--source", "cloud", "--good-rows")

    assert (code == 0) is taken
    assert Delivery.objects.exists() is taken


def test_the_database_refuses_refused_rows_that_nobody_chose(bad):
    take_in(bad, "cloud", "--good-rows")
    delivery = Delivery.objects.get()
    delivery.pk, delivery.key, delivery.good_rows_only = None, "DL-9999", False

    with pytest.raises(IntegrityError, match="delivery_refuses_by_choice"), transaction.atomic():
        delivery.save(force_insert=True)


def test_the_preview_offers_the_good_rows_and_the_job_loads_them(client, fiona, bad):
    client.force_login(fiona)
    held = send(client, bad).url

    answer = client.get(held)

    page = answer.content.decode()
    assert answer.status_code == 422
    for words in ("Load 3 good rows", "30.50 USD", "7.00 USD, 1 without a readable amount", "yesterday"):
        assert words in page, words
    client.post(f"{held}confirm/", {"role": "fact", "good_rows": "on"})
    result, _ = perform(Job.objects.get())
    shown = client.get(result["location"]).content.decode()
    for words in ("2 rows left out", "Fiona chose to load the good rows only", "yesterday", "refused.csv"):
        assert words in shown, words


def test_without_the_choice_the_job_refuses(client, fiona, bad):
    client.force_login(fiona)
    client.post(f"{send(client, bad).url}confirm/", {"role": "fact"})

    with pytest.raises(Exception, match="cannot be read, so nothing was imported"):
        perform(Job.objects.get())


def test_the_refused_rows_are_sent_without_formulas_and_without_people(client, fiona, carol, max_the_stranger, bad):
    take_in(bad, "cloud", "--good-rows")
    path = "/spend/deliveries/DL-0001/refused.csv"
    sent = {}
    for reader in (fiona, carol):
        client.force_login(reader)
        sent[reader] = list(csv.reader(StringIO(client.get(path).content.decode())))

    assert sent[fiona][:2] == [
        ["line", "column", "value", "reason"],
        ["3", "EffectiveCost", "'=ann@example.com", sent[fiona][1][3]],
    ]
    assert sent[carol][1][2] == "'=masked@example.com"
    client.force_login(person("ada", Role.ADMINISTRATOR))
    assert client.get(path).status_code == 403
    client.force_login(max_the_stranger)
    assert client.get(path).status_code == 404


def test_a_delivery_with_more_refusals_costs_no_more_queries(client, fiona, bad, tmp_path):
    take_in(bad, "cloud", "--good-rows")
    worse = write_focus(tmp_path / "worse.csv", {}, *[{"EffectiveCost": f"x{number}"} for number in range(80)])
    take_in(worse, "other", "--good-rows")
    client.force_login(fiona)
    client.get("/spend/deliveries/DL-0001/")
    with CaptureQueriesContext(connection) as few:
        client.get("/spend/deliveries/DL-0001/")
    with CaptureQueriesContext(connection) as many:
        page = client.get("/spend/deliveries/DL-0002/").content.decode()

    assert len(few) == len(many)
    assert page.count(">x4") == 11
