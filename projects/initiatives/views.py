"""The people of an initiative: who answers for it, who takes part, and who is next where somebody left."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from projects.common.clock import now
from projects.common.outcomes import Refused
from projects.initiatives import services, staffing
from projects.initiatives.choices import Condition
from projects.initiatives.forms import PersonForm, ReplaceForm
from projects.initiatives.models import Initiative, JoinState
from projects.initiatives.staffing import PARTS
from projects.people.permissions import Permission
from projects.people.selectors import may
from projects.people.views import signed_in


@login_required
@require_GET
def people(request: HttpRequest, key: str) -> HttpResponse:
    """Show who answers for an initiative and who takes part."""
    return _page(request, _found(request, key), {})


@login_required
@require_POST
def act(request: HttpRequest, key: str, act: str) -> HttpResponse:
    """Name the next holder of a part, invite a contributor, or end a contribution."""
    found, user, at = _found(request, key), signed_in(request), now()
    if act not in ACTS:
        raise Http404
    form = ACTS[act](request.POST)
    if not form.is_valid():
        return _page(request, found, {act: form}, status=422)
    said = form.cleaned_data
    who = said["user"]
    try:
        if act == "replace":
            staffing.replace_owner(initiative_id=found.pk, **said, by=user, at=at)
            words = f"{who} is the {PARTS[said['part']]} of {found.key} from now on."
        elif act == "invite":
            services.invite_contributor(initiative_id=found.pk, user=who, by=user, at=at)
            words = f"{who} contributes to {found.key} from now on."
        else:
            staffing.end_contribution(initiative_id=found.pk, user=who, by=user, at=at)
            words = f"{who} no longer contributes to {found.key}."
    except Refused as refused:
        if refused.status != 422:
            raise
        form.add_error(None, str(refused))
        return _page(request, found, {act: form}, status=422)
    messages.success(request, words)
    if not Initiative.objects.visible_to(user).filter(pk=found.pk).exists():
        return redirect("/portfolio/")
    return redirect("projects:initiative-people", key=key)


ACTS: dict[str, type[Form]] = {"replace": ReplaceForm, "invite": PersonForm, "end": PersonForm}


def _found(request: HttpRequest, key: str) -> Initiative:
    rows = Initiative.objects.visible_to(signed_in(request)).select_related(*PARTS)
    return get_object_or_404(rows, key=key)


def _page(request: HttpRequest, found: Initiative, forms: dict[str, Any], *, status: int = 200) -> HttpResponse:
    user, is_open = signed_in(request), found.condition != Condition.CLOSED
    gone = {absence.part for absence in staffing.absences([found])}
    parts = [(name.capitalize(), getattr(found, code), code in gone) for code, name in PARTS.items()]
    edits = is_open and may(user, Permission.EDIT_INITIATIVE, initiative=found)
    contributors = found.participants.filter(part="contributor", until__isnull=True).select_related("user")
    context = {
        "initiative": found,
        "parts": parts,
        "gone": gone,
        "contributors": contributors.order_by("since", "pk"),
        "joins": found.joins.filter(state=JoinState.ASKED).select_related("asked_by"),
        "may_replace": is_open and any(staffing.may_replace(user, found, part) for part in PARTS),
        "may_invite": edits,
        "replace": forms.get("replace", ReplaceForm(initial={"part": next(iter(gone), "business_owner")})),
        "invite": forms.get("invite", PersonForm(auto_id="invite_%s")),
        "crumbs": [
            {"label": "Portfolio", "url": "/portfolio/"},
            {"label": found.key, "url": f"/initiatives/{found.key}/"},
            {"label": "People"},
        ],
    }
    return render(request, "projects/initiatives/people.html", context, status=status)
