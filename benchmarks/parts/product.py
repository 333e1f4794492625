"""An empty product of its own for one benchmark, a person who reads it, and how figures are said."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.test import Client

ROOT = Path(__file__).resolve().parent.parent.parent


@contextmanager
def empty_product() -> Iterator[Path]:
    """Run a migrated product over an embedded database and give its home; both are gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="tollgate-benchmark-", ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        home.chmod(0o711)
        os.environ |= {"TOLLGATE_HOME": str(home), "BROKER_URL": "memory://"}
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "council.settings")
        for name in ("DATABASE_URL", "DATABASE_OWNER_URL"):
            os.environ.pop(name, None)
        from launch.keeper import database_in_use

        with database_in_use():
            subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, check=True)
            yield home


def reader() -> "Client":
    """Return a client signed in as somebody of finance. Django is set up."""
    from django.conf import settings
    from django.test import Client

    from projects.people.roles import Role
    from tests.factories.people import person

    settings.ALLOWED_HOSTS = ["testserver"]
    settings.STORAGES |= {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
    client = Client()
    client.force_login(person("reader", Role.FINANCE))
    return client


def say(figures: Mapping[str, object], *, as_json: bool) -> None:
    """Print figures, a line each or as one JSON object."""
    print(json.dumps(figures) if as_json else "\n".join(f"{name}: {value}" for name, value in figures.items()))
