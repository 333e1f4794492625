"""Run a management command."""

import os
import sys

from launch.commands import database_for


def main() -> None:
    """Hand the command line to Django, with a database behind it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "council.settings")
    with database_for(sys.argv):
        from django.core.management import execute_from_command_line

        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
