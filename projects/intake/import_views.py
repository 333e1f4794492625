"""Pages that bring a portfolio in: the start, one upload with its mapping and result, and past imports."""

import csv
import json
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.serializers.json import DjangoJSONEncoder
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from projects.common.clock import now
from projects.common.outcomes import NotPermitted
from projects.intake.import_forms import MappingForm, UploadForm
from projects.intake.import_mapping import load_mapping, mapping_from
from projects.intake.import_report import Report
from projects.intake.import_stages import Stage
from projects.intake.models import PortfolioImport, PortfolioUpload
from projects.intake.selectors import may_countersign
from projects.intake.services import Delivered, preview_portfolio
from projects.intake.spreadsheets.refusals import FileRefused
from projects.intake.uploads import (
    change_mapping,
    discard_upload,
    order_of,
    propose_upload,
    receive_upload,
    request_import,
)
from projects.people.models import User
from projects.people.permissions import Permission
from projects.people.selectors import may, require
from projects.people.views import signed_in

SHOWN = 50
RISKY = ("=", "+", "-", "@", "\t", "\r")


@login_required
@require_http_methods(["GET", "POST"])
def imports(request: HttpRequest) -> HttpResponse:
    """Take a file, and list what waits and what came in before."""
    person = _reader(request)
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if request.method == "POST":
        require(person, Permission.IMPORT_PORTFOLIO)
        if form.is_valid() and (received := _received(form, person)) is not None:
            return redirect("projects:portfolio-upload", received.pk)
    context = {
        "form": form,
        "may_import": may(person, Permission.IMPORT_PORTFOLIO),
        "uploads": PortfolioUpload.objects.filter(done_at=None)
        .select_related("file", "uploaded_by", "job")
        .defer("file__packed", "report")[:SHOWN],
        "imports": PortfolioImport.objects.select_related("file", "imported_by").defer("file__packed", "report")[
            :SHOWN
        ],
        "crumbs": [{"label": "Portfolio", "url": "/portfolio/"}, {"label": "Import"}],
    }
    return render(request, "projects/intake/imports.html", context, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "POST"])
def upload(request: HttpRequest, upload_id: int) -> HttpResponse:
    """Show how an upload is read and what its import would do; take a changed mapping."""
    person, found = _reader(request), _upload(upload_id)
    if found.done_at is not None:
        return _page(
            request, "projects/intake/imported.html", found.file.name, {"report": found.report, "upload": found}
        )
    report, refused = _previewed(found)
    form = MappingForm(
        request.POST if request.method == "POST" else None,
        before=mapping_from(found.mapping),
        reading=report.reading if report else None,
    )
    if request.method == "POST" and form.is_valid():
        save_as = form.cleaned_data["save_as"]
        change_mapping(upload_id=upload_id, mapping=form.as_mapping(), save_as=save_as, by=person, at=now())
        messages.info(request, f"Mapping saved as {save_as}." if save_as else "Read again with this mapping.")
        return redirect("projects:portfolio-upload", upload_id)
    context = {
        "upload": found,
        "is_preview": True,
        "form": form,
        "refused": refused,
        "report": _plain(report.as_dict()) if report else None,
        "rows": report.reading.records[:5] if report else (),
        "is_own": person.pk == found.uploaded_by_id,
        "may_sign": person.pk != found.uploaded_by_id and may_countersign(person),
    }
    return _page(request, "projects/intake/upload.html", found.file.name, context, status=422 if form.errors else 200)


@login_required
@require_POST
def propose(request: HttpRequest, upload_id: int) -> HttpResponse:
    """Ask for the second signature."""
    asked = propose_upload(upload_id=upload_id, by=signed_in(request), at=now())
    messages.success(request, f"{asked} waits for a second signature.")
    return redirect("projects:portfolio-upload", upload_id)


@login_required
@require_POST
def start(request: HttpRequest, upload_id: int) -> HttpResponse:
    """Import an upload: unsigned by its owner, or signed by the person who is the second."""
    _upload(upload_id)
    asked = request_import(upload_id=upload_id, by=signed_in(request), at=now())
    return redirect("projects:job", asked.pk)


