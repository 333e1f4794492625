"""The inbox of unclaimed charges: claim, link or mark for switch-off, many heaps at once."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from projects.common import formats
from projects.common.clock import now
from projects.initiatives.models import Initiative
from projects.limits.selectors import policy_on
from projects.people.models import User
from projects.people.permissions import Permission
from projects.people.selectors import may, require
from projects.people.views import signed_in
from projects.rulebook.models import Act
from projects.rulebook.services import Asked, ask_change
from projects.sources.eyes import Eyes, eyes_of
from projects.spend.forms import ClaimForm, HeapsForm, SwitchOffForm
from projects.spend.kept_coverage import kept_coverage
from projects.spend.models import SwitchOff
from projects.spend.narrowing import NOT_NAMED, UNCLAIMED, Narrowing
from projects.spend.selectors import last_charge_day
from projects.spend.switched_off import switched_off
from projects.spend.switching_off import end_switch_off, mark_all_for_switch_off
from projects.spend.unclaimed import Heap, coverage, unclaimed_summary
from projects.spend.views import readers_only

SWITCH_OFF, LINK = "switch-off", "link"


@login_required
@require_http_methods(["GET", "POST"])
def unclaimed(request: HttpRequest) -> HttpResponse:
    """List what nobody owns by cause; claim, link or mark what was chosen.

    A claim or link is tried out by a job, whose page shows what all its rules move; keeping it makes them.
    """
    readers_only(request)
    if request.method == "GET":
        return _inbox(request, ClaimForm(), SwitchOffForm())
    user, at = signed_in(request), now()
    require(user, Permission.KEEP_ATTRIBUTION)
    if request.POST.get("act") == SWITCH_OFF:
        off = SwitchOffForm(request.POST)
        if not off.is_valid():
            return _inbox(request, ClaimForm(), off)
        marked = mark_all_for_switch_off(asked=off.asked(), by=user, at=at)
        messages.success(request, f"{formats.counted(len(marked), 'heap')} marked: {marked[0].owner} sees to it.")
        return redirect("projects:unclaimed")
    claim = ClaimForm(request.POST, only_past=request.POST.get("act") == LINK)
    if not claim.is_valid():
        return _inbox(request, claim, SwitchOffForm())
    asked = Asked(Act.CLAIM, claims=claim.drafts(on=last_charge_day() or at.date()))
    _, job = ask_change(asked=asked, by=user, at=at)
    return redirect("projects:job", job_id=job.pk)


@login_required
@require_POST
def switch_off_ended(request: HttpRequest, switch_off_id: int) -> HttpResponse:
    """Say how a switch-off ended."""
    readers_only(request)
    user, marked = signed_in(request), get_object_or_404(SwitchOff, pk=switch_off_id)
    ended = end_switch_off(switch_off_id=marked.pk, outcome=request.POST.get("outcome", ""), by=user, at=now())
    messages.success(request, f"{eyes_of(user).text(str(ended))}: {ended.get_outcome_display().lower()}.")
    return redirect("projects:unclaimed")


def _inbox(request: HttpRequest, claim: ClaimForm, off: SwitchOffForm) -> HttpResponse:
    user, at = signed_in(request), now()
    eyes = eyes_of(user)
    on = last_charge_day() or at.date()
    since = _first_month(request.GET.get("period", "12m"), on)
    standing = SwitchOff.objects.filter(ended_at__isnull=True).select_related("owner")
    marked = {row.place: row for row in standing}
    chosen = {str(pk) for pk in request.POST.getlist("heap")}
    wrong: HeapsForm = claim if claim.errors else off
    causes = unclaimed_summary(since=since, on=on)
    ended = switched_off({heap.place for cause in causes for heap in cause.heaps} - marked.keys())
    context: dict[str, Any] = {
        "causes": [
            (cause, [_line(heap, eyes, marked.get(heap.place), chosen, ended.get(heap.place)) for heap in cause.heaps])
            for cause in causes
        ],
        "coverage": coverage(since=since, on=on),
        "tags": kept_coverage(on=at.date()),
        "initiatives": Initiative.objects.open().only("key", "name").order_by("key"),
        "people": User.objects.filter(is_active=True, is_service=False).order_by("username"),
        "claim": claim,
        "off": off,
        "wrong": wrong,
        "chosen": len(chosen),
        "may_claim": may(user, Permission.KEEP_ATTRIBUTION),
        "may_register": may(user, Permission.REGISTER_INITIATIVE),
        "on": on,
        "today": at.date(),
        "target": policy_on(at.date()).decimal("coverage_percent") / 100,
    }
    return render(request, "projects/spend/unclaimed.html", context, status=422 if wrong.errors else 200)


def _line(
    heap: Heap,
    eyes: Eyes,
    off: SwitchOff | None,
    chosen: set[str],
    ended: tuple[SwitchOff, dict[str, Decimal]] | None = None,
) -> dict[str, Any]:
    """Return a heap as a reader may see it; what names somebody whom they do not see leads nowhere."""
    words = {"initiative": UNCLAIMED, "source": heap.source, "service": heap.service or NOT_NAMED}
    meant = Narrowing(currency=heap.currency, words=words, everything=True)
    return {
        "heap": heap,
        "service": eyes.text(heap.service),
        "account": heap.account(eyes),
        "url": "" if eyes.hides(heap.service) else f"{reverse('projects:charges')}?{meant.query()}",
        "off": off,
        "off_reason": eyes.text(off.reason) if off else "",
        "ended": ended[0] if ended else None,
        "charged_since": ended[1].get(heap.currency) if ended else None,
        "is_chosen": str(heap.group_id) in chosen,
    }


def _first_month(period: str, last: date) -> date:
    if period == "all":
        return date(2000, 1, 1)
    if period == "12m":
        return date(last.year - 1, last.month, 1) if last.month == 12 else date(last.year - 1, last.month + 1, 1)
    return date(last.year, 1, 1)
