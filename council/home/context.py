"""What the top bar shows on every page: the seven entries with what waits behind each, and where the search goes."""

from typing import Any

from django.db import DatabaseError
from django.db.models import Count, IntegerField, Q, QuerySet, Subquery, Value
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from council.escalations.models import Escalation
from council.home.waiting import owned_by
from projects.gates.choices import OWNER_HOLDS, State
from projects.gates.models import GateRequest
from projects.limits.models import PolicyState, PolicyVersion
from projects.people.models import User
from projects.people.permissions import Permission
from projects.people.roles import ROLES
from projects.people.selectors import may, roles_of
from projects.reviews.models import Review, ReviewState
from projects.templatetags.tollgate import ENTRIES

ONLY = {"Meetings": Permission.READ_PACK}  # the others are told that there is no such page
ALSO = frozenset({("Portfolio", "initiatives"), ("Meetings", "decisions")})


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Give templates `nav` and `search_url`; the counts are asked for once a request, and only when printed."""
    return {"nav": SimpleLazyObject(lambda: _entries(request)), "search_url": reverse("council:search")}


def _entries(request: HttpRequest) -> list[dict[str, Any]]:
    kept: list[dict[str, Any]] | None = getattr(request, "_navigation", None)
    if kept is None:
        counts = _counts(getattr(request, "user", None))
        kept = [
            {
                "label": label,
                "url": url,
                "count": counts.get(label, 0),
                "hot": label == "Escalations",
                "current": request.path.startswith(url) or (label, request.path.split("/")[1]) in ALSO,
            }
            for label, url in ENTRIES
            if label not in ONLY or _may(request, ONLY[label])
        ]
        request._navigation = kept  # type: ignore[attr-defined]
    return kept


def _may(request: HttpRequest, permission: Permission) -> bool:
    user = getattr(request, "user", None)
    try:
        return not isinstance(user, User) or may(user, permission)
    except DatabaseError:
        return False


def _counts(user: Any) -> dict[str, int]:
    """Count what waits behind each entry; nothing where the database cannot be asked, so that errors still render."""
    if not isinstance(user, User):
        return {}
    try:
        return counts_for(user)
    except DatabaseError:
        return {}


def counts_for(user: User) -> dict[str, int]:
    """Return own requests to finish, reviews to give, open escalations and policies to approve; three queries."""
    roles = roles_of(user)
    own = owned_by(user, "initiative__") | Q(
        initiative__in=user.participations.filter(until__isnull=True).values("initiative")
    )
    alerts = Escalation.objects.hard().open().filter(cleared_at__isnull=True).exclude(state="decided")
    approves = any(Permission.APPROVE_POLICY in ROLES[role].may for role in roles)
    proposed = PolicyVersion.objects.filter(state=PolicyState.PROPOSED).exclude(drafted_by=user)
    waiting = {
        "Requests": GateRequest.objects.filter(own, state__in=OWNER_HOLDS),
        "Reviews": Review.objects.filter(reviewer=user, state=ReviewState.OPEN, request__state=State.EXPERT_REVIEW),
        "Escalations": alerts if roles else alerts.filter(own),
        "Policy": proposed if approves else proposed.none(),
    }
    counted = {name: _count_of(rows) for name, rows in waiting.items()}
    found: Any = User.objects.filter(pk=user.pk).values(**counted).get()
    return {name: count or 0 for name, count in found.items()}


def _count_of(rows: QuerySet[Any]) -> Subquery:
    """Count rows inside another query."""
    together = rows.order_by().annotate(one=Value(1)).values("one")
    return Subquery(together.annotate(count=Count("pk", distinct=True)).values("count"), output_field=IntegerField())
