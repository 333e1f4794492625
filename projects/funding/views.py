"""Finance's pages of money: what waits for release, freezes, envelopes; and the acts on a tranche."""

from datetime import timedelta

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from projects.common.clock import now
from projects.common.outcomes import Refused
from projects.funding import selectors, services
from projects.funding.choices import TrancheState
from projects.funding.forms import ChangeForm, EnvelopeForm, FreezeForm
from projects.funding.models import Envelope, Freeze, Tranche
from projects.initiatives.models import Initiative
from projects.people.models import Organisation
from projects.people.permissions import Permission
from projects.people.selectors import may, require
from projects.people.views import is_partial, signed_in


@login_required
@require_GET
def queue(request: HttpRequest) -> HttpResponse:
    """Show finance what waits for release, what is frozen and what the envelopes can still give."""
    user, on = signed_in(request), now().date()
    require(user, Permission.CHECK_MONEY)
    context = {
        "releases": selectors.release_queue(on=on),
        "freezes": selectors.open_freezes(),
        "envelopes": selectors.envelope_rows(on=on),
    }
    name = "projects/funding/_queue.html" if is_partial(request) else "projects/funding/queue.html"
    return render(request, name, context)


@login_required
@require_http_methods(["GET", "POST"])
def envelopes(request: HttpRequest) -> HttpResponse:
    """Show every envelope with the sum of its headroom; finance opens one here."""
    user = signed_in(request)
    require(user, Permission.READ if request.method == "GET" else Permission.KEEP_ENVELOPES)
    form, status = EnvelopeForm(request.POST or None), 200
    if request.method == "POST":
        if form.is_valid() and (envelope := _opened(request, form)):
            messages.success(request, f"Envelope {envelope.name} opened.")
            return redirect("projects:envelopes")
        status = 422
    context = {
        "rows": selectors.envelope_rows(on=now().date()),
        "form": form,
        "may_keep": may(user, Permission.KEEP_ENVELOPES),
    }
    name = "projects/funding/_envelopes.html" if is_partial(request) else "projects/funding/envelopes.html"
    return render(request, name, context, status=status)


@login_required
@require_http_methods(["GET", "POST"])
def envelope(request: HttpRequest, envelope_id: int) -> HttpResponse:
    """Show one envelope with its entries, and let finance add to it or take from it."""
    user = signed_in(request)
    require(user, Permission.READ if request.method == "GET" else Permission.KEEP_ENVELOPES)
    found = get_object_or_404(Envelope, pk=envelope_id)
    form, status = ChangeForm(request.POST or None), 200
    if request.method == "POST":
        if form.is_valid() and _changed(request, found, form):
            messages.success(request, f"Envelope {found.name} changed.")
            return redirect("projects:envelope", envelope_id=found.pk)
        status = 422
    context = {
        "envelope": found,
        "room": selectors.headroom(found, on=now().date()),
        "lines": found.lines.select_related("entry__initiative", "entry__by").order_by("-pk")[:50],
        "form": form,
        "may_keep": may(user, Permission.KEEP_ENVELOPES),
    }
    name = "projects/funding/_envelope.html" if is_partial(request) else "projects/funding/envelope.html"
    return render(request, name, context, status=status)


