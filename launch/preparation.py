"""What comes before serving: migrations, static files, and the demo organisation in an empty database."""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import environ
import psycopg

from launch.addresses import database_url, embedded_database
from launch.places import CHECKOUT, Places

DECISIVE = ("*/migrations/*.py", "council/*.py", "requirements/runtime.txt", "static/**/*", "fixtures/prices/*")


class PreparationFailed(RuntimeError):
    """A command that has to succeed before serving did not."""


def prepare(places: Places) -> None:
    """Bring database and static files to this version; fill an empty database with the demo, unless nobody wants it.

    Raise PreparationFailed.
    """
    note, now = places.home / "prepared", fingerprint()
    known = embedded_database() and note.exists() and note.read_text() == now
    if not known:
        print("Preparing the database and the static files …", flush=True)
        manage("migrate", "--verbosity", "0")
        manage("collectstatic", "--noinput", "--verbosity", "0")
        if has_command("load_prices"):
            manage("load_prices", output=subprocess.DEVNULL)
    if wants_demo() and is_empty() and has_command("seed_demo"):
        print("Loading the demo organisation …", flush=True)
        manage("seed_demo")
    if not known:
        note.write_text(now)


def fingerprint() -> str:
    """Name this version of everything that preparation depends on."""
    digest = hashlib.sha256()
    for path in decisive_files():
        digest.update(str(path.relative_to(CHECKOUT)).encode() + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def decisive_files() -> Iterator[Path]:
    """List the files that preparation depends on."""
    for pattern in DECISIVE:
        yield from sorted(path for path in CHECKOUT.glob(pattern) if path.is_file())


def manage(*arguments: str, output: int | None = None) -> None:
    """Run a management command and let its words through, or its answer into `output`. Raise PreparationFailed."""
    command = [sys.executable, "manage.py", *arguments]
    env = {"LOG_LEVEL": "WARNING", **os.environ}
    if subprocess.run(command, cwd=CHECKOUT, stdin=subprocess.DEVNULL, stdout=output, env=env).returncode:
        raise PreparationFailed(f"manage.py {arguments[0]} failed; nothing was started.")


def has_command(name: str) -> bool:
    """Say whether a management command of ours exists."""
    return any(CHECKOUT.glob(f"*/management/commands/{name}.py"))


def wants_demo() -> bool:
    """Say whether this is a trial: TOLLGATE_DEMO is not set, or set to yes."""
    return bool(environ.Env().bool("TOLLGATE_DEMO", default=True))


def is_empty() -> bool:
    """Say whether the database holds nobody yet."""
    return _says("SELECT NOT EXISTS (SELECT FROM projects_user)")


def has_nobody_to_sign_in() -> bool:
    """Say whether the database holds no person: accounts of the product itself are none."""
    return _says("SELECT NOT EXISTS (SELECT FROM projects_user WHERE NOT is_service)")


def _says(question: str) -> bool:
    with psycopg.connect(database_url("application")) as connection:
        row = connection.execute(question).fetchone()
    return bool(row and row[0])


def demo_logins(places: Places) -> list[dict[str, str]]:
    """Return the demo's people as the seed wrote them down (login, password, name, role)."""
    try:
        return list(json.loads((places.home / "demo_logins.json").read_text()))
    except FileNotFoundError:
        return []
