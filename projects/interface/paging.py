"""Lists that go on after the last row one has: each page costs what the first one costs."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from rest_framework.request import Request

from projects.common.outcomes import Refused

USUAL, MOST = 100, 200
LARGEST_ID = 2**63 - 1


class PageRefused(Refused):
    """The place to go on from, or the size of a page, is none."""

    code = "page_refused"


def page(request: Request, rows: QuerySet[Any, Any], show: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
    """Return a page of rows in the order of their ids, those after ``after``, and the address of the next page."""
    after, limit = _number(request, "after", 0, LARGEST_ID), _number(request, "limit", USUAL, MOST)
    if limit == 0:
        raise PageRefused("limit must be at least 1.")
    found = list(rows.filter(pk__gt=after).order_by("pk")[: limit + 1])
    shown = found[:limit]
    following = None
    if len(found) > limit:
        query = request.query_params.copy()
        query["after"] = str(shown[-1].pk)
        following = f"{request.path}?{query.urlencode()}"
    return {"items": [show(row) for row in shown], "next": following}


def _number(request: Request, name: str, usual: int, most: int) -> int:
    text = request.query_params.get(name, "")
    if not text:
        return usual
    if not (text.isascii() and text.isdigit() and len(text) <= 19 and int(text) <= most):
        raise PageRefused(f"{name} must be a whole number up to {most}, not “{text[:40]}”.")
    return int(text)
