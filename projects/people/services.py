"""Accounts that are no persons."""

from projects.people.models import User
from projects.people.selectors import IMPORT_SERVICE


def import_service() -> User:
    """Return the account that imports spend where no person does, made when first asked for; nobody can sign in as it."""
    user, created = User.objects.get_or_create(
        username=IMPORT_SERVICE, defaults={"full_name": "Import service", "is_service": True}
    )
    if created:
        user.set_unusable_password()
        user.save(update_fields=["password"])
    return user
