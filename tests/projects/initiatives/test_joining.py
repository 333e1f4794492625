import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse
from django_fsm import TransitionNotAllowed

from council.home.waiting import waits_for
from projects.audit.models import AuditEvent
from projects.common.outcomes import NotPermitted, WrongState
from projects.initiatives.joining import JoinRefused, accept_join, ask_to_join, decline_join
from projects.initiatives.models import Initiative, JoinRequest, JoinState
from projects.initiatives.services import close_initiative, invite_contributor
from projects.people.models import User
from projects.people.permissions import Permission
from projects.people.roles import Role
from projects.people.selectors import may
from tests.factories.gates import AT, cast, concept
from tests.factories.people import person

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(settings):
    settings.TOLLGATE_NOW = AT.isoformat()
    return cast()


@pytest.fixture
def initiative(people):
    return concept(people)


@pytest.fixture
def nina(people):
    return person("nina", Role.REGISTRANT, Role.REVIEWER)


def asked(initiative, by, reason="I bring the claims data."):
    return ask_to_join(initiative_id=initiative.pk, reason=reason, by=by, at=AT)


def waiting(user):
    return [wait.act for wait in waits_for(user, at=AT) if wait.kind == "People"]


def test_an_ask_waits_for_the_owners_and_is_on_record(people, initiative, nina):
    asked(initiative, nina)

    assert waiting(people.olga) == waiting(people.tom) == ["Nina asks to join: accept, or say why not"]
    assert waiting(nina) == []
    assert AuditEvent.objects.get(verb="join.asked").actor_id == nina.pk
    assert not initiative.roles_in_it(nina)


def test_who_is_accepted_contributes_and_is_interested_from_then_on(people, initiative, nina):
    join = asked(initiative, nina)
    assert may(nina, Permission.REVIEW, initiative=initiative)

    accept_join(join_id=join.pk, by=people.tom, at=AT)

    found = Initiative.objects.get(pk=initiative.pk)
    assert found.roles_in_it(nina) == {Role.CONTRIBUTOR}
    assert found.is_interested(nina)
    assert not may(nina, Permission.REVIEW, initiative=found)
    assert JoinRequest.objects.get().answered_by == people.tom
    assert list(AuditEvent.objects.filter(verb__in=["join.accepted", "initiative.joined"]).values_list("verb")) == [
        ("join.accepted",),
        ("initiative.joined",),
    ]
    assert waiting(people.olga) == []


def test_who_is_declined_stays_outside_with_the_reason_and_may_ask_again(people, initiative, nina):
    join = asked(initiative, nina)

    decline_join(join_id=join.pk, reason="We have the data.", by=people.olga, at=AT)

    found = JoinRequest.objects.get()
    assert (found.state, found.answer) == ("declined", "We have the data.")
    assert not initiative.is_interested(nina)
    assert asked(initiative, nina).state == "asked"


def test_reasons_are_asked_of_both(people, initiative, nina):
    with pytest.raises(JoinRefused):
        asked(initiative, nina, reason=" ")
    join = asked(initiative, nina)
    with pytest.raises(JoinRefused):
        decline_join(join_id=join.pk, reason=" ", by=people.olga, at=AT)

    assert JoinRequest.objects.get().state == "asked"


def test_only_an_owner_answers(people, initiative, nina):
    join = asked(initiative, nina)
    carl = person("carl")
    invite_contributor(initiative_id=initiative.pk, user=carl, by=people.olga, at=AT)

    for nobody in (nina, carl, people.sam, people.fay, people.reader, people.max):
        with pytest.raises(NotPermitted):
            accept_join(join_id=join.pk, by=nobody, at=AT)
        with pytest.raises(NotPermitted):
            decline_join(join_id=join.pk, reason="No.", by=nobody, at=AT)


def test_who_may_not_register_may_not_ask(people, initiative):
    for nobody in (people.max, people.reader, people.sue, person("ada", Role.ADMINISTRATOR)):
        with pytest.raises(NotPermitted):
            asked(initiative, nobody)


