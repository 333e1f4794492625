"""What one page is read with, looked up once: the law of a day, a person's roles. Only while reading, never across requests."""

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar, cast

from django.http import HttpRequest, HttpResponse

Found = TypeVar("Found")
SAFE = ("GET", "HEAD")
_kept: ContextVar[dict[Hashable, Any] | None] = ContextVar("kept", default=None)


@contextmanager
def reading() -> Iterator[None]:
    """Keep what is looked up until the block ends. Nothing may be written inside it."""
    token = _kept.set({})
    try:
        yield
    finally:
        _kept.reset(token)


def once(key: Hashable, look_up: Callable[[], Found]) -> Found:
    """Return what was looked up under a key before, or look it up; outside of `reading` always look it up."""
    kept = _kept.get()
    if kept is None:
        return look_up()
    if key not in kept:
        kept[key] = look_up()
    return cast(Found, kept[key])


class ReadingMiddleware:
    """Let a request that only reads look each thing up once; the next request looks again."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Keep what comes after it."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer inside `reading` where the method is safe."""
        if request.method not in SAFE:
            return self.get_response(request)
        with reading():
            return self.get_response(request)
