"""Columns of no known export are named on the page, and the next file of the source is read by them."""

import pytest

from projects.jobs.models import Job
from tests.projects.spend.samples import FOCUS
from tests.projects.spend.uploads import perform, send

pytestmark = pytest.mark.django_db
REAL = FOCUS / "focus_1_0_anonymised_real.csv"
SEATS = "Datum;Dienst;Betrag;Wer\n01.10.2026;Sitze;1.201,51;{key}\n02.10.2026;Sitze;10,50;{key}\n"
NAMED = {"date": "Datum", "service": "Dienst", "amount": "Betrag", "currency_is": "EUR", "key": "Wer"}


@pytest.fixture
def seats(tmp_path, fraud):
    path = tmp_path / "seats.csv"
    path.write_text(SEATS.format(key=fraud.key), encoding="cp1252")
    return path


def test_columns_of_no_known_export_are_named_on_the_page(as_fiona, seats):
    held = send(as_fiona, seats, "seats").url
    asked = as_fiona.get(held)
    assert (asked.status_code, "Say which column is which" in asked.content.decode()) == (422, True)

    answer = as_fiona.post(f"{held}columns/", NAMED)

    assert answer.url == held
    page = as_fiona.get(held)
    assert page.status_code == 200
    assert "1,212.01" in page.content.decode()
    assert "Import 2 rows" in page.content.decode()


@pytest.mark.parametrize(
    ("missing", "says"),
    [
        ("date", "A mapping needs the column of the day of the charge."),
        ("amount", "A mapping needs the column of the amount."),
        ("service", "A mapping needs the column of the service."),
        ("currency_is", "A mapping needs the column of the currency."),
    ],
)
def test_columns_that_no_charge_can_be_without_must_be_named(as_fiona, seats, missing, says):
    held = send(as_fiona, seats, "seats").url

    answer = as_fiona.post(f"{held}columns/", {**NAMED, missing: ""})

    assert answer.status_code == 422
    assert says in answer.content.decode()


def test_a_column_that_the_file_does_not_have_cannot_be_named(as_fiona, seats):
    answer = as_fiona.post(f"{send(as_fiona, seats, 'seats').url}columns/", {**NAMED, "date": "Tag"})

    assert answer.status_code == 422
    assert "“Day of the charge” of a mapping cannot be Tag. Choose from the list." in answer.content.decode()


def test_the_next_file_of_a_source_is_read_by_the_columns_of_its_last_delivery(as_fiona, seats, fraud):
    held = send(as_fiona, seats, "seats").url
    as_fiona.post(f"{held}columns/", NAMED)
    as_fiona.post(f"{held}confirm/", {"role": "fact"})
    perform(Job.objects.get())
    seats.write_text(SEATS.format(key=fraud.key).replace("10,50", "11,50"), encoding="cp1252")

    page = as_fiona.get(send(as_fiona, seats, "seats").url).content.decode()

    assert "1,213.01" in page
    assert "Columns are read as in the last delivery of seats" in page
    assert "Columns are read as in the last" not in as_fiona.get(send(as_fiona, REAL, "cloud").url).content.decode()


def test_a_known_export_needs_no_columns_of_an_earlier_delivery_of_its_source(as_fiona, seats):
    held = send(as_fiona, seats, "seats").url
    as_fiona.post(f"{held}columns/", NAMED)
    as_fiona.post(f"{held}confirm/", {"role": "fact"})
    perform(Job.objects.get())

    page = as_fiona.get(send(as_fiona, REAL, "seats").url)

    assert (page.status_code, "FOCUS cost and usage 1.0" in page.content.decode()) == (200, True)


def test_only_who_holds_a_file_may_name_its_columns(client, as_fiona, seats, max_the_stranger, audrey):
    held = send(as_fiona, seats, "seats").url

    for other, status in ((max_the_stranger, 404), (audrey, 403)):
        client.force_login(other)
        assert client.post(f"{held}columns/", NAMED).status_code == status
