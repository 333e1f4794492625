"""The charges behind a figure as page and CSV, and one charge from its row to the decision that paid for it."""

import csv
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from projects.common import formats
from projects.common.cells import safe_cell
from projects.common.clock import now
from projects.common.outcomes import Refused
from projects.initiatives.models import Initiative
from projects.people.models import User
from projects.people.permissions import Permission
from projects.people.selectors import may, require
from projects.people.views import signed_in
from projects.rulebook.models import Act
from projects.rulebook.override_form import OverrideForm
from projects.rulebook.services import Asked, ask_change
from projects.sources.eyes import Eyes, eyes_of
from projects.spend.asking import LAYER_NAMES
from projects.spend.charge_sums import charge_sums
from projects.spend.narrowing import NAMES, NOT_NAMED, UNCLAIMED, Narrowing, narrowing_of, word_said
from projects.spend.rules import exact_text, is_provisional
from projects.trail.charge import Trail, trail_of
from projects.trail.selectors import Charge, charges, place_of

MOST_EXPORTED = 200_000
EXPORT_PAGE = 5_000
COLUMNS = (
    "day",
    "provisional",
    "delivery",
    "line",
    "share",
    "source",
    "provider",
    "service",
    "account",
    "resource",
    "model",
    "environment",
    "category",
    "layer",
    "purpose",
    "initiative",
    "tranche",
    "currency",
    "billed_cost",
    "effective_cost",
)


class TooManyCharges(Refused):
    """More charges than one export holds."""

    code = "too_many_charges"


@login_required
@require_GET
def behind(request: HttpRequest) -> HttpResponse:
    """List the charges that a figure adds up, the newest first, 50 a page."""
    narrowing = narrowing_of(request.GET)
    user, on = _reader(request, narrowing), now().date()
    page = charges(narrowing, after=place_of(request.GET.get("after", "")))
    eyes = eyes_of(user)
    context = {
        "sums": charge_sums(narrowing),
        "rows": [_row(charge, eyes) | {"is_provisional": charge.is_provisional(on)} for charge in page.charges],
        "next_url": f"?{narrowing.query(after=str(page.after))}" if page.after else "",
        "first_url": f"?{narrowing.query()}" if request.GET.get("after") else "",
        "chips": _chips(narrowing, eyes),
        "csv_url": f"{reverse('projects:charges-csv')}?{narrowing.query()}" if may(user, Permission.EXPORT) else "",
        "is_open": may(user, Permission.READ),
        "everything": narrowing.everything,
    }
    return render(request, "projects/trail/charges.html", context)


@login_required
@require_GET
def export(request: HttpRequest) -> StreamingHttpResponse:
    """Send the same charges as CSV, a piece at a time. Raise TooManyCharges."""
    narrowing = narrowing_of(request.GET)
    user = _reader(request, narrowing)
    owned = Initiative.objects.filter(key=narrowing.words.get("initiative", "")).first()
    require(user, Permission.EXPORT, initiative=owned)
    count = sum(line.rows for line in charge_sums(narrowing))
    if count > MOST_EXPORTED:
        raise TooManyCharges(
            f"These are {count:,} charges; one export holds {MOST_EXPORTED:,}. Choose fewer days or one initiative."
        )
    lines = _csv_lines(narrowing, eyes_of(user), on=now().date())
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="charges.csv"'
    return response


@login_required
@require_GET
def charge(request: HttpRequest, delivery: str, line: int) -> HttpResponse:
    """Show one charge: as delivered, whose it is and why, and the tranche and decision that paid for it."""
    trail = _trail(request, delivery, line)
    return _charge(request, trail, OverrideForm(key=trail.key))


@login_required
@require_POST
def override(request: HttpRequest, delivery: str, line: int) -> HttpResponse:
    """Let the worker try an override of one charge out, and show what it moves."""
    trail, user = _trail(request, delivery, line), signed_in(request)
    require(user, Permission.KEEP_ATTRIBUTION)
    form = OverrideForm(request.POST, key=trail.key)
    if not form.is_valid():
        return _charge(request, trail, form)
    _, job = ask_change(asked=Asked(Act.MAKE, draft=form.draft(trail.first)), by=user, at=now())
    return redirect("projects:job", job_id=job.pk)


def _trail(request: HttpRequest, delivery: str, line: int) -> Trail:
    user = signed_in(request)
    trail = trail_of(delivery, line, eyes=eyes_of(user))
    if trail is None or not _may_read_trail(user, trail):
        raise Http404
    return trail


