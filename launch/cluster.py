"""The embedded PostgreSQL: made, started, awaited, stopped."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from launch.addresses import DATABASE, LOGINS
from launch.binaries import postgres_folder
from launch.children import Account, start_child, stop_child
from launch.places import make_private_folder

PATIENCE = 30.0  # seconds to wait for the memory of a killed server to be freed
LEFT_OVER = b"pre-existing shared memory"
SETTINGS = {
    "listen_addresses": "",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    "jit": "off",
}
ROLES = """
CREATE ROLE {owner} LOGIN PASSWORD '{owner_password}';
CREATE ROLE {application} LOGIN PASSWORD '{application_password}';
ALTER ROLE {owner} SET lock_timeout = '10s';
ALTER ROLE {application} SET lock_timeout = '10s';
ALTER ROLE {application} SET statement_timeout = '15min';
ALTER ROLE {application} SET idle_in_transaction_session_timeout = '15min';
GRANT SET ON PARAMETER session_replication_role TO {owner};
CREATE DATABASE {database} OWNER {owner};
REVOKE ALL ON DATABASE {database} FROM PUBLIC;
GRANT CONNECT, TEMPORARY ON DATABASE {database} TO {application};
"""

Command = Sequence[str | Path]


class ClusterFailed(RuntimeError):
    """PostgreSQL did not start, or ended by itself."""


@dataclass
class Cluster:
    """One PostgreSQL data folder with the server over it."""

    folder: Path
    sockets: Path
    account: Account | None
    log: Path
    settings: Mapping[str, str] = field(default_factory=dict)
    server: "subprocess.Popen[bytes] | None" = None

    @property
    def data(self) -> Path:
        """Folder of the data."""
        return self.folder / "data"

    def initialise(self, passwords: Mapping[str, str]) -> None:
        """Make the data folder with its roles and database, whole or not at all."""
        make_private_folder(self.folder, self.account)
        if self.data.exists():
            return
        programs, draft = postgres_folder(self.account), self.folder / "draft"
        shutil.rmtree(draft, ignore_errors=True)
        password = self.folder / "password"
        password.write_text(passwords["superuser"])
        password.chmod(0o600)
        if self.account:
            os.chown(password, self.account.uid, self.account.gid)
        try:
            self._run([programs / "initdb", "-D", draft, *INITDB, f"--pwfile={password}"])
        finally:
            password.unlink()
        names = {"database": DATABASE, "owner": LOGINS["owner"], "application": LOGINS["application"]}
        words = {f"{role}_password": passwords[role] for role in ("owner", "application")}
        statements = [line for line in ROLES.format(**names, **words).splitlines() if line]
        single: Command = [programs / "postgres", "--single", "-D", draft, "-F", "postgres"]
        self._run(single, text="\n".join(statements) + "\n")
        draft.rename(self.data)

    def start(self, *, on_parent_death: signal.Signals = signal.SIGINT) -> None:
        """Start the server and wait until it answers. Raise ClusterFailed with the end of its log."""
        make_private_folder(self.sockets, self.account)
        end = time.monotonic() + PATIENCE
        while True:
            written = self.log.stat().st_size if self.log.exists() else 0
            self.server = self._spawn(on_parent_death)
            if self._await_answer():
                return
            said = self.log.read_bytes()[written:]
            if LEFT_OVER not in said or time.monotonic() > end:
                raise ClusterFailed(f"PostgreSQL did not start:\n{said[-2000:].decode(errors='replace')}")
            time.sleep(0.2)

    def answers(self) -> bool:
        """Say whether the server takes connections."""
        try:
            status = (self.data / "postmaster.pid").read_text().splitlines()[7].strip()
        except (OSError, IndexError):
            return False
        if status != "ready":
            return False
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(str(self.sockets / ".s.PGSQL.5432")) == 0

    def stop(self) -> None:
        """Stop the server: clients are cut off, what was committed is kept."""
        if self.server:
            stop_child(self.server, signal.SIGINT, patience=PATIENCE)

    def _spawn(self, on_parent_death: signal.Signals) -> "subprocess.Popen[bytes]":
        settings = {**SETTINGS, "unix_socket_directories": str(self.sockets), **self.settings}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with self.log.open("ab") as log:
            return start_child(
                [postgres_folder(self.account) / "postgres", "-D", self.data, *options],
                account=self.account,
                on_parent_death=on_parent_death,
                output=log.fileno(),
                folder=self.folder,
            )

    def _await_answer(self) -> bool:
        while self.server and self.server.poll() is None:
            if self.answers():
                return True
            time.sleep(0.01)
        return False

    def _run(self, command: Command, *, text: str = "") -> None:
        done = subprocess.run(
            [str(part) for part in command],
            input=text,
            text=True,
            capture_output=True,
            cwd=self.folder,
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC"},
            user=self.account.uid if self.account else None,
            group=self.account.gid if self.account else None,
            extra_groups=[] if self.account else None,
        )
        if done.returncode or "ERROR:" in done.stderr:
            print(done.stdout, done.stderr, file=sys.stderr)
            raise ClusterFailed(f"{command[0]} failed")


INITDB = (
    "--username=postgres",
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale=C.UTF-8",
    "--no-sync",
    "--no-instructions",
)
