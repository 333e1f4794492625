import pytest

from projects.common.outcomes import NotPermitted, WrongState
from projects.gates.services import withdraw
from projects.initiatives.models import Initiative
from projects.intake.closing import CloseRefused, close_own_concept
from tests.factories.gates import AT, cast, concept, drafted
from tests.factories.initiatives import initiative
from tests.factories.money import envelope, tranche

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(settings):
    settings.TOLLGATE_NOW = "2026-11-16T09:00:00Z"
    return cast()


def closed(made, by, closed_as="learned", reason="Branches order cash by telephone."):
    return close_own_concept(initiative_id=made.pk, closed_as=closed_as, reason=reason, by=by, at=AT)


def test_owner_closes_a_concept_without_money_and_says_why(people):
    made = closed(concept(people), people.olga)

    assert (made.condition, made.closed_as, made.closed_at) == ("closed", "learned", AT)
    move = made.moves.get()
    assert (move.decision_reference, move.reason) == ("", "Branches order cash by telephone.")


def test_concept_that_was_given_money_is_closed_by_decision_only(people):
    made = concept(people)
    tranche(made, envelope(people.fay, AT), people.fay, AT)

    with pytest.raises(WrongState, match="given money"):
        closed(made, people.olga)

    assert Initiative.objects.get(pk=made.pk).condition == "active"


def test_later_stage_is_closed_by_decision_only(people):
    with pytest.raises(WrongState, match="is in MVP"):
        closed(initiative(people.olga, "mvp"), people.olga)


def test_open_request_is_withdrawn_first(people):
    gate = drafted(people)
    with pytest.raises(WrongState, match=gate.key):
        closed(gate.initiative, people.olga)

    withdraw(gate_request_id=gate.pk, reason="No.", by=people.olga, at=AT)
    assert closed(gate.initiative, people.olga).condition == "closed"


@pytest.mark.parametrize(("closed_as", "reason"), [("learned", " "), ("completed", "Done."), ("sunset", "Done.")])
def test_reason_and_an_end_of_ones_own_are_asked_for(people, closed_as, reason):
    with pytest.raises(CloseRefused):
        closed(concept(people), people.olga, closed_as, reason)


def test_nobody_else_closes_it(people):
    made = concept(people)

    for somebody in (people.sam, people.fay, people.sue, people.reader, people.max):
        with pytest.raises(NotPermitted):
            closed(made, somebody)


def test_page_closes_and_names_what_is_missing(client, people):
    made = concept(people)
    path = f"/initiatives/{made.key}/close/"
    assert client.get(path).status_code == 302
    client.force_login(people.max)
    assert client.get(path).status_code == 404
    client.force_login(people.reader)
    assert client.get(path).status_code == 403
    client.force_login(people.olga)
    assert client.get(path).status_code == 200
    assert client.post(path, {"closed_as": "learned", "reason": ""}).status_code == 422

    answer = client.post(path, {"closed_as": "learned", "reason": "Telephone."}, follow=True)

    assert "is closed." in answer.content.decode()
