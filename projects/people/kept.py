"""Nothing typed is lost when a session ends in the middle of a form: it comes back after signing in, to the same person.

Who was signed in stands in a signed cookie. Only a form sent from such a browser is kept, in the browser's own session;
somebody else who signs in there never sees it. Passwords and files are not kept.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods

from projects.people.models import User
from projects.people.views import signed_in

WHO = "who"
KEPT = "kept_form"
LARGEST = 200_000
DAYS = 30 * 24 * 60 * 60
NEVER_KEPT = ("password", "csrf", "token", "otp")


class KeepFormMiddleware:
    """Keep a form that arrives after its session ended, and tell scripts so instead of sending them a sign-in page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Remember the next in line."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Look at what the page answered."""
        answer = self.get_response(request)
        if isinstance(request.user, User):
            _remember(request, answer, request.user)
        elif request.method == "POST" and _asks_to_sign_in(answer):
            return self._keep(request, answer)
        return answer

    def _keep(self, request: HttpRequest, answer: HttpResponse) -> HttpResponse:
        if "X-Autosave" in request.headers:
            words = "You were signed out. Sign in again in another window; what you typed stays here and is saved then."
            return render(request, "components/saved.html", {"problem": words}, status=401)
        who = _who(request)
        if who is None:
            return answer
        typed = _typed(request)
        if sum(len(name) + sum(map(len, values)) for name, values in typed.items()) > LARGEST:
            return answer
        request.session[KEPT] = {"who": who, "path": request.get_full_path(), "typed": typed}
        url = f"{reverse(settings.LOGIN_URL)}?{urlencode({'next': reverse('projects:kept')})}"
        if "HX-Request" in request.headers:
            return HttpResponse(status=401, headers={"HX-Redirect": url})
        return redirect(url)


def _asks_to_sign_in(answer: HttpResponse) -> bool:
    return answer.status_code == 302 and answer["Location"].startswith(reverse(settings.LOGIN_URL))


def _remember(request: HttpRequest, answer: HttpResponse, user: User) -> None:
    if _who(request) != user.pk:
        answer.set_signed_cookie(
            WHO, str(user.pk), max_age=DAYS, httponly=True, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
        )


def _who(request: HttpRequest) -> int | None:
    """Return who was signed in here last, None where nobody was or the cookie is forged or old."""
    person = request.get_signed_cookie(WHO, default="", max_age=DAYS)
    return int(person) if person and person.isdecimal() else None


def _typed(request: HttpRequest) -> dict[str, list[str]]:
    return {
        name: [str(value) for value in values]
        for name, values in request.POST.lists()
        if not any(word in name.lower() for word in NEVER_KEPT)
    }


def _lost(request: HttpRequest) -> dict[str, Any] | None:
    """Return what was kept for this very person, and drop what was kept for somebody else."""
    kept: dict[str, Any] | None = request.session.get(KEPT)
    if kept is None:
        return None
    safe = url_has_allowed_host_and_scheme(kept["path"], allowed_hosts=None)
    if kept["who"] != signed_in(request).pk or not safe:
        del request.session[KEPT]
        return None
    return kept


@login_required
@require_http_methods(["GET", "POST"])
def kept(request: HttpRequest) -> HttpResponse:
    """Show what was typed before the session ended, to be sent again or dropped."""
    lost = _lost(request)
    if request.method == "POST":
        request.session.pop(KEPT, None)
        return redirect("/home/")
    if lost is None:
        return redirect("/")
    shown = [(name, value) for name, values in lost["typed"].items() for value in values]
    words = [(name.replace("_", " ").replace("-", " "), value) for name, value in shown if len(value.strip()) > 3]
    return render(request, "projects/people/kept.html", {"path": lost["path"], "fields": shown, "words": words})
