"""The product's settings over a throw-away home; a process started by a test joins the home of its test run.

Each of the processes that share a run's tests among them has a home, and so a database and a broker, of its own.
"""

import json
import os
import shutil
import tempfile
from pathlib import Path

PREFIX = "tollgate-test-"
KEYS = {name: f"only-in-tests-{name}" for name in ("superuser", "owner", "application", "secret_key")}


SHARE = os.environ.get("PYTEST_XDIST_WORKER", "")
JOINS = "TOLLGATE_TEST_HOME" in os.environ and os.environ.get("TOLLGATE_TEST_SHARE") == SHARE


def home_of_this_run() -> Path:
    """Return the run's home; the first process of the run makes it and clears away what killed runs left."""
    if JOINS:
        return Path(os.environ["TOLLGATE_TEST_HOME"])
    for old in Path(tempfile.gettempdir()).glob(f"{PREFIX}[0-9]*"):
        if not Path(f"/proc/{old.name.split('-')[2]}").exists():
            shutil.rmtree(old, ignore_errors=True)
    home = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
    home.chmod(0o711)
    (home / "keys.json").write_text(json.dumps(KEYS))
    return home


HOME = home_of_this_run()
for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "BROKER_URL", "SECRET_KEY", "HTTPS", "DEBUG", "TOLLGATE_NOW"):
    if not JOINS:
        os.environ.pop(name, None)
os.environ["TOLLGATE_TEST_SHARE"] = SHARE
os.environ["TOLLGATE_TEST_HOME"] = os.environ["TOLLGATE_HOME"] = str(HOME)

from launch.addresses import embedded_database_url  # noqa: E402
from launch.places import make_home  # noqa: E402

make_home(HOME)
os.environ.setdefault("DATABASE_URL", embedded_database_url("application"))
os.environ.setdefault("DATABASE_OWNER_URL", embedded_database_url("owner"))
os.environ.setdefault("BROKER_URL", "memory://")

from council.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ACCOUNT_RATE_LIMITS = False
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
