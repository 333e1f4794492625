"""The page of one guardrail: its value, its last proof, the rows that break it, evidence and its judgement."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from projects.common.clock import now
from projects.common.outcomes import Conflicted
from projects.guardrails import services
from projects.guardrails.forms import EvidenceForm, JudgeForm, ValueForm
from projects.guardrails.models import Guardrail
from projects.guardrails.rules import BY_ROWS, DEFINITIONS
from projects.guardrails.selectors import measured_by_usage, output_offence
from projects.initiatives.choices import Condition
from projects.initiatives.models import Initiative
from projects.people.permissions import Permission
from projects.people.selectors import may
from projects.people.views import signed_in


@login_required
@require_GET
def guardrail(request: HttpRequest, key: str, code: str) -> HttpResponse:
    """Show one guardrail."""
    return _page(request, *_found(request, key, code), code, {})


@login_required
@require_POST
def act(request: HttpRequest, key: str, code: str, act: str) -> HttpResponse:
    """Set the value, file evidence or judge it."""
    initiative, row = _found(request, key, code)
    if act not in ACTS:
        raise Http404
    form = ACTS[act](request.POST)
    if form.is_valid():
        try:
            words = _do(request, act, initiative, row, code, form.cleaned_data)
        except (services.GuardrailRefused, Conflicted) as refused:
            if any(blocker.code == "proved_by_rows" for blocker in refused.blockers):
                raise  # its form is not on the page
            form.add_error(None, str(refused))
            return _page(request, initiative, row, code, {act: form}, status=refused.status)
        messages.success(request, words)
        return redirect("projects:guardrail", key=key, code=code)
    return _page(request, initiative, row, code, {act: form}, status=422)


ACTS: dict[str, type[Form]] = {"value": ValueForm, "evidence": EvidenceForm, "judge": JudgeForm}


def _do(
    request: HttpRequest, act: str, initiative: Initiative, row: Guardrail | None, code: str, said: dict[str, Any]
) -> str:
    user, at, title = signed_in(request), now(), DEFINITIONS[code].title
    if act == "value":
        said["revision"] = said["revision"] or 0
        services.set_guardrail(initiative_id=initiative.pk, code=code, **said, by=user, at=at)
        return f"{title}: value kept. It is to be proved anew where it changed."
    if row is None:
        raise Http404
    if act == "evidence":
        services.file_guardrail_evidence(guardrail_id=row.pk, evidence=said["evidence"], by=user, at=at)
        return f"{title}: evidence filed. Somebody without an interest judges it."
    holds = said["holds"] == "yes"
    services.judge_guardrail(guardrail_id=row.pk, holds=holds, reason=said["reason"], by=user, at=at)
    return f"{title}: found {'enforced' if holds else 'not enforced'}."


def _found(request: HttpRequest, key: str, code: str) -> tuple[Initiative, Guardrail | None]:
    initiative = get_object_or_404(Initiative.objects.visible_to(signed_in(request)), key=key)
    if code not in DEFINITIONS:
        raise Http404
    people = ("initiative", "evidence_by", "judged_by", "set_by")
    return initiative, Guardrail.objects.filter(initiative=initiative, code=code).select_related(*people).first()


def _page(
    request: HttpRequest,
    initiative: Initiative,
    row: Guardrail | None,
    code: str,
    forms: dict[str, Form],
    *,
    status: int = 200,
) -> HttpResponse:
    user, at, definition = signed_in(request), now(), DEFINITIONS[code]
    is_open = initiative.condition != Condition.CLOSED
    fills = is_open and may(user, Permission.DRAFT_FOR_OWNER, initiative=initiative)
    holds_value = row is not None and row.is_filled and not row.not_applicable
    takes_text = holds_value and definition.code not in BY_ROWS
    if takes_text and fills:
        takes_text = definition.code not in measured_by_usage(initiative.pk, at=at)
    values = {"value": "", "source": "", "not_applicable": "", "revision": 0}
    if row is not None:
        values = {name: getattr(row, name) for name in values}
    context = {
        "initiative": initiative,
        "row": row,
        "definition": definition,
        "offence": output_offence(row, at=at) if row is not None and holds_value else None,
        "by_rows": definition.code in BY_ROWS,
        "may_fill": fills,
        "may_file": fills and takes_text,
        "may_judge": row is not None
        and bool(row.evidence)
        and row.evidence_by_id != user.pk
        and may(user, Permission.REVIEW, initiative=initiative),
        "value_form": forms.get("value", ValueForm(initial=values)),
        "evidence_form": forms.get("evidence", EvidenceForm()),
        "judge_form": forms.get("judge", JudgeForm()),
        "crumbs": [
            {"label": "Portfolio", "url": "/portfolio/"},
            {"label": initiative.key, "url": f"/initiatives/{initiative.key}/guardrails/"},
            {"label": definition.title},
        ],
    }
    return render(request, "projects/guardrails/guardrail.html", context, status=status)
