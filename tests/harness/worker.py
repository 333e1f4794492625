"""A real Celery worker."""
