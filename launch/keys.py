"""Passwords and the secret key of one home, made once and kept beside its data."""

import json
import os
import secrets
from pathlib import Path

NAMES = ("superuser", "owner", "application", "secret_key")


def read_keys(home: Path) -> dict[str, str]:
    """Return the keys of this home, or nothing where none were made yet."""
    try:
        return dict(json.loads((home / "keys.json").read_text()))
    except FileNotFoundError:
        return {}


def make_keys(home: Path) -> dict[str, str]:
    """Return the keys of this home, made if missing; two that race get the same."""
    if not (home / "keys.json").exists():
        draft = home / f"keys.{os.getpid()}"
        with os.fdopen(os.open(draft, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "w") as file:
            json.dump({name: secrets.token_urlsafe(48 if name == "secret_key" else 24) for name in NAMES}, file)
        try:
            os.link(draft, home / "keys.json")
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return read_keys(home)
