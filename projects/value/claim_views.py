"""Pages of value claims: declare one, and measure, verify or reject it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from projects.common.clock import now
from projects.common.form_fields import written
from projects.people.permissions import Permission
from projects.people.selectors import may, require
from projects.people.views import signed_in
from projects.value import services
from projects.value.forms import DeclareForm, MeasureForm, RejectForm, VerifyForm
from projects.value.models import ClaimState, ValueClaim
from projects.value.views import crumbs, visible

ACTS: dict[str, tuple[type[Form], Callable[..., ValueClaim], str]] = {
    "measure": (MeasureForm, services.measure_claim, "{} measured. Finance verifies it next."),
    "verify": (VerifyForm, services.verify_claim, "{} verified. It counts from now on."),
    "reject": (RejectForm, services.reject_claim, "{} rejected. Its share is free again."),
}


@login_required
@require_http_methods(["GET", "POST"])
def declare(request: HttpRequest, key: str) -> HttpResponse:
    """Declare a share of a benefit."""
    initiative, user = visible(request, key), signed_in(request)
    require(user, Permission.DRAFT_FOR_OWNER, initiative=initiative)
    form = DeclareForm(request.POST or None, initiative=initiative)
    if request.method == "POST" and form.is_valid():
        start, end = form.period
        names = ("benefit", "card", "amount", "share_percent", "is_cashable")
        fields = {name: form.cleaned_data[name] for name in names}
        try:
            claim = services.declare_claim(
                initiative_id=initiative.pk, period_start=start, period_end=end, **fields, by=user, at=now()
            )
        except services.ClaimRefused as refused:
            for blocker in refused.blockers:
                form.add_error("share_percent" if blocker.code.startswith("share") else None, blocker.message)
        else:
            messages.success(request, f"{claim} declared. Measure it when its period is over.")
            return redirect("projects:claim", key=key, claim_id=claim.pk)
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "initiative": initiative, "crumbs": crumbs(initiative, "Declare value")}
    return render(request, "projects/value/declare.html", context, status=status)


@login_required
@require_GET
def claim(request: HttpRequest, key: str, claim_id: int) -> HttpResponse:
    """Show a claim with the act that is next."""
    return _page(request, _claim(request, key, claim_id), {})


@login_required
@require_POST
def act(request: HttpRequest, key: str, claim_id: int, act: str) -> HttpResponse:
    """Measure, verify or reject a claim."""
    found = _claim(request, key, claim_id)
    if act not in ACTS:
        raise Http404
    form_class, service, words = ACTS[act]
    form = form_class(request.POST)
    if form.is_valid():
        try:
            done = service(claim_id=found.pk, **form.cleaned_data, by=signed_in(request), at=now())
        except services.ClaimRefused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, words.format(done))
            return redirect("projects:claim", key=key, claim_id=claim_id)
    return _page(request, found, {act: form}, status=422)


def _claim(request: HttpRequest, key: str, claim_id: int) -> ValueClaim:
    people = ("initiative", "benefit", "card", "declared_by", "measured_by", "verified_by")
    claims = ValueClaim.objects.select_related(*people)
    return get_object_or_404(claims, pk=claim_id, initiative=visible(request, key))


def _page(request: HttpRequest, found: ValueClaim, forms: dict[str, Any], *, status: int = 200) -> HttpResponse:
    user, initiative = signed_in(request), found.initiative
    judges = may(user, Permission.VERIFY_VALUE, initiative=initiative)
    counts = found.state in (ClaimState.MEASURED, ClaimState.VERIFIED)
    is_own = user.pk in (found.declared_by_id, found.measured_by_id)
    proposed = found.measured_amount if found.state == ClaimState.MEASURED else found.verified_amount
    context = {
        "claim": found,
        "initiative": initiative,
        "last_day": found.period_end - timedelta(days=1),
        "is_own": is_own and judges and counts,
        "may_measure": found.state in (ClaimState.DECLARED, ClaimState.DECAYED)
        and may(user, Permission.RECORD_READING, initiative=initiative),
        "may_verify": counts and judges and not is_own,
        "may_reject": found.state in (ClaimState.DECLARED, ClaimState.MEASURED)
        and judges
        and user.pk != found.declared_by_id,
        "measure": forms.get("measure", MeasureForm(initial={"amount": written(found.declared_amount)})),
        "verify": forms.get("verify", VerifyForm(initial={"amount": written(proposed)})),
        "reject": forms.get("reject", RejectForm()),
        "others": found.benefit.claims.exclude(pk=found.pk)
        .exclude(state=ClaimState.REJECTED)
        .filter(period_start__lt=found.period_end, period_end__gt=found.period_start)
        .select_related("initiative"),
        "crumbs": crumbs(initiative, "Value claim"),
    }
    return render(request, "projects/value/claim.html", context, status=status)
