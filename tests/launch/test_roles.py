import pytest
from django.db import ProgrammingError, connection, transaction

from council.grants import append_only_tables

pytestmark = pytest.mark.django_db


def test_tests_run_as_the_application_role():
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, version()")
        user, version = cursor.fetchone()

    assert user == "tollgate_app"
    assert "PostgreSQL 18" in version


def test_application_may_not_make_tables():
    with connection.cursor() as cursor, pytest.raises(ProgrammingError, match="permission denied"):
        cursor.execute("CREATE TABLE mine (id int)")


@pytest.mark.parametrize("act", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {}"])
def test_application_may_not_change_what_only_grows(act):
    assert append_only_tables()
    for table in append_only_tables():
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            connection.cursor().execute(act.format(table))


@pytest.mark.parametrize("act", ["DELETE", "INSERT", "UPDATE"])
def test_application_may_not_touch_the_list_of_migrations(act):
    with connection.cursor() as cursor:
        cursor.execute("SELECT has_table_privilege('tollgate_app', 'django_migrations', %s)", [act])

        assert cursor.fetchone() == (False,)


def test_owner_owns_every_table():
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'")

        assert cursor.fetchall() == [("tollgate_owner",)]
