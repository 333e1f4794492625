"""Whether a person is there, or a program calls in their name. Some acts need the person."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_present: ContextVar[bool] = ContextVar("present", default=True)


@contextmanager
def called_by_token() -> Iterator[None]:
    """Let what happens inside the block count as done by a program that holds a person's token."""
    kept = _present.set(False)
    try:
        yield
    finally:
        _present.reset(kept)


def is_present() -> bool:
    """Say whether nothing tells that a program acts instead of the person."""
    return _present.get()
