"""Route, save, finish and decline reviews; return the request or make it ready once all are in."""

from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from projects.audit.services import record
from projects.common.months import working_days_after
from projects.common.outcomes import Blocker, Conflicted, NotPermitted, Refused, WrongState
from projects.gates.choices import State
from projects.gates.models import GateRequest
from projects.gates.proofs import judge_criterion
from projects.gates.selectors import frozen_inputs, interested_ids, readiness
from projects.gates.services import mark_ready, return_to_owner
from projects.initiatives.tiers import is_dearer
from projects.limits.selectors import policy_on
from projects.people.models import User
from projects.people.permissions import Permission
from projects.people.selectors import require
from projects.reviews.models import Answer, Recommendation, Review, ReviewState, Verdict
from projects.reviews.rules import Finding, finding, must_return, pick_reviewer, topics_for
from projects.reviews.selectors import (
    DERIVED,
    guardrail_items,
    items_for,
    judged_criteria,
    live_reviews,
    reviewers_of,
    sheet_topics,
)

CHANGED = {
    "Primary provider": "primary_provider",
    "Data classification": "data_classification",
    "Model tier": "model_tier",
}


class ReviewIncomplete(Refused):
    """An item has no verdict, a verdict no reason, or the recommendation is missing."""

    code = "review_incomplete"


@dataclass(frozen=True)
class Opinion:
    """What a reviewer says: an answer and a reason per item, a recommendation, and the condition that goes with it."""

    answers: dict[str, str] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    recommendation: str = ""
    condition: str = ""


@transaction.atomic
def route_reviews(*, gate_request_id: int, by: User | None, at: datetime) -> list[Review]:
    """Ask for the reviews of a request's present round, superseding earlier rounds.

    A round whose reviews are all in already, after a stale proof was renewed, is settled at once. Raise WrongState.
    """
    gate = _request(gate_request_id)
    if gate.state != State.EXPERT_REVIEW:
        raise WrongState(f"{gate.key} is {gate.get_state_display().lower()}: nothing is to be reviewed.")
    if reviews := list(live_reviews(gate)):
        if by is not None:
            _settle(gate, by, at)
        return reviews
    last = {row.topic: row.reviewer_id for row in gate.reviews.filter(round=gate.round - 1)}
    for old in gate.reviews.filter(round__lt=gate.round, state__in=["open", "submitted"]):
        old.supersede()
        old.save()
        record(verb="review.superseded", target=old, by=by, at=at)
    frozen = frozen_inputs(gate)
    changed = [CHANGED[row["what"]] for row in frozen.changes["rows"] if row["what"] in CHANGED] if frozen else []
    routed = topics_for(
        risk_tier=gate.initiative.risk_tier,
        criteria_topics=[topic for _, topic in judged_criteria(gate)],
        changed=changed,
        sheets=sheet_topics(gate),
        has_dearer_tier=is_dearer(gate.initiative.model_tier, gate.initiative.workload_class),
    )
    taken: list[int] = []
    for topic in routed:
        review = _route(gate, topic.topic, topic.why, taken, last.get(topic.topic), by, at)
        if review.reviewer_id:
            taken.append(review.reviewer_id)
    return list(live_reviews(gate))


def _route(
    gate: GateRequest, topic: str, why: str, taken: list[int], last: int | None, by: User | None, at: datetime
) -> Review:
    candidates = reviewers_of(topic, gate)
    declined = set(gate.reviews.filter(topic=topic, state=ReviewState.DECLINED).values_list("reviewer_id", flat=True))
    candidates = [row for row in candidates if row[0] not in declined]
    known = {person for person, _ in candidates}
    person = last if last in known else pick_reviewer(candidates, taken)
    review = Review.objects.create(
        request=gate,
        round=gate.round,
        topic=topic,
        reviewer_id=person,
        why=why,
        routed_at=at,
        due_at=working_days_after(at, policy_on(at.date()).integer("review_days")),
    )
    record(verb="review.routed", target=review, by=by, at=at, data={"topic": topic, "why": why})
    return review


@transaction.atomic
def assign_review(*, review_id: int, reviewer: User, by: User, at: datetime) -> Review:
    """Give an open review to a qualified, uninterested person. Raise NotPermitted or WrongState."""
    review = _locked(review_id)
    require(by, Permission.BUILD_AGENDA)
    if review.state != ReviewState.OPEN:
        raise WrongState(f"This review is {review.get_state_display().lower()}.")
    if reviewer.pk not in {person for person, _ in reviewers_of(review.topic, review.request)}:
        raise NotPermitted(f"{reviewer} holds no grant for {review.topic}, or has an interest in {review.request.key}.")
    review.reviewer, review.drafted, review.revision = reviewer, {}, review.revision + 1
    review.save()
    record(verb="review.assigned", target=review, by=by, at=at, data={"reviewer": str(reviewer)})
    return review


@transaction.atomic
def save_review(*, review_id: int, opinion: Opinion, revision: int, by: User, at: datetime) -> Review:
    """Keep a review that is not finished. Raise NotPermitted, WrongState, or Conflicted after another tab's save."""
    review = _own(review_id, by)
    if review.revision != revision:
        raise Conflicted("This review was saved in another window meanwhile. Reload to compare.")
    review.drafted = {
        "answers": opinion.answers,
        "reasons": opinion.reasons,
        "recommendation": opinion.recommendation,
        "condition": opinion.condition,
    }
    review.revision += 1
    review.seen_at = review.seen_at or at
    review.save()
    record(verb="review.saved", target=review, by=by, at=at)
    return review


