from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from projects.harness.models import HarnessLine, LineState
from projects.harness.services import LineDraft, enter_line, propose_line

pytestmark = pytest.mark.django_db
AT = datetime(2026, 6, 15, 9, tzinfo=UTC)
LINE = {"kind": "human_review", "month": "2026-05", "amount": "7440.00", "note": "Two reviewers, six days each."}


@pytest.fixture(autouse=True)
def _here(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.TOLLGATE_NOW = AT.isoformat()


def address(fraud, name="harness", *args):
    return reverse(f"projects:{name}", args=[fraud.key, *args])


def drafted(amount="10.00"):
    return LineDraft(date(2026, 5, 1), "evaluation", Decimal(amount), "A run of the test set.")


def test_the_page_asks_for_sign_in_and_hides_from_strangers(client, fraud, vera, max_the_stranger):
    assert client.get(address(fraud)).status_code == 302
    client.force_login(max_the_stranger)
    assert client.get(address(fraud)).status_code == 404
    client.force_login(vera)
    shown = client.get(address(fraud)).content.decode()
    assert "No harness line yet" in shown
    assert "Enter a line" not in shown


def test_finance_enters_a_line_on_the_page(client, fraud, fiona):
    client.force_login(fiona)

    answer = client.post(address(fraud), LINE, follow=True)

    assert "Human review, May 2026: $7,440.00 entered." in answer.content.decode()
    assert HarnessLine.objects.get().state == LineState.CONFIRMED


def test_an_owner_proposes_a_line_and_finance_confirms_it(client, fraud, olga, fiona):
    client.force_login(olga)
    assert "Propose a line to finance" in client.get(address(fraud)).content.decode()
    client.post(address(fraud), LINE)
    line = HarnessLine.objects.get()
    assert line.state == LineState.PROPOSED
    assert client.post(address(fraud, "harness-act", line.pk, "confirm")).status_code == 403

    client.force_login(fiona)
    client.post(address(fraud, "harness-act", line.pk, "confirm"))

    assert HarnessLine.objects.get().state == LineState.CONFIRMED


def test_a_line_is_taken_back_on_the_page(client, fraud, fiona, felix):
    line = enter_line(initiative_id=fraud.pk, draft=drafted(), by=fiona, at=AT)
    client.force_login(fiona)
    assert client.post(address(fraud, "harness-take-back", line.pk), {"note": ""}).status_code == 422
    client.post(address(fraud, "harness-take-back", line.pk), {"note": "Counted twice."})
    back = HarnessLine.objects.get(takes_back=line)
    assert client.post(address(fraud, "harness-act", back.pk, "confirm")).status_code == 403

    client.force_login(felix)
    shown = client.post(address(fraud, "harness-act", back.pk, "confirm"), follow=True).content.decode()

    assert "Taken back" in shown
    assert "−$10.00" in shown


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"amount": "-5"}, "costs more than zero"),
        ({"amount": "x"}, "“Amount” of a harness line cannot be read. Write it in figures"),
        ({"month": "2026-07"}, "July 2026 has not begun"),
        ({"kind": "lunch"}, "“Kind of work” of a harness line cannot be lunch. Choose"),
        ({"note": ""}, "A harness line needs “What it pays for”. Say"),
    ],
)
def test_a_wrong_line_comes_back_with_its_reason(wrong, said, client, fraud, fiona):
    client.force_login(fiona)

    answer = client.post(address(fraud), LINE | wrong)

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not HarnessLine.objects.exists()


def test_a_reader_may_not_enter_and_an_unknown_act_is_none(client, fraud, vera, fiona):
    line = enter_line(initiative_id=fraud.pk, draft=drafted(), by=fiona, at=AT)
    client.force_login(vera)

    assert client.post(address(fraud), LINE).status_code == 403
    assert client.get(address(fraud, "harness-take-back", line.pk)).status_code == 403
    assert client.post(address(fraud, "harness-act", line.pk, "shred")).status_code == 404


def test_the_number_of_queries_does_not_grow_with_lines(client, fraud, olga, fiona):
    client.force_login(fiona)

    def count():
        with CaptureQueriesContext(connection) as seen:
            client.get(address(fraud))
        return len(seen)

    propose_line(initiative_id=fraud.pk, draft=drafted(), by=olga, at=AT)
    before = count()
    for number in range(1, 6):
        propose_line(initiative_id=fraud.pk, draft=drafted(str(number)), by=olga, at=AT)

    assert count() == before
