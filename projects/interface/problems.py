"""Turn whatever stops a call into one problem document: status, code, a sentence, and each reason."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import exceptions, status
from rest_framework.response import Response

from projects.common.answers import PROBLEM, problem_body
from projects.common.outcomes import Blocker, Refused

WORDS = {
    status.HTTP_401_UNAUTHORIZED: (
        "not_authenticated",
        "Send a token as “Authorization: Bearer …”. Make one on the page API tokens.",
    ),
    status.HTTP_403_FORBIDDEN: ("not_permitted", "You may not do this."),
    status.HTTP_404_NOT_FOUND: ("not_found", "There is nothing here that you may see."),
    status.HTTP_405_METHOD_NOT_ALLOWED: ("method_not_allowed", "This address does not take this method."),
    status.HTTP_406_NOT_ACCEPTABLE: ("not_acceptable", "Answers are JSON. Accept application/json."),
    status.HTTP_415_UNSUPPORTED_MEDIA_TYPE: ("not_json", "Send JSON, with the content type application/json."),
}


def answer_problem(error: Exception, context: dict[str, Any]) -> Response | None:
    """Return the problem document of an error; None for one that is the product's own fault."""
    headers: dict[str, str] = {}
    if isinstance(error, Refused):
        code, blockers, number = error.code, error.blockers, error.status
    elif isinstance(error, exceptions.ValidationError):
        number, code = status.HTTP_422_UNPROCESSABLE_ENTITY, "invalid"
        blockers = list(_told(error.detail))
    elif isinstance(error, exceptions.Throttled):
        number, code = status.HTTP_429_TOO_MANY_REQUESTS, "too_many_calls"
        wait = max(1, round(getattr(error, "wait", None) or 1))
        headers["Retry-After"] = str(wait)
        blockers = [Blocker(code, f"Too many calls. Call again in {wait} seconds.")]
    elif isinstance(error, exceptions.ParseError):
        number, code = status.HTTP_400_BAD_REQUEST, "unreadable"
        blockers = [Blocker(code, str(error.detail))]
    else:
        number = _status_of(error)
        if number not in WORDS:
            return None
        code, words = WORDS[number]
        blockers = [Blocker(code, words)]
    if number == status.HTTP_401_UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    return Response(problem_body(number, code, blockers), status=number, headers=headers, content_type=PROBLEM)


def _status_of(error: Exception) -> int:
    if isinstance(error, Http404):
        return status.HTTP_404_NOT_FOUND
    if isinstance(error, PermissionDenied):
        return status.HTTP_403_FORBIDDEN
    return error.status_code if isinstance(error, exceptions.APIException) else 0


def _told(detail: Any, place: str = "") -> Any:
    """Walk the errors of a body and name the place of each: readings[3].value."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            inside = name if not place else f"{place}.{name}" if isinstance(name, str) else f"{place}[{name}]"
            yield from _told(inner, place if name == "non_field_errors" else str(inside))
    elif isinstance(detail, list):
        for number, inner in enumerate(detail):
            nested = isinstance(inner, dict | list)
            yield from _told(inner, f"{place}[{number}]" if nested else place)
    else:
        yield Blocker(f"field_{detail.code}", f"{place or 'The body'}: {detail}")
