"""Turn a refused act into a page, a fragment or a problem document, with the status that the refusal carries."""

from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from projects.common.outcomes import Blocker, Refused

NUL = "\x00"
PROBLEM = "application/problem+json"


class RefusalMiddleware:
    """Answer Refused errors that a view let through: 403, 409 or 422 with the reasons; nothing was changed."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Keep the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *view: Any) -> HttpResponse | None:
        """Stop what no text of the database can hold, before a view looks it up: nobody types a NUL character."""
        if NUL in request.path:
            raise Http404
        sent = [*request.GET.lists(), *request.POST.lists()]
        if found := next((name for name, values in sent if any(NUL in value for value in [name, *values])), None):
            name = found.replace(NUL, "")
            return refusal(
                request, Refused(f"What was sent as {name} holds a NUL character. Take it out and send again.")
            )
        return None

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Return the answer to a refusal; anything else is not ours."""
        if not isinstance(exception, Refused):
            return None
        return refusal(request, exception)


def refusal(request: HttpRequest, refused: Refused) -> HttpResponse:
    """Render a refusal for whoever asked: htmx gets the banner, an API client problem+json, a person the page."""
    if request.path.startswith("/api/"):
        body = problem_body(refused.status, refused.code, refused.blockers)
        return JsonResponse(body, status=refused.status, content_type=PROBLEM)
    template = "_refused.html" if request.headers.get("HX-Request") else "refused.html"
    return render(request, template, {"refused": refused, "blockers": refused.blockers}, status=refused.status)


def problem_body(status: int, code: str, blockers: Sequence[Blocker]) -> dict[str, Any]:
    """Return a problem document (RFC 9457): the status in words, a stable code, and each reason."""
    return {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": " ".join(blocker.message for blocker in blockers),
        "code": code,
        "blockers": [{"code": blocker.code, "message": blocker.message} for blocker in blockers],
    }
