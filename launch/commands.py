"""Give a management command its database: the right role, and the embedded server for as long as it runs."""

import os
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext

from launch.addresses import embedded_broker, embedded_database
from launch.keeper import database_in_use
from launch.places import find_places

OWNER_COMMANDS = frozenset(
    (
        *("migrate", "makemigrations", "sqlmigrate", "squashmigrations", "optimizemigration", "showmigrations"),
        *("flush", "sqlflush", "pgtrigger", "dbshell", "inspectdb"),
    )
)
WITHOUT_DATABASE = frozenset(
    (
        *("collectstatic", "compilemessages", "diffsettings", "findstatic", "help", "makemessages", "spectacular"),
        *("price_usage", "startapp", "startproject", "version"),
    )
)


@contextmanager
def database_for(arguments: Sequence[str]) -> Iterator[None]:
    """Prepare the environment for the command line `manage.py COMMAND …`; keep its database up meanwhile."""
    command = arguments[1] if len(arguments) > 1 else "help"
    os.environ["TOLLGATE_DATABASE_ROLE"] = "owner" if command in OWNER_COMMANDS else "application"
    idle = command in WITHOUT_DATABASE or command.startswith("-") or "--help" in arguments
    with database_in_use() if embedded_database() and not idle else nullcontext():
        if embedded_broker() and not broker_answers():
            os.environ["BROKER_URL"] = "memory://"  # nobody listens: the worker finds the work in the database
        yield


def broker_answers() -> bool:
    """Say whether the embedded broker runs."""
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(find_places().broker_socket)) == 0
