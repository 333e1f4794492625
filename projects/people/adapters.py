"""How accounts behave at the sign-in library's door."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from projects.people.models import User


class ClosedDoor(DefaultAccountAdapter):  # type: ignore[misc]
    """People are added by an administrator: nobody signs up, and what is no person does not come in."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Refuse sign-up."""
        return False

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """Return the person whose name and password these are; the library would let a refused one through to here."""
        user: User | None = super().authenticate(request, **credentials)
        return None if user is None or user.is_service else user
