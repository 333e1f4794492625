"""Real servers for tests: PostgreSQL, Valkey, a Celery worker, Chromium."""
