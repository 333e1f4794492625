"""Pages of prices: the public sheet, our own prices, the catalogue of models."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from projects.common.clock import now
from projects.common.formats import on_day
from projects.people.models import User
from projects.people.permissions import Permission
from projects.people.selectors import may
from projects.people.views import signed_in
from projects.prices.forms import UNITS, EndForm, ModelChangeForm, ModelForm, OverrideForm
from projects.prices.models import ModelEntry, PriceOverride, PriceSheet
from projects.prices.quotes import Price, Unpriced
from projects.prices.selectors import Listed, price_book, search_prices, sheets, split_reference
from projects.prices.services import (
    ModelListed,
    approve_override,
    change_model,
    end_override,
    enter_model,
    propose_override,
    withdraw_override,
)

ROWS = 100
CENT = Decimal("0.01")


@dataclass(frozen=True)
class Row:
    """A model with its prices as a page writes them; None is a price that nobody names."""

    provider: str
    name: str
    currency: str
    input: Decimal | None
    output: Decimal | None
    cached: Decimal | None
    thresholds: tuple[int, ...]
    is_ours: bool
    reason: str
    deprecated: bool = False


def reader(request: HttpRequest) -> User:
    """Return the signed-in person. Raise Http404 for somebody without a role, who sees no prices."""
    user = signed_in(request)
    if not may(user, Permission.READ):
        raise Http404
    return user


def tabs(current: str) -> list[dict[str, Any]]:
    """Return the tabs over all pages of prices."""
    pages = (("prices", "Price sheet"), ("own-prices", "Our prices"), ("catalogue", "Catalogue"), ("usage", "In use"))
    return [
        {"label": label, "url": reverse(f"projects:{name}"), "is_current": name == current} for name, label in pages
    ]


def _day(request: HttpRequest) -> date:
    try:
        return date.fromisoformat(request.GET.get("on", ""))
    except ValueError:
        return now().date()


def _row(provider: str, name: str, price: Price | Unpriced, *, deprecated: bool = False) -> Row:
    if isinstance(price, Unpriced):
        return Row(provider, name, "", None, None, None, (), False, price.reason, deprecated)
    return Row(
        provider,
        name,
        price.currency,
        _written(price.input),
        _written(price.output),
        _written(price.per_million("cache_read_mtok")),
        price.thresholds,
        bool(price.override_ids),
        "",
        deprecated,
    )


def _written(figure: Decimal | None) -> Decimal | None:
    """Give a price at least two places and no idle zeros beyond."""
    if figure is None:
        return None
    plain = figure.normalize()
    return plain.quantize(CENT) if int(plain.as_tuple().exponent) > -2 else plain


@login_required
@require_GET
def prices(request: HttpRequest) -> HttpResponse:
    """Show the sheet in force on a day, searched: the table alone to htmx."""
    reader(request)
    on, query = _day(request), request.GET.get("q", "").strip()
    found = search_prices(query, on, limit=ROWS + 1)
    in_force = sheets(on)
    context = {
        "tabs": tabs("prices"),
        "on": on,
        "query": query,
        "rows": [_listed_row(one) for one in found[:ROWS]],
        "has_more": len(found) > ROWS,
        "sheet": in_force[0] if in_force else None,
        "taken": list(PriceSheet.objects.values_list("taken_on", flat=True)),
    }
    is_part = request.headers.get("HX-Request") and not request.headers.get("HX-Boosted")
    return render(request, f"projects/prices/{'_prices' if is_part else 'prices'}.html", context)


def _listed_row(listed: Listed) -> Row:
    return _row(listed.provider, listed.name, listed.price, deprecated=listed.deprecated)


@login_required
@require_GET
def own_prices(request: HttpRequest) -> HttpResponse:
    """Show the prices of our own contracts, and the form to propose one to those who may."""
    return _own(request, OverrideForm())


def _own(request: HttpRequest, form: OverrideForm, status: int = 200) -> HttpResponse:
    user = reader(request)
    overrides = PriceOverride.objects.select_related("proposed_by", "approved_by").order_by("-proposed_at")
    context = {
        "tabs": tabs("own-prices"),
        "form": form,
        "overrides": [(override, _written(override.price)) for override in overrides],
        "units": dict(UNITS),
        "may_keep": may(user, Permission.KEEP_PRICES),
    }
    return render(request, "projects/prices/own.html", context, status=status)


@login_required
@require_POST
def propose(request: HttpRequest) -> HttpResponse:
    """Propose a price."""
    form = OverrideForm(request.POST)
    if not form.is_valid():
        return _own(request, form, status=422)
    override = propose_override(terms=form.terms(), by=signed_in(request), at=now())
    messages.success(request, f"{override.model_pattern}: price proposed. Another person in finance approves it.")
    return redirect("projects:own-prices")


@login_required
@require_POST
def approve(request: HttpRequest, override_id: int) -> HttpResponse:
    """Approve a proposed price."""
    get_object_or_404(PriceOverride, pk=override_id)
    override = approve_override(override_id=override_id, by=reader(request), at=now())
    messages.success(request, f"{override.model_pattern}: price counts from {on_day(override.valid_from)}.")
    return redirect("projects:own-prices")


@login_required
@require_POST
def withdraw(request: HttpRequest, override_id: int) -> HttpResponse:
    """Withdraw a proposed price."""
    get_object_or_404(PriceOverride, pk=override_id)
    override = withdraw_override(override_id=override_id, by=reader(request), at=now())
    messages.success(request, f"{override.model_pattern}: proposal withdrawn.")
    return redirect("projects:own-prices")


@login_required
@require_POST
def end(request: HttpRequest, override_id: int) -> HttpResponse:
    """Set the day before which an approved price ends."""
    get_object_or_404(PriceOverride, pk=override_id)
    form = EndForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Give the day before which the price ends as year, month, day: 2026-12-01.")
        return redirect("projects:own-prices")
    override = end_override(
        override_id=override_id, valid_to=form.cleaned_data["valid_to"], by=reader(request), at=now()
    )
    messages.success(request, f"{override.model_pattern}: price ends before {override.valid_to}.")
    return redirect("projects:own-prices")


@login_required
@require_GET
def catalogue(request: HttpRequest) -> HttpResponse:
    """Show the catalogue with today's prices, and to those who may the form for a new line or the one to be changed."""
    reader(request)
    entry = _edited(request)
    return _catalogue(request, ModelChangeForm(entry=entry) if entry else ModelForm())


