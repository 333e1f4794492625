"""Locks between processes, held on files: the kernel lets go when the holder ends, however it ends."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ALONE = fcntl.LOCK_EX
ALONE_OR_NEVER = fcntl.LOCK_EX | fcntl.LOCK_NB
TOGETHER = fcntl.LOCK_SH


@contextmanager
def lock(path: Path, how: int) -> Iterator[None]:
    """Hold a lock on `path`. Raise BlockingIOError where `how` does not wait and somebody holds it."""
    handle = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(handle, how)
        yield
    finally:
        os.close(handle)