@login_required
@require_POST
def discard(request: HttpRequest, upload_id: int) -> HttpResponse:
    """Forget an upload."""
    found = _upload(upload_id)
    discard_upload(upload_id=upload_id, by=signed_in(request), at=now())
    messages.success(request, f"{found} discarded.")
    return redirect("projects:portfolio-import")


@login_required
@require_GET
def imported(request: HttpRequest, key: str) -> HttpResponse:
    """Show what an import answered."""
    _reader(request)
    found = get_object_or_404(PortfolioImport.objects.select_related("file", "imported_by", "opening"), key=key)
    return _page(request, "projects/intake/imported.html", found.file.name, {"report": found.report, "import": found})


@login_required
@require_GET
def refusals(request: HttpRequest, upload_id: int) -> HttpResponse:
    """Answer the refusals of an upload as CSV."""
    _reader(request)
    found = _upload(upload_id)
    report = found.report if found.done_at else None
    if report is None:
        previewed, _ = _previewed(found)
        report = previewed.as_dict() if previewed else {}
    return _refusals_csv(report)


@login_required
@require_GET
def imported_refusals(request: HttpRequest, key: str) -> HttpResponse:
    """Answer the refusals of an import as CSV."""
    _reader(request)
    return _refusals_csv(get_object_or_404(PortfolioImport, key=key).report)


def _reader(request: HttpRequest) -> User:
    person = signed_in(request)
    if not (may(person, Permission.IMPORT_PORTFOLIO) or may_countersign(person)):
        raise NotPermitted("You may not import a portfolio. Who can: finance; the chair signs as the second.")
    return person


def _upload(upload_id: int) -> PortfolioUpload:
    found = (
        PortfolioUpload.objects.select_related("file", "milestones", "uploaded_by", "job").filter(pk=upload_id).first()
    )
    if found is None:
        raise Http404
    return found


def _received(form: UploadForm, person: User) -> PortfolioUpload | None:
    told = form.cleaned_data
    try:
        mapping = load_mapping(told["mapping"].read()) if told["mapping"] else {}
        mapping_from(mapping)
    except FileRefused as refused:
        form.add_error("mapping", refused.message)
        return None
    milestones = _delivered(told["milestones"]) if told["milestones"] else None
    return receive_upload(file=_delivered(told["file"]), milestones=milestones, mapping=mapping, by=person, at=now())


def _delivered(file: Any) -> Delivered:
    return Delivered(file.name, file.read())


def _previewed(found: PortfolioUpload) -> tuple[Report | None, FileRefused | None]:
    try:
        return preview_portfolio(order=order_of(found), at=now()), None
    except FileRefused as refused:
        return None, refused


def _page(
    request: HttpRequest, template: str, name: str, context: Mapping[str, Any], *, status: int = 200
) -> HttpResponse:
    crumbs = [
        {"label": "Portfolio", "url": "/portfolio/"},
        {"label": "Import", "url": "/portfolio/import/"},
        {"label": name},
    ]
    counts = (context.get("report") or {}).get("by_stage", {})
    stages = [(stage.value, counts[stage.value]) for stage in Stage if stage.value in counts]
    return render(request, template, {**context, "crumbs": crumbs, "shown": SHOWN, "stages": stages}, status=status)


def _plain(report: Mapping[str, Any]) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(json.dumps(report, cls=DjangoJSONEncoder))
    return plain


def _refusals_csv(report: Mapping[str, Any]) -> HttpResponse:
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="refusals.csv"'
    writer = csv.writer(response)
    writer.writerow(["file", "line", "column", "value", "reason"])
    milestones = report.get("milestones") or {}
    for name, rows in (("portfolio", report.get("refusals", [])), ("milestones", milestones.get("refusals", []))):
        for row in rows:
            texts = (row["column"], row["value"], row["reason"])
            writer.writerow([name, row["line"], *(f"'{text}" if text.startswith(RISKY) else text for text in texts)])
    return response
