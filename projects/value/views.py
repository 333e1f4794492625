"""Pages of KPI cards: a card with its readings, a new one, a change, readings typed, delivered and verified."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from projects.common import formats
from projects.common.clock import now
from projects.common.outcomes import Conflicted
from projects.common.small_tables import TableRefused
from projects.initiatives.models import Initiative
from projects.people.permissions import Permission
from projects.people.selectors import may, require
from projects.people.views import signed_in
from projects.value import services
from projects.value.forms import CardForm, ReadingFileForm, ReadingForm, initial_of
from projects.value.models import KpiCard, KpiReading
from projects.value.reading_files import deliver_readings
from projects.value.selectors import card_page


@login_required
@require_http_methods(["GET", "POST"])
def new_card(request: HttpRequest, key: str) -> HttpResponse:
    """Add a measure."""
    initiative, user = visible(request, key), signed_in(request)
    require(user, Permission.DRAFT_FOR_OWNER, initiative=initiative)
    form = CardForm(request.POST or None, initial={"owner": initiative.business_owner_id})
    if request.method == "POST" and form.is_valid():
        try:
            card = services.create_kpi_card(initiative_id=initiative.pk, **form.card_fields, by=user, at=now())
        except ValidationError as wrong:
            _explain(form, wrong)
        else:
            messages.success(request, f"{card.name} added.")
            return redirect("projects:kpi", key=key, card_id=card.pk)
    return _form_page(request, initiative, form, "Add a measure")


@login_required
@require_GET
def card(request: HttpRequest, key: str, card_id: int) -> HttpResponse:
    """Show a measure with its readings."""
    return _card_page(request, _card(request, key, card_id), ReadingForm())


@login_required
@require_http_methods(["GET", "POST"])
def edit_card(request: HttpRequest, key: str, card_id: int) -> HttpResponse:
    """Change a measure; a change by somebody else meanwhile keeps both versions to compare."""
    found, user = _card(request, key, card_id), signed_in(request)
    require(user, Permission.DRAFT_FOR_OWNER, initiative=found.initiative)
    title = f"Change {found.name}"
    if request.method != "POST":
        return _form_page(request, found.initiative, CardForm(initial=initial_of(found)), title, card=found)
    form = CardForm(request.POST)
    if not form.is_valid():
        return _form_page(request, found.initiative, form, title, card=found)
    changes = {name: value for name, value in form.card_fields.items() if getattr(found, name) != value}
    try:
        services.change_kpi_card(
            card_id=found.pk,
            changes=changes,
            reason=form.cleaned_data["reason"],
            revision=form.cleaned_data["revision"] or 0,
            by=user,
            at=now(),
        )
    except Conflicted:
        return _conflict(request, found, form, changes, title)
    except services.CardRefused as refused:
        form.add_error("reason", str(refused))
    except ValidationError as wrong:
        _explain(form, wrong)
    else:
        messages.success(request, f"{form.cleaned_data['name']} changed.")
        return redirect("projects:kpi", key=key, card_id=card_id)
    return _form_page(request, found.initiative, form, title, card=found)


@login_required
@require_POST
def reading(request: HttpRequest, key: str, card_id: int) -> HttpResponse:
    """Type in one reading."""
    found, user = _card(request, key, card_id), signed_in(request)
    require(user, Permission.RECORD_READING, initiative=found.initiative)
    form = ReadingForm(request.POST)
    if not form.is_valid():
        return _card_page(request, found, form, status=422)
    start, end = form.period
    figures = {name: form.cleaned_data[name] for name in ("value", "numerator", "denominator", "note")}
    try:
        services.record_kpi_reading(
            card_id=found.pk, reading=services.Reading(start, end, **figures), by=user, at=now()
        )
    except services.ReadingRefused as refused:
        form.add_error(None, str(refused))
        return _card_page(request, found, form, status=422)
    messages.success(request, f"Reading of {found.name} entered. It proves nothing until Finance verifies it.")
    return redirect("projects:kpi", key=key, card_id=card_id)


@login_required
@require_POST
def verify(request: HttpRequest, key: str, card_id: int, reading_id: int) -> HttpResponse:
    """Verify a reading that the team typed in."""
    found = _card(request, key, card_id)
    typed = get_object_or_404(KpiReading, pk=reading_id, card=found)
    services.verify_kpi_reading(reading_id=typed.pk, by=signed_in(request), at=now())
    messages.success(request, f"Reading of {found.name} verified.")
    return redirect("projects:kpi", key=key, card_id=card_id)


@login_required
@require_http_methods(["GET", "POST"])
def deliver(request: HttpRequest, key: str) -> HttpResponse:
    """Take a CSV of readings."""
    initiative, user = visible(request, key), signed_in(request)
    imports = services.may_import(user, initiative)
    if not imports:
        require(user, Permission.RECORD_READING, initiative=initiative)
    form = ReadingFileForm(request.POST or None, request.FILES or None)
    blockers = []
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            kept = deliver_readings(initiative_id=initiative.pk, name=file.name, content=file.read(), by=user, at=now())
        except TableRefused as refused:
            blockers = refused.blockers
        else:
            words = f"{formats.counted(kept.new, 'reading')} kept, {kept.known:,} known already."
            proof = "They count as imported." if kept.is_imported else "They prove nothing until Finance verifies them."
            messages.success(request, f"{words} {proof}")
            return redirect(f"/initiatives/{key}/value/")
    context = {
        "initiative": initiative,
        "form": form,
        "blockers": blockers,
        "imports": imports,
        "cards": initiative.kpis.all(),
        "crumbs": crumbs(initiative, "Deliver readings"),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "projects/value/file.html", context, status=status)


def visible(request: HttpRequest, key: str) -> Initiative:
    """Return an initiative that the signed-in person may read, or answer 404."""
    return get_object_or_404(Initiative.objects.visible_to(signed_in(request)), key=key)


def crumbs(initiative: Initiative, *names: str) -> list[dict[str, str]]:
    """Return the way back to the value tab."""
    tab = f"/initiatives/{initiative.key}/value/"
    way = [{"label": "Portfolio", "url": "/portfolio/"}, {"label": initiative.key, "url": tab}]
    return [*way, *({"label": name} for name in names)]


def _card(request: HttpRequest, key: str, card_id: int) -> KpiCard:
    cards = KpiCard.objects.select_related("initiative", "owner")
    return get_object_or_404(cards, pk=card_id, initiative=visible(request, key))


def _explain(form: CardForm, wrong: ValidationError) -> None:
    for name, texts in wrong.message_dict.items():
        for text in texts:
            form.add_error(name if name in form.fields else None, text)


def _conflict(
    request: HttpRequest, found: KpiCard, form: CardForm, changes: dict[str, Any], title: str
) -> HttpResponse:
    """Keep what was typed, and show beside it what is saved meanwhile; sending again decides."""
    theirs = [
        {
            "label": name.replace("_", " ").capitalize(),
            "theirs": _written(getattr(found, name)),
            "yours": _written(mine),
        }
        for name, mine in changes.items()
    ]
    form.data = form.data.copy()  # type: ignore[attr-defined]
    form.data["revision"] = str(found.revision)  # type: ignore[index]
    return _form_page(request, found.initiative, form, title, card=found, theirs=theirs, status=409)


def _written(value: Any) -> str:
    return "" if value is None else str(value)


def _form_page(
    request: HttpRequest, initiative: Initiative, form: CardForm, title: str, *, status: int | None = None, **extra: Any
) -> HttpResponse:
    context = {
        "form": form,
        "initiative": initiative,
        "title": title,
        "crumbs": crumbs(initiative, title),
        "days": ("baseline_from", "baseline_last"),
        "is_conflict": status == 409,
    }
    bad = 422 if request.method == "POST" else 200
    return render(request, "projects/value/card_form.html", context | extra, status=status or bad)


def _card_page(request: HttpRequest, found: KpiCard, form: ReadingForm, *, status: int = 200) -> HttpResponse:
    user, initiative = signed_in(request), found.initiative
    context = {
        "page": card_page(found, on=now().date()),
        "card": found,
        "initiative": initiative,
        "form": form,
        "may_change": may(user, Permission.DRAFT_FOR_OWNER, initiative=initiative),
        "may_enter": may(user, Permission.RECORD_READING, initiative=initiative),
        "may_verify": may(user, Permission.VERIFY_VALUE, initiative=initiative),
        "crumbs": crumbs(initiative, found.name),
        "reader": user,
    }
    return render(request, "projects/value/card.html", context, status=status)
