"""Ask to join an initiative, and answer."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from projects.common.clock import now
from projects.common.outcomes import Refused
from projects.initiatives.forms import JoinForm
from projects.initiatives.joining import accept_join, ask_to_join, decline_join
from projects.initiatives.models import Initiative, JoinRequest
from projects.people.permissions import Permission
from projects.people.selectors import require
from projects.people.views import signed_in


@login_required
@require_http_methods(["GET", "POST"])
def join(request: HttpRequest, key: str) -> HttpResponse:
    """Ask to join one, with the reason."""
    user = signed_in(request)
    visible = Initiative.objects.visible_to(user).select_related("business_owner")
    initiative = get_object_or_404(visible, key=key)
    require(user, Permission.REGISTER_INITIATIVE)
    form = JoinForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        ask_to_join(initiative_id=initiative.pk, **form.cleaned_data, by=user, at=now())
        messages.success(
            request, f"You asked to join {initiative}. {initiative.business_owner} answers; nothing was registered."
        )
        return redirect(f"/initiatives/{key}/")
    crumbs = [{"label": str(initiative), "url": f"/initiatives/{key}/"}, {"label": "Ask to join"}]
    context = {"initiative": initiative, "form": form, "crumbs": crumbs}
    status = 422 if request.method == "POST" else 200
    return render(request, "projects/initiatives/join.html", context, status=status)


@login_required
@require_POST
def answer(request: HttpRequest, key: str, join_id: int) -> HttpResponse:
    """Accept somebody, or decline with the reason."""
    user = signed_in(request)
    visible = Initiative.objects.visible_to(user)
    asked = get_object_or_404(JoinRequest, pk=join_id, initiative__in=visible, initiative__key=key)
    try:
        if "accept" in request.POST:
            accept_join(join_id=asked.pk, by=user, at=now())
            messages.success(request, f"{asked.asked_by} contributes to {key} from now on.")
        else:
            decline_join(join_id=asked.pk, reason=request.POST.get("reason", "")[:2000], by=user, at=now())
            messages.success(request, f"{asked.asked_by} does not join {key}; your reason is on record.")
    except Refused as refused:
        if refused.status != 422:
            raise
        messages.error(request, str(refused))
    return redirect("projects:initiative-people", key=key)
