"""Accounts that are no persons."""

from projects.people.models import User
from projects.people.selectors import IMPORT_SERVICE

POLICY_SERVICE = "policy"
SETUP_SERVICE = "set-up"


def import_service() -> User:
    """Return the account that imports spend where no person does, made when first asked for; nobody can sign in as it."""
    return _service(IMPORT_SERVICE, "Import service")


def policy_service() -> User:
    """Return the account in whose name policy decides what needs no person; nobody can sign in as it."""
    return _service(POLICY_SERVICE, "The policy in force")


def setup_service() -> User:
    """Return the account in whose name the first administrators have their role; nobody can sign in as it."""
    return _service(SETUP_SERVICE, "Set-up on the machine")


def _service(username: str, name: str) -> User:
    user, created = User.objects.get_or_create(username=username, defaults={"full_name": name, "is_service": True})
    if created:
        user.set_unusable_password()
        user.save(update_fields=["password"])
    return user
