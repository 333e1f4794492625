"""Waive a criterion: one person signs, a second confirms."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from projects.common.clock import now
from projects.common.outcomes import Refused
from projects.gates.choices import ProofState, Waiver
from projects.gates.forms import WaiverForm
from projects.gates.models import CriterionProof, GateRequest
from projects.gates.pages import heading
from projects.gates.proofs import confirm_waiver, sign_waiver
from projects.gates.views import visible_request
from projects.people.permissions import Permission
from projects.people.selectors import require
from projects.people.views import signed_in


@login_required
@require_http_methods(["GET", "POST"])
def waive(request: HttpRequest, key: str) -> HttpResponse:
    """Sign a waiver first."""
    user = signed_in(request)
    gate = visible_request(key, user)
    require(user, Permission.WAIVE, initiative=gate.initiative)
    proofs = _waivable(gate)
    form = WaiverForm(request.POST or None, proofs=proofs)
    if request.method != "POST" or not form.is_valid():
        return _page(request, gate, form, status=422 if request.method == "POST" else 200)
    data = form.cleaned_data
    try:
        proof = sign_waiver(
            proof_id=int(data["criterion"]), until=data["until"], reason=data["reason"], by=user, at=now()
        )
    except Refused as refused:
        if refused.status != 422:
            raise
        form.add_error(None, str(refused))
        return _page(request, gate, form, status=422)
    messages.info(request, f"A second person confirms the waiver of “{proof.criterion}”.")
    return redirect("projects:request", key=key)


@login_required
@require_POST
def confirm(request: HttpRequest, key: str, proof_id: int) -> HttpResponse:
    """Sign a waiver second."""
    user = signed_in(request)
    gate = visible_request(key, user)
    proof = get_object_or_404(CriterionProof, pk=proof_id, request=gate)
    proof = confirm_waiver(proof_id=proof.pk, by=user, at=now())
    messages.success(request, f"“{proof.criterion}” is waived until {proof.waived_until}.")
    return redirect("projects:request", key=key)


def _waivable(gate: GateRequest) -> list[CriterionProof]:
    proofs = gate.proofs.select_related("criterion").filter(criterion__must=True)
    proofs = proofs.exclude(criterion__waiver=Waiver.NOBODY)
    return [proof for proof in proofs if proof.state != ProofState.PROVED and proof.state != ProofState.WAIVED]


def _page(request: HttpRequest, gate: GateRequest, form: WaiverForm, *, status: int) -> HttpResponse:
    context = {**heading(gate), "form": form}
    return render(request, "projects/gates/waive.html", context, status=status)
