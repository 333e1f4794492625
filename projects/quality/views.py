"""Pages of quality: the gates of an initiative, a reading, its verification."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from projects.common import formats
from projects.common.clock import now
from projects.common.small_tables import TableRefused
from projects.initiatives.models import Initiative
from projects.people.permissions import Permission
from projects.people.selectors import may, require
from projects.people.views import is_partial, signed_in
from projects.quality import selectors, services
from projects.quality.forms import GateForm, ReadingFileForm, ReadingForm
from projects.quality.models import QualityGate, QualityReading
from projects.quality.reading_files import deliver_quality_readings, imports_quality


@login_required
@require_http_methods(["GET", "POST"])
def gates(request: HttpRequest, key: str) -> HttpResponse:
    """Show where the quality gates of an initiative stand; the owner sets one here."""
    initiative, user = _initiative(request, key), signed_in(request)
    form = GateForm(request.POST or None)
    if request.method == "POST":
        require(user, Permission.EDIT_INITIATIVE, initiative=initiative)
        if form.is_valid():
            gate = services.set_quality_gate(initiative_id=initiative.pk, **form.cleaned_data, by=user, at=now())
            messages.success(request, f"{gate.metric} is watched from now on.")
            return redirect("projects:quality", key=key)
    context = {
        "panel": selectors.quality_panel(initiative, on=now().date()),
        "initiative": initiative,
        "form": form,
        "may_set": may(user, Permission.EDIT_INITIATIVE, initiative=initiative),
        "may_enter": may(user, Permission.RECORD_READING, initiative=initiative),
        "may_verify": may(user, Permission.REVIEW, initiative=initiative),
        "may_deliver": imports_quality(user, initiative) or may(user, Permission.RECORD_READING, initiative=initiative),
    }
    name = "projects/quality/_gates.html" if is_partial(request) else "projects/quality/gates.html"
    return render(request, name, context, status=422 if request.method == "POST" else 200)


@login_required
@require_http_methods(["GET", "POST"])
def reading(request: HttpRequest, key: str, gate_id: int) -> HttpResponse:
    """Enter a reading."""
    initiative, user = _initiative(request, key), signed_in(request)
    gate = get_object_or_404(QualityGate, pk=gate_id, initiative=initiative)
    require(user, Permission.RECORD_READING, initiative=initiative)
    form = ReadingForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.record_quality_reading(gate_id=gate.pk, **form.cleaned_data, by=user, at=now())
        except services.QualityRefused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, f"Reading of {gate.metric} entered. Somebody without an interest verifies it.")
            return redirect("projects:quality", key=key)
    name = "projects/quality/_reading.html" if is_partial(request) else "projects/quality/reading.html"
    context = {"gate": gate, "initiative": initiative, "form": form}
    return render(request, name, context, status=422 if request.method == "POST" else 200)


@login_required
@require_http_methods(["GET", "POST"])
def deliver(request: HttpRequest, key: str) -> HttpResponse:
    """Take a CSV of readings."""
    initiative, user = _initiative(request, key), signed_in(request)
    imports = imports_quality(user, initiative)
    if not imports:
        require(user, Permission.RECORD_READING, initiative=initiative)
    form = ReadingFileForm(request.POST or None, request.FILES or None)
    blockers = []
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            kept = deliver_quality_readings(
                initiative_id=initiative.pk, name=file.name, content=file.read(), by=user, at=now()
            )
        except TableRefused as refused:
            blockers = refused.blockers
        else:
            proof = "They count as imported." if kept.is_imported else "Somebody without an interest verifies them."
            kept_words = formats.counted(kept.new, "reading")
            messages.success(request, f"{kept_words} kept, {kept.known:,} known already. {proof}")
            return redirect("projects:quality", key=key)
    context = {
        "initiative": initiative,
        "form": form,
        "blockers": blockers,
        "imports": imports,
        "gates": initiative.quality_gates.filter(retired_at__isnull=True),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "projects/quality/file.html", context, status=status)


@login_required
@require_POST
def verify(request: HttpRequest, key: str, reading_id: int) -> HttpResponse:
    """Confirm a reading."""
    found = get_object_or_404(QualityReading, pk=reading_id, gate__initiative=_initiative(request, key))
    services.verify_quality_reading(reading_id=found.pk, by=signed_in(request), at=now())
    messages.success(request, f"Reading of {found.gate.metric} verified.")
    return redirect("projects:quality", key=key)


def _initiative(request: HttpRequest, key: str) -> Initiative:
    return get_object_or_404(Initiative.objects.visible_to(signed_in(request)), key=key)
