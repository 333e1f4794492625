"""Gate templates in the interface: versions, a draft line by line, its dry run, the second person's approval."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from projects.common.clock import now
from projects.common.form_fields import clean_text, date_of
from projects.common.outcomes import Refused
from projects.gates import template_services as services
from projects.gates.models import Criterion, GateTemplate
from projects.gates.template_forms import ApprovalForm, CriterionForm
from projects.gates.template_pages import CRUMB, template_page, templates_page
from projects.gates.template_selectors import wording_of
from projects.people.permissions import Permission
from projects.people.selectors import require
from projects.people.views import signed_in


@login_required
@require_GET
def templates(request: HttpRequest) -> HttpResponse:
    """List the versions."""
    return render(request, "projects/gates/templates.html", templates_page(signed_in(request), on=now().date()))


@login_required
@require_GET
def template(request: HttpRequest, version: int) -> HttpResponse:
    """Show one version."""
    return _page(request, _found(version))


@login_required
@require_POST
def draft(request: HttpRequest) -> HttpResponse:
    """Begin a draft from the version in force."""
    made = services.draft_template(reason="", by=signed_in(request), at=now())
    messages.success(request, f"Draft {made.version} begun from the version in force.")
    return redirect("projects:template", version=made.version)


@login_required
@require_http_methods(["GET", "POST"])
def criterion(request: HttpRequest, version: int, criterion_id: int | None = None) -> HttpResponse:
    """Show a line of a draft, change it, or add one; what was typed always comes back."""
    user, found = signed_in(request), _found(version)
    require(user, Permission.KEEP_TEMPLATES)
    line = get_object_or_404(found.criteria, pk=criterion_id) if criterion_id else None
    if request.method != "POST":
        wording = wording_of(line) if line else None
        start = CriterionForm.start(wording, revision=found.revision, gate=request.GET.get("gate", ""))
        return _form(request, found, line, CriterionForm(initial=start))
    form = CriterionForm(request.POST)
    if not form.is_valid():
        return _form(request, found, line, form, status=422)
    try:
        row = services.save_criterion(
            template_id=found.pk,
            criterion_id=line.pk if line else None,
            wording=form.wording(),
            revision=form.cleaned_data["revision"],
            by=user,
            at=now(),
        )
    except Refused as refused:
        for blocker in refused.blockers:
            form.add_error(None, blocker.message)
        return _form(request, _found(version), line, form, status=refused.status)
    messages.success(request, f"“{row.text}” is saved in draft {version}. Nothing is in force before it is approved.")
    return redirect(f"/setup/templates/{version}/#{row.gate}")


@login_required
@require_POST
def remove(request: HttpRequest, version: int, criterion_id: int) -> HttpResponse:
    """Take a line out of a draft."""
    found = _found(version)
    line = get_object_or_404(found.criteria, pk=criterion_id)
    try:
        services.remove_criterion(
            template_id=found.pk, criterion_id=line.pk, revision=_revision(request), by=signed_in(request), at=now()
        )
    except Refused as refused:
        return _page(request, _found(version), refused)
    messages.success(request, f"“{line.text}” is no longer in draft {version}.")
    return redirect(f"/setup/templates/{version}/#{line.gate}")


@login_required
@require_POST
def act(request: HttpRequest, version: int, act: str) -> HttpResponse:
    """Explain, approve or discard a draft."""
    user, at, found = signed_in(request), now(), _found(version)
    reason = clean_text(request.POST.get("reason", ""), lines=True)
    try:
        if act == "explain":
            services.explain_template(template_id=found.pk, reason=reason, revision=_revision(request), by=user, at=at)
        elif act == "approve":
            services.approve_template(
                template_id=found.pk, effective_on=_day(request), revision=_revision(request), by=user, at=at
            )
        elif act == "discard":
            services.withdraw_template(template_id=found.pk, by=user, at=at)
        else:
            raise Http404
    except Refused as refused:
        return _page(request, _found(version), refused, typed=reason)
    words = {"explain": "explained", "approve": "approved", "discard": "discarded"}
    messages.success(request, f"Version {version} is {words[act]}.")
    return redirect("projects:templates") if act == "discard" else redirect("projects:template", version=version)


def _found(version: int) -> GateTemplate:
    people = ("drafted_by", "approved_by", "edited_by")
    return get_object_or_404(GateTemplate.objects.select_related(*people), version=version)


def _day(request: HttpRequest) -> date:
    try:
        day = date_of(*(request.POST.get(f"from_{part}", "") for part in ("day", "month", "year")))
    except ValidationError as wrong:
        raise services.TemplateRefused(str(wrong.messages[0])) from wrong
    if day is None:
        raise services.TemplateRefused("Give the day from which it binds.")
    return day


def _revision(request: HttpRequest) -> int:
    typed = request.POST.get("revision", "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else -1


def _page(request: HttpRequest, found: GateTemplate, refused: Refused | None = None, typed: str = "") -> HttpResponse:
    context = template_page(found, signed_in(request), on=now().date())
    context |= {"refused": refused, "blockers": refused.blockers if refused else [], "reason": typed or found.reason}
    context["approval"] = ApprovalForm(request.POST if "from_day" in request.POST else None)
    return render(request, "projects/gates/template.html", context, status=refused.status if refused else 200)


def _form(
    request: HttpRequest, found: GateTemplate, line: Criterion | None, form: CriterionForm, status: int = 200
) -> HttpResponse:
    words = "Change a criterion" if line else "Add a criterion"
    crumbs = [
        CRUMB,
        {"label": f"Version {found.version}", "url": f"/setup/templates/{found.version}/"},
        {"label": words},
    ]
    context: dict[str, Any] = {
        "template": found,
        "line": line,
        "form": form,
        "words": words,
        "crumbs": crumbs,
        "stored": None,
    }
    context["revision"] = None
    if status == 409 and line is not None:
        context["stored"] = Criterion.objects.filter(pk=line.pk).first()
    if status == 409:
        context["revision"] = found.revision
    return render(request, "projects/gates/criterion.html", context, status=status)
