"""The thresholds: in force, drafted, previewed, approved."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from council.policy import services
from council.policy.selectors import preview, rows_of
from projects.common.clock import now
from projects.common.outcomes import Refused
from projects.limits.models import PolicyState, PolicyVersion
from projects.limits.selectors import policy_fields, policy_of, policy_on
from projects.people.permissions import Permission
from projects.people.selectors import may
from projects.people.views import signed_in


@login_required
@require_GET
def policy(request: HttpRequest) -> HttpResponse:
    """Show the thresholds in force and, beside them, the open draft."""
    return _page(request)


@login_required
@require_GET
def version(request: HttpRequest, number: int) -> HttpResponse:
    """Show one version as it stands."""
    found = get_object_or_404(PolicyVersion, number=number)
    shown = policy_of(found)
    context = {"version": found, "groups": rows_of(shown, shown), "values_only": True}
    return render(request, "council/policy/version.html", context)


@login_required
@require_POST
def draft(request: HttpRequest) -> HttpResponse:
    """Begin a draft."""
    made = services.draft_policy(by=signed_in(request), at=now())
    messages.success(request, f"Draft {made.number} begun from the version in force.")
    return redirect("council:policy")


@login_required
@require_POST
def edit(request: HttpRequest, number: int) -> HttpResponse:
    """Save the values of a draft; what is out of range comes back with its range."""
    found = get_object_or_404(PolicyVersion, number=number)
    try:
        services.edit_draft(
            version_id=found.pk,
            changes=_changes(request),
            reason=request.POST.get("reason", ""),
            revision=_number(request.POST.get("revision")),
            by=signed_in(request),
            at=now(),
        )
    except Refused as refused:
        return _page(request, refused=refused, status=refused.status)
    messages.success(request, f"Draft {number} saved. Nothing is in force before it is approved.")
    return redirect("council:policy")


@login_required
@require_POST
def act(request: HttpRequest, number: int, act: str) -> HttpResponse:
    """Propose, approve or withdraw a version."""
    found = get_object_or_404(PolicyVersion, number=number)
    by, at = signed_in(request), now()
    try:
        if act == "propose":
            services.propose_policy(version_id=found.pk, by=by, at=at)
        elif act == "approve":
            services.approve_policy(version_id=found.pk, effective_on=_day(request), by=by, at=at)
        elif act == "withdraw":
            services.withdraw_policy(version_id=found.pk, by=by, at=at)
        else:
            raise Http404
    except Refused as refused:
        return _page(request, refused=refused, status=refused.status)
    words = {"propose": "sent for approval", "approve": "approved", "withdraw": "withdrawn"}
    messages.success(request, f"Version {number} {words[act]}.")
    return redirect("council:policy")


@login_required
@require_POST
def acknowledge(request: HttpRequest) -> HttpResponse:
    """Note that the reader knows the policy in force."""
    found = services.acknowledge_policy(by=signed_in(request), at=now())
    if found is not None:
        messages.success(request, f"You have acknowledged {found}.")
    return redirect(request.POST.get("back") or "council:policy")


def _page(request: HttpRequest, refused: Refused | None = None, status: int = 200) -> HttpResponse:
    user, at = signed_in(request), now()
    current = policy_on(at.date())
    open_one = PolicyVersion.objects.filter(state__in=[PolicyState.DRAFT, PolicyState.PROPOSED]).first()
    shown = policy_of(open_one) if open_one else current
    may_draft = may(user, Permission.DRAFT_POLICY)
    context = {
        "current": current,
        "draft": open_one,
        "groups": rows_of(current, shown),
        "may_draft": may_draft,
        "may_approve": bool(open_one and may(user, Permission.APPROVE_POLICY) and open_one.drafted_by_id != user.pk),
        "may_edit": bool(open_one and open_one.state == PolicyState.DRAFT and may_draft),
        "preview": preview(open_one, on=at.date()) if open_one else None,
        "versions": PolicyVersion.objects.select_related("drafted_by", "approved_by").order_by("-number"),
        "refused": refused,
        "blockers": refused.blockers if refused else [],
        "today": at.date(),
    }
    return render(request, "council/policy/policy.html", context, status=status)


def _changes(request: HttpRequest) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    for code, field in policy_fields().items():
        if field.kind == "table":
            cells = {
                row: request.POST[f"{code}.{row}"].strip() for row in field.default if f"{code}.{row}" in request.POST
            }
            if cells:
                changes[code] = cells
        elif code in request.POST:
            changes[code] = request.POST[code].strip()
    return changes


def _day(request: HttpRequest) -> date:
    try:
        return date.fromisoformat(request.POST.get("effective_on", ""))
    except ValueError as wrong:
        raise services.PolicyRefused("Give the day from which it binds.") from wrong


def _number(text: str | None) -> int:
    return int(text) if text and text.isdigit() else 0
