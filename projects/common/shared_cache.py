"""The cache that web processes share, as an aid and never a condition: while it is down, each process has its own memory.

That is what a process has where no shared cache is given. Pages are slower, and the limits of sign-in count for each process
by itself: they neither end nor keep anybody out.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import structlog
from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import MasterDownError, OutOfMemoryError, ReadOnlyError
from redis.exceptions import TimeoutError as RedisTimeoutError
from redis.retry import Retry

AGAIN_AFTER = 10.0  # seconds until a server that did not answer is asked again
PATIENCE = {"socket_connect_timeout": 0.5, "socket_timeout": 0.5, "retry": Retry(NoBackoff(), 1)}
DOWN = (RedisConnectionError, RedisTimeoutError, ReadOnlyError, OutOfMemoryError, MasterDownError, OSError)

log = structlog.get_logger(__name__)


@dataclass
class Outage:
    """Whether one server answers this process, whose threads all go by it; told when it begins and when it is over."""

    server: str
    again_at: float | None = None
    guard: Lock = field(default_factory=Lock)

    def lasts(self) -> bool:
        """Say whether to do without; after a while one asker at a time tries again."""
        if self.again_at is None:
            return False
        with self.guard:
            if self.again_at is None or time.monotonic() >= self.again_at:
                self.again_at = time.monotonic() + AGAIN_AFTER
                return False
            return True

    def begin(self, failed: Exception) -> None:
        """Do without for a while."""
        with self.guard:
            is_new, self.again_at = self.again_at is None, time.monotonic() + AGAIN_AFTER
        if is_new:
            log.error("shared_cache_is_down", server=self.server, error=str(failed), instead="each process by itself")

    def end(self) -> None:
        """Note that the server answers."""
        if self.again_at is None:
            return
        with self.guard:
            was, self.again_at = self.again_at, None
        if was is not None:
            log.warning("shared_cache_answers_again", server=self.server)


_outages: dict[str, Outage] = {}


class SharedCache(RedisCache):
    """Redis or Valkey, or this process's own memory while there is neither."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        """Ask with little patience, unless the settings say otherwise."""
        options = {**PATIENCE, **params.get("OPTIONS", {})}
        super().__init__(server, {**params, "OPTIONS": options})
        self._own = LocMemCache(f"instead of {server}", {name: params[name] for name in params if name != "OPTIONS"})
        self._outage = _outages.setdefault(str(server), Outage(_without_password(str(server))))

    def add(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Keep a value where there is none."""
        return bool(self._ask("add", key, value, timeout=timeout, version=version))

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        """Return a value."""
        return self._ask("get", key, default, version=version)

    def set(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        """Keep a value."""
        self._ask("set", key, value, timeout=timeout, version=version)

    def touch(self, key: str, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Keep a value for longer."""
        return bool(self._ask("touch", key, timeout=timeout, version=version))

    def delete(self, key: str, version: int | None = None) -> bool:
        """Forget a value."""
        return bool(self._ask("delete", key, version=version))

    def get_many(self, keys: Iterable[str], version: int | None = None) -> dict[str, Any]:
        """Return several values."""
        wanted = list(keys)
        found: dict[str, Any] = self._ask("get_many", wanted, version=version) if wanted else {}
        return found

    def has_key(self, key: str, version: int | None = None) -> bool:
        """Say whether there is a value."""
        return bool(self._ask("has_key", key, version=version))

    def incr(self, key: str, delta: int = 1, version: int | None = None) -> int:
        """Add to a number. Raise ValueError where there is none."""
        return int(self._ask("incr", key, delta, version=version))

    def set_many(self, data: dict[str, Any], timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> list[str]:
        """Keep several values."""
        failed: list[str] = self._ask("set_many", data, timeout=timeout, version=version)
        return failed

    def delete_many(self, keys: Iterable[str], version: int | None = None) -> None:
        """Forget several values."""
        self._ask("delete_many", list(keys), version=version)

    def clear(self) -> None:
        """Forget everything."""
        self._ask("clear")

    def _ask(self, act: str, *values: Any, **named: Any) -> Any:
        """Let the server do it, or while it does not answer this process's own memory."""
        if not self._outage.lasts():
            try:
                answer = getattr(super(), act)(*values, **named)
            except DOWN as failed:
                self._outage.begin(failed)
            else:
                self._outage.end()
                return answer
        return getattr(self._own, act)(*values, **named)


def _without_password(server: str) -> str:
    return server.rpartition("@")[2]
