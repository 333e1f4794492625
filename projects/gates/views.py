"""Pages of gate requests: the list, the task list, check and send, and the whole request to read."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.files.storage import default_storage
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from projects.common.clock import now
from projects.common.outcomes import Refused
from projects.gates.choices import Kind
from projects.gates.models import EvidenceFile, GateRequest
from projects.gates.pages import home_of, requests_page, task_list, whole_request
from projects.gates.proofs import attach_evidence
from projects.gates.selectors import readiness
from projects.gates.services import (
    GateBlocked,
    draft_gate_request,
    recheck,
    submit_gate_request,
    withdraw,
)
from projects.gates.sheet_rules import SHEETS
from projects.gates.submission import policy_blockers, submission_blockers
from projects.initiatives.models import Initiative
from projects.limits.selectors import version_on
from projects.people.models import User
from projects.people.permissions import Permission
from projects.people.selectors import may, require
from projects.people.views import signed_in

PAGE = ("initiative__business_owner", "initiative__technical_owner", "initiative__budget_owner", "template")


def visible_request(key: str, user: User) -> GateRequest:
    """Return a request that a person may see, else 404."""
    requests = GateRequest.objects.visible_to(user).select_related(*PAGE).prefetch_related("sections")
    return get_object_or_404(requests, key=key)


@login_required
@require_GET
def requests(request: HttpRequest) -> HttpResponse:
    """Show own drafts, then own initiatives, then what others ask."""
    return render(request, "projects/gates/requests.html", requests_page(signed_in(request)))


@login_required
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Choose what to ask for an initiative, and begin the draft."""
    user = signed_in(request)
    key = request.POST.get("initiative") or request.GET.get("initiative", "")
    initiative = get_object_or_404(Initiative.objects.visible_to(user), key=key)
    require(user, Permission.DRAFT_FOR_OWNER, initiative=initiative)
    context = {"initiative": initiative, "kinds": _kinds(initiative), "chosen": request.GET.get("kind", Kind.ADVANCE)}
    if request.method != "POST":
        return render(request, "projects/gates/new.html", context)
    if request.POST.get("kind") not in Kind.values:
        context["error"] = "Choose what you ask for"
        return render(request, "projects/gates/new.html", context, status=422)
    gate = draft_gate_request(initiative_id=initiative.pk, kind=request.POST["kind"], by=user, at=now())
    return redirect("projects:request", key=gate.key)


def _kinds(initiative: Initiative) -> list[dict[str, str]]:
    notes = {
        Kind.ADVANCE: "The gate out of this stage, with money for the next milestone.",
        Kind.STAY: "Money for the next milestone without changing stage.",
        Kind.POST_DECISION: "The look back after a Go into Launch or Scale. It also drafts itself when it is due.",
        Kind.REASSESSMENT: "The quarterly look at twelve topics. It also drafts itself when it is due.",
        Kind.SUNSET: "Wind it down in order.",
    }
    return [{"value": kind.value, "label": kind.label, "note": note} for kind, note in notes.items()]


@login_required
@require_GET
def new_for(request: HttpRequest, key: str) -> HttpResponse:
    """Lead from a registered initiative to its first request."""
    return redirect(f"/requests/new/?initiative={key}")


@login_required
@require_GET
def show(request: HttpRequest, key: str) -> HttpResponse:
    """Show the task list to who writes it, the whole request to everybody else."""
    user, on = signed_in(request), now().date()
    gate = visible_request(key, user)
    if gate.is_editable and may(user, Permission.DRAFT_FOR_OWNER, initiative=gate.initiative):
        return render(request, "projects/gates/tasks.html", task_list(gate, user, on))
    return render(request, "projects/gates/request.html", whole_request(gate, user, on))


@login_required
@require_GET
def check(request: HttpRequest, key: str) -> HttpResponse:
    """Show the answers once more before they are sent."""
    user = signed_in(request)
    gate = visible_request(key, user)
    require(user, Permission.DRAFT_FOR_OWNER, initiative=gate.initiative)
    return _check_page(request, gate, user, status=200)


