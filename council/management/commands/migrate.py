"""Migrate as the owner and give the application role its rights."""

from typing import Any
from urllib.parse import unquote, urlsplit

from django.core.management.commands.migrate import Command as Migrate
from django.db import connection

from council.grants import grant_application, make_extensions
from council.quick_states import quick_states
from launch.addresses import database_url


class Command(Migrate):
    """Django's migrate, with extensions before it and grants after it."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the migrations; a plan or a check changes nothing."""
        only_looks = options["plan"] or options["check_unapplied"]
        if not only_looks:
            make_extensions()
        with quick_states():
            super().handle(*args, **options)
        application = unquote(urlsplit(database_url("application")).username or "")
        if not only_looks and application and application != connection.settings_dict["USER"]:
            grant_application(application)