def test_nobody_asks_twice_nor_where_they_are_nor_at_what_is_closed(people, initiative, nina):
    asked(initiative, nina)
    with pytest.raises(WrongState):
        asked(initiative, nina)
    with pytest.raises(WrongState):
        asked(initiative, people.tom)
    close_initiative(
        initiative_id=initiative.pk, closed_as="learned", decision_reference="AIC-2026-001", by=people.olga, at=AT
    )
    with pytest.raises(WrongState):
        asked(initiative, person("otto", Role.REGISTRANT))
    with pytest.raises(WrongState):
        accept_join(join_id=JoinRequest.objects.get().pk, by=people.olga, at=AT)
    assert waiting(people.olga) == []


def test_who_left_is_not_let_in(people, initiative, nina):
    join = asked(initiative, nina)
    User.objects.filter(pk=nina.pk).update(is_active=False)

    with pytest.raises(WrongState):
        accept_join(join_id=join.pk, by=people.olga, at=AT)


@pytest.mark.parametrize("state", list(JoinState))
@pytest.mark.parametrize("act", ["accept", "decline"])
def test_only_what_is_asked_is_answered(people, initiative, nina, state, act):
    row = JoinRequest(initiative=initiative, state=state, asked_by=nina, asked_at=AT, reason="Data.")
    said = {"by_id": people.olga.pk, "at": AT} | ({"reason": "No."} if act == "decline" else {})

    if state == JoinState.ASKED:
        getattr(row, act)(**said)
        assert row.state == ("accepted" if act == "accept" else "declined")
    else:
        with pytest.raises(TransitionNotAllowed):
            getattr(row, act)(**said)


def test_the_database_keeps_answers_final_and_given_by_another(people, initiative, nina):
    join = asked(initiative, nina)
    for change in (
        {"state": "accepted"},
        {"state": "accepted", "answered_by": nina, "answered_at": AT},
        {"state": "declined", "answered_by": people.olga, "answered_at": AT},
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            JoinRequest.objects.filter(pk=join.pk).update(**change)
    accept_join(join_id=join.pk, by=people.olga, at=AT)
    with pytest.raises(DatabaseError), transaction.atomic():
        JoinRequest.objects.filter(pk=join.pk).update(state="asked", answered_by=None, answered_at=None)


def test_look_alikes_offer_to_join_and_the_page_asks_for_a_reason(client, people, initiative, nina):
    url = reverse("projects:initiative-join", args=[initiative.key])
    client.force_login(nina)
    alike = client.get(
        reverse("projects:initiative-alike"), {"name": initiative.name, "value_proposition": ""}
    ).content.decode()
    assert url in alike
    assert client.post(url, {"reason": ""}).status_code == 422

    shown = client.post(url, {"reason": "I bring the claims data."}, follow=True).content.decode()

    assert "You asked to join" in shown
    client.force_login(people.olga)
    page = client.get(reverse("projects:initiative-people", args=[initiative.key])).content.decode()
    assert "I bring the claims data." in page


def test_owner_answers_on_the_page_of_people(client, people, initiative, nina):
    join = asked(initiative, nina)
    url = reverse("projects:initiative-join-answer", args=[initiative.key, join.pk])
    client.force_login(people.olga)

    silent = client.post(url, {"decline": "1"}, follow=True).content.decode()
    said = client.post(url, {"accept": "1"}, follow=True).content.decode()

    assert "Say to Nina why not." in silent
    assert "Nina contributes to" in said
    assert client.post(url, {"accept": "1"}).status_code == 409


def test_strangers_find_nothing_to_join_or_answer_and_readers_may_not(client, people, initiative, nina):
    join = asked(initiative, nina)
    ask = reverse("projects:initiative-join", args=[initiative.key])
    answer = reverse("projects:initiative-join-answer", args=[initiative.key, join.pk])
    assert client.get(ask).status_code == client.post(answer).status_code == 302
    client.force_login(people.max)
    assert client.get(ask).status_code == client.post(answer).status_code == 404
    client.force_login(people.reader)
    assert client.get(ask).status_code == 403
    assert client.post(answer, {"accept": "1"}).status_code == 403
