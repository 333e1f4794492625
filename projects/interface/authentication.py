"""Who calls: the person of the token in the Authorization header, and for nothing that the token is not for."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from knox.auth import TokenAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.throttling import UserRateThrottle

from projects.common.clock import now
from projects.common.outcomes import NotPermitted
from projects.people.models import User
from projects.tokens.models import ApiToken
from projects.tokens.rules import SCOPE_WORDS, Scope
from projects.tokens.services import find_token


class BearerToken(TokenAuthentication):  # type: ignore[misc]
    """Read “Authorization: Bearer …”."""

    def authenticate_credentials(self, token: bytes) -> tuple[User, ApiToken]:
        """Return the person and the token of a secret."""
        try:
            secret = token.decode("ascii")
        except UnicodeDecodeError:
            raise AuthenticationFailed from None
        found = find_token(secret, at=now())
        return found.user, found


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Say in the schema how a token is sent."""

    target_class = "projects.interface.authentication.BearerToken"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """Return the scheme."""
        return {"type": "http", "scheme": "bearer"}


class InScope(BasePermission):
    """Let a call through that its token is for: reading, or what the view writes."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Refuse who sends no token; raise NotPermitted naming the use that the token lacks."""
        if not isinstance(request.auth, ApiToken):
            return False
        needed: Scope = Scope.READ if request.method in ("GET", "HEAD", "OPTIONS") else view.writes
        if needed not in request.auth.scopes:
            raise NotPermitted(
                f"The token {request.auth.name} is not for this. It needs the use “{SCOPE_WORDS[needed]}”."
            )
        return True


class CallsOfAPerson(UserRateThrottle):
    """Hold back a program that calls too often."""

    rate = "600/min"
