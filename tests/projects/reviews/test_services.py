import pytest
from django.db import DatabaseError, transaction

from projects.audit.models import AuditEvent
from projects.common.outcomes import Conflicted, NotPermitted, WrongState
from projects.gates.models import GateRequest
from projects.gates.services import submit_gate_request
from projects.reviews.models import Review, Verdict
from projects.reviews.selectors import as_seen_by, items_for, queue_of, since_last_look, spread_of, unassigned
from projects.reviews.services import (
    Opinion,
    ReviewIncomplete,
    assign_review,
    declare_conflict,
    save_review,
    submit_review,
)
from tests.factories.gates import AT, accept_all, cast, concept, in_review, reviewer

pytestmark = pytest.mark.django_db


@pytest.fixture
def people():
    return cast()


@pytest.fixture
def gate(people):
    return in_review(people)


def review_of(gate, topic):
    return gate.reviews.get(topic=topic, round=gate.round, state__in=["open", "submitted"])


def say(review, answer="accept", reason="", recommendation="ready", condition=""):
    answers = {item.code: answer for item in items_for(review)}
    reasons = dict.fromkeys(answers, reason)
    return submit_review(
        review_id=review.pk, opinion=Opinion(answers, reasons, recommendation, condition), by=review.reviewer, at=AT
    )


def test_low_risk_concept_goes_to_finops_and_to_what_the_gate_asks(gate):
    assert {(row.topic, row.why) for row in gate.reviews.all()} == {
        ("finops", "risk tier low"),
        ("security", "the gate asks for it"),
    }
    assert gate.reviews.first().due_at.isoformat() == "2026-11-23T09:00:00+00:00"  # five working days later


def test_interested_reviewer_is_never_asked(people):
    initiative = concept(people)
    initiative.participants.create(user=people.rita, part="contributor", since=AT)

    gate = in_review(people, initiative)

    assert set(gate.reviews.values_list("reviewer", flat=True)) == {None}
    assert unassigned().count() == 2


def test_secretary_assigns_somebody_qualified_and_uninterested(people):
    initiative = concept(people)
    initiative.participants.create(user=people.rita, part="contributor", since=AT)
    review = review_of(in_review(people, initiative), "finops")
    ron = reviewer("ron", "finops")

    with pytest.raises(NotPermitted):
        assign_review(review_id=review.pk, reviewer=people.rita, by=people.sue, at=AT)
    with pytest.raises(NotPermitted):
        assign_review(review_id=review.pk, reviewer=ron, by=people.olga, at=AT)
    assign_review(review_id=review.pk, reviewer=ron, by=people.sue, at=AT)

    assert [row.pk for row in queue_of(ron)] == [review.pk]


def test_reviews_go_to_different_people_where_there_are_some(people):
    reviewer("ron", "security")

    gate = in_review(people)

    assert {row.topic: row.reviewer.username for row in gate.reviews.all()} == {"finops": "rita", "security": "ron"}


def test_only_the_one_who_was_asked_reviews(gate, people):
    review = review_of(gate, "security")

    with pytest.raises(NotPermitted):
        submit_review(review_id=review.pk, opinion=Opinion(), by=people.fay, at=AT)


def test_who_becomes_interested_later_is_refused_at_the_act(gate, people):
    gate.initiative.sponsor = people.rita
    gate.initiative.save()

    with pytest.raises(NotPermitted):
        say(review_of(gate, "security"))


def test_review_names_every_gap(gate):
    review = review_of(gate, "security")

    with pytest.raises(ReviewIncomplete) as refused:
        submit_review(review_id=review.pk, opinion=Opinion(), by=review.reviewer, at=AT)
    with pytest.raises(ReviewIncomplete, match="say why"):
        say(review, "ask")
    with pytest.raises(ReviewIncomplete, match="condition"):
        say(review, recommendation="conditions")

    assert [row.code for row in refused.value.blockers] == ["verdict_missing", "recommendation_missing"]
    assert not Verdict.objects.exists()


