"""Load the demo organisation into an empty database."""

from collections.abc import Mapping
from typing import Any

from council.demo.services import NotEmpty, seed_demo
from projects.common.clock import now
from projects.common.commands import InputRefused, JsonCommand


class Command(JsonCommand):
    """Running it again changes nothing."""

    help = "Load the demo organisation into an empty database; safe to run twice."

    def answer(self, **options: Any) -> Mapping[str, Any]:
        """Seed as of the one clock's day. Raise InputRefused for a database in use."""
        today = now().date()
        try:
            seeded = seed_demo(today=today)
        except NotEmpty as refused:
            raise InputRefused("not_empty", str(refused)) from refused
        return {"seeded": "yes" if seeded else "no, it stands already", "today": today.isoformat()}
