from django.urls import reverse

from council.home.forms import initial_of
from projects.initiatives.models import Initiative
from projects.initiatives.services import edit_initiative
from tests.factories.council import AT


def page(initiative):
    return reverse("council:initiative-edit", args=[initiative.key])


def typed(initiative, **changes):
    values = initial_of(initiative)
    values = {name: getattr(value, "pk", value) for name, value in values.items()}
    return {name: value for name, value in (values | changes).items() if value not in (None, False)}


def test_a_stranger_finds_no_form_and_a_reader_is_refused(client, people, bare):
    client.force_login(people.max)
    assert client.get(page(bare)).status_code == 404

    client.force_login(people.reader)
    assert client.get(page(bare)).status_code == 403
    assert client.post(page(bare), typed(bare, name="Mine")).status_code == 403
    assert Initiative.objects.get(pk=bare.pk).name == "Contract clause redlining"


def test_the_owner_changes_only_what_differs(client, people, bare):
    client.force_login(people.olga)

    answer = client.post(
        page(bare),
        typed(bare, name="Clause redlining", expected_monthly_cost="$12k", risk="high", customer_facing="on"),
    )

    changed = Initiative.objects.get(pk=bare.pk)
    assert answer["Location"] == f"/initiatives/{bare.key}/"
    assert (changed.name, int(changed.expected_monthly_cost), changed.risk) == ("Clause redlining", 12000, "high")
    assert changed.customer_facing
    assert changed.revision == bare.revision + 1
    assert changed.value_proposition == bare.value_proposition


def test_a_wrong_field_says_so_and_changes_nothing(client, people, bare, text):
    client.force_login(people.olga)

    answer = client.post(page(bare), typed(bare, name=" ", expected_monthly_cost="lots"))

    assert answer.status_code == 422
    assert "Give the initiative a name" in text(answer)
    assert "Write the amount in figures" in text(answer)
    assert Initiative.objects.get(pk=bare.pk).revision == bare.revision


def test_a_change_meanwhile_keeps_both_versions(client, people, bare, text):
    stale = typed(bare, name="My name for it", use_case="Redlining")
    edit_initiative(
        initiative_id=bare.pk, changes={"name": "Their name for it"}, revision=bare.revision, by=people.tom, at=AT
    )
    client.force_login(people.olga)

    answer = client.post(page(bare), stale)

    assert answer.status_code == 409
    assert "Their name for it" in text(answer)
    assert "My name for it" in text(answer)
    assert Initiative.objects.get(pk=bare.pk).name == "Their name for it"

    again = client.post(page(bare), stale | {"revision": bare.revision + 1})

    assert again.status_code == 302
    assert Initiative.objects.get(pk=bare.pk).name == "My name for it"
