from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from projects.common.outcomes import NotPermitted
from projects.gates.due_reviews import draft_due_reviews, send_due_reviews
from projects.gates.models import GateRequest
from projects.gates.selectors import missed_reviews
from projects.gates.services import (
    decide_gate_request,
    draft_gate_request,
    put_on_agenda,
    return_to_owner,
    withdraw,
)
from projects.initiatives.models import Initiative
from projects.initiatives.services import hold_initiative, move_stage
from projects.people.roles import Role
from projects.reviews.sweeps import pass_overdue_reviews
from projects.value.services import Reading, create_kpi_card, import_kpi_reading
from tests.factories.gates import AT, cast
from tests.factories.initiatives import initiative
from tests.factories.people import person

pytestmark = pytest.mark.django_db
LAUNCHED = AT - timedelta(days=76)


@pytest.fixture
def people():
    return cast()


@pytest.fixture
def launched(people):
    made = initiative(people.olga, "pilot", technical_owner=people.tom, budget_owner=people.olga)
    move_stage(
        initiative_id=made.pk,
        to="launch",
        decision_reference="AIC-2026-007",
        template_version=1,
        by=people.fay,
        at=LAUNCHED,
    )
    return Initiative.objects.get(pk=made.pk)


def later(days):
    return AT + timedelta(days=days)


def review(kind="post_decision"):
    return GateRequest.objects.get(kind=kind)


def test_look_back_drafts_itself_once_however_often_the_night_comes(launched):
    assert draft_due_reviews(at=AT - timedelta(days=1)) == []

    made = draft_due_reviews(at=AT)

    assert made == [review().key]
    assert draft_due_reviews(at=AT) == []
    assert draft_due_reviews(at=later(1)) == []
    assert (review().state, review().drafted_by, review().due_on) == ("draft", None, later(14).date())


def test_stage_that_came_by_an_opening_has_no_go_to_look_back_at(people):
    initiative(people.olga, "launch")

    assert draft_due_reviews(at=AT) == []


def test_scale_is_reassessed_with_the_topics_judged_by_experts(people):
    initiative(people.olga, "scale")

    draft_due_reviews(at=AT)

    assert review("reassessment").proofs.count() == 12
    assert review("reassessment").due_on == later(14).date()


def test_hold_stops_the_clock(launched, people):
    hold_initiative(initiative_id=launched.pk, decision_reference="AIC-2026-008", by=people.fay, at=AT)

    assert draft_due_reviews(at=AT) == []


def test_reassessment_begun_by_the_owner_is_not_begun_again(people):
    made = initiative(people.olga, "scale")
    draft_gate_request(initiative_id=made.pk, kind="reassessment", by=people.olga, at=AT)

    assert draft_due_reviews(at=AT) == []


def test_review_that_nobody_sent_is_sent_by_itself_on_its_day_and_reaches_the_agenda(launched, people):
    draft_due_reviews(at=AT)
    assert send_due_reviews(at=later(13)) == []

    assert send_due_reviews(at=later(14)) == [review().key]

    sent = review()
    assert (sent.state, sent.submitted_by, sent.round) == ("expert_review", None, 1)
    assert sent.frozen.count() == 1
    assert sent.interests.filter(user=people.olga).exists()
    assert pass_overdue_reviews(at=later(15)) == []
    assert pass_overdue_reviews(at=later(40)) == [sent.key]
    assert put_on_agenda(gate_request_id=sent.pk, by=people.sue, at=later(40)).state == "on_agenda"


def test_what_experts_gave_back_waits_for_the_owner_as_long_as_a_draft_does(launched, people):
    draft_due_reviews(at=AT)
    send_due_reviews(at=later(14))
    return_to_owner(gate_request_id=review().pk, reason="More figures.", by=people.rita, at=later(16))

    assert send_due_reviews(at=later(29)) == []
    assert send_due_reviews(at=later(30)) == [review().key]
    assert review().round == 2


def test_owner_cannot_withdraw_a_due_review_and_the_chair_can(launched, people):
    draft_due_reviews(at=AT)

    with pytest.raises(NotPermitted):
        withdraw(gate_request_id=review().pk, reason="Busy.", by=people.olga, at=AT)
    withdraw(gate_request_id=review().pk, reason="Merged.", by=person("carol", Role.CHAIR), at=AT)

    assert review().state == "withdrawn"
    assert draft_due_reviews(at=later(1)) == []


def test_database_lets_only_due_reviews_draft_and_send_themselves(launched, people):
    own = draft_gate_request(initiative_id=launched.pk, kind="stay", by=people.olga, at=AT)

    for wrong in ({"drafted_by": None}, {"due_on": date(2027, 1, 1)}, {"round": 1, "submitted_at": AT}):
        with pytest.raises(IntegrityError), transaction.atomic():
            GateRequest.objects.filter(pk=own.pk).update(**wrong)


def kpi(launched, people, value):
    card = create_kpi_card(
        initiative_id=launched.pk,
        name="Accuracy",
        unit="%",
        direction="up",
        measures="",
        baseline=Decimal(80),
        target=Decimal(90),
        floor=Decimal(85),
        numerator_source="Evaluation",
        owner=people.olga,
        by=people.olga,
        at=AT,
    )
    reading = Reading(date(2026, 10, 1), date(2026, 11, 1), Decimal(value))
    import_kpi_reading(card_id=card.pk, reading=reading, by=people.fay, at=AT)


def decided(people, kind, at):
    gate = review(kind)
    pass_overdue_reviews(at=at)
    put_on_agenda(gate_request_id=gate.pk, by=people.sue, at=at)
    return decide_gate_request(
        gate_request_id=gate.pk, outcome="go", decision_reference=f"AIC-2027-{gate.pk}", by=people.fay, at=at
    )


@pytest.mark.parametrize(("value", "met"), [("89.99", False), ("90", True)])
def test_decided_review_records_whether_targets_were_met(launched, people, value, met):
    kpi(launched, people, value)
    draft_due_reviews(at=AT)
    send_due_reviews(at=later(14))

    assert decided(people, "post_decision", later(40)).targets_met is met


def test_review_without_proven_readings_records_neither(launched, people):
    draft_due_reviews(at=AT)
    send_due_reviews(at=later(14))

    assert decided(people, "post_decision", later(40)).targets_met is None


def test_two_missed_reviews_in_a_row_are_found_and_one_is_not(launched, people):
    kpi(launched, people, "70")
    draft_due_reviews(at=AT)
    send_due_reviews(at=later(14))
    first = decided(people, "post_decision", later(40))
    assert missed_reviews([launched.pk], later(40).date()) == {}

    move_stage(
        initiative_id=launched.pk,
        to="scale",
        decision_reference="AIC-2027-100",
        template_version=1,
        by=people.fay,
        at=later(41),
    )
    draft_due_reviews(at=later(130))
    reassessment = review("reassessment")
    send_due_reviews(at=later(150))
    second = decided(people, "reassessment", later(180))

    assert second.pk == reassessment.pk
    assert missed_reviews([launched.pk], later(180).date()) == {launched.pk: (first.key, second.key)}
    assert missed_reviews([launched.pk], later(179).date()) == {}


def test_looking_for_due_reviews_asks_once_for_all(people, django_assert_num_queries):
    for _ in range(3):
        initiative(people.olga, "launch")

    with django_assert_num_queries(2):
        draft_due_reviews(at=AT)
