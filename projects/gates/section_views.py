"""The form of one section: saves itself while typed, and as a plain form."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from projects.common.clock import now
from projects.common.outcomes import Refused
from projects.gates.ask_form import LAYERS
from projects.gates.effects import finish_section
from projects.gates.forms import FORMS, KpiForm, MustExplainForm, SheetsForm
from projects.gates.models import GateRequest, RequestSection
from projects.gates.pages import heading
from projects.gates.section_form import SectionForm
from projects.gates.section_services import Saved, save_section
from projects.gates.sections import Section, section_named, sections_for
from projects.gates.selectors import readiness
from projects.gates.sheet_rules import SHEETS
from projects.gates.submission import inputs_now
from projects.gates.views import visible_request
from projects.guardrails.models import Guardrail
from projects.people.permissions import Permission
from projects.people.selectors import require
from projects.people.views import signed_in
from projects.value.services import create_kpi_card


@login_required
@require_http_methods(["GET", "POST"])
def section(request: HttpRequest, key: str, code: str) -> HttpResponse:
    """Show a section, or save it: by itself while typing, or finished by the button."""
    user, at = signed_in(request), now()
    gate = visible_request(key, user)
    require(user, Permission.DRAFT_FOR_OWNER, initiative=gate.initiative)
    found = _section(gate, code)
    row = RequestSection.objects.filter(request=gate, code=code).select_related("saved_by").first()
    if request.method != "POST":
        if not gate.is_editable:
            return redirect("projects:request", key=key)
        return _page(request, gate, found, row, _form(gate, found, at, row=row), at)
    form = _form(gate, found, at, data=request.POST)
    revision = int(request.POST["version"]) if request.POST.get("version", "").isdecimal() else 0
    if "X-Autosave" in request.headers:
        return _autosaved(request, _draft(gate, form, code, revision, user, at, problems={}), at)
    if not form.is_valid():
        saved = _draft(gate, form, code, revision, user, at, problems=form.problems())
        return _answer_conflict(request, gate, found, saved, form, at) or _page(
            request, gate, found, saved.section, form, at, status=422
        )
    try:
        saved = finish_section(gate, code, form, revision=revision, by=user, at=at)
    except Refused as refused:
        if refused.status != 422:
            raise
        form.add_error(None, str(refused))
        return _page(request, gate, found, row, form, at, status=422)
    if conflict := _answer_conflict(request, gate, found, saved, form, at):
        return conflict
    return redirect("projects:request-check" if "from_check" in request.GET else "projects:request", key=key)


def _section(gate: GateRequest, code: str) -> Section:
    found = section_named(
        code, sections_for(has_milestone=gate.has_milestone, stage=gate.from_stage, gate=gate.gate, sheets=gate.sheets)
    )
    if found is None:
        raise Http404("There is no such section.")
    return found


def _form(
    gate: GateRequest,
    found: Section,
    at: datetime,
    *,
    data: Mapping[str, Any] | None = None,
    row: RequestSection | None = None,
) -> SectionForm:
    kind = FORMS[found.code]
    if found.is_computed and _unknown(gate, found, at):
        kind = MustExplainForm
    if data is not None:
        return kind(data, gate=gate, on=at.date())
    if row and row.problems:
        return kind(row.answers, gate=gate, on=at.date())
    return kind(initial={**kind.start(gate), **(row.answers if row else {})}, gate=gate, on=at.date())


INPUTS = {"spend": "spend", "signals": "value", "anomalies": "risks", "optimisation": "optimisation"}


def _unknown(gate: GateRequest, found: Section, at: datetime) -> bool:
    return bool(inputs_now(gate, on=at.date()).five[INPUTS[found.code]].get("unknown"))


def _draft(
    gate: GateRequest, form: SectionForm, code: str, revision: int, user: Any, at: datetime, problems: dict[str, str]
) -> Saved:
    return save_section(
        gate_request_id=gate.pk,
        code=code,
        answers=form.answers(),
        columns={},
        problems=problems,
        revision=revision,
        finish=False,
        by=user,
        at=at,
    )


def _autosaved(request: HttpRequest, saved: Saved, at: datetime) -> HttpResponse:
    if saved.is_conflict:
        words = f"{saved.section.saved_by} changed this section meanwhile. Yours is kept; save to compare both."
        return render(request, "components/saved.html", {"problem": words}, status=409)
    answer = render(request, "components/saved.html", {"at": f"{at:%H:%M}"})
    answer["X-Version"] = str(saved.section.revision)
    return answer


def _answer_conflict(
    request: HttpRequest, gate: GateRequest, found: Section, saved: Saved, form: SectionForm, at: datetime
) -> HttpResponse | None:
    if not saved.is_conflict:
        return None
    theirs, yours = saved.section.answers, form.answers()
    fields = [
        {"name": name, "label": field.label or name.replace("_", " "), "theirs": theirs.get(name), "yours": yours[name]}
        for name, field in form.fields.items()
        if theirs.get(name, "") != yours[name]
    ]
    context = {
        **heading(gate),
        "section": found,
        "fields": fields,
        "who": saved.section.saved_by,
        "changed_at": f"{saved.section.saved_at:%H:%M}",
    }
    return render(request, "projects/gates/conflict.html", context, status=409)


@login_required
@require_POST
def keep(request: HttpRequest, key: str, code: str) -> HttpResponse:
    """Settle a conflict: take each field from who is chosen."""
    user, at = signed_in(request), now()
    gate = visible_request(key, user)
    require(user, Permission.DRAFT_FOR_OWNER, initiative=gate.initiative)
    row = RequestSection.objects.filter(request=gate, code=_section(gate, code).code).first()
    mine = next((entry for entry in reversed(row.set_aside) if entry["by"] == str(user)), None) if row else None
    if row is None or mine is None:
        return redirect("projects:request-section", key=key, code=code)
    merged = {
        **row.answers,
        **{name: text for name, text in mine["answers"].items() if request.POST.get(name) == "yours"},
    }
    save_section(
        gate_request_id=gate.pk,
        code=code,
        answers=merged,
        columns={},
        problems={},
        revision=row.revision,
        finish=False,
        by=user,
        at=at,
    )
    return redirect("projects:request-section", key=key, code=code)


@login_required
@require_POST
def add_kpi(request: HttpRequest, key: str) -> HttpResponse:
    """Add a KPI card from the value section."""
    user = signed_in(request)
    gate = visible_request(key, user)
    require(user, Permission.DRAFT_FOR_OWNER, initiative=gate.initiative)
    form = KpiForm(request.POST)
    if not form.is_valid():
        found = _section(gate, "value")
        row = RequestSection.objects.filter(request=gate, code="value").first()
        at = now()
        return _page(request, gate, found, row, _form(gate, found, at, row=row), at, status=422, kpi_form=form)
    data = dict(form.cleaned_data)
    bound = data.pop("bound")
    data["ceiling" if data["measures"] == "unit_cost" else "floor"] = bound
    create_kpi_card(initiative_id=gate.initiative_id, owner=user, by=user, at=now(), **data)
    return redirect("projects:request-section", key=key, code="value")


def _page(
    request: HttpRequest,
    gate: GateRequest,
    found: Section,
    row: RequestSection | None,
    form: SectionForm,
    at: datetime,
    status: int = 200,
    kpi_form: KpiForm | None = None,
) -> HttpResponse:
    context: dict[str, Any] = {
        **heading(gate),
        "section": found,
        "form": form,
        "row": row,
        "version": row.revision if row else 0,
        "input": None,
        "layers": [(form[code], name, note) for code, name, note in LAYERS] if found.code == "ask" else [],
        "readiness": readiness(gate, at.date()),
    }
    context["crumbs"] = [
        *context["crumbs"][:1],
        {"label": gate.key, "url": f"/requests/{gate.key}/"},
        {"label": found.title},
    ]
    if found.is_computed:
        context["input"] = inputs_now(gate, on=at.date()).five[INPUTS[found.code]]
    if found.code == "value":
        context |= {"cards": gate.initiative.kpis.all(), "kpi_form": kpi_form or KpiForm()}
    if isinstance(form, SheetsForm):
        lines = [line for line in context["readiness"].lines if line.proof != "e"]
        context["sheet_groups"] = [
            (name, fields, [line for line in lines if SHEETS.get(line.gate) == name]) for name, fields in form.groups
        ]
    if found.code in ("proofs", "guardrails", "sheets"):
        files: dict[str, list[Any]] = {}
        for file in gate.files.all():
            files.setdefault(file.about, []).append(file)
        context["files"] = files
    if found.code == "guardrails":
        context["guardrails"] = {row.code: row for row in Guardrail.objects.filter(initiative_id=gate.initiative_id)}
    return render(request, "projects/gates/section.html", context, status=status)