def _edited(request: HttpRequest) -> ModelEntry | None:
    """Return the line that the address names by its reference. Raise Http404 where there is none."""
    if not (reference := request.GET.get("edit")):
        return None
    provider, model = split_reference(reference)
    return get_object_or_404(ModelEntry, provider=provider, model=model)


def _catalogue(request: HttpRequest, form: ModelForm, status: int = 200) -> HttpResponse:
    user, today = reader(request), now().date()
    book = price_book(today)
    lines = [
        (entry, _row(entry.provider, entry.model, book.price(entry.provider, entry.model)))
        for entry in ModelEntry.objects.all()
    ]
    context = {
        "tabs": tabs("catalogue"),
        "form": form,
        "lines": lines,
        "today": today,
        "changed": form.entry if isinstance(form, ModelChangeForm) else None,
        "may_keep": may(user, Permission.KEEP_PRICES),
    }
    return render(request, "projects/prices/catalogue.html", context, status=status)


@login_required
@require_POST
def keep(request: HttpRequest) -> HttpResponse:
    """Enter a model, or change the line that the address names."""
    user, entry = reader(request), _edited(request)
    form = ModelChangeForm(request.POST, entry=entry) if entry else ModelForm(request.POST)
    if not form.is_valid():
        return _catalogue(request, form, status=422)
    keep_it = change_model if entry else enter_model
    try:
        kept = keep_it(fields=form.fields_kept(), by=user, at=now())
    except ModelListed as listed:
        form.add_error("model", str(listed))
        return _catalogue(request, form, status=422)
    messages.success(request, f"{kept.model} is kept as {kept.get_status_display().lower()}.")
    return redirect("projects:catalogue")
