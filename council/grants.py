"""What the application's database role may do: read and write rows, never change or remove what only grows."""

from django.apps import apps
from django.db import connection
from psycopg.sql import SQL, Composed, Identifier

from projects.common.append_only import AppendOnly

EXTENSIONS = ("pg_trgm", "btree_gist")


def make_extensions() -> None:
    """Create the extensions that migrations count on; the database's owner may, they are trusted ones."""
    with connection.cursor() as cursor:
        for name in EXTENSIONS:
            cursor.execute(f"CREATE EXTENSION IF NOT EXISTS {name}")


def append_only_tables() -> list[str]:
    """List the tables that nobody changes or empties."""
    return sorted({model._meta.db_table for model in apps.get_models() if issubclass(model, AppendOnly)})


def grant_application(role: str) -> None:
    """Give `role` its rights on every table and sequence the owner has; safe to repeat."""
    statements = [
        "GRANT USAGE ON SCHEMA public TO {role}",
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
        "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {role}",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {role}",
        "REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {role}",
    ]
    revoked = "REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM {role}"
    who = Identifier(role)
    orders: list[Composed] = [SQL(text).format(role=who) for text in statements]
    orders += [SQL(revoked).format(table=Identifier(table), role=who) for table in append_only_tables()]
    with connection.cursor() as cursor:
        for order in orders:
            cursor.execute(order)
