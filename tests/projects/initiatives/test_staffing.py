import pytest
from django.urls import reverse

from council.home.waiting import waits_for
from projects.audit.models import AuditEvent
from projects.common.outcomes import NotPermitted, WrongState
from projects.initiatives.models import Initiative
from projects.initiatives.services import NoOwner, close_initiative, invite_contributor
from projects.initiatives.staffing import StaffingRefused, absences, end_contribution, replace_owner
from projects.people.models import User
from tests.factories.gates import AT, cast, concept

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(settings):
    settings.TOLLGATE_NOW = AT.isoformat()
    return cast()


@pytest.fixture
def initiative(people):
    return concept(people, sponsor=people.sam, budget_owner=people.tom)


def leave(user):
    User.objects.filter(pk=user.pk).update(is_active=False)


def replaced(initiative, by, user, part="business_owner", reason="Left the company."):
    return replace_owner(initiative_id=initiative.pk, part=part, user=user, reason=reason, by=by, at=AT)


def named(user):
    return [wait.act for wait in waits_for(user, at=AT) if wait.kind == "Owner"]


def test_owner_names_the_next_and_the_spell_of_the_last_ends(people, initiative):
    found = replaced(initiative, people.olga, people.rita)

    assert found.business_owner == people.rita
    assert AuditEvent.objects.get(verb="initiative.owner_changed").data == {
        "part": "business_owner",
        "before": "Olga",
        "after": "Rita",
        "reason": "Left the company.",
    }
    assert found.participants.get(part="business_owner", until__isnull=True).user == people.rita
    assert found.is_interested(people.olga)


@pytest.mark.parametrize("name", ["sam", "sue"])
def test_sponsor_and_secretary_name_the_next_only_once_the_owner_left(people, initiative, name):
    with pytest.raises(NotPermitted):
        replaced(initiative, getattr(people, name), people.rita)
    leave(people.olga)

    assert replaced(initiative, getattr(people, name), people.rita).business_owner == people.rita


@pytest.mark.parametrize("name", ["reader", "fay", "max"])
def test_nobody_else_names_the_next(people, initiative, name):
    leave(people.olga)

    with pytest.raises(NotPermitted):
        replaced(initiative, getattr(people, name), people.rita)


def test_the_next_owner_is_somebody_who_is_here_and_new_and_why_is_said(people, initiative):
    leave(people.max)

    with pytest.raises(NoOwner):
        replaced(initiative, people.olga, User.objects.get(pk=people.max.pk))
    with pytest.raises(StaffingRefused):
        replaced(initiative, people.olga, people.olga)
    with pytest.raises(StaffingRefused):
        replaced(initiative, people.olga, people.rita, reason=" ")
    with pytest.raises(StaffingRefused):
        replaced(initiative, people.olga, people.rita, part="astrologer")
    assert not AuditEvent.objects.filter(verb="initiative.owner_changed").exists()


def test_closed_initiative_keeps_its_people(people, initiative):
    close_initiative(initiative_id=initiative.pk, closed_as="killed", decision_reference="AIC-1", by=people.fay, at=AT)

    with pytest.raises(WrongState):
        replaced(initiative, people.olga, people.rita)


def test_an_owner_who_left_alarms_the_sponsor_the_secretary_and_the_other_owners(people, initiative):
    assert absences([initiative]) == []
    assert named(people.sam) == named(people.sue) == []
    leave(people.olga)

    words = "Olga has left and is still business owner: name who is next"
    assert named(people.sam) == named(people.sue) == named(people.tom) == [words]
    assert named(people.reader) == []


def test_page_of_the_initiative_carries_the_alarm_until_somebody_is_named(client, people, initiative):
    leave(people.olga)
    client.force_login(people.sam)
    url = f"/initiatives/{initiative.key}/"
    page = client.get(url).content.decode()
    assert "Olga has left and is still business owner." in page
    assert "An initiative never has no owner." in page

    replaced(initiative, people.sam, people.rita)

    assert "has left" not in client.get(url).content.decode()


def test_contribution_ends_and_stays_known(people, initiative):
    invite_contributor(initiative_id=initiative.pk, user=people.rita, by=people.olga, at=AT)
    with pytest.raises(NotPermitted):
        end_contribution(initiative_id=initiative.pk, user=people.rita, by=people.rita, at=AT)

    end_contribution(initiative_id=initiative.pk, user=people.rita, by=people.olga, at=AT)

    assert initiative.roles_in_it(people.rita) == frozenset()
    assert initiative.is_interested(people.rita)
    with pytest.raises(WrongState):
        end_contribution(initiative_id=initiative.pk, user=people.rita, by=people.olga, at=AT)


def test_page_of_people_is_read_by_all_and_changed_by_owners(client, people, initiative):
    url = reverse("projects:initiative-people", args=[initiative.key])
    act = reverse("projects:initiative-people-act", args=[initiative.key, "replace"])
    asked = {"part": "sponsor", "user": people.rita.pk, "reason": "New chief risk officer."}
    assert client.get(url).status_code == 302
    client.force_login(people.max)
    assert client.get(url).status_code == 404
    client.force_login(people.reader)
    assert "Name who is next" not in client.get(url).content.decode()
    assert client.post(act, asked).status_code == 403
    client.force_login(people.olga)
    assert client.post(act, asked | {"reason": ""}).status_code == 422
    assert client.post(act, asked | {"user": people.sam.pk}).status_code == 422

    shown = client.post(act, asked, follow=True).content.decode()

    assert "Rita is the sponsor of" in shown
    assert Initiative.objects.get().sponsor == people.rita


def test_contributor_is_invited_and_ended_on_the_page(client, people, initiative):
    client.force_login(people.olga)
    invite, end = (reverse("projects:initiative-people-act", args=[initiative.key, act]) for act in ("invite", "end"))

    assert "Rita contributes to" in client.post(invite, {"user": people.rita.pk}, follow=True).content.decode()
    assert "no longer contributes" in client.post(end, {"user": people.rita.pk}, follow=True).content.decode()
    assert client.post(reverse("projects:initiative-people-act", args=[initiative.key, "sing"])).status_code == 404
