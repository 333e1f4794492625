"""Who hears how far long work is: a job's progress, or nobody."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from django.db import connection


class Listener(Protocol):
    """Who hears how far an import is; may raise to stop it."""

    def step(self, name: str, *, done: int = 0, total: int | None = None, unit: str = "rows") -> None:
        """Begin a named step."""

    def advance(self, done: int, total: int | None = None, *, rows: int | None = None) -> None:
        """Say how far the step is, and how many rows that is where it is told in something else."""

    def check(self) -> None:
        """Only hear whether it shall stop."""


class Silence:
    """Nobody listens."""

    def step(self, name: str, *, done: int = 0, total: int | None = None, unit: str = "rows") -> None:
        """Say nothing."""

    def advance(self, done: int, total: int | None = None, *, rows: int | None = None) -> None:
        """Say nothing."""

    def check(self) -> None:
        """Never stop."""


@contextmanager
def heeding(listener: Listener) -> Iterator[None]:
    """Let a stop be heard before each statement; the transaction around it then leaves nothing behind.

    It is heard once: what is said to the database while a stop is under way is not stopped again.
    """
    heard = False

    def first(execute: Callable[..., Any], sql: Any, parameters: Any, many: bool, context: dict[str, Any]) -> Any:
        nonlocal heard
        if not heard:
            heard = True
            listener.check()
            heard = False
        return execute(sql, parameters, many, context)

    with connection.execute_wrapper(first):
        yield