def test_verdicts_stay_hidden_until_all_are_in(people):
    ron = reviewer("ron", "security")
    gate = in_review(people)
    say(review_of(gate, "security"))

    hidden = {row.review.topic: row.is_hidden for row in as_seen_by(people.rita, gate, AT)}
    own = {row.review.topic: row.is_hidden for row in as_seen_by(ron, gate, AT)}
    late = {row.review.topic: row.is_hidden for row in as_seen_by(people.rita, gate, AT.replace(month=12))}

    assert hidden == {"finops": False, "security": True}
    assert own == late == {"finops": False, "security": False}
    assert spread_of(gate, AT) == {}
    say(review_of(gate, "finops"))
    assert spread_of(gate, AT) == {"risk_scan": {"accept": 1, "ask": 0, "reject": 0}}


@pytest.mark.parametrize(
    ("answer", "recommendation", "state", "proof"),
    [
        ("accept", "ready", "ready", "proved"),
        ("accept", "conditions", "ready", "proved"),
        ("ask", "conditions", "returned", "failed"),
        ("reject", "ready", "returned", "failed"),
        ("accept", "not_ready", "returned", "proved"),
    ],
)
def test_last_review_settles_the_round(gate, answer, recommendation, state, proof):
    say(review_of(gate, "finops"))
    say(review_of(gate, "security"), answer, "Show the scan.", recommendation, "Within 30 days.")

    settled = GateRequest.objects.get(pk=gate.pk)
    assert settled.state == state
    assert settled.proofs.get(criterion__code="risk_scan").state == proof


def returned(gate):
    say(review_of(gate, "finops"))
    say(review_of(gate, "security"), "ask", "Show the scan.")
    return GateRequest.objects.get(pk=gate.pk)


def test_owner_reads_the_reason_and_sends_again_to_the_same_people(gate, people):
    back = returned(gate)
    assert "Show the scan." in back.reason
    back.top_risks, back.assumption = "A new risk.", "Another assumption."
    back.ask = back.minimum
    back.layers = {}
    back.save()

    again = submit_gate_request(gate_request_id=back.pk, policy_read=None, by=people.olga, at=AT)

    assert (again.state, again.round) == ("expert_review", 2)
    assert {row.state for row in again.reviews.filter(round=1)} == {"superseded"}
    fresh = review_of(again, "security")
    assert fresh.reviewer == people.rita
    assert {"what": "ask", "before": "130000.00", "now": "90000.00"} in since_last_look(fresh)
    accept_all(again)
    assert GateRequest.objects.get(pk=gate.pk).state == "ready"


def test_finished_review_cannot_be_given_twice(gate):
    review = review_of(gate, "security")
    say(review)

    with pytest.raises(WrongState):
        say(review)


def test_verdicts_never_change(gate):
    say(review_of(gate, "security"))

    with pytest.raises(DatabaseError), transaction.atomic():
        Verdict.objects.update(answer="reject", reason="Changed.")


def test_conflict_passes_the_review_on(gate, people):
    ron = reviewer("ron", "security")
    review = review_of(gate, "security")

    with pytest.raises(ReviewIncomplete):
        declare_conflict(review_id=review.pk, conflict=" ", by=people.rita, at=AT)
    declare_conflict(review_id=review.pk, conflict="My brother builds it.", by=people.rita, at=AT)

    assert Review.objects.get(pk=review.pk).state == "declined"
    assert review_of(gate, "security").reviewer == ron


def test_declined_review_does_not_come_back(gate, people):
    declare_conflict(review_id=review_of(gate, "security").pk, conflict="Friend.", by=people.rita, at=AT)

    assert review_of(gate, "security").reviewer is None


def test_second_window_does_not_overwrite_the_first(gate, people):
    review = review_of(gate, "security")
    save_review(review_id=review.pk, opinion=Opinion({"risk_scan": "ask"}), revision=0, by=people.rita, at=AT)

    with pytest.raises(Conflicted):
        save_review(review_id=review.pk, opinion=Opinion(), revision=0, by=people.rita, at=AT)

    assert Review.objects.get(pk=review.pk).drafted["answers"] == {"risk_scan": "ask"}


def test_every_act_is_recorded(gate):
    accept_all(gate)

    verbs = list(AuditEvent.objects.filter(verb__startswith="review.").values_list("verb", flat=True))
    assert verbs == ["review.routed", "review.routed", "review.finished", "review.finished"]
