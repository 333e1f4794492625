"""The embedded Valkey: a unix socket, nothing kept on disk. The database is the truth, a lost message costs nothing."""

import signal
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from launch.binaries import valkey_program
from launch.children import start_child, stop_child

PATIENCE = 10.0  # seconds until the socket answers


class BrokerFailed(RuntimeError):
    """Valkey did not start."""


@dataclass
class Broker:
    """One Valkey server on a socket."""

    socket: Path
    log: Path
    server: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        """Start the server and wait until it answers. Raise BrokerFailed."""
        self.socket.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.socket.unlink(missing_ok=True)
        command: list[str | Path] = [valkey_program(), "--port", "0", "--unixsocket", self.socket]
        keep_nothing: list[str | Path] = [
            "--unixsocketperm",
            "700",
            "--save",
            "",
            "--appendonly",
            "no",
            "--dir",
            self.socket.parent,
        ]
        with self.log.open("ab") as log:
            self.server = start_child([*command, *keep_nothing], output=log.fileno())
        end = time.monotonic() + PATIENCE
        while not self.answers():
            if self.server.poll() is not None or time.monotonic() > end:
                raise BrokerFailed(f"The embedded Valkey did not start. Its log: {self.log}")
            time.sleep(0.01)

    def answers(self) -> bool:
        """Say whether the server takes connections."""
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(str(self.socket)) == 0

    def stop(self) -> None:
        """Stop the server."""
        if self.server:
            stop_child(self.server, signal.SIGTERM, patience=PATIENCE)