@login_required
@require_GET
def tranche(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """Show one tranche: its sum, its conditions, who signed, and the act that is next."""
    return _tranche(request, _found(request, key, number), FreezeForm())


@login_required
@require_POST
def release(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """Sign a release; the last signature needed releases."""
    found = services.release_tranche(tranche_id=_found(request, key, number).pk, by=signed_in(request), at=now())
    done = found.state == TrancheState.RELEASED
    words = f"{found} released to {found.initiative.name}." if done else f"{found} signed. A second person releases it."
    return _done(request, found, words)


@login_required
@require_POST
def freeze(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """Stop a tranche at once."""
    found, form = _found(request, key, number), FreezeForm(request.POST)
    if not form.is_valid():
        return _tranche(request, found, form, status=422)
    stopped = services.freeze_tranche(
        tranche_id=found.pk, reason=form.cleaned_data["reason"], by=signed_in(request), at=now()
    )
    return _done(request, found, f"{found} of {found.initiative.name} frozen. Two people lift it. {_clock(stopped)}")


@login_required
@require_POST
def lift(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """Sign the lift of a freeze; the last signature needed lifts it."""
    found = _found(request, key, number)
    lifted = services.lift_freeze(tranche_id=found.pk, by=signed_in(request), at=now())
    return _done(
        request, found, f"{found} may be spent again." if lifted.lifted_at else "Signed. A second person lifts it."
    )


def _opened(request: HttpRequest, form: EnvelopeForm) -> Envelope | None:
    """Open what the form describes, or put the reasons for the refusal on the form."""
    data, parent = form.cleaned_data, form.cleaned_data["parent"]
    try:
        return services.open_envelope(
            kind=data["kind"],
            name=data["name"],
            currency=parent.currency if parent else Organisation.objects.get().currency,
            starts_on=data["starts_on"],
            ends_on=data["last_day"] + timedelta(days=1),
            amount=data["amount"],
            parent=parent,
            by=signed_in(request),
            at=now(),
        )
    except (services.FundingRefused, services.OverHeadroom) as refused:
        _give_reasons(form, refused)
        return None


def _changed(request: HttpRequest, found: Envelope, form: ChangeForm) -> bool:
    data = form.cleaned_data
    change = data["amount"] if data["direction"] == "add" else -data["amount"]
    try:
        services.change_envelope(
            envelope_id=found.pk, change=change, reason=data["reason"], by=signed_in(request), at=now()
        )
    except (services.FundingRefused, services.OverHeadroom) as refused:
        _give_reasons(form, refused)
        return False
    return True


def _clock(freeze: Freeze) -> str:
    return f"The chair decides after {freeze.chair_decides_on}." if freeze.chair_decides_on else ""


def _found(request: HttpRequest, key: str, number: int) -> Tranche:
    initiative = get_object_or_404(Initiative.objects.visible_to(signed_in(request)), key=key)
    return get_object_or_404(
        Tranche.objects.select_related("initiative", "milestone"), initiative=initiative, number=number
    )


def _give_reasons(form: EnvelopeForm | ChangeForm, refused: Refused) -> None:
    for blocker in refused.blockers:
        form.add_error(None, blocker.message)


def _done(request: HttpRequest, found: Tranche, words: str) -> HttpResponse:
    """Answer a written act: htmx hears what changed, a plain form is sent on."""
    if is_partial(request):
        response = _tranche(
            request, Tranche.objects.select_related("initiative", "milestone").get(pk=found.pk), FreezeForm()
        )
        response["HX-Trigger"] = "tranche-changed"
        return response
    messages.success(request, words)
    return redirect("projects:tranche", key=found.initiative.key, number=found.number)


def _tranche(request: HttpRequest, found: Tranche, form: FreezeForm, *, status: int = 200) -> HttpResponse:
    user, on = signed_in(request), now().date()
    waits = found.state == TrancheState.AWAITING
    context = {
        "tranche": found,
        "initiative": found.initiative,
        "money": selectors.tranche_money(found),
        "spent": selectors.tranche_spent(found, on=on) if found.released_at else None,
        "entries": selectors.tranche_entries(found),
        "paid": selectors.paid_by(found, on=on),
        "freeze": found.freezes.filter(lifted_at__isnull=True).select_related("frozen_by", "first_lifted_by").first(),
        "blockers": services.release_tranche_blockers(found, by=user, on=on) if waits else [],
        "may_release": waits and may(user, Permission.RELEASE_TRANCHE, initiative=found.initiative),
        "may_freeze": found.state == TrancheState.RELEASED and may(user, Permission.FREEZE),
        "may_lift": found.state == TrancheState.FROZEN and services.may_lift(found, by=user, at=now()),
        "form": form,
    }
    name = "projects/funding/_tranche.html" if is_partial(request) else "projects/funding/tranche.html"
    return render(request, name, context, status=status)
