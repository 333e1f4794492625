"""Render a page in a process of its own, which has limits, reads nothing of ours but static files, and always ends."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from projects.common.outcomes import Refused

PATIENCE = 0.2  # seconds between two looks at the child
SECONDS_AN_ITEM = 30
MEGABYTES_AN_ITEM = 512
MOST_MEGABYTES = 4096


class RenderFailed(Refused):
    """The page could not be rendered inside its limits."""

    code = "render_failed"


@dataclass(frozen=True)
class Limits:
    """How long a page may take, and how much memory."""

    seconds: float
    megabytes: int


def limits_for(items: int) -> Limits:
    """Return the limits of a pack with so many items; the pages around them count as one."""
    parts = items + 1
    return Limits(SECONDS_AN_ITEM * parts, min(MOST_MEGABYTES, MEGABYTES_AN_ITEM * (parts + 1)))


def render_apart(html: str, *, limits: Limits, check: Callable[[], None] = lambda: None) -> bytes:
    """Render a page as PDF in a child process.

    ``check`` is asked all the time and may raise to stop. Raise RenderFailed when the child fails or takes too long.
    """
    with tempfile.TemporaryDirectory(prefix="tollgate-page-") as folder:
        source, target = Path(folder) / "page.html", Path(folder) / "page.pdf"
        source.write_text(html, encoding="utf-8")
        command = [sys.executable, "-m", "projects.common.apart_child", str(source), str(target), str(limits.megabytes)]
        with (Path(folder) / "words").open("w+b") as words:
            child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=words,
                stderr=words,
                cwd=settings.BASE_DIR,
                env=_environment(),
            )
            _wait(child, limits, check)
            if child.returncode != 0 or not target.exists():
                words.seek(0)
                said = words.read().decode(errors="replace").strip().splitlines()
                raise RenderFailed(f"The pages could not be rendered: {said[-1][:300] if said else 'no reason given'}.")
        return target.read_bytes()


def _environment() -> dict[str, str]:
    module = os.environ.get("DJANGO_SETTINGS_MODULE", "council.settings")
    return {**os.environ, "DJANGO_SETTINGS_MODULE": module, "TOLLGATE_PARENT": str(os.getpid())}


def _wait(child: subprocess.Popen[bytes], limits: Limits, check: Callable[[], None]) -> None:
    end = time.monotonic() + limits.seconds
    try:
        while child.poll() is None:
            check()
            if time.monotonic() > end:
                raise RenderFailed(
                    f"The pages took longer than {limits.seconds:.0f} seconds, so rendering was stopped."
                )
            time.sleep(PATIENCE)
    finally:
        if child.poll() is None:
            child.kill()
            child.wait()
