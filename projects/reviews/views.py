"""The review queue and the review screen."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from projects.common.clock import now
from projects.common.outcomes import NotPermitted
from projects.gates.models import GateRequest
from projects.gates.pages import heading
from projects.gates.selectors import frozen_inputs, readiness
from projects.gates.views import visible_request
from projects.guardrails.models import Guardrail
from projects.people.models import User
from projects.people.permissions import Permission
from projects.people.selectors import may
from projects.people.views import signed_in
from projects.reviews.models import Recommendation, Review, ReviewState
from projects.reviews.selectors import (
    Item,
    as_seen_by,
    guardrail_items,
    items_for,
    judged_criteria,
    queue_of,
    since_last_look,
    spread_of,
    unassigned,
)
from projects.reviews.services import (
    Opinion,
    ReviewIncomplete,
    declare_conflict,
    save_review,
    submit_review,
)

WORDS = {"met": "accept", "ask": "ask", "not_met": "reject"}
SHOWN = {answer: word for word, answer in WORDS.items()}


@login_required
@require_GET
def queue(request: HttpRequest) -> HttpResponse:
    """Show what waits for this reviewer, and to the secretary what waits for anybody."""
    user, at = signed_in(request), now()
    finished = Review.objects.filter(reviewer=user).exclude(state=ReviewState.OPEN)
    context = {
        "open_reviews": [(row, row.due_at < at) for row in queue_of(user)],
        "finished": finished.select_related("request__initiative").order_by("-finished_at")[:20],
        "unassigned": unassigned() if may(user, Permission.BUILD_AGENDA) else [],
    }
    return render(request, "projects/reviews/queue.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def review(request: HttpRequest, key: str) -> HttpResponse:
    """Show the review of a request, or save it while it is written."""
    user, at = signed_in(request), now()
    gate = visible_request(key, user)
    own = _own(gate, user, request)
    if request.method != "POST":
        return _page(request, gate, own, _drafted(own), at)
    if own is None:
        raise NotPermitted(f"You are not asked to review {gate.key}.")
    opinion = _opinion(request, items_for(own))
    own = save_review(review_id=own.pk, opinion=opinion, revision=_version(request), by=user, at=at)
    if "X-Autosave" in request.headers:
        answer = render(request, "components/saved.html", {"at": f"{at:%H:%M}"})
        answer["X-Version"] = str(own.revision)
        return answer
    return redirect(f"{request.path}?topic={own.topic}")


@login_required
@require_POST
def finish(request: HttpRequest, key: str) -> HttpResponse:
    """Give the verdicts; what is missing is named on the same page."""
    user, at = signed_in(request), now()
    gate = visible_request(key, user)
    own = _own(gate, user, request)
    if own is None:
        raise NotPermitted(f"You are not asked to review {gate.key}.")
    opinion = _opinion(request, items_for(own))
    try:
        submit_review(review_id=own.pk, opinion=opinion, by=user, at=at)
    except ReviewIncomplete as refused:
        return _page(request, gate, own, opinion, at, status=422, problems=[row.message for row in refused.blockers])
    messages.success(request, f"Your {own.topic_name} review of {gate.key} is finished.")
    return redirect("projects:reviews")


@login_required
@require_POST
def conflict(request: HttpRequest, key: str) -> HttpResponse:
    """Declare a conflict and step back."""
    user, at = signed_in(request), now()
    gate = visible_request(key, user)
    own = _own(gate, user, request)
    if own is None:
        raise NotPermitted(f"You are not asked to review {gate.key}.")
    declare_conflict(review_id=own.pk, conflict=request.POST.get("conflict", "")[:2000], by=user, at=at)
    messages.success(request, f"{gate.key} goes to another reviewer.")
    return redirect("projects:reviews")


def _own(gate: GateRequest, user: User, request: HttpRequest) -> Review | None:
    topic = request.POST.get("topic") or request.GET.get("topic", "")
    rows = Review.objects.filter(request=gate, round=gate.round, reviewer=user).select_related("request__initiative")
    rows = rows.filter(state__in=[ReviewState.OPEN, ReviewState.SUBMITTED])
    return (rows.filter(topic=topic) if topic else rows).order_by("state", "pk").first()


def _version(request: HttpRequest) -> int:
    typed = request.POST.get("version", "")
    return int(typed) if typed.isdecimal() else 0


def _opinion(request: HttpRequest, items: list[Item]) -> Opinion:
    def typed(name: str) -> str:
        return request.POST.get(name, "").replace("\x00", "")[:4000]

    return Opinion(
        answers={item.code: WORDS.get(typed(f"v-{item.code}"), "") for item in items},
        reasons={item.code: typed(f"r-{item.code}") for item in items},
        recommendation=typed("recommendation"),
        condition=typed("condition"),
    )


def _drafted(own: Review | None) -> Opinion:
    if own is None:
        return Opinion()
    if own.state == ReviewState.SUBMITTED:
        verdicts = list(own.verdicts.all())
        return Opinion(
            {row.item: row.answer for row in verdicts},
            {row.item: row.reason for row in verdicts},
            own.recommendation,
            own.condition,
        )
    kept: dict[str, Any] = own.drafted or {}
    return Opinion(
        kept.get("answers", {}), kept.get("reasons", {}), kept.get("recommendation", ""), kept.get("condition", "")
    )


def _page(
    request: HttpRequest,
    gate: GateRequest,
    own: Review | None,
    opinion: Opinion,
    at: datetime,
    *,
    status: int = 200,
    problems: list[str] | None = None,
) -> HttpResponse:
    user = signed_in(request)
    items = items_for(own) if own else guardrail_items(gate) + [item for item, _ in judged_criteria(gate)]
    is_open = own is not None and own.state == ReviewState.OPEN
    if own and own.state == ReviewState.SUBMITTED:
        items = [item for item in items if item.code in opinion.answers]
    spread = spread_of(gate, at)
    rows = _item_rows(gate, items, opinion, own, spread)
    counts = [row["item"]["verdict"] for row in rows]
    frozen = frozen_inputs(gate)
    context = {
        **heading(gate),
        "own": own,
        "is_open": is_open,
        "is_late": own is not None and is_open and own.due_at < at,
        "rows": rows,
        "met": counts.count("met"),
        "asked": counts.count("ask") + counts.count("not_met"),
        "waiting": counts.count(""),
        "total": len(rows),
        "opinion": opinion,
        "recommendations": [{"value": row.value, "label": row.label} for row in Recommendation],
        "reviews": as_seen_by(user, gate, at),
        "changes": since_last_look(own) if own else [],
        "inputs": frozen.inputs if frozen else None,
        "readiness": readiness(gate, at.date()),
        "problems": problems or [],
        "crumbs": [{"label": "Reviews", "url": "/reviews/"}, {"label": gate.key}],
    }
    if rows:
        context["met_share"], context["asked_share"] = _shares(context["met"], context["asked"], len(rows))
    return render(request, "projects/reviews/review.html", context, status=status)


def _shares(met: int, asked: int, total: int) -> tuple[int, int]:
    return 100 * met // total, 100 * asked // total


def _item_rows(
    gate: GateRequest, items: list[Item], opinion: Opinion, own: Review | None, spread: dict[str, dict[str, int]]
) -> list[dict[str, Any]]:
    limits = {f"guardrail:{row.code}": row for row in Guardrail.objects.filter(initiative=gate.initiative)}
    files = {file.about: file for file in gate.files.all()}
    rows = []
    for number, item in enumerate(items, start=1):
        limit, file = limits.get(item.code), files.get(item.code)
        shown: dict[str, Any] = {
            "id": f"item-{number}",
            "name": item.title,
            "meaning": item.good,
            "verdict": SHOWN.get(opinion.answers.get(item.code, ""), ""),
            "evidence": _evidence(limit) if item.code.startswith("guardrail:") else "Judged on the whole request.",
            "reason": opinion.reasons.get(item.code, ""),
            "reviewer": own.reviewer if own else "",
            "on": own.finished_at if own else None,
        }
        if file:
            shown |= {"file_name": file.name, "file_url": f"/requests/{gate.key}/files/{file.pk}/"}
            shown["file_on"] = file.added_at.date()
        rows.append(
            {"item": shown, "name": f"v-{item.code}", "reason_name": f"r-{item.code}", "spread": spread.get(item.code)}
        )
    return rows


def _evidence(limit: Guardrail | None) -> str:
    if limit is None:
        return ""
    value = limit.value if not limit.not_applicable else f"Does not apply: {limit.not_applicable}"
    source = f" Set in {limit.source}." if limit.source else ""
    return f"{value} {limit.unit}".strip() + "." + source + (f" {limit.proof_note}" if limit.proof_note else "")
