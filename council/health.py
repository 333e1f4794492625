"""Whether each process does its work, for whoever watches the machine; nothing more is told to strangers."""

import redis
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from kombu.exceptions import OperationalError
from redbeat.schedulers import ensure_conf, get_redis

from council.celery import app

PATIENCE = 2.0  # seconds a worker has to answer


@never_cache
@require_safe
def web(request: HttpRequest) -> JsonResponse:
    """Answer 200 when this process reads from the database."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return told(False)
    return told(True)


@never_cache
@require_safe
def worker(request: HttpRequest) -> JsonResponse:
    """Answer 200 when at least one worker takes orders."""
    try:
        return told(bool(app.control.ping(timeout=PATIENCE, limit=1)))
    except (OperationalError, OSError, redis.RedisError):
        return told(False)


@never_cache
@require_safe
def scheduler(request: HttpRequest) -> JsonResponse:
    """Answer 200 when a scheduler holds the lock that only one of them can hold."""
    try:
        return told(bool(get_redis(app).exists(ensure_conf(app).lock_key)))
    except (ValueError, OSError, redis.RedisError):
        return told(False)


def told(healthy: bool) -> JsonResponse:
    """Say it in the way load balancers read."""
    return JsonResponse({"status": "ok" if healthy else "failing"}, status=200 if healthy else 503)
