"""The decision log, one decision, and deciding a request outside a meeting."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from council.decisions import services
from council.decisions.models import Decision, Outcome
from council.delegations.selectors import KINDS, Undecided, acts_for, decision_context, log, readable, undecided
from council.rooms.forms import ConditionFormSet, MotionForm
from projects.common.clock import now
from projects.common.form_fields import written
from projects.common.outcomes import NotPermitted, Refused, WrongState
from projects.gates.models import GateRequest
from projects.limits.selectors import policy_on
from projects.people.models import User
from projects.people.permissions import Permission
from projects.people.selectors import require
from projects.people.views import signed_in

FORMS = {
    "act": ("Act as the chair", "Decide it now. The next meeting ratifies it; what it does not ratify is returned."),
    "propose": ("Sign as the first of two", "It is decided once the FinOps lead and finance have both signed."),
    "minute": ("Record the board's minute", "It takes effect once finance confirms it."),
}


@login_required
@require_GET
def decisions(request: HttpRequest) -> HttpResponse:
    """List the decisions, the newest first."""
    user, kind = signed_in(request), request.GET.get("kind", "")
    if kind not in KINDS:
        raise Http404
    after = request.GET.get("after", "")
    rows, following = log(user, kind=kind, after=int(after) if after.isdecimal() and len(after) < 18 else None)
    url = reverse("council:decisions")
    context = {
        "rows": rows,
        "tabs": [
            {"label": name, "url": f"{url}?kind={code}" if code else url, "is_current": code == kind}
            for code, (name, _) in KINDS.items()
        ],
        "more_url": f"{url}?kind={kind}&after={following}" if following else "",
        "is_first": not after,
    }
    return render(request, "council/decisions/decisions.html", context)


@login_required
@require_GET
def decision(request: HttpRequest, reference: str) -> HttpResponse:
    """Show one decision: authority, policy version, vote, effects."""
    found = get_object_or_404(readable(signed_in(request)), reference=reference)
    return render(request, "council/decisions/decision.html", decision_context(found))


@login_required
@require_http_methods(["GET", "POST"])
def decide(request: HttpRequest, key: str) -> HttpResponse:
    """Show who decides a request and on what ground, with the form of whoever may; take the form in."""
    user, at = signed_in(request), now()
    row = _found(key, user, at.date())
    acts = _acts(row, user)
    act = request.POST.get("act") or next((name for name in FORMS if name in acts), "")
    form, conditions = MotionForm(initial=_prefilled(row, at)), ConditionFormSet(prefix="conditions")
    if request.method == "GET":
        return _page(request, row, acts, act, form, conditions)
    if act not in FORMS:
        raise Http404
    form, conditions = MotionForm(request.POST), ConditionFormSet(request.POST, prefix="conditions")
    if not (form.is_valid() and conditions.is_valid()):
        return _page(request, row, acts, act, form, conditions, status=422)
    try:
        said = _do(act, row, form, conditions, user, at)
    except (NotPermitted, WrongState):
        raise
    except Refused as refused:
        form.refuse(refused)
        return _page(request, row, acts, act, form, conditions, status=refused.status)
    return _done(request, row, said)


@login_required
@require_POST
def answer(request: HttpRequest, key: str, act: str) -> HttpResponse:
    """Sign or confirm what a first person signed, or drop it."""
    user, at = signed_in(request), now()
    row = _found(key, user, at.date())
    if row.proposal is None:
        raise WrongState(f"Nobody signed a decision on {key} yet.")
    signed = row.proposal.pk
    try:
        if act == "sign":
            said: Decision | str = services.sign_delegated(proposal_id=signed, by=user, at=at)
        elif act == "confirm":
            said = services.confirm_board_minute(proposal_id=signed, by=user, at=at)
        elif act == "drop":
            services.drop_proposal(proposal_id=signed, by=user, at=at)
            said = f"Dropped. {key} may be signed anew."
        else:
            raise Http404
    except (NotPermitted, WrongState):
        raise
    except Refused as refused:
        form, conditions = MotionForm(initial=_prefilled(row, at)), ConditionFormSet(prefix="conditions")
        return _page(request, row, _acts(row, user), "", form, conditions, refused=refused, status=refused.status)
    return _done(request, row, said)


def _do(act: str, row: Undecided, form: MotionForm, conditions: Any, by: User, at: datetime) -> Decision | str:
    data = form.cleaned_data
    given: dict[str, Any] = {
        "gate_request_id": row.gate.pk,
        "outcome": data["outcome"],
        "amount": data["amount"] or Decimal(0),
        "conditions": [told for part in conditions if (told := part.as_condition())],
        "details": form.details(),
        "by": by,
        "at": at,
    }
    if act == "act":
        return services.act_between_meetings(reason=data["reason"], **given)
    if act == "propose":
        services.propose_delegated(reason=data["reason"], **given)
        return f"Signed. {row.gate.key} is decided once the other of the two signs."
    services.record_board_minute(minute=data["reason"], **given)
    return "The board's minute is recorded. Finance confirms it."


def _done(request: HttpRequest, row: Undecided, said: Decision | str) -> HttpResponse:
    if isinstance(said, Decision):
        messages.success(request, f"{said.reference}: {said.get_outcome_display()} on {row.gate.key}.")
        return redirect("council:decision", reference=said.reference)
    messages.success(request, said)
    return redirect("council:decide", key=row.gate.key)


def _found(key: str, user: User, on: date) -> Undecided:
    gate = get_object_or_404(GateRequest.objects.visible_to(user), key=key)
    require(user, Permission.READ_PACK)
    found = undecided(on=on, keys=[key])
    if not found:
        raise WrongState(f"{key} is {gate.get_state_display().lower()}: nothing about it is decided outside a meeting.")
    return found[0]


def _acts(row: Undecided, user: User) -> list[str]:
    return acts_for([row], user)[0][1]


def _prefilled(row: Undecided, at: datetime) -> dict[str, Any]:
    days = policy_on(at.date()).integer("list_line_valid_days")
    return {
        "amount": written(row.gate.ask or Decimal(0)),
        "outcome": Outcome.GO,
        "release_by": at.date() + timedelta(days=days),
    }


def _page(
    request: HttpRequest,
    row: Undecided,
    acts: list[str],
    act: str,
    form: MotionForm,
    conditions: Any,
    *,
    refused: Refused | None = None,
    status: int = 200,
) -> HttpResponse:
    title, hint = FORMS.get(act, ("", ""))
    if act == "minute":
        form.fields["reason"].label = "The board's minute, one line"
    problems = [row for part in conditions for row in part.problems()]
    context = {
        "row": row,
        "gate": row.gate,
        "acts": acts,
        "act": act if act in acts else "",
        "act_title": title,
        "act_hint": hint,
        "form": form,
        "conditions": conditions,
        "problems": problems,
        "refused": refused,
        "has_problems": bool(form.errors or problems or refused),
        "policy": policy_on(now().date()).number,
    }
    return render(request, "council/decisions/decide.html", context, status=status)
