"""Turn a refused act into a page, a fragment or a problem document, with the status that the refusal carries."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from projects.common.outcomes import Refused


class RefusalMiddleware:
    """Answer Refused errors that a view let through: 403, 409 or 422 with the reasons; nothing was changed."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Keep the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Return the answer to a refusal; anything else is not ours."""
        if not isinstance(exception, Refused):
            return None
        return refusal(request, exception)


def refusal(request: HttpRequest, refused: Refused) -> HttpResponse:
    """Render a refusal for whoever asked: htmx gets the banner, an API client problem+json, a person the page."""
    if request.path.startswith("/api/"):
        body = {
            "title": str(refused),
            "status": refused.status,
            "code": refused.code,
            "blockers": [{"code": blocker.code, "message": blocker.message} for blocker in refused.blockers],
        }
        return JsonResponse(body, status=refused.status, content_type="application/problem+json")
    template = "_refused.html" if request.headers.get("HX-Request") else "refused.html"
    return render(request, template, {"refused": refused, "blockers": refused.blockers}, status=refused.status)