def _charge(request: HttpRequest, trail: Trail, form: OverrideForm) -> HttpResponse:
    user, on, first = signed_in(request), now().date(), trail.first
    eyes = eyes_of(user)
    context = {
        "trail": trail,
        "fact": first,
        "group": trail.key.group,
        "layer": LAYER_NAMES.get(trail.key.group.owned_layer if first.initiative_id else trail.key.group.layer),
        "is_provisional": is_provisional(first.charge_on, on=on, lag_days=trail.delivery.source.lag_days),
        "eyes": eyes,
        "is_open": may(user, Permission.READ),
        "may_override": may(user, Permission.APPROVE_ATTRIBUTION),
        "may_claim": may(user, Permission.KEEP_ATTRIBUTION),
        "alike_url": f"{reverse('projects:charges')}?{_alike(trail, eyes).query()}",
        "form": form,
    }
    return render(request, "projects/trail/charge.html", context, status=422 if form.errors else 200)


def _reader(request: HttpRequest, narrowing: Narrowing) -> User:
    """Return who reads; 404 to who may read neither spend nor the initiative that is asked for."""
    user = signed_in(request)
    key = narrowing.words.get("initiative", "")
    if may(user, Permission.READ) or Initiative.objects.visible_to(user).filter(key=key).exists():
        return user
    raise Http404


def _may_read_trail(user: User, trail: Trail) -> bool:
    if may(user, Permission.READ):
        return True
    owners = {share.fact.initiative_id for share in trail.shares}
    seen = Initiative.objects.visible_to(user).filter(pk__in=[pk for pk in owners if pk is not None])
    return seen.count() == len(owners)


def _alike(trail: Trail, eyes: Eyes) -> Narrowing:
    """Return what narrows to the charges of the same service, owner and month."""
    fact = trail.first
    initiative = trail.shares[0].initiative
    words = {"initiative": initiative.key if initiative else UNCLAIMED, "source": trail.delivery.source.name}
    if not eyes.hides(trail.key.group.service_name):
        words["service"] = trail.key.group.service_name or NOT_NAMED
    return Narrowing(fact.charge_on.replace(day=1), fact.charge_on, fact.currency, words, everything=True)


def _row(charge: Charge, eyes: Eyes) -> dict[str, Any]:
    """Return a line of the list, with people as the reader may see them."""
    seen = replace(
        charge,
        account=eyes.text(charge.account) or None,
        resource=eyes.text(charge.resource) or None,
        service=eyes.text(charge.service) or None,
        model=eyes.text(charge.model) or None,
        environment=eyes.text(charge.environment) or None,
    )
    return {"charge": seen, "layer": LAYER_NAMES.get(charge.layer, charge.layer)}


def _chips(narrowing: Narrowing, eyes: Eyes) -> list[dict[str, str]]:
    """Return what is narrowed by, each with the address without it."""
    pairs = narrowing.pairs()
    chips = []
    for name, value in pairs.items():
        if name not in NAMES:
            continue
        rest = urlencode({other: word for other, word in pairs.items() if other != name})
        words = LAYER_NAMES.get(value, value) if name in {"layer", "initiative"} else value
        chips.append({"label": f"{NAMES[name]}: {eyes.text(_said(name, words))}", "url": f"?{rest}"})
    return chips


def _said(name: str, value: str) -> str:
    if name in {"tax", "harness"}:
        return "left out"
    if name in {"since", "on"}:
        return formats.on_day(date.fromisoformat(value))
    return word_said(name, value)


def _csv_lines(narrowing: Narrowing, eyes: Eyes, *, on: date) -> Iterator[str]:
    writer = csv.writer(Echo())
    yield writer.writerow(COLUMNS)
    after = None
    while True:
        page = charges(narrowing, after=after, page=EXPORT_PAGE)
        for found in page.charges:
            yield writer.writerow([safe_cell(cell) for cell in _cells(_row(found, eyes)["charge"], on)])
        if page.after is None:
            return
        after = page.after


def _cells(found: Charge, on: date) -> list[object]:
    return [
        found.day.isoformat(),
        "yes" if found.is_provisional(on) else "no",
        found.delivery,
        found.row_number,
        found.share,
        found.source,
        found.provider,
        found.service,
        found.account,
        found.resource,
        found.model,
        found.environment,
        found.category,
        found.layer,
        found.purpose,
        found.initiative,
        _paid_by(found),
        found.currency,
        exact_text(found.billed_cost),
        exact_text(found.effective_cost),
    ]


def _paid_by(found: Charge) -> str:
    if found.initiative is None:
        return ""
    return f"T{found.tranche}" if found.tranche else "unfunded"


class Echo:
    """A file that hands back what is written to it, so that the CSV can be sent as it is made."""

    def write(self, text: str) -> str:
        """Return the line."""
        return text
