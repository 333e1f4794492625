"""What every page knows of the organisation, and the sign-in page of the demo."""

import json
from typing import Any

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from projects.people.models import Organisation


def organisation(request: HttpRequest) -> dict[str, Any]:
    """Give templates `organisation` (name, council_name, currency), asked for only when printed; `demo_logins`."""
    return {"organisation": SimpleLazyObject(find_organisation), "demo_logins": find_demo_logins}


def find_organisation() -> Organisation | None:
    """Return the organisation, or None where the database cannot be asked: the page that says so still renders."""
    try:
        return Organisation.objects.first()
    except DatabaseError:
        return None


def find_demo_logins() -> list[dict[str, str]]:
    """Return the demo's people (login, password, name, role) as the seed wrote them down; nobody outside the demo."""
    people = settings.TOLLGATE_HOME / "demo_logins.json"
    return list(json.loads(people.read_text())) if settings.DEMO and people.exists() else []
