"""The product's own processes: web, worker and scheduler, each kept running with its log."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from launch.children import start_child, stop_child
from launch.places import CHECKOUT, Places

LONGEST_PAUSE = 30.0  # seconds between two starts of a process that keeps falling
LARGEST_LOG = 20 * 1024 * 1024  # bytes


@dataclass
class Service:
    """One process of the product that is started again when it falls."""

    name: str
    command: Sequence[str]
    log: Path
    environment: dict[str, str]
    on_parent_death: signal.Signals = signal.SIGTERM
    process: "subprocess.Popen[bytes] | None" = None
    pause: float = 1.0
    started: float = field(default=0.0)

    def start(self) -> None:
        """Start the process; its words go to its log."""
        if self.log.exists() and self.log.stat().st_size > LARGEST_LOG:
            self.log.replace(self.log.with_suffix(".1.log"))
        self.started = time.monotonic()
        with self.log.open("ab") as log:
            self.process = start_child(
                self.command,
                output=log.fileno(),
                environment={**os.environ, **self.environment, "TOLLGATE_PROCESS": self.name},
                folder=CHECKOUT,
                on_parent_death=self.on_parent_death,
            )

    def keep(self) -> None:
        """Start the process again if it fell, after a pause that grows while it keeps falling."""
        if self.process is None or self.process.poll() is None:
            return
        lived = time.monotonic() - self.started
        if lived < self.pause:
            return
        print(f"{self.name} ended with {self.process.returncode}; starting it again. Its log: {self.log}", flush=True)
        self.pause = 1.0 if lived > LONGEST_PAUSE else min(self.pause * 2, LONGEST_PAUSE)
        self.start()

    def stop(self, *, patience: float) -> None:
        """Let the process finish what it holds, for `patience` seconds."""
        if self.process is not None:
            stop_child(self.process, signal.SIGTERM, patience=patience)


def services(places: Places, *, port: int, environment: dict[str, str]) -> list[Service]:
    """List the processes of one machine, in the order they start."""

    def module(name: str, *arguments: str) -> list[str]:
        return [sys.executable, "-m", name, *arguments]

    gunicorn = ("--bind", f"127.0.0.1:{port}", "--worker-class", "gthread", "--workers", "2", "--threads", "4")
    limits = ("--preload", "--no-control-socket", "--graceful-timeout", "10", "--timeout", "60")
    queues = ("--queues", "default,imports,pdf", "--concurrency", "2", "--hostname", "worker@%h")
    worker = ("worker", *queues, "--without-mingle", "--without-gossip", "--loglevel", "INFO")
    beat = ("beat", "--scheduler", "redbeat.RedBeatScheduler", "--pidfile", "", "--loglevel", "INFO")
    return [
        Service(
            "web",
            module("gunicorn", *gunicorn, *limits, "council.wsgi"),
            places.logs / "web.log",
            {**environment, "STATEMENT_TIMEOUT": "30s"},
        ),
        # The worker's children end with it only when it is killed; a polite word would let it finish its tasks first.
        Service(
            "worker",
            module("celery", "-A", "council", *worker),
            places.logs / "worker.log",
            environment,
            signal.SIGKILL,
        ),
        Service("scheduler", module("celery", "-A", "council", *beat), places.logs / "scheduler.log", environment),
    ]
