"""Who may sign in to pages."""

from allauth.account.auth_backends import AuthenticationBackend

from projects.people.models import User


class PeopleOnly(AuthenticationBackend):  # type: ignore[misc]
    """Let people in by user name or email, and keep service accounts out, also out of sessions they already have."""

    def user_can_authenticate(self, user: User | None) -> bool:
        """Refuse who is inactive and what is no person."""
        return bool(super().user_can_authenticate(user)) and user is not None and not user.is_service
