"""Real servers for tests: PostgreSQL, Valkey, a Celery worker, Chromium."""

import pytest

FAILED = pytest.StashKey[bool]()
