"""Acts on saved views of the portfolio."""

from urllib.parse import parse_qsl

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from council.portfolio.services import ViewRefused, forget_view, save_view, views_of
from projects.common.clock import now
from projects.common.form_fields import LineField
from projects.people.views import signed_in


class SaveForm(forms.Form):
    """A name for what is shown."""

    name = LineField(max_length=80)
    query = forms.CharField(max_length=4000, required=False)
    is_shared = forms.BooleanField(required=False)


@login_required
@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Keep what is shown under a name."""
    form = SaveForm(request.POST)
    if not form.is_valid():
        raise ViewRefused("Give the view a name of at most 80 characters.")
    kept = save_view(
        name=form.cleaned_data["name"],
        pairs=parse_qsl(form.cleaned_data["query"]),
        is_shared=form.cleaned_data["is_shared"],
        by=signed_in(request),
        at=now(),
    )
    messages.success(request, f"View “{kept}” saved{' and shared' if kept.is_shared else ''}.")
    return redirect(kept.url)


@login_required
@require_POST
def forget(request: HttpRequest, view_id: int) -> HttpResponse:
    """Forget a view."""
    user = signed_in(request)
    found = get_object_or_404(views_of(user), pk=view_id)
    name = forget_view(view_id=found.pk, by=user, at=now())
    messages.success(request, f"View “{name}” forgotten.")
    return redirect("council:portfolio")
