"""Migrations that do not render models again leave the database as the models say it is."""

import pgtrigger
import pytest
from django.apps import apps
from django.db import connection
from django.db.migrations.state import ProjectState

from council.quick_states import quick_states

pytestmark = pytest.mark.django_db


def names(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return {row[0] for row in cursor.fetchall()}


def test_every_constraint_and_index_of_the_models_stands_in_the_database():
    models = apps.get_models()
    wanted = {row.name for model in models for row in (*model._meta.constraints, *model._meta.indexes)}

    kept = names("SELECT conname FROM pg_constraint") | names("SELECT indexname FROM pg_indexes")

    assert wanted - kept == set()


def test_every_trigger_of_the_models_stands_in_the_database():
    wanted = {trigger.get_pgid(model) for model, trigger in pgtrigger.registered()}

    assert wanted - names("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal") == set()


def test_afterwards_migrations_are_as_django_has_them():
    before = ProjectState._append_option

    with quick_states():
        assert ProjectState._append_option is not before

    assert ProjectState._append_option is before
