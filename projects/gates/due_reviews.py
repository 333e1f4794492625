"""Reviews that are due: they draft themselves, wait for their owner, and are sent when their day comes."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q

from projects.gates.choices import OWNER_HOLDS, Kind, State
from projects.gates.models import GateRequest, RequestMove
from projects.gates.review_rules import REVIEWS, Course, Timing, reviews_due
from projects.gates.services import begin_request, send_request
from projects.initiatives.choices import Condition, Stage
from projects.initiatives.models import Initiative, StageMove
from projects.limits.rules import Policy
from projects.limits.selectors import policy_on


def timing_of(policy: Policy) -> Timing:
    """Return the policy's days for due reviews; a reassessment follows the review interval of Scale."""
    return Timing(
        post_decision=policy.integer("post_decision_days"),
        reassessment=policy.integer("review_interval_days", Stage.SCALE),
        draft_ahead=policy.integer("review_draft_days"),
    )


def courses() -> list[tuple[int, Course, bool]]:
    """Return the course of whatever may have a review due, and whether it is being reassessed already.

    One query; a hold stops the clock.
    """
    moves = StageMove.objects.filter(
        initiative=OuterRef("pk"), field="stage", after=OuterRef("stage"), moved_at__gte=OuterRef("stage_since")
    )
    looked_back = GateRequest.objects.filter(
        initiative=OuterRef("pk"), kind=Kind.POST_DECISION, drafted_at__gte=OuterRef("stage_since")
    )
    reassessed = Q(requests__kind=Kind.REASSESSMENT)
    rows = Initiative.objects.filter(condition=Condition.ACTIVE, stage__in=[Stage.LAUNCH, Stage.SCALE])
    found = rows.annotate(
        came_by_go=Exists(moves),
        looked_back=Exists(looked_back),
        reassessed_on=Max("requests__due_on", filter=reassessed),
        reassessed_at=Max("requests__drafted_at", filter=reassessed & Q(requests__due_on__isnull=True)),
        is_reassessing=Exists(GateRequest.objects.open().filter(initiative=OuterRef("pk"), kind=Kind.REASSESSMENT)),
    )
    return [
        (
            row["pk"],
            Course(
                stage=row["stage"],
                stage_since=row["stage_since"].date(),
                came_by_go=row["came_by_go"],
                post_decision_begun=row["looked_back"],
                last_reassessment_on=_later(row["reassessed_on"], row["reassessed_at"]),
            ),
            row["is_reassessing"],
        )
        for row in found.order_by("pk").values(
            "pk",
            "stage",
            "stage_since",
            "came_by_go",
            "looked_back",
            "reassessed_on",
            "reassessed_at",
            "is_reassessing",
        )
    ]


def _later(due_on: date | None, begun_at: datetime | None) -> date | None:
    begun_on = begun_at.date() if begun_at else None
    return max((day for day in (due_on, begun_on) if day is not None), default=None)


def draft_due_reviews(*, at: datetime) -> list[str]:
    """Draft every review whose time has come; return the keys. May run twice without harm."""
    timing, on = timing_of(policy_on(at.date())), at.date()
    made = []
    for initiative_id, course, is_reassessing in courses():
        for kind, due_on in reviews_due(course, timing, on=on).items():
            if kind == Kind.REASSESSMENT and is_reassessing:
                continue
            if gate := draft_due_review(initiative_id=initiative_id, kind=kind, due_on=due_on, at=at):
                made.append(gate.key)
    return made


@transaction.atomic
def draft_due_review(*, initiative_id: int, kind: str, due_on: date, at: datetime) -> GateRequest | None:
    """Draft one due review in nobody's name; None where an open one of its kind appeared meanwhile."""
    initiative = Initiative.objects.select_for_update().get(pk=initiative_id)
    if GateRequest.objects.filter(initiative=initiative, kind=kind).open().exists():
        return None
    return begin_request(initiative, kind, str(initiative.stage), by=None, at=at, due_on=due_on)


def send_due_reviews(*, at: datetime) -> list[str]:
    """Send what its owner has not sent by its day; return the keys. May run twice without harm.

    What reviewers gave back stays with the owner for as long as a draft does, then it goes on as it stands.
    """
    on = at.date()
    patience = at - timedelta(days=timing_of(policy_on(on)).draft_ahead)
    touched = RequestMove.objects.filter(request=OuterRef("pk"), after=State.RETURNED, moved_at__gt=patience)
    due = GateRequest.objects.filter(kind__in=REVIEWS, state__in=OWNER_HOLDS, due_on__lte=on)
    due = due.filter(initiative__condition=Condition.ACTIVE).exclude(Exists(touched))
    sent = [send_due_review(gate_request_id=pk, at=at) for pk in due.order_by("pk").values_list("pk", flat=True)]
    return [gate.key for gate in sent if gate is not None]


@transaction.atomic
def send_due_review(*, gate_request_id: int, at: datetime) -> GateRequest | None:
    """Send a due review as it stands, its inputs computed; None where its owner sent it meanwhile."""
    requests = GateRequest.objects.select_for_update(of=("self",)).select_related("initiative__business_owner")
    gate = requests.get(pk=gate_request_id)
    if not gate.is_editable:
        return None
    return send_request(gate, policy=policy_on(at.date()).number, by=None, at=at)
