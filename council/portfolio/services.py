"""Keep and forget views of the portfolio."""

from collections.abc import Iterable
from datetime import datetime
from urllib.parse import urlencode

from django.db import transaction
from django.db.models import Q, QuerySet

from council.portfolio.models import SavedView
from projects.audit.services import record
from projects.common.outcomes import NotPermitted, Refused
from projects.people.models import User
from projects.people.roles import Role
from projects.people.selectors import roles_of

KEPT = ("view", "stage", "status", "unit", "owner", "q", "sort")
MOST = 50
LONGEST = 1000


class ViewRefused(Refused):
    """The view has no name, is too long, or there are too many of them."""

    code = "view_refused"


def views_of(user: User) -> QuerySet[SavedView]:
    """Return a person's own views and those that others share."""
    return SavedView.objects.filter(Q(saved_by=user) | Q(is_shared=True)).select_related("saved_by")


def kept_query(pairs: Iterable[tuple[str, str]]) -> str:
    """Return a query string with what a view keeps; the page that somebody had turned to is left out."""
    return urlencode([(name, value) for name, value in pairs if name in KEPT and value])


@transaction.atomic
def save_view(*, name: str, pairs: Iterable[tuple[str, str]], is_shared: bool, by: User, at: datetime) -> SavedView:
    """Keep a view under a name; one's own of that name is replaced. Raise NotPermitted (auditors) or ViewRefused."""
    _refuse_auditor(by)
    name, query = name.strip(), kept_query(pairs)
    if not name or len(name) > 80:
        raise ViewRefused("Give the view a name of at most 80 characters.")
    if len(query) > LONGEST:
        raise ViewRefused("The view has more filters than can be kept. Choose fewer.")
    User.objects.select_for_update().get(pk=by.pk)  # so that two windows never save one name twice
    own = SavedView.objects.filter(saved_by=by)
    found = own.filter(name__iexact=name).first()
    if found is None and own.count() >= MOST:
        raise ViewRefused(f"You keep {MOST} views already. Forget one first.")
    found = found or SavedView(saved_by=by)
    found.name, found.query, found.is_shared, found.saved_at = name, query, is_shared, at
    found.save()
    record(verb="portfolio_view.saved", target=found, by=by, at=at, data={"query": query, "shared": is_shared})
    return found


@transaction.atomic
def forget_view(*, view_id: int, by: User, at: datetime) -> str:
    """Forget one's own view and return its name. Raise NotPermitted for somebody else's."""
    found = SavedView.objects.select_for_update().get(pk=view_id)
    _refuse_auditor(by)
    if found.saved_by_id != by.pk:
        raise NotPermitted(f"{found} belongs to {found.saved_by}, who alone can forget it.")
    record(verb="portfolio_view.forgotten", target=found, by=by, at=at)
    found.delete()
    return found.name


def _refuse_auditor(by: User) -> None:
    if not by.is_active or Role.AUDITOR in roles_of(by):
        raise NotPermitted("An auditor reads everything and changes nothing: views are kept by others.")
