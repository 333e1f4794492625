"""Who hears how far long work is: a job's progress, or nobody."""

from typing import Protocol


class Listener(Protocol):
    """Who hears how far an import is; may raise to stop it."""

    def step(self, name: str, *, done: int = 0, total: int | None = None, unit: str = "rows") -> None:
        """Begin a named step."""

    def advance(self, done: int, total: int | None = None, *, rows: int | None = None) -> None:
        """Say how far the step is, and how many rows that is where it is told in something else."""


class Silence:
    """Nobody listens."""

    def step(self, name: str, *, done: int = 0, total: int | None = None, unit: str = "rows") -> None:
        """Say nothing."""

    def advance(self, done: int, total: int | None = None, *, rows: int | None = None) -> None:
        """Say nothing."""
