"""Start a process that cannot outlive the one that started it."""

import ctypes
import os
import pwd
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform.startswith("linux") else None


@dataclass(frozen=True)
class Account:
    """The system user a server runs as."""

    uid: int
    gid: int


def server_account() -> Account | None:
    """Return the unprivileged user for the database when we are root (PostgreSQL refuses root), else None."""
    if os.geteuid() != 0:
        return None
    nobody = pwd.getpwnam("nobody")
    return Account(nobody.pw_uid, nobody.pw_gid)


def die_with(parent: int, how: signal.Signals) -> Callable[[], None]:
    """Build what a fresh child runs before exec: ask the kernel for `how` when `parent` dies."""

    def ask() -> None:
        if _LIBC is not None:
            _LIBC.prctl(PR_SET_PDEATHSIG, int(how), 0, 0, 0)
            if os.getppid() != parent:
                os._exit(1)

    return ask


def start_child(
    command: Sequence[str | Path],
    *,
    account: Account | None = None,
    on_parent_death: signal.Signals = signal.SIGTERM,
    output: IO[bytes] | int | None = None,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> subprocess.Popen[bytes]:
    """Start `command` in its own session, so that Ctrl-C reaches it only through us. Call from the main thread."""
    return subprocess.Popen(
        [str(part) for part in command],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT if output is not None else None,
        env=dict(environment) if environment is not None else None,
        cwd=folder,
        start_new_session=True,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
        preexec_fn=die_with(os.getpid(), on_parent_death),
    )


def stop_child(child: subprocess.Popen[bytes], how: signal.Signals, *, patience: float) -> None:
    """Ask `child` to end with `how`; after `patience` seconds end it."""
    if child.poll() is None:
        child.send_signal(how)
    try:
        child.wait(timeout=patience)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
