"""The process that renders one page: `python -m projects.common.apart_child SOURCE TARGET MEGABYTES`."""

import ctypes
import os
import resource
import signal
import sys
from pathlib import Path

PR_SET_PDEATHSIG = 1


def limit(megabytes: int) -> None:
    """Die with the parent, write no core, take no more memory than allowed, and step behind everybody else."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != int(os.environ.get("TOLLGATE_PARENT", os.getppid())):
        os._exit(1)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20, megabytes << 20))
    os.nice(5)


def main(source: str, target: str, megabytes: str) -> int:
    """Render one file; say on one line why it failed."""
    limit(int(megabytes))
    from projects.common.pdf import render_pdf

    try:
        pdf = render_pdf(Path(source).read_text(encoding="utf-8"))
    except Exception as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        return 1
    Path(target).write_bytes(pdf)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
