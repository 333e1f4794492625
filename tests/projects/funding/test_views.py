from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.template.loader import render_to_string
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from projects.funding.models import Envelope, Tranche
from projects.funding.selectors import funding_panel
from projects.funding.services import freeze_tranche
from projects.limits.selectors import policy_on
from projects.people.roles import Role
from tests.factories import money
from tests.factories.initiatives import initiative
from tests.factories.people import person

HTMX = {"HX-Request": "true"}


@pytest.fixture
def envelope(fiona, now):
    return money.envelope(fiona, now)


@pytest.fixture
def waiting(fraud, envelope, carol, now):
    return money.tranche(fraud, envelope, carol, now, "148000", awaits_conditions=True)


@pytest.fixture(autouse=True)
def _clock(settings, now):
    settings.TOLLGATE_NOW = now.isoformat()


def page(tranche, name="tranche"):
    return reverse(f"projects:{name}", args=[tranche.initiative.key, tranche.number])


def text(answer):
    return " ".join(answer.content.decode().split())


@pytest.mark.parametrize("name", ["money", "envelopes"])
def test_anonymous_signs_in_first(client, db, name):
    assert client.get(reverse(f"projects:{name}")).status_code == 302


def test_queue_names_what_waits_and_for_what(client, waiting, fiona):
    client.force_login(fiona)

    shown = text(client.get(reverse("projects:money")))

    assert "1 tranche decided and not released" in shown
    assert f"{waiting.initiative.key} T1" in shown
    assert "$148,000" in shown
    assert "Thu 17 Dec" in shown
    assert "Nothing is frozen" in shown


def test_queue_alone_is_answered_to_htmx(client, waiting, fiona):
    client.force_login(fiona)

    shown = text(client.get(reverse("projects:money"), headers=HTMX))

    assert "<html" not in shown
    assert 'id="queue"' in shown


def test_queue_is_finances(client, waiting, olga):
    client.force_login(olga)

    assert client.get(reverse("projects:money")).status_code == 403


def test_queue_takes_no_more_queries_for_more_rows(client, waiting, olga, envelope, carol, fiona, now):
    client.force_login(fiona)

    def count():
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get(reverse("projects:money"))
        return len(queries)

    before = count()
    for number in range(3):
        another = initiative(olga, "mvp", name=f"Number {number}")
        money.tranche(another, envelope, carol, now, "1000", awaits_conditions=True)

    assert count() == before


def test_finance_releases_on_the_page(client, waiting, fiona):
    client.force_login(fiona)
    assert "Release $148,000.00" in text(client.get(page(waiting)))

    answer = client.post(page(waiting, "tranche-release"), follow=True)

    assert "Tranche 1 released to Fraud network detection." in text(answer)
    assert Tranche.objects.get().state == "released"


def test_htmx_hears_that_the_tranche_changed(client, waiting, fiona):
    client.force_login(fiona)

    answer = client.post(page(waiting, "tranche-release"), headers=HTMX)

    assert answer["HX-Trigger"] == "tranche-changed"
    assert "<html" not in text(answer)
    assert "released" in text(answer)


def test_first_of_two_signs_and_the_second_releases(client, fraud, envelope, carol, fiona, felix, now):
    row = money.tranche(fraud, envelope, carol, now, "300000", awaits_conditions=True)
    client.force_login(fiona)
    assert "A second person releases it." in text(client.post(page(row, "tranche-release"), follow=True))
    assert client.post(page(row, "tranche-release")).status_code == 422
    client.force_login(felix)

    client.post(page(row, "tranche-release"))

    assert Tranche.objects.get().state == "released"


def test_owner_reads_and_may_not_release(client, waiting, olga):
    client.force_login(olga)

    assert "Finance releases it" in text(client.get(page(waiting)))
    assert client.post(page(waiting, "tranche-release")).status_code == 403


def test_stranger_does_not_find_the_tranche(client, waiting, max_the_stranger):
    client.force_login(max_the_stranger)

    assert client.get(page(waiting)).status_code == 404
    assert client.post(page(waiting, "tranche-release")).status_code == 404


def test_freeze_asks_for_its_reason_and_two_lift(client, fraud, envelope, carol, fiona, felix, now):
    row = money.tranche(fraud, envelope, carol, now)
    client.force_login(fiona)
    assert client.post(page(row, "tranche-freeze"), {"reason": " "}).status_code == 422

    shown = text(client.post(page(row, "tranche-freeze"), {"reason": "Spend doubled"}, follow=True))
    assert "frozen. Two people lift it." in shown
    assert "Spend doubled" in shown
    assert "A second person lifts it." in text(client.post(page(row, "tranche-lift"), follow=True))
    client.force_login(felix)
    client.post(page(row, "tranche-lift"))

    assert Tranche.objects.get().state == "released"