@transaction.atomic
def submit_review(*, review_id: int, opinion: Opinion, by: User, at: datetime) -> Review:
    """Give the verdicts for good. Raise NotPermitted, WrongState or ReviewIncomplete.

    The last review of a round returns the request or makes it ready.
    """
    review = _own(review_id, by)
    items = [item.code for item in items_for(review)]
    if blockers := opinion_blockers(opinion, {item.code: item.title for item in items_for(review)}):
        raise ReviewIncomplete(blockers)
    Verdict.objects.bulk_create(
        Verdict(
            review=review,
            item=item,
            answer=opinion.answers[item],
            reason=opinion.reasons.get(item, "").strip(),
            given_at=at,
        )
        for item in items
    )
    review.finish(recommendation=opinion.recommendation, condition=opinion.condition.strip(), at=at)
    review.drafted = {}
    review.save()
    record(verb="review.finished", target=review, by=by, at=at, data={"recommendation": review.recommendation})
    _settle(review.request, by, at)
    return Review.objects.get(pk=review.pk)


def opinion_blockers(opinion: Opinion, titles: dict[str, str]) -> list[Blocker]:
    """Say what a review still lacks."""
    blockers = []
    for item, title in titles.items():
        answer = opinion.answers.get(item, "")
        if answer not in Answer.values:
            blockers.append(Blocker("verdict_missing", f"“{title}” still needs a verdict."))
        elif answer != Answer.ACCEPT and not opinion.reasons.get(item, "").strip():
            blockers.append(Blocker("reason_missing", f"“{title}”: say why; owner and council read it."))
    if opinion.recommendation not in Recommendation.values:
        blockers.append(Blocker("recommendation_missing", "Choose what you recommend to the council."))
    if opinion.recommendation == Recommendation.CONDITIONS and not opinion.condition.strip():
        blockers.append(Blocker("condition_missing", "Write the condition that you recommend."))
    return blockers


@transaction.atomic
def declare_conflict(*, review_id: int, conflict: str, by: User, at: datetime) -> Review:
    """Step back from a review; it goes to somebody else. Raise NotPermitted, WrongState or ReviewIncomplete."""
    review = _own(review_id, by, or_interested=True)
    if not conflict.strip():
        raise ReviewIncomplete("Say what the conflict is.")
    review.decline(conflict=conflict.strip(), at=at)
    review.save()
    record(verb="review.declined", target=review, by=by, at=at, data={"conflict": review.conflict})
    taken = [row.reviewer_id for row in live_reviews(review.request) if row.reviewer_id]
    _route(review.request, review.topic, review.why, taken, None, by, at)
    return review


def _settle(gate: GateRequest, by: User, at: datetime) -> None:
    reviews = list(live_reviews(gate))
    if not reviews or any(review.state != ReviewState.SUBMITTED for review in reviews):
        return
    given: dict[str, list[tuple[str, str]]] = {}
    for review in reviews:
        for verdict in review.verdicts.all():
            given.setdefault(verdict.item, []).append((verdict.answer, verdict.reason))
    musts: dict[str, Finding | None] = {}
    for item, _ in judged_criteria(gate):
        found = finding(item.code, given.get(item.code, []))
        _judge(gate, item.code, found, at)
        if item.must:
            musts[item.title] = found
    limits = {item.title: finding(item.code, given.get(item.code, [])) for item in guardrail_items(gate)}
    if gate.proofs.filter(criterion__code=DERIVED).exists():
        broken = [row for row in limits.values() if row is None or row.answer != "accept"]
        reasons = " ".join(reason for row in broken if row for reason in row.reasons)
        judge_criterion(gate_request_id=gate.pk, code=DERIVED, accepted=not broken, reason=reasons, by=None, at=at)
        musts.update(limits)
    reasons_to_return = must_return(musts, [review.recommendation for review in reviews])
    reasons_to_return += [row.message for row in readiness(gate, at.date()).blockers(["c", "e"])]
    if reasons_to_return:
        return_to_owner(gate_request_id=gate.pk, reason=" ".join(reasons_to_return), by=by, at=at)
    else:
        mark_ready(gate_request_id=gate.pk, by=by, at=at)


def _judge(gate: GateRequest, code: str, found: Finding | None, at: datetime) -> None:
    if found is not None:
        judge_criterion(
            gate_request_id=gate.pk,
            code=code,
            accepted=found.answer == "accept",
            reason=" ".join(found.reasons),
            by=None,
            at=at,
        )


def _request(gate_request_id: int) -> GateRequest:
    requests = GateRequest.objects.select_for_update(of=("self",)).select_related("initiative")
    return requests.get(pk=gate_request_id)


def _locked(review_id: int) -> Review:
    pk = Review.objects.values_list("request_id", flat=True).get(pk=review_id)
    gate = _request(pk)
    review = Review.objects.select_for_update(of=("self",)).get(pk=review_id)
    review.request = gate
    return review


def _own(review_id: int, by: User, *, or_interested: bool = False) -> Review:
    review = _locked(review_id)
    gate = review.request
    if review.reviewer_id != by.pk:
        raise NotPermitted(f"This review was asked of {review.reviewer or 'nobody yet'}, not of you.")
    if not or_interested:
        require(by, Permission.REVIEW, initiative=gate.initiative)
        if by.pk in interested_ids(gate):
            raise NotPermitted(f"You have an interest in {gate.key}. Declare the conflict: somebody else reviews it.")
    if review.state != ReviewState.OPEN or gate.state != State.EXPERT_REVIEW:
        raise WrongState(
            f"This review is {review.get_state_display().lower()}; {gate.key} is {gate.get_state_display().lower()}."
        )
    return review
