"""What a reviewer judges, who may review, and what everybody may see when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet

from projects.gates.choices import ProofKind, State
from projects.gates.models import EvidenceFile, GateRequest
from projects.gates.rules import exempt_by
from projects.gates.selectors import interested_ids, subject_of
from projects.gates.sheet_rules import SHEETS, not_chosen
from projects.guardrails.rules import DEFINITIONS, codes_for
from projects.inputs.rules import changes_since
from projects.people.models import RoleGrant, User
from projects.people.roles import Role
from projects.reviews.models import Review, ReviewState
from projects.reviews.rules import spread

LIVE = (ReviewState.OPEN, ReviewState.SUBMITTED)
DERIVED = "guardrails_judged"


@dataclass(frozen=True)
class Item:
    """Something to judge: a guardrail, or a criterion."""

    code: str
    title: str
    good: str
    must: bool


def guardrail_items(gate: GateRequest) -> list[Item]:
    """Return the guardrails that every reviewer judges, from MVP on."""
    must = gate.proofs.filter(criterion__check_name=DERIVED, criterion__must=True).exists()
    codes = codes_for(gate.from_stage, gate.initiative.autonomy)
    return [Item(f"guardrail:{code}", DEFINITIONS[code].title, DEFINITIONS[code].good, must) for code in codes]


def judged_criteria(gate: GateRequest) -> list[tuple[Item, str]]:
    """Return the applicable judged criteria of a request with the topic that judges each."""
    subject = subject_of(gate.initiative)
    proofs = gate.proofs.select_related("criterion").filter(criterion__proof=ProofKind.JUDGED)
    return [
        (Item(row.criterion.code, row.criterion.text, "", row.criterion.must), row.criterion.topic)
        for row in proofs
        if row.criterion.check_name != DERIVED
        and not exempt_by(row.criterion.condition, subject)
        and not not_chosen(row.criterion.gate, gate.sheets)
    ]


def sheet_topics(gate: GateRequest) -> dict[str, str]:
    """Return the topics that judge a decision sheet of a request, each with the sheet's name."""
    rows = gate.proofs.filter(criterion__proof=ProofKind.JUDGED, criterion__gate__in=gate.sheets)
    return {topic: SHEETS[sheet] for topic, sheet in rows.values_list("criterion__topic", "criterion__gate")}


def items_for(review: Review) -> list[Item]:
    """Return what one review judges: every guardrail, and the criteria of its topic or of none."""
    criteria = judged_criteria(review.request)
    return guardrail_items(review.request) + [item for item, topic in criteria if topic in ("", review.topic)]


def reviewers_of(topic: str, gate: GateRequest) -> list[tuple[int, int]]:
    """Return (person, open reviews) for active people who hold a confirmed grant for a topic and no interest."""
    barred = interested_ids(gate)
    auditors = RoleGrant.objects.filter(role=Role.AUDITOR, revoked_at__isnull=True, confirmed_at__isnull=False)
    people = (
        User.objects.filter(
            is_active=True,
            grants__role=Role.REVIEWER,
            grants__topic=topic,
            grants__confirmed_at__isnull=False,
            grants__revoked_at__isnull=True,
        )
        .exclude(pk__in=auditors.values("user_id"))
        .annotate(load=Count("reviews", filter=Q(reviews__state=ReviewState.OPEN), distinct=True))
    )
    return [(person.pk, person.load) for person in people.order_by("pk") if person.pk not in barred]


def live_reviews(gate: GateRequest) -> QuerySet[Review]:
    """Return the reviews of a request's present round that count."""
    reviews = Review.objects.filter(request=gate, round=gate.round, state__in=LIVE)
    return reviews.select_related("reviewer").prefetch_related("verdicts").order_by("pk")


def are_revealed(reviews: Sequence[Review], at: datetime) -> bool:
    """Say whether verdicts may be shown to each other: all are in, or all are due."""
    return all(review.state == ReviewState.SUBMITTED for review in reviews) or all(
        review.due_at <= at for review in reviews
    )


@dataclass(frozen=True)
class Seen:
    """A review as somebody may see it; ``recommendation`` is empty while it is hidden or not given."""

    review: Review
    is_hidden: bool
    recommendation: str


def as_seen_by(user: User, gate: GateRequest, at: datetime) -> list[Seen]:
    """Return the present round's reviews; another's stay hidden until all are in or due."""
    reviews = list(live_reviews(gate))
    revealed = are_revealed(reviews, at)
    seen = []
    for review in reviews:
        given = review.state == ReviewState.SUBMITTED
        hidden = given and not revealed and review.reviewer_id != user.pk
        seen.append(Seen(review, hidden, review.get_recommendation_display() if given and not hidden else ""))
    return seen


def spread_of(gate: GateRequest, at: datetime) -> dict[str, dict[str, int]]:
    """Return the spread of verdicts per item, or nothing while they are hidden."""
    reviews = list(live_reviews(gate))
    if not reviews or not are_revealed(reviews, at):
        return {}
    answers: dict[str, list[str]] = {}
    for review in reviews:
        for verdict in review.verdicts.all():
            answers.setdefault(verdict.item, []).append(verdict.answer)
    return {item: spread(given) for item, given in answers.items()}


def queue_of(user: User) -> QuerySet[Review]:
    """Return a reviewer's open reviews on requests in review, the first due first."""
    reviews = Review.objects.filter(reviewer=user, state=ReviewState.OPEN, request__state=State.EXPERT_REVIEW)
    return reviews.select_related("request__initiative__business_owner").order_by("due_at", "pk")


def unassigned() -> QuerySet[Review]:
    """Return reviews that nobody uninterested was found for."""
    reviews = Review.objects.filter(reviewer__isnull=True, state=ReviewState.OPEN)
    return reviews.select_related("request__initiative").order_by("due_at", "pk")


def since_last_look(review: Review) -> list[dict[str, Any]]:
    """Return what changed since this reviewer, or this topic, last judged the request: figures, ask and files."""
    earlier = (
        Review.objects.filter(request=review.request, topic=review.topic, finished_at__isnull=False)
        .exclude(pk=review.pk)
        .order_by("-round")
        .first()
    )
    if earlier is None:
        return []
    frozen = {row.round: row for row in review.request.frozen.all()}
    before, now = frozen.get(earlier.round), frozen.get(review.round)
    rows: list[dict[str, Any]] = []
    if before and now and before.pk != now.pk:
        rows += changes_since(before.inputs.get("figures", {}), now.inputs.get("figures", {}))
        rows += changes_since(before.ask, now.ask)
    files = EvidenceFile.objects.filter(request=review.request, added_at__gt=earlier.finished_at)
    return rows + [{"what": "New evidence", "before": "", "now": str(file)} for file in files]
