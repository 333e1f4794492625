from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from projects.value.models import Benefit, ValueClaim
from projects.value.services import declare_claim, freeze_declared_value
from tests.factories.gates import AT, concept

CLAIM = {
    "benefit": "Faster answers",
    "period_start": "2026-10-01",
    "last_day": "2026-10-31",
    "amount": "1,000",
    "share_percent": "40",
}


@pytest.fixture(autouse=True)
def _clock(settings):
    settings.TOLLGATE_NOW = AT.isoformat()


def text(answer):
    return " ".join(answer.content.decode().split())


def acting(client, claim, act, **fields):
    return client.post(reverse("projects:claim-act", args=[claim.initiative.key, claim.pk, act]), fields, follow=True)


def test_anonymous_signs_in_and_a_stranger_finds_nothing(client, people, initiative, claim):
    urls = [
        reverse("projects:claim-new", args=[initiative.key]),
        reverse("projects:claim", args=[initiative.key, claim.pk]),
    ]
    assert [client.get(url).status_code for url in urls] == [302, 302]
    client.force_login(people.max)

    assert [client.get(url).status_code for url in urls] == [404, 404]
    assert acting(client, claim, "verify", amount="1").status_code == 404


def test_claim_is_declared_measured_and_verified_by_three_people(client, people, initiative):
    client.force_login(people.olga)
    url = reverse("projects:claim-new", args=[initiative.key])
    assert "40% of Faster answers declared." in text(client.post(url, CLAIM, follow=True))
    claim = ValueClaim.objects.get()
    assert acting(client, claim, "verify", amount="900").status_code == 403
    client.force_login(people.tom)
    assert "measured. Finance verifies it next." in text(
        acting(client, claim, "measure", amount="900", measured_from="Ticket system")
    )
    assert "Verify the value" not in text(client.get(reverse("projects:claim", args=[initiative.key, claim.pk])))
    client.force_login(people.fay)

    shown = text(acting(client, claim, "verify", amount="$800"))

    assert "verified. It counts from now on." in shown
    tab = text(client.get(f"/initiatives/{initiative.key}/value/"))
    assert "$320 verified" in tab
    assert "Verified by finance" in tab


def test_finance_rejects_with_a_reason_only(client, people, claim):
    client.force_login(people.fay)

    assert acting(client, claim, "reject", reason=" ").status_code == 422
    assert "No link to the tool." in text(acting(client, claim, "reject", reason="No link to the tool."))
    assert ValueClaim.objects.get().state == "rejected"


def test_reader_neither_declares_nor_judges(client, people, initiative, claim):
    client.force_login(people.reader)
    url = reverse("projects:claim-new", args=[initiative.key])

    assert client.get(url).status_code == 403
    assert client.post(url, CLAIM).status_code == 403
    assert acting(client, claim, "measure", amount="1", measured_from="x").status_code == 403
    assert acting(client, claim, "reject", reason="x").status_code == 403


@pytest.mark.parametrize(("share", "status"), [("40", 302), ("40.0001", 422), ("0", 422), ("-5", 422), ("NaN", 422)])
def test_share_beyond_what_is_left_is_refused_at_its_field(client, people, claim, share, status):
    other = concept(people, "Another")
    client.force_login(people.olga)
    url = reverse("projects:claim-new", args=[other.key])

    answer = client.post(url, CLAIM | {"benefit": "FASTER answers", "share_percent": share})

    assert answer.status_code == status
    if share == "40.0001":
        assert "only 40.0000% is left" in text(answer)
    assert Benefit.objects.count() == 1


@pytest.mark.parametrize("act", ["measure", "verify"])
@pytest.mark.parametrize("amount", ["", "-1", "lots", "1.005", "9" * 20])
def test_amount_is_money(client, people, claim, act, amount):
    client.force_login(people.tom if act == "measure" else people.fay)

    assert acting(client, claim, act, amount=amount, measured_from="x").status_code == 422


def test_act_out_of_turn_is_answered_with_its_state(client, people, claim):
    client.force_login(people.fay)

    answer = acting(client, claim, "verify", amount="1")

    assert answer.status_code == 409
    assert "is declared: it cannot be verified now." in text(answer)


def test_unknown_act_is_not_found(client, people, claim):
    client.force_login(people.fay)

    assert acting(client, claim, "sing").status_code == 404


def test_measure_of_another_initiative_cannot_be_named(client, people, card):
    other = concept(people, "Another")
    client.force_login(people.olga)

    answer = client.post(reverse("projects:claim-new", args=[other.key]), CLAIM | {"card": card.pk})

    assert answer.status_code == 422
    assert not ValueClaim.objects.exists()


@pytest.mark.parametrize(
    "change", [{"declared_amount": Decimal(2000)}, {"share_percent": Decimal(1)}, {"declared_by_id": None}]
)
def test_database_keeps_a_claim_as_it_was_declared(claim, people, change):
    change = {name: value or people.tom.pk for name, value in change.items()}

    with pytest.raises(DatabaseError), transaction.atomic():
        ValueClaim.objects.filter(pk=claim.pk).update(**change)


def test_database_keeps_what_was_frozen(claim, people):
    freeze_declared_value(initiative_id=claim.initiative_id, by=people.fay, at=AT)

    with pytest.raises(DatabaseError), transaction.atomic():
        ValueClaim.objects.filter(pk=claim.pk).update(frozen_amount=Decimal(1))
    with pytest.raises(DatabaseError), transaction.atomic():
        ValueClaim.objects.filter(pk=claim.pk).delete()


def test_claims_of_others_on_the_benefit_are_shown(client, people, claim):
    other = concept(people, "Another")
    declare_claim(
        initiative_id=other.pk,
        benefit="Faster answers",
        amount=Decimal(1000),
        period_start=claim.period_start,
        period_end=claim.period_end,
        share_percent=Decimal(15),
        by=people.olga,
        at=AT,
    )
    client.force_login(people.fay)

    shown = text(client.get(reverse("projects:claim", args=[claim.initiative.key, claim.pk])))

    assert f"{other.key}</b><span>15%" in shown
