"""What every view needs of people: the signed-in person, typed."""

from django.http import HttpRequest

from projects.people.models import User


def signed_in(request: HttpRequest) -> User:
    """Return the signed-in person; only behind ``login_required``."""
    if not isinstance(request.user, User):
        raise TypeError("This page needs somebody who is signed in.")
    return request.user


def is_partial(request: HttpRequest) -> bool:
    """Say whether htmx asks for a fragment only."""
    return bool(request.headers.get("HX-Request")) and not request.headers.get("HX-Boosted")