def test_freeze_stands_in_the_queue(client, fraud, envelope, carol, fiona, now):
    row = money.tranche(fraud, envelope, carol, now)
    freeze_tranche(tranche_id=row.pk, reason="Spend doubled", by=fiona, at=now)
    client.force_login(fiona)

    assert "To the chair after Thu 26 Nov" in text(client.get(reverse("projects:money")))


def test_chair_is_offered_the_lift_only_after_the_clock(client, fraud, envelope, carol, fiona, now, settings):
    row = money.tranche(fraud, envelope, carol, now)
    freeze_tranche(tranche_id=row.pk, reason="Spend doubled", by=fiona, at=now)
    client.force_login(carol)
    assert "Sign the lift" not in text(client.get(page(row)))

    settings.TOLLGATE_NOW = (now + timedelta(days=8)).isoformat()

    assert "Sign the lift" in text(client.get(page(row)))


ENVELOPE = {
    "name": "FY27",
    "kind": "company",
    "parent": "",
    "amount": "$1.5m",
    "starts_on": "2027-01-01",
    "last_day": "2027-12-31",
}


def test_finance_opens_an_envelope_as_typed(client, fiona, envelope):
    client.force_login(fiona)

    shown = text(client.post(reverse("projects:envelopes"), ENVELOPE, follow=True))

    assert "Envelope FY27 opened." in shown
    assert "1,500,000" in shown
    assert Envelope.objects.get(name="FY27").ends_on == date(2028, 1, 1)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"amount": "lots"}, "amount"),
        ({"amount": "0"}, "more than zero"),
        ({"last_day": "2026-12-30"}, "before it begins"),
    ],
)
def test_envelope_that_does_not_hold_together_comes_back(client, fiona, envelope, changes, words):
    client.force_login(fiona)

    answer = client.post(reverse("projects:envelopes"), ENVELOPE | changes)

    assert answer.status_code == 422
    assert words in text(answer)
    assert Envelope.objects.count() == 1


def test_reader_sees_envelopes_and_opens_none(client, vera, envelope):
    client.force_login(vera)

    assert "Open the envelope" not in text(client.get(reverse("projects:envelopes")))
    assert client.post(reverse("projects:envelopes"), ENVELOPE).status_code == 403


def test_envelope_changes_with_a_reason(client, fiona, envelope):
    client.force_login(fiona)
    url = reverse("projects:envelope", args=[envelope.pk])

    shown = text(client.post(url, {"direction": "take", "amount": "250k", "reason": "Budget cut"}, follow=True))

    assert "$750,000 left" in shown
    assert "−250,000" in shown
    answer = client.post(url, {"direction": "take", "amount": "750,001", "reason": "Budget cut"})
    assert answer.status_code == 422
    assert "FY26 has 750,000" in text(answer)


def test_lone_envelope_page_is_answered_to_htmx(client, fiona, envelope):
    client.force_login(fiona)

    for url in (reverse("projects:envelope", args=[envelope.pk]), reverse("projects:envelopes")):
        assert "<html" not in text(client.get(url, headers=HTMX))


def test_somebody_without_a_role_reads_no_envelope(client, max_the_stranger, envelope):
    client.force_login(max_the_stranger)

    assert client.get(reverse("projects:envelopes")).status_code == 403


def test_panel_lists_tranches_with_their_state(fraud, envelope, carol, now):
    money.tranche(fraud, envelope, carol, now, "100000", asked=Decimal(120_000))
    money.tranche(fraud, envelope, carol, now + timedelta(days=10), "50000", awaits_conditions=True)

    panel = funding_panel(fraud, on=now.date() + timedelta(days=10), policy=policy_on(now.date()))
    shown = " ".join(render_to_string("projects/funding/_panel.html", {"panel": panel}).split())

    assert [row.word for row in panel.rows] == ["Active", "Awaits conditions"]
    assert panel.rows[0].difference == Decimal(-100_000)
    assert panel.ladder is not None
    assert "−100,000" in shown
    assert "120,000" in shown
    assert "Pending" in shown


def test_tranche_page_shows_what_moved_its_money(client, fraud, envelope, carol, vera, now):
    first = money.tranche(fraud, envelope, carol, now, "100000")
    money.tranche(fraud, envelope, carol, now + timedelta(days=10), "50000")
    client.force_login(vera)

    shown = text(client.get(page(first)))

    assert "+100,000" in shown
    assert "Carried to the next tranche" in shown
    assert "−100,000" in shown


def test_panel_without_money_says_what_will_come(fraud, now):
    panel = funding_panel(fraud, on=now.date(), policy=policy_on(now.date()))
    shown = render_to_string("projects/funding/_panel.html", {"panel": panel})

    assert panel.ladder is None
    assert "No tranche yet" in shown


def test_deputy_of_nothing_sees_no_button(client, fraud, envelope, carol, now):
    row = money.tranche(fraud, envelope, carol, now)
    client.force_login(person("rita", Role.REVIEWER))

    shown = text(client.get(page(row)))

    assert "Freeze T1" not in shown
    assert "Release" in shown  # the ledger's own line
