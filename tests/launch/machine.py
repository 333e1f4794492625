"""A machine on which nothing was set up."""

import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path


def machine(home, **environment):
    """The environment of somebody who has set nothing but these."""
    ours = ("DATABASE_", "BROKER_", "CELERY_", "TOLLGATE_", "SECRET_KEY", "DJANGO_", "MAKE")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {**clean, "TOLLGATE_HOME": str(home), **environment}


@contextmanager
def empty_home():
    """Give a home that was never used, and clear it away."""
    folder = Path(tempfile.mkdtemp(prefix="tollgate-home-"))
    folder.chmod(0o711)
    yield folder / "home"
    shutil.rmtree(folder, ignore_errors=True)
