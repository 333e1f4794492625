"""What every test stands on: a throw-away database, and on demand a worker, a server and a browser."""

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import settings

from tests.harness import FAILED

pytest_plugins = ["tests.harness.database", "tests.harness.worker", "tests.harness.browser"]

SOAK = bool(os.environ.get("TOLLGATE_SOAK"))

settings.register_profile("test", max_examples=25, deadline=None)
settings.register_profile("soak", max_examples=1000, deadline=None)
settings.load_profile("soak" if SOAK else "test")


@pytest.fixture
def rounds():
    """Choose how often a fault or random case is tried: `rounds(small, full)`; `make soak` takes the full count."""
    return lambda small, full: full if SOAK else small


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.when == "call" and report.failed:
        item.stash[FAILED] = True
    return report


def pytest_sessionfinish():
    home = Path(os.environ["TOLLGATE_TEST_HOME"])
    if home.name.split("-")[2] == str(os.getpid()):
        shutil.rmtree(home, ignore_errors=True)
