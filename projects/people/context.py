"""What every page knows of the organisation."""

from typing import Any

from django.db import DatabaseError
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from projects.people.models import Organisation


def organisation(request: HttpRequest) -> dict[str, Any]:
    """Give templates `organisation` (name, council_name, currency), asked for only when printed."""
    return {"organisation": SimpleLazyObject(find_organisation)}


def find_organisation() -> Organisation | None:
    """Return the organisation, or None where the database cannot be asked: the page that says so still renders."""
    try:
        return Organisation.objects.first()
    except DatabaseError:
        return None
