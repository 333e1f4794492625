"""Let one thing after another be done in a second thread while the first goes on."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Any, Self


class Alongside:
    """A thread that does one call at a time, in the order in which they were asked for.

    Who asks for the next waits until the last is done, so no more than one is under way. What a call raises is raised at
    the next request or wait. Leaving waits for the call under way, and says nothing of its error where another leaves.
    """

    def __init__(self, name: str) -> None:
        """Start nothing yet; threads show the name."""
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)
        self._running: Future[Any] | None = None

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wait for the call under way and end the thread."""
        self._pool.shutdown(wait=True)
        if error is None:
            self.wait()

    def start(self, call: Callable[..., object], *arguments: object) -> None:
        """Let a call be done, after waiting for the last one."""
        self.wait()
        self._running = self._pool.submit(call, *arguments)

    def wait(self) -> None:
        """Return when nothing is under way."""
        running, self._running = self._running, None
        if running is not None:
            running.result()