def _check_page(
    request: HttpRequest, gate: GateRequest, user: User, *, status: int, refused: Refused | None = None
) -> HttpResponse:
    on = now().date()
    version = version_on(on)
    ready = readiness(gate, on)
    blockers = refused.blockers if refused else submission_blockers(gate, on=on)
    context = {
        **whole_request(gate, user, on),
        "readiness": ready,
        "blockers": blockers,
        "is_refused": refused is not None,
        "homes": {line.text: home_of(line) for line in ready.missing},
        "policy": version,
        "policy_unread": bool(policy_blockers(None, on=on)),
        "may_submit": may(user, Permission.SUBMIT_REQUEST, initiative=gate.initiative),
    }
    return render(request, "projects/gates/check.html", context, status=status)


@login_required
@require_POST
def submit(request: HttpRequest, key: str) -> HttpResponse:
    """Send a request; what is missing is named on the same page."""
    user = signed_in(request)
    gate = visible_request(key, user)
    read = request.POST.get("policy_read", "")
    try:
        submit_gate_request(
            gate_request_id=gate.pk, policy_read=int(read) if read.isdecimal() else None, by=user, at=now()
        )
    except GateBlocked as refused:
        return _check_page(request, gate, user, status=422, refused=refused)
    return redirect("projects:request-sent", key=gate.key)


@login_required
@require_GET
def sent(request: HttpRequest, key: str) -> HttpResponse:
    """Say that a request was sent and what happens now."""
    user = signed_in(request)
    gate = visible_request(key, user)
    return render(request, "projects/gates/sent.html", {**whole_request(gate, user, now().date())})


@login_required
@require_POST
def withdraw_request(request: HttpRequest, key: str) -> HttpResponse:
    """Withdraw a request."""
    user = signed_in(request)
    gate = visible_request(key, user)
    withdraw(gate_request_id=gate.pk, reason=request.POST.get("reason", "").strip()[:2000], by=user, at=now())
    messages.success(request, f"{gate.key} is withdrawn.")
    return redirect("projects:requests")


@login_required
@require_POST
def check_again(request: HttpRequest, key: str) -> HttpResponse:
    """Check a stale request anew."""
    user = signed_in(request)
    gate = visible_request(key, user)
    gate = recheck(gate_request_id=gate.pk, by=user, at=now())
    messages.info(request, f"{gate.key} was checked: {gate.get_state_display().lower()}.")
    return redirect("projects:request", key=gate.key)


def _section_about(gate: GateRequest, about: str) -> str:
    if about.startswith("guardrail:"):
        return "guardrails"
    return "sheets" if gate.proofs.filter(criterion__code=about, criterion__gate__in=SHEETS).exists() else "proofs"


@login_required
@require_POST
def add_evidence(request: HttpRequest, key: str) -> HttpResponse:
    """Keep a file as evidence for a criterion or a guardrail."""
    user = signed_in(request)
    gate = visible_request(key, user)
    require(user, Permission.DRAFT_FOR_OWNER, initiative=gate.initiative)
    about = request.POST.get("about", "")[:40]
    back = _section_about(gate, about)
    upload = request.FILES.get("file")
    if upload is None or upload.size is None or upload.size > 10 * 1024 * 1024:
        words = "Choose a file." if upload is None else f"{upload.name} is larger than 10 MB. Attach a smaller one."
        messages.error(request, words)
        return redirect("projects:request-section", key=key, code=back)
    try:
        file = attach_evidence(
            gate_request_id=gate.pk, about=about, name=upload.name or "", content=upload.read(), by=user, at=now()
        )
    except Refused as refused:
        if refused.status != 422:
            raise
        messages.error(request, f"{upload.name}: {refused}")
    else:
        messages.success(request, f"{file.name} is kept with its hash {file.sha256[:12]}.")
    return redirect("projects:request-section", key=key, code=back)


@login_required
@require_GET
def evidence(request: HttpRequest, key: str, file_id: int) -> FileResponse:
    """Serve a file as an attachment to those who may see the request."""
    gate = visible_request(key, signed_in(request))
    file = get_object_or_404(EvidenceFile, pk=file_id, request=gate)
    stored = default_storage.open(file.stored_as)
    answer = FileResponse(stored, as_attachment=True, filename=file.name, content_type=file.content_type)
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer["Cache-Control"] = "private, no-store"
    return answer
