"""Keep a pack's files: written under another name, then renamed, so that a file is whole or not there."""

import gzip
import hashlib
import os
from pathlib import Path

from django.conf import settings

FOLDER = "packs"


def sha256_of(content: bytes) -> str:
    """Return the hash of some bytes."""
    return hashlib.sha256(content).hexdigest()


def path_of(stored_as: str) -> Path:
    """Return where a stored file lies."""
    return Path(settings.MEDIA_ROOT) / stored_as


def keep(name: str, content: bytes) -> str:
    """Store bytes under a name that carries their hash and return where, relative to the media root."""
    stored_as = f"{FOLDER}/{name}"
    target = path_of(stored_as)
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with draft.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
    return stored_as


def keep_snapshot(name: str, html: str) -> str:
    """Store a page compressed, always to the same bytes."""
    return keep(name, gzip.compress(html.encode(), mtime=0))


def read_snapshot(stored_as: str) -> str:
    """Return a stored page."""
    return gzip.decompress(path_of(stored_as).read_bytes()).decode()
