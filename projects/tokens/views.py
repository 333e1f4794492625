"""A person's own tokens."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from projects.common.clock import now
from projects.people.views import signed_in
from projects.tokens import services
from projects.tokens.forms import TokenForm
from projects.tokens.models import ApiToken
from projects.tokens.rules import why_shut


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def tokens(request: HttpRequest) -> HttpResponse:
    """List a person's tokens and make one; its secret is in this one answer and nowhere else."""
    user, at = signed_in(request), now()
    form, secret, status = TokenForm(request.POST or None), "", 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            _, secret = services.make_token(**form.cleaned_data, by=user, at=at)
            form, status = TokenForm(), 201
    rows = [
        (token, why_shut(revoked_at=token.revoked_at, expires_at=token.expires_at, at=at))
        for token in ApiToken.objects.filter(user=user)
    ]
    context = {"rows": rows, "form": form, "secret": secret, "may_make": services.may_have_tokens(user)}
    return render(request, "projects/tokens/tokens.html", context, status=status)


@login_required
@require_POST
def revoke(request: HttpRequest, token_id: int) -> HttpResponse:
    """End one token."""
    user = signed_in(request)
    token = get_object_or_404(ApiToken, pk=token_id, user=user)
    services.revoke_token(token_id=token.pk, by=user, at=now())
    messages.success(request, f"{token.name} opens nothing any more.")
    return redirect("projects:tokens")
