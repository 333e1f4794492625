"""Bring a cost file in: upload, look, confirm, and read what came of it."""

import csv

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from projects.common.cells import safe_cell
from projects.common.clock import now
from projects.common.outcomes import Refused
from projects.jobs.services import request_job
from projects.people.models import User
from projects.people.permissions import Permission
from projects.people.selectors import may, require
from projects.people.views import signed_in
from projects.sources.eyes import NOBODY_SEEN, eyes_of
from projects.sources.holding import HeldFile, forget, held_file, hold, say
from projects.sources.models import Delivery, Source
from projects.spend.forms import ColumnsForm, ConfirmForm, UploadForm
from projects.spend.preview import SHOWN_COLUMNS, Preview, columns_to_name, preview_file, saved_mapping
from projects.spend.restatements import delivered_sides, restatement
from projects.spend.services import file_sha256

SHOWN_REFUSED = 50


@login_required
@require_http_methods(["GET", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    """Ask for a file, or hold the one that came and show what is in it."""
    user = signed_in(request)
    readers_only(request)
    require(user, Permission.IMPORT_COSTS)
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        held = hold(
            chunks=file.chunks(),
            name=file.name,
            source=form.cleaned_data["source"],
            said=form.cleaned_data["mapping"],
            by=user,
        )
        if not held.said and columns_to_name(held.path, name=held.name):
            say(held, **saved_mapping(held.source))
        return redirect("projects:import-preview", token=held.token)
    context = {"form": form, "sources": Source.objects.all(), "deliveries": recent_deliveries(), "eyes": eyes_of(user)}
    return render(request, "projects/spend/upload.html", context, status=422 if form.is_bound else 200)


@login_required
@require_GET
def preview(request: HttpRequest, token: str) -> HttpResponse:
    """Show what a held file holds and what importing it would change; nothing is written."""
    return _preview(request, _held(request, token))


@login_required
@require_POST
def name_columns(request: HttpRequest, token: str) -> HttpResponse:
    """Read a held file by the columns that a person named, and show it anew."""
    held = _held(request, token)
    form = ColumnsForm(request.POST, columns=columns_to_name(held.path, name=held.name))
    if not form.is_valid():
        return _preview(request, held, form)
    say(held, **form.said())
    return redirect("projects:import-preview", token=held.token)


def _preview(request: HttpRequest, held: HeldFile, form: ColumnsForm | None = None) -> HttpResponse:
    eyes = eyes_of(signed_in(request))
    seen = preview_file(
        held.path,
        name=held.name,
        source=held.source,
        mapping=held.mapping,
        file_hash=file_sha256(held.path),
        eyes=eyes,
    )
    context = {
        "held": held,
        "eyes": eyes,
        "preview": seen,
        "columns": SHOWN_COLUMNS.values(),
        "size": held.path.stat().st_size,
        "naming": form or _naming(held, seen),
        "as_before": bool(held.said.get("columns")) and held.said == saved_mapping(held.source),
    }
    return render(request, "projects/spend/preview.html", context, status=422 if seen.error or form else 200)


def _naming(held: HeldFile, seen: Preview) -> ColumnsForm | None:
    if not seen.mappable:
        return None
    values = {f"{name}_is": text for name, text in held.said.get("values", {}).items()}
    return ColumnsForm(initial={**held.said.get("columns", {}), **values}, columns=seen.mappable)


@login_required
@require_POST
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Let the worker import a held file."""
    held, form = _held(request, token), ConfirmForm(request.POST)
    if not form.is_valid():
        raise Refused("Say whether the source is a bill or a log of one.")
    if role := form.cleaned_data["role"]:
        held = say(held, role=role)
    asked = request_job(
        kind="import_costs",
        label=NOBODY_SEEN.text(f"Import {held.name} from {held.source}"),
        arguments={
            "token": held.token,
            "same_content": form.cleaned_data["same_content"],
            "good_rows": form.cleaned_data["good_rows"],
        },
        by=signed_in(request),
        at=now(),
    )
    return redirect("projects:job", job_id=asked.pk)


@login_required
@require_POST
def discard(request: HttpRequest, token: str) -> HttpResponse:
    """Forget a held file."""
    forget(_held(request, token).token)
    return redirect("projects:import-costs")


@login_required
@require_GET
def delivery(request: HttpRequest, key: str) -> HttpResponse:
    """Show what a delivery brought, what it replaced and what moved by it."""
    readers_only(request)
    found = get_object_or_404(Delivery.objects.select_related("source", "imported_by"), key=key)
    parts = found.parts.select_related("superseded_by__delivery").prefetch_related("supersedes__delivery")
    context = {
        "delivery": found,
        "parts": parts[:200],
        "part_count": found.parts.count(),
        "refused": _refused_cells(found, signed_in(request), most=SHOWN_REFUSED) if found.refused else [],
        "sides": delivered_sides(found),
        "restated": restatement(found) if found.moved else None,
        "may_export": may(signed_in(request), Permission.EXPORT),
        "eyes": eyes_of(signed_in(request)),
    }
    return render(request, "projects/spend/delivery.html", context)


@login_required
@require_GET
def refused(request: HttpRequest, key: str) -> HttpResponse:
    """Send every row that was left out of a delivery as CSV: line, column, value, reason."""
    readers_only(request)
    user = signed_in(request)
    require(user, Permission.EXPORT)
    found = get_object_or_404(Delivery, key=key)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{found.key}-refused.csv"'
    writer = csv.writer(response)
    writer.writerow(["line", "column", "value", "reason"])
    writer.writerows([safe_cell(cell) for cell in row] for row in _refused_cells(found, user))
    return response


def _refused_cells(found: Delivery, user: User, most: int | None = None) -> list[tuple[int | None, str, str, str]]:
    """Return line, column, value and reason of refused rows; people are masked for who need not see them."""
    rows = found.refused_rows.all()[:most]
    eyes = eyes_of(user)
    return [(row.line, row.column, str(eyes.cell(row.column, row.value)), eyes.text(row.reason)) for row in rows]


@login_required
@require_GET
def deliveries(request: HttpRequest) -> HttpResponse:
    """List what was delivered, newest first."""
    readers_only(request)
    context = {
        "deliveries": recent_deliveries(200),
        "eyes": eyes_of(signed_in(request)),
        "may_import": may(signed_in(request), Permission.IMPORT_COSTS),
    }
    return render(request, "projects/spend/deliveries.html", context)


def recent_deliveries(limit: int = 10) -> "list[Delivery]":
    """Return the newest deliveries."""
    found = Delivery.objects.select_related("source", "imported_by").prefetch_related("parts")
    return list(found.order_by("-id")[:limit])


def readers_only(request: HttpRequest) -> None:
    """Answer 404 to who may not read spend."""
    if not may(signed_in(request), Permission.READ):
        raise Http404


def _held(request: HttpRequest, token: str) -> HeldFile:
    readers_only(request)
    require(signed_in(request), Permission.IMPORT_COSTS)
    held = held_file(token, signed_in(request).pk)
    if held is None:
        raise Http404
    return held
